//! A story's world as the rules read it, and what their effects do to it: the same as the stores do to the tables.

use super::world::World;
use crate::{
    billing_configurations::Configuration,
    contracts::{Contract, LiveContract, Recharge},
    effects::Effect,
    ids::{ContractId, InvoiceId},
    invoices::{ExternalStatus, Invoice, InvoiceStatus, StandingInvoice},
    lifecycle::{Archived, Lifecycle},
};
use chrono::{DateTime, Utc};

pub(super) fn live_configurations(world: &World) -> Vec<Configuration> {
    world
        .configurations
        .iter()
        .filter(|one| !one.lifecycle.is_archived())
        .cloned()
        .collect()
}

pub(super) fn live_contracts(world: &World) -> Vec<LiveContract> {
    let live = world
        .contracts
        .iter()
        .filter(|one| one.archived_at.is_none());
    live.map(|one| LiveContract {
        id: one.id,
        customer_id: one.customer_id,
        name: one.name.clone(),
        starting_at: one.starting_at,
        ending_before: one.ending_before,
        configuration_id: one.configuration_id,
        configuration_archived: one.configuration_archived_at.is_some(),
        metering_stopped: one.metering_stopped_at.is_some(),
        spend_recharge_enabled: one.spend_recharge_enabled,
        credit_recharge_enabled: one.credit_recharge_enabled,
    })
    .collect()
}

pub(super) fn standing_invoices(world: &World) -> Vec<StandingInvoice> {
    let standing = world
        .invoices
        .iter()
        .filter(|one| one.status != InvoiceStatus::Void);
    standing
        .map(|one| StandingInvoice {
            id: one.id,
            customer_id: one.customer_id,
            configuration_id: one.configuration_id,
            number: one.external_id.clone(),
            status: one.status,
            external_status: one.external_status,
            grace_period_ends_at: one.grace_period_ends_at,
            total: one.total.clone(),
        })
        .collect()
}

/// Does to the world what the stores do to the tables.
pub(super) fn apply(world: &mut World, effects: &[Effect], stamp: &Archived) {
    let at = stamp.at;
    for effect in effects {
        match effect {
            Effect::ContractArchived { id, after, .. } => on_contract(world, *id, at, |contract| {
                contract.ending_before = Some(*after);
                contract.archived_at = Some(at);
            }),
            Effect::MeteringStopped { id, .. } => {
                on_contract(world, *id, at, |contract| {
                    contract.metering_stopped_at = Some(at)
                });
            }
            Effect::RechargeDisabled {
                id,
                recharge: Recharge::Spend,
                ..
            } => {
                on_contract(world, *id, at, |contract| {
                    contract.spend_recharge_enabled = Some(false)
                });
            }
            Effect::RechargeDisabled {
                id,
                recharge: Recharge::Credit,
                ..
            } => {
                on_contract(world, *id, at, |contract| {
                    contract.credit_recharge_enabled = Some(false)
                });
            }
            Effect::ConfigurationDetached { id, .. } => {
                on_contract(world, *id, at, |contract| {
                    contract.configuration_archived_at = Some(at)
                });
            }
            Effect::InvoiceVoided {
                id,
                in_grace_period,
                ..
            } => on_invoice(world, *id, at, |invoice| {
                invoice.status = InvoiceStatus::Void;
                invoice.voided_at = Some(at);
                if *in_grace_period {
                    invoice.external_status = Some(ExternalStatus::Skipped);
                }
            }),
            Effect::InvoiceSkipped { id, .. } => on_invoice(world, *id, at, |invoice| {
                invoice.external_status = Some(ExternalStatus::Skipped);
            }),
            Effect::ConfigurationArchived { id, .. } => {
                for one in world.configurations.iter_mut().filter(|one| one.id == *id) {
                    one.lifecycle = Lifecycle::Archived(stamp.clone());
                    one.updated_at = at;
                }
            }
            Effect::AliasReleased { alias } => {
                world.customer.ingest_aliases.retain(|held| held != alias);
            }
            Effect::PaidInvoiceKept { .. }
            | Effect::ConfigurationUnarchived { .. }
            | Effect::AliasReserved { .. } => {}
        }
    }
}

fn on_contract(
    world: &mut World,
    id: ContractId,
    at: DateTime<Utc>,
    change: impl Fn(&mut Contract),
) {
    for contract in world.contracts.iter_mut().filter(|one| one.id == id) {
        change(contract);
        contract.updated_at = at;
    }
}

fn on_invoice(world: &mut World, id: InvoiceId, at: DateTime<Utc>, change: impl Fn(&mut Invoice)) {
    for invoice in world.invoices.iter_mut().filter(|one| one.id == id) {
        change(invoice);
        invoice.updated_at = at;
    }
}
