//! All SQL on staff, sessions and API keys.

use super::{Actor, ActorKind, Role};
use crate::{
    context::Request,
    db::{Db, defect},
    error::AppError,
    ids::{ApiKeyId, StaffId},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) struct Person {
    pub(super) id: StaffId,
    pub(super) password_hash: String,
    pub(super) disabled: bool,
}

fn role(word: &str) -> Result<Role, AppError> {
    word.parse().map_err(|error: String| defect(&error))
}

pub(super) async fn person_by_email(db: &Db, email: &str) -> Result<Option<Person>, AppError> {
    let row = sqlx::query!(
        r#"select id, password_hash, disabled_at is not null as "disabled!" from staff where lower(email) = $1"#,
        email,
    )
    .fetch_optional(db.reader())
    .await?;
    Ok(row.map(|row| Person {
        id: StaffId(row.id),
        password_hash: row.password_hash,
        disabled: row.disabled,
    }))
}

/// Failures since a moment: of this email, and from this address.
pub(super) async fn failures(
    db: &Db,
    email: &str,
    ip: Option<&str>,
    since: DateTime<Utc>,
) -> Result<(i64, i64), AppError> {
    let row = sqlx::query!(
        r#"
        select
            (select count(*) from sign_in_failures where email = $1 and failed_at > $3) as "of_email!",
            (select count(*) from sign_in_failures where ip = $2 and failed_at > $3) as "of_address!"
        "#,
        email,
        ip,
        since,
    )
    .fetch_one(db.reader())
    .await?;
    Ok((row.of_email, row.of_address))
}

pub(super) async fn note_failure(
    db: &Db,
    email: &str,
    ip: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into sign_in_failures (id, email, ip, failed_at) values ($1, $2, $3, $4)",
        Uuid::now_v7(),
        email,
        ip,
        now,
    )
    .execute(db.reader())
    .await?;
    Ok(())
}

pub(super) async fn open_session(
    db: &Db,
    token_hash: &[u8],
    person: StaffId,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        r#"
        insert into sessions (token_hash, id, staff_id, created_at, last_seen_at, ip, user_agent)
        values ($1, $2, $3, $4, $4, $5, $6)
        "#,
        token_hash,
        Uuid::now_v7(),
        person.0,
        now,
        request.ip,
        request.user_agent,
    )
    .execute(db.reader())
    .await?;
    Ok(())
}

pub(super) async fn end_session(
    db: &Db,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update sessions set ended_at = $2 where token_hash = $1 and ended_at is null",
        token_hash,
        now
    )
    .execute(db.reader())
    .await?;
    Ok(())
}

pub(super) struct LiveSession {
    pub(super) actor: Actor,
    pub(super) last_seen_at: DateTime<Utc>,
}

pub(super) async fn live_session(
    db: &Db,
    token_hash: &[u8],
    idle_since: DateTime<Utc>,
    created_since: DateTime<Utc>,
) -> Result<Option<LiveSession>, AppError> {
    let row = sqlx::query!(
        r#"
        select staff.id, staff.name, staff.role, sessions.last_seen_at
        from sessions
        join staff on staff.id = sessions.staff_id
        where token_hash = $1 and ended_at is null and last_seen_at > $2 and sessions.created_at > $3
            and staff.disabled_at is null
        "#,
        token_hash,
        idle_since,
        created_since,
    )
    .fetch_optional(db.reader())
    .await?;
    row.map(|row| {
        Ok(LiveSession {
            actor: Actor {
                kind: ActorKind::Person,
                id: row.id,
                name: row.name,
                role: role(&row.role)?,
            },
            last_seen_at: row.last_seen_at,
        })
    })
    .transpose()
}

pub(super) async fn note_session(
    db: &Db,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update sessions set last_seen_at = $2 where token_hash = $1 and last_seen_at < $2",
        token_hash,
        now
    )
    .execute(db.reader())
    .await?;
    Ok(())
}

pub(super) struct LiveKey {
    pub(super) actor: Actor,
    pub(super) last_used_at: Option<DateTime<Utc>>,
}

pub(super) async fn live_key(
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

pub(super) async fn note_key(db: &Db, id: Uuid, now: DateTime<Utc>) -> Result<(), AppError> {
    sqlx::query!(
        "update api_keys set last_used_at = $2 where id = $1",
        id,
        now
    )
    .execute(db.reader())
    .await?;
    Ok(())
}

/// False when the email is taken.
pub(super) async fn add_person(
    db: &Db,
    id: StaffId,
    email: &str,
    name: &str,
    role: Role,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let result = sqlx::query!(
        r#"
        insert into staff (id, email, name, role, password_hash, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $6)
        on conflict (lower(email)) do nothing
        "#,
        id.0,
        email,
        name,
        role.as_str(),
        password_hash,
        now,
    )
    .execute(db.reader())
    .await?;
    Ok(result.rows_affected() == 1)
}

/// False when there is no such person. One statement: the old password's sessions end with it.
pub(super) async fn set_password(
    db: &Db,
    email: &str,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let changed = sqlx::query_scalar!(
        r#"
        with person as (
            update staff set password_hash = $2, updated_at = $3 where lower(email) = $1 returning id
        ), ended as (
            update sessions set ended_at = $3 where staff_id in (select id from person) and ended_at is null
        )
        select count(*) as "count!" from person
        "#,
        email,
        password_hash,
        now,
    )
    .fetch_one(db.reader())
    .await?;
    Ok(changed == 1)
}

/// False when there is no such person in service.
pub(super) async fn disable_person(
    db: &Db,
    email: &str,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let result = sqlx::query!(
        "update staff set disabled_at = $2, updated_at = $2 where lower(email) = $1 and disabled_at is null",
        email,
        now,
    )
    .execute(db.reader())
    .await?;
    Ok(result.rows_affected() == 1)
}

pub(super) async fn add_key(
    db: &Db,
    id: ApiKeyId,
    name: &str,
    role: Role,
    prefix: &str,
    secret_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "insert into api_keys (id, name, role, prefix, secret_hash, created_at) values ($1, $2, $3, $4, $5, $6)",
        id.0,
        name,
        role.as_str(),
        prefix,
        secret_hash,
        now,
    )
    .execute(db.reader())
    .await?;
    Ok(())
}

pub(super) async fn revoke_key(db: &Db, name: &str, now: DateTime<Utc>) -> Result<u64, AppError> {
    let result = sqlx::query!(
        "update api_keys set revoked_at = $2 where (name = $1 or prefix = $1) and revoked_at is null",
        name,
        now,
    )
    .execute(db.reader())
    .await?;
    Ok(result.rows_affected())
}
