//! A scheduled job on its day.

use super::{
    preview,
    run::{Worked, pause, run},
};
use crate::{
    bulk_jobs::{
        Job, JobState, PausedBecause,
        rules::{self, Event, GROUP_ROWS},
        store,
    },
    confirm::Transition,
    context::{Ctx, Unarchive},
    db::Tx,
    effects::{Tally, Verdict},
    error::AppError,
};
use futures::FutureExt;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A job whose day has come is looked at again: it goes on where it would do no more to any row than was confirmed, else it
/// waits for a person.
pub(super) async fn begin(ctx: &Ctx, job: &Job) -> Result<Worked, AppError> {
    let (job, setting) = (job.clone(), ctx.settings.unarchive);
    ctx.kept_snapshot(move |tx| {
        let job = job.clone();
        async move {
            let moment = tx.now();
            // One worker looks at it, and others do other jobs. The job itself stays free for whoever cancels it meanwhile: then
            // this snapshot is of the past, and all of this begins again.
            if store::claim(tx.db(), job.id).await?.is_none() {
                return Ok(Worked::Nothing);
            }
            let found = store::find(tx.db(), job.id).await?;
            let is_due = |job: &Job| {
                job.state == JobState::Scheduled && job.run_at.is_some_and(|at| at <= moment)
            };
            let Some(job) = found.filter(is_due) else {
                return Ok(Worked::Nothing);
            };
            store::savepoint(tx.db()).await?;
            let (now, grew) = reappraise(tx, &job, setting).await?;
            if !grew {
                run(tx, &job).await?;
                return Ok(Worked::Part);
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
            Ok(Worked::Part)
        }
        .boxed()
    })
    .await
}

/// Looks at every waiting row again, and takes over what is found of those that would be archived; answers what the job would
/// do now, and whether that is more of anything to any row. What is to be unarchived stays as it was previewed: who archived it
/// again meanwhile had a reason.
async fn reappraise(tx: &mut Tx, job: &Job, setting: Unarchive) -> Result<(Tally, bool), AppError> {
    let rows = store::waiting_rows(tx.db(), job.id).await?;
    let (mut now, mut grew) = (Tally::default(), false);
    let mut wanted_keys = BTreeSet::new();
    for some in rows.chunks(GROUP_ROWS) {
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
            store::mark_reappraised(tx.db(), job.id, some, &appraised).await?;
        }
    }
    if job.what.transition == Transition::Archive {
        let moment = tx.now();
        store::note_counted(tx.db(), job.id, moment).await?;
    }
    Ok((now, grew))
}
