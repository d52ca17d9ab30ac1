//! What a region says when it has nothing to show. Never used for what failed to load.

use super::icons::icon;
use leptos::prelude::*;

/// A mark, a heading, a sentence, and what can be done.
pub fn empty(path: &'static str, heading: impl Into<String>, body: impl IntoAny, actions: impl IntoAny) -> AnyView {
    empty_of(path, heading.into(), body.into_any(), actions.into_any())
}

fn empty_of(path: &'static str, heading: String, body: AnyView, actions: AnyView) -> AnyView {
    view! {
        <div class="grid max-w-140 justify-items-start gap-1 px-(--page-x) py-12">
            <span class="mb-2 text-border-strong [&>svg]:size-6 [&>svg]:stroke-1">{icon(path)}</span>
            <h2 class="text-h3">{heading}</h2>
            <div class="text-muted">{body}</div>
            <div class="mt-3 flex flex-wrap items-center gap-2 empty:hidden">{actions}</div>
        </div>
    }
    .into_any()
}
