//! One chunk of a job, with its results, in one transaction. Whatever kills the process in the middle leaves the chunk as it
//! was, for whoever comes next.

use super::{
    confirm::record,
    run::{Worked, locked_in, pause},
};
use crate::{
    audit::ChangeKind,
    auth, billing_configurations,
    bulk_jobs::{
        Counters, ItemResult, ItemState, Job, JobState, PausedBecause,
        rules::{self, Event},
        store::{self, Chunk, Step},
    },
    confirm::{Subjects, Transition},
    context::{Ctx, Unarchive},
    customers,
    db::Tx,
    effects::{Changed, Outcome, Preview, Subject, Tally, Verdict},
    error::{AppError, Refusal},
    ids::{ConfigurationId, CustomerId},
};
use chrono::{DateTime, Utc};
use futures::FutureExt;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Does a chunk that nobody else does.
pub(super) async fn next(ctx: &Ctx, job: &Job) -> Result<Worked, AppError> {
    let (job, setting) = (job.clone(), ctx.settings.unarchive);
    let id = job.id;
    let done = ctx
        .write(move |tx| {
            let job = job.clone();
            async move { next_chunk(tx, &job, setting).await }.boxed()
        })
        .await;
    match done {
        // A person stopped it while the chunk was being done: the chunk is undone.
        Err(AppError::Refused(Refusal::JobIs { state })) => {
            tracing::info!(job = %id, state, "a chunk was undone because its job does not run any more");
            Ok(Worked::Part)
        }
        other => other,
    }
}

async fn next_chunk(tx: &mut Tx, job: &Job, setting: Unarchive) -> Result<Worked, AppError> {
    let Some(number) = store::claim(tx.db(), job.id).await? else {
        return Ok(Worked::Nothing);
    };
    if !auth::service::is_still(tx, &job.actor, job.what.action()).await? {
        // Looked at under lock, or a job would be paused that a person has cancelled meanwhile.
        if let Some(job) = locked_in(tx, job, JobState::Running).await? {
            pause(tx, &job, Event::Pause, PausedBecause::NotAllowed, json!({})).await?;
        }
        return Ok(Worked::Part);
    }
    tx.give_way().await;
    tx.do_as_counted_at(job.counted_at);
    let chunk = store::chunk(tx.db(), job.id, number).await?;
    store::savepoint(tx.db()).await?;
    // What comes again and again may not keep other jobs waiting each time.
    let patient = !job.options.all_or_nothing && !chunk.was_broken_up();
    if !patient {
        store::wait_for_locks_briefly(tx.db()).await?;
    }
    let results = match perform(tx, job, &chunk, setting).await {
        Ok(results) if job.options.all_or_nothing && some_failed(&results) => {
            store::to_savepoint(tx.db()).await?;
            none(results)
        }
        Ok(results) => results,
        // The database is away, or asks to begin again.
        Err(error @ (AppError::Unavailable | AppError::Contended)) => return Err(error),
        Err(error) => {
            store::to_savepoint(tx.db()).await?;
            let locked = error == AppError::Locked;
            // Also where it took too long: fewer rows take less. One that somebody has locked waits behind the others.
            if !job.options.all_or_nothing && (locked || chunk.owners().len() > 1) {
                store::break_up(tx.db(), job.id, &chunk).await?;
                return Ok(if locked {
                    Worked::Nothing
                } else {
                    Worked::Part
                });
            }
            if locked {
                return Err(error);
            }
            all(&chunk, &failed(&error))
        }
    };
    if !patient {
        store::wait_for_locks_as_ever(tx.db()).await?;
    }
    settle(tx, job, &results).await
}

type Results = Vec<(i32, ItemResult)>;

fn result(state: ItemState, code: Option<&str>, tally: Tally) -> ItemResult {
    ItemResult {
        state,
        code: code.map(str::to_owned),
        detail: None,
        since: None,
        tally,
    }
}

