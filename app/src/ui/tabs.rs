//! Tabs that are links: each has its own URL.

use leptos::prelude::*;

/// One tab.
pub struct Tab {
    pub label: &'static str,
    /// Shown after the label where known. An unknown count is left out, never 0.
    pub count: Option<String>,
    pub href: String,
    pub current: bool,
}

/// A row of tabs, named `label` for assistive technology.
pub fn tabs(label: &'static str, tabs: Vec<Tab>) -> AnyView {
    let links = tabs.into_iter().map(link).collect_view();
    view! {
        <nav class="box-content flex h-(--bar-tabs) gap-5 overflow-x-auto border-b border-border px-(--page-x) [scrollbar-width:none] print:hidden" aria-label=label>
            {links}
        </nav>
    }
    .into_any()
}

fn link(tab: Tab) -> AnyView {
    let count = tab
        .count
        .map(|count| view! { <span class="font-normal text-faint tabular-nums">{count}</span> });
    view! {
        <a
            href=tab.href
            aria-current=tab.current.then_some("page")
            class="inline-flex items-center gap-1.5 border-y-2 border-transparent text-label text-muted whitespace-nowrap hover:text-text focus-visible:-outline-offset-2 aria-[current]:border-b-text aria-[current]:text-text"
        >
            {tab.label}
            {count}
        </a>
    }
    .into_any()
}
