//! All SQL on invoices.

use super::{ExternalStatus, Invoice, NewInvoice, StandingInvoice, service::InvoiceFilter};
use crate::{
    db::{defect, rows},
    effects::Effect,
    error::AppError,
    ids::{ConfigurationId, ContractId, CustomerId, InvoiceId},
    money::{Currency, Money},
    paging::{Cursor, Start},
};
use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::{FromRow, PgConnection, PgPool, Postgres, QueryBuilder};
use std::str::FromStr;
use uuid::Uuid;

const CONFIGURATION_INVOICES_MAX: i64 = 50;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    customer_id: Uuid,
    contract_id: Uuid,
    contract_name: Option<String>,
    configuration_id: Option<Uuid>,
    billing_provider: Option<String>,
    external_id: String,
    status: String,
    external_status: Option<String>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    grace_period_ends_at: Option<DateTime<Utc>>,
    currency: String,
    total_minor: i64,
    lines: serde_json::Value,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    voided_at: Option<DateTime<Utc>>,
}

/// A word of a CHECKed column; another one is a defect.
fn word<T: FromStr<Err = String>>(text: &str) -> Result<T, AppError> {
    text.parse().map_err(|error: String| defect(&error))
}

fn money(currency: String, minor: i64) -> Result<Money, AppError> {
    Ok(Money {
        currency: Currency::try_from(currency).map_err(|error| defect(&error))?,
        minor,
    })
}

impl TryFrom<Row> for Invoice {
    type Error = AppError;

    fn try_from(row: Row) -> Result<Self, AppError> {
        Ok(Self {
            id: InvoiceId(row.id),
            customer_id: CustomerId(row.customer_id),
            contract_id: ContractId(row.contract_id),
            contract_name: row.contract_name,
            configuration_id: row.configuration_id.map(ConfigurationId),
            billing_provider: row.billing_provider,
            external_id: row.external_id,
            status: word(&row.status)?,
            external_status: row.external_status.as_deref().map(word).transpose()?,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            grace_period_ends_at: row.grace_period_ends_at,
            total: money(row.currency, row.total_minor)?,
            lines: row.lines,
            created_at: row.created_at,
            updated_at: row.updated_at,
            voided_at: row.voided_at,
        })
    }
}

const SELECT: &str = r#"
    select invoices.*, contracts.name as contract_name, configurations.billing_provider
    from invoices
    join contracts on contracts.id = invoices.contract_id
    left join billing_provider_configurations configurations on configurations.id = invoices.configuration_id
"#;

pub(super) struct ContractFacts {
    pub(super) configuration_id: Option<ConfigurationId>,
    pub(super) archived: bool,
}

pub(super) async fn contract(
    db: &mut PgConnection,
    customer: CustomerId,
    id: ContractId,
) -> Result<Option<ContractFacts>, AppError> {
    let row = sqlx::query!(
        r#"select configuration_id, archived_at is not null as "archived!" from contracts where id = $1 and customer_id = $2"#,
        id.0,
        customer.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| ContractFacts {
        configuration_id: row.configuration_id.map(ConfigurationId),
        archived: row.archived,
    }))
}

pub(super) async fn by_external_id(
    db: &mut PgConnection,
    external_id: &str,
) -> Result<Option<StandingInvoice>, AppError> {
    let row = sqlx::query_as!(
        StandingRow,
        r#"
        select id, customer_id, configuration_id, external_id, status, external_status, grace_period_ends_at, currency, total_minor
        from invoices where external_id = $1
        "#,
        external_id,
    )
    .fetch_optional(db)
    .await?;
    row.map(StandingInvoice::try_from).transpose()
}

pub(super) async fn upsert(
    db: &mut PgConnection,
    id: InvoiceId,
    new: &NewInvoice,
    configuration: Option<ConfigurationId>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let result = sqlx::query!(
        r#"
        insert into invoices (
            id, customer_id, contract_id, configuration_id, external_id, status, external_status, starts_at, ends_at,
            grace_period_ends_at, currency, total_minor, lines, created_at, updated_at, voided_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::timestamptz, $14::timestamptz, case when $6 = 'VOID' then $14::timestamptz end)
        on conflict (external_id) do update
        set contract_id = excluded.contract_id, configuration_id = excluded.configuration_id, status = excluded.status,
            external_status = excluded.external_status,
            starts_at = excluded.starts_at, ends_at = excluded.ends_at,
            grace_period_ends_at = excluded.grace_period_ends_at, currency = excluded.currency,
            total_minor = excluded.total_minor, lines = excluded.lines, updated_at = excluded.updated_at,
            voided_at = excluded.voided_at
        where invoices.customer_id = excluded.customer_id and invoices.status <> 'VOID'
        "#,
        id.0,
        new.customer_id.0,
        new.contract_id.0,
        configuration.map(|id| id.0),
        new.external_id,
        new.status.as_str(),
        new.external_status.map(ExternalStatus::as_str),
        new.starts_at,
        new.ends_at,
        new.grace_period_ends_at,
        new.currency.code(),
        new.total_minor,
        serde_json::Value::Array(new.lines.clone()),
        now,
    )
    .execute(db)
    .await?;
    rows(&result, 1)
}

