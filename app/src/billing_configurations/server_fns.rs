//! The browser's door to billing provider configurations. Each is one call of a service.

use super::{ConfigurationDetail, ConfigurationList};
use crate::{
    confirm::{Asked, Confirmation, Settled, Transition},
    error::AppError,
    ids::ConfigurationId,
    listing::ListQuery,
    paging::{CappedCount, TabCounts},
    wire::Sealed,
};
use leptos::prelude::*;

#[server(endpoint = "list_configurations", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn list_configurations(query: ListQuery) -> Result<ConfigurationList, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::list(&ctx, &query).await)
}

/// A page is whole without it: its error is not the page's.
#[server(endpoint = "count_configurations", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn count_configurations(query: ListQuery, exact: bool) -> Result<CappedCount, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    super::service::count(&ctx, &query, exact).await
}

/// A page is whole without it: its error is not the page's.
#[server(endpoint = "count_configuration_tabs", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn count_configuration_tabs() -> Result<TabCounts, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    super::service::tab_counts(&ctx).await
}

#[server(endpoint = "read_configuration", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn read_configuration(id: ConfigurationId) -> Result<ConfigurationDetail, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::detail(&ctx, id).await)
}

/// What would happen to the configurations, for a person to confirm.
#[server(endpoint = "ask_configurations", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn ask_configurations(
    ids: Vec<ConfigurationId>,
    transition: Transition,
) -> Result<Asked, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::ask(&ctx, ids, transition).await)
}

/// Does what was confirmed, or says what is missing.
#[server(endpoint = "confirm_configurations", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn confirm_configurations(confirmation: Confirmation) -> Result<Settled, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::confirm(&ctx, confirmation).await)
}
