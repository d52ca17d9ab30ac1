//! The list of customers.

use crate::{
    billing_configurations::Provider,
    confirm::request::Subjects,
    customers::{
        CustomerList, CustomerRow,
        server_fns::{count_customer_tabs, count_customers, list_customers},
    },
    listing::{
        SortKey,
        page::{
            Counts, Kind, ListState, Listed, Place, list_page, row_menu, skeleton, sort_header,
            tick, tick_header,
        },
    },
    ui::{
        badge::{look_of, write_badge},
        fetched::Fetched,
        markup::{self, Markup},
        money::amounts,
        selection::Row,
        table, time,
    },
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

static KIND: Kind = Kind {
    subjects: Subjects::Customers,
    title: "Customers",
    nouns: ("customer", "customers"),
    placeholder: "Name, key, alias, email or id",
    sorts: &SortKey::CUSTOMERS,
    first_use: "Customers appear here when the API creates the first one.",
};

#[component]
pub fn CustomersPage() -> impl IntoView {
    let state = ListState::new(&KIND);
    let (query, filter, confirming) = (state.query, state.filter(), state.confirming);
    let rows = Fetched::new(
        move || {
            format!(
                "{} {}",
                query.with(|query| query.href("")),
                confirming.settled()
            )
        },
        move || list_customers(query.get_untracked()),
    );
    let counts = Fetched::new(
        move || {
            format!(
                "{} {}",
                filter.with(|filter| filter.href("")),
                confirming.settled()
            )
        },
        move || async move {
            let filter = filter.get_untracked();
            let matching = if filter.is_filtered() {
                Some(count_customers(filter, false).await)
            } else {
                None
            };
            Ok(Counts::of(count_customer_tabs().await, matching))
        },
    );
    list_page(state, rows, counts)
}

impl Listed for CustomerList {
    fn place(&self) -> Place {
        Place {
            shown: self.rows.len(),
            links: self.links.clone(),
        }
    }

    fn tickable(&self) -> Vec<Row> {
        self.rows
            .iter()
            .map(|row| Row {
                id: row.id.0,
                archived: row.archived,
            })
            .collect()
    }

    fn table(this: Option<&Self>, state: ListState, may: bool) -> AnyView {
        let shown = this.map_or(0, |list| list.rows.len());
        let body = match this {
            Some(list) => list
                .rows
                .iter()
                .enumerate()
                .map(|(number, row)| line(number, row, list.now, may))
                .collect_view()
                .into_any(),
            None => skeleton(9 + usize::from(may)),
        };
        view! {
            <table class="table rows">
                <caption class="sr-only" tabindex="-1">"Customers"</caption>
                <colgroup>
                    {may.then(|| view! { <col class="w-(--tick)"/> })}
                    <col/>
                    <col class="p1 w-38"/>
                    <col class="w-27"/>
                    <col class="p3 w-38"/>
                    <col class="p2 w-20"/>
                    <col class="p3 w-37"/>
                    <col class="p2 w-29"/>
                    <col class="p2 w-27"/>
                    <col class="p3 w-14"/>
                </colgroup>
                <thead>
                    <tr>
                        {may.then(|| tick_header(shown))}
                        {sort_header(state, SortKey::Name, "Name", "")}
                        <th scope="col" class="p1">"Key"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col" class="p3">"Providers"</th>
                        <th scope="col" class="p2 r">"Contracts"</th>
                        <th scope="col" class="p3 r">"Open invoices"</th>
                        <th scope="col" class="p2">"Recharge"</th>
                        {sort_header(state, SortKey::Updated, "Updated", "p2")}
                        <th scope="col" class="p3 a"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        }
        .into_any()
    }
}

fn line(number: usize, row: &CustomerRow, now: DateTime<Utc>, may: bool) -> AnyView {
    let id = row.id.to_string();
    let updated = time::relative(row.updated_at, now);
    let short = match providers_in_short(&row.providers) {
        Some(providers) => format!("{providers} · {updated}"),
        None => updated,
    };
    let class = row.archived.then_some("dim");
    markup::row(class, |markup| {
        if may {
            tick(markup, &id, &row.name);
        }
        markup
            .raw(r#"<th scope="row"><a href="/customers/"#)
            .text(&id)
            .raw(r#""><bdi>"#)
            .text(&row.name)
            .raw(r#"</bdi></a><span class="s">"#)
            .text(&short)
            .raw(r#"</span></th><td class="p1 m">"#)
            .text(&row.key)
            .raw("</td><td>");
        let (look, word) = look_of(row.archived);
        write_badge(markup, look, &word);
        markup.raw(r#"</td><td class="p3">"#);
        providers(markup, &row.providers);
        markup.raw(r#"</td><td class="p2 r">"#);
        table::write_count(markup, row.live_contracts);
        markup.raw(r#"</td><td class="p3 r">"#);
        amounts(markup, &row.open_invoices);
        markup.raw(r#"</td><td class="p2">"#);
        recharge(markup, row.spend_recharge, row.credit_recharge);
        markup.raw(r#"</td><td class="p2 q">"#);
        time::write_ago(markup, row.updated_at, now);
        markup.raw("</td>");
        row_menu(
            markup,
            number,
            Subjects::Customers,
            &id,
            &row.name,
            row.archived,
            may,
        );
    })
}

/// `Stripe +1`.
fn providers_in_short(providers: &[Provider]) -> Option<String> {
    let first = providers.first()?.label();
    Some(if providers.len() > 1 {
        format!("{first} +{}", providers.len() - 1)
    } else {
        first.to_owned()
    })
}

fn providers(markup: &mut Markup, providers: &[Provider]) {
    match providers {
        [] => table::no_value(markup),
        [one] => {
            markup.text(&one.label());
        }
        [first, rest @ ..] => {
            let all = providers
                .iter()
                .map(|provider| provider.label())
                .collect::<Vec<_>>()
                .join(", ");
            markup
                .raw(r#"<span title=""#)
                .text(&all)
                .raw(r#"">"#)
                .text(&first.label())
                .raw(r#" <span class="text-muted">+"#)
                .text(&rest.len())
                .raw("</span></span>");
        }
    }
}

/// Which threshold recharges would charge.
pub fn recharge(markup: &mut Markup, spend: bool, credit: bool) {
    markup.raw(match (spend, credit) {
        (true, true) => "Spend, credit",
        (true, false) => "Spend",
        (false, true) => "Credit",
        (false, false) => r#"<span class="f">Off</span>"#,
    });
}
