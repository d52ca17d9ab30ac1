//! Use cases of contracts. Knows no HTTP and writes no SQL.

use super::{Attachment, Contract, LiveContract, NewContract, rules, store};
use crate::{
    audit::{self, ChangeKind, ObjectKind, service::Change},
    auth::Action,
    billing_configurations,
    context::Ctx,
    customers,
    db::Tx,
    effects::Effect,
    error::{AppError, Noun, Refusal},
    ids::{ConfigurationId, ContractId, CustomerId},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// Contracts a customer may have on one answer.
pub const LIST_MAX: i64 = 1_000;

/// Puts a customer under new terms.
pub async fn create(tx: &mut Tx, new: &NewContract) -> Result<Contract, AppError> {
    tx.may(Action::CreateContracts)?;
    rules::check(new)?;
    let customer = customers::service::lock_active(tx, new.customer_id).await?;
    let configuration_id = match &new.configuration {
        Attachment::None => None,
        Attachment::Configuration(id) => {
            Some(billing_configurations::service::live_one(tx, customer.id, *id).await?)
        }
        Attachment::Matching {
            billing_provider,
            delivery_method,
        } => Some(
            billing_configurations::service::live_matching(
                tx,
                customer.id,
                *billing_provider,
                *delivery_method,
            )
            .await?,
        ),
    };
    let contract = Contract {
        id: ContractId(Uuid::now_v7()),
        customer_id: customer.id,
        name: new.name.clone(),
        uniqueness_key: new.uniqueness_key.clone(),
        starting_at: new.starting_at,
        ending_before: new.ending_before,
        terms: new.terms.clone(),
        configuration_id,
        configuration_archived_at: None,
        metering_stopped_at: None,
        spend_recharge_enabled: new.spend_recharge_enabled,
        credit_recharge_enabled: new.credit_recharge_enabled,
        created_at: tx.now(),
        created_by: tx.actor().label(),
        updated_at: tx.now(),
        archived_at: None,
    };
    if !store::insert(tx.db(), &contract).await? {
        let key = contract.uniqueness_key.unwrap_or_default();
        return Err(AppError::Refused(Refusal::UniquenessKeyTaken {
            key,
            holder: None,
        }));
    }
    customers::service::touch(tx, &[customer.id]).await?;
    let change = Change {
        customer_id: Some(customer.id),
        kind: ChangeKind::ContractCreated,
        object_kind: ObjectKind::Contract,
        object_id: contract.id.0,
        reason: None,
        before: Value::Null,
        after: json!({ "name": contract.title(), "configuration_id": contract.configuration_id }),
        effects: Vec::new(),
    };
    audit::service::record(tx, &[change]).await?;
    Ok(contract)
}

pub async fn find(ctx: &Ctx, customer: CustomerId, id: ContractId) -> Result<Contract, AppError> {
    ctx.may(Action::Read)?;
    store::find(ctx.db.reader(), customer, id)
        .await?
        .ok_or(AppError::NotFound(Noun::Contract))
}

/// Which of a customer's contracts to list.
#[derive(Debug, Clone, Default)]
pub struct ContractFilter {
    pub include_archived: bool,
    /// Only those in force at this moment.
    pub covering: Option<DateTime<Utc>>,
    /// Only those starting at this moment or later.
    pub starting_at: Option<DateTime<Utc>>,
}

/// A customer's contracts, the latest start first.
pub async fn list(
    ctx: &Ctx,
    customer: CustomerId,
    filter: &ContractFilter,
) -> Result<Vec<Contract>, AppError> {
    ctx.may(Action::Read)?;
    store::list(ctx.db.reader(), customer, filter).await
}

/// The contracts, archived or not, that bill or billed through a configuration.
pub(crate) async fn of_configuration(
    ctx: &Ctx,
    configuration: ConfigurationId,
) -> Result<Vec<Contract>, AppError> {
    store::of_configuration(ctx.db.reader(), configuration).await
}

/// Contracts in service of customers whose rows are locked.
pub(crate) async fn live_of(
    tx: &mut Tx,
    customers: &[CustomerId],
) -> Result<Vec<LiveContract>, AppError> {
    tx.give_way().await;
    store::live_of(tx.db(), customers).await
}

/// Applies what the rules decided about contracts, one statement for each kind of effect.
pub(crate) async fn apply(tx: &mut Tx, effects: &[&Effect]) -> Result<(), AppError> {
    tx.give_way().await;
    let now = tx.now();
    store::apply(tx.db(), effects, now).await
}
