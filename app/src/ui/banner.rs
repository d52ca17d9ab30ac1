//! Banners: what happened at the top of the region it happened in, with what to do.

use super::icons::icon;
use leptos::prelude::*;

/// How a banner is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Info,
    Warn,
    Bad,
    Good,
}

/// A banner with an icon, its text and what stands at its end, such as buttons.
pub fn banner(tone: Tone, path: &'static str, body: impl IntoAny, end: impl IntoAny) -> AnyView {
    let (class, mark) = match tone {
        Tone::Plain => ("border-border bg-surface", "text-muted"),
        Tone::Info => ("border-info-line bg-info-bg", "text-info"),
        Tone::Warn => ("border-warn-line bg-warn-bg", "text-warn"),
        Tone::Bad => ("border-danger-line bg-danger-bg", "text-danger"),
        Tone::Good => ("border-border bg-ok-bg", "text-ok"),
    };
    banner_of(class, mark, path, body.into_any(), end.into_any())
}

fn banner_of(
    class: &str,
    mark: &'static str,
    path: &'static str,
    body: AnyView,
    end: AnyView,
) -> AnyView {
    let class = format!(
        "flex flex-wrap items-start gap-x-2.5 gap-y-2 rounded-card border px-4 py-3 text-table wrap-anywhere {class}"
    );
    view! {
        <div class=class>
            <span class=format!("mt-0.5 {mark}")>{icon(path)}</span>
            <div class="min-w-0 flex-1 basis-48">{body}</div>
            <div class="-my-1.5 -mr-1.5 flex flex-none gap-2 empty:hidden">{end}</div>
        </div>
    }
    .into_any()
}
