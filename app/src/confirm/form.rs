//! The form itself, in parts that a dialog and a page arrange: what will happen, options, what is final, reason,
//! number, buttons. Without a script it posts to the page it stands on.

use super::{
    Transition, fields,
    state::{State, Waiting},
    undo,
    wording::{self, Object},
};
use crate::{
    error::AppError,
    ui::{
        banner::{Tone, banner},
        button,
        dialog::focus,
        effects::effects_list,
        icons, time,
    },
};
use leptos::{ev, prelude::*};

/// Buttons outside of the form name it.
pub(super) const FORM: &str = "confirm";
pub(super) const HEADING: &str = "confirm-heading";
pub(super) const FINAL: &str = "confirm-final";

/// `Archive Brightwater Analytics GmbH`.
pub(super) fn heading(state: State) -> AnyView {
    let words = move || {
        state.asked.with(|asked| {
            let verb = asked.transition.verb();
            match Object::of(state.noun, &asked.preview) {
                Object::One(name) => view! { {verb}" "<bdi>{name}</bdi> }.into_any(),
                Object::Many(count) => format!("{verb} {count}").into_any(),
            }
        })
    };
    view! { {words} }.into_any()
}

/// Where the figures come from, and the way to newer ones.
pub(super) fn taken(state: State) -> AnyView {
    let chosen = state
        .asked
        .with_untracked(|asked| asked.preview.subjects.len());
    let chosen = (chosen > 1).then(|| format!("{} chosen", wording::counted(state.noun, chosen)));
    let at = move || {
        let at = state.asked.with(|asked| asked.preview.taken_at);
        time::stamp(at, format!("{} UTC", time::clock(at)))
    };
    let refresh = move |event: ev::MouseEvent| {
        event.prevent_default();
        state.refresh();
    };
    view! {
        <p class="mt-0.5 flex flex-wrap items-center gap-x-2 text-small text-muted tabular-nums">
            {chosen.map(|chosen| view! { <span>{chosen}" ·"</span> })}
            <span>"Figures of "{at}</span>
            <button form=FORM formmethod="get" formnovalidate=true class=button::LINK on:click=refresh>
                "Refresh figures"
            </button>
        </p>
    }
    .into_any()
}

/// Everything between heading and buttons. `hidden` are the fields that only a post without a script needs.
pub(super) fn body(state: State, class: &'static str, hidden: AnyView) -> AnyView {
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        state.submit();
    };
    view! {
        <form id=FORM method="post" class=class node_ref=state.form on:submit=submit novalidate=true>
            {hidden}
            {move || summary(state)}
            {move || effects(state)}
            {fields::options(state)}
            {move || undo(state)}
            {fields::reason(state)}
            {fields::number(state)}
        </form>
    }
    .into_any()
}

/// What needs an answer, with the way to each; or what failed.
fn summary(state: State) -> AnyView {
    if let Some(error) = state.failure.get() {
        return failed(state.transition(), &error);
    }
    let flaws = state.flaws();
    if flaws.is_empty() {
        return ().into_any();
    }
    let lead = wording::flawed(state.transition(), &flaws);
    let links = flaws
        .into_iter()
        .map(|flaw| {
            let sentence = state.asked.with(|asked| flaw.sentence(asked.preview.changes() as u64));
            let id = format!("#confirm-{}", flaw.field());
            let target = id.clone();
            let go = move |event: ev::MouseEvent| {
                event.prevent_default();
                focus(&target);
            };
            view! { <li><a class="link inline-block min-h-6" href=id on:click=go>{sentence}</a></li> }
        })
        .collect_view();
    let body = view! {
        <h2 class="text-table font-semibold text-danger">{lead}</h2>
        <ul>{links}</ul>
    };
    view! {
        <div id="confirm-summary" tabindex="-1" autofocus=true>{banner(Tone::Bad, icons::ALERT, body, ())}</div>
    }
    .into_any()
}

fn failed(transition: Transition, error: &AppError) -> AnyView {
    let lead = match transition {
        Transition::Archive => "This could not be archived. ",
        Transition::Unarchive => "This could not be unarchived. ",
    };
    let end = matches!(error, AppError::SignInRequired).then(|| {
        view! { <a class=button::NEUTRAL_SMALL href="/sign-in" target="_blank">"Sign in in a new tab"</a> }
    });
    let body = view! {
        <strong class="font-semibold text-danger">{lead}</strong>
        {error.sentence()}
    };
    view! {
        <div id="confirm-summary" tabindex="-1" autofocus=true>{banner(Tone::Bad, icons::ALERT, body, end)}</div>
    }
    .into_any()
}

fn effects(state: State) -> AnyView {
    let before = state.before();
    let lines = state
        .asked
        .with(|asked| wording::lines(state.noun, asked, before.as_ref()));
    let changed = before.is_some().then(|| {
        view! { <p class="mt-2 text-small text-muted">{wording::changed_sentence(&lines)}</p> }
    });
    let counting = state.waiting.get() == Waiting::Counting;
    view! {
        <section id="confirm-effects" tabindex="-1" aria-busy=counting.then_some("true") class="aria-busy:opacity-50">
            {effects_list("What will happen", lines, None)}
            {changed}
        </section>
    }
    .into_any()
}

fn undo(state: State) -> AnyView {
    let undo = state.asked.with(|asked| undo::undo(state.noun, asked));
    let cannot = undo.cannot.map(|cannot| {
        view! {
            <dt class="font-medium text-danger">{undo.cannot_label}</dt>
            <dd>{cannot}</dd>
        }
    });
    view! {
        <dl id=FINAL class="grid gap-x-3 gap-y-0.5 text-table md:grid-cols-[max-content_1fr]">
            <dt class="font-medium">{undo.can_label}</dt>
            <dd class="max-md:mb-1.5">{undo.can}</dd>
            {cannot}
        </dl>
    }
    .into_any()
}

/// The button that does it, and spells what it does. Not there where nothing would change.
pub(super) fn confirm_button(state: State) -> AnyView {
    let button = move || {
        let waiting = state.waiting.get();
        state.asked.with(|asked| {
            wording::has_changes(&asked.preview).then(|| {
                let label = match waiting {
                    Waiting::Doing => wording::busy(asked.transition).to_owned(),
                    _ => wording::button(state.noun, asked.transition, &asked.preview),
                };
                let look = match asked.transition {
                    Transition::Archive => button::CONFIRM,
                    Transition::Unarchive => button::PRIMARY,
                };
                let class = format!("{look} max-md:flex-1 max-md:whitespace-normal");
                view! {
                    <button type="submit" form=FORM class=class aria-busy=(waiting != Waiting::No).then_some("true")>
                        {label}
                    </button>
                }
            })
        })
    };
    view! { {button} }.into_any()
}
