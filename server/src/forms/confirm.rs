//! Archiving and unarchiving by form: one, or those ticked; customers or configurations.

use super::fields::{Fields, Page, settled};
use crate::{
    doors::{Caller, Dialect, Door},
    state::AppState,
};
use app::{
    auth::{Action, Flash},
    billing_configurations,
    confirm::{Subjects, Transition},
    customers,
};
use axum::{
    body::Bytes,
    extract::{Extension, State},
    http::{HeaderMap, Method, Uri},
    routing::post,
};

/// What is done to what, under which paths, by whom, and how the next page tells of it.
const FORMS: [(Subjects, Transition, [&str; 2], Action, fn(u32) -> Flash); 4] = [
    (
        Subjects::Customers,
        Transition::Archive,
        ["/customers/archive", "/customers/{id}/archive"],
        Action::ArchiveCustomers,
        Flash::CustomersArchived,
    ),
    (
        Subjects::Customers,
        Transition::Unarchive,
        ["/customers/unarchive", "/customers/{id}/unarchive"],
        Action::UnarchiveCustomers,
        Flash::CustomersUnarchived,
    ),
    (
        Subjects::Configurations,
        Transition::Archive,
        [
            "/billing-configurations/archive",
            "/billing-configurations/{id}/archive",
        ],
        Action::ArchiveConfigurations,
        Flash::ConfigurationsArchived,
    ),
    (
        Subjects::Configurations,
        Transition::Unarchive,
        [
            "/billing-configurations/unarchive",
            "/billing-configurations/{id}/unarchive",
        ],
        Action::UnarchiveConfigurations,
        Flash::ConfigurationsUnarchived,
    ),
];

pub(super) fn doors() -> Vec<Door> {
    let mut doors = Vec::new();
    for (subjects, transition, paths, action, flash) in FORMS {
        for path in paths {
            let handler = move |State(state): State<AppState>,
                                Extension(ctx): Caller,
                                uri: Uri,
                                headers: HeaderMap,
                                body: Bytes| async move {
                let result = match Fields::read(&body).confirmation(transition) {
                    Err(error) => Err(error),
                    Ok(filled) => match subjects {
                        Subjects::Customers => customers::service::confirm(&ctx, filled).await,
                        Subjects::Configurations => {
                            billing_configurations::service::confirm(&ctx, filled).await
                        }
                    },
                };
                let page = Page {
                    state,
                    ctx,
                    uri,
                    headers,
                };
                settled(page, result, flash).await
            };
            doors.push(Door::new(
                Method::POST,
                path,
                action,
                Dialect::Page,
                post(handler),
            ));
        }
    }
    doors
}
