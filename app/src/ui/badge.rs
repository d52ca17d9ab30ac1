//! Badges: a shape and a word; the colour is third.

use super::{
    icons::{self, small_icon},
    markup::Markup,
};
use leptos::prelude::*;
use std::fmt::Display;

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

impl Badge {
    /// Class and icon.
    fn look(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::On => ("badge on", None),
            Self::Off => ("badge off", None),
            Self::Idle => ("badge idle", None),
            Self::Info(path) => (
                "badge rounded-badge bg-info-bg px-1.5 text-info",
                Some(path),
            ),
            Self::Warn(path) => (
                "badge rounded-badge bg-warn-bg px-1.5 text-warn",
                Some(path),
            ),
            Self::Bad(path) => (
                "badge rounded-badge bg-danger-bg px-1.5 text-danger",
                Some(path),
            ),
            Self::Good(path) => ("badge rounded-badge bg-ok-bg px-1.5 text-ok", Some(path)),
            Self::Quiet(path) => (
                "badge rounded-badge bg-sunken px-1.5 text-muted",
                Some(path),
            ),
        }
    }
}

/// A badge with its word, as text.
pub fn write_badge(markup: &mut Markup, look: Badge, word: &dyn Display) {
    let (class, path) = look.look();
    markup.raw(r#"<span class=""#).raw(class).raw(r#"">"#);
    if let Some(path) = path {
        icons::write_small_icon(markup, path);
    }
    markup.text(word).raw("</span>");
}

/// A badge with its word.
pub fn badge(look: Badge, word: impl Into<String>) -> AnyView {
    let (class, path) = look.look();
    view! { <span class=class>{path.map(small_icon)}{word.into()}</span> }.into_any()
}

/// In service or out of it, as every list and heading says it.
pub fn standing(archived: bool) -> AnyView {
    let (look, word) = look_of(archived);
    badge(look, word)
}

/// What tells it.
pub fn look_of(archived: bool) -> (Badge, &'static str) {
    match archived {
        true => (Badge::Off, "Archived"),
        false => (Badge::On, "Active"),
    }
}
