//! Classes and parts of form fields.

use super::icons::{ALERT, small_icon};
use leptos::prelude::*;

/// A text input or select; `aria-invalid="true"` marks what needs an answer.
pub const INPUT: &str = "h-(--control) w-full min-w-0 rounded-input border border-border-strong bg-surface px-2.5 text-table \
    placeholder:text-faint placeholder:opacity-100 focus-visible:outline-offset-[-1px] aria-invalid:border-danger \
    aria-invalid:inset-ring aria-invalid:inset-ring-danger max-md:text-[1rem]";
/// A label above its field.
pub const LABEL: &str = "text-label";
/// A label, its field and what belongs to it.
pub const FIELD: &str = "grid gap-1";

/// What is wrong with a field, in the words of the summary. The field names `id` in `aria-describedby`.
pub fn flaw(id: &'static str, sentence: String) -> AnyView {
    view! { <p id=id class="flex items-center gap-1.5 text-small text-danger">{small_icon(ALERT)}{sentence}</p> }.into_any()
}
