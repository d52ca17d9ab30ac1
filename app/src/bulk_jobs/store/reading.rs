//! Jobs as they are read.

use super::read;
use crate::{
    bulk_jobs::{Counters, Job, Origin, PausedBecause, What},
    confirm::{Subjects, Transition},
    db::defect,
    error::AppError,
    ids::BulkJobId,
    lifecycle::Reason,
    selection::SelectionSummary,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    subjects: String,
    transition: String,
    options: Value,
    matching: Option<Value>,
    excluded: i32,
    unresolved: Value,
    state: String,
    origin: Option<String>,
    origin_id: Option<Uuid>,
    actor: Value,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    counted_at: DateTime<Utc>,
    total: i32,
    changing: i32,
    blocked: i32,
    foreseen: Value,
    notifications: i64,
    reason: Option<String>,
    confirmed_at: Option<DateTime<Utc>>,
    run_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    running_since: Option<DateTime<Utc>>,
    processed_before: i32,
    ended_at: Option<DateTime<Utc>>,
    ok: i32,
    skipped: i32,
    failed: i32,
    done: Value,
    paused_because: Option<String>,
}

fn count(number: i32) -> u64 {
    u64::from(number.unsigned_abs())
}

impl TryFrom<Row> for Job {
    type Error = AppError;

    fn try_from(row: Row) -> Result<Self, AppError> {
        let subjects = match row.subjects.as_str() {
            "customers" => Subjects::Customers,
            _ => Subjects::Configurations,
        };
        let transition = match row.transition.as_str() {
            "archive" => Transition::Archive,
            _ => Transition::Unarchive,
        };
        let origin = row.origin.zip(row.origin_id.map(BulkJobId));
        Ok(Self {
            id: BulkJobId(row.id),
            what: What {
                subjects,
                transition,
            },
            options: read(row.options)?,
            selection: match row.matching {
                None => SelectionSummary::Named,
                Some(filter) => SelectionSummary::AllMatching {
                    filter: read(filter)?,
                    except: count(row.excluded),
                },
            },
            unresolved: read(row.unresolved)?,
            state: row.state.parse().map_err(|error: String| defect(&error))?,
            origin: origin.map(|(word, id)| match word.as_str() {
                "preview" => Origin::Preview(id),
                "retry" => Origin::Retry(id),
                _ => Origin::Undo(id),
            }),
            actor: read(row.actor)?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            counted_at: row.counted_at,
            total: count(row.total),
            changing: count(row.changing),
            blocked: count(row.blocked),
            foreseen: read(row.foreseen)?,
            notifications: row.notifications.unsigned_abs(),
            reason: Reason::parse(&row.reason.unwrap_or_default())
                .map_err(|error| defect(&error))?,
            confirmed_at: row.confirmed_at,
            run_at: row.run_at,
            started_at: row.started_at,
            running_since: row.running_since,
            processed_before: count(row.processed_before),
            ended_at: row.ended_at,
            results: Counters {
                ok: count(row.ok),
                skipped: count(row.skipped),
                failed: count(row.failed),
            },
            done: read(row.done)?,
            paused_because: row.paused_because.and_then(|word| {
                PausedBecause::ALL
                    .into_iter()
                    .find(|because| because.as_str() == word)
            }),
        })
    }
}

/// The references of a list that name no row, or several: the first of them.
const NAMED: &str = "unresolved";
/// Only how many, so that whoever looks again and again reads few bytes.
const COUNTED: &str = "unresolved - array['not_found', 'ambiguous'] as unresolved";

/// Jobs; what follows says which.
fn jobs(unresolved: &str) -> QueryBuilder<Postgres> {
    QueryBuilder::new(format!(
        "select id, subjects, transition, options, matching, excluded, {unresolved}, state, origin, origin_id, actor, created_at,
            expires_at, counted_at, total, changing, blocked, foreseen, notifications, reason, confirmed_at, run_at, started_at,
            running_since, processed_before, ended_at, ok, skipped, failed, done, paused_because
        from bulk_jobs where ",
    ))
}

