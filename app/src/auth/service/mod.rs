//! Who is calling: sign-in with a password, sessions, API keys. Secrets are stored as hashes and shown once.

mod keys;
mod people;
mod secrets;
mod sessions;

pub use keys::{KeyFacts, add_key, keys, of_api_key, revoke_key};
pub use people::{add_person, disable_person, set_password};
pub use secrets::{PASSWORD_CHARACTERS_MIN, Secret};
pub use sessions::{
    Asked, SESSION_HOURS, SESSION_IDLE_MINUTES, end_sessions, forget_failures, forget_sessions,
    of_session, own_sessions, sign_in, sign_out,
};

use super::{Action, Actor, Flash, Shell, policy, store};
use crate::{
    context::{Ctx, Unarchive},
    db::Tx,
    error::AppError,
};

/// Uses of a session or key are noted this often at most.
const NOTE_SECONDS: i64 = 60;

/// Whether someone who asked for this a while ago may still do it.
pub(crate) async fn is_still(tx: &mut Tx, actor: &Actor, action: Action) -> Result<bool, AppError> {
    let role = store::role_now(tx, actor).await?;
    Ok(role.is_some_and(|role| policy::may(Some(role), action).is_ok()))
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

/// Lets no other transaction of the same person or key past this, until it ends.
pub(crate) async fn lock_actor(tx: &mut Tx) -> Result<(), AppError> {
    store::lock_actor(tx).await
}
