//! The heading of a list, its tabs, and the headers of its columns.

use super::ListState;
use crate::{
    error::AppError,
    frame::FrameContext,
    listing::{ListQuery, SortKey, Tab},
    paging::{CappedCount, TabCounts},
    ui::{icons, tabs, title},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// How many rows there are. What could not be counted is left out, never 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub tabs: Option<TabCounts>,
    /// Of a filtered list: how many match.
    pub matching: Option<CappedCount>,
}

impl Counts {
    /// From what the server answered; `matching` only where the list is filtered.
    pub fn of(
        tabs: Result<TabCounts, AppError>,
        matching: Option<Result<CappedCount, AppError>>,
    ) -> Self {
        Self {
            tabs: tabs.ok(),
            matching: matching.and_then(Result::ok),
        }
    }

    /// Of the list as it is.
    pub fn current(&self, query: &ListQuery) -> Option<CappedCount> {
        if query.is_filtered() {
            self.matching
        } else {
            self.of_tab(query.tab)
        }
    }

    fn of_tab(&self, tab: Tab) -> Option<CappedCount> {
        self.tabs.map(|tabs| match tab {
            Tab::All => tabs.all,
            Tab::Active => tabs.active,
            Tab::Archived => tabs.archived,
        })
    }
}

pub(super) fn head(state: ListState, counts: Option<&Counts>) -> AnyView {
    let query = state.query.get();
    let path = state.kind.subjects.path();
    let count = counts
        .and_then(|counts| counts.current(&query))
        .map(CappedCount::label);
    let heading = state.kind.title;
    title::set(match &count {
        Some(count) => format!("{heading} ({count}) - {}", query.tab.label()),
        None => format!("{heading} - {}", query.tab.label()),
    });
    FrameContext::expect().name_page("");
    let links = Tab::ALL
        .into_iter()
        .map(|tab| tabs::Tab {
            label: tab.label(),
            count: counts
                .and_then(|counts| counts.of_tab(tab))
                .map(CappedCount::label),
            href: query.with(|query| query.tab = tab).href(path),
            current: tab == query.tab,
        })
        .collect();
    view! {
        <div class="flex min-h-12 items-center gap-2 px-(--page-x) pt-2">
            <h1>{heading}</h1>
            <span class="pt-1 text-muted tabular-nums">{count}</span>
        </div>
        {tabs::tabs("Views", links)}
    }
    .into_any()
}

/// A header that sorts: a link, so that it works alone.
pub fn sort_header(
    state: ListState,
    key: SortKey,
    label: &'static str,
    class: &'static str,
) -> AnyView {
    let query = state.query.get();
    let sorted = (query.sort.key == key).then_some(query.sort.descending);
    let (order, arrow) = match sorted {
        Some(true) => (Some("descending"), Some(icons::ARROW_DOWN)),
        Some(false) => (Some("ascending"), Some(icons::ARROW_UP)),
        None => (None, None),
    };
    view! {
        <th scope="col" class=class aria-sort=order>
            <a href=query.sorted_by(key).href(state.kind.subjects.path()) data-noscroll="">{label}{arrow.map(icons::small_icon)}</a>
        </th>
    }
    .into_any()
}
