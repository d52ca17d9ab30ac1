//! Sweeps out what has had its time: answers that are no longer replayed, sessions and failures to sign in of long ago. In
//! small steps, so that nobody waits for it, and by every server: what one has removed is not there for the next.

use app::{auth, clock::Clock, db::Db, error::AppError, idempotency};
use std::time::Duration;

const PAUSE: Duration = Duration::from_secs(3_600);
const STEP: i64 = 1_000;
/// What is more than this waits for the next hour.
const STEPS_MAX: usize = 500;

/// Sweeps now and every hour, until it is dropped.
pub async fn sweep_hourly(db: Db, clock: Clock) {
    loop {
        match sweep(&db, &clock).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "swept out what has had its time"),
            Err(error) => tracing::warn!(%error, "sweeping failed and is tried again in an hour"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Sweeps once; answers how many rows it removed.
pub async fn sweep(db: &Db, clock: &Clock) -> Result<u64, AppError> {
    let now = clock.now();
    let mut removed = 0;
    for _ in 0..STEPS_MAX {
        let step = idempotency::service::forget_some(db, now, STEP).await?
            + auth::service::forget_some(db, now, STEP).await?;
        removed += step;
        if step == 0 {
            break;
        }
    }
    Ok(removed)
}
