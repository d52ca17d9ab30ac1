//! One customer at a glance: what hangs on it, what an archive would do, and what machines need to know.

use super::aside::{aliases, api, facts_card, if_archived, set_up_again};
use crate::{
    audit::page::timeline,
    billing_configurations::page::table::configurations_table,
    contracts::page::{contracts_count, contracts_table},
    customers::CustomerDetail,
    invoices::page::invoices_table,
    ui::card::{card, nothing},
};
use leptos::prelude::*;

/// Invoices that fit a glance.
const INVOICES_SHOWN: usize = 5;

pub fn overview(detail: &CustomerDetail, preview: AnyView) -> AnyView {
    view! {
        <div class="cols">
            <div>
                {contracts_card(detail)}
                {invoices_glance(detail)}
                {configurations_card(detail)}
                {timeline_glance(detail)}
            </div>
            <aside aria-label="About this customer">
                {set_up_again(&detail.set_up_again)}
                {if_archived(detail, preview)}
                {facts_card(detail)}
                {aliases(detail)}
                {api(detail)}
            </aside>
        </div>
    }
    .into_any()
}

pub fn contracts_card(detail: &CustomerDetail) -> AnyView {
    let body = if detail.contracts.is_empty() {
        nothing("This customer has no contracts.")
    } else {
        contracts_table(&detail.contracts, &detail.configurations)
    };
    card(
        "contracts",
        "Contracts",
        contracts_count(&detail.contracts),
        (),
        body,
    )
}

fn invoices_glance(detail: &CustomerDetail) -> AnyView {
    let shown = &detail.invoices[..detail.invoices.len().min(INVOICES_SHOWN)];
    let total = detail.invoices_total;
    if (shown.len() as i64) >= total {
        return invoices_card(detail);
    }
    let href = format!("/customers/{}/invoices", detail.customer.id);
    let all = view! { <a class="link inline-block py-0.5" href=href>{format!("All {total}")}</a> };
    let count = format!("{} of {total}", shown.len());
    card(
        "invoices",
        "Invoices",
        count,
        all,
        invoices_table("Latest invoices", shown, detail.now),
    )
}

pub fn invoices_card(detail: &CustomerDetail) -> AnyView {
    let (shown, total) = (detail.invoices.len() as i64, detail.invoices_total);
    let count = match (shown, total) {
        (_, 0) => String::new(),
        (shown, total) if shown < total => format!("the newest {shown} of {total}"),
        _ => total.to_string(),
    };
    let body = if detail.invoices.is_empty() {
        nothing("This customer has no invoices.")
    } else {
        invoices_table("Invoices", &detail.invoices, detail.now)
    };
    card("invoices", "Invoices", count, (), body)
}

pub fn configurations_card(detail: &CustomerDetail) -> AnyView {
    let count = detail.configurations.len();
    let body = if count == 0 {
        nothing("This customer has no billing provider configurations.")
    } else {
        let archived = detail.customer.lifecycle.is_archived();
        configurations_table(&detail.configurations, &detail.contracts, archived)
    };
    let count = if count == 0 {
        String::new()
    } else {
        count.to_string()
    };
    card("configurations", "Configurations", count, (), body)
}

fn timeline_glance(detail: &CustomerDetail) -> AnyView {
    let page = &detail.timeline;
    let older = page.entries.last().filter(|_| page.more).map(|last| {
        let href = format!("/customers/{}/timeline?before={}", detail.customer.id, last.id);
        view! { <p class="px-4 pb-3.5 text-table"><a class="link inline-block py-0.5" href=href>"Show older"</a></p> }
    });
    card(
        "timeline",
        "Timeline",
        "",
        (),
        view! { {timeline(&page.entries)}{older} },
    )
}
