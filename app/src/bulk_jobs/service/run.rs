//! The worker's part: the next chunk of whichever job waited longest, in one transaction with its results. Whatever kills the
//! process in the middle leaves the chunk as it was, for whoever comes next.

use super::{confirm::record, preview};
use crate::{
    audit::ChangeKind,
    auth, billing_configurations,
    bulk_jobs::{
        Counters, ItemResult, ItemState, Job, JobState, PausedBecause,
        rules::{self, CHUNK_ROWS, Event},
        store::{self, Chunk, Step},
    },
    confirm::{Subjects, Transition},
    context::{Ctx, Request, Unarchive},
    customers,
    db::Tx,
    effects::{Changed, Outcome, Preview, Subject, Tally, Verdict},
    error::{AppError, Refusal},
    ids::{ConfigurationId, CustomerId},
};
use chrono::{DateTime, Utc};
use futures::FutureExt;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Jobs that one look finds.
const LOOKED_AT: i64 = 100;

/// Does the next piece of work there is; answers whether there was some.
pub async fn advance(ctx: &Ctx) -> Result<bool, AppError> {
    let pages = &ctx.db;
    let ctx = ctx.on(pages.for_worker());
    let now = ctx.now();
    let looked_at = store::at_work(ctx.db.reader(), now, LOOKED_AT).await?;
    let running = looked_at
        .iter()
        .filter(|job| job.state != JobState::Scheduled);
    ctx.db
        .note_running_jobs(u32::try_from(running.count()).unwrap_or(u32::MAX));
    let mut trouble = None;
    for job in looked_at {
        if job.state == JobState::Held && job.run_at.is_none_or(|at| at > now) {
            continue;
        }
        let ctx = on_behalf(&ctx, &job);
        let worked = match job.state {
            JobState::Running => chunk(&ctx, &job).await,
            JobState::Held => begin(&ctx, &job).await,
            _ => begin_scheduled(&ctx, &job).await,
        };
        match worked {
            Ok(true) => {
                let now = store::find(ctx.db.reader(), job.id).await?;
                if now.is_some_and(|job| job.state.is_over()) {
                    pages.written();
                }
                return Ok(true);
            }
            Ok(false) => {}
            // A job in trouble does not keep the others waiting.
            Err(error) => trouble = Some(error),
        }
    }
    trouble.map_or(Ok(false), Err)
}

/// The worker acts as whoever confirmed the job.
fn on_behalf(ctx: &Ctx, job: &Job) -> Ctx {
    Ctx {
        actor: Some(job.actor.clone()),
        request: Request {
            id: format!("job_{}", job.id.0.simple()),
            ..Request::default()
        },
        job: Some(job.id),
        ..ctx.clone()
    }
}

/// Another server may have been first, or a person.
async fn locked_in(tx: &mut Tx, job: &Job, state: JobState) -> Result<Option<Job>, AppError> {
    let found = store::lock(tx.db(), job.id).await?;
    Ok(found.filter(|job| job.state == state))
}

async fn begin(ctx: &Ctx, job: &Job) -> Result<bool, AppError> {
    let job = job.clone();
    ctx.write(move |tx| {
        let job = job.clone();
        async move {
            let now = tx.now();
            let held = locked_in(tx, &job, JobState::Held).await?;
            // By the database's clock, not by this machine's.
            let Some(job) = held.filter(|job| job.run_at.is_some_and(|at| at <= now)) else {
                return Ok(false);
            };
            run(tx, &job).await?;
            Ok(true)
        }
        .boxed()
    })
    .await
}

async fn run(tx: &mut Tx, job: &Job) -> Result<(), AppError> {
    let started_at = Some(tx.now());
    let state = rules::next(job.state, Event::Begin)?;
    let step = Step {
        started_at,
        ..Step::default()
    };
    store::step(tx.db(), job.id, state, &step).await
}

/// A job whose day has come is looked at again: it goes on where it would do no more to any row than was confirmed, else it
/// waits for a person.
async fn begin_scheduled(ctx: &Ctx, job: &Job) -> Result<bool, AppError> {
    let (job, setting) = (job.clone(), ctx.settings.unarchive);
    ctx.kept_snapshot(move |tx| {
        let job = job.clone();
        async move {
            let moment = tx.now();
            let scheduled = locked_in(tx, &job, JobState::Scheduled).await?;
            let due = |job: &Job| job.run_at.is_some_and(|at| at <= moment);
            let Some(job) = scheduled.filter(due) else {
                return Ok(false);
            };
            store::savepoint(tx.db()).await?;
            let (now, grew) = reappraise(tx, &job, setting).await?;
            if !grew {
                run(tx, &job).await?;
                return Ok(true);
            }
            // The rows stay as they were confirmed: what has moved since is left alone, whatever a person decides.
            store::to_savepoint(tx.db()).await?;
            pause(
                tx,
                &job,
                Event::Grow,
                PausedBecause::EffectsGrew,
                json!(now),
            )
            .await?;
            Ok(true)
        }
        .boxed()
    })
    .await
}

