//! Takes a preview and keeps it: every row with what would happen to it, in one snapshot.

use super::{
    read,
    rows::{Chosen, Found, Rows, too_many},
    seal::Token,
};
use crate::{
    auth::Action,
    billing_configurations,
    bulk_jobs::{
        Counters, ItemResult, ItemState, Job, JobOptions, JobState, Origin, What,
        rules::{self, ChunkPlan, GROUP_ROWS, PREVIEW_LIVES, ROWS_MAX},
        store::{self, NewItem, Seal},
    },
    confirm::{Subjects, Transition},
    context::{Ctx, Unarchive},
    customers::{self, ArchiveOptions},
    db::{Tx, defect},
    effects::{Appraised, Tally, Verdict},
    error::{AppError, Refusal},
    ids::{BulkJobId, ConfigurationId, CustomerId},
    selection::{SelectionSummary, Unresolved},
};
use futures::FutureExt;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A preview to be taken.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub what: What,
    pub options: JobOptions,
    pub rows: Rows,
}

/// A kept preview, and what its taker must show to confirm it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub job: Job,
    pub token: Token,
}

/// The rows of an earlier preview again, as they are now; of a retry or an undo, those that are still to be retried or undone.
pub async fn again(ctx: &Ctx, id: BulkJobId) -> Result<Wanted, AppError> {
    let job = read::preview_of(ctx, id).await?.job;
    if job.confirmed_at.is_some() {
        return Err(AppError::Refused(Refusal::PreviewUsed));
    }
    let origin = match job.origin {
        Some(origin @ (Origin::Retry(_) | Origin::Undo(_))) => origin,
        Some(Origin::Preview(_)) | None => Origin::Preview(id),
    };
    Ok(Wanted {
        what: job.what,
        options: job.options,
        rows: Rows::Of(origin),
    })
}

/// The rows of a scheduled job that stands still because it would do more than was confirmed.
pub async fn grown(ctx: &Ctx, id: BulkJobId) -> Result<Wanted, AppError> {
    let job = read::find(ctx, id).await?;
    if !job.has_grown() {
        let state = job.state.as_str().to_owned();
        return Err(AppError::Refused(Refusal::JobIs { state }));
    }
    Ok(Wanted {
        what: job.what,
        options: job.options,
        rows: Rows::Of(Origin::Preview(id)),
    })
}

/// The rows of a job that failed.
pub async fn retry(ctx: &Ctx, id: BulkJobId) -> Result<Wanted, AppError> {
    let job = over(ctx, id).await?;
    Ok(Wanted {
        what: job.what,
        options: job.options,
        rows: Rows::Of(Origin::Retry(id)),
    })
}

/// Puts back what a job changed, as far as that is possible: the rows that nobody has touched since.
pub async fn undo(ctx: &Ctx, id: BulkJobId) -> Result<Wanted, AppError> {
    let job = over(ctx, id).await?;
    if job.what.transition != Transition::Archive {
        return Err(AppError::invalid(
            "job",
            "archived nothing that could be brought back",
        ));
    }
    Ok(Wanted {
        what: What {
            transition: Transition::Unarchive,
            ..job.what
        },
        options: JobOptions::default(),
        rows: Rows::Of(Origin::Undo(id)),
    })
}

async fn over(ctx: &Ctx, id: BulkJobId) -> Result<Job, AppError> {
    let job = read::find(ctx, id).await?;
    if job.state.is_over() {
        return Ok(job);
    }
    let state = job.state.as_str().to_owned();
    Err(AppError::Refused(Refusal::JobIs { state }))
}

/// [`preview`], in a transaction of its own.
pub async fn take(ctx: &Ctx, wanted: Wanted) -> Result<Asked, AppError> {
    let setting = ctx.settings.unarchive;
    ctx.kept_snapshot(move |tx| {
        let wanted = wanted.clone();
        async move { preview(tx, &wanted, setting).await }.boxed()
    })
    .await
}

