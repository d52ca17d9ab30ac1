//! The footer of a list: where one is, how many rows a page has, and the way to the pages beside it.

use super::{Counts, ListState};
use crate::{
    listing::ListQuery,
    money::group_thousands,
    paging::{PAGE_SIZES, PageLinks},
    ui::{
        button,
        icons::{self, icon},
    },
};
use leptos::prelude::*;

/// Where a page of a list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub shown: usize,
    pub links: PageLinks,
}

impl Place {
    /// Whether there is no other page.
    pub fn is_whole(&self) -> bool {
        self.links.next.is_none() && self.links.previous.is_none()
    }

    /// Only the rows of the first page can be numbered.
    fn range(&self) -> String {
        match self.shown {
            1 if self.links.first => "1".to_owned(),
            shown if self.links.first => format!("1–{shown}"),
            shown => group_thousands(shown as u64),
        }
    }
}

pub(super) fn foot(state: ListState, place: &Place, counts: Option<&Counts>) -> AnyView {
    if place.shown == 0 {
        return ().into_any();
    }
    let query = state.query.get();
    let path = state.kind.subjects.path();
    let total = counts
        .and_then(|counts| counts.current(&query))
        .map(|count| format!(" of {}", count.label()));
    let sizes = PAGE_SIZES
        .into_iter()
        .map(|size| {
            view! {
                <a
                    href=query.with(|query| query.per_page = size).href(path)
                    aria-current=(query.per_page == size).then_some("true")
                    class="inline-grid h-7 min-w-8 pointer-coarse:h-11 pointer-coarse:min-w-11 place-items-center rounded-button px-2 hover:bg-hover hover:text-text aria-[current]:bg-sunken aria-[current]:font-medium aria-[current]:text-text aria-[current]:inset-ring aria-[current]:inset-ring-border"
                >
                    {size}
                </a>
            }
        })
        .collect_view();
    let previous = place
        .links
        .previous
        .clone()
        .map(|cursor| beside(&query, path, None, Some(cursor)));
    let next = place
        .links
        .next
        .clone()
        .map(|cursor| beside(&query, path, Some(cursor), None));
    view! {
        <footer class="sticky bottom-0 z-(--z-sticky) -mt-px flex h-(--bar-foot) items-center gap-4 border-t border-border bg-bg px-(--page-x) text-table text-muted tabular-nums print:hidden">
            <span><span class="font-medium text-text">{place.range()}</span>{total}</span>
            <span class="inline-flex items-center gap-1 max-md:hidden" role="group" aria-label="Rows per page">{sizes}" per page"</span>
            <nav aria-label="Pages" class="ml-auto flex gap-2">
                {step(previous, "Previous", Some(icons::CHEVRON_LEFT))}
                {step(next, "Next", None)}
            </nav>
        </footer>
    }
    .into_any()
}

/// The page before or after. The first page has its plain URL.
fn beside(query: &ListQuery, path: &str, after: Option<String>, before: Option<String>) -> String {
    query
        .with(|query| (query.after, query.before) = (after, before))
        .href(path)
}

fn step(href: Option<String>, label: &'static str, path: Option<&'static str>) -> AnyView {
    let path = path.map(icon);
    match href {
        Some(href) => view! { <a class=button::NEUTRAL_SMALL href=href>{path}{label}</a> }.into_any(),
        None => view! { <a class=button::NEUTRAL_SMALL role="link" aria-disabled="true">{path}{label}</a> }.into_any(),
    }
}
