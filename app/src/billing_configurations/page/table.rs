//! The configurations of one customer in a table.

use crate::{
    billing_configurations::{Configuration, Standing, rules},
    contracts::Contract,
    ui::{
        badge::{self, Badge, badge},
        table,
    },
};
use leptos::prelude::*;

/// The table; `contracts` are those of the customer.
pub fn configurations_table(
    configurations: &[Configuration],
    contracts: &[Contract],
    customer_archived: bool,
) -> AnyView {
    let rows = configurations
        .iter()
        .map(|one| {
            let used = contracts
                .iter()
                .filter(|contract| uses(contract, one))
                .count();
            row(one, used, customer_archived)
        })
        .collect_view();
    view! {
        <table class="table six">
            <caption class="sr-only">"Billing provider configurations"</caption>
            <thead>
                <tr>
                    <th scope="col">"Configuration"</th>
                    <th scope="col">"Provider id"</th>
                    <th scope="col">"Uniqueness key"</th>
                    <th scope="col">"Delivery"</th>
                    <th scope="col" class="r">"Contracts"</th>
                    <th scope="col">"Status"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// Bills through it now.
fn uses(contract: &Contract, configuration: &Configuration) -> bool {
    contract.configuration_id == Some(configuration.id)
        && contract.configuration_archived_at.is_none()
        && contract.archived_at.is_none()
}

fn row(one: &Configuration, used: usize, customer_archived: bool) -> AnyView {
    let archived = one.lifecycle.is_archived();
    let href = format!("/billing-configurations/{}", one.id);
    view! {
        <tr class=archived.then_some("dim")>
            <th scope="row"><a class="hover:text-accent hover:underline" href=href>{one.billing_provider.label()}</a></th>
            <td>{code(one.provider_reference.clone())}</td>
            <td>{code(one.uniqueness_key.clone())}</td>
            <td>{one.delivery_method.label()}</td>
            <td class="r">{table::count(u32::try_from(used).unwrap_or(u32::MAX))}</td>
            <td>{standing_badge(rules::standing(archived, customer_archived))}</td>
        </tr>
    }
    .into_any()
}

/// A value of a machine's, or none.
pub fn code(value: Option<String>) -> AnyView {
    match value {
        Some(value) => {
            view! { <bdi class="font-mono text-[.75rem] slashed-zero">{value}</bdi> }.into_any()
        }
        None => table::none(),
    }
}

pub fn standing_badge(at: Standing) -> AnyView {
    let (look, word) = look_of(at);
    badge(look, word)
}

/// What tells where a configuration stands.
pub fn look_of(at: Standing) -> (Badge, &'static str) {
    match at {
        Standing::Inert => (Badge::Idle, "Inert"),
        Standing::Archived => badge::look_of(true),
        Standing::Active => badge::look_of(false),
    }
}
