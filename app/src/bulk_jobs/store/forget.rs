//! What is removed: previews that nobody confirms, and results that were kept long enough.

use crate::{error::AppError, ids::BulkJobId};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Ends a person's previews but the newest ones, and forgets their rows: whoever takes one preview after another keeps few.
pub(crate) async fn expire_all_but(
    db: &mut PgConnection,
    actor: Uuid,
    newest: i64,
) -> Result<(), AppError> {
    sqlx::query!(
        r#"
        with ended as (
            update bulk_jobs set state = 'expired'
            where id in (
                select id from bulk_jobs where actor_id = $1 and state = 'previewed' order by created_at desc, id desc offset $2
            )
            returning id
        )
        delete from bulk_job_items where job_id in (select id from ended)
        "#,
        actor,
        newest,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Previews that can no longer be confirmed since before `then` and of which something can be removed, at most `limit`.
pub(crate) async fn forgotten(
    db: &PgPool,
    then: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<BulkJobId>, AppError> {
    let found = sqlx::query_scalar!(
        r#"
        select id from bulk_jobs
        where state in ('previewed', 'expired') and expires_at < $1
            and (
                exists (select from bulk_job_items where job_id = bulk_jobs.id)
                or not exists (select from bulk_jobs other where other.origin_id = bulk_jobs.id)
            )
        limit $2
        "#,
        then,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(ids(found))
}

/// Jobs that ended before `then` and still have rows, at most `limit`.
pub(crate) async fn with_results(
    db: &PgPool,
    then: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<BulkJobId>, AppError> {
    let found = sqlx::query_scalar!(
        r#"
        select id from bulk_jobs
        where ended_at < $1 and exists (select from bulk_job_items where job_id = bulk_jobs.id)
        limit $2
        "#,
        then,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(ids(found))
}

fn ids(found: Vec<Uuid>) -> Vec<BulkJobId> {
    found.into_iter().map(BulkJobId).collect()
}

/// Removes rows of these jobs; answers how many.
pub(crate) async fn remove_items(
    db: &PgPool,
    ids: &[BulkJobId],
    limit: i64,
) -> Result<u64, AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let result = sqlx::query!(
        r#"
        delete from bulk_job_items
        where (job_id, position) in (
            select job_id, position from bulk_job_items where job_id = any($1) limit $2 for update skip locked
        )
        "#,
        &ids,
        limit,
    )
    .execute(db)
    .await?;
    Ok(result.rows_affected())
}

/// Removes previews that nobody confirmed, whose rows are gone, and that nothing came from.
pub(crate) async fn remove(db: &PgPool, ids: &[BulkJobId]) -> Result<u64, AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let result = sqlx::query!(
        r#"
        delete from bulk_jobs
        where id = any($1) and state in ('previewed', 'expired')
            and not exists (select from bulk_jobs other where other.origin_id = bulk_jobs.id)
            and not exists (select from bulk_job_items where job_id = bulk_jobs.id)
        "#,
        &ids,
    )
    .execute(db)
    .await?;
    Ok(result.rows_affected())
}
