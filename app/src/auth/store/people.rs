//! People who may sign in, and failures to.

use super::role;
use crate::{
    auth::{Actor, ActorKind, Role},
    db::{Db, Tx},
    error::AppError,
    ids::StaffId,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(crate) struct Person {
    pub(crate) actor: Actor,
    pub(crate) password_hash: String,
    pub(crate) disabled: bool,
}

pub(crate) async fn person_by_email(db: &Db, email: &str) -> Result<Option<Person>, AppError> {
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
pub(crate) async fn is_password(
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
pub(crate) async fn failures(
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

pub(crate) async fn note_failure(
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

/// Removes at most `limit` failures to sign in of before `then`; answers how many.
pub(crate) async fn forget_failures(
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
pub(crate) async fn add_person(
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
pub(crate) async fn set_password(
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
pub(crate) async fn disable_person(
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
