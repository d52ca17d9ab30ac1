//! What can be done to ticked rows. The bar takes the place of the filters while rows are ticked, by style alone, so that it
//! works before the page is awake: its buttons submit the form around the rows.

use super::{ListState, Place};
use crate::{
    bulk_jobs::What,
    confirm::Transition,
    frame::FrameContext,
    listing::wording,
    paging::CappedCount,
    ui::{
        button, hydration,
        icons::{self, icon},
        selection::Header,
    },
};
use leptos::{ev::MouseEvent, prelude::*};

const COUNTING: &str = "Counting what this would do. It can take some seconds.";

/// Why a verb cannot be used on what is ticked.
fn hindrance(state: ListState, transition: Transition, unarchive_allowed: bool) -> Option<String> {
    let (all, archived, matching) = state
        .selection
        .with(|selection| (selection.len(), selection.archived(), selection.is_all()));
    match transition {
        Transition::Unarchive if !unarchive_allowed => {
            Some("Unarchive is switched off in this deployment.".to_owned())
        }
        // Which of them are archived only the preview can tell.
        _ if matching => None,
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
    let count = move || {
        let (all, ticked) = state
            .selection
            .with(|selection| (selection.is_all(), selection.len()));
        match (all, ticked, state.matching.get()) {
            (true, excluded, Some(count)) => {
                format!("{} selected", CappedCount::exactly(count - excluded as i64))
            }
            (true, 0, None) => "All that match".to_owned(),
            (true, excluded, None) => format!("All that match but {excluded}"),
            (false, 0, _) => "Ticked rows".to_owned(),
            (false, count, _) => format!("{count} selected"),
        }
    };
    let why = move || {
        if state.counting.get() {
            return Some(COUNTING.to_owned());
        }
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
            <span class="min-w-0 truncate text-small text-muted" class=("max-md:hidden", move || !state.counting.get())>{why}</span>
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
    let matching = move || state.selection.with(|selection| selection.is_all());
    let ask = move |event: MouseEvent| {
        match hindrance(state, transition, allowed) {
            Some(why) => {
                event.prevent_default();
                state.announcer.alert(why);
            }
            // The form goes to a preview of its own: there is no telling how many rows that is about.
            None if untrack(matching) => {
                state.counting.set(true);
                state.announcer.say(COUNTING.to_owned());
            }
            None => {
                event.prevent_default();
                let ids = state.selection.with_untracked(|selection| selection.ids());
                state.confirming.ask(state.kind.subjects, transition, ids);
            }
        }
    };
    view! {
        <button
            class=class
            formaction=move || match matching() {
                true => preview_of(state),
                false => format!("{}/{verb}", state.kind.subjects.path()),
            }
            formmethod=move || matching().then_some("post")
            name=move || matching().then_some("matching")
            value=action(state, transition)
            aria-disabled=move || hindrance(state, transition, allowed).map(|_| "true")
            on:click=ask
        >
            {icon(path)}
            {label}
        </button>
    }
    .into_any()
}

/// What the door of previews calls it.
fn action(state: ListState, transition: Transition) -> &'static str {
    let subjects = state.kind.subjects;
    What {
        subjects,
        transition,
    }
    .as_str()
}

/// Where everything that the list matches is previewed, with the list's filter.
fn preview_of(state: ListState) -> String {
    let query = state.query.get();
    query.with(|_| ()).href("/bulk/preview")
}

/// The second step to more than a page: offers all that match, and says so once they are selected.
pub(super) fn matching(state: ListState, place: &Place, count: Option<CappedCount>) -> AnyView {
    let (shown, more) = (place.shown, !place.is_whole());
    let kind = state.kind;
    let offer = match count {
        Some(count) => format!("Select all {} that match", count.label()),
        None => format!("Select all {} that match", kind.nouns.1),
    };
    let banner = move || {
        state.track();
        let page = state.page();
        let (all, header, excluded) = state.selection.with(|selection| {
            (
                selection.is_all(),
                selection.header(&page),
                selection.len() as i64,
            )
        });
        let words = match wording::filter(&state.query.get()) {
            words if words.is_empty() => words,
            words => format!(" {words}"),
        };
        let (sentence, label) = match (all, state.matching.get()) {
            (true, Some(count)) if excluded > 0 => (
                format!(
                    "{} of {} selected ({} excluded).",
                    CappedCount::exactly(count - excluded),
                    CappedCount::exactly(count),
                    CappedCount::exactly(excluded)
                ),
                "Clear selection".to_owned(),
            ),
            (true, Some(count)) => (
                format!(
                    "All {} {} that match{words} are selected.",
                    CappedCount::exactly(count),
                    kind.nouns.1
                ),
                "Clear selection".to_owned(),
            ),
            (true, None) => (
                format!("All {} that match{words} are selected.", kind.nouns.1),
                "Clear selection".to_owned(),
            ),
            (false, _) if more && header == Header::All => (
                format!("All {shown} {} on this page are selected.", kind.nouns.1),
                offer.clone(),
            ),
            (false, _) => return None,
        };
        let press = move |_| {
            if all {
                state.clear()
            } else {
                state.select_all_matching()
            }
        };
        Some(view! {
            <p class="flex min-h-9 flex-wrap items-center justify-center gap-x-2 border-t border-border bg-info-bg px-(--page-x) py-1 text-table">
                {sentence}
                <button type="button" class=button::LINK on:click=press>{label}</button>
            </p>
        })
    };
    let except = move || {
        let ids = state.selection.with(|selection| {
            if selection.is_all() {
                selection.ids()
            } else {
                Vec::new()
            }
        });
        ids.into_iter()
            .map(|id| view! { <input type="hidden" name="except" value=id.to_string()/> })
            .collect_view()
    };
    view! { <div role="status">{banner}</div>{except} }.into_any()
}

/// The same without a script, where pages cannot be ticked together.
pub(super) fn all_at_once(state: ListState, place: &Place, count: Option<CappedCount>) -> AnyView {
    if place.is_whole() {
        return ().into_any();
    }
    let all = count.map_or_else(
        || "all".to_owned(),
        |count| format!("all {}", count.label()),
    );
    let button = |transition: Transition, look: &'static str| {
        let label = format!("{} {all} that match…", transition.verb());
        view! {
            <button class=look formaction=preview_of(state) formmethod="post" name="matching" value=action(state, transition)>
                {label}
            </button>
        }
        .into_any()
    };
    view! {
        <div class="flex flex-wrap items-center gap-2 px-(--page-x) py-3 group-data-awake:hidden">
            {button(Transition::Archive, button::DANGER_SMALL)}
            {button(Transition::Unarchive, button::NEUTRAL_SMALL)}
        </div>
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
