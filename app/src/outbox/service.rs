//! Announces changes inside the transaction that made them, so that nothing is announced that did not happen.

use super::store;
use crate::{audit::service::Change, db::Tx, error::AppError, ids::AuditEntryId};

pub(crate) async fn announce(
    tx: &mut Tx,
    entries: &[AuditEntryId],
    changes: &[Change],
) -> Result<(), AppError> {
    store::insert(tx, entries, changes).await
}
