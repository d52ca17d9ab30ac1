//! What can be done to ticked rows. The bar takes the place of the filters while rows are ticked, by style alone, so that it
//! works before the page is awake: its buttons submit the form around the rows.

use super::ListState;
use crate::{
    confirm::Transition,
    frame::FrameContext,
    ui::{
        button, hydration,
        icons::{self, icon},
    },
};
use leptos::{ev::MouseEvent, prelude::*};

/// Why a verb cannot be used on what is ticked.
fn hindrance(state: ListState, transition: Transition, unarchive_allowed: bool) -> Option<String> {
    let (all, archived) = state
        .selection
        .with(|selection| (selection.len(), selection.archived()));
    match transition {
        Transition::Unarchive if !unarchive_allowed => {
            Some("Unarchive is switched off in this deployment.".to_owned())
        }
        Transition::Unarchive if archived == 0 && all > 0 => {
            Some(format!("None of the {all} is archived."))
        }
        Transition::Archive if archived == all && all > 0 => {
            Some(format!("All of the {all} are archived."))
        }
        _ => None,
    }
}

pub(super) fn bulk_bar(state: ListState) -> AnyView {
    let allowed = FrameContext::expect()
        .shell()
        .is_some_and(|shell| shell.unarchive_allowed);
    let awake = hydration::awake();
    let count = move || match state.selection.with(|selection| selection.len()) {
        0 => "Ticked rows".to_owned(),
        count => format!("{count} selected"),
    };
    let why = move || {
        hindrance(state, Transition::Archive, allowed)
            .or_else(|| hindrance(state, Transition::Unarchive, allowed))
    };
    let clear = move || {
        awake.get().then(|| {
            view! {
                <button type="button" class=format!("{} ml-auto", button::PLAIN_SMALL) on:click=move |_| state.clear()>
                    {icon(icons::CROSS)}
                    "Clear"
                </button>
            }
        })
    };
    view! {
        <div class="list-bulk" role="group" aria-label="Actions on ticked rows">
            <strong class="mr-2 text-table font-semibold whitespace-nowrap tabular-nums" aria-live="polite">{count}</strong>
            {verb(state, Transition::Archive, allowed)}
            {verb(state, Transition::Unarchive, allowed)}
            <span class="min-w-0 truncate text-small text-muted max-md:hidden">{why}</span>
            {clear}
        </div>
    }
    .into_any()
}

fn verb(state: ListState, transition: Transition, allowed: bool) -> AnyView {
    let (label, path, class, verb) = match transition {
        Transition::Archive => ("Archive…", icons::ARCHIVE, button::DANGER_SMALL, "archive"),
        Transition::Unarchive => (
            "Unarchive…",
            icons::UNARCHIVE,
            button::NEUTRAL_SMALL,
            "unarchive",
        ),
    };
    let ask = move |event: MouseEvent| {
        event.prevent_default();
        match hindrance(state, transition, allowed) {
            Some(why) => state.announcer.alert(why),
            None => {
                let ids = state.selection.with_untracked(|selection| selection.ids());
                state.confirming.ask(state.kind.subjects, transition, ids);
            }
        }
    };
    view! {
        <button
            class=class
            formaction=format!("{}/{verb}", state.kind.subjects.path())
            aria-disabled=move || hindrance(state, transition, allowed).map(|_| "true")
            on:click=ask
        >
            {icon(path)}
            {label}
        </button>
    }
    .into_any()
}

/// What was ticked before the filter changed, to be had back.
pub(super) fn cleared(state: ListState) -> AnyView {
    let banner = move || {
        state.cleared.with(|cleared| cleared.as_ref().map(|selection| selection.len())).map(|count| {
            view! {
                <p class="flex min-h-9 items-center justify-center gap-2 border-t border-border bg-info-bg px-(--page-x) text-table">
                    {format!("Selection of {count} cleared.")}
                    <button type="button" class=button::LINK on:click=move |_| state.restore()>"Restore"</button>
                </p>
            }
        })
    };
    view! { {banner} }.into_any()
}
