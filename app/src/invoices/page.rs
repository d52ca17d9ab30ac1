//! Invoices in a table, as the pages of a customer and of a configuration show them.

use super::{ExternalStatus, Invoice, InvoiceStatus, rules};
use crate::{
    contracts,
    ui::{
        badge::{Badge, badge},
        icons,
        markup::cell,
        money, span, table, time,
    },
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// The table, in the order given.
pub fn invoices_table(caption: &'static str, invoices: &[Invoice], now: DateTime<Utc>) -> AnyView {
    let rows = invoices
        .iter()
        .map(|invoice| row(invoice, now))
        .collect_view();
    view! {
        <table class="table six ledger">
            <caption class="sr-only">{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">"Invoice"</th>
                    <th scope="col">"Period"</th>
                    <th scope="col">"Contract"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col">"At provider"</th>
                    <th scope="col" class="r">"Amount"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(invoice: &Invoice, now: DateTime<Utc>) -> AnyView {
    let void = invoice.status == InvoiceStatus::Void;
    let contract = contracts::title(invoice.contract_name.as_deref(), invoice.contract_id);
    let total = cell("r", |markup| money::amount(markup, &invoice.total));
    view! {
        <tr class=void.then_some("dim")>
            <th scope="row" class="font-mono text-[.75rem] slashed-zero"><bdi>{invoice.external_id.clone()}</bdi></th>
            <td>{span::period(invoice.starts_at, invoice.ends_at)}</td>
            <td><bdi>{contract}</bdi></td>
            <td>{invoice.status.label()}</td>
            <td>{at_provider(invoice, now)}</td>
            {total}
        </tr>
    }
    .into_any()
}

/// What the provider did with it, or is still to do.
fn at_provider(invoice: &Invoice, now: DateTime<Utc>) -> AnyView {
    let (status, external) = (invoice.status, invoice.external_status);
    if rules::in_grace_period(status, external, invoice.grace_period_ends_at, now) {
        let day = invoice
            .grace_period_ends_at
            .map(|at| time::short_day(at.date_naive()))
            .unwrap_or_default();
        return badge(Badge::Warn(icons::CLOCK), format!("Sends {day}"));
    }
    match (status, external) {
        (InvoiceStatus::Void, None) => "Never sent".into_any(),
        (InvoiceStatus::Void, Some(ExternalStatus::Paid)) => {
            view! { <span class="text-warn">"Paid, not refunded"</span> }.into_any()
        }
        (_, None) => table::none(),
        (_, Some(external)) => external.label().into_any(),
    }
}
