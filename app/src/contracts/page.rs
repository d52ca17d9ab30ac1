//! Contracts in a table, as the pages of a customer and of a configuration show them.

use super::{Contract, Recharge};
use crate::{
    billing_configurations::Configuration,
    ui::{
        badge::{Badge, badge, standing},
        card::{short_id, short_reference},
        icons, span, table,
    },
};
use leptos::prelude::*;

/// The table. Names of configurations are looked up in `configurations`.
pub fn contracts_table(contracts: &[Contract], configurations: &[Configuration]) -> AnyView {
    let rows = contracts
        .iter()
        .map(|contract| row(contract, configurations))
        .collect_view();
    view! {
        <table class="table six">
            <caption class="sr-only">"Contracts"</caption>
            <thead>
                <tr>
                    <th scope="col">"Contract"</th>
                    <th scope="col">"Term"</th>
                    <th scope="col">"Configuration"</th>
                    <th scope="col">"Spend recharge"</th>
                    <th scope="col">"Credit recharge"</th>
                    <th scope="col">"Status"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(contract: &Contract, configurations: &[Configuration]) -> AnyView {
    let archived = contract.archived_at.is_some();
    let status = if !archived && contract.metering_stopped_at.is_some() {
        badge(Badge::Warn(icons::CLOCK), "Not metered")
    } else {
        standing(archived)
    };
    view! {
        <tr class=archived.then_some("dim")>
            <th scope="row"><bdi>{contract.title()}</bdi></th>
            <td>{span::span(contract.starting_at, contract.ending_before)}</td>
            <td>{configuration(contract, configurations)}</td>
            <td>{recharge(contract, Recharge::Spend)}</td>
            <td>{recharge(contract, Recharge::Credit)}</td>
            <td>{status}</td>
        </tr>
    }
    .into_any()
}

fn configuration(contract: &Contract, configurations: &[Configuration]) -> AnyView {
    let named = |id| configurations.iter().find(|one| one.id == id);
    let Some(id) = contract.configuration_id else {
        return table::none();
    };
    let name = match named(id) {
        Some(one) => {
            let reference = one.provider_reference.as_deref().map(short_reference);
            view! { {one.billing_provider.label()}" "<bdi class="font-mono text-[.75rem]">{reference}</bdi> }
                .into_any()
        }
        None => short_id(&id.to_string()).into_any(),
    };
    let detached = contract
        .configuration_archived_at
        .is_some()
        .then_some(", archived");
    let href = format!("/billing-configurations/{id}");
    view! { <a class="hover:underline" href=href>{name}</a><span class="text-muted">{detached}</span> }.into_any()
}

/// On is a fact to act on; everything else is quiet.
fn recharge(contract: &Contract, recharge: Recharge) -> AnyView {
    let disabled = contract.archived_at.is_some() || contract.configuration_archived_at.is_some();
    match contract.recharge_enabled(recharge) {
        Some(true) => badge(Badge::On, "On"),
        Some(false) if disabled => "Disabled".into_any(),
        Some(false) => view! { <span class="text-faint">"Off"</span> }.into_any(),
        None => table::none(),
    }
}

/// `2 active, 1 archived`.
pub fn contracts_count(contracts: &[Contract]) -> String {
    let archived = contracts
        .iter()
        .filter(|contract| contract.archived_at.is_some())
        .count();
    match (contracts.len() - archived, archived) {
        (0, 0) => String::new(),
        (active, 0) => format!("{active} active"),
        (0, archived) => format!("{archived} archived"),
        (active, archived) => format!("{active} active, {archived} archived"),
    }
}
