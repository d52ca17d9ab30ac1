//! Does the work of bulk jobs, a chunk or two at a time, for as long as the process lives. Every server has a worker, `mothball work`
//! is one without a server, and whichever comes first does the next chunk.

use app::{bulk_jobs, context::Ctx, error::AppError};
use std::time::{Duration, Instant};

/// How often an idle worker looks for work.
const IDLE: Duration = Duration::from_millis(500);
/// What took long waited for something, and made room meanwhile.
const REST_MAX: Duration = Duration::from_millis(500);
/// After a failure: the database is away, or something is broken that will not mend in a moment.
const TROUBLED: Duration = Duration::from_secs(2);
/// It is quiet where nobody asked for anything for so long. As long is waited where nothing was left for a second chunk.
const QUIET: Duration = Duration::from_millis(250);
/// How often it is looked whether it is quiet, which costs next to nothing: a small job is over in half a second.
const LOOK: Duration = Duration::from_millis(50);

/// Works until it is dropped. A chunk that is being done then goes on to its end, or is undone.
pub async fn work(ctx: Ctx) {
    tokio::join!(steadily(&ctx), in_quiet(&ctx));
}

/// A second chunk at a time while there are jobs and nobody who would notice: one chunk keeps either this process or the database
/// waiting. What fails here is said by [`steadily`], which meets it too.
async fn in_quiet(ctx: &Ctx) {
    let (mut served, mut since) = (ctx.db.served_since_now(), Instant::now());
    loop {
        tokio::time::sleep(LOOK).await;
        if served.anyone() {
            (served, since) = (ctx.db.served_since_now(), Instant::now());
        }
        while since.elapsed() >= QUIET && !served.anyone() && ctx.db.running_jobs() > 0 {
            match bulk_jobs::service::advance(ctx).await {
                Ok(true) => {}
                Ok(false) => since = Instant::now(),
                Err(_) => tokio::time::sleep(TROUBLED).await,
            }
        }
    }
}

async fn steadily(ctx: &Ctx) {
    loop {
        let (began, served) = (Instant::now(), ctx.db.served_since_now());
        match bulk_jobs::service::advance(ctx).await {
            // Half of the time is for the people who asked for something meanwhile.
            Ok(true) if served.anyone() => {
                tokio::time::sleep(began.elapsed().min(REST_MAX)).await;
            }
            Ok(true) => {}
            Ok(false) => tokio::time::sleep(IDLE).await,
            Err(
                AppError::Unavailable | AppError::TooSlow | AppError::Locked | AppError::Contended,
            ) => {
                tokio::time::sleep(TROUBLED).await;
            }
            Err(error) => {
                tracing::error!(%error, "a chunk of a bulk job failed and is tried again");
                tokio::time::sleep(TROUBLED).await;
            }
        }
    }
}
