//! Cards: one subject each, under a small heading.

use leptos::prelude::*;

/// A card. `id` names its heading; `count` stands muted after it, `end` at the right.
pub fn card(
    id: &'static str,
    heading: &'static str,
    count: impl Into<String>,
    end: impl IntoAny,
    body: impl IntoAny,
) -> AnyView {
    card_of(id, heading, count.into(), end.into_any(), body.into_any())
}

fn card_of(
    id: &'static str,
    heading: &'static str,
    count: String,
    end: AnyView,
    body: AnyView,
) -> AnyView {
    let count = (!count.is_empty())
        .then(|| view! { <span class="text-micro font-normal text-faint">{count}</span> });
    view! {
        <section class="@container overflow-hidden rounded-card border border-border bg-surface" aria-labelledby=id>
            <header class="flex min-h-10 items-center gap-2 px-4">
                <h2 id=id class="text-h3">{heading}</h2>
                {count}
                <div class="ml-auto text-table">{end}</div>
            </header>
            {body}
        </section>
    }
    .into_any()
}

/// A sentence at the foot of a card.
pub fn verdict(sentence: &'static str) -> AnyView {
    view! { <p class="border-t border-border px-4 py-2.5 text-small text-muted">{sentence}</p> }
        .into_any()
}

/// What a card says that has nothing to show.
pub fn nothing(sentence: &'static str) -> AnyView {
    view! { <p class="px-4 pt-1 pb-3.5 text-table text-muted">{sentence}</p> }.into_any()
}

/// Facts in two columns.
pub fn facts(facts: Vec<(&'static str, AnyView)>) -> AnyView {
    let facts = facts
        .into_iter()
        .map(|(name, fact)| view! { <dt class="text-muted">{name}</dt><dd class="min-w-0 wrap-anywhere">{fact}</dd> })
        .collect_view();
    view! {
        <dl class="grid grid-cols-[104px_minmax(0,1fr)] gap-x-2 gap-y-1.5 px-4 pt-0.5 pb-3 text-table">{facts}</dl>
    }
    .into_any()
}

/// What a machine would send, ready to be copied.
pub fn snippet(lines: String) -> AnyView {
    view! {
        <pre
            class="overflow-x-auto border-t border-border bg-sunken px-4 py-2.5 font-mono text-[.75rem] leading-4.5"
            tabindex="0"
        >
            {lines}
        </pre>
    }
    .into_any()
}

/// The head of a page about one object: name and standing, what is known in a line, and at the right what can be done.
pub fn object_head(name: String, standing: AnyView, meta: AnyView, actions: AnyView) -> AnyView {
    view! {
        <div class="flex flex-wrap items-start gap-x-4 gap-y-3 px-(--page-x) pt-4 pb-3">
            <div class="min-w-0 flex-[1_1_20rem]">
                <div class="flex flex-wrap items-center gap-x-3">
                    <h1 class="min-w-0 wrap-anywhere" tabindex="-1"><bdi>{name}</bdi></h1>
                    {standing}
                </div>
                <div class="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-table text-muted">{meta}</div>
            </div>
            <div class="flex flex-wrap gap-2 empty:hidden max-md:w-full">{actions}</div>
        </div>
    }
    .into_any()
}

/// `019a9f3c…c41d`, whole on hover and when copied.
pub fn short_id(id: &str) -> String {
    cut(id, 8, 4)
}

/// `cus_Qx…8Lm`: the middle is what people compare least.
pub fn short_reference(reference: &str) -> String {
    cut(reference, 6, 3)
}

fn cut(text: &str, head: usize, tail: usize) -> String {
    let count = text.chars().count();
    if count <= head + tail + 2 {
        return text.to_owned();
    }
    let first: String = text.chars().take(head).collect();
    let last: String = text.chars().skip(count - tail).collect();
    format!("{first}…{last}")
}
