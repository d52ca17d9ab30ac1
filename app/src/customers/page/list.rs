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
    ui::{badge::standing, fetched::Fetched, money::amounts, selection::Row, table, time},
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
                Some(count_customers(filter).await)
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
    view! {
        <tr class=row.archived.then_some("dim")>
            {may.then(|| tick(id.clone(), &row.name))}
            <th scope="row"><a href=format!("/customers/{id}")><bdi>{row.name.clone()}</bdi></a><span class="s">{short}</span></th>
            <td class="p1 m">{row.key.clone()}</td>
            <td>{standing(row.archived)}</td>
            <td class="p3">{providers(&row.providers)}</td>
            <td class="p2 r">{table::count(row.live_contracts)}</td>
            <td class="p3 r">{amounts(&row.open_invoices)}</td>
            <td class="p2">{recharge(row.spend_recharge, row.credit_recharge)}</td>
            <td class="p2 q">{time::ago(row.updated_at, now)}</td>
            {row_menu(number, Subjects::Customers, &id, &row.name, row.archived, may)}
        </tr>
    }
    .into_any()
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

fn providers(providers: &[Provider]) -> AnyView {
    match providers {
        [] => table::none(),
        [one] => one.label().into_any(),
        [first, rest @ ..] => {
            let all = providers
                .iter()
                .map(|provider| provider.label())
                .collect::<Vec<_>>()
                .join(", ");
            view! { <span title=all>{first.label()}" "<span class="text-muted">{format!("+{}", rest.len())}</span></span> }.into_any()
        }
    }
}

/// Which threshold recharges would charge.
pub fn recharge(spend: bool, credit: bool) -> AnyView {
    match (spend, credit) {
        (true, true) => "Spend, credit".into_any(),
        (true, false) => "Spend".into_any(),
        (false, true) => "Credit".into_any(),
        (false, false) => view! { <span class="f">"Off"</span> }.into_any(),
    }
}
