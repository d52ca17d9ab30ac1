//! All SQL on billing provider configurations.

use super::{Configuration, ConfigurationRow, TaxProvider, rules};
use crate::{
    auth::Actor,
    db::{defect, rows},
    effects::Effect,
    error::AppError,
    ids::{ConfigurationId, CustomerId},
    lifecycle::{Archived, Lifecycle, Reason},
    listing::{ListQuery, SortKey, Tab},
    paging::{COUNT_MAX, CappedCount, Cursor, EXACT_MAX, Start},
    search,
};
use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::{FromRow, PgConnection, PgPool, Postgres, QueryBuilder};
use std::{collections::BTreeMap, str::FromStr};
use uuid::Uuid;

struct Row {
    id: Uuid,
    customer_id: Uuid,
    billing_provider: String,
    delivery_method: String,
    delivery_method_id: Uuid,
    provider_reference: Option<String>,
    configuration: serde_json::Value,
    tax_provider: Option<String>,
    uniqueness_key: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    archived_by: Option<serde_json::Value>,
    archive_reason: Option<String>,
}

/// A word of a CHECKed column; another one is a defect.
fn word<T: FromStr<Err = String>>(text: &str) -> Result<T, AppError> {
    text.parse().map_err(|error: String| defect(&error))
}

impl TryFrom<Row> for Configuration {
    type Error = AppError;

    fn try_from(row: Row) -> Result<Self, AppError> {
        Ok(Self {
            id: ConfigurationId(row.id),
            customer_id: CustomerId(row.customer_id),
            billing_provider: word(&row.billing_provider)?,
            delivery_method: word(&row.delivery_method)?,
            delivery_method_id: row.delivery_method_id,
            provider_reference: row.provider_reference,
            configuration: row.configuration,
            tax_provider: row.tax_provider.as_deref().map(word).transpose()?,
            uniqueness_key: row.uniqueness_key,
            created_at: row.created_at,
            updated_at: row.updated_at,
            lifecycle: Lifecycle::from_columns(
                row.archived_at,
                row.archived_by,
                row.archive_reason,
            )?,
        })
    }
}

impl Lifecycle {
    /// The three columns that every archivable table has; one without the other is a defect.
    pub(crate) fn from_columns(
        at: Option<DateTime<Utc>>,
        by: Option<serde_json::Value>,
        reason: Option<String>,
    ) -> Result<Self, AppError> {
        let (at, by) = match (at, by) {
            (None, _) => return Ok(Self::Active),
            (Some(at), Some(by)) => (at, by),
            (Some(_), None) => return Err(defect(&"archived by nobody")),
        };
        Ok(Self::Archived(Archived {
            at,
            by: serde_json::from_value(by).map_err(|error| defect(&error))?,
            reason: Reason::parse(&reason.unwrap_or_default()).map_err(|error| defect(&error))?,
        }))
    }
}