pub(super) async fn customer_of(
    db: &mut PgConnection,
    id: InvoiceId,
) -> Result<Option<CustomerId>, AppError> {
    Ok(
        sqlx::query_scalar!("select customer_id from invoices where id = $1", id.0)
            .fetch_optional(db)
            .await?
            .map(CustomerId),
    )
}

pub(super) async fn find(
    db: &PgPool,
    customer: CustomerId,
    id: InvoiceId,
) -> Result<Option<Invoice>, AppError> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query
        .push("where invoices.id = ")
        .push_bind(id.0)
        .push(" and invoices.customer_id = ")
        .push_bind(customer.0);
    let row = query.build_query_as::<Row>().fetch_optional(db).await?;
    row.map(Invoice::try_from).transpose()
}

pub(super) fn cursor(invoice: &Invoice) -> Cursor {
    Cursor {
        key: invoice
            .starts_at
            .to_rfc3339_opts(SecondsFormat::Micros, true),
        id: invoice.id.0,
    }
}

pub(super) async fn list(
    db: &PgPool,
    customer: CustomerId,
    filter: &InvoiceFilter,
    start: &Start,
    limit: u32,
) -> Result<Vec<Invoice>, AppError> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query
        .push("where invoices.customer_id = ")
        .push_bind(customer.0);
    if let Some(status) = filter.status {
        query
            .push(" and invoices.status = ")
            .push_bind(status.as_str());
    }
    if let Some(contract) = filter.contract {
        query
            .push(" and invoices.contract_id = ")
            .push_bind(contract.0);
    }
    if let Some(from) = filter.starting_on {
        query.push(" and invoices.starts_at >= ").push_bind(from);
    }
    if let Some(to) = filter.ending_before {
        query.push(" and invoices.ends_at <= ").push_bind(to);
    }
    let backwards = matches!(start, Start::Before(_));
    if let Start::After(cursor) | Start::Before(cursor) = start {
        let at: DateTime<Utc> = cursor.key.parse().map_err(|_| {
            AppError::invalid(
                "next_page",
                "is not a cursor of this list. Start at the first page",
            )
        })?;
        let sign = if filter.newest_first == backwards {
            ">"
        } else {
            "<"
        };
        query.push(format!(" and (invoices.starts_at, invoices.id) {sign} ("));
        query
            .push_bind(at)
            .push(", ")
            .push_bind(cursor.id)
            .push(")");
    }
    let direction = if filter.newest_first == backwards {
        "asc"
    } else {
        "desc"
    };
    query
        .push(format!(
            " order by invoices.starts_at {direction}, invoices.id {direction} limit "
        ))
        .push_bind(i64::from(limit));
    query
        .build_query_as::<Row>()
        .fetch_all(db)
        .await?
        .into_iter()
        .map(Invoice::try_from)
        .collect()
}

pub(super) async fn of_configuration(
    db: &PgPool,
    id: ConfigurationId,
) -> Result<Vec<Invoice>, AppError> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push("where invoices.customer_id = (select customer_id from billing_provider_configurations where id = ");
    query
        .push_bind(id.0)
        .push(") and invoices.configuration_id = ")
        .push_bind(id.0);
    query
        .push(" order by invoices.starts_at desc, invoices.id desc limit ")
        .push_bind(CONFIGURATION_INVOICES_MAX);
    query
        .build_query_as::<Row>()
        .fetch_all(db)
        .await?
        .into_iter()
        .map(Invoice::try_from)
        .collect()
}

