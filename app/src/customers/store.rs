//! All SQL on customers and their ingest aliases.

use super::{
    Customer, CustomerRow, Profile,
    service::{ApiFilter, EnvelopeFilter, Head},
};
use crate::{
    billing_configurations::Provider,
    db::{defect, rows},
    effects::Effect,
    error::AppError,
    ids::CustomerId,
    lifecycle::{Archived, Lifecycle, Reason},
    listing::{ListQuery, SortKey, Tab},
    money::{Currency, Money},
    paging::{COUNT_MAX, CappedCount, Cursor, Start},
    search,
};
use chrono::{DateTime, NaiveTime, SecondsFormat, Utc};
use serde_json::{Map, Value};
use sqlx::{FromRow, PgConnection, PgPool, Postgres, QueryBuilder};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    customer_key: String,
    name: String,
    customer_type: Option<String>,
    primary_email: Option<String>,
    profile: Value,
    custom_fields: Value,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    archived_by: Option<Value>,
    archive_reason: Option<String>,
    ingest_aliases: Vec<String>,
}

fn object(value: Value) -> Result<Map<String, Value>, AppError> {
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(defect(&"a customer's fields are no object")),
    }
}

impl TryFrom<Row> for Customer {
    type Error = AppError;

    fn try_from(row: Row) -> Result<Self, AppError> {
        Ok(Self {
            id: CustomerId(row.id),
            key: row.customer_key,
            name: row.name,
            customer_type: row
                .customer_type
                .map(|word| word.parse().map_err(|error: String| defect(&error)))
                .transpose()?,
            primary_email: row.primary_email,
            profile: Profile(object(row.profile)?),
            custom_fields: object(row.custom_fields)?,
            ingest_aliases: row.ingest_aliases,
            version: row.version,
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

const SELECT: &str = r#"
    select customers.*, array(
        select alias from ingest_aliases where ingest_aliases.customer_id = customers.id order by position, alias
    ) as ingest_aliases
    from customers
"#;

pub(super) async fn lock(
    db: &mut PgConnection,
    ids: &[CustomerId],
) -> Result<BTreeSet<CustomerId>, AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    Ok(sqlx::query_scalar!(
        "select id from customers where id = any($1) order by id for update",
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
    ids: &[CustomerId],
) -> Result<Vec<Customer>, AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found = sqlx::query_as!(
        Row,
        r#"
        select customers.*, array(
            select alias from ingest_aliases where ingest_aliases.customer_id = customers.id order by position, alias
        ) as "ingest_aliases!"
        from customers
        where id = any($1)
        order by id
        "#,
        &ids,
    )
    .fetch_all(db)
    .await?;
    found.into_iter().map(Customer::try_from).collect()
}

pub(super) async fn heads(
    db: &mut PgConnection,
    ids: &[CustomerId],
) -> Result<Vec<Head>, AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found = sqlx::query!(
        "select id, name, version from customers where id = any($1) order by id",
        &ids
    )
    .fetch_all(db)
    .await?;
    Ok(found
        .into_iter()
        .map(|row| Head {
            id: CustomerId(row.id),
            name: row.name,
            version: row.version,
        })
        .collect())
}

pub(super) async fn id_of_key(db: &PgPool, key: &str) -> Result<Option<CustomerId>, AppError> {
    Ok(
        sqlx::query_scalar!("select id from customers where customer_key = $1", key)
            .fetch_optional(db)
            .await?
            .map(CustomerId),
    )
}

/// False when its key is taken.
pub(super) async fn insert(db: &mut PgConnection, customer: &Customer) -> Result<bool, AppError> {
    let result = sqlx::query!(
        r#"
        insert into customers (
            id, customer_key, name, customer_type, primary_email, profile, custom_fields, version, created_at, updated_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
        on conflict (customer_key) do nothing
        "#,
        customer.id.0,
        customer.key,
        customer.name,
        customer.customer_type.map(|kind| kind.as_str()),
        customer.primary_email,
        Value::Object(customer.profile.0.clone()),
        Value::Object(customer.custom_fields.clone()),
        customer.version,
        customer.created_at,
    )
    .execute(db)
    .await?;
    Ok(result.rows_affected() == 1)
}

pub(super) async fn update(db: &mut PgConnection, customer: &Customer) -> Result<(), AppError> {
    let result = sqlx::query!(
        r#"
        update customers
        set name = $2, customer_type = $3, primary_email = $4, profile = $5, version = $6, updated_at = $7
        where id = $1
        "#,
        customer.id.0,
        customer.name,
        customer.customer_type.map(|kind| kind.as_str()),
        customer.primary_email,
        Value::Object(customer.profile.0.clone()),
        customer.version,
        customer.updated_at,
    )
    .execute(db)
    .await?;
    rows(&result, 1)
}

pub(super) async fn archive(
    db: &mut PgConnection,
    ids: &[CustomerId],
    stamp: &Archived,
) -> Result<(), AppError> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let result = sqlx::query!(
        r#"
        update customers
        set archived_at = $2, archived_by = $3, archive_reason = $4, updated_at = $2, version = version + 1
        where id = any($1) and archived_at is null
        "#,
        &ids,
        stamp.at,
        serde_json::to_value(&stamp.by).map_err(|error| defect(&error))?,
        stamp.reason.as_ref().map(Reason::as_str),
    )
    .execute(db)
    .await?;
    rows(&result, ids.len())
}

pub(super) async fn unarchive(
    db: &mut PgConnection,
    ids: &[CustomerId],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let result = sqlx::query!(
        r#"
        update customers
        set archived_at = null, archived_by = null, archive_reason = null, updated_at = $2, version = version + 1
        where id = any($1) and archived_at is not null
        "#,
        &ids,
        now,
    )
    .execute(db)
    .await?;
    rows(&result, ids.len())
}

/// Puts an earlier archive's stamp back.
pub(super) async fn restore(
    db: &mut PgConnection,
    id: CustomerId,
    stamp: &Archived,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let result = sqlx::query!(
        r#"
        update customers
        set archived_at = $2, archived_by = $3, archive_reason = $4, updated_at = $5, version = version + 1
        where id = $1 and archived_at is null
        "#,
        id.0,
        stamp.at,
        serde_json::to_value(&stamp.by).map_err(|error| defect(&error))?,
        stamp.reason.as_ref().map(Reason::as_str),
        now,
    )
    .execute(db)
    .await?;
    rows(&result, 1)
}

pub(super) async fn touch(
    db: &mut PgConnection,
    ids: &[CustomerId],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let result = sqlx::query!(
        "update customers set version = version + 1, updated_at = $2 where id = any($1)",
        &ids,
        now
    )
    .execute(db)
    .await?;
    rows(&result, ids.len())
}

/// Who holds which of these aliases.
pub(super) async fn alias_holders(
    db: &mut PgConnection,
    aliases: &[String],
) -> Result<BTreeMap<String, CustomerId>, AppError> {
    let found = sqlx::query!(
        "select alias, customer_id from ingest_aliases where alias = any($1)",
        aliases
    )
    .fetch_all(db)
    .await?;
    Ok(found
        .into_iter()
        .map(|row| (row.alias, CustomerId(row.customer_id)))
        .collect())
}

/// Adds aliases from `position` on; answers the first that someone holds already.
pub(super) async fn add_aliases(
    db: &mut PgConnection,
    id: CustomerId,
    aliases: &[String],
    position: i32,
    now: DateTime<Utc>,
) -> Result<Option<String>, AppError> {
    let added: BTreeSet<String> = sqlx::query_scalar!(
        r#"
        insert into ingest_aliases (alias, customer_id, position, created_at)
        select alias, $2, $3 + ordinal::int, $4
        from unnest($1::text[]) with ordinality as given (alias, ordinal)
        order by alias
        on conflict (alias) do nothing
        returning alias
        "#,
        aliases,
        id.0,
        position,
        now,
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .collect();
    Ok(aliases
        .iter()
        .find(|alias| !added.contains(*alias))
        .cloned())
}

/// Makes the aliases exactly these, taking those that others hold.
pub(super) async fn replace_aliases(
    db: &mut PgConnection,
    id: CustomerId,
    aliases: &[String],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "delete from ingest_aliases where customer_id = $1 or alias = any($2)",
        id.0,
        aliases
    )
    .execute(&mut *db)
    .await?;
    match add_aliases(db, id, aliases, 0, now).await? {
        None => Ok(()),
        // Someone took it between the delete and the insert.
        Some(_) => Err(AppError::Contended),
    }
}

pub(super) async fn release_aliases(
    db: &mut PgConnection,
    effects: &[&Effect],
) -> Result<(), AppError> {
    let released: Vec<String> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::AliasReleased { alias } => Some(alias.clone()),
            _ => None,
        })
        .collect();
    if released.is_empty() {
        return Ok(());
    }
    let result = sqlx::query!(
        "delete from ingest_aliases where alias = any($1)",
        &released
    )
    .execute(db)
    .await?;
    rows(&result, released.len())
}

#[derive(FromRow)]
struct ListRow {
    id: Uuid,
    customer_key: String,
    name: String,
    archived: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    providers: Vec<String>,
    live_contracts: i32,
    spend_recharge: bool,
    credit_recharge: bool,
    currencies: Vec<String>,
    amounts: Vec<i64>,
}

impl TryFrom<ListRow> for CustomerRow {
    type Error = AppError;

