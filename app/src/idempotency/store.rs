//! All SQL on idempotency keys.

use super::service::Answer;
use crate::{
    db::rows,
    error::{AppError, Refusal},
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

pub(super) async fn forget_older(
    db: &mut PgConnection,
    scope: &str,
    key: &str,
    limit: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "delete from idempotency_keys where scope = $1 and key = $2 and created_at < $3",
        scope,
        key,
        limit
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Removes at most `limit` keys made before `then`; answers how many.
pub(super) async fn forget_some(
    db: &PgPool,
    then: DateTime<Utc>,
    limit: i64,
) -> Result<u64, AppError> {
    let result = sqlx::query!(
        r#"
        delete from idempotency_keys
        where (scope, key) in (
            select scope, key from idempotency_keys where created_at < $1 order by created_at limit $2
            for update skip locked
        )
        "#,
        then,
        limit,
    )
    .execute(db)
    .await?;
    Ok(result.rows_affected())
}

/// Whether the key is now ours. Waits briefly for whoever else is claiming it, then says that they still are.
pub(super) async fn claim(
    db: &mut PgConnection,
    scope: &str,
    key: &str,
    fingerprint: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    sqlx::query!("set local lock_timeout = '250ms'")
        .execute(&mut *db)
        .await?;
    let result = sqlx::query!(
        r#"
        insert into idempotency_keys (scope, key, fingerprint, created_at) values ($1, $2, $3, $4)
        on conflict (scope, key) do nothing
        "#,
        scope,
        key,
        fingerprint,
        now,
    )
    .execute(&mut *db)
    .await
    .map_err(|error| {
        match error
            .as_database_error()
            .and_then(|database| database.code())
            .as_deref()
        {
            Some("55P03") => AppError::Refused(Refusal::IdempotencyInFlight),
            _ => error.into(),
        }
    })?;
    sqlx::query!("set local lock_timeout = '0'")
        .execute(db)
        .await?;
    Ok(result.rows_affected() == 1)
}

pub(super) async fn find(
    db: &mut PgConnection,
    scope: &str,
    key: &str,
) -> Result<Option<(Vec<u8>, Option<Answer>)>, AppError> {
    let row = sqlx::query!(
        r#"
        select fingerprint, status, location, content_type, body
        from idempotency_keys
        where scope = $1 and key = $2
        "#,
        scope,
        key,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| {
        let answer = row.status.zip(row.body).map(|(status, body)| Answer {
            status: status.unsigned_abs(),
            location: row.location,
            content_type: row.content_type,
            body,
        });
        (row.fingerprint, answer)
    }))
}

pub(super) async fn keep(
    db: &mut PgConnection,
    scope: &str,
    key: &str,
    answer: &Answer,
) -> Result<(), AppError> {
    let result = sqlx::query!(
        r#"
        update idempotency_keys
        set status = $3, location = $4, content_type = $5, body = $6
        where scope = $1 and key = $2
        "#,
        scope,
        key,
        i16::try_from(answer.status).unwrap_or(i16::MAX),
        answer.location,
        answer.content_type,
        answer.body,
    )
    .execute(db)
    .await?;
    rows(&result, 1)
}
