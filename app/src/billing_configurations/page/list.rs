//! The list of billing provider configurations.

use super::table::look_of;
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
        badge::{Badge, write_badge},
        fetched::Fetched,
        icons,
        markup::{self, Markup},
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
                Some(count_configurations(filter, false).await)
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
    let class = (row.standing != Standing::Active).then_some("dim");
    markup::row(class, |markup| {
        if may {
            tick(markup, &id, &name);
        }
        markup
            .raw(r#"<th scope="row"><a href="/billing-configurations/"#)
            .text(&id)
            .raw(r#"">"#)
            .text(&provider)
            .raw(r#"</a><bdi class="s">"#)
            .text(&row.customer_name)
            .raw(r#"</bdi></th><td class="p2 m">"#);
        text(markup, row.provider_reference.as_deref());
        markup
            .raw(r#"</td><td class="p3"><a class="hover:underline" href="/customers/"#)
            .text(&row.customer_id)
            .raw(r#""><bdi>"#)
            .text(&row.customer_name)
            .raw(r#"</bdi></a></td><td class="p1 m">"#);
        text(markup, row.uniqueness_key.as_deref());
        markup.raw("</td><td>");
        let (look, word) = look_of(row.standing);
        write_badge(markup, look, &word);
        markup.raw(r#"</td><td class="p1">"#);
        grace(markup, row.in_grace_period);
        markup.raw(r#"</td><td class="p2 r">"#);
        table::write_count(markup, row.live_contracts);
        markup.raw(r#"</td><td class="p2">"#);
        recharge(markup, row.spend_recharge, row.credit_recharge);
        markup.raw(r#"</td><td class="p2 q">"#);
        time::write_ago(markup, row.updated_at, now);
        markup.raw("</td>");
        row_menu(
            markup,
            number,
            Subjects::Configurations,
            &id,
            &name,
            archived,
            may,
        );
    })
}

fn text(markup: &mut Markup, text: Option<&str>) {
    match text {
        Some(text) => {
            markup.text(&text);
        }
        None => table::no_value(markup),
    }
}

fn grace(markup: &mut Markup, invoices: u32) {
    let look = Badge::Warn(icons::CLOCK);
    match invoices {
        0 => table::no_value(markup),
        1 => write_badge(markup, look, &"1 invoice"),
        some => write_badge(markup, look, &format_args!("{some} invoices")),
    }
}
