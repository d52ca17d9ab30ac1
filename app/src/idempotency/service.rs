//! Runs a write once for each key. Knows nothing of what the write does.

use super::{IdempotencyKey, store};
use crate::{
    auth::{Actor, ActorKind},
    context::{Ctx, Work},
    db::{Db, Tx},
    error::{AppError, Refusal},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How long an answer is replayed.
pub const KEPT_DAYS: i64 = 7;

/// A key, and what it was used for: another request with the same key is refused.
#[derive(Debug, Clone)]
pub struct Claim {
    key: IdempotencyKey,
    fingerprint: Vec<u8>,
}

impl Claim {
    pub fn new(key: IdempotencyKey, method: &str, path: &str, body: &[u8]) -> Self {
        let mut hash = Sha256::new();
        for part in [method.as_bytes(), path.as_bytes(), body] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self {
            key,
            fingerprint: hash.finalize().to_vec(),
        }
    }
}

/// What a client got, and gets again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    pub answer: Answer,
    pub replayed: bool,
}

/// Runs `work` in one transaction unless its key was already answered, and stores the answer before the commit.
pub async fn write_once(
    ctx: &Ctx,
    claim: Option<Claim>,
    work: impl Work<Answer>,
) -> Result<Once, AppError> {
    ctx.write(once(claim, work)).await
}

/// As [`write_once`], for work that is a preview and keeps it.
pub async fn preview_once(
    ctx: &Ctx,
    claim: Option<Claim>,
    work: impl Work<Answer>,
) -> Result<Once, AppError> {
    ctx.kept_snapshot(once(claim, work)).await
}

fn once(claim: Option<Claim>, work: impl Work<Answer>) -> impl Work<Once> {
    let work = Arc::new(work);
    move |tx: &mut Tx| {
        let (claim, work) = (claim.clone(), work.clone());
        async move {
            let Some(claim) = claim else {
                return work(tx).await.map(|answer| Once {
                    answer,
                    replayed: false,
                });
            };
            if let Some(answer) = take(tx, &claim).await? {
                return Ok(Once {
                    answer,
                    replayed: true,
                });
            }
            let answer = work(tx).await?;
            let scope = scope(tx.actor());
            store::keep(tx.db(), &scope, claim.key.as_str(), &answer).await?;
            Ok(Once {
                answer,
                replayed: false,
            })
        }
        .boxed()
    }
}

/// Removes at most `limit` answers that are no longer replayed; answers how many.
pub async fn forget_some(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<u64, AppError> {
    store::forget_some(db.reader(), now - TimeDelta::days(KEPT_DAYS), limit).await
}

/// Claims the key, or returns the answer that it already has.
async fn take(tx: &mut Tx, claim: &Claim) -> Result<Option<Answer>, AppError> {
    let scope = scope(tx.actor());
    let now = tx.now();
    store::forget_older(
        tx.db(),
        &scope,
        claim.key.as_str(),
        now - TimeDelta::days(KEPT_DAYS),
    )
    .await?;
    if store::claim(tx.db(), &scope, claim.key.as_str(), &claim.fingerprint, now).await? {
        return Ok(None);
    }
    let (fingerprint, answer) = store::find(tx.db(), &scope, claim.key.as_str())
        .await?
        .ok_or(AppError::Refused(Refusal::IdempotencyInFlight))?;
    if fingerprint == claim.fingerprint {
        answer
            .map(Some)
            .ok_or(AppError::Refused(Refusal::IdempotencyInFlight))
    } else {
        Err(AppError::Refused(Refusal::IdempotencyReused))
    }
}

/// Keys of one person or API key never meet those of another.
fn scope(actor: &Actor) -> String {
    match actor.kind {
        ActorKind::Person => format!("person:{}", actor.id),
        ActorKind::ApiKey => format!("key:{}", actor.id),
    }
}
