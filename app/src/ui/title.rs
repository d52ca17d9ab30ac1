//! The title of the page, as the browser's tab shows it.

use leptos::prelude::*;
use leptos_meta::Title;

#[derive(Clone)]
struct PageTitle(ArcRwSignal<String>);

/// Provides it to every page and puts it into the head.
pub fn provide() -> AnyView {
    // Counted rather than kept in the page's arena: the document's head is written when the arena may be out of sight.
    let title = ArcRwSignal::new(String::new());
    provide_context(PageTitle(title.clone()));
    let text = move || {
        let text = title.with(|title| {
            if title.is_empty() {
                "Mothball".to_owned()
            } else {
                format!("{title} - Mothball")
            }
        });
        // The server writes the title into the document as it is; the browser sets it as text. Decided when it is compiled:
        // an escape must not hang on what is found in a context.
        if cfg!(feature = "ssr") {
            text.replace('&', "&amp;").replace('<', "&lt;")
        } else {
            text
        }
    };
    view! { <Title text/> }.into_any()
}

/// Called by each page when it knows its title.
pub fn set(text: impl Into<String>) {
    let (PageTitle(title), text): (PageTitle, String) = (expect_context(), text.into());
    if title.with_untracked(|now| *now != text) {
        title.set(text);
    }
}
