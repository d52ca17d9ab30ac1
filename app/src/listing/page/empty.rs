//! What a list says when no row is there to show.

use super::{ListState, Place};
use crate::{
    listing::{ListQuery, Tab},
    ui::{button, empty::empty, icons, time},
};
use leptos::prelude::*;

/// First use, nothing that matches, or a page beyond the last.
pub fn no_rows(state: ListState, place: &Place) -> AnyView {
    let (kind, query) = (state.kind, state.query.get());
    let path = kind.subjects.path();
    let link = |label: String, query: ListQuery| view! { <a class=button::NEUTRAL_SMALL href=query.href(path)>{label}</a> };
    if !place.links.first {
        let first = link("First page".to_owned(), query.with(|_| ()));
        return empty(
            icons::RING,
            format!("No more {}", kind.nouns.1),
            "This page is beyond the last one.",
            first,
        );
    }
    if !query.is_filtered() && query.tab == Tab::All {
        return empty(
            icons::RING,
            format!("No {} yet", kind.nouns.1),
            kind.first_use,
            (),
        );
    }
    if !query.is_filtered() {
        let all = link(
            format!("Show all {}", kind.nouns.1),
            query.with(|query| query.tab = Tab::All),
        );
        let heading = format!("No {} {}", query.tab.as_str(), kind.nouns.1);
        return empty(icons::RING, heading, "Nothing is in this state.", all);
    }
    let clear = link(
        "Clear filters".to_owned(),
        ListQuery {
            tab: query.tab,
            sort: query.sort,
            ..ListQuery::default()
        },
    );
    let wider = (query.tab != Tab::All).then(|| {
        let label = format!("Look among all {}", kind.nouns.1);
        view! { <a class="link text-table" href=query.with(|query| query.tab = Tab::All).href(path)>{label}</a> }
    });
    let heading = format!("No {} match these filters", kind.nouns.1);
    empty(
        icons::RING,
        heading,
        described(&query),
        view! { {clear}{wider} },
    )
}

/// The filters in words.
fn described(query: &ListQuery) -> String {
    let mut words = Vec::new();
    if query.tab != Tab::All {
        words.push(format!("status {}", query.tab.as_str()));
    }
    if let Some(provider) = query.provider {
        words.push(format!("provider {}", provider.label()));
    }
    if let Some(from) = query.created_from {
        words.push(format!("created since {}", time::day(from)));
    }
    if let Some(to) = query.created_to {
        words.push(format!("created until {}", time::day(to)));
    }
    if !query.search.is_empty() {
        words.push(format!(
            "“{}” in name, key, alias, email or id",
            query.search
        ));
    }
    let mut sentence = words.join(", ");
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence + "."
}
