//! All SQL on staff, sessions and API keys.

use super::{Actor, ActorKind, LiveSession, Role, service::KeyFacts};
use crate::{
    db::{Db, Tx, defect, rows},
    error::AppError,
    ids::{ApiKeyId, SessionId, StaffId},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) struct Person {
    pub(super) actor: Actor,
    pub(super) password_hash: String,
    pub(super) disabled: bool,
}

fn role(word: &str) -> Result<Role, AppError> {
    word.parse().map_err(|error: String| defect(&error))
}

pub(super) async fn person_by_email(db: &Db, email: &str) -> Result<Option<Person>, AppError> {
    let row = sqlx::query!(
        r#"
        select id, name, role, password_hash, disabled_at is not null as "disabled!"
        from staff
        where lower(email) = $1
        "#,
        email,
    )
    .fetch_optional(db.reader())
    .await?;
    row.map(|row| {
        Ok(Person {
            actor: Actor {
                kind: ActorKind::Person,
                id: row.id,
                name: row.name,
                role: role(&row.role)?,
            },
            password_hash: row.password_hash,
            disabled: row.disabled,
        })
    })
    .transpose()
}

/// Whether this is the person's password at this moment; it stays so until the transaction ends.
pub(super) async fn is_password(
    tx: &mut Tx,
    person: Uuid,
    password_hash: &str,
) -> Result<bool, AppError> {
    let found = sqlx::query_scalar!(
        "select id from staff where id = $1 and password_hash = $2 and disabled_at is null for share",
        person,
        password_hash,
    )
    .fetch_optional(tx.db())
    .await?;
    Ok(found.is_some())
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
    tx: &mut Tx,
    id: SessionId,
    token_hash: &[u8],
) -> Result<(), AppError> {
    let (person, request, now) = (tx.actor().id, tx.request().clone(), tx.now());
    let result = sqlx::query!(
        r#"
        insert into sessions (token_hash, id, staff_id, created_at, last_seen_at, ip, user_agent)
        values ($1, $2, $3, $4, $4, $5, $6)
        "#,
        token_hash,
        id.0,
        person,
        now,
        request.ip,
        request.user_agent,
    )
    .execute(tx.db())
    .await?;
    rows(&result, 1)
}

/// Sessions seen after the first moment and created after the second are alive.
#[derive(Debug, Clone, Copy)]
pub(super) struct AliveSince {
    pub(super) seen: DateTime<Utc>,
    pub(super) created: DateTime<Utc>,
}

/// The latest used first.
pub(super) async fn live_sessions(
    db: &Db,
    person: Uuid,
    alive: AliveSince,
    limit: i64,
) -> Result<Vec<LiveSession>, AppError> {
    let found = sqlx::query!(
        r#"
        select id, created_at, last_seen_at, ip, user_agent
        from sessions
        where staff_id = $1 and ended_at is null and last_seen_at > $2 and created_at > $3
        order by last_seen_at desc, id desc
        limit $4
        "#,
        person,
        alive.seen,
        alive.created,
        limit,
    )
    .fetch_all(db.reader())
    .await?;
    Ok(found
        .into_iter()
        .map(|row| LiveSession {
            id: SessionId(row.id),
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            ip: row.ip,
            user_agent: row.user_agent,
        })
        .collect())
}

/// Ends live sessions of whoever asks: `one`, or all but `asking` where none is named. Answers those that this ended; one that
/// had ended already is not among them.
pub(super) async fn end_sessions(
    tx: &mut Tx,
    one: Option<SessionId>,
    asking: Option<SessionId>,
    alive: AliveSince,
) -> Result<Vec<SessionId>, AppError> {
    let (person, now) = (tx.actor().id, tx.now());
    let ended = sqlx::query_scalar!(
        r#"
        update sessions
        set ended_at = $6
        where staff_id = $1 and id = coalesce($2, id) and id is distinct from $3
            and ended_at is null and last_seen_at > $4 and created_at > $5
        returning id
        "#,
        person,
        one.map(|id| id.0),
        asking.map(|id| id.0),
        alive.seen,
        alive.created,
        now,
    )
    .fetch_all(tx.db())
    .await?;
    Ok(ended.into_iter().map(SessionId).collect())
}

