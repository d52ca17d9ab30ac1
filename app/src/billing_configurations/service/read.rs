//! Reading configurations: one, with what uses it, or a page of many.

use crate::{
    audit,
    auth::Action,
    billing_configurations::{Configuration, ConfigurationDetail, ConfigurationList, rules, store},
    context::{Ctx, Unarchive},
    contracts, customers,
    db::defect,
    error::{AppError, Noun},
    ids::{ConfigurationId, CustomerId},
    invoices,
    listing::{ListQuery, SortKey},
    paging::{CappedCount, TabCounts, page},
};

/// A customer's configurations, the newest first.
pub async fn of_customer(
    ctx: &Ctx,
    customer: CustomerId,
    include_archived: bool,
) -> Result<Vec<Configuration>, AppError> {
    ctx.may(Action::Read)?;
    store::of_customer(ctx.db.reader(), customer, include_archived).await
}

/// Those with these ids, of any customer, archived or not.
pub async fn named(ctx: &Ctx, ids: &[ConfigurationId]) -> Result<Vec<Configuration>, AppError> {
    ctx.may(Action::Read)?;
    let mut connection = ctx.db.reader().acquire().await?;
    store::find_many(&mut connection, ids).await
}

/// One page of the list of configurations.
pub async fn list(ctx: &Ctx, query: &ListQuery) -> Result<ConfigurationList, AppError> {
    ctx.may(Action::Read)?;
    let query = &query.checked(&SortKey::CONFIGURATIONS);
    let start = query.start()?;
    let now = ctx.now();
    let fetched = store::list(ctx.db.reader(), query, &start, query.rows() + 1, now).await?;
    let (rows, links) = page(fetched, query.rows(), &start, |row| {
        store::cursor(row, query.sort.key)
    });
    Ok(ConfigurationList { rows, links, now })
}

/// How many match, up to the cap.
pub async fn count(ctx: &Ctx, query: &ListQuery, exact: bool) -> Result<CappedCount, AppError> {
    ctx.may(Action::Read)?;
    let query = query.checked(&SortKey::CONFIGURATIONS);
    store::count(ctx.db.reader(), &query, exact).await
}

/// How many there are on each tab without any filter, up to the cap.
pub async fn tab_counts(ctx: &Ctx) -> Result<TabCounts, AppError> {
    ctx.may(Action::Read)?;
    let asker = ctx.clone();
    let counted = move |list: ListQuery| {
        let ctx = asker.clone();
        async move { count(&ctx, &list, false).await }
    };
    ctx.db.counts().configurations.or_count(counted).await
}

/// A configuration with what uses it.
pub async fn detail(ctx: &Ctx, id: ConfigurationId) -> Result<ConfigurationDetail, AppError> {
    ctx.may(Action::Read)?;
    let configuration = named(ctx, &[id])
        .await?
        .pop()
        .ok_or(AppError::NotFound(Noun::Configuration))?;
    let customer = customers::service::find(ctx, configuration.customer_id).await?;
    Ok(ConfigurationDetail {
        standing: rules::standing(
            configuration.lifecycle.is_archived(),
            customer.lifecycle.is_archived(),
        ),
        customer_name: customer.name,
        customer_version: customer.version,
        customer_archived: customer.lifecycle.is_archived(),
        contracts: contracts::service::of_configuration(ctx, id).await?,
        invoices: invoices::service::of_configuration(ctx, id).await?,
        timeline: audit::service::history(ctx, customer.id, id).await?,
        unarchive_allowed: ctx.settings.unarchive == Unarchive::Allowed,
        now: ctx.now(),
        provider_fields: serde_json::to_string_pretty(&configuration.configuration)
            .map_err(|error| defect(&error))?,
        configuration,
    })
}
