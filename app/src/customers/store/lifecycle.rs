//! Stamps of archives on customers.

use crate::{
    db::{defect, rows},
    error::AppError,
    ids::CustomerId,
    lifecycle::{Archived, Reason},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) async fn archive(
    db: &mut PgConnection,
    ids: &[CustomerId],
    stamp: &Archived,
) -> Result<(), AppError> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let result = sqlx::query!(
        r#"
        update customers
        set archived_at = $2, archived_by = $3, archive_reason = $4, updated_at = $2, version = version + 1
        where id = any($1) and archived_at is null
        "#,
        &ids,
        stamp.at,
        serde_json::to_value(&stamp.by).map_err(|error| defect(&error))?,
        stamp.reason.as_ref().map(Reason::as_str),
    )
    .execute(db)
    .await?;
    rows(&result, ids.len())
}

pub(crate) async fn unarchive(
    db: &mut PgConnection,
    ids: &[CustomerId],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let result = sqlx::query!(
        r#"
        update customers
        set archived_at = null, archived_by = null, archive_reason = null, updated_at = $2, version = version + 1
        where id = any($1) and archived_at is not null
        "#,
        &ids,
        now,
    )
    .execute(db)
    .await?;
    rows(&result, ids.len())
}

/// Puts an earlier archive's stamp back.
pub(crate) async fn restore(
    db: &mut PgConnection,
    id: CustomerId,
    stamp: &Archived,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let result = sqlx::query!(
        r#"
        update customers
        set archived_at = $2, archived_by = $3, archive_reason = $4, updated_at = $5, version = version + 1
        where id = $1 and archived_at is null
        "#,
        id.0,
        stamp.at,
        serde_json::to_value(&stamp.by).map_err(|error| defect(&error))?,
        stamp.reason.as_ref().map(Reason::as_str),
        now,
    )
    .execute(db)
    .await?;
    rows(&result, 1)
}