/// A session and whose it is.
pub(super) struct SessionOf {
    pub(super) id: SessionId,
    pub(super) actor: Actor,
    pub(super) last_seen_at: DateTime<Utc>,
}

pub(super) async fn session_of(
    db: &Db,
    token_hash: &[u8],
    alive: AliveSince,
) -> Result<Option<SessionOf>, AppError> {
    let row = sqlx::query!(
        r#"
        select sessions.id as session_id, staff.id, staff.name, staff.role, sessions.last_seen_at
        from sessions
        join staff on staff.id = sessions.staff_id
        where token_hash = $1 and ended_at is null and last_seen_at > $2 and sessions.created_at > $3
            and staff.disabled_at is null
        "#,
        token_hash,
        alive.seen,
        alive.created,
    )
    .fetch_optional(db.reader())
    .await?;
    row.map(|row| {
        Ok(SessionOf {
            id: SessionId(row.session_id),
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

/// Removes at most `limit` sessions created before `then`; answers how many.
pub(super) async fn forget_sessions(
    db: &Db,
    then: DateTime<Utc>,
    limit: i64,
) -> Result<u64, AppError> {
    let result = sqlx::query!(
        r#"
        delete from sessions
        where id in (
            select id from sessions where created_at < $1 order by created_at limit $2 for update skip locked
        )
        "#,
        then,
        limit,
    )
    .execute(db.reader())
    .await?;
    Ok(result.rows_affected())
}

/// Removes at most `limit` failures to sign in of before `then`; answers how many.
pub(super) async fn forget_failures(
    db: &Db,
    then: DateTime<Utc>,
    limit: i64,
) -> Result<u64, AppError> {
    let result = sqlx::query!(
        r#"
        delete from sign_in_failures
        where id in (
            select id from sign_in_failures where failed_at < $1 order by failed_at limit $2 for update skip locked
        )
        "#,
        then,
        limit,
    )
    .execute(db.reader())
    .await?;
    Ok(result.rows_affected())
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

/// False when there is no such person. The old password's sessions end with it.
pub(super) async fn set_password(
    db: &Db,
    email: &str,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let mut tx = db.begin_unattended().await?;
    // By two statements: the second sees the session of a sign-in that the first had to wait for.
    let person = sqlx::query_scalar!(
        "update staff set password_hash = $2, updated_at = $3 where lower(email) = $1 returning id",
        email,
        password_hash,
        now,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(person) = person else {
        return Ok(false);
    };
    sqlx::query!(
        "update sessions set ended_at = $2 where staff_id = $1 and ended_at is null",
        person,
        now,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(true)
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

pub(super) struct NewKey<'k> {
    pub(super) id: ApiKeyId,
    pub(super) name: &'k str,
    pub(super) role: Role,
    pub(super) prefix: &'k str,
    pub(super) secret_hash: &'k [u8],
    pub(super) expires_at: Option<DateTime<Utc>>,
}

pub(super) async fn add_key(db: &Db, key: &NewKey<'_>, now: DateTime<Utc>) -> Result<(), AppError> {
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
pub(super) async fn keys(db: &Db, limit: i64) -> Result<Vec<KeyFacts>, AppError> {
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

/// The role that the actor of this transaction has now; `None` for a disabled person or a dead key.
pub(super) async fn role_now(tx: &mut Tx) -> Result<Option<Role>, AppError> {
    let (id, now) = (tx.actor().id, tx.now());
    let found = match tx.actor().kind {
        ActorKind::Person => {
            sqlx::query_scalar!(
                "select role from staff where id = $1 and disabled_at is null",
                id
            )
            .fetch_optional(tx.db())
            .await?
        }
        ActorKind::ApiKey => {
            sqlx::query_scalar!(
                r#"
                select role from api_keys
                where id = $1 and revoked_at is null and (expires_at is null or expires_at > $2)
                "#,
                id,
                now,
            )
            .fetch_optional(tx.db())
            .await?
        }
    };
    found.map(|word| role(&word)).transpose()
}
