//! All SQL on bulk jobs and their rows. Here: the jobs.

mod forget;
mod items;
mod turns;

pub(super) use forget::{expire_all_but, forgotten, remove, remove_items, with_results};
pub(super) use items::{
    NewItem, add_items, ids_of, items, mark_reappraised, moved, rows_of, untouched,
    untouched_count, waiting_rows,
};
pub(super) use turns::{Chunk, break_up, chunk, claim, savepoint, settle, to_savepoint};

use super::{Counters, Job, JobState, Origin, PausedBecause, What};
use crate::{
    auth::Actor,
    confirm::{Subjects, Transition},
    db::{defect, rows},
    effects::Tally,
    error::AppError,
    ids::BulkJobId,
    lifecycle::Reason,
    selection::SelectionSummary,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use sqlx::{PgConnection, PgExecutor, PgPool, Postgres, QueryBuilder, types::Json};
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

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, AppError> {
    serde_json::from_value(value).map_err(|error| defect(&error))
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

/// What a preview is bound to beside its own row: known to nobody who has not taken it.
pub(super) struct Seal {
    pub(super) nonce: Vec<u8>,
    pub(super) content_hash: Vec<u8>,
}

/// Only what is not zero, so that fifty thousand rows stay small.
fn sparse(tally: &Tally) -> Value {
    let counts = tally.counts().into_iter().filter(|(_, count)| *count > 0);
    let mut map: Map<String, Value> = counts
        .map(|(name, count)| (name.to_owned(), json!(count)))
        .collect();
    if !tally.voided.is_empty() {
        map.insert("voided".into(), json!(tally.voided));
    }
    Value::Object(map)
}

pub(super) async fn insert(db: &mut PgConnection, job: &Job, nonce: &[u8]) -> Result<(), AppError> {
    let json = |value: serde_json::Result<Value>| value.map_err(|error| defect(&error));
    let origin = job.origin.map(|origin| match origin {
        Origin::Preview(id) => ("preview", id.0),
        Origin::Retry(id) => ("retry", id.0),
        Origin::Undo(id) => ("undo", id.0),
    });
    let (matching, excluded) = match &job.selection {
        SelectionSummary::Named => (None, 0),
        SelectionSummary::AllMatching { filter, except } => (
            Some(json(serde_json::to_value(filter))?),
            i32::try_from(*except).unwrap_or(i32::MAX),
        ),
    };
    let result = sqlx::query!(
        r#"
        insert into bulk_jobs (
            id, subjects, transition, options, matching, excluded, state, origin, origin_id, actor_id, actor, created_at,
            expires_at, counted_at, nonce, unresolved, content_hash, total, changing, blocked, foreseen, notifications
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, '', 0, 0, 0, '{}', 0)
        "#,
        job.id.0,
        match job.what.subjects {
            Subjects::Customers => "customers",
            Subjects::Configurations => "billing_configurations",
        },
        job.what.transition.as_str(),
        json(serde_json::to_value(job.options))?,
        matching,
        excluded,
        job.state.as_str(),
        origin.map(|(word, _)| word),
        origin.map(|(_, id)| id),
        job.actor.id,
        json(serde_json::to_value(&job.actor))?,
        job.created_at,
        job.expires_at,
        job.counted_at,
        nonce,
        json(serde_json::to_value(&job.unresolved))?,
    )
    .execute(db)
    .await?;
    rows(&result, 1)
}

/// Writes the figures of a preview whose rows are all there.
pub(super) async fn set_figures(
    db: &mut PgConnection,
    job: &Job,
    content_hash: &[u8],
) -> Result<(), AppError> {
    let figure = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
    let result = sqlx::query!(
        r#"
        update bulk_jobs
        set total = $2, changing = $3, blocked = $4, skipped = $5, foreseen = $6, notifications = $7, content_hash = $8
        where id = $1
        "#,
        job.id.0,
        figure(job.total),
        figure(job.changing),
        figure(job.blocked),
        figure(job.results.skipped),
        sparse(&job.foreseen),
        job.notifications.cast_signed(),
        content_hash,
    )
    .execute(db)
    .await?;
    rows(&result, 1)
}

/// Notes that the figures of a locked job's rows were counted again.
pub(super) async fn note_counted(
    db: &mut PgConnection,
    id: BulkJobId,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let result = sqlx::query!(
        "update bulk_jobs set counted_at = $2 where id = $1",
        id.0,
        now
    )
    .execute(db)
    .await?;
    rows(&result, 1)
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

pub(super) async fn find(db: impl PgExecutor<'_>, id: BulkJobId) -> Result<Option<Job>, AppError> {
    one(db, jobs(COUNTED), id).await
}

/// As [`find`], with the references that name no row, or several.
pub(super) async fn find_named(
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
pub(super) async fn lock(db: &mut PgConnection, id: BulkJobId) -> Result<Option<Job>, AppError> {
    let mut query = jobs(COUNTED);
    query
        .push("id = ")
        .push_bind(id.0)
        .push(" for no key update");
    Ok(all(db, query).await?.pop())
}

/// As [`lock`], where nobody else has it.
pub(super) async fn lock_free(
    db: &mut PgConnection,
    id: BulkJobId,
) -> Result<Option<Job>, AppError> {
    let mut query = jobs(COUNTED);
    query
        .push("id = ")
        .push_bind(id.0)
        .push(" for no key update skip locked");
    Ok(all(db, query).await?.pop())
}

pub(super) async fn seal(db: impl PgExecutor<'_>, id: BulkJobId) -> Result<Option<Seal>, AppError> {
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
pub(super) async fn list(
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
pub(super) async fn at_work(
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
pub(super) async fn open_jobs(db: &mut PgConnection, actor: Uuid) -> Result<i64, AppError> {
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

/// What changes about a job when its state does. What is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Step {
    pub(super) reason: Option<Reason>,
    pub(super) request_id: Option<String>,
    pub(super) confirmed_at: Option<DateTime<Utc>>,
    pub(super) run_at: Option<DateTime<Utc>>,
    /// It begins or goes on.
    pub(super) running_since: Option<DateTime<Utc>>,
    pub(super) ended_at: Option<DateTime<Utc>>,
    pub(super) paused_because: Option<PausedBecause>,
    /// Whoever it is done for, as they are when they confirm it.
    pub(super) actor: Option<Actor>,
}

/// Moves a locked job on.
pub(super) async fn step(
    db: &mut PgConnection,
    id: BulkJobId,
    state: JobState,
    step: &Step,
) -> Result<(), AppError> {
    let actor = step.actor.as_ref().map(serde_json::to_value);
    let actor = actor.transpose().map_err(|error| defect(&error))?;
    let result = sqlx::query!(
        r#"
        update bulk_jobs
        set state = $2, reason = coalesce($3, reason), request_id = coalesce($4, request_id),
            confirmed_at = coalesce($5, confirmed_at), run_at = coalesce($6, run_at), started_at = coalesce(started_at, $7),
            running_since = coalesce($7, running_since),
            processed_before = case when $7::timestamptz is null then processed_before else ok + skipped + failed end,
            ended_at = coalesce($8, ended_at), paused_because = $9, actor = coalesce($10, actor)
        where id = $1
        "#,
        id.0,
        state.as_str(),
        step.reason.as_ref().map(Reason::as_str),
        step.request_id,
        step.confirmed_at,
        step.run_at,
        step.running_since,
        step.ended_at,
        step.paused_because.map(PausedBecause::as_str),
        actor,
    )
    .execute(db)
    .await?;
    rows(&result, 1)
}

/// Adds results to a locked job.
pub(super) async fn add_results(
    db: &mut PgConnection,
    id: BulkJobId,
    results: Counters,
    done: &Tally,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let figure = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
    let result = sqlx::query!(
        r#"
        update bulk_jobs
        set ok = ok + $2, skipped = skipped + $3, failed = failed + $4, done = $5, worked_at = $6
        where id = $1
        "#,
        id.0,
        figure(results.ok),
        figure(results.skipped),
        figure(results.failed),
        sparse(done),
        now,
    )
    .execute(db)
    .await?;
    rows(&result, 1)
}

/// A document as the database keeps it.
type Document = Json<Value>;
