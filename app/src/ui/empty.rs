//! What a region says when it has nothing to show. Never used for what failed to load.

use super::icons::icon;
use leptos::prelude::*;

/// A mark, a heading, a sentence, and what can be done.
pub fn empty(
    path: &'static str,
    heading: impl Into<String>,
    body: impl IntoAny,
    actions: impl IntoAny,
) -> AnyView {
    let heading = view! { <h2 class="text-h3">{heading.into()}</h2> }.into_any();
    empty_of(path, heading, body.into_any(), actions.into_any())
}

/// The same as a whole page, with the page's own heading.
pub fn empty_page(
    path: &'static str,
    heading: impl Into<String>,
    body: impl IntoAny,
    actions: impl IntoAny,
) -> AnyView {
    let heading = view! { <h1 class="text-h3">{heading.into()}</h1> }.into_any();
    empty_of(path, heading, body.into_any(), actions.into_any())
}

fn empty_of(path: &'static str, heading: AnyView, body: AnyView, actions: AnyView) -> AnyView {
    view! {
        <div class="grid max-w-140 justify-items-start gap-1 px-(--page-x) py-12">
            <span class="mb-2 text-border-strong [&>svg]:size-6 [&>svg]:stroke-1">{icon(path)}</span>
            {heading}
            <div class="text-muted">{body}</div>
            <div class="mt-3 flex flex-wrap items-center gap-2 empty:hidden">{actions}</div>
        </div>
    }
    .into_any()
}