/// False when its uniqueness key is taken.
pub(super) async fn insert(db: &mut PgConnection, one: &Configuration) -> Result<bool, AppError> {
    let result = sqlx::query!(
        r#"
        insert into billing_provider_configurations (
            id, customer_id, billing_provider, delivery_method, delivery_method_id, provider_reference, configuration,
            tax_provider, uniqueness_key, created_at, updated_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
        on conflict (uniqueness_key) where archived_at is null do nothing
        "#,
        one.id.0,
        one.customer_id.0,
        one.billing_provider.as_str(),
        one.delivery_method.as_str(),
        one.delivery_method_id,
        one.provider_reference,
        one.configuration,
        one.tax_provider.map(TaxProvider::as_str),
        one.uniqueness_key,
        one.created_at,
    )
    .execute(db)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// The live configuration that has a uniqueness key.
pub(super) async fn holder(
    db: &mut PgConnection,
    key: &str,
) -> Result<Option<ConfigurationId>, AppError> {
    Ok(sqlx::query_scalar!(
        "select id from billing_provider_configurations where uniqueness_key = $1 and archived_at is null",
        key,
    )
    .fetch_optional(db)
    .await?
    .map(ConfigurationId))
}

/// The live configurations that have these uniqueness keys.
pub(super) async fn holders(
    db: &mut PgConnection,
    keys: &[String],
) -> Result<BTreeMap<String, ConfigurationId>, AppError> {
    let found = sqlx::query!(
        r#"
        select uniqueness_key as "key!", id from billing_provider_configurations
        where uniqueness_key = any($1) and archived_at is null
        "#,
        keys,
    )
    .fetch_all(db)
    .await?;
    let found = found.into_iter();
    Ok(found
        .map(|row| (row.key, ConfigurationId(row.id)))
        .collect())
}

pub(super) async fn owners(
    db: &mut PgConnection,
    ids: &[ConfigurationId],
) -> Result<Vec<CustomerId>, AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    Ok(sqlx::query_scalar!(
        "select customer_id from billing_provider_configurations where id = any($1)",
        &ids
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(CustomerId)
    .collect())
}

pub(super) async fn find_many(
    db: &mut PgConnection,
    ids: &[ConfigurationId],
) -> Result<Vec<Configuration>, AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        "select * from billing_provider_configurations where id = any($1) order by id",
        &ids
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(Configuration::try_from)
    .collect()
}

pub(super) async fn live_of(
    db: &mut PgConnection,
    customers: &[CustomerId],
) -> Result<Vec<Configuration>, AppError> {
    let customers: Vec<Uuid> = customers.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        r#"
        select * from billing_provider_configurations
        where customer_id = any($1) and archived_at is null
        order by created_at, id
        "#,
        &customers,
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(Configuration::try_from)
    .collect()
}

pub(super) async fn of_customer(
    db: &PgPool,
    customer: CustomerId,
    include_archived: bool,
) -> Result<Vec<Configuration>, AppError> {
    sqlx::query_as!(
        Row,
        r#"
        select * from billing_provider_configurations
        where customer_id = $1 and ($2 or archived_at is null)
        order by archived_at is not null, created_at desc, id desc
        "#,
        customer.0,
        include_archived,
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(Configuration::try_from)
    .collect()
}

pub(super) async fn apply(
    db: &mut PgConnection,
    effects: &[&Effect],
    actor: &Actor,
    reason: Option<&Reason>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let mut archived = Vec::new();
    let mut unarchived = Vec::new();
    for effect in effects {
        match effect {
            Effect::ConfigurationArchived { id, .. } => archived.push(id.0),
            Effect::ConfigurationUnarchived { id, .. } => unarchived.push(id.0),
            _ => {}
        }
    }
    if !archived.is_empty() {
        let result = sqlx::query!(
            r#"
            update billing_provider_configurations
            set archived_at = $2, archived_by = $3, archive_reason = $4, updated_at = $2
            where id = any($1) and archived_at is null
            "#,
            &archived,
            now,
            serde_json::to_value(actor).map_err(|error| defect(&error))?,
            reason.map(Reason::as_str),
        )
        .execute(&mut *db)
        .await?;
        rows(&result, archived.len())?;
    }
    if !unarchived.is_empty() {
        let result = sqlx::query!(
            r#"
            update billing_provider_configurations
            set archived_at = null, archived_by = null, archive_reason = null, updated_at = $2
            where id = any($1) and archived_at is not null
            "#,
            &unarchived,
            now,
        )
        .execute(db)
        .await?;
        rows(&result, unarchived.len())?;
    }
    Ok(())
}

#[derive(FromRow)]
struct ListRow {
    id: Uuid,
    customer_id: Uuid,
    customer_name: String,
    customer_archived: bool,
    version: i64,
    billing_provider: String,
    provider_reference: Option<String>,
    uniqueness_key: Option<String>,
    archived: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    in_grace_period: i32,
    live_contracts: i32,
    spend_recharge: bool,
    credit_recharge: bool,
}

impl TryFrom<ListRow> for ConfigurationRow {
    type Error = AppError;

    fn try_from(row: ListRow) -> Result<Self, AppError> {
        Ok(Self {
            id: ConfigurationId(row.id),
            customer_id: CustomerId(row.customer_id),
            customer_name: row.customer_name,
            version: row.version,
            billing_provider: word(&row.billing_provider)?,
            provider_reference: row.provider_reference,
            uniqueness_key: row.uniqueness_key,
            standing: rules::standing(row.archived, row.customer_archived),
            in_grace_period: row.in_grace_period.unsigned_abs(),
            live_contracts: row.live_contracts.unsigned_abs(),
            spend_recharge: row.spend_recharge,
            credit_recharge: row.credit_recharge,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

pub(super) fn cursor(row: &ConfigurationRow, key: SortKey) -> Cursor {
    let moment = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let key = match key {
        SortKey::Created => moment(row.created_at),
        SortKey::Provider | SortKey::Name => row.billing_provider.as_str().to_owned(),
        SortKey::Updated => moment(row.updated_at),
    };
    Cursor { key, id: row.id.0 }
}

/// The page of ids is found on one index; only its rows are then joined with what hangs on them.
pub(super) async fn list(
    db: &PgPool,
    list: &ListQuery,
    start: &Start,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<ConfigurationRow>, AppError> {
    let mut query = QueryBuilder::<Postgres>::new("with page as (");
    let column = match list.sort.key {
        SortKey::Created => "created_at",
        SortKey::Provider | SortKey::Name => "billing_provider",
        SortKey::Updated => "updated_at",
    };
    let backwards = matches!(start, Start::Before(_));
    let descending = list.sort.descending != backwards;
    push_filter(&mut query, list, search::MATCHES_SHOWN_MAX);
    if let Start::After(cursor) | Start::Before(cursor) = start {
        let sign = if descending { "<" } else { ">" };
        query.push(format!(
            " and (configuration.{column}, configuration.id) {sign} ("
        ));
        match list.sort.key {
            SortKey::Created | SortKey::Updated => {
                query.push_bind(moment(&cursor.key)?);
            }
            SortKey::Provider | SortKey::Name => {
                query.push_bind(cursor.key.clone());
            }
        }
        query.push(", ").push_bind(cursor.id).push(")");
    }
    let direction = if descending { "desc" } else { "asc" };
    let order =
        format!("order by configuration.{column} {direction}, configuration.id {direction}");
    // A number, not a parameter: the database then makes its plan once.
    query.push(format!(" {order} limit {limit}"));
    query.push(
        r#")
        select
            configuration.id, configuration.customer_id, customer.name as customer_name,
            customer.archived_at is not null as customer_archived, customer.version,
            configuration.billing_provider, configuration.provider_reference, configuration.uniqueness_key,
            configuration.archived_at is not null as archived, configuration.created_at, configuration.updated_at,
            grace.invoices as in_grace_period, live.contracts as live_contracts,
            coalesce(live.spend, false) as spend_recharge, coalesce(live.credit, false) as credit_recharge
        from page configuration
        join customers customer on customer.id = configuration.customer_id
        cross join lateral (
            select count(*)::int as contracts, bool_or(spend_recharge_enabled) as spend, bool_or(credit_recharge_enabled) as credit
            from contracts
            where contracts.configuration_id = configuration.id and contracts.archived_at is null
        ) live
        cross join lateral (
            select count(*)::int as invoices
            from invoices
            where invoices.configuration_id = configuration.id and invoices.status <> 'VOID'
                and (invoices.external_status is null or invoices.external_status = 'QUEUED')
                and invoices.grace_period_ends_at > "#,
    );
    query.push_bind(now).push(format!(") grace {order}"));
    let found = query
        .build_query_as::<ListRow>()
        .persistent(search::stays_prepared(&list.search))
        .fetch_all(db)
        .await?;
    found.into_iter().map(ConfigurationRow::try_from).collect()
}

/// How many match, up to the cap, or as far as anyone may act on.
pub(super) async fn count(
    db: &PgPool,
    list: &ListQuery,
    exact: bool,
) -> Result<CappedCount, AppError> {
    let most = if exact { EXACT_MAX } else { COUNT_MAX + 1 };
    let mut query = QueryBuilder::<Postgres>::new("select count(*) from (");
    push_filter(&mut query, list, most);
    query.push(" limit ").push_bind(most).push(") capped");
    let counting = query
        .build_query_scalar()
        .persistent(search::stays_prepared(&list.search));
    Ok(CappedCount(counting.fetch_one(db).await?))
}

/// The first `most` of all that match, each with its customer, in order of the customers' ids.
pub(super) async fn ids_matching(
    db: &mut PgConnection,
    list: &ListQuery,
    most: i64,
) -> Result<Vec<(CustomerId, ConfigurationId)>, AppError> {
    let mut query = QueryBuilder::<Postgres>::new("select customer_id, id from (");
    // What a search finds is narrowed by the rest of the filter before it is cut off.
    push_filter(&mut query, list, EXACT_MAX);
    query
        .push(") matching order by customer_id, id limit ")
        .push_bind(most);
    let found: Vec<(Uuid, Uuid)> = query
        .build_query_as()
        .persistent(search::stays_prepared(&list.search))
        .fetch_all(db)
        .await?;
    Ok(owned(found))
}

/// Configurations by their uniqueness keys, each beside its key: the live ones, or those that are archived.
pub(super) async fn keyed(
    db: &mut PgConnection,
    keys: &[String],
    archived: bool,
) -> Result<Vec<(String, Uuid)>, AppError> {
    let found = sqlx::query!(
        r#"
        select uniqueness_key as "key!", id from billing_provider_configurations
        where uniqueness_key = any($1) and (archived_at is not null) = $2
        "#,
        keys,
        archived,
    )
    .fetch_all(db)
    .await?;
    Ok(found.into_iter().map(|row| (row.key, row.id)).collect())
}

/// Those that exist, each with its customer, in order of the customers' ids.
pub(super) async fn owned_ids(
    db: &mut PgConnection,
    ids: &[Uuid],
) -> Result<Vec<(CustomerId, ConfigurationId)>, AppError> {
    let found = sqlx::query!(
        "select customer_id, id from billing_provider_configurations where id = any($1) order by customer_id, id",
        ids
    )
    .fetch_all(db)
    .await?;
    Ok(owned(
        found.into_iter().map(|row| (row.customer_id, row.id)),
    ))
}

fn owned(pairs: impl IntoIterator<Item = (Uuid, Uuid)>) -> Vec<(CustomerId, ConfigurationId)> {
    pairs
        .into_iter()
        .map(|(customer, id)| (CustomerId(customer), ConfigurationId(id)))
        .collect()
}

/// `most` is how many matches of a search count.
fn push_filter(query: &mut QueryBuilder<Postgres>, list: &ListQuery, most: i64) {
    query.push(
        "select configuration.* from billing_provider_configurations configuration where true",
    );
    match list.tab {
        Tab::All => {}
        Tab::Active => {
            query.push(" and configuration.archived_at is null");
        }
        Tab::Archived => {
            query.push(" and configuration.archived_at is not null");
        }
    }
    if let Some(provider) = list.provider {
        query
            .push(" and configuration.billing_provider = ")
            .push_bind(provider.as_str());
    }
    if let Some(from) = list.created_from {
        query
            .push(" and configuration.created_at >= ")
            .push_bind(from.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    if let Some(to) = list.created_to.and_then(|day| day.succ_opt()) {
        query
            .push(" and configuration.created_at < ")
            .push_bind(to.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    if list.search.is_empty() {
        return;
    }
    if let Ok(id) = Uuid::try_parse(&list.search) {
        query
            .push(" and (configuration.id = ")
            .push_bind(id)
            .push(" or configuration.customer_id = ")
            .push_bind(id)
            .push(")");
        return;
    }
    let prefix = search::prefix(&list.search);
    query.push(" and configuration.id in (select id from billing_provider_configurations where provider_reference like ");
    query.push_bind(prefix.clone());
    query
        .push(" union select id from billing_provider_configurations where uniqueness_key like ")
        .push_bind(prefix);
    query.push(" union select id from billing_provider_configurations where customer_id in (");
    search::push_matches(query, &list.search, most);
    query.push("))");
}

fn moment(key: &str) -> Result<DateTime<Utc>, AppError> {
    key.parse().map_err(|_| {
        AppError::invalid(
            "after",
            "is not a cursor of this list. Start at the first page",
        )
    })
}
