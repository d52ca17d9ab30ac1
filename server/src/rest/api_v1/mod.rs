//! The envelope dialect: `{"statusCode", "message", "meta", "data", "errors"}`, whether it succeeds or fails.

mod customer_list;
mod customer_view;
mod customers;

use super::{
    call::{Answered, Call, Tell, door},
    error::tell_envelope,
};
use crate::doors::{Dialect, Door};
use app::auth::Action;
use axum::http::Method;
use serde_json::{Value, json};
use std::future::Future;

const ENVELOPE: (Dialect, Tell) = (Dialect::Envelope, tell_envelope);

pub(super) fn doors() -> Vec<Door> {
    customers::doors()
}

fn get<F, A>(path: &'static str, handler: F) -> Door
where
    F: Fn(Call) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answered> + Send + 'static,
{
    door(Method::GET, path, Action::Read, ENVELOPE, handler)
}

fn post<F, A>(path: &'static str, action: Action, handler: F) -> Door
where
    F: Fn(Call) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answered> + Send + 'static,
{
    door(Method::POST, path, action, ENVELOPE, handler)
}

fn envelope(status: u16, message: &str, meta: Value, data: Value) -> Value {
    json!({ "statusCode": status, "message": message, "meta": meta, "data": data, "errors": {} })
}
