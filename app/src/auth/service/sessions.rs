//! Signing in with a password, and the sessions that come of it.

use super::{
    NOTE_SECONDS,
    secrets::{HASHING, PASSWORD_BYTES_MAX, Secret, digest, verify},
};
use crate::{
    audit::{self, ChangeKind, ObjectKind, service::Change},
    auth::{
        Action, Actor, Ending, OwnSessions,
        store::{self, AliveSince, Person},
    },
    context::Ctx,
    db::{Db, Tx, defect},
    error::{AppError, Refusal},
    ids::SessionId,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use serde_json::{Value, json};
use uuid::Uuid;

pub const SESSION_IDLE_MINUTES: i64 = 30;
pub const SESSION_HOURS: i64 = 12;
/// More than anyone has: the rest run out by themselves.
const SESSIONS_SHOWN: i64 = 100;
/// How long dead sessions and failures to sign in are kept.
const SESSIONS_KEPT_DAYS: i64 = 90;
/// Wrong passwords for one email, and from one address, before both have to wait.
const ATTEMPTS_PER_EMAIL: i64 = 10;
const ATTEMPTS_PER_ADDRESS: i64 = 50;
const ATTEMPT_MINUTES: i64 = 15;

/// Checks email and password and opens a new session; answers its token for the cookie.
pub async fn sign_in(ctx: &Ctx, email: &str, password: String) -> Result<Secret, AppError> {
    ctx.may(Action::SignIn)?;
    let email = email.trim().to_lowercase();
    if email.len() > PASSWORD_BYTES_MAX
        || password.len() > PASSWORD_BYTES_MAX
        || email.contains('\0')
    {
        return Err(AppError::Refused(Refusal::WrongPassword));
    }
    // Held until a failure is noted: guesses sent all at once are counted like those sent one after the other.
    let _turn = HASHING.acquire().await.map_err(|error| defect(&error))?;
    let now = ctx.now();
    let since = now - TimeDelta::minutes(ATTEMPT_MINUTES);
    let (of_email, of_address) =
        store::failures(&ctx.db, &email, ctx.request.ip.as_deref(), since).await?;
    if of_email >= ATTEMPTS_PER_EMAIL || of_address >= ATTEMPTS_PER_ADDRESS {
        return Err(AppError::Refused(Refusal::TooManyAttempts));
    }
    let person = store::person_by_email(&ctx.db, &email).await?;
    let stored = person.as_ref().map(|person| person.password_hash.clone());
    let right = verify(password, stored).await?;
    match person.filter(|person| right && !person.disabled) {
        Some(person) => open_session(ctx, person).await,
        None => {
            store::note_failure(&ctx.db, &email, ctx.request.ip.as_deref(), now).await?;
            Err(AppError::Refused(Refusal::WrongPassword))
        }
    }
}

async fn open_session(ctx: &Ctx, person: Person) -> Result<Secret, AppError> {
    let token = Secret::random()?;
    let hash = digest(token.expose());
    let (id, password_hash) = (person.actor.id, person.password_hash);
    as_person(ctx, person.actor)
        .write(move |tx| {
            let (hash, password_hash) = (hash.clone(), password_hash.clone());
            async move {
                // It may have been changed since it was read, to keep out whoever knows the old one.
                if !store::is_password(tx, id, &password_hash).await? {
                    return Err(AppError::Refused(Refusal::WrongPassword));
                }
                let session = SessionId(Uuid::now_v7());
                store::open_session(tx, session, &hash).await?;
                let opened = change(
                    session,
                    ChangeKind::SessionStarted,
                    Value::Null,
                    Value::Null,
                );
                audit::service::record(tx, &[opened]).await
            }
            .boxed()
        })
        .await?;
    Ok(token)
}

/// The same call, by someone who has just proved to be this person.
fn as_person(ctx: &Ctx, person: Actor) -> Ctx {
    Ctx {
        actor: Some(person),
        ..ctx.clone()
    }
}

/// Ends the session with this token. A dead one stays dead.
pub async fn sign_out(ctx: &Ctx, token: &str) -> Result<(), AppError> {
    let Some((person, session)) = of_session(&ctx.db, token, ctx.now(), Asked::ByPerson).await?
    else {
        return Ok(());
    };
    as_person(ctx, person)
        .write(move |tx| async move { end(tx, Some(session), None).await.map(drop) }.boxed())
        .await
}

/// Where else the person is signed in, and here: the latest used first.
pub async fn own_sessions(ctx: &Ctx) -> Result<OwnSessions, AppError> {
    ctx.may(Action::Read)?;
    let person = ctx.actor.as_ref().ok_or(AppError::SignInRequired)?;
    let now = ctx.now();
    Ok(OwnSessions {
        sessions: store::live_sessions(&ctx.db, person.id, alive_since(now), SESSIONS_SHOWN)
            .await?,
        asking: ctx.session,
        now,
    })
}

/// Ends some of the person's own sessions, from their next request on; answers how many. To end what has ended already is
/// no error: it is what was wanted.
pub async fn end_sessions(ctx: &Ctx, ending: Ending) -> Result<u32, AppError> {
    ctx.may(Action::EndOwnSessions)?;
    let asking = ctx.session;
    let one = match ending {
        Ending::One(one) => Some(one),
        Ending::Others => None,
    };
    ctx.write(move |tx| async move { end(tx, one, asking).await }.boxed())
        .await
}

async fn end(
    tx: &mut Tx,
    one: Option<SessionId>,
    asking: Option<SessionId>,
) -> Result<u32, AppError> {
    let alive = alive_since(tx.now());
    let ended = store::end_sessions(tx, one, asking, alive).await?;
    let (before, after) = (json!({ "ended_at": null }), json!({ "ended_at": tx.now() }));
    let changes: Vec<Change> = ended
        .into_iter()
        .map(|id| change(id, ChangeKind::SessionEnded, before.clone(), after.clone()))
        .collect();
    audit::service::record(tx, &changes).await?;
    u32::try_from(changes.len()).map_err(|error| defect(&error))
}

fn change(id: SessionId, kind: ChangeKind, before: Value, after: Value) -> Change {
    Change {
        customer_id: None,
        kind,
        object_kind: ObjectKind::Session,
        object_id: id.0,
        reason: None,
        before,
        after,
        effects: Vec::new(),
    }
}

fn alive_since(now: DateTime<Utc>) -> AliveSince {
    AliveSince {
        seen: now - TimeDelta::minutes(SESSION_IDLE_MINUTES),
        created: now - TimeDelta::hours(SESSION_HOURS),
    }
}

/// What a request says of whoever sits there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    ByPerson,
    /// By a page that looks again and again: it may stand open on a desk that somebody has left.
    ByPage,
}

/// The person whose live session has this token. Role and standing are read each time, so that a change takes effect at the
/// next request.
pub async fn of_session(
    db: &Db,
    token: &str,
    now: DateTime<Utc>,
    asked: Asked,
) -> Result<Option<(Actor, SessionId)>, AppError> {
    let hash = digest(token);
    let Some(session) = store::session_of(db, &hash, alive_since(now)).await? else {
        return Ok(None);
    };
    if asked == Asked::ByPerson && session.last_seen_at < now - TimeDelta::seconds(NOTE_SECONDS) {
        store::note_session(db, &hash, now).await?;
    }
    Ok(Some((session.actor, session.id)))
}

/// Removes at most `limit` sessions that nobody will ask about; answers how many. What a session was used for stays in the
/// audit log.
pub async fn forget_sessions(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<u64, AppError> {
    store::forget_sessions(db, now - TimeDelta::days(SESSIONS_KEPT_DAYS), limit).await
}

/// Removes at most `limit` failures to sign in that nobody will ask about; answers how many.
pub async fn forget_failures(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<u64, AppError> {
    store::forget_failures(db, now - TimeDelta::days(SESSIONS_KEPT_DAYS), limit).await
}
