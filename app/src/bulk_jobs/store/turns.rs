//! Whose turn it is: chunks are claimed by locking their first row, for as long as the transaction that does them is open. A
//! worker that dies or freezes loses the lock with its connection, and nothing of the chunk has happened.

use super::{Document, sparse};
use crate::{
    bulk_jobs::{ItemResult, rules::ROWS_MAX},
    db::rows,
    error::AppError,
    ids::{BulkJobId, CustomerId},
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Of the plan no chunk has a number as high as this.
const PLANNED_MAX: i32 = ROWS_MAX as i32;

/// A row whose turn it is.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) position: i32,
    pub(crate) customer_id: CustomerId,
    pub(crate) object_id: Uuid,
    pub(crate) version: i64,
}

/// Rows that are done together.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    number: i32,
    pub(crate) rows: Vec<Waiting>,
}

impl Chunk {
    /// The customers whose rows these are.
    pub(crate) fn owners(&self) -> BTreeSet<CustomerId> {
        self.rows.iter().map(|row| row.customer_id).collect()
    }

    /// Whether [`break_up`] made it.
    pub(crate) fn was_broken_up(&self) -> bool {
        self.number >= PLANNED_MAX
    }
}

/// Locks the first row of the next chunk that nobody else does; answers the chunk's number.
pub(crate) async fn claim(db: &mut PgConnection, job: BulkJobId) -> Result<Option<i32>, AppError> {
    let row = sqlx::query!(
        r#"
        select turn as "turn!" from bulk_job_items
        where job_id = $1 and turn is not null
        order by turn
        limit 1
        for update skip locked
        "#,
        job.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| row.turn))
}

/// The rows of a claimed chunk.
pub(crate) async fn chunk(
    db: &mut PgConnection,
    job: BulkJobId,
    number: i32,
) -> Result<Chunk, AppError> {
    let found = sqlx::query!(
        r#"
        select position, customer_id, object_id, version from bulk_job_items
        where job_id = $1 and chunk = $2
        order by position
        "#,
        job.0,
        number,
    )
    .fetch_all(db)
    .await?;
    let rows = found
        .into_iter()
        .map(|row| Waiting {
            position: row.position,
            customer_id: CustomerId(row.customer_id),
            object_id: row.object_id,
            version: row.version,
        })
        .collect();
    Ok(Chunk { number, rows })
}

/// Writes the results of a chunk: its turn is over. The positions are named twice, for the planner: it takes a new job for one
/// row, and would compare each of its rows with each result. The results are arrays, so that little is compared.
pub(crate) async fn settle(
    db: &mut PgConnection,
    job: BulkJobId,
    results: &[(i32, ItemResult)],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let positions: Vec<i32> = results.iter().map(|(position, _)| *position).collect();
    let states: Vec<&str> = results
        .iter()
        .map(|(_, result)| result.state.as_str())
        .collect();
    let codes: Vec<Option<&str>> = results
        .iter()
        .map(|(_, result)| result.code.as_deref())
        .collect();
    let details: Vec<Option<&str>> = results
        .iter()
        .map(|(_, result)| result.detail.as_deref())
        .collect();
    let since: Vec<Option<DateTime<Utc>>> =
        results.iter().map(|(_, result)| result.since).collect();
    let tallies: Vec<Document> = results
        .iter()
        .map(|(_, result)| Json(sparse(&result.tally)))
        .collect();
    let result = sqlx::query!(
        r#"
        update bulk_job_items item
        set state = ($3::text[])[place], code = ($4::text[])[place], detail = ($5::text[])[place],
            since = ($6::timestamptz[])[place], tally = ($7::jsonb[])[place], ended_at = $8, turn = null
        from unnest($2::int[]) with ordinality as result (position, place)
        where item.job_id = $1 and item.position = any($2) and item.position = result.position and item.state = 'pending'
        "#,
        job.0,
        &positions,
        &states as &[&str],
        &codes as &[Option<&str>],
        &details as &[Option<&str>],
        &since as &[Option<DateTime<Utc>>],
        &tallies as &[Document],
        now,
    )
    .execute(db)
    .await?;
    rows(&result, results.len())
}

/// Makes a chunk of each customer's rows, so that what is wrong with one of them is not wrong with all. They come after all that
/// are planned, and after those that were broken up as often.
pub(crate) async fn break_up(
    db: &mut PgConnection,
    job: BulkJobId,
    chunk: &Chunk,
) -> Result<(), AppError> {
    let positions: Vec<i32> = chunk.rows.iter().map(|row| row.position).collect();
    let again = (chunk.number / PLANNED_MAX + 1).min(i32::MAX / PLANNED_MAX - 1);
    let result = sqlx::query!(
        r#"
        update bulk_job_items item
        set chunk = $3 + first, turn = case when position = first then $3 + first end
        from (
            select customer_id, min(position) as first from bulk_job_items
            where job_id = $1 and position = any($2)
            group by customer_id
        ) owner
        where item.job_id = $1 and item.position = any($2) and item.state = 'pending' and owner.customer_id = item.customer_id
        "#,
        job.0,
        &positions,
        again * PLANNED_MAX,
    )
    .execute(db)
    .await?;
    rows(&result, positions.len())
}

/// Marks the place that [`to_savepoint`] goes back to.
pub(crate) async fn savepoint(db: &mut PgConnection) -> Result<(), AppError> {
    sqlx::query!("savepoint before_chunk").execute(db).await?;
    Ok(())
}

/// Waits for what others have locked a moment only, until [`wait_for_locks_as_ever`] or [`to_savepoint`].
pub(crate) async fn wait_for_locks_briefly(db: &mut PgConnection) -> Result<(), AppError> {
    sqlx::query!("set local lock_timeout = '250ms'")
        .execute(db)
        .await?;
    Ok(())
}

/// Waits as long as every worker does, after [`wait_for_locks_briefly`]: a job's own row is worth it.
pub(crate) async fn wait_for_locks_as_ever(db: &mut PgConnection) -> Result<(), AppError> {
    sqlx::query!("set local lock_timeout to default")
        .execute(db)
        .await?;
    Ok(())
}

/// Undoes what was done since [`savepoint`].
pub(crate) async fn to_savepoint(db: &mut PgConnection) -> Result<(), AppError> {
    sqlx::query!("rollback to savepoint before_chunk")
        .execute(db)
        .await?;
    Ok(())
}
