//! Turns a preview into a job.

use super::{control, seal::Token};
use crate::{
    audit::{self, ChangeKind, ObjectKind, service::Change},
    auth,
    bulk_jobs::{
        Job, Origin,
        rules::{self, Event, HOLD},
        store::{self, Step},
    },
    confirm::{Flaw, asks_reason},
    db::Tx,
    error::{AppError, Refusal},
    ids::BulkJobId,
    lifecycle::Reason,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// A person's yes to a preview.
#[derive(Debug, Clone)]
pub struct Confirming {
    pub token: Token,
    pub reason: Option<Reason>,
    /// Not before then; at once when not given.
    pub run_at: Option<DateTime<Utc>>,
}

/// Confirms a preview that is still true. It begins after a moment in which it can be taken back.
pub async fn confirm(tx: &mut Tx, how: &Confirming) -> Result<Job, AppError> {
    let unknown = || {
        AppError::invalid(
            "preview_token",
            "is not the token of a preview of yours. Preview again",
        )
    };
    // One at a time of one actor, or several would each see room for one job more.
    auth::service::lock_actor(tx).await?;
    let job = store::lock(tx.db(), how.token.job)
        .await?
        .ok_or_else(unknown)?;
    let seal = store::seal(tx.db(), job.id).await?.ok_or_else(unknown)?;
    let actor = tx.actor();
    let is_theirs = actor.kind == job.actor.kind && actor.id == job.actor.id;
    if !is_theirs || !Token::of(&job, &seal, tx.session()).is(&how.token) {
        return Err(unknown());
    }
    tx.may(job.what.action())?;
    let now = tx.now();
    let event = if how.run_at.is_some() {
        Event::Schedule
    } else {
        Event::Confirm
    };
    let state = rules::next(job.state, event)?;
    if job.expires_at <= now {
        return Err(AppError::Refused(Refusal::PreviewExpired));
    }
    if job.changing == 0 {
        return Err(AppError::Refused(Refusal::Flawed {
            flaws: vec![Flaw::NothingToDo],
        }));
    }
    let unknown_rows = job.unresolved.not_found_count + job.unresolved.ambiguous_count;
    if job.options.all_or_nothing && job.blocked + unknown_rows > 0 {
        return Err(AppError::invalid(
            "all_or_nothing",
            "cannot be kept: some rows cannot be done, or were not found. Leave them out, or do without it",
        ));
    }
    if how.reason.is_none() && asks_reason(job.what.transition) {
        return Err(AppError::invalid("reason", "is required"));
    }
    let run_at = match how.run_at {
        None => now + HOLD,
        Some(at) => scheduled(at, now)?,
    };
    if let Some(Origin::Preview(before)) = job.origin {
        replace(tx, before).await?;
    }
    if store::open_jobs(tx.db(), job.actor.id).await? >= rules::OPEN_JOBS_MAX {
        return Err(AppError::Refused(Refusal::LimitExceeded {
            what: "open jobs of one person".into(),
            most: rules::OPEN_JOBS_MAX as usize,
        }));
    }
    if store::moved(tx.db(), job.id).await? > 0 {
        return Err(AppError::Refused(Refusal::ChangedSincePreview));
    }
    let step = Step {
        reason: how.reason.clone(),
        request_id: Some(tx.request().id.clone()),
        confirmed_at: Some(now),
        run_at: Some(run_at),
        actor: Some(tx.actor().clone()),
        ..Step::default()
    };
    store::step(tx.db(), job.id, state, &step).await?;
    let after = json!({ "state": state.as_str(), "rows": job.changing, "run_at": run_at });
    record(
        tx,
        &job,
        ChangeKind::BulkJobConfirmed,
        how.reason.clone(),
        after,
    )
    .await?;
    Ok(Job {
        state,
        reason: how.reason.clone(),
        confirmed_at: Some(now),
        run_at: Some(run_at),
        actor: tx.actor().clone(),
        ..job
    })
}

/// Ends a job that waits for somebody to look at what it would do: that is what is being confirmed.
async fn replace(tx: &mut Tx, id: BulkJobId) -> Result<(), AppError> {
    match store::lock(tx.db(), id).await? {
        Some(before) if before.has_grown() => control::cancel_locked(tx, before).await.map(drop),
        _ => Ok(()),
    }
}

fn scheduled(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, AppError> {
    let latest = now + TimeDelta::days(rules::SCHEDULE_DAYS_MAX);
    if at <= now || at > latest {
        return Err(AppError::invalid(
            "run_at",
            format!("must be in the next {} days", rules::SCHEDULE_DAYS_MAX),
        ));
    }
    Ok(at.max(now + HOLD))
}

/// Writes down what was done to a job.
pub(super) async fn record(
    tx: &mut Tx,
    job: &Job,
    kind: ChangeKind,
    reason: Option<Reason>,
    after: serde_json::Value,
) -> Result<(), AppError> {
    let change = Change {
        customer_id: None,
        kind,
        object_kind: ObjectKind::BulkJob,
        object_id: job.id.0,
        reason,
        before: json!({ "state": job.state.as_str() }),
        after,
        effects: Vec::new(),
    };
    audit::service::record(tx, &[change]).await
}
