//! Archiving and unarchiving customers by form: one, or those ticked.

use super::fields::{Fields, Page, settled};
use crate::{
    doors::{Caller, Dialect, Door},
    rest,
    state::AppState,
};
use app::{
    auth::{Action, Flash},
    confirm::Transition,
    customers,
};
use axum::{
    body::Bytes,
    extract::{Extension, State},
    http::{HeaderMap, Method, Uri},
    response::Response,
    routing::post,
};

pub(super) fn doors() -> Vec<Door> {
    let door =
        |path, action, handler| Door::new(Method::POST, path, action, Dialect::Page, handler);
    vec![
        door(
            "/customers/archive",
            Action::ArchiveCustomers,
            post(archive),
        ),
        door(
            "/customers/unarchive",
            Action::UnarchiveCustomers,
            post(unarchive),
        ),
        door(
            "/customers/{id}/archive",
            Action::ArchiveCustomers,
            post(archive),
        ),
        door(
            "/customers/{id}/unarchive",
            Action::UnarchiveCustomers,
            post(unarchive),
        ),
    ]
}

async fn archive(
    state: State<AppState>,
    ctx: Caller,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    change(state, ctx, uri, headers, body, Transition::Archive).await
}

async fn unarchive(
    state: State<AppState>,
    ctx: Caller,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    change(state, ctx, uri, headers, body, Transition::Unarchive).await
}

async fn change(
    State(state): State<AppState>,
    Extension(ctx): Caller,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    transition: Transition,
) -> Response {
    let confirmation = match Fields::read(&body).confirmation(transition) {
        Ok(confirmation) => confirmation,
        Err(error) => return rest::error::plain(&error),
    };
    let result = customers::service::confirm(&ctx, confirmation).await;
    let flash = match transition {
        Transition::Archive => Flash::CustomersArchived,
        Transition::Unarchive => Flash::CustomersUnarchived,
    };
    settled(
        Page {
            state,
            ctx,
            uri,
            headers,
        },
        result,
        flash,
    )
    .await
}
