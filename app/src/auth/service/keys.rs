//! API keys.

use super::{
    NOTE_SECONDS,
    secrets::{Secret, digest},
};
use crate::{
    auth::{
        Actor, Role,
        store::{self, NewKey},
    },
    db::Db,
    error::AppError,
    ids::ApiKeyId,
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

const KEYS_SHOWN: i64 = 1_000;

/// What may be told of an API key: everything but the key.
#[derive(Debug, Clone)]
pub struct KeyFacts {
    pub name: String,
    pub role: String,
    pub prefix: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    /// To the minute: uses are noted that often.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// The live API key with this secret.
pub async fn of_api_key(
    db: &Db,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Option<Actor>, AppError> {
    let Some(key) = store::live_key(db, &digest(secret), now).await? else {
        return Ok(None);
    };
    if key
        .last_used_at
        .is_none_or(|used| used < now - TimeDelta::seconds(NOTE_SECONDS))
    {
        store::note_key(db, key.actor.id, now).await?;
    }
    Ok(Some(key.actor))
}

/// Makes an API key; its secret is not stored and cannot be shown again. Without `expires_at` it lives until it is revoked.
pub async fn add_key(
    db: &Db,
    name: &str,
    role: Role,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(ApiKeyId, Secret), AppError> {
    let name = crate::customers::rules::name("name", name)?;
    let random = Secret::random()?;
    let secret = random.prefixed("mb_");
    let prefix: String = secret.expose().chars().take(11).collect();
    let id = ApiKeyId(Uuid::now_v7());
    let key = NewKey {
        id,
        name: &name,
        role,
        prefix: &prefix,
        secret_hash: &digest(secret.expose()),
        expires_at,
    };
    store::add_key(db, &key, now).await?;
    Ok((id, secret))
}

/// The latest API keys, the newest first, dead ones too.
pub async fn keys(db: &Db) -> Result<Vec<KeyFacts>, AppError> {
    store::keys(db, KEYS_SHOWN).await
}

/// Revokes the live keys of this name or prefix; answers how many.
pub async fn revoke_key(db: &Db, name: &str, now: DateTime<Utc>) -> Result<u64, AppError> {
    store::revoke_key(db, name, now).await
}