async fn all(
    db: impl PgExecutor<'_>,
    mut query: QueryBuilder<Postgres>,
) -> Result<Vec<Job>, AppError> {
    let found = query.build_query_as::<Row>().fetch_all(db).await?;
    found.into_iter().map(Job::try_from).collect()
}

pub(crate) async fn find(db: impl PgExecutor<'_>, id: BulkJobId) -> Result<Option<Job>, AppError> {
    one(db, jobs(COUNTED), id).await
}

/// As [`find`], with the references that name no row, or several.
pub(crate) async fn find_named(
    db: impl PgExecutor<'_>,
    id: BulkJobId,
) -> Result<Option<Job>, AppError> {
    one(db, jobs(NAMED), id).await
}

async fn one(
    db: impl PgExecutor<'_>,
    mut query: QueryBuilder<Postgres>,
    id: BulkJobId,
) -> Result<Option<Job>, AppError> {
    query.push("id = ").push_bind(id.0);
    Ok(all(db, query).await?.pop())
}

/// Locks a job, though not against rows that only refer to it: a preview that comes from it may take its time.
pub(crate) async fn lock(db: &mut PgConnection, id: BulkJobId) -> Result<Option<Job>, AppError> {
    let mut query = jobs(COUNTED);
    query
        .push("id = ")
        .push_bind(id.0)
        .push(" for no key update");
    Ok(all(db, query).await?.pop())
}

/// What a preview is bound to beside its own row: known to nobody who has not taken it.
pub(crate) struct Seal {
    pub(crate) nonce: Vec<u8>,
    pub(crate) content_hash: Vec<u8>,
}

pub(crate) async fn seal(db: impl PgExecutor<'_>, id: BulkJobId) -> Result<Option<Seal>, AppError> {
    let row = sqlx::query!(
        "select nonce, content_hash from bulk_jobs where id = $1",
        id.0
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Seal {
        nonce: row.nonce,
        content_hash: row.content_hash,
    }))
}

/// Confirmed jobs, newest first; older than `before` when it is given.
pub(crate) async fn list(
    db: &PgPool,
    before: Option<BulkJobId>,
    limit: i64,
) -> Result<Vec<Job>, AppError> {
    let mut query = jobs(COUNTED);
    query.push("confirmed_at is not null");
    if let Some(before) = before {
        query.push(" and id < ").push_bind(before.0);
    }
    query.push(" order by id desc limit ").push_bind(limit);
    all(db, query).await
}

/// Jobs that run, begin in a moment, or whose day has come by the database's clock, or by `fixed`; whoever waited longest first.
pub(crate) async fn at_work(
    db: &PgPool,
    fixed: Option<DateTime<Utc>>,
    limit: i64,
) -> Result<Vec<Job>, AppError> {
    let mut query = jobs(COUNTED);
    query
        .push("state in ('scheduled', 'held', 'running') and (state <> 'scheduled' or run_at <= coalesce(")
        .push_bind(fixed)
        .push(", now())) order by worked_at nulls first, id limit ")
        .push_bind(limit);
    let found = query.build_query_as::<Row>().fetch_all(db).await?;
    // One that cannot be read is logged as a defect, and does not keep the others waiting.
    Ok(found
        .into_iter()
        .filter_map(|row| Job::try_from(row).ok())
        .collect())
}

/// How many jobs a person has confirmed that are not over.
pub(crate) async fn open_jobs(db: &mut PgConnection, actor: Uuid) -> Result<i64, AppError> {
    Ok(sqlx::query_scalar!(
        r#"
        select count(*) as "count!" from bulk_jobs
        where actor_id = $1 and state in ('scheduled', 'held', 'running', 'paused')
        "#,
        actor,
    )
    .fetch_one(db)
    .await?)
}
