//! Reading jobs, their rows and previews, and forgetting what has had its time.

use super::{preview::Asked, seal::Token};
use crate::{
    auth::Action,
    bulk_jobs::{Figure, Item, ItemPage, Job, JobList, Results, rules, store},
    context::Ctx,
    db::Db,
    error::{AppError, Noun},
    ids::BulkJobId,
    paging::PAGE_ROWS_MAX,
};
use chrono::{DateTime, Utc};

const UNKNOWN: AppError = AppError::NotFound(Noun::BulkJob);

/// A confirmed job, or the asker's own preview.
pub async fn find(ctx: &Ctx, id: BulkJobId) -> Result<Job, AppError> {
    ctx.may(Action::Read)?;
    let job = store::find(ctx.db.reader(), id).await?;
    job.filter(|job| job.confirmed_at.is_some() || is_own(ctx, job))
        .ok_or(UNKNOWN)
}

/// A preview, with the token that confirms it. Nobody gets another's.
pub async fn preview_of(ctx: &Ctx, id: BulkJobId) -> Result<Asked, AppError> {
    ctx.may(Action::Preview)?;
    let job = store::find_named(ctx.db.reader(), id).await?;
    let job = job.filter(|job| is_own(ctx, job)).ok_or(UNKNOWN)?;
    let seal = store::seal(ctx.db.reader(), id).await?.ok_or(UNKNOWN)?;
    let token = Token::of(&job, &seal, ctx.session);
    Ok(Asked { job, token })
}

fn is_own(ctx: &Ctx, job: &Job) -> bool {
    ctx.actor
        .as_ref()
        .is_some_and(|actor| actor.kind == job.actor.kind && actor.id == job.actor.id)
}

/// Rows of a job that the asker has found, in order.
pub async fn items(
    ctx: &Ctx,
    job: &Job,
    which: Results,
    after: Option<u32>,
    rows: u32,
) -> Result<ItemPage, AppError> {
    let rows = rows.clamp(1, PAGE_ROWS_MAX);
    let limit = i64::from(rows) + 1;
    let mut items = store::items(ctx.db.reader(), job.id, which, after, limit).await?;
    let more = items.len() > rows as usize;
    items.truncate(rows as usize);
    let next = items.last().filter(|_| more).map(|item| item.position);
    Ok(ItemPage { items, next })
}

/// Rows read at once where all of them are taken home.
const KEPT_ROWS: i64 = 1_000;

/// As [`items`], by larger pages.
pub async fn items_to_keep(ctx: &Ctx, job: &Job, after: Option<u32>) -> Result<ItemPage, AppError> {
    let items = store::items(ctx.db.reader(), job.id, Results::All, after, KEPT_ROWS).await?;
    let full = items.len() as i64 == KEPT_ROWS;
    let next = items.last().filter(|_| full).map(|item| item.position);
    Ok(ItemPage { items, next })
}

/// The rows of a preview that one of its figures counts: a page of them, after so many others; and whether there are more.
pub async fn rows_of(
    ctx: &Ctx,
    job: &Job,
    counted: Figure,
    after: u32,
) -> Result<(Vec<Item>, bool), AppError> {
    let page = PAGE_ROWS_MAX as usize;
    let limit = i64::from(PAGE_ROWS_MAX) + 1;
    let mut rows =
        store::rows_of(ctx.db.reader(), job.id, counted, i64::from(after), limit).await?;
    let more = rows.len() > page;
    rows.truncate(page);
    Ok((rows, more))
}

/// How many rows of a job an undo would put back now.
pub async fn undoable(ctx: &Ctx, job: &Job) -> Result<u64, AppError> {
    store::untouched_count(ctx.db.reader(), job.id).await
}

/// Jobs that run, or begin in a moment.
pub fn running(ctx: &Ctx) -> Result<u32, AppError> {
    ctx.may(Action::Read)?;
    Ok(ctx.db.running_jobs())
}

/// Confirmed jobs, newest first.
pub async fn jobs(ctx: &Ctx, before: Option<BulkJobId>, rows: u32) -> Result<JobList, AppError> {
    ctx.may(Action::Read)?;
    let rows = rows.clamp(1, PAGE_ROWS_MAX);
    let mut jobs = store::list(ctx.db.reader(), before, i64::from(rows) + 1).await?;
    let more = jobs.len() > rows as usize;
    jobs.truncate(rows as usize);
    let next = jobs.last().filter(|_| more).map(|job| job.id);
    Ok(JobList {
        jobs,
        next,
        now: ctx.now(),
    })
}

/// Removes previews that nobody confirmed, then results that were kept long enough, at most `limit` rows of them; answers how
/// many rows.
pub async fn forget_some(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<u64, AppError> {
    let db = db.for_previews();
    let old = store::forgotten(db.reader(), now - rules::PREVIEWS_KEPT, limit).await?;
    let mut removed = store::remove_items(db.reader(), &old, limit).await?;
    if removed == 0 {
        removed = store::remove(db.reader(), &old).await?;
    }
    if removed == 0 {
        let ended = store::with_results(db.reader(), now - rules::RESULTS_KEPT, limit).await?;
        removed = store::remove_items(db.reader(), &ended, limit).await?;
    }
    Ok(removed)
}
