//! Stopping a job, for a while or for good. Anyone who may do what the job does may stop it.

use super::confirm::record;
use crate::{
    audit::ChangeKind,
    auth,
    bulk_jobs::{
        Job, PausedBecause,
        rules::{self, Event},
        store::{self, Step},
    },
    db::Tx,
    error::{AppError, Noun, Refusal},
    ids::BulkJobId,
};
use serde_json::json;

/// Ends a job: rows that were done stay so, no other is touched. A chunk that is being done is undone.
pub async fn cancel(tx: &mut Tx, id: BulkJobId) -> Result<Job, AppError> {
    let job = confirmed(tx, id).await?;
    cancel_locked(tx, job).await
}

pub(super) async fn cancel_locked(tx: &mut Tx, job: Job) -> Result<Job, AppError> {
    step(tx, job, Event::Cancel, ChangeKind::BulkJobCancelled).await
}

/// Lets a job stand still until [`resume`].
pub async fn pause(tx: &mut Tx, id: BulkJobId) -> Result<Job, AppError> {
    let job = confirmed(tx, id).await?;
    step(tx, job, Event::Pause, ChangeKind::BulkJobPaused).await
}

/// Lets a job go on. It is done for whoever confirmed it, who must still be allowed to.
pub async fn resume(tx: &mut Tx, id: BulkJobId) -> Result<Job, AppError> {
    let job = confirmed(tx, id).await?;
    step(tx, job, Event::Resume, ChangeKind::BulkJobResumed).await
}

/// Locks a job; a preview is none yet.
async fn confirmed(tx: &mut Tx, id: BulkJobId) -> Result<Job, AppError> {
    let job = store::lock(tx.db(), id).await?;
    job.filter(|job| job.confirmed_at.is_some())
        .ok_or(AppError::NotFound(Noun::BulkJob))
}

async fn step(tx: &mut Tx, job: Job, event: Event, kind: ChangeKind) -> Result<Job, AppError> {
    tx.may(job.what.action())?;
    let state = rules::next(job.state, event)?;
    if event == Event::Resume && !auth::service::is_still(tx, &job.actor, job.what.action()).await?
    {
        return Err(AppError::Refused(Refusal::ConfirmerMayNot));
    }
    let now = tx.now();
    let ended_at = state.is_over().then_some(now);
    let paused_because = (event == Event::Pause).then_some(PausedBecause::Person);
    let running_since = (event == Event::Resume).then_some(now);
    let change = Step {
        ended_at,
        paused_because,
        running_since,
        ..Step::default()
    };
    store::step(tx.db(), job.id, state, &change).await?;
    // Whoever stops a job looks at what it did.
    tx.note_changed_lists();
    let after = json!({ "state": state.as_str(), "remaining": job.remaining() });
    record(tx, &job, kind, None, after).await?;
    let processed = job.results.processed();
    Ok(Job {
        state,
        ended_at: ended_at.or(job.ended_at),
        paused_because,
        processed_before: running_since.map_or(job.processed_before, |_| processed),
        running_since: running_since.or(job.running_since),
        ..job
    })
}
