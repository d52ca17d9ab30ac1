//! The bearer dialect: `{"data": …}`, and `{"message": …}` when it fails.

mod bulk_job_view;
mod bulk_jobs;
mod configurations;
mod contract_pages;
mod contract_view;
mod contracts;
mod customer_view;
mod customers;
mod invoice_view;
mod invoices;

use super::{
    call::{Answered, Call, Tell, door},
    error::{tell_bearer, tell_configurations},
};
use crate::doors::{Dialect, Door};
use app::auth::Action;
use axum::http::Method;
use std::future::Future;

const BEARER: (Dialect, Tell) = (Dialect::Bearer, tell_bearer);
/// As the archive of configurations documents its failures.
const CONFIGURATIONS: (Dialect, Tell) = (Dialect::Bearer, tell_configurations);

pub(super) fn doors() -> Vec<Door> {
    [
        bulk_jobs::doors(),
        customers::doors(),
        configurations::doors(),
        contracts::doors(),
        invoices::doors(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn get<F, A>(path: &'static str, handler: F) -> Door
where
    F: Fn(Call) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answered> + Send + 'static,
{
    door(Method::GET, path, Action::Read, BEARER, handler)
}

fn post<F, A>(path: &'static str, action: Action, handler: F) -> Door
where
    F: Fn(Call) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answered> + Send + 'static,
{
    door(Method::POST, path, action, BEARER, handler)
}
