//! Ending one's own sessions.

use super::fields::{Fields, with_cookie};
use crate::{
    doors::{Caller, Dialect, Door},
    rest,
    session::set_flash,
    state::AppState,
};
use app::{
    auth::{self, Action, Ending, Flash},
    error::AppError,
};
use axum::{
    body::Bytes,
    extract::{Extension, State},
    http::Method,
    response::{Redirect, Response},
    routing::post,
};

const PATH: &str = "/settings/sessions";

pub(super) fn doors() -> Vec<Door> {
    vec![Door::new(
        Method::POST,
        PATH,
        Action::EndOwnSessions,
        Dialect::Page,
        post(end),
    )]
}

async fn end(State(state): State<AppState>, Extension(ctx): Caller, body: Bytes) -> Response {
    let ended = match ending(&Fields::read(&body)) {
        Ok(ending) => auth::service::end_sessions(&ctx, ending).await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(count) => {
            let flash = Some(Flash::SessionsEnded(count));
            with_cookie(Redirect::to(PATH), &set_flash(&state, flash))
        }
        Err(error) => rest::error::page(&error),
    }
}

fn ending(fields: &Fields) -> Result<Ending, AppError> {
    if fields.on("others") {
        return Ok(Ending::Others);
    }
    fields.one("session").parse().map(Ending::One).map_err(|_| {
        AppError::invalid(
            "session",
            "must be one of your sessions. Start again from the list",
        )
    })
}
