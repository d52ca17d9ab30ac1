//! What the confirm form asks for: options, a reason, and the number of rows.

use super::{Flaw, Preset, Subjects, Transition, asks_number, asks_reason, state::State};
use crate::ui::{field, hydration};
use leptos::prelude::*;

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
pub(crate) fn presets(chosen: Option<Preset>) -> AnyView {
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

pub(super) fn reason(state: State) -> AnyView {
    let answered = state.asked.with_untracked(|asked| asked.answered.clone());
    let chosen = answered.as_ref().and_then(|answered| answered.preset);
    let note = answered.map(|answered| answered.note).unwrap_or_default();
    let asked_for = asks_reason(state.transition());
    let presets = asked_for.then(|| presets(chosen));
    let legend = if asked_for {
        "Reason"
    } else {
        "Reason (optional)"
    };
    let wrong = move || flaw_at(state, "note");
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
                aria-invalid=move || wrong().map(|_| "true")
                aria-describedby=move || wrong().map(|_| "confirm-note-flaw")
            />
            {move || wrong().map(|sentence| field::flaw("confirm-note-flaw", sentence))}
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
    let changes = move || state.asked.with(|asked| asked.preview.changes());
    let wrong = move || flaw_at(state, "number");
    let field = move || {
        asks.get().then(|| {
            view! {
                <div class="grid gap-1">
                    <label class="flex items-center gap-2.5 text-table">
                        <span>"Type "<b class="font-semibold">{changes}</b>" to confirm"</span>
                        <input
                            id="confirm-number"
                            name="number"
                            class=format!("{} max-w-18 tabular-nums", field::INPUT)
                            inputmode="numeric"
                            autocomplete="off"
                            value=typed.clone()
                            aria-invalid=move || wrong().map(|_| "true")
                            aria-describedby=move || wrong().map(|_| "confirm-number-flaw")
                        />
                    </label>
                    {move || wrong().map(|sentence| field::flaw("confirm-number-flaw", sentence))}
                </div>
            }
        })
    };
    view! { {field} }.into_any()
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
