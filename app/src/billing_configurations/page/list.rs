//! The list of billing provider configurations.

use crate::{
    billing_configurations::{
        ConfigurationList, ConfigurationRow, Standing,
        server_fns::{count_configuration_tabs, count_configurations, list_configurations},
    },
    confirm::request::Subjects,
    customers::page::list::recharge,
    listing::{
        SortKey,
        page::{
            Counts, Kind, ListState, Listed, Place, list_page, row_menu, skeleton, sort_header,
            tick, tick_header,
        },
    },
    ui::{
        badge::{Badge, badge},
        fetched::Fetched,
        icons,
        selection::Row,
        table, time,
    },
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

static KIND: Kind = Kind {
    subjects: Subjects::Configurations,
    title: "Billing configurations",
    nouns: ("configuration", "configurations"),
    placeholder: "Provider id, key or customer",
    sorts: &SortKey::CONFIGURATIONS,
    first_use: "Configurations appear here when the API sets the first one for a customer.",
};

#[component]
pub fn ConfigurationsPage() -> impl IntoView {
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
        move || list_configurations(query.get_untracked()),
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
                Some(count_configurations(filter).await)
            } else {
                None
            };
            Ok(Counts::of(count_configuration_tabs().await, matching))
        },
    );
    list_page(state, rows, counts)
}

impl Listed for ConfigurationList {
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
                archived: row.standing == Standing::Archived,
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
            None => skeleton(10 + usize::from(may)),
        };
        view! {
            <table class="table rows">
                <caption class="sr-only" tabindex="-1">"Billing configurations"</caption>
                <colgroup>
                    {may.then(|| view! { <col class="w-(--tick)"/> })}
                    <col class="md:w-37"/>
                    <col class="p2 w-36"/>
                    <col class="p3"/>
                    <col class="p1 w-34"/>
                    <col class="w-27"/>
                    <col class="p1 w-28"/>
                    <col class="p2 w-20"/>
                    <col class="p2 w-28"/>
                    <col class="p2 w-27"/>
                    <col class="p3 w-14"/>
                </colgroup>
                <thead>
                    <tr>
                        {may.then(|| tick_header(shown))}
                        {sort_header(state, SortKey::Provider, "Provider", "")}
                        <th scope="col" class="p2">"Provider id"</th>
                        <th scope="col" class="p3">"Customer"</th>
                        <th scope="col" class="p1">"Uniqueness key"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col" class="p1">"In grace period"</th>
                        <th scope="col" class="p2 r">"Contracts"</th>
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

fn line(number: usize, row: &ConfigurationRow, now: DateTime<Utc>, may: bool) -> AnyView {
    let id = row.id.to_string();
    let provider = row.billing_provider.label();
    let name = format!("{provider} of {}", row.customer_name);
    let archived = row.standing == Standing::Archived;
    view! {
        <tr class=(row.standing != Standing::Active).then_some("dim")>
            {may.then(|| tick(id.clone(), &name))}
            <th scope="row">
                <a href=format!("/billing-configurations/{id}")>{provider}</a>
                <bdi class="s">{row.customer_name.clone()}</bdi>
            </th>
            <td class="p2 m">{text(row.provider_reference.as_deref())}</td>
            <td class="p3"><a class="hover:underline" href=format!("/customers/{}", row.customer_id)><bdi>{row.customer_name.clone()}</bdi></a></td>
            <td class="p1 m">{text(row.uniqueness_key.as_deref())}</td>
            <td>{standing(row.standing)}</td>
            <td class="p1">{grace(row.in_grace_period)}</td>
            <td class="p2 r">{table::count(row.live_contracts)}</td>
            <td class="p2">{recharge(row.spend_recharge, row.credit_recharge)}</td>
            <td class="p2 q">{time::ago(row.updated_at, now)}</td>
            {row_menu(number, Subjects::Configurations, &id, &name, archived, may)}
        </tr>
    }
    .into_any()
}

fn text(text: Option<&str>) -> AnyView {
    match text {
        Some(text) => text.to_owned().into_any(),
        None => table::none(),
    }
}

/// Where a configuration stands, in a badge.
pub fn standing(standing: Standing) -> AnyView {
    match standing {
        Standing::Active => badge(Badge::On, "Active"),
        Standing::Inert => badge(Badge::Idle, "Inert"),
        Standing::Archived => badge(Badge::Off, "Archived"),
    }
}

fn grace(invoices: u32) -> AnyView {
    match invoices {
        0 => table::none(),
        1 => badge(Badge::Warn(icons::CLOCK), "1 invoice"),
        some => badge(Badge::Warn(icons::CLOCK), format!("{some} invoices")),
    }
}
