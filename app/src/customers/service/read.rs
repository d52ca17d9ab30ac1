//! Reading customers: one, with all that hangs on it, or a page of many.

use super::preview;
use crate::{
    audit::{self, ChangeKind},
    auth::Action,
    billing_configurations,
    confirm::Transition,
    context::{Ctx, Unarchive},
    contracts,
    customers::{
        ArchiveOptions, Customer, CustomerDetail, CustomerList, CustomerType, rules, store,
    },
    effects::Tally,
    error::{AppError, Noun},
    ids::CustomerId,
    invoices,
    listing::{ListQuery, SortKey},
    notifications,
    paging::{CappedCount, PageLinks, Start, TabCounts, page},
};
use futures::{FutureExt, future::try_join};

pub async fn find(ctx: &Ctx, id: CustomerId) -> Result<Customer, AppError> {
    ctx.may(Action::Read)?;
    let mut connection = ctx.db.reader().acquire().await?;
    store::find_many(&mut connection, &[id])
        .await?
        .pop()
        .ok_or(AppError::NotFound(Noun::Customer))
}

/// The customer with this key, archived or not.
pub async fn find_by_key(ctx: &Ctx, key: &str) -> Result<Customer, AppError> {
    ctx.may(Action::Read)?;
    let id = store::id_of_key(ctx.db.reader(), key)
        .await?
        .ok_or(AppError::NotFound(Noun::Customer))?;
    find(ctx, id).await
}

/// One page of the console's list.
pub async fn list(ctx: &Ctx, query: &ListQuery) -> Result<CustomerList, AppError> {
    ctx.may(Action::Read)?;
    let query = &query.checked(&SortKey::CUSTOMERS);
    let start = query.start()?;
    let fetched = store::list(ctx.db.reader(), query, &start, query.rows() + 1).await?;
    let (rows, links) = page(fetched, query.rows(), &start, |row| {
        store::cursor(row, query.sort.key)
    });
    Ok(CustomerList {
        rows,
        links,
        now: ctx.now(),
    })
}

/// How many match, up to the cap.
pub async fn count(ctx: &Ctx, query: &ListQuery, exact: bool) -> Result<CappedCount, AppError> {
    ctx.may(Action::Read)?;
    let query = query.checked(&SortKey::CUSTOMERS);
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
    ctx.db.counts().customers.or_count(counted).await
}

/// Which customers the bearer dialect lists.
#[derive(Debug, Clone, Default)]
pub struct ApiFilter {
    pub ids: Option<Vec<CustomerId>>,
    pub ingest_alias: Option<String>,
    pub only_archived: bool,
    pub salesforce_account_ids: Option<Vec<String>>,
}

/// A page of customers in the order they were made.
pub async fn list_api(
    ctx: &Ctx,
    filter: &ApiFilter,
    start: &Start,
    size: u32,
) -> Result<(Vec<Customer>, PageLinks), AppError> {
    ctx.may(Action::Read)?;
    let fetched = store::list_api(ctx.db.reader(), filter, start, size + 1).await?;
    Ok(page(fetched, size, start, store::api_cursor))
}

/// Which customers the envelope dialect lists.
#[derive(Debug, Clone, Default)]
pub struct EnvelopeFilter {
    pub search: Option<String>,
    pub customer_type: Option<CustomerType>,
    pub created_on: Option<chrono::NaiveDate>,
    /// `None` for both.
    pub archived: Option<bool>,
}

/// A numbered page with an exact count: the one list that needs both, because its documented answer has them.
pub async fn list_numbered(
    ctx: &Ctx,
    filter: &EnvelopeFilter,
    number: u32,
    size: u32,
) -> Result<(Vec<Customer>, i64), AppError> {
    ctx.may(Action::Read)?;
    store::list_numbered(ctx.db.reader(), filter, number, size).await
}

/// A customer with all that hangs on it, read on two connections: with more, a few pages would empty the pools.
pub async fn detail(ctx: &Ctx, id: CustomerId) -> Result<CustomerDetail, AppError> {
    let customer = find(ctx, id).await?;
    let everything = contracts::service::ContractFilter {
        include_archived: true,
        ..Default::default()
    };
    let newest = invoices::service::InvoiceFilter {
        newest_first: true,
        ..Default::default()
    };
    let size = u32::try_from(rules::DETAIL_INVOICES_MAX).unwrap_or(100);
    let billed = async {
        let contracts = contracts::service::list(ctx, id, &everything).await?;
        let (invoices, _) = invoices::service::list(ctx, id, &newest, &Start::First, size).await?;
        let summary = invoices::service::summary(ctx, id).await?;
        let configurations = billing_configurations::service::of_customer(ctx, id, true).await?;
        Ok::<_, AppError>((contracts, invoices, summary, configurations))
    };
    let known = async {
        let timeline = audit::service::timeline(ctx, id, None).await?;
        let done = audit::service::latest_effects(ctx, id, ChangeKind::CustomerArchived).await?;
        let effects = if customer.lifecycle.is_archived() {
            Tally::of(&done)
        } else {
            archive_tally(ctx, id).await?
        };
        let notifications = notifications::service::count(ctx, id).await?;
        Ok((timeline, done, effects, notifications))
    };
    let (
        (contracts, invoices, (invoices_total, open_invoices), configurations),
        (timeline, done, effects, notifications),
    ) = try_join(billed, known).await?;
    Ok(CustomerDetail {
        set_up_again: rules::set_up_again(&done, &contracts, &configurations),
        unarchive_allowed: ctx.settings.unarchive == Unarchive::Allowed,
        now: ctx.now(),
        customer,
        contracts,
        invoices,
        invoices_total,
        open_invoices,
        configurations,
        notifications,
        timeline,
        effects,
    })
}

/// What archiving a customer would do, with the options that the console proposes.
async fn archive_tally(ctx: &Ctx, id: CustomerId) -> Result<Tally, AppError> {
    let how = ArchiveOptions {
        keep_paid_invoices: true,
        ..ArchiveOptions::default()
    };
    let setting = ctx.settings.unarchive;
    let preview = ctx
        .snapshot(move |tx| {
            async move { preview(tx, &[id], Transition::Archive, &how, setting).await }.boxed()
        })
        .await?;
    Ok(preview.tally)
}