/// Counts what an action would do to a selection, row by row, and keeps the answer for a while.
pub async fn preview(tx: &mut Tx, wanted: &Wanted, setting: Unarchive) -> Result<Asked, AppError> {
    tx.may(Action::Preview)?;
    let now = tx.now();
    let what = wanted.what;
    let job = Job {
        id: BulkJobId(Uuid::now_v7()),
        what,
        options: JobOptions {
            archive: match what.transition {
                Transition::Archive => wanted.options.archive,
                Transition::Unarchive => ArchiveOptions::default(),
            },
            ..wanted.options
        },
        selection: SelectionSummary::Named,
        unresolved: Unresolved::default(),
        state: JobState::Previewed,
        origin: match wanted.rows {
            Rows::Of(origin) => Some(origin),
            Rows::Chosen(_) => None,
        },
        actor: tx.actor().clone(),
        created_at: now,
        counted_at: now,
        expires_at: now + PREVIEW_LIVES,
        total: 0,
        changing: 0,
        blocked: 0,
        foreseen: Tally::default(),
        notifications: 0,
        reason: None,
        confirmed_at: None,
        run_at: None,
        started_at: None,
        running_since: None,
        processed_before: 0,
        ended_at: None,
        results: Counters::default(),
        done: Tally::default(),
        paused_because: None,
    };
    count(tx, job, &wanted.rows, setting).await
}

fn nonce() -> Result<Vec<u8>, AppError> {
    let mut nonce = vec![0; 32];
    getrandom::fill(&mut nonce).map_err(|error| defect(&error))?;
    Ok(nonce)
}

/// Writes the job with its rows, a group at a time, so that memory does not grow with the selection.
async fn count(
    tx: &mut Tx,
    mut job: Job,
    rows: &Rows,
    setting: Unarchive,
) -> Result<Asked, AppError> {
    let Found {
        rows,
        unresolved,
        selection,
    } = rows.found(tx, job.what).await?;
    if rows.is_empty() {
        return Err(nothing(&job, &unresolved));
    }
    job.unresolved = unresolved;
    job.selection = selection;
    if rows.len() > ROWS_MAX {
        return Err(too_many(job.what.subjects, ROWS_MAX));
    }
    let actor = job.actor.id;
    store::expire_all_but(tx.db(), actor, rules::LIVE_PREVIEWS_MAX - 1).await?;
    let nonce = nonce()?;
    store::insert(tx.db(), &job, &nonce).await?;

    let mut of_owner: BTreeMap<CustomerId, usize> = BTreeMap::new();
    for (owner, _) in &rows {
        *of_owner.entry(*owner).or_default() += 1;
    }
    let mut counted = Counted::default();
    if job.options.all_or_nothing {
        counted.plan = ChunkPlan::whole();
    }
    for some in rows.chunks(GROUP_ROWS) {
        let appraised = appraise(tx, &job, some, setting, &mut counted.wanted_keys).await?;
        let items: Vec<NewItem> = appraised
            .into_iter()
            .map(|one| {
                let of_owner = of_owner.get(&one.customer_id).copied();
                counted.row(one, of_owner.unwrap_or(1))
            })
            .collect();
        store::add_items(tx.db(), job.id, &items).await?;
    }
    job.total = u64::from(counted.position.unsigned_abs());
    job.changing = counted.changing;
    job.blocked = counted.blocked;
    job.results.skipped = job.total - counted.changing;
    job.notifications = counted.notifications;
    job.foreseen = counted.foreseen;
    if job.options.all_or_nothing && job.changing > rules::ALL_OR_NOTHING_ROWS_MAX {
        return Err(AppError::invalid(
            "options.all_or_nothing",
            format!("is for at most {} rows", rules::ALL_OR_NOTHING_ROWS_MAX),
        ));
    }
    let content_hash = counted.content.finalize().to_vec();
    store::set_figures(tx.db(), &job, &content_hash).await?;
    let seal = Seal {
        nonce,
        content_hash,
    };
    Ok(Asked {
        token: Token::of(&job, &seal, tx.session()),
        job,
    })
}