fn failed(error: &AppError) -> ItemResult {
    ItemResult {
        detail: Some(error.to_string()),
        ..result(ItemState::Failed, Some(error.code()), Tally::default())
    }
}

fn some_failed(results: &Results) -> bool {
    let mut states = results.iter().map(|(_, result)| result.state);
    states.any(|state| state == ItemState::Failed)
}

/// What comes of rows that were to be done all or not at all, where some of them failed.
fn none(results: Results) -> Results {
    let untouched = || result(ItemState::Failed, Some("all_or_nothing"), Tally::default());
    results
        .into_iter()
        .map(|(position, result)| match result.state {
            ItemState::Ok => (position, untouched()),
            _ => (position, result),
        })
        .collect()
}

fn all(chunk: &Chunk, result: &ItemResult) -> Results {
    let rows = chunk.rows.iter();
    rows.map(|row| (row.position, result.clone())).collect()
}

/// Writes what came of a chunk, unless the job was stopped meanwhile; then ends the job if nothing waits any more.
async fn settle(tx: &mut Tx, job: &Job, results: &Results) -> Result<Worked, AppError> {
    let now = tx.now();
    tx.give_way().await;
    store::settle(tx.db(), job.id, results, now).await?;
    // The job's row last, and for a moment only: other workers settle chunks of the same job.
    let job = match store::lock(tx.db(), job.id).await? {
        Some(job) if job.state == JobState::Running => job,
        stopped => {
            let state = stopped.map_or("gone", |job| job.state.as_str()).to_owned();
            return Err(AppError::Refused(Refusal::JobIs { state }));
        }
    };
    let mut counters = Counters::default();
    let mut done = job.done.clone();
    for (_, result) in results {
        match result.state {
            ItemState::Ok => {
                counters.ok += 1;
                done.add(&result.tally);
            }
            ItemState::Skipped => counters.skipped += 1,
            ItemState::Failed | ItemState::Pending => counters.failed += 1,
        }
    }
    store::add_results(tx.db(), job.id, counters, &done, now).await?;
    let failed = job.results.failed + counters.failed;
    if job.remaining() > counters.processed() {
        return Ok(Worked::Part);
    }
    let state = rules::next(job.state, Event::End { failed: failed > 0 })?;
    let step = Step {
        ended_at: Some(now),
        ..Step::default()
    };
    store::step(tx.db(), job.id, state, &step).await?;
    let after = json!({
        "state": state.as_str(),
        "ok": job.results.ok + counters.ok,
        "skipped": job.results.skipped + counters.skipped,
        "failed": failed,
        "effects": done,
    });
    record(
        tx,
        &job,
        ChangeKind::BulkJobEnded,
        job.reason.clone(),
        after,
    )
    .await?;
    Ok(Worked::Last)
}

/// Where the rows of a chunk stand, now that their customers are locked.
struct Standing {
    versions: BTreeMap<CustomerId, i64>,
    /// Since when a row is archived; `None` where it is in service.
    archived: BTreeMap<Uuid, Option<DateTime<Utc>>>,
}

async fn standing(tx: &mut Tx, job: &Job, chunk: &Chunk) -> Result<Standing, AppError> {
    let owners: Vec<CustomerId> = chunk.owners().into_iter().collect();
    customers::service::lock(tx, &owners).await?;
    let heads = customers::service::heads(tx, &owners).await?;
    let versions = heads.iter().map(|head| (head.id, head.version)).collect();
    let archived = match job.what.subjects {
        Subjects::Customers => heads
            .iter()
            .map(|head| (head.id.0, head.archived_at))
            .collect(),
        Subjects::Configurations => {
            let ids: Vec<ConfigurationId> = chunk
                .rows
                .iter()
                .map(|row| ConfigurationId(row.object_id))
                .collect();
            billing_configurations::service::archived_since(tx, &ids).await?
        }
    };
    Ok(Standing { versions, archived })
}

