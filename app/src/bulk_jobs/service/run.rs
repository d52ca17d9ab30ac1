//! The worker's part: the next piece of work of whichever job waited longest.

use super::{chunk, confirm::record, scheduled};
use crate::{
    audit::ChangeKind,
    bulk_jobs::{
        Job, JobState, PausedBecause,
        rules::{self, Event},
        store::{self, Step},
    },
    context::{Ctx, Request},
    db::Tx,
    error::AppError,
};
use futures::FutureExt;
use serde_json::{Value, json};

/// Jobs that one look finds.
const LOOKED_AT: i64 = 100;

/// What came of looking at one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worked {
    /// Others do what there is to do, or have locked it.
    Nothing,
    Part,
    /// The job is over.
    Last,
}

/// Does the next piece of work there is; answers whether there was some.
pub async fn advance(ctx: &Ctx) -> Result<bool, AppError> {
    let pages = &ctx.db;
    let ctx = ctx.on(pages.for_worker());
    let looked_at = store::at_work(ctx.db.reader(), ctx.clock.fixed_now(), LOOKED_AT).await?;
    let running = looked_at
        .iter()
        .filter(|job| job.state != JobState::Scheduled);
    ctx.db
        .note_running_jobs(u32::try_from(running.count()).unwrap_or(u32::MAX));
    let mut trouble = None;
    for job in looked_at {
        let ctx = on_behalf(&ctx, &job);
        let worked = match job.state {
            JobState::Running => chunk::next(&ctx, &job).await,
            JobState::Held => begin(&ctx, &job).await,
            _ => scheduled::begin(&ctx, &job).await,
        };
        match worked {
            Ok(Worked::Nothing) => {}
            Ok(Worked::Part) => return Ok(true),
            Ok(Worked::Last) => {
                pages.worked();
                return Ok(true);
            }
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
pub(super) async fn locked_in(
    tx: &mut Tx,
    job: &Job,
    state: JobState,
) -> Result<Option<Job>, AppError> {
    let found = store::lock(tx.db(), job.id).await?;
    Ok(found.filter(|job| job.state == state))
}

async fn begin(ctx: &Ctx, job: &Job) -> Result<Worked, AppError> {
    let job = job.clone();
    ctx.write(move |tx| {
        let job = job.clone();
        async move {
            let now = tx.now();
            let held = locked_in(tx, &job, JobState::Held).await?;
            // By the database's clock, not by this machine's.
            let Some(job) = held.filter(|job| job.run_at.is_some_and(|at| at <= now)) else {
                return Ok(Worked::Nothing);
            };
            run(tx, &job).await?;
            Ok(Worked::Part)
        }
        .boxed()
    })
    .await
}

pub(super) async fn run(tx: &mut Tx, job: &Job) -> Result<(), AppError> {
    let running_since = Some(tx.now());
    let state = rules::next(job.state, Event::Begin)?;
    let step = Step {
        running_since,
        ..Step::default()
    };
    store::step(tx.db(), job.id, state, &step).await
}

/// Lets a job stand still until a person looks at it.
pub(super) async fn pause(
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
