//! Badges: a shape and a word; the colour is third.

use super::icons::small_icon;
use leptos::prelude::*;

/// What a badge looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// A filled dot: in service.
    On,
    /// A hollow ring: out of service.
    Off,
    /// A dash: neither.
    Idle,
    /// Tinted, each with an icon path.
    Info(&'static str),
    Warn(&'static str),
    Bad(&'static str),
    Good(&'static str),
    Quiet(&'static str),
}

/// A badge with its word.
pub fn badge(look: Badge, word: impl Into<String>) -> AnyView {
    let (class, path) = match look {
        Badge::On => ("badge on", None),
        Badge::Off => ("badge off", None),
        Badge::Idle => ("badge idle", None),
        Badge::Info(path) => (
            "badge rounded-badge bg-info-bg px-1.5 text-info",
            Some(path),
        ),
        Badge::Warn(path) => (
            "badge rounded-badge bg-warn-bg px-1.5 text-warn",
            Some(path),
        ),
        Badge::Bad(path) => (
            "badge rounded-badge bg-danger-bg px-1.5 text-danger",
            Some(path),
        ),
        Badge::Good(path) => ("badge rounded-badge bg-ok-bg px-1.5 text-ok", Some(path)),
        Badge::Quiet(path) => (
            "badge rounded-badge bg-sunken px-1.5 text-muted",
            Some(path),
        ),
    };
    view! { <span class=class>{path.map(small_icon)}{word.into()}</span> }.into_any()
}

/// In service or out of it, as every list and heading says it.
pub fn standing(archived: bool) -> AnyView {
    if archived {
        badge(Badge::Off, "Archived")
    } else {
        badge(Badge::On, "Active")
    }
}
