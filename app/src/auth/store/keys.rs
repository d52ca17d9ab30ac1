//! API keys.

use super::role;
use crate::{
    auth::{Actor, ActorKind, Role, service::KeyFacts},
    db::Db,
    error::AppError,
    ids::ApiKeyId,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(crate) struct LiveKey {
    pub(crate) actor: Actor,
    pub(crate) last_used_at: Option<DateTime<Utc>>,
}

pub(crate) async fn live_key(
    db: &Db,
    secret_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<LiveKey>, AppError> {
    let row = sqlx::query!(
        r#"
        select id, name, role, last_used_at
        from api_keys
        where secret_hash = $1 and revoked_at is null and (expires_at is null or expires_at > $2)
        "#,
        secret_hash,
        now,
    )
    .fetch_optional(db.reader())
    .await?;
    row.map(|row| {
        Ok(LiveKey {
            actor: Actor {
                kind: ActorKind::ApiKey,
                id: row.id,
                name: row.name,
                role: role(&row.role)?,
            },
            last_used_at: row.last_used_at,
        })
    })
    .transpose()
}

pub(crate) async fn note_key(db: &Db, id: Uuid, now: DateTime<Utc>) -> Result<(), AppError> {
    sqlx::query!(
        "update api_keys set last_used_at = $2 where id = $1",
        id,
        now
    )
    .execute(db.reader())
    .await?;
    Ok(())
}

pub(crate) struct NewKey<'k> {
    pub(crate) id: ApiKeyId,
    pub(crate) name: &'k str,
    pub(crate) role: Role,
    pub(crate) prefix: &'k str,
    pub(crate) secret_hash: &'k [u8],
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

pub(crate) async fn add_key(db: &Db, key: &NewKey<'_>, now: DateTime<Utc>) -> Result<(), AppError> {
    sqlx::query!(
        r#"
        insert into api_keys (id, name, role, prefix, secret_hash, expires_at, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        "#,
        key.id.0,
        key.name,
        key.role.as_str(),
        key.prefix,
        key.secret_hash,
        key.expires_at,
        now,
    )
    .execute(db.reader())
    .await?;
    Ok(())
}

/// The newest first.
pub(crate) async fn keys(db: &Db, limit: i64) -> Result<Vec<KeyFacts>, AppError> {
    Ok(sqlx::query_as!(
        KeyFacts,
        r#"
        select name, role, prefix, created_at, expires_at, last_used_at, revoked_at
        from api_keys
        order by created_at desc, id desc
        limit $1
        "#,
        limit,
    )
    .fetch_all(db.reader())
    .await?)
}

pub(crate) async fn revoke_key(db: &Db, name: &str, now: DateTime<Utc>) -> Result<u64, AppError> {
    let result = sqlx::query!(
        "update api_keys set revoked_at = $2 where (name = $1 or prefix = $1) and revoked_at is null",
        name,
        now,
    )
    .execute(db.reader())
    .await?;
    Ok(result.rows_affected())
}
