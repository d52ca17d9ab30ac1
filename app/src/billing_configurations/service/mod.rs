//! Use cases of billing provider configurations. Knows no HTTP and writes no SQL.

mod confirm;
mod create;
mod lifecycle;
mod read;

pub use confirm::{ask, confirm};
pub(crate) use create::add;
pub use create::{create, delivery_method_id};
pub(crate) use lifecycle::{apply_effects, appraise, archived_since};
pub use lifecycle::{archive_of_customer, change, preview};
pub use read::{count, detail, list, named, of_customer, tab_counts};

use crate::{
    billing_configurations::{Configuration, DeliveryMethod, Provider, store},
    db::Tx,
    error::AppError,
    ids::{ConfigurationId, CustomerId},
    listing::ListQuery,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Things by the customer they belong to.
pub(crate) fn group<T>(
    things: Vec<T>,
    owner: impl Fn(&T) -> CustomerId,
) -> BTreeMap<CustomerId, Vec<T>> {
    let mut groups: BTreeMap<CustomerId, Vec<T>> = BTreeMap::new();
    for thing in things {
        groups.entry(owner(&thing)).or_default().push(thing);
    }
    groups
}

/// The first `most` of all that a list shows, each with its customer, in order of the customers' ids.
pub(crate) async fn matching(
    tx: &mut Tx,
    list: &ListQuery,
    most: i64,
) -> Result<Vec<(CustomerId, ConfigurationId)>, AppError> {
    store::ids_matching(tx.db(), list, most).await
}

/// The configurations with these uniqueness keys, each beside its key: the live ones, or those that are archived.
pub(crate) async fn keyed(
    tx: &mut Tx,
    keys: &[String],
    archived: bool,
) -> Result<Vec<(String, Uuid)>, AppError> {
    store::keyed(tx.db(), keys, archived).await
}

/// Those that exist, each with its customer, in order of the customers' ids.
pub(crate) async fn owned(
    tx: &mut Tx,
    ids: &[Uuid],
) -> Result<Vec<(CustomerId, ConfigurationId)>, AppError> {
    store::owned_ids(tx.db(), ids).await
}

/// Live configurations of customers whose rows are locked.
pub(crate) async fn live_of(
    tx: &mut Tx,
    customers: &[CustomerId],
) -> Result<Vec<Configuration>, AppError> {
    store::live_of(tx.db(), customers).await
}

/// A live configuration of this customer, for a contract to bill through.
pub(crate) async fn live_one(
    tx: &mut Tx,
    customer: CustomerId,
    id: ConfigurationId,
) -> Result<ConfigurationId, AppError> {
    store::live_of(tx.db(), &[customer])
        .await?
        .into_iter()
        .map(|one| one.id)
        .find(|found| *found == id)
        .ok_or_else(|| {
            AppError::invalid(
                "billing_provider_configuration_id",
                "is not a live configuration of this customer",
            )
        })
}

/// The customer's one live configuration with a provider, and a delivery method where it is named.
pub(crate) async fn live_matching(
    tx: &mut Tx,
    customer: CustomerId,
    provider: Provider,
    method: Option<DeliveryMethod>,
) -> Result<ConfigurationId, AppError> {
    let fits = |one: &Configuration| {
        one.billing_provider == provider
            && method.is_none_or(|method| one.delivery_method == method)
    };
    let live = store::live_of(tx.db(), &[customer]).await?;
    let mut matching = live.iter().filter(|one| fits(one));
    match (matching.next(), matching.next()) {
        (Some(one), None) => Ok(one.id),
        (None, _) => Err(AppError::invalid(
            "billing_provider",
            "the customer has no live configuration of this provider",
        )),
        (Some(_), Some(_)) => Err(AppError::invalid(
            "billing_provider",
            "the customer has several; send billing_provider_configuration_id",
        )),
    }
}
