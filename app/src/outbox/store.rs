//! All SQL on the outbox.

use crate::{
    audit::service::Change,
    db::{Tx, rows},
    error::AppError,
    ids::AuditEntryId,
};
use uuid::Uuid;

pub(super) async fn insert(
    tx: &mut Tx,
    entries: &[AuditEntryId],
    changes: &[Change],
) -> Result<(), AppError> {
    let ids: Vec<Uuid> = entries.iter().map(|_| Uuid::now_v7()).collect();
    let entry_ids: Vec<Uuid> = entries.iter().map(|entry| entry.0).collect();
    let customers: Vec<Option<Uuid>> = changes
        .iter()
        .map(|change| change.customer_id.map(|id| id.0))
        .collect();
    let kinds: Vec<String> = changes
        .iter()
        .map(|change| change.kind.as_str().to_owned())
        .collect();
    let now = tx.now();
    let result = sqlx::query!(
        r#"
        insert into outbox_events (id, audit_entry_id, customer_id, kind, created_at)
        select id, audit_entry_id, customer_id, kind, $5
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) as event (id, audit_entry_id, customer_id, kind)
        "#,
        &ids,
        &entry_ids,
        &customers as &[Option<Uuid>],
        &kinds,
        now,
    )
    .execute(tx.db())
    .await?;
    rows(&result, entries.len())
}
