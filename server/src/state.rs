//! What every handler may ask the process for.

use app::{
    Assets,
    clock::Clock,
    context::{Ctx, Request, Settings},
    db::Db,
};
use axum::extract::FromRef;
use leptos::prelude::LeptosOptions;
use std::{net::IpAddr, sync::Arc};

#[derive(Debug, Clone)]
pub struct AppState {
    pub db: Db,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    pub options: LeptosOptions,
    pub assets: Assets,
    /// Where a development build tells its pages to reload.
    pub reload_port: Option<u32>,
    /// Addresses whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<[IpAddr]>,
}

impl AppState {
    pub fn is_https(&self) -> bool {
        self.settings.public_url.starts_with("https://")
    }

    /// The context of a call by nobody in particular.
    pub fn anonymous(&self, request: Request) -> Ctx {
        Ctx {
            db: self.db.clone(),
            clock: self.clock.clone(),
            settings: self.settings.clone(),
            request,
            actor: None,
            session: None,
            job: None,
        }
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.options.clone()
    }
}
