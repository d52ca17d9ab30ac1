//! The browser's door to customers. Each is one call of a service; the permission table names them all.

use super::{ArchiveOptions, CustomerDetail, CustomerList};
use crate::{
    audit::TimelinePage,
    confirm::{Asked, Confirmation, Settled, Transition},
    error::AppError,
    ids::{AuditEntryId, CustomerId},
    listing::ListQuery,
    paging::{CappedCount, TabCounts},
    wire::Sealed,
};
use leptos::prelude::*;

#[server(endpoint = "list_customers", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn list_customers(query: ListQuery) -> Result<CustomerList, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::list(&ctx, &query).await)
}

/// A page is whole without it: its error is not the page's.
#[server(endpoint = "count_customers", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn count_customers(query: ListQuery, exact: bool) -> Result<CappedCount, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    super::service::count(&ctx, &query, exact).await
}

/// A page is whole without it: its error is not the page's.
#[server(endpoint = "count_customer_tabs", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn count_customer_tabs() -> Result<TabCounts, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    super::service::tab_counts(&ctx).await
}

#[server(endpoint = "read_customer", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn read_customer(id: CustomerId) -> Result<CustomerDetail, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::detail(&ctx, id).await)
}

#[server(endpoint = "read_timeline", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn read_timeline(
    id: CustomerId,
    before: Option<AuditEntryId>,
) -> Result<TimelinePage, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(crate::audit::service::timeline(&ctx, id, before).await)
}

/// What would happen to the customers, for a person to confirm.
#[server(endpoint = "ask_customers", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn ask_customers(
    ids: Vec<CustomerId>,
    transition: Transition,
    options: ArchiveOptions,
) -> Result<Asked, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::ask(&ctx, ids, transition, options).await)
}

/// Does what was confirmed, or says what is missing.
#[server(endpoint = "confirm_customers", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn confirm_customers(confirmation: Confirmation) -> Result<Settled, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::confirm(&ctx, confirmation).await)
}

/// Brings one customer back at once; answers its new version, for [`undo_unarchive`].
#[server(endpoint = "unarchive_customer", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn unarchive_customer(id: CustomerId) -> Result<i64, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::unarchive_at_once(&ctx, id).await)
}

/// Puts a customer back to the archived state it had, if nothing touched it since.
#[server(endpoint = "undo_unarchive", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn undo_unarchive(id: CustomerId, version: i64) -> Result<(), AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::undo_unarchive_at_once(&ctx, id, version).await)
}
