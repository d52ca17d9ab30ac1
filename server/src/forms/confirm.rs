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
struct Form {
    subjects: Subjects,
    transition: Transition,
    paths: [&'static str; 2],
    action: Action,
    flash: fn(u32) -> Flash,
}

const FORMS: [Form; 4] = [
    Form {
        subjects: Subjects::Customers,
        transition: Transition::Archive,
        paths: ["/customers/archive", "/customers/{id}/archive"],
        action: Action::ArchiveCustomers,
        flash: Flash::CustomersArchived,
    },
    Form {
        subjects: Subjects::Customers,
        transition: Transition::Unarchive,
        paths: ["/customers/unarchive", "/customers/{id}/unarchive"],
        action: Action::UnarchiveCustomers,
        flash: Flash::CustomersUnarchived,
    },
    Form {
        subjects: Subjects::Configurations,
        transition: Transition::Archive,
        paths: [
            "/billing-configurations/archive",
            "/billing-configurations/{id}/archive",
        ],
        action: Action::ArchiveConfigurations,
        flash: Flash::ConfigurationsArchived,
    },
    Form {
        subjects: Subjects::Configurations,
        transition: Transition::Unarchive,
        paths: [
            "/billing-configurations/unarchive",
            "/billing-configurations/{id}/unarchive",
        ],
        action: Action::UnarchiveConfigurations,
        flash: Flash::ConfigurationsUnarchived,
    },
];

pub(super) fn doors() -> Vec<Door> {
    let mut doors = Vec::new();
    for Form {
        subjects,
        transition,
        paths,
        action,
        flash,
    } in FORMS
    {
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
