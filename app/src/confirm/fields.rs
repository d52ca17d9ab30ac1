//! What the confirm form asks for: options, a reason, and the number of rows.

use super::{Flaw, Preset, Subjects, Transition, asks_number, asks_reason, state::State};
use crate::{
    money::group_thousands,
    ui::{field, hydration},
};
use leptos::prelude::*;
use std::sync::Arc;

pub(super) fn options(state: State) -> AnyView {
    let asked = state.asked.get_untracked();
    let offered = asked.transition == Transition::Archive && state.noun == Subjects::Customers;
    if !offered {
        return ().into_any();
    }
    let given = asked.options;
    let option = |name: &'static str, label: &'static str, ticked: bool| {
        view! {
            <label class="choice">
                <input type="checkbox" name=name checked=ticked on:change=move |_| state.refresh()/>
                {label}
            </label>
        }
        .into_any()
    };
    let plural = asked.preview.subjects.len() > 1;
    let configurations = if plural {
        "Also archive their configurations"
    } else {
        "Also archive its configurations"
    };
    let awake = hydration::awake();
    let hint = move || {
        (!awake.get()).then(|| {
            let hint = "After a change here, refresh the figures above before you confirm.";
            view! { <p class="text-small text-muted">{hint}</p> }
        })
    };
    view! {
        <fieldset>
            <legend class="sr-only">"Options"</legend>
            <div class="choices">
                {option("archive_configurations", configurations, given.archive_configurations)}
                {option("release_aliases", "Release ingest aliases", given.release_aliases)}
                {option("keep_paid_invoices", "Keep paid invoices as they are", given.keep_paid_invoices)}
            </div>
            {hint}
        </fieldset>
    }
    .into_any()
}

/// Reasons that need no typing.
fn presets(chosen: Option<Preset>) -> AnyView {
    let choices = Preset::ALL
        .map(|preset| {
            view! {
                <label class="choice">
                    <input type="radio" name="preset" value=preset.as_str() checked=chosen == Some(preset)/>
                    {preset.label()}
                </label>
            }
        })
        .into_iter()
        .collect_view();
    view! { <div class="choices">{choices}</div> }.into_any()
}

/// What is wrong with a field, while something is.
pub(crate) type Wrong = Arc<dyn Fn() -> Option<String> + Send + Sync>;

pub(super) fn reason(state: State) -> AnyView {
    let answered = state.asked.with_untracked(|asked| asked.answered.clone());
    let chosen = answered.as_ref().and_then(|answered| answered.preset);
    let note = answered.map(|answered| answered.note).unwrap_or_default();
    let wrong = Arc::new(move || flaw_at(state, "note"));
    reason_field(state.transition(), chosen, note, wrong)
}

/// Why it is done: presets where a reason is asked for, and a note.
pub(crate) fn reason_field(
    transition: Transition,
    chosen: Option<Preset>,
    note: String,
    wrong: Wrong,
) -> AnyView {
    let asked_for = asks_reason(transition);
    let presets = asked_for.then(|| presets(chosen));
    let legend = if asked_for {
        "Reason"
    } else {
        "Reason (optional)"
    };
    view! {
        <fieldset class="grid gap-1">
            <legend class="text-label">{legend}</legend>
            {presets}
            <input
                id="confirm-note"
                name="note"
                class=field::INPUT
                aria-label="Ticket or note"
                placeholder="Ticket or note"
                autocomplete="off"
                value=note
                aria-invalid=is_wrong(&wrong)
                aria-describedby=described_by(&wrong, "confirm-note-flaw")
            />
            {flaw_below(&wrong, "confirm-note-flaw")}
        </fieldset>
    }
    .into_any()
}

/// The number of rows to be typed, where more than one will change. The field stays while the figures around it change.
pub(super) fn number(state: State) -> AnyView {
    let asks = Memo::new(move |_| state.asked.with(|asked| asks_number(&asked.preview)));
    let typed = state
        .asked
        .with_untracked(|asked| {
            asked
                .answered
                .as_ref()
                .map(|answered| answered.number.clone())
        })
        .unwrap_or_default();
    let changes = move || group_thousands(state.asked.with(|asked| asked.preview.changes() as u64));
    let field = move || {
        asks.get().then(|| {
            let wrong = Arc::new(move || flaw_at(state, "number"));
            number_field(changes.into_any(), typed.clone(), wrong)
        })
    };
    view! { {field} }.into_any()
}

/// How many rows it is about, to be typed by whoever has read it.
pub(crate) fn number_field(changes: AnyView, typed: String, wrong: Wrong) -> AnyView {
    view! {
        <div class="grid gap-1">
            <label class="flex items-center gap-2.5 text-table">
                <span>"Type "<b class="font-semibold">{changes}</b>" to confirm"</span>
                <input
                    id="confirm-number"
                    name="number"
                    class=format!("{} max-w-22 tabular-nums", field::INPUT)
                    inputmode="numeric"
                    autocomplete="off"
                    value=typed
                    aria-invalid=is_wrong(&wrong)
                    aria-describedby=described_by(&wrong, "confirm-number-flaw")
                />
            </label>
            {flaw_below(&wrong, "confirm-number-flaw")}
        </div>
    }
    .into_any()
}

fn is_wrong(wrong: &Wrong) -> impl Fn() -> Option<&'static str> + Send + Sync + 'static {
    let wrong = wrong.clone();
    move || wrong().map(|_| "true")
}

fn described_by(
    wrong: &Wrong,
    id: &'static str,
) -> impl Fn() -> Option<&'static str> + Send + Sync + 'static {
    let wrong = wrong.clone();
    move || wrong().map(|_| id)
}

fn flaw_below(wrong: &Wrong, id: &'static str) -> impl Fn() -> Option<AnyView> + Send + 'static {
    let wrong = wrong.clone();
    move || wrong().map(|sentence| field::flaw(id, sentence))
}

fn flaw_at(state: State, field: &str) -> Option<String> {
    let flaw: Flaw = state
        .flaws()
        .into_iter()
        .find(|flaw| flaw.field() == field)?;
    Some(
        state
            .asked
            .with(|asked| flaw.sentence(asked.preview.changes() as u64)),
    )
}
