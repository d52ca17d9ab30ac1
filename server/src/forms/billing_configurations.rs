//! Archiving and unarchiving configurations by form: one, or those ticked.

use super::fields::{Fields, Page, settled};
use crate::{
    doors::{Caller, Dialect, Door},
    rest,
    state::AppState,
};
use app::{
    auth::{Action, Flash},
    billing_configurations,
    confirm::Transition,
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
            "/billing-configurations/archive",
            Action::ArchiveConfigurations,
            post(archive),
        ),
        door(
            "/billing-configurations/unarchive",
            Action::UnarchiveConfigurations,
            post(unarchive),
        ),
        door(
            "/billing-configurations/{id}/archive",
            Action::ArchiveConfigurations,
            post(archive),
        ),
        door(
            "/billing-configurations/{id}/unarchive",
            Action::UnarchiveConfigurations,
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
    let result = billing_configurations::service::confirm(&ctx, confirmation).await;
    let flash = match transition {
        Transition::Archive => Flash::ConfigurationsArchived,
        Transition::Unarchive => Flash::ConfigurationsUnarchived,
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
