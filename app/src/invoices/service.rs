//! Use cases of invoices. Knows no HTTP and writes no SQL.

use super::{Invoice, InvoiceStatus, NewInvoice, StandingInvoice, rules, store};
use crate::{
    audit::{self, ChangeKind, ObjectKind, service::Change},
    auth::Action,
    context::Ctx,
    customers,
    db::Tx,
    effects::Effect,
    error::{AppError, Noun, Refusal},
    ids::{ConfigurationId, ContractId, CustomerId, InvoiceId},
    lifecycle::Reason,
    money::Money,
    paging::{PageLinks, Start, page},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// Brings an invoice in, or replaces the one with the same external id. One that is VOID stays VOID.
pub async fn write(tx: &mut Tx, new: &NewInvoice) -> Result<InvoiceId, AppError> {
    tx.may(Action::WriteInvoices)?;
    rules::check(new)?;
    customers::service::lock_active(tx, new.customer_id).await?;
    let contract = store::contract(tx.db(), new.customer_id, new.contract_id)
        .await?
        .ok_or_else(|| AppError::invalid("contract_id", "is not a contract of this customer"))?;
    if contract.archived {
        return Err(AppError::Refused(Refusal::ContractArchived));
    }
    let before = store::by_external_id(tx.db(), &new.external_id).await?;
    match &before {
        Some(found) if found.customer_id != new.customer_id => {
            return Err(AppError::invalid(
                "external_id",
                "is taken by another customer's invoice",
            ));
        }
        Some(found) if found.status == InvoiceStatus::Void => {
            return Err(AppError::invalid(
                "external_id",
                "is a voided invoice. Bring it in under a new one",
            ));
        }
        _ => {}
    }
    let now = tx.now();
    let id = before
        .as_ref()
        .map_or_else(|| InvoiceId(Uuid::now_v7()), |found| found.id);
    store::upsert(tx.db(), id, new, contract.configuration_id, now).await?;
    customers::service::touch(tx, &[new.customer_id]).await?;
    let change = Change {
        customer_id: Some(new.customer_id),
        kind: ChangeKind::InvoiceWritten,
        object_kind: ObjectKind::Invoice,
        object_id: id.0,
        reason: None,
        before: before.map_or(
            Value::Null,
            |found| json!({ "status": found.status, "external_status": found.external_status }),
        ),
        after: json!({
            "external_id": new.external_id,
            "status": new.status,
            "external_status": new.external_status,
            "total": Money { currency: new.currency.clone(), minor: new.total_minor },
        }),
        effects: Vec::new(),
    };
    audit::service::record(tx, &[change]).await?;
    Ok(id)
}

/// Takes one invoice back for good. A second time changes nothing.
pub async fn void(
    tx: &mut Tx,
    id: InvoiceId,
    reason: Option<Reason>,
) -> Result<InvoiceId, AppError> {
    tx.may(Action::VoidInvoices)?;
    let customer = store::customer_of(tx.db(), id)
        .await?
        .ok_or(AppError::NotFound(Noun::Invoice))?;
    customers::service::lock_existing(tx, customer).await?;
    let Some(invoice) = store::standing(tx.db(), id).await? else {
        return Ok(id);
    };
    let now = tx.now();
    let effect = Effect::InvoiceVoided {
        id,
        number: invoice.number.clone(),
        money: invoice.total.clone(),
        before: invoice.status,
        paid: invoice.is_paid(),
        in_grace_period: invoice.in_grace_period(now),
    };
    store::apply(tx.db(), &[customer], &[&effect], now).await?;
    customers::service::touch(tx, &[customer]).await?;
    let change = Change {
        customer_id: Some(customer),
        kind: ChangeKind::InvoiceVoided,
        object_kind: ObjectKind::Invoice,
        object_id: id.0,
        reason,
        before: json!({ "status": invoice.status }),
        after: json!({ "status": InvoiceStatus::Void }),
        effects: vec![effect],
    };
    audit::service::record(tx, &[change]).await?;
    Ok(id)
}

pub async fn find(ctx: &Ctx, customer: CustomerId, id: InvoiceId) -> Result<Invoice, AppError> {
    ctx.may(Action::Read)?;
    store::find(ctx.db.reader(), customer, id)
        .await?
        .ok_or(AppError::NotFound(Noun::Invoice))
}

/// Which of a customer's invoices to list, in what order, and where to start.
#[derive(Debug, Clone, Default)]
pub struct InvoiceFilter {
    pub status: Option<InvoiceStatus>,
    pub contract: Option<ContractId>,
    /// Periods that start at this moment or later.
    pub starting_on: Option<DateTime<Utc>>,
    /// Periods that end at this moment or earlier.
    pub ending_before: Option<DateTime<Utc>>,
    pub newest_first: bool,
}

pub async fn list(
    ctx: &Ctx,
    customer: CustomerId,
    filter: &InvoiceFilter,
    start: &Start,
    size: u32,
) -> Result<(Vec<Invoice>, PageLinks), AppError> {
    ctx.may(Action::Read)?;
    let fetched = store::list(ctx.db.reader(), customer, filter, start, size + 1).await?;
    Ok(page(fetched, size, start, store::cursor))
}

/// How many a customer has, and what is still expected of the open ones.
pub(crate) async fn summary(
    ctx: &Ctx,
    customer: CustomerId,
) -> Result<(i64, Vec<Money>), AppError> {
    store::summary(ctx.db.reader(), customer).await
}

/// The newest invoices made under a configuration.
pub(crate) async fn of_configuration(
    ctx: &Ctx,
    id: ConfigurationId,
) -> Result<Vec<Invoice>, AppError> {
    store::of_configuration(ctx.db.reader(), id).await
}

/// Invoices that are not VOID, of customers whose rows are locked.
pub(crate) async fn standing_of(
    tx: &mut Tx,
    customers: &[CustomerId],
) -> Result<Vec<StandingInvoice>, AppError> {
    tx.give_way().await;
    store::standing_of(tx.db(), customers).await
}

/// Applies what the rules decided about invoices of these customers, one statement for each kind of effect.
pub(crate) async fn apply(
    tx: &mut Tx,
    owners: &[CustomerId],
    effects: &[&Effect],
) -> Result<(), AppError> {
    tx.give_way().await;
    let now = tx.now();
    store::apply(tx.db(), owners, effects, now).await
}
