//! Beside one customer: what an archive would do, what to set up again, facts, aliases, and the same over the API.

use crate::{
    customers::{CustomerDetail, CustomerType, SetUpAgain},
    effects_text::{flat_lines, plural},
    ui::{
        announce::Announcer,
        button,
        card::{card, facts, nothing, short_id, snippet, verdict},
        copy::{copy, copy_button},
        effects::{Line, Note, effects_flat},
        hydration, time,
    },
};
use leptos::prelude::*;

pub(super) fn if_archived(detail: &CustomerDetail, preview: AnyView) -> AnyView {
    if detail.customer.lifecycle.is_archived() {
        return ().into_any();
    }
    let lines = flat_lines(&detail.effects);
    let body = if lines.is_empty() {
        nothing("Nothing else would change.")
    } else {
        effects_flat(lines)
    };
    let sentence = if detail.unarchive_allowed {
        "Unarchiving would bring back the customer, not the contracts or invoices."
    } else {
        "It would be final: unarchive is switched off in this deployment."
    };
    card(
        "if-archived",
        "If archived now",
        "",
        preview,
        view! { {body}{verdict(sentence)} },
    )
}

/// The way back into service, step by step.
pub(super) fn set_up_again(again: &SetUpAgain) -> AnyView {
    let mut steps: Vec<(&str, String)> = Vec::new();
    if let Some(first) = again.contracts.first() {
        let small = match again.contracts.len() {
            1 => format!("copy the terms of {first}"),
            many => format!("copy the terms of {first} and {} more", many - 1),
        };
        steps.push((
            plural(
                again.contracts.len() as u64,
                "New contract",
                "New contracts",
            ),
            small,
        ));
    }
    if !again.configurations.is_empty() {
        let left = plural(
            again.configurations.len() as u64,
            "was left in place",
            "were left in place",
        );
        steps.push((
            "Attach configuration",
            format!("{} {left}", again.configurations.join(", ")),
        ));
    }
    if !again.recharges.is_empty() {
        steps.push((
            "Recharges",
            format!("were on: {}", again.recharges.join(", ")),
        ));
    }
    if again.voided_invoices > 0 {
        let small = format!("{} voided, if still owed", again.voided_invoices);
        steps.push(("Re-issue invoices", small));
    }
    if steps.is_empty() {
        return ().into_any();
    }
    let lines = steps
        .into_iter()
        .enumerate()
        .map(|(step, (words, small))| Line {
            figure: step as u64 + 1,
            words: words.to_owned(),
            notes: vec![Note {
                text: small,
                warns: false,
            }],
            ..Line::default()
        })
        .collect();
    card("again", "To set up again", "", (), effects_flat(lines))
}

pub(super) fn facts_card(detail: &CustomerDetail) -> AnyView {
    let customer = &detail.customer;
    let id = customer.id.to_string();
    let mut known: Vec<(&'static str, AnyView)> = vec![
        (
            "Id",
            view! {
                <span class="inline-flex items-center font-mono text-[.75rem]">
                    <span title=id.clone()>{short_id(&id)}</span>
                    {copy_button("Id", id)}
                </span>
            }
            .into_any(),
        ),
        (
            "Created",
            time::stamp(
                customer.created_at,
                time::day(customer.created_at.date_naive()),
            ),
        ),
    ];
    if let Some(kind) = customer.customer_type {
        let kind = match kind {
            CustomerType::Business => "Business",
            CustomerType::Individual => "Individual",
        };
        known.push(("Type", kind.into_any()));
    }
    if let Some(email) = customer.primary_email.clone() {
        known.push(("Email", view! { <bdi>{email}</bdi> }.into_any()));
    }
    if !detail.open_invoices.is_empty() {
        let amounts = detail
            .open_invoices
            .iter()
            .map(|money| view! { <span class="block whitespace-nowrap">{money.to_string()}</span> })
            .collect_view();
        known.push(("Open invoices", amounts.into_any()));
    }
    if detail.notifications > 0 {
        let count = detail.notifications;
        let stopped = if customer.lifecycle.is_archived() {
            ", stopped"
        } else {
            ""
        };
        known.push(("Notifications", format!("{count}{stopped}").into_any()));
    }
    card("facts", "Facts", "", (), facts(known))
}

pub(super) fn aliases(detail: &CustomerDetail) -> AnyView {
    let aliases = &detail.customer.ingest_aliases;
    if aliases.is_empty() {
        return ().into_any();
    }
    let items = aliases
        .iter()
        .map(|alias| view! { <li class="flex min-h-7 items-center"><bdi class="truncate">{alias.clone()}</bdi></li> })
        .collect_view();
    let sentence = if detail.customer.lifecycle.is_archived() {
        "Reserved. No other customer can use them."
    } else {
        "They stay reserved after an archive."
    };
    let body = view! {
        <ul
            class="max-h-72 overflow-y-auto px-4 pt-1 pb-3 font-mono text-[.75rem]"
            tabindex=(aliases.len() > 9).then_some("0")
        >
            {items}
        </ul>
        {verdict(sentence)}
    };
    card(
        "aliases",
        "Ingest aliases",
        aliases.len().to_string(),
        (),
        body,
    )
}

/// The same over the API.
pub(super) fn api(detail: &CustomerDetail) -> AnyView {
    let customer = &detail.customer;
    let lines = if customer.lifecycle.is_archived() {
        format!(
            "# unarchive by key\ncurl -X POST \\\n  $HOST/api/v1/customers/{}/unarchive \\\n  -H \"x-api-key: $KEY\"",
            customer.key
        )
    } else {
        format!(
            "# archive by id\ncurl -X POST \\\n  $HOST/v1/customers/archive \\\n  \
             -H \"Authorization: Bearer $KEY\" \\\n  \
             -H \"Content-Type: application/json\" \\\n  -d '{{\"id\":\"{}\"}}'",
            customer.id
        )
    };
    card("api", "API", "", copy_link(lines.clone()), snippet(lines))
}

/// Copies what is below it, once there is a script to do so.
pub fn copy_link(text: String) -> AnyView {
    let (awake, announcer) = (hydration::awake(), Announcer::expect());
    let text = StoredValue::new(text);
    let link = move || {
        awake.get().then(|| {
            let press = move |_| text.with_value(|text| copy(announcer, "Request", text));
            view! { <button type="button" class=button::LINK on:click=press>"Copy"</button> }
        })
    };
    view! { {link} }.into_any()
}