async fn pause(
    tx: &mut Tx,
    job: &Job,
    event: Event,
    because: PausedBecause,
    effects: Value,
) -> Result<(), AppError> {
    let state = rules::next(job.state, event)?;
    let step = Step {
        paused_because: Some(because),
        ..Step::default()
    };
    store::step(tx.db(), job.id, state, &step).await?;
    let after = json!({ "state": state.as_str(), "because": because.as_str(), "effects": effects });
    record(tx, job, ChangeKind::BulkJobPaused, None, after).await
}

/// Looks at every waiting row again, and takes over what is found of those that would be archived; answers what the job would
/// do now, and whether that is more of anything to any row. What is to be unarchived stays as it was previewed: who archived it
/// again meanwhile had a reason.
async fn reappraise(tx: &mut Tx, job: &Job, setting: Unarchive) -> Result<(Tally, bool), AppError> {
    let rows = store::waiting_rows(tx.db(), job.id).await?;
    let (mut now, mut grew) = (Tally::default(), false);
    let mut wanted_keys = BTreeSet::new();
    for some in rows.chunks(CHUNK_ROWS) {
        let foreseen: BTreeMap<Uuid, &Tally> =
            some.iter().map(|row| (row.object_id, &row.tally)).collect();
        let chosen: Vec<_> = some
            .iter()
            .map(|row| (row.customer_id, row.object_id))
            .collect();
        let appraised = preview::appraise(tx, job, &chosen, setting, &mut wanted_keys).await?;
        let changing = appraised
            .iter()
            .filter(|one| one.subject.verdict == Verdict::Change);
        for one in changing {
            now.add(&one.tally);
            let before = foreseen.get(&one.subject.id);
            grew |= before.is_none_or(|before| rules::grew(before, &one.tally));
        }
        if job.what.transition == Transition::Archive {
            store::mark_reappraised(tx.db(), job.id, &appraised).await?;
        }
    }
    Ok((now, grew))
}

/// Does a chunk that nobody else does; answers whether there was one.
async fn chunk(ctx: &Ctx, job: &Job) -> Result<bool, AppError> {
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
            Ok(true)
        }
        other => other,
    }
}

async fn next_chunk(tx: &mut Tx, job: &Job, setting: Unarchive) -> Result<bool, AppError> {
    let Some(number) = store::claim(tx.db(), job.id).await? else {
        return Ok(false);
    };
    if !auth::service::is_still(tx, job.what.action()).await? {
        // Looked at under lock, or a job would be paused that a person has cancelled meanwhile.
        if let Some(job) = locked_in(tx, job, JobState::Running).await? {
            pause(tx, &job, Event::Pause, PausedBecause::NotAllowed, json!({})).await?;
        }
        return Ok(true);
    }
    let chunk = store::chunk(tx.db(), job.id, number).await?;
    store::savepoint(tx.db()).await?;
    let results = match perform(tx, job, &chunk, setting).await {
        Ok(results) if job.options.all_or_nothing && some_failed(&results) => {
            store::to_savepoint(tx.db()).await?;
            none(results)
        }
        Ok(results) => results,
        // The database is away, or asks to begin again.
        Err(error @ (AppError::Unavailable | AppError::Contended)) => return Err(error),
        Err(error) => {
            // Also one that took too long: fewer rows take less.
            store::to_savepoint(tx.db()).await?;
            if chunk.rows.len() > 1 && !job.options.all_or_nothing {
                store::break_up(tx.db(), job.id, &chunk).await?;
                return Ok(true);
            }
            all(&chunk, &failed(&error))
        }
    };
    settle(tx, job, &results).await?;
    Ok(true)
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
async fn settle(tx: &mut Tx, job: &Job, results: &Results) -> Result<(), AppError> {
    let now = tx.now();
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
        return Ok(());
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
    .await
}

/// Where the rows of a chunk stand, now that their customers are locked.
struct Standing {
    versions: BTreeMap<CustomerId, i64>,
    /// Since when a row is archived; `None` where it is in service.
    archived: BTreeMap<Uuid, Option<DateTime<Utc>>>,
}

async fn standing(tx: &mut Tx, job: &Job, chunk: &Chunk) -> Result<Standing, AppError> {
    let owners: BTreeSet<CustomerId> = chunk.rows.iter().map(|row| row.customer_id).collect();
    let owners: Vec<CustomerId> = owners.into_iter().collect();
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
