//! The rows of a job.

use super::{Document, read, sparse};
use crate::{
    bulk_jobs::{Figure, Item, ItemResult, ItemState, Results, rules::Place},
    db::{defect, rows},
    effects::{Appraised, Tally},
    error::AppError,
    ids::{BulkJobId, CustomerId},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, PgPool, Postgres, QueryBuilder, types::Json};
use uuid::Uuid;

/// A row to be written with its preview.
pub(crate) struct NewItem {
    pub(crate) position: i32,
    pub(crate) appraised: Appraised,
    /// Where it will be done, if something is to be done.
    pub(crate) place: Option<Place>,
    pub(crate) result: ItemResult,
}

pub(crate) async fn add_items(
    db: &mut PgConnection,
    job: BulkJobId,
    items: &[NewItem],
) -> Result<(), AppError> {
    let positions: Vec<i32> = items.iter().map(|item| item.position).collect();
    let of = |item: &NewItem| item.appraised.customer_id.0;
    let customers: Vec<Uuid> = items.iter().map(of).collect();
    let subject = |item: &NewItem| item.appraised.subject.id;
    let objects: Vec<Uuid> = items.iter().map(subject).collect();
    let names: Vec<&str> = items
        .iter()
        .map(|item| item.appraised.subject.name.as_str())
        .collect();
    let versions: Vec<i64> = items
        .iter()
        .map(|item| item.appraised.subject.version)
        .collect();
    let notifications: Vec<i32> = items
        .iter()
        .map(|item| i32::try_from(item.appraised.notifications).unwrap_or(i32::MAX))
        .collect();
    let chunks: Vec<Option<i32>> = items
        .iter()
        .map(|item| item.place.map(|place| place.chunk))
        .collect();
    let turns: Vec<Option<i32>> = items
        .iter()
        .map(|item| {
            item.place
                .filter(|place| place.leads)
                .map(|place| place.chunk)
        })
        .collect();
    let states: Vec<&str> = items
        .iter()
        .map(|item| item.result.state.as_str())
        .collect();
    let codes: Vec<Option<&str>> = items
        .iter()
        .map(|item| item.result.code.as_deref())
        .collect();
    let details: Vec<Option<&str>> = items
        .iter()
        .map(|item| item.result.detail.as_deref())
        .collect();
    let since: Vec<Option<DateTime<Utc>>> = items.iter().map(|item| item.result.since).collect();
    let tallies: Vec<Document> = items
        .iter()
        .map(|item| Json(sparse(&item.result.tally)))
        .collect();
    let result = sqlx::query!(
        r#"
        insert into bulk_job_items (
            job_id, position, customer_id, object_id, name, version, notifications, chunk, turn, state, code, detail, since,
            tally
        )
        select
            $1, position, customer_id, object_id, name, version, notifications, chunk, turn, state, code, detail, since, tally
        from unnest(
            $2::int[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::int[], $8::int[], $9::int[], $10::text[],
            $11::text[], $12::text[], $13::timestamptz[], $14::jsonb[]
        ) as item (
            position, customer_id, object_id, name, version, notifications, chunk, turn, state, code, detail, since, tally
        )
        "#,
        job.0,
        &positions,
        &customers,
        &objects,
        &names as &[&str],
        &versions,
        &notifications,
        &chunks as &[Option<i32>],
        &turns as &[Option<i32>],
        &states as &[&str],
        &codes as &[Option<&str>],
        &details as &[Option<&str>],
        &since as &[Option<DateTime<Utc>>],
        &tallies as &[Document],
    )
    .execute(db)
    .await?;
    rows(&result, items.len())
}

#[derive(FromRow)]
struct Row {
    position: i32,
    customer_id: Uuid,
    customer_key: String,
    object_id: Uuid,
    name: String,
    version: i64,
    notifications: i32,
    state: String,
    code: Option<String>,
    detail: Option<String>,
    since: Option<DateTime<Utc>>,
    tally: Option<Value>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Item {
    type Error = AppError;

    fn try_from(row: Row) -> Result<Self, AppError> {
        let state: ItemState = row.state.parse().map_err(|error: String| defect(&error))?;
        Ok(Self {
            position: row.position.unsigned_abs(),
            customer_id: CustomerId(row.customer_id),
            customer_key: row.customer_key,
            object_id: row.object_id,
            name: row.name,
            version: row.version,
            notifications: u64::from(row.notifications.unsigned_abs()),
            result: ItemResult {
                state,
                code: row.code,
                detail: row.detail,
                since: row.since,
                tally: row.tally.map(read).transpose()?.unwrap_or_default(),
            },
            ended_at: row.ended_at,
        })
    }
}

const ITEMS: &str = "
    select
        item.position, item.customer_id, customer.customer_key, item.object_id, item.name, item.version, item.notifications,
        item.state,
        item.code, item.detail, item.since, item.tally, item.ended_at
    from bulk_job_items item
    join customers customer on customer.id = item.customer_id
    where item.job_id = ";

/// Rows of a job in order, after a position.
pub(crate) async fn items(
    db: &PgPool,
    job: BulkJobId,
    which: Results,
    after: Option<u32>,
    limit: i64,
) -> Result<Vec<Item>, AppError> {
    let mut query = QueryBuilder::<Postgres>::new(ITEMS);
    query.push_bind(job.0);
    if let Results::Of(state) = which {
        query.push(" and item.state = ").push_bind(state.as_str());
    }
    if let Some(after) = after {
        query
            .push(" and item.position > ")
            .push_bind(i32::try_from(after).unwrap_or(i32::MAX));
    }
    query
        .push(" order by item.position limit ")
        .push_bind(limit);
    let found = query.build_query_as::<Row>().fetch_all(db).await?;
    found.into_iter().map(Item::try_from).collect()
}

/// Rows that a figure counts, beyond the first `from` of them.
pub(crate) async fn rows_of(
    db: &PgPool,
    job: BulkJobId,
    counted: Figure,
    from: i64,
    limit: i64,
) -> Result<Vec<Item>, AppError> {
    let mut query = QueryBuilder::<Postgres>::new(ITEMS);
    query.push_bind(job.0);
    match counted {
        Figure::Changing => query.push(" and item.chunk is not null"),
        Figure::LeftAlone => query.push(" and item.chunk is null"),
        Figure::With(kinds) => query.push(" and item.tally ?| ").push_bind(kinds),
        Figure::WithNotifications => {
            query.push(" and item.notifications > 0 and item.chunk is not null")
        }
    };
    // Blocked rows before those that need nothing: they are why someone looks.
    query
        .push(
            " order by coalesce(item.code in ('already_archived', 'already_active'), false), item.position limit ",
        )
        .push_bind(limit)
        .push(" offset ")
        .push_bind(from);
    let found = query.build_query_as::<Row>().fetch_all(db).await?;
    found.into_iter().map(Item::try_from).collect()
}

/// The rows in one state, by their ids.
pub(crate) async fn ids_of(
    db: &mut PgConnection,
    job: BulkJobId,
    state: Option<ItemState>,
) -> Result<Vec<Uuid>, AppError> {
    Ok(sqlx::query_scalar!(
        "select object_id from bulk_job_items where job_id = $1 and ($2::text is null or state = $2) order by position",
        job.0,
        state.map(ItemState::as_str),
    )
    .fetch_all(db)
    .await?)
}

/// How many rows of a job belong to a customer that changed since the preview.
pub(crate) async fn moved(db: &mut PgConnection, job: BulkJobId) -> Result<i64, AppError> {
    Ok(sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from bulk_job_items item
        join customers customer on customer.id = item.customer_id
        where item.job_id = $1 and customer.version <> item.version
        "#,
        job.0,
    )
    .fetch_one(db)
    .await?)
}

/// The rows that a job changed and nobody has touched since.
pub(crate) async fn untouched(
    db: &mut PgConnection,
    job: BulkJobId,
) -> Result<Vec<Uuid>, AppError> {
    Ok(sqlx::query_scalar!(
        r#"
        select item.object_id
        from bulk_job_items item
        join customers customer on customer.id = item.customer_id
        where item.job_id = $1 and item.state = 'ok' and customer.version = item.version + 1
        order by item.position
        "#,
        job.0,
    )
    .fetch_all(db)
    .await?)
}

/// How many rows [`untouched`] finds.
pub(crate) async fn untouched_count(db: &PgPool, job: BulkJobId) -> Result<u64, AppError> {
    let count = sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from bulk_job_items item
        join customers customer on customer.id = item.customer_id
        where item.job_id = $1 and item.state = 'ok' and customer.version = item.version + 1
        "#,
        job.0,
    )
    .fetch_one(db)
    .await?;
    Ok(count.unsigned_abs())
}

