//! The console's list of customers.

use crate::{
    billing_configurations::Provider,
    customers::CustomerRow,
    db::defect,
    error::AppError,
    ids::CustomerId,
    listing::{ListQuery, SortKey, Tab},
    money::{Currency, Money},
    paging::{COUNT_MAX, CappedCount, Cursor, EXACT_MAX, Start},
    search,
};
use chrono::{DateTime, NaiveTime, SecondsFormat, Utc};
use sqlx::{FromRow, PgConnection, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

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

pub(super) fn moment_key(at: DateTime<Utc>) -> String {
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

pub(crate) fn cursor(row: &CustomerRow, key: SortKey) -> Cursor {
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

pub(crate) async fn list(
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
    push_filter(&mut query, list, search::MATCHES_SHOWN_MAX);
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
    let found = query
        .build_query_as::<ListRow>()
        .persistent(search::stays_prepared(&list.search))
        .fetch_all(db)
        .await?;
    found.into_iter().map(CustomerRow::try_from).collect()
}

/// How many match, up to the cap, or as far as anyone may act on.
pub(crate) async fn count(
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

/// The first `most` of all that match, in order of id.
pub(crate) async fn ids_matching(
    db: &mut PgConnection,
    list: &ListQuery,
    most: i64,
) -> Result<Vec<CustomerId>, AppError> {
    let mut query = QueryBuilder::<Postgres>::new("select id from (");
    // What a search finds is narrowed by the rest of the filter before it is cut off.
    push_filter(&mut query, list, EXACT_MAX);
    query.push(") matching order by id limit ").push_bind(most);
    let found: Vec<Uuid> = query
        .build_query_scalar()
        .persistent(search::stays_prepared(&list.search))
        .fetch_all(db)
        .await?;
    Ok(found.into_iter().map(CustomerId).collect())
}

/// `most` is how many matches of a search count.
fn push_filter(query: &mut QueryBuilder<Postgres>, list: &ListQuery, most: i64) {
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
    if !list.search.is_empty() {
        query.push(" and customer.id in (");
        search::push_matches(query, &list.search, most);
        query.push(")");
    }
}
