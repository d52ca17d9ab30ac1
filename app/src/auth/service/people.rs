//! Accounts. For operators at the command line; sessions and keys cannot change them.

use super::secrets::{hash, password_is_long};
use crate::{
    auth::{Role, store},
    db::Db,
    error::AppError,
    ids::StaffId,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

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
