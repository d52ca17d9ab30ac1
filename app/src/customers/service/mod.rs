//! Use cases of customers. Knows no HTTP and writes no SQL.

mod confirm;
mod edit;
mod lifecycle;
mod read;

pub use confirm::{ask, confirm, unarchive_at_once, undo_unarchive_at_once};
pub use edit::{create, edit, set_aliases};
pub(crate) use lifecycle::appraise;
pub use lifecycle::{archive, preview, unarchive, undo_unarchive};
pub use read::{
    ApiFilter, EnvelopeFilter, count, detail, find, find_by_key, list, list_api, list_numbered,
    tab_counts,
};

use crate::{
    customers::{Customer, rules, store},
    db::Tx,
    error::{AppError, Noun, Refusal},
    ids::CustomerId,
    listing::ListQuery,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Locks the rows of those that exist, in order of id, and says which they are.
pub(crate) async fn lock(
    tx: &mut Tx,
    ids: &[CustomerId],
) -> Result<BTreeSet<CustomerId>, AppError> {
    store::lock(tx.db(), ids).await
}

/// Locks one customer, archived or not.
pub(crate) async fn lock_existing(tx: &mut Tx, id: CustomerId) -> Result<Customer, AppError> {
    lock(tx, &[id]).await?;
    store::find_many(tx.db(), &[id])
        .await?
        .pop()
        .ok_or(AppError::NotFound(Noun::Customer))
}

/// Locks one customer to be edited; an archived one refuses.
pub(crate) async fn lock_active(tx: &mut Tx, id: CustomerId) -> Result<Customer, AppError> {
    let customer = lock_existing(tx, id).await?;
    if customer.lifecycle.is_archived() {
        return Err(AppError::Refused(Refusal::CustomerArchived));
    }
    Ok(customer)
}

/// Counts a write to customers whose rows are locked.
pub(crate) async fn touch(tx: &mut Tx, ids: &[CustomerId]) -> Result<(), AppError> {
    let now = tx.now();
    store::touch(tx.db(), ids, now).await
}

/// Where a customer stands.
pub(crate) struct Head {
    pub(crate) id: CustomerId,
    pub(crate) name: String,
    pub(crate) version: i64,
    pub(crate) archived_at: Option<DateTime<Utc>>,
}

/// Those that exist, in order of id.
pub(crate) async fn heads(tx: &mut Tx, ids: &[CustomerId]) -> Result<Vec<Head>, AppError> {
    store::heads(tx.db(), ids).await
}

/// The customers with these keys or ingest aliases, each beside what named it.
pub(crate) async fn named(
    tx: &mut Tx,
    references: &[String],
) -> Result<Vec<(String, Uuid)>, AppError> {
    store::named(tx.db(), references).await
}

/// The first `most` of all that a list shows, in order of id.
pub(crate) async fn matching(
    tx: &mut Tx,
    list: &ListQuery,
    most: i64,
) -> Result<Vec<CustomerId>, AppError> {
    store::ids_matching(tx.db(), list, most).await
}

/// A set of ids in the order of their first mention.
fn unique(ids: &[CustomerId]) -> Result<Vec<CustomerId>, AppError> {
    let mut seen = BTreeSet::new();
    let unique: Vec<CustomerId> = ids.iter().filter(|id| seen.insert(**id)).copied().collect();
    if unique.is_empty() {
        return Err(AppError::invalid("ids", "must name at least one customer"));
    }
    if unique.len() > rules::IDS_MAX {
        return Err(AppError::Refused(Refusal::LimitExceeded {
            what: "customers".into(),
            most: rules::IDS_MAX,
        }));
    }
    Ok(unique)
}

fn known(found: BTreeSet<CustomerId>, ids: &[CustomerId]) -> Result<(), AppError> {
    if ids.iter().all(|id| found.contains(id)) {
        Ok(())
    } else {
        Err(AppError::NotFound(Noun::Customer))
    }
}
