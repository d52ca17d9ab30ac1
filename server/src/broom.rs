//! Sweeps out what has had its time: answers that are no longer replayed, previews that nobody confirmed, results of bulk jobs,
//! sessions and failures to sign in of long ago. In small steps, so that nobody waits for it, and by every server: what one has
//! removed is not there for the next.

use app::{auth, bulk_jobs, clock::Clock, db::Db, error::AppError, idempotency};
use std::time::Duration;

const PAUSE: Duration = Duration::from_secs(3_600);
const STEP: i64 = 1_000;
/// What is more than this waits for the next hour.
const STEPS_MAX: usize = 500;

/// Sweeps now and every hour, until it is dropped.
pub async fn sweep_hourly(db: Db, clock: Clock) {
    loop {
        let removed = sweep(&db, &clock).await;
        if removed > 0 {
            tracing::info!(removed, "swept out what has had its time");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Sweeps once; answers how many rows it removed. Where one kind cannot be removed, the others are.
pub async fn sweep(db: &Db, clock: &Clock) -> u64 {
    let now = clock.now();
    let mut removed = 0;
    removed += in_steps("idempotency keys", || {
        idempotency::service::forget_some(db, now, STEP)
    })
    .await;
    removed += in_steps("sessions", || auth::service::forget_sessions(db, now, STEP)).await;
    removed += in_steps("previews and results of bulk jobs", || {
        bulk_jobs::service::forget_some(db, now, STEP)
    })
    .await;
    removed += in_steps("failures to sign in", || {
        auth::service::forget_failures(db, now, STEP)
    })
    .await;
    removed
}

async fn in_steps<F>(what: &str, step: impl Fn() -> F) -> u64
where
    F: Future<Output = Result<u64, AppError>>,
{
    let mut removed = 0;
    for _ in 0..STEPS_MAX {
        match step().await {
            Ok(0) => break,
            Ok(some) => removed += some,
            Err(error) => {
                tracing::warn!(%error, what, "sweeping failed and is tried again in an hour");
                break;
            }
        }
    }
    removed
}
