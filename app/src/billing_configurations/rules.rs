//! What archiving and unarchiving configurations does, and what a new one must look like. Pure.

use super::{
    Configuration, ConfigurationWorld, DeliveryMethod, NewConfiguration, Provider, Standing,
};
use crate::{effects::Effect, error::AppError, ids::ConfigurationId};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Ids that one request may name.
pub const IDS_MAX: usize = 1_000;
/// Configurations that one request may create.
pub const NEW_MAX: usize = 100;
pub const UNIQUENESS_KEY_CHARACTERS_MAX: usize = 128;

/// Archives those that are live, with all that follows on the contracts that use them, and on the invoices whose grace period had
/// not ended at `counted_at`.
pub fn archive(world: &ConfigurationWorld, counted_at: DateTime<Utc>) -> Vec<Effect> {
    let archived: BTreeSet<ConfigurationId> = world
        .configurations
        .iter()
        .filter(|one| !one.lifecycle.is_archived())
        .map(|one| one.id)
        .collect();
    let uses = |id: Option<ConfigurationId>| id.filter(|id| archived.contains(id));
    let mut effects = Vec::new();
    for one in world
        .configurations
        .iter()
        .filter(|one| archived.contains(&one.id))
    {
        effects.push(Effect::ConfigurationArchived {
            id: one.id,
            provider: one.billing_provider,
            uniqueness_key: one.uniqueness_key.clone(),
        });
    }
    for contract in &world.contracts {
        let Some(configuration) = uses(contract.configuration_id) else {
            continue;
        };
        if !contract.configuration_archived {
            effects.push(Effect::ConfigurationDetached {
                id: contract.id,
                name: contract.title(),
                configuration,
            });
        }
        if !contract.metering_stopped {
            effects.push(Effect::MeteringStopped {
                id: contract.id,
                name: contract.title(),
            });
        }
        for recharge in contract.recharges_on() {
            effects.push(Effect::RechargeDisabled {
                id: contract.id,
                name: contract.title(),
                recharge,
            });
        }
    }
    for invoice in &world.invoices {
        if uses(invoice.configuration_id).is_some() && invoice.in_grace_period(counted_at) {
            effects.push(Effect::InvoiceSkipped {
                id: invoice.id,
                number: invoice.number.clone(),
                money: invoice.total.clone(),
                before: invoice.external_status,
            });
        }
    }
    effects
}

/// Unarchives one. Contracts stay detached, metering stays stopped, recharges stay off.
pub fn unarchive(one: &Configuration) -> Option<Effect> {
    one.lifecycle
        .is_archived()
        .then(|| Effect::ConfigurationUnarchived {
            id: one.id,
            provider: one.billing_provider,
            uniqueness_key: one.uniqueness_key.clone(),
        })
}

pub fn standing(configuration_archived: bool, customer_archived: bool) -> Standing {
    match (configuration_archived, customer_archived) {
        (true, _) => Standing::Archived,
        (false, true) => Standing::Inert,
        (false, false) => Standing::Active,
    }
}

/// The provider's own id of the customer, where the configuration names it.
pub fn provider_reference(provider: Provider, configuration: &serde_json::Value) -> Option<String> {
    let value = configuration.get(provider.reference_field())?;
    let text = match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text.chars().filter(|c| !c.is_control()).take(255).collect())
}

/// The delivery method that a request means, by name or by id. The names are offered with fixed ids, one for each provider
/// and method, so that a client may send either.
pub fn delivery(
    new: &NewConfiguration,
    ids: impl Fn(Provider, DeliveryMethod) -> uuid::Uuid,
) -> Result<DeliveryMethod, AppError> {
    match (new.delivery_method, new.delivery_method_id) {
        (Some(_), Some(_)) => Err(AppError::invalid(
            "delivery_method_id",
            "send either delivery_method or delivery_method_id",
        )),
        (Some(method), None) => Ok(method),
        (None, Some(id)) => DeliveryMethod::ALL
            .into_iter()
            .find(|method| ids(new.billing_provider, *method) == id)
            .ok_or_else(|| {
                AppError::invalid(
                    "delivery_method_id",
                    "is not a delivery method of this provider",
                )
            }),
        (None, None) => Err(AppError::invalid(
            "delivery_method",
            "is required, or send delivery_method_id",
        )),
    }
}

pub fn check(new: &NewConfiguration) -> Result<(), AppError> {
    if !new.configuration.is_object() {
        return Err(AppError::invalid("configuration", "must be an object"));
    }
    if let Some(key) = &new.uniqueness_key {
        let length = key.chars().count();
        if length == 0
            || length > UNIQUENESS_KEY_CHARACTERS_MAX
            || key.chars().any(char::is_control)
        {
            return Err(AppError::invalid(
                "uniqueness_key",
                "must be 1 to 128 characters without control characters",
            ));
        }
    }
    Ok(())
}
