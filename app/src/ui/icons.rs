//! Icons, drawn for this console on a grid of 16 px with a stroke of 1.5. Each is one path.

use super::markup::Markup;
use leptos::prelude::*;

pub const ALERT: &str = "M8 2.25 14.25 13H1.75zM8 6.5v3M8 11.2v.1";
pub const ARCHIVE: &str = "M2 3h12v3H2zM3.25 6v7.25h9.5V6M6.25 8.75h3.5";
pub const ARROW_DOWN: &str = "M8 2.75v10.5M4 9.25l4 4 4-4";
pub const ARROW_UP: &str = "M8 13.25V2.75M4 6.75l4-4 4 4";
pub const CHECK: &str = "m3 8.5 3.25 3.25L13 4.75";
pub const CHEVRON_LEFT: &str = "M10 3.5 5.5 8l4.5 4.5";
pub const CHEVRON_RIGHT: &str = "m6 3.5 4.5 4.5L6 12.5";
pub const CLOCK: &str = "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M8 4.75V8l2.25 1.5";
pub const CONFIGURATIONS: &str = "M2 4.75h6.5M12.5 4.75H14M2 11.25h1.5M7.5 11.25H14\
    M8.6 4.75a1.9 1.9 0 1 0 3.8 0a1.9 1.9 0 1 0-3.8 0M3.6 11.25a1.9 1.9 0 1 0 3.8 0a1.9 1.9 0 1 0-3.8 0";
pub const COPY: &str = "M5.75 5.75h7.5v7.5h-7.5zM10.25 5.75v-3h-7.5v7.5h3";
pub const CROSS: &str = "m4 4 8 8M12 4l-8 8";
pub const CUSTOMERS: &str = "M3.5 5.5a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0\
    M1.75 13.25c.3-2.4 2-3.75 4.25-3.75s3.95 1.35 4.25 3.75M10.5 3.2a2.5 2.5 0 0 1 0 4.6\
    M12.4 9.9c1.1.6 1.7 1.7 1.85 3.35";
pub const DOCUMENT: &str = "M3.75 2h6l2.5 2.5V14h-8.5zM6 7h4M6 9.5h4M6 12h2";
pub const EYE: &str = "M1.75 8S4 3.75 8 3.75 14.25 8 14.25 8 12 12.25 8 12.25 1.75 8 1.75 8z\
    M6.1 8a1.9 1.9 0 1 0 3.8 0a1.9 1.9 0 1 0-3.8 0";
pub const JOBS: &str = "M2.5 4h11M2.5 8h7M2.5 12h4M11.5 9.75v4l3-2z";
pub const LEAVE: &str = "M6.5 3H3v10h3.5M10 5l3 3-3 3M6.5 8H13";
pub const LOCK: &str = "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2";
pub const MENU: &str = "M2.5 4.5h11M2.5 8h11M2.5 11.5h11";
pub const OPEN: &str = "M6.5 3H3v10h10V9.5M9.25 2.75h4v4M13 3 7.5 8.5";
pub const PENCIL: &str = "M3 13l.75-3L10.5 3.25l2.25 2.25L6 12.25z";
pub const PLUS: &str = "M8 3.25v9.5M3.25 8h9.5";
pub const RING: &str = "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0";
pub const SEARCH: &str =
    "M2.75 7a4.25 4.25 0 1 0 8.5 0a4.25 4.25 0 1 0-8.5 0M10.25 10.25l3.25 3.25";
pub const UNARCHIVE: &str = "M3.25 6v7.25h9.5V6M2 6V3h3M11 3h3v3M8 10V2.75M5.5 5 8 2.5 10.5 5";

/// An icon beside a word that says the same: hidden from assistive technology.
pub fn icon(path: &'static str) -> AnyView {
    view! { <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=path/></svg> }
        .into_any()
}

/// The same at 12 px, for badges, headings of columns and lists.
pub fn small_icon(path: &'static str) -> AnyView {
    view! { <svg class="icon size-3" viewBox="0 0 16 16" aria-hidden="true"><path d=path/></svg> }
        .into_any()
}

/// The same, as text.
pub fn write_small_icon(markup: &mut Markup, path: &'static str) {
    markup
        .raw(r#"<svg class="icon size-3" viewBox="0 0 16 16" aria-hidden="true"><path d=""#)
        .raw(path)
        .raw(r#""></path></svg>"#);
}

/// The word mark: an M (a resting moth) that holds a ball.
pub fn word_mark() -> AnyView {
    const LETTERS: &str = "M19.7 12.3a3.9 3.9 0 1 0 7.8 0a3.9 3.9 0 1 0-7.8 0M32 5.6v8.2q0 2.4 2.6 2.4M29.8 8.4h4.9\
        M38.6 3v13.2M38.6 12.2c0-2.4 1.5-3.8 3.6-3.8s3.5 1.4 3.5 3.8v4M50 3v13.2M69.4 8.4v7.8M73.8 3v13.2\
        M78.2 3v13.2M50 12.3a3.9 3.9 0 1 0 7.8 0a3.9 3.9 0 1 0-7.8 0M61.6 12.3a3.9 3.9 0 1 0 7.8 0a3.9 3.9 0 1 0-7.8 0";
    view! {
        <svg class="icon h-5 w-auto overflow-visible stroke-2" viewBox="0 0 82 20" aria-hidden="true">
            <path d="M2 16.2V5.2L8.5 11.7 15 5.2V16.2"/>
            <path class="fill-current stroke-none" d="M6 5a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0"/>
            <path class="letters" d=LETTERS/>
        </svg>
    }
    .into_any()
}
