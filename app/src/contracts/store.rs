//! All SQL on contracts.

use super::{
    Contract, LiveContract, Recharge,
    service::{ContractFilter, LIST_MAX},
};
use crate::{
    db::rows,
    effects::Effect,
    error::AppError,
    ids::{ConfigurationId, ContractId, CustomerId},
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use std::collections::BTreeMap;
use uuid::Uuid;

struct Row {
    id: Uuid,
    customer_id: Uuid,
    name: Option<String>,
    uniqueness_key: Option<String>,
    starting_at: DateTime<Utc>,
    ending_before: Option<DateTime<Utc>>,
    terms: serde_json::Value,
    configuration_id: Option<Uuid>,
    configuration_archived_at: Option<DateTime<Utc>>,
    metering_stopped_at: Option<DateTime<Utc>>,
    spend_recharge_enabled: Option<bool>,
    credit_recharge_enabled: Option<bool>,
    created_at: DateTime<Utc>,
    created_by: String,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
}

impl From<Row> for Contract {
    fn from(row: Row) -> Self {
        Self {
            id: ContractId(row.id),
            customer_id: CustomerId(row.customer_id),
            name: row.name,
            uniqueness_key: row.uniqueness_key,
            starting_at: row.starting_at,
            ending_before: row.ending_before,
            terms: row.terms,
            configuration_id: row.configuration_id.map(ConfigurationId),
            configuration_archived_at: row.configuration_archived_at,
            metering_stopped_at: row.metering_stopped_at,
            spend_recharge_enabled: row.spend_recharge_enabled,
            credit_recharge_enabled: row.credit_recharge_enabled,
            created_at: row.created_at,
            created_by: row.created_by,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        }
    }
}

/// False when its uniqueness key is taken.
pub(super) async fn insert(db: &mut PgConnection, contract: &Contract) -> Result<bool, AppError> {
    let result = sqlx::query!(
        r#"
        insert into contracts (
            id, customer_id, name, uniqueness_key, starting_at, ending_before, terms, configuration_id,
            spend_recharge_enabled, credit_recharge_enabled, created_at, created_by, updated_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11)
        on conflict (uniqueness_key) do nothing
        "#,
        contract.id.0,
        contract.customer_id.0,
        contract.name,
        contract.uniqueness_key,
        contract.starting_at,
        contract.ending_before,
        contract.terms,
        contract.configuration_id.map(|id| id.0),
        contract.spend_recharge_enabled,
        contract.credit_recharge_enabled,
        contract.created_at,
        contract.created_by,
    )
    .execute(db)
    .await?;
    Ok(result.rows_affected() == 1)
}

pub(super) async fn find(
    db: &PgPool,
    customer: CustomerId,
    id: ContractId,
) -> Result<Option<Contract>, AppError> {
    let row = sqlx::query_as!(
        Row,
        "select * from contracts where id = $1 and customer_id = $2",
        id.0,
        customer.0
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Contract::from))
}

pub(super) async fn list(
    db: &PgPool,
    customer: CustomerId,
    filter: &ContractFilter,
) -> Result<Vec<Contract>, AppError> {
    let found = sqlx::query_as!(
        Row,
        r#"
        select * from contracts
        where customer_id = $1
            and ($2 or archived_at is null)
            and ($3::timestamptz is null or (starting_at <= $3 and (ending_before is null or ending_before > $3)))
            and ($4::timestamptz is null or starting_at >= $4)
        order by archived_at is not null, starting_at desc, id desc
        limit $5
        "#,
        customer.0,
        filter.include_archived,
        filter.covering,
        filter.starting_at,
        LIST_MAX,
    )
    .fetch_all(db)
    .await?;
    Ok(found.into_iter().map(Contract::from).collect())
}

pub(super) async fn of_configuration(
    db: &PgPool,
    configuration: ConfigurationId,
) -> Result<Vec<Contract>, AppError> {
    let found = sqlx::query_as!(
        Row,
        r#"
        select contracts.* from billing_provider_configurations configuration
        join contracts on contracts.customer_id = configuration.customer_id
            and contracts.configuration_id = configuration.id
        where configuration.id = $1
        order by contracts.archived_at is not null, contracts.starting_at desc, contracts.id desc
        limit $2
        "#,
        configuration.0,
        LIST_MAX,
    )
    .fetch_all(db)
    .await?;
    Ok(found.into_iter().map(Contract::from).collect())
}