pub(super) async fn summary(
    db: &PgPool,
    customer: CustomerId,
) -> Result<(i64, Vec<Money>), AppError> {
    let found = sqlx::query!(
        r#"
        select
            currency, count(*) as "count!",
            count(*) filter (where status = 'DRAFT' or (status = 'FINALIZED' and external_status is distinct from 'PAID')) as "open!",
            coalesce(
                sum(total_minor) filter (
                    where status = 'DRAFT' or (status = 'FINALIZED' and external_status is distinct from 'PAID')
                ), 0
            )::bigint as "expected!"
        from invoices
        where customer_id = $1
        group by currency
        order by currency
        "#,
        customer.0,
    )
    .fetch_all(db)
    .await?;
    let count = found.iter().map(|row| row.count).sum();
    let open = found
        .into_iter()
        .filter(|row| row.open > 0)
        .map(|row| money(row.currency, row.expected))
        .collect::<Result<_, _>>()?;
    Ok((count, open))
}

struct StandingRow {
    id: Uuid,
    customer_id: Uuid,
    configuration_id: Option<Uuid>,
    external_id: String,
    status: String,
    external_status: Option<String>,
    grace_period_ends_at: Option<DateTime<Utc>>,
    currency: String,
    total_minor: i64,
}

impl TryFrom<StandingRow> for StandingInvoice {
    type Error = AppError;

    fn try_from(row: StandingRow) -> Result<Self, AppError> {
        Ok(Self {
            id: InvoiceId(row.id),
            customer_id: CustomerId(row.customer_id),
            configuration_id: row.configuration_id.map(ConfigurationId),
            number: row.external_id,
            status: word(&row.status)?,
            external_status: row.external_status.as_deref().map(word).transpose()?,
            grace_period_ends_at: row.grace_period_ends_at,
            total: money(row.currency, row.total_minor)?,
        })
    }
}

/// `None` when the invoice is VOID already.
pub(super) async fn standing(
    db: &mut PgConnection,
    id: InvoiceId,
) -> Result<Option<StandingInvoice>, AppError> {
    let row = sqlx::query_as!(
        StandingRow,
        r#"
        select id, customer_id, configuration_id, external_id, status, external_status, grace_period_ends_at, currency, total_minor
        from invoices where id = $1 and status <> 'VOID'
        "#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    row.map(StandingInvoice::try_from).transpose()
}

pub(super) async fn standing_of(
    db: &mut PgConnection,
    customers: &[CustomerId],
) -> Result<Vec<StandingInvoice>, AppError> {
    let customers: Vec<Uuid> = customers.iter().map(|id| id.0).collect();
    let found = sqlx::query_as!(
        StandingRow,
        r#"
        select id, customer_id, configuration_id, external_id, status, external_status, grace_period_ends_at, currency, total_minor
        from invoices
        where customer_id = any($1) and status <> 'VOID'
        order by starts_at, id
        "#,
        &customers,
    )
    .fetch_all(db)
    .await?;
    found.into_iter().map(StandingInvoice::try_from).collect()
}

/// Applies effects on invoices of these customers. A customer's invoices lie together in one index, their ids do not: `is true`
/// keeps the planner from looking for each of the ids, and a subquery is hashed. What was still to be sent never will be.
pub(super) async fn apply(
    db: &mut PgConnection,
    owners: &[CustomerId],
    effects: &[&Effect],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let owners: Vec<Uuid> = owners.iter().map(|id| id.0).collect();
    let mut voided = Vec::new();
    let mut in_grace = Vec::new();
    let mut skipped = Vec::new();
    for effect in effects {
        match effect {
            Effect::InvoiceVoided {
                id,
                in_grace_period,
                ..
            } => {
                voided.push(id.0);
                in_grace.extend(in_grace_period.then_some(id.0));
            }
            Effect::InvoiceSkipped { id, .. } => skipped.push(id.0),
            _ => {}
        }
    }
    if !voided.is_empty() {
        let result = sqlx::query!(
            r#"
            update invoices
            set status = 'VOID', voided_at = $4, updated_at = $4,
                external_status = case when id in (select unnest($3::uuid[])) then 'SKIPPED' else external_status end
            where customer_id = any($1) and (id in (select unnest($2::uuid[]))) is true and status <> 'VOID'
            "#,
            &owners,
            &voided,
            &in_grace,
            now,
        )
        .execute(&mut *db)
        .await?;
        rows(&result, voided.len())?;
    }
    if !skipped.is_empty() {
        let result = sqlx::query!(
            r#"
            update invoices set external_status = 'SKIPPED', updated_at = $3
            where customer_id = any($1) and (id in (select unnest($2::uuid[]))) is true and status <> 'VOID'
            "#,
            &owners,
            &skipped,
            now,
        )
        .execute(db)
        .await?;
        rows(&result, skipped.len())?;
    }
    Ok(())
}
