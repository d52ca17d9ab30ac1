//! Who is calling: sign-in with a password, sessions, API keys. Secrets are stored as hashes and shown once.

use super::{
    Action, Actor, Ending, Flash, OwnSessions, Role, Shell, policy,
    store::{self, AliveSince, NewKey, Person},
};
use crate::{
    audit::{self, ChangeKind, ObjectKind, service::Change},
    context::{Ctx, Unarchive},
    db::{Db, Tx, defect},
    error::{AppError, Refusal},
    ids::{ApiKeyId, SessionId, StaffId},
};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use tokio::sync::Semaphore;
use uuid::Uuid;

pub const SESSION_IDLE_MINUTES: i64 = 30;
pub const SESSION_HOURS: i64 = 12;
/// More than anyone has: the rest run out by themselves.
const SESSIONS_SHOWN: i64 = 100;
const KEYS_SHOWN: i64 = 1_000;
/// How long dead sessions and failures to sign in are kept.
pub const SESSIONS_KEPT_DAYS: i64 = 90;
/// Wrong passwords for one email, and from one address, before both have to wait.
pub const ATTEMPTS_PER_EMAIL: i64 = 10;
pub const ATTEMPTS_PER_ADDRESS: i64 = 50;
pub const ATTEMPT_MINUTES: i64 = 15;
pub const PASSWORD_CHARACTERS_MIN: usize = 10;
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// Hashing takes 19 MiB and a core; no more than this many run at once.
const HASHES_AT_ONCE: usize = 2;
/// Uses of a session or key are noted this often at most.
const NOTE_SECONDS: i64 = 60;

static HASHING: Semaphore = Semaphore::const_new(HASHES_AT_ONCE);

/// A secret of 256 bits, in hexadecimal. Its `Debug` says nothing.
pub struct Secret(String);

impl Secret {
    fn random() -> Result<Self, AppError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| defect(&error))?;
        let mut text = String::with_capacity(64);
        for byte in bytes {
            write!(text, "{byte:02x}").map_err(|error| defect(&error))?;
        }
        Ok(Self(text))
    }

    /// To be shown or sent, once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

fn argon2() -> Result<Argon2<'static>, AppError> {
    let params = Params::new(19 * 1_024, 2, 1, None).map_err(|error| defect(&error))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn hash(password: String) -> Result<String, AppError> {
    let _turn = HASHING.acquire().await.map_err(|error| defect(&error))?;
    tokio::task::spawn_blocking(move || {
        argon2()?
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| defect(&error))
    })
    .await
    .map_err(|error| defect(&error))?
}

/// Takes as long for an unknown person as for a known one. Call it with a place of [`HASHING`].
async fn verify(password: String, stored: Option<String>) -> Result<bool, AppError> {
    tokio::task::spawn_blocking(move || {
        let Some(stored) = stored else {
            let _as_long = argon2()?.hash_password(password.as_bytes());
            return Ok(false);
        };
        let parsed = PasswordHash::new(&stored).map_err(|error| defect(&error))?;
        Ok(argon2()?
            .verify_password(password.as_bytes(), &parsed)
            .is_ok())
    })
    .await
    .map_err(|error| defect(&error))?
}

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
    let Some((person, session)) = of_session(&ctx.db, token, ctx.now()).await? else {
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

/// The person whose live session has this token. Role and standing are read each time, so that a change takes effect at the
/// next request.
pub async fn of_session(
    db: &Db,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<(Actor, SessionId)>, AppError> {
    let hash = digest(token);
    let Some(session) = store::session_of(db, &hash, alive_since(now)).await? else {
        return Ok(None);
    };
    if session.last_seen_at < now - TimeDelta::seconds(NOTE_SECONDS) {
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

/// Whether whoever a transaction works for may still do this, though they asked for it a while ago.
pub(crate) async fn is_still(tx: &mut Tx, action: Action) -> Result<bool, AppError> {
    let role = store::role_now(tx).await?;
    Ok(role.is_some_and(|role| policy::may(Some(role), action).is_ok()))
}

/// What the page around every page shows.
pub fn shell(ctx: &Ctx) -> Result<Shell, AppError> {
    ctx.may(Action::Read)?;
    Ok(Shell {
        actor: ctx.actor.clone().ok_or(AppError::SignInRequired)?,
        environment: ctx.settings.environment.clone(),
        running_jobs: ctx.db.running_jobs(),
        may_archive: ctx.can(Action::ArchiveCustomers),
        unarchive_allowed: ctx.settings.unarchive == Unarchive::Allowed,
        flash: leptos::prelude::use_context::<Flash>(),
    })
}

/// Adds a person. For operators at the command line; sessions and keys cannot do it.
pub async fn add_person(
    db: &Db,
    email: &str,
    name: &str,
    role: Role,
    password: String,
    now: DateTime<Utc>,
) -> Result<StaffId, AppError> {
    let email = crate::customers::rules::email("email", email)?;
    let name = crate::customers::rules::name("name", name)?;
    password_is_long(&password)?;
    let hash = hash(password).await?;
    let id = StaffId(Uuid::now_v7());
    if store::add_person(db, id, &email, &name, role, &hash, now).await? {
        Ok(id)
    } else {
        Err(AppError::invalid(
            "email",
            format!("{email} is taken. Use `user set-password` to change the password"),
        ))
    }
}

/// Sets a new password and ends every session of the person.
pub async fn set_password(
    db: &Db,
    email: &str,
    password: String,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    password_is_long(&password)?;
    let hash = hash(password).await?;
    store::set_password(db, &email.trim().to_lowercase(), &hash, now).await
}

/// Keeps a person out, from the next request on.
pub async fn disable_person(db: &Db, email: &str, now: DateTime<Utc>) -> Result<bool, AppError> {
    store::disable_person(db, &email.trim().to_lowercase(), now).await
}

fn password_is_long(password: &str) -> Result<(), AppError> {
    if password.chars().count() < PASSWORD_CHARACTERS_MIN {
        return Err(AppError::invalid(
            "password",
            format!("must be at least {PASSWORD_CHARACTERS_MIN} characters"),
        ));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(AppError::invalid(
            "password",
            format!("must be at most {PASSWORD_BYTES_MAX} bytes"),
        ));
    }
    Ok(())
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
    let secret = Secret(format!("mb_{}", random.expose()));
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

/// The latest API keys, the newest first, dead ones too.
pub async fn keys(db: &Db) -> Result<Vec<KeyFacts>, AppError> {
    store::keys(db, KEYS_SHOWN).await
}

/// Revokes the live keys of this name or prefix; answers how many.
pub async fn revoke_key(db: &Db, name: &str, now: DateTime<Utc>) -> Result<u64, AppError> {
    store::revoke_key(db, name, now).await
}