/// Does what was previewed to the rows that are still as they were previewed, and nothing to the others.
async fn perform(
    tx: &mut Tx,
    job: &Job,
    chunk: &Chunk,
    setting: Unarchive,
) -> Result<Results, AppError> {
    let standing = standing(tx, job, chunk).await?;
    let mut results = Results::new();
    let mut positions: BTreeMap<Uuid, i32> = BTreeMap::new();
    for row in &chunk.rows {
        if standing.versions.get(&row.customer_id) == Some(&row.version) {
            positions.insert(row.object_id, row.position);
        } else {
            let archived = standing.archived.get(&row.object_id).copied();
            results.push((row.position, moved(job.what.transition, archived.flatten())));
        }
    }
    if !positions.is_empty() {
        let ids: Vec<Uuid> = positions.keys().copied().collect();
        for (id, result) in change(tx, job, &ids, setting).await? {
            if let Some(position) = positions.get(&id) {
                results.push((*position, result));
            }
        }
    }
    Ok(results)
}

/// A row that is not as it was previewed. Where it is already as wanted nothing is left to do.
fn moved(transition: Transition, archived: Option<DateTime<Utc>>) -> ItemResult {
    match (transition, archived) {
        (Transition::Archive, Some(_)) | (Transition::Unarchive, None) => {
            already(transition, archived)
        }
        _ => failed(&AppError::Refused(Refusal::ChangedSincePreview)),
    }
}

fn already(transition: Transition, since: Option<DateTime<Utc>>) -> ItemResult {
    let code = match transition {
        Transition::Archive => "already_archived",
        Transition::Unarchive => "already_active",
    };
    ItemResult {
        since,
        ..result(ItemState::Skipped, Some(code), Tally::default())
    }
}

/// Does it to these rows, whose customers are locked.
async fn change(
    tx: &mut Tx,
    job: &Job,
    ids: &[Uuid],
    setting: Unarchive,
) -> Result<Vec<(Uuid, ItemResult)>, AppError> {
    let mut subjects: Vec<Subject> = Vec::new();
    let look = |preview: &Preview| {
        subjects.clone_from(&preview.subjects);
        Ok(())
    };
    let (how, reason) = (&job.options.archive, job.reason.clone());
    let outcome = match (job.what.subjects, job.what.transition) {
        (Subjects::Customers, transition) => {
            let ids: Vec<CustomerId> = ids.iter().copied().map(CustomerId).collect();
            match transition {
                Transition::Archive => {
                    customers::service::archive(tx, &ids, how, look, reason).await
                }
                Transition::Unarchive => {
                    customers::service::unarchive(tx, &ids, setting, look, reason).await
                }
            }
        }
        (Subjects::Configurations, transition) => {
            let ids: Vec<ConfigurationId> = ids.iter().copied().map(ConfigurationId).collect();
            billing_configurations::service::change(tx, &ids, transition, setting, look, reason)
                .await
        }
    };
    let outcome = match outcome {
        // Nothing could be done to any of them, and each says why.
        Err(AppError::Refused(_)) if subjects.iter().any(is_blocked) => Outcome::default(),
        other => other?,
    };
    Ok(told(job.what.transition, &subjects, outcome.changed))
}

fn is_blocked(subject: &Subject) -> bool {
    matches!(subject.verdict, Verdict::Blocked(_))
}

fn told(
    transition: Transition,
    subjects: &[Subject],
    changed: Vec<Changed>,
) -> Vec<(Uuid, ItemResult)> {
    let mut tallies: BTreeMap<Uuid, Tally> =
        changed.into_iter().map(|one| (one.id, one.tally)).collect();
    let mut tell = |subject: &Subject| match &subject.verdict {
        Verdict::Change => {
            let tally = tallies.remove(&subject.id).unwrap_or_default();
            result(ItemState::Ok, None, tally)
        }
        Verdict::Skipped { since } => already(transition, *since),
        Verdict::Blocked(refusal) => failed(&AppError::Refused(refusal.clone())),
    };
    subjects
        .iter()
        .map(|subject| (subject.id, tell(subject)))
        .collect()
}