pub(super) async fn live_of(
    db: &mut PgConnection,
    customers: &[CustomerId],
) -> Result<Vec<LiveContract>, AppError> {
    let customers: Vec<Uuid> = customers.iter().map(|id| id.0).collect();
    let found = sqlx::query!(
        r#"
        select
            id, customer_id, name, starting_at, ending_before, configuration_id,
            configuration_archived_at is not null as "configuration_archived!",
            metering_stopped_at is not null as "metering_stopped!",
            spend_recharge_enabled, credit_recharge_enabled
        from contracts
        where customer_id = any($1) and archived_at is null
        order by starting_at, id
        "#,
        &customers,
    )
    .fetch_all(db)
    .await?;
    Ok(found
        .into_iter()
        .map(|row| LiveContract {
            id: ContractId(row.id),
            customer_id: CustomerId(row.customer_id),
            name: row.name,
            starting_at: row.starting_at,
            ending_before: row.ending_before,
            configuration_id: row.configuration_id.map(ConfigurationId),
            configuration_archived: row.configuration_archived,
            metering_stopped: row.metering_stopped,
            spend_recharge_enabled: row.spend_recharge_enabled,
            credit_recharge_enabled: row.credit_recharge_enabled,
        })
        .collect())
}

/// What becomes of one contract: several effects of it are one update of its row.
#[derive(Default)]
struct Target {
    ends: Option<DateTime<Utc>>,
    metering_stops: bool,
    detached: bool,
    spend_off: bool,
    credit_off: bool,
}

pub(super) async fn apply(
    db: &mut PgConnection,
    effects: &[&Effect],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let mut targets: BTreeMap<ContractId, Target> = BTreeMap::new();
    for effect in effects {
        match effect {
            Effect::ContractArchived { id, after, .. } => {
                targets.entry(*id).or_default().ends = Some(*after)
            }
            Effect::MeteringStopped { id, .. } => {
                targets.entry(*id).or_default().metering_stops = true
            }
            Effect::ConfigurationDetached { id, .. } => {
                targets.entry(*id).or_default().detached = true
            }
            Effect::RechargeDisabled {
                id,
                recharge: Recharge::Spend,
                ..
            } => {
                targets.entry(*id).or_default().spend_off = true;
            }
            Effect::RechargeDisabled {
                id,
                recharge: Recharge::Credit,
                ..
            } => {
                targets.entry(*id).or_default().credit_off = true;
            }
            _ => {}
        }
    }
    if targets.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = targets.keys().map(|id| id.0).collect();
    let ends: Vec<Option<DateTime<Utc>>> = targets.values().map(|target| target.ends).collect();
    let metering_stops: Vec<bool> = targets
        .values()
        .map(|target| target.metering_stops)
        .collect();
    let detached: Vec<bool> = targets.values().map(|target| target.detached).collect();
    let spend_off: Vec<bool> = targets.values().map(|target| target.spend_off).collect();
    let credit_off: Vec<bool> = targets.values().map(|target| target.credit_off).collect();
    let result = sqlx::query!(
        r#"
        update contracts
        set ending_before = coalesce(target.ends, ending_before),
            archived_at = case when target.ends is null then archived_at else $7 end,
            metering_stopped_at = case when target.metering_stops then $7 else metering_stopped_at end,
            configuration_archived_at = case when target.detached then $7 else configuration_archived_at end,
            spend_recharge_enabled = case when target.spend_off then false else spend_recharge_enabled end,
            credit_recharge_enabled = case when target.credit_off then false else credit_recharge_enabled end,
            updated_at = $7
        from unnest($1::uuid[], $2::timestamptz[], $3::bool[], $4::bool[], $5::bool[], $6::bool[])
            as target (id, ends, metering_stops, detached, spend_off, credit_off)
        where contracts.id = target.id and contracts.archived_at is null
        "#,
        &ids,
        &ends as &[Option<DateTime<Utc>>],
        &metering_stops,
        &detached,
        &spend_off,
        &credit_off,
        now,
    )
    .execute(db)
    .await?;
    rows(&result, targets.len())
}
