//! Sessions.

use super::role;
use crate::{
    auth::{Actor, ActorKind, LiveSession},
    db::{Db, Tx, rows},
    error::AppError,
    ids::SessionId,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Sessions seen after the first moment and created after the second are alive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AliveSince {
    pub(crate) seen: DateTime<Utc>,
    pub(crate) created: DateTime<Utc>,
}

pub(crate) async fn open_session(
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

/// The latest used first.
pub(crate) async fn live_sessions(
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
pub(crate) async fn end_sessions(
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
pub(crate) struct SessionOf {
    pub(crate) id: SessionId,
    pub(crate) actor: Actor,
    pub(crate) last_seen_at: DateTime<Utc>,
}

pub(crate) async fn session_of(
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

pub(crate) async fn note_session(
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

/// Removes at most `limit` sessions created before `then`; answers how many.
pub(crate) async fn forget_sessions(
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
