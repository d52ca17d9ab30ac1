//! Cells that every table shares. Tables are `<table class="table">`; in cells `r` sets right, `m` is monospaced, `q` is
//! quiet, and `dim` on a row takes it back.

use super::markup::Markup;
use leptos::prelude::*;

/// A dash for the eye, a word for the ear.
pub fn none() -> AnyView {
    view! { <span class="f" aria-hidden="true">"–"</span><span class="sr-only">"None"</span> }
        .into_any()
}

/// The same, as text.
pub fn no_value(markup: &mut Markup) {
    markup.raw(r#"<span class="f" aria-hidden="true">–</span><span class="sr-only">None</span>"#);
}

/// A number that may be nothing, as text.
pub fn write_count(markup: &mut Markup, number: u32) {
    if number == 0 {
        no_value(markup);
    } else {
        markup.text(&number);
    }
}

/// A number that may be nothing.
pub fn count(number: u32) -> AnyView {
    if number == 0 {
        none()
    } else {
        number.to_string().into_any()
    }
}

/// Rows that stand for rows on their way: of the exact height, `columns` wide.
pub fn skeleton(columns: usize) -> AnyView {
    const ROWS: usize = 8;
    const WIDTHS: [&str; 4] = ["w-3/5", "w-4/5", "w-1/2", "w-2/3"];
    (0..ROWS)
        .map(|row| {
            let cells = (0..columns)
                .map(|column| {
                    let width = if column == 0 {
                        "w-4"
                    } else {
                        WIDTHS[(row * 3 + column) % WIDTHS.len()]
                    };
                    let class = format!(
                        "inline-block h-2 rounded-input bg-border motion-safe:animate-pulse {width}"
                    );
                    view! { <td><span class=class></span></td> }
                })
                .collect_view();
            view! { <tr aria-hidden="true">{cells}</tr> }
        })
        .collect_view()
        .into_any()
}
