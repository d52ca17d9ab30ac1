//! Who is calling: sign-in with a password, sessions, API keys. Secrets are stored as hashes and shown once.

use super::{Action, Actor, Flash, Role, Shell, store};
use crate::{
    context::{Ctx, Unarchive},
    db::{Db, defect},
    error::{AppError, Refusal},
    ids::{ApiKeyId, StaffId},
};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use tokio::sync::Semaphore;
use uuid::Uuid;

pub const SESSION_IDLE_MINUTES: i64 = 30;
pub const SESSION_HOURS: i64 = 12;
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

/// Takes as long for an unknown person as for a known one.
async fn verify(password: String, stored: Option<String>) -> Result<bool, AppError> {
    let _turn = HASHING.acquire().await.map_err(|error| defect(&error))?;
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
        Some(person) => {
            let token = Secret::random()?;
            store::open_session(
                &ctx.db,
                &digest(token.expose()),
                person.id,
                &ctx.request,
                now,
            )
            .await?;
            Ok(token)
        }
        None => {
            store::note_failure(&ctx.db, &email, ctx.request.ip.as_deref(), now).await?;
            Err(AppError::Refused(Refusal::WrongPassword))
        }
    }
}

/// Ends the session with this token. A dead one stays dead.
pub async fn sign_out(ctx: &Ctx, token: &str) -> Result<(), AppError> {
    store::end_session(&ctx.db, &digest(token), ctx.now()).await
}

/// The person whose live session has this token. Role and standing are read each time, so that a change takes effect at the
/// next request.
pub async fn of_session(
    db: &Db,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<Actor>, AppError> {
    let hash = digest(token);
    let idle = now - TimeDelta::minutes(SESSION_IDLE_MINUTES);
    let oldest = now - TimeDelta::hours(SESSION_HOURS);
    let Some(session) = store::live_session(db, &hash, idle, oldest).await? else {
        return Ok(None);
    };
    if session.last_seen_at < now - TimeDelta::seconds(NOTE_SECONDS) {
        store::note_session(db, &hash, now).await?;
    }
    Ok(Some(session.actor))
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

/// What the page around every page shows.
pub fn shell(ctx: &Ctx) -> Result<Shell, AppError> {
    ctx.may(Action::Read)?;
    Ok(Shell {
        actor: ctx.actor.clone().ok_or(AppError::SignInRequired)?,
        environment: ctx.settings.environment.clone(),
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
    if (PASSWORD_CHARACTERS_MIN..=PASSWORD_BYTES_MAX).contains(&password.chars().count()) {
        Ok(())
    } else {
        Err(AppError::invalid(
            "password",
            format!("must be at least {PASSWORD_CHARACTERS_MIN} characters"),
        ))
    }
}

/// Makes an API key; its secret is not stored and cannot be shown again.
pub async fn add_key(
    db: &Db,
    name: &str,
    role: Role,
    now: DateTime<Utc>,
) -> Result<(ApiKeyId, Secret), AppError> {
    let name = crate::customers::rules::name("name", name)?;
    let random = Secret::random()?;
    let secret = Secret(format!("mb_{}", random.expose()));
    let prefix: String = secret.expose().chars().take(11).collect();
    let id = ApiKeyId(Uuid::now_v7());
    store::add_key(db, id, &name, role, &prefix, &digest(secret.expose()), now).await?;
    Ok((id, secret))
}

/// Revokes the live keys of this name or prefix; answers how many.
pub async fn revoke_key(db: &Db, name: &str, now: DateTime<Utc>) -> Result<u64, AppError> {
    store::revoke_key(db, name, now).await
}