/// Takes over what a later look at waiting rows found. Their positions keep it from the other rows of the job.
pub(crate) async fn mark_reappraised(
    db: &mut PgConnection,
    job: BulkJobId,
    waiting: &[WaitingRow],
    appraised: &[Appraised],
) -> Result<(), AppError> {
    let positions: Vec<i32> = waiting.iter().map(|row| row.position).collect();
    let objects: Vec<Uuid> = appraised.iter().map(|one| one.subject.id).collect();
    let versions: Vec<i64> = appraised.iter().map(|one| one.subject.version).collect();
    let tallies: Vec<Document> = appraised
        .iter()
        .map(|one| Json(sparse(&one.tally)))
        .collect();
    sqlx::query!(
        r#"
        update bulk_job_items item
        set version = now.version, tally = now.tally
        from unnest($3::uuid[], $4::bigint[], $5::jsonb[]) as now (object_id, version, tally)
        where item.job_id = $1 and item.position = any($2) and item.object_id = now.object_id and item.state = 'pending'
        "#,
        job.0,
        &positions,
        &objects,
        &versions,
        &tallies as &[Document],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A row that waits, with what was foreseen of it.
pub(crate) struct WaitingRow {
    position: i32,
    pub(crate) customer_id: CustomerId,
    pub(crate) object_id: Uuid,
    pub(crate) tally: Tally,
}

/// The rows that wait, in order.
pub(crate) async fn waiting_rows(
    db: &mut PgConnection,
    job: BulkJobId,
) -> Result<Vec<WaitingRow>, AppError> {
    let found = sqlx::query!(
        r#"
        select position, customer_id, object_id, tally from bulk_job_items
        where job_id = $1 and state = 'pending'
        order by position
        "#,
        job.0,
    )
    .fetch_all(db)
    .await?;
    let rows = found.into_iter().map(|row| {
        Ok(WaitingRow {
            position: row.position,
            customer_id: CustomerId(row.customer_id),
            object_id: row.object_id,
            tally: row.tally.map(read).transpose()?.unwrap_or_default(),
        })
    });
    rows.collect()
}
