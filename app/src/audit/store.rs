//! All SQL on the audit log: insert and select.

use super::{
    ChangeKind, Entry, ObjectKind,
    service::Change,
    stored::{self, Stored},
};
use crate::{
    db::{Tx, defect, rows},
    effects::Effect,
    error::AppError,
    ids::{AuditEntryId, ConfigurationId, CustomerId},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool, types::Json};
use uuid::Uuid;

pub(super) async fn insert(
    tx: &mut Tx,
    ids: &[AuditEntryId],
    changes: &[Change],
) -> Result<(), AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let customers: Vec<Option<Uuid>> = changes
        .iter()
        .map(|change| change.customer_id.map(|id| id.0))
        .collect();
    let actions: Vec<String> = changes
        .iter()
        .map(|change| change.kind.as_str().to_owned())
        .collect();
    let object_kinds: Vec<String> = changes
        .iter()
        .map(|change| change.object_kind.as_str().to_owned())
        .collect();
    let object_ids: Vec<Uuid> = changes.iter().map(|change| change.object_id).collect();
    let reasons: Vec<Option<String>> = changes
        .iter()
        .map(|change| {
            change
                .reason
                .as_ref()
                .map(|reason| reason.as_str().to_owned())
        })
        .collect();
    let befores: Vec<Json<&Value>> = changes.iter().map(|change| Json(&change.before)).collect();
    let afters: Vec<Json<&Value>> = changes.iter().map(|change| Json(&change.after)).collect();
    let effects: Vec<Json<Stored>> = changes
        .iter()
        .map(|change| Json(Stored(&change.effects)))
        .collect();
    let actor = serde_json::to_value(tx.actor()).map_err(|error| defect(&error))?;
    let role = tx.actor().role.as_str();
    let request = tx.request().clone();
    let job = tx.job().map(|job| job.0);
    let now = tx.now();
    let result = sqlx::query!(
        r#"
        insert into audit_entries (
            id, customer_id, at, actor, role, action, object_kind, object_id, reason, request_id, ip, user_agent,
            before, after, effects, job_id
        )
        select
            id, customer_id, $8, $9, $10, action, object_kind, object_id, reason, $11, $12, $13, before, after, effects, $16
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::jsonb[], $14::jsonb[], $15::jsonb[])
            as change (id, customer_id, action, object_kind, object_id, reason, before, after, effects)
        "#,
        &ids,
        &customers as &[Option<Uuid>],
        &actions,
        &object_kinds,
        &object_ids,
        &reasons as &[Option<String>],
        &befores as &[Json<&Value>],
        now,
        actor,
        role,
        request.id,
        request.ip,
        request.user_agent,
        &afters as &[Json<&Value>],
        &effects as &[Json<Stored>],
        job,
    )
    .execute(tx.db())
    .await?;
    rows(&result, changes.len())
}

struct Row {
    id: Uuid,
    at: DateTime<Utc>,
    actor: Value,
    action: String,
    object_kind: String,
    object_id: Uuid,
    reason: Option<String>,
    request_id: String,
    effects: Value,
}

impl TryFrom<Row> for Entry {
    type Error = AppError;

    fn try_from(row: Row) -> Result<Self, AppError> {
        Ok(Self {
            id: AuditEntryId(row.id),
            at: row.at,
            actor: serde_json::from_value(row.actor).map_err(|error| defect(&error))?,
            change: row.action.parse().map_err(|error: String| defect(&error))?,
            object_kind: match row.object_kind.as_str() {
                "configuration" => ObjectKind::Configuration,
                "contract" => ObjectKind::Contract,
                "invoice" => ObjectKind::Invoice,
                "session" => ObjectKind::Session,
                "bulk_job" => ObjectKind::BulkJob,
                _ => ObjectKind::Customer,
            },
            object_id: row.object_id,
            reason: row.reason,
            request_id: row.request_id,
            effects: stored::read(row.effects).map_err(|error| defect(&error))?,
        })
    }
}

/// A customer's entries, newest first; where a configuration is named, those that are about it or did something to it.
pub(super) async fn entries(
    db: &PgPool,
    customer: CustomerId,
    configuration: Option<ConfigurationId>,
    before: Option<AuditEntryId>,
    limit: usize,
) -> Result<Vec<Entry>, AppError> {
    let found = sqlx::query_as!(
        Row,
        r#"
        select id, at, actor, action, object_kind, object_id, reason, request_id, effects
        from audit_entries
        where customer_id = $1
            and ($2::uuid is null or id < $2)
            and (
                $3::uuid is null
                or object_id = $3
                or effects @> jsonb_build_array(jsonb_build_object('id', $3))
                or effects @> jsonb_build_array(jsonb_build_object('configuration', $3))
            )
        order by id desc
        limit $4
        "#,
        customer.0,
        before.map(|id| id.0),
        configuration.map(|id| id.0),
        limit as i64,
    )
    .fetch_all(db)
    .await?;
    found.into_iter().map(Entry::try_from).collect()
}

pub(super) async fn latest(
    db: &mut PgConnection,
    customer: CustomerId,
    kind: ChangeKind,
) -> Result<Option<(Value, Value)>, AppError> {
    let row = sqlx::query!(
        r#"
        select before as "before!", after as "after!"
        from audit_entries
        where customer_id = $1 and action = $2
        order by id desc
        limit 1
        "#,
        customer.0,
        kind.as_str(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.before, row.after)))
}

pub(super) async fn latest_effects(
    db: &PgPool,
    customer: CustomerId,
    kind: ChangeKind,
) -> Result<Vec<Effect>, AppError> {
    let effects = sqlx::query_scalar!(
        "select effects from audit_entries where customer_id = $1 and action = $2 order by id desc limit 1",
        customer.0,
        kind.as_str(),
    )
    .fetch_optional(db)
    .await?;
    effects.map_or(Ok(Vec::new()), |effects| {
        stored::read(effects).map_err(|error| defect(&error))
    })
}
