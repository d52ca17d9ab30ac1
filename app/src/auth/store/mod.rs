//! All SQL on staff, sessions and API keys.

mod keys;
mod people;
mod sessions;

pub(super) use keys::{NewKey, add_key, keys, live_key, note_key, revoke_key};
pub(super) use people::{
    Person, add_person, disable_person, failures, forget_failures, is_password, note_failure,
    person_by_email, set_password,
};
pub(super) use sessions::{
    AliveSince, end_sessions, forget_sessions, live_sessions, note_session, open_session,
    session_of,
};

use super::{Actor, ActorKind, Role};
use crate::{
    db::{Tx, defect},
    error::AppError,
};

fn role(word: &str) -> Result<Role, AppError> {
    word.parse().map_err(|error: String| defect(&error))
}

/// The role that someone has now; `None` for a disabled person or a dead key.
pub(super) async fn role_now(tx: &mut Tx, of: &Actor) -> Result<Option<Role>, AppError> {
    let (id, now) = (of.id, tx.now());
    let found = match of.kind {
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

/// Until the transaction ends, others that ask this wait.
pub(super) async fn lock_actor(tx: &mut Tx) -> Result<(), AppError> {
    let id = tx.actor().id;
    match tx.actor().kind {
        ActorKind::Person => {
            sqlx::query_scalar!("select id from staff where id = $1 for no key update", id)
                .fetch_optional(tx.db())
                .await?
        }
        ActorKind::ApiKey => {
            sqlx::query_scalar!(
                "select id from api_keys where id = $1 for no key update",
                id
            )
            .fetch_optional(tx.db())
            .await?
        }
    };
    Ok(())
}