/// Why there is no row to preview.
fn nothing(job: &Job, unresolved: &Unresolved) -> AppError {
    const NAMED: usize = 5;
    let nouns = job.what.subjects.noun(2);
    match job.origin {
        Some(Origin::Preview(_)) => AppError::invalid(
            "preview",
            "is too old, its rows are no longer kept. Choose them again",
        ),
        Some(Origin::Retry(_)) => AppError::invalid("job", "has no failed rows that are kept"),
        Some(Origin::Undo(_)) => {
            AppError::invalid("job", "has no rows that nobody has touched since")
        }
        None if unresolved.not_found_count + unresolved.ambiguous_count > 0 => {
            let named = unresolved.not_found.iter().chain(&unresolved.ambiguous);
            AppError::Refused(Refusal::NoneFound {
                what: nouns.to_owned(),
                references: named.take(NAMED).cloned().collect(),
            })
        }
        None => AppError::invalid("selection", format!("has no {nouns}. Choose some")),
    }
}

/// What was counted so far.
#[derive(Default)]
struct Counted {
    plan: ChunkPlan,
    position: i32,
    changing: u64,
    blocked: u64,
    notifications: u64,
    foreseen: Tally,
    wanted_keys: BTreeSet<String>,
    content: Sha256,
}

impl Counted {
    fn row(&mut self, one: Appraised, of_owner: usize) -> NewItem {
        let changes = one.subject.verdict == Verdict::Change;
        self.content.update(one.subject.id.as_bytes());
        self.content.update(one.subject.version.to_be_bytes());
        self.content.update([u8::from(changes)]);
        let place = changes.then(|| {
            self.changing += 1;
            self.notifications += one.notifications;
            self.foreseen.add(&one.tally);
            self.plan.place(one.customer_id, of_owner)
        });
        self.blocked += u64::from(matches!(one.subject.verdict, Verdict::Blocked(_)));
        let position = self.position;
        self.position += 1;
        NewItem {
            position,
            place,
            result: foreseen(&one),
            appraised: one,
        }
    }
}

/// What is expected to come of a row.
fn foreseen(one: &Appraised) -> ItemResult {
    let result = |state, code: Option<&str>| ItemResult {
        state,
        code: code.map(str::to_owned),
        detail: None,
        since: None,
        tally: Tally::default(),
    };
    match &one.subject.verdict {
        Verdict::Change => ItemResult {
            tally: one.tally.clone(),
            ..result(ItemState::Pending, None)
        },
        Verdict::Skipped { since: Some(since) } => ItemResult {
            since: Some(*since),
            ..result(ItemState::Skipped, Some("already_archived"))
        },
        Verdict::Skipped { since: None } => result(ItemState::Skipped, Some("already_active")),
        Verdict::Blocked(refusal) => ItemResult {
            detail: Some(refusal.to_string()),
            ..result(ItemState::Skipped, Some(refusal.code()))
        },
    }
}

/// What would happen to each of these rows now.
pub(super) async fn appraise(
    tx: &mut Tx,
    job: &Job,
    rows: &[Chosen],
    setting: Unarchive,
    wanted_keys: &mut BTreeSet<String>,
) -> Result<Vec<Appraised>, AppError> {
    let transition = job.what.transition;
    match job.what.subjects {
        Subjects::Customers => {
            let ids: Vec<CustomerId> = rows.iter().map(|(customer, _)| *customer).collect();
            let how = &job.options.archive;
            customers::service::appraise(tx, &ids, transition, how, setting).await
        }
        Subjects::Configurations => {
            let ids: Vec<ConfigurationId> =
                rows.iter().map(|(_, id)| ConfigurationId(*id)).collect();
            billing_configurations::service::appraise(tx, &ids, transition, setting, wanted_keys)
                .await
        }
    }
}
