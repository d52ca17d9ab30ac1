//! The confirm form over the page it was asked from. Stands once around all pages and waits for a request.

use super::{
    Asked, ConfirmRequest, Confirming, form,
    state::{self, State},
    undo, wording,
};
use crate::{
    effects::Outcome,
    error::AppError,
    ui::{
        button,
        dialog::{Modal, dialog, focus_soon},
        effects::effects_skeleton,
        failure::failure,
        icons,
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

const HEADING_SELECTOR: &str = "#confirm-heading";

/// Figures that come sooner than this open the dialog complete.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Clone)]
enum Phase {
    Counting(ConfirmRequest),
    Ready(ConfirmRequest, Box<Asked>),
    Failed(ConfirmRequest, AppError),
}

/// Opens on a [`ConfirmRequest`], over whatever page, and is done with it when it closes.
#[component]
pub fn ConfirmDialog() -> impl IntoView {
    let requests = Confirming::expect();
    let phase: RwSignal<Option<Phase>> = RwSignal::new(None);
    let is_final = RwSignal::new(false);
    let closed = Callback::new(move |()| {
        requests.cancel();
        phase.set(None);
    });
    let modal = Modal::new(HEADING_SELECTOR, closed);
    Effect::new(move || {
        let Some(request) = requests.open.get() else {
            return;
        };
        count(requests, phase, modal, request);
    });
    let content = move || {
        phase.get().map(|phase| match phase {
            Phase::Counting(request) => counting(modal, &request),
            Phase::Failed(request, error) => failed(modal, &request, &error),
            Phase::Ready(request, asked) => ready(requests, modal, request, *asked, is_final),
        })
    };
    let role = move || {
        if is_final.get() {
            "alertdialog"
        } else {
            "dialog"
        }
    };
    dialog(modal, role, form::HEADING, form::FINAL, content)
}

/// Asks the server, and opens when it answers or when it takes long.
fn count(
    requests: Confirming,
    phase: RwSignal<Option<Phase>>,
    modal: Modal,
    request: ConfirmRequest,
) {
    let is_current = {
        let request = request.clone();
        move || {
            requests
                .open
                .with_untracked(|open| open.as_ref() == Some(&request))
        }
    };
    let waiting = (is_current.clone(), request.clone());
    set_timeout(
        move || {
            let (is_current, request) = waiting;
            if is_current() && phase.with_untracked(Option::is_none) {
                phase.set(Some(Phase::Counting(request)));
                modal.open();
            }
        },
        PATIENCE,
    );
    spawn_local(async move {
        let answer = state::ask(&request, state::proposed()).await;
        if !is_current() {
            return;
        }
        phase.set(Some(match answer {
            Ok(asked) => Phase::Ready(request, Box::new(asked)),
            Err(error) => Phase::Failed(request, error),
        }));
        modal.open();
    });
}

fn ready(
    requests: Confirming,
    modal: Modal,
    request: ConfirmRequest,
    asked: Asked,
    is_final: RwSignal<bool>,
) -> AnyView {
    let (noun, transition) = (request.subjects, asked.transition);
    let done = Callback::new(move |outcome: Outcome| {
        let names: Vec<String> = outcome
            .changed
            .into_iter()
            .map(|changed| changed.name)
            .collect();
        modal.close();
        requests.done(wording::done(noun, transition, &names));
        // What was pressed may be gone with what was done.
        focus_soon("main h1");
    });
    let state = State::new(noun, asked, done);
    modal.set_loss(move || state.loss());
    Effect::new(move || is_final.set(state.asked.with(|asked| undo::is_final(noun, asked))));
    let buttons = move || {
        if modal.leaving().get() {
            leaving(modal)
        } else {
            view! {
                <button type="button" class=button::NEUTRAL on:click=move |_| modal.leave()>"Cancel"</button>
                {form::confirm_button(state)}
            }
            .into_any()
        }
    };
    view! {
        {header(modal, form::heading(state), form::taken(state))}
        {form::body(state, "dialog-body", ().into_any())}
        <footer class="dialog-foot">{buttons}</footer>
    }
    .into_any()
}

/// Asks before something typed is lost.
fn leaving(modal: Modal) -> AnyView {
    let stay = move |_| {
        modal.leaving().set(false);
        focus_soon("#confirm-note");
    };
    focus_soon("#confirm-stay");
    view! {
        <p class="mr-auto text-table" role="alert">"Discard what you typed?"</p>
        <button id="confirm-stay" type="button" class=button::NEUTRAL on:click=stay>"Keep editing"</button>
        <button type="button" class=button::DANGER on:click=move |_| modal.close()>"Discard"</button>
    }
    .into_any()
}

fn header(modal: Modal, heading: AnyView, under: AnyView) -> AnyView {
    view! {
        <header class="dialog-head">
            <h2 id=form::HEADING tabindex="-1" class="wrap-anywhere">{heading}</h2>
            {under}
            <button
                type="button"
                class=format!("{} absolute top-3 right-3", button::PLAIN_ICON)
                aria-label="Close"
                on:click=move |_| modal.leave()
            >
                {icons::icon(icons::CROSS)}
            </button>
        </header>
    }
    .into_any()
}

fn wanted(request: &ConfirmRequest) -> AnyView {
    let counted = wording::counted(request.subjects, request.ids.len());
    format!("{} {counted}", request.transition.verb()).into_any()
}

fn counting(modal: Modal, request: &ConfirmRequest) -> AnyView {
    let rows = wording::counted(request.subjects, request.ids.len());
    view! {
        {header(modal, wanted(request), ().into_any())}
        <div class="dialog-body">
            {effects_skeleton()}
            <p class="text-small text-muted" role="status">{format!("Still counting: {rows}")}</p>
        </div>
        <footer class="dialog-foot">{close_button(modal, "Cancel")}</footer>
    }
    .into_any()
}

fn failed(modal: Modal, request: &ConfirmRequest, error: &AppError) -> AnyView {
    view! {
        {header(modal, wanted(request), ().into_any())}
        <div class="dialog-body">{failure("The preview", error)}</div>
        <footer class="dialog-foot">{close_button(modal, "Close")}</footer>
    }
    .into_any()
}

fn close_button(modal: Modal, label: &'static str) -> AnyView {
    view! {
        <button type="button" class=button::NEUTRAL on:click=move |_| modal.close()>{label}</button>
    }
    .into_any()
}
