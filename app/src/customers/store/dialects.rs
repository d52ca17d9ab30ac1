//! The lists of customers that the two API dialects ask for.

use super::{Row, list::moment_key};
use crate::{
    customers::{
        Customer,
        service::{ApiFilter, EnvelopeFilter},
    },
    error::AppError,
    paging::{Cursor, Start},
    search,
};
use chrono::{DateTime, NaiveTime, Utc};
use sqlx::{PgPool, Postgres, QueryBuilder};

const SELECT: &str = r#"
    select customers.*, array(
        select alias from ingest_aliases where ingest_aliases.customer_id = customers.id order by position, alias
    ) as ingest_aliases
    from customers
"#;

pub(crate) fn api_cursor(customer: &Customer) -> Cursor {
    Cursor {
        key: moment_key(customer.created_at),
        id: customer.id.0,
    }
}

pub(crate) async fn list_api(
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
pub(crate) async fn list_numbered(
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
    let stays = search::stays_prepared(filter.search.as_deref().unwrap_or_default());
    let found = query
        .build_query_as::<Row>()
        .persistent(stays)
        .fetch_all(db)
        .await?;
    let mut counting = QueryBuilder::<Postgres>::new("select count(*) from customers");
    push_numbered(&mut counting, filter);
    let counted = counting.build_query_scalar().persistent(stays);
    let count = counted.fetch_one(db).await?;
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
        search::push_matches(query, text, search::MATCHES_SHOWN_MAX);
        query.push(")");
    }
}