    fn try_from(row: ListRow) -> Result<Self, AppError> {
        let providers = row
            .providers
            .iter()
            .map(|word| word.parse().map_err(|error: String| defect(&error)))
            .collect::<Result<Vec<Provider>, _>>()?;
        let open_invoices = row
            .currencies
            .into_iter()
            .zip(row.amounts)
            .map(|(currency, minor)| {
                Ok(Money {
                    currency: Currency::try_from(currency).map_err(|error| defect(&error))?,
                    minor,
                })
            })
            .collect::<Result<Vec<Money>, AppError>>()?;
        Ok(Self {
            id: CustomerId(row.id),
            key: row.customer_key,
            name: row.name,
            archived: row.archived,
            version: row.version,
            providers,
            live_contracts: row.live_contracts.unsigned_abs(),
            open_invoices,
            spend_recharge: row.spend_recharge,
            credit_recharge: row.credit_recharge,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn moment_key(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn moment(key: &str) -> Result<DateTime<Utc>, AppError> {
    key.parse().map_err(|_| {
        AppError::invalid(
            "after",
            "is not a cursor of this list. Start at the first page",
        )
    })
}

pub(super) fn cursor(row: &CustomerRow, key: SortKey) -> Cursor {
    let key = match key {
        SortKey::Name | SortKey::Provider => row.name.clone(),
        SortKey::Created => moment_key(row.created_at),
        SortKey::Updated => moment_key(row.updated_at),
    };
    Cursor { key, id: row.id.0 }
}

/// What hangs on each row of a page. The page itself is found first, on one index.
const LIST_FACTS: &str = r#")
    select
        customer.id, customer.customer_key, customer.name, customer.archived_at is not null as archived,
        customer.version, customer.created_at, customer.updated_at,
        providers.names as providers,
        live.contracts as live_contracts, coalesce(live.spend, false) as spend_recharge,
        coalesce(live.credit, false) as credit_recharge,
        coalesce(open.currencies, '{}') as currencies, coalesce(open.amounts, '{}') as amounts
    from page customer
    cross join lateral (
        select coalesce(array_agg(billing_provider order by created_at, id), '{}') as names
        from billing_provider_configurations
        where customer_id = customer.id and archived_at is null
    ) providers
    cross join lateral (
        select
            count(*)::int as contracts, bool_or(spend_recharge_enabled) as spend,
            bool_or(credit_recharge_enabled) as credit
        from contracts
        where customer_id = customer.id and archived_at is null
    ) live
    cross join lateral (
        select array_agg(currency order by currency) as currencies, array_agg(expected order by currency) as amounts
        from (
            select currency, sum(total_minor)::bigint as expected
            from invoices
            where customer_id = customer.id
                and (status = 'DRAFT' or (status = 'FINALIZED' and external_status is distinct from 'PAID'))
            group by currency
        ) sums
    ) open "#;

pub(super) async fn list(
    db: &PgPool,
    list: &ListQuery,
    start: &Start,
    limit: u32,
) -> Result<Vec<CustomerRow>, AppError> {
    let column = match list.sort.key {
        SortKey::Name | SortKey::Provider => "name",
        SortKey::Created => "created_at",
        SortKey::Updated => "updated_at",
    };
    let backwards = matches!(start, Start::Before(_));
    let descending = list.sort.descending != backwards;
    let mut query = QueryBuilder::<Postgres>::new("with page as (");
    push_filter(&mut query, list);
    if let Start::After(cursor) | Start::Before(cursor) = start {
        let sign = if descending { "<" } else { ">" };
        query.push(format!(" and (customer.{column}, customer.id) {sign} ("));
        match list.sort.key {
            SortKey::Name | SortKey::Provider => {
                query.push_bind(cursor.key.clone());
            }
            SortKey::Created | SortKey::Updated => {
                query.push_bind(moment(&cursor.key)?);
            }
        }
        query.push(", ").push_bind(cursor.id).push(")");
    }
    let direction = if descending { "desc" } else { "asc" };
    let order = format!("order by customer.{column} {direction}, customer.id {direction}");
    query
        // A number, not a parameter: the database then makes its plan once.
        .push(format!(" {order} limit {limit}"))
        .push(LIST_FACTS)
        .push(order);
    let found = query.build_query_as::<ListRow>().fetch_all(db).await?;
    found.into_iter().map(CustomerRow::try_from).collect()
}

/// How many match, up to the cap.
pub(super) async fn count(db: &PgPool, list: &ListQuery) -> Result<CappedCount, AppError> {
    let mut query = QueryBuilder::<Postgres>::new("select count(*) from (");
    push_filter(&mut query, list);
    query
        .push(" limit ")
        .push_bind(COUNT_MAX + 1)
        .push(") capped");
    Ok(CappedCount(query.build_query_scalar().fetch_one(db).await?))
}

fn push_filter(query: &mut QueryBuilder<Postgres>, list: &ListQuery) {
    query.push("select customer.* from customers customer where true");
    match list.tab {
        Tab::All => {}
        Tab::Active => {
            query.push(" and customer.archived_at is null");
        }
        Tab::Archived => {
            query.push(" and customer.archived_at is not null");
        }
    }
    if let Some(provider) = list.provider {
        query.push(
            " and exists (select from billing_provider_configurations where customer_id = customer.id and archived_at is null and billing_provider = ",
        );
        query.push_bind(provider.as_str()).push(")");
    }
    if let Some(from) = list.created_from {
        query
            .push(" and customer.created_at >= ")
            .push_bind(from.and_time(NaiveTime::MIN).and_utc());
    }
    if let Some(to) = list.created_to.and_then(|day| day.succ_opt()) {
        query
            .push(" and customer.created_at < ")
            .push_bind(to.and_time(NaiveTime::MIN).and_utc());
    }
    push_search(query, &list.search);
}

fn push_search(query: &mut QueryBuilder<Postgres>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Ok(id) = Uuid::try_parse(text) {
        query.push(" and customer.id = ").push_bind(id);
        return;
    }
    query.push(" and customer.id in (");
    search::push_matches(query, text);
    query.push(")");
}

pub(super) fn api_cursor(customer: &Customer) -> Cursor {
    Cursor {
        key: moment_key(customer.created_at),
        id: customer.id.0,
    }
}

pub(super) async fn list_api(
    db: &PgPool,
    filter: &ApiFilter,
    start: &Start,
    limit: u32,
) -> Result<Vec<Customer>, AppError> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push(if filter.only_archived {
        " where archived_at is not null"
    } else {
        " where archived_at is null"
    });
    if let Some(ids) = &filter.ids {
        query
            .push(" and id = any(")
            .push_bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
            .push(")");
    }
    if let Some(alias) = &filter.ingest_alias {
        query
            .push(" and id = (select customer_id from ingest_aliases where alias = ")
            .push_bind(alias.clone())
            .push(")");
    }
    if let Some(accounts) = &filter.salesforce_account_ids {
        query
            .push(" and profile ->> 'salesforce_account_id' = any(")
            .push_bind(accounts.clone())
            .push(")");
    }
    if let Start::After(cursor) | Start::Before(cursor) = start {
        let at: DateTime<Utc> = cursor.key.parse().map_err(|_| {
            AppError::invalid(
                "next_page",
                "is not a cursor of this list. Start at the first page",
            )
        })?;
        query
            .push(" and (created_at, id) > (")
            .push_bind(at)
            .push(", ")
            .push_bind(cursor.id)
            .push(")");
    }
    query
        .push(" order by created_at, id limit ")
        .push_bind(i64::from(limit));
    query
        .build_query_as::<Row>()
        .fetch_all(db)
        .await?
        .into_iter()
        .map(Customer::try_from)
        .collect()
}

/// The one list with OFFSET and an exact count.
pub(super) async fn list_numbered(
    db: &PgPool,
    filter: &EnvelopeFilter,
    number: u32,
    size: u32,
) -> Result<(Vec<Customer>, i64), AppError> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    push_numbered(&mut query, filter);
    query
        .push(" order by created_at desc, id desc limit ")
        .push_bind(i64::from(size));
    query
        .push(" offset ")
        .push_bind(i64::from(number.saturating_sub(1)) * i64::from(size));
    let found = query.build_query_as::<Row>().fetch_all(db).await?;
    let mut counting = QueryBuilder::<Postgres>::new("select count(*) from customers");
    push_numbered(&mut counting, filter);
    let count = counting.build_query_scalar().fetch_one(db).await?;
    Ok((
        found
            .into_iter()
            .map(Customer::try_from)
            .collect::<Result<_, _>>()?,
        count,
    ))
}

fn push_numbered(query: &mut QueryBuilder<Postgres>, filter: &EnvelopeFilter) {
    query.push(match filter.archived {
        None => " where true",
        Some(true) => " where archived_at is not null",
        Some(false) => " where archived_at is null",
    });
    if let Some(kind) = filter.customer_type {
        query.push(" and customer_type = ").push_bind(kind.as_str());
    }
    if let Some(day) = filter.created_on {
        query
            .push(" and created_at >= ")
            .push_bind(day.and_time(NaiveTime::MIN).and_utc());
        if let Some(next) = day.succ_opt() {
            query
                .push(" and created_at < ")
                .push_bind(next.and_time(NaiveTime::MIN).and_utc());
        }
    }
    if let Some(text) = filter.search.as_deref().filter(|text| !text.is_empty()) {
        query.push(" and id in (");
        search::push_matches(query, text);
        query.push(")");
    }
}
