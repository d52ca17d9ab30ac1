//! Copying to the clipboard, where there is a script to do it.

use super::{announce::Announcer, hydration, icons};
use leptos::prelude::*;

/// Copies `text` and says so; `what` is its name: `Id`.
pub fn copy(announcer: Announcer, what: &'static str, text: &str) {
    let _ = window().navigator().clipboard().write_text(text);
    announcer.say(format!("{what} copied"));
}

/// A small button after a value that copies it. Shown once the page is awake.
pub fn copy_button(what: &'static str, text: String) -> AnyView {
    let awake = hydration::awake();
    let announcer = Announcer::expect();
    let text = StoredValue::new(text);
    let button = move || {
        awake.get().then(|| {
            view! {
                <button
                    type="button"
                    class="inline-grid size-6 place-items-center rounded-input text-faint hover:bg-hover hover:text-text"
                    aria-label=format!("Copy {}", what.to_lowercase())
                    on:click=move |_| text.with_value(|text| copy(announcer, what, text))
                >
                    {icons::small_icon(icons::COPY)}
                </button>
            }
        })
    };
    view! { {button} }.into_any()
}
