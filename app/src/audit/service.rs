//! Records what a transaction did, and reads it back as timelines. Has no way to change an entry.

use super::{ChangeKind, Entry, ObjectKind, TimelinePage, store};
use crate::{
    auth::Action,
    context::Ctx,
    db::Tx,
    effects::Effect,
    error::AppError,
    ids::{AuditEntryId, ConfigurationId, CustomerId},
    lifecycle::Reason,
    outbox,
};
use serde_json::Value;
use uuid::Uuid;

pub const TIMELINE_PAGE: usize = 25;

/// One entry to be written: what happened to one customer, or to something that belongs to none.
#[derive(Debug, Clone)]
pub struct Change {
    pub customer_id: Option<CustomerId>,
    pub kind: ChangeKind,
    pub object_kind: ObjectKind,
    pub object_id: Uuid,
    pub reason: Option<Reason>,
    pub before: Value,
    pub after: Value,
    pub effects: Vec<Effect>,
}

impl Change {
    /// Whether a list of customers or configurations may count otherwise after it.
    fn changes_lists(&self) -> bool {
        matches!(
            self.object_kind,
            ObjectKind::Customer | ObjectKind::Configuration
        )
    }
}

/// Writes an entry and an outbox event for each change. Belongs on the last line before a commit.
pub async fn record(tx: &mut Tx, changes: &[Change]) -> Result<(), AppError> {
    if changes.is_empty() {
        return Ok(());
    }
    tx.give_way().await;
    if changes.iter().any(Change::changes_lists) {
        tx.note_changed_lists();
    }
    let ids: Vec<AuditEntryId> = changes
        .iter()
        .map(|_| AuditEntryId(Uuid::now_v7()))
        .collect();
    store::insert(tx, &ids, changes).await?;
    outbox::service::announce(tx, &ids, changes).await
}

/// A customer's entries, newest first; those older than `before` when it is given.
pub async fn timeline(
    ctx: &Ctx,
    customer: CustomerId,
    before: Option<AuditEntryId>,
) -> Result<TimelinePage, AppError> {
    ctx.may(Action::Read)?;
    let mut entries =
        store::entries(ctx.db.reader(), customer, None, before, TIMELINE_PAGE + 1).await?;
    let more = entries.len() > TIMELINE_PAGE;
    entries.truncate(TIMELINE_PAGE);
    Ok(TimelinePage { entries, more })
}

/// What was done to a configuration, newest first: as many entries as a page shows.
pub async fn history(
    ctx: &Ctx,
    customer: CustomerId,
    configuration: ConfigurationId,
) -> Result<Vec<Entry>, AppError> {
    ctx.may(Action::Read)?;
    let about = Some(configuration);
    store::entries(ctx.db.reader(), customer, about, None, TIMELINE_PAGE).await
}

/// The state that a customer's latest change of `kind` replaced, and the version it left behind.
pub(crate) async fn latest(
    tx: &mut Tx,
    customer: CustomerId,
    kind: ChangeKind,
) -> Result<Option<(Value, Value)>, AppError> {
    store::latest(tx.db(), customer, kind).await
}

/// What a customer's latest change of `kind` did.
pub(crate) async fn latest_effects(
    ctx: &Ctx,
    customer: CustomerId,
    kind: ChangeKind,
) -> Result<Vec<Effect>, AppError> {
    store::latest_effects(ctx.db.reader(), customer, kind).await
}
