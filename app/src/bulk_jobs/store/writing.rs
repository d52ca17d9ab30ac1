//! What is written to a job. Its rows are written elsewhere.

use super::sparse;
use crate::{
    auth::Actor,
    bulk_jobs::{Counters, Job, JobState, Origin, PausedBecause},
    confirm::Subjects,
    db::{defect, rows},
    effects::Tally,
    error::AppError,
    ids::BulkJobId,
    lifecycle::Reason,
    selection::SelectionSummary,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

pub(crate) async fn insert(db: &mut PgConnection, job: &Job, nonce: &[u8]) -> Result<(), AppError> {
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
pub(crate) async fn set_figures(
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
pub(crate) async fn note_counted(
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

/// What changes about a job when its state does. What is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Step {
    pub(crate) reason: Option<Reason>,
    pub(crate) request_id: Option<String>,
    pub(crate) confirmed_at: Option<DateTime<Utc>>,
    pub(crate) run_at: Option<DateTime<Utc>>,
    /// It begins or goes on.
    pub(crate) running_since: Option<DateTime<Utc>>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) paused_because: Option<PausedBecause>,
    /// Whoever it is done for, as they are when they confirm it.
    pub(crate) actor: Option<Actor>,
}

/// Moves a locked job on.
pub(crate) async fn step(
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
pub(crate) async fn add_results(
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
