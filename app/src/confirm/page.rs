//! The confirm form as a page of its own: what links and forms lead to without a script, and what an unfinished form comes
//! back to. It posts to itself and never wakes.

use super::{
    Asked, ConfirmRequest, Preset, Read, Subjects, Transition, form,
    state::{self, State},
    wording,
};
use crate::{
    customers::ArchiveOptions,
    error::{AppError, Noun},
    frame::FrameContext,
    ui::{
        button, empty::empty, failure::failure, fetched::Fetched, icons, title, waiting::waiting,
    },
    wire,
};
use leptos::prelude::*;
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};
use uuid::Uuid;

/// Shows what would happen to the rows that the URL names, and asks for the press of a button.
#[component]
pub fn ConfirmPage(subjects: Subjects, transition: Transition) -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let source = move || {
        (
            params.with(|params| query.with(|query| ids(params, query))),
            query.with(options),
        )
    };
    let asked = Fetched::new(
        move || format!("{:?}", source()),
        move || async move {
            let (ids, options) = untrack(source);
            match ids.is_empty() {
                true => Ok(None),
                false => {
                    let request = ConfirmRequest {
                        subjects,
                        transition,
                        ids,
                    };
                    state::ask(&request, options).await.map(Some)
                }
            }
        },
    );
    waiting(move || match asked.get() {
        None => ().into_any(),
        Some(Ok(Some(asked))) => filled(subjects, asked, query.with_untracked(typed)),
        Some(Ok(None)) => nothing_chosen(subjects, transition),
        Some(Err(error)) => refused(subjects, transition, &error),
    })
}

fn filled(subjects: Subjects, mut asked: Asked, typed: Option<super::Answered>) -> AnyView {
    let frame = FrameContext::expect();
    asked.answered = asked.answered.or(typed);
    let transition = asked.transition;
    let home = home(subjects, &asked);
    let hidden = hidden_fields(&asked);
    let flawed = asked
        .answered
        .as_ref()
        .is_some_and(|answered| !answered.flaws.is_empty());
    let wanted = wording::Object::of(subjects, &asked.preview);
    let heading = format!("{} {}", transition.verb(), wanted.text());
    title::set(if flawed {
        format!("Error: {heading}")
    } else {
        heading.clone()
    });
    frame.name_page(heading);
    let state = State::new(subjects, asked, Callback::new(|_| ()));
    let may = move || frame.shell().is_none_or(|shell| shell.may_archive);
    let buttons = move || {
        if may() {
            form::confirm_button(state)
        } else {
            not_allowed()
        }
    };
    view! {
        <div class="confirm-page">
            <header class="dialog-head">
                <h1 id=form::HEADING class="wrap-anywhere">{form::heading(state)}</h1>
                {form::taken(state)}
            </header>
            {form::body(state, "dialog-body", hidden)}
            <footer class="dialog-foot">
                <a class=button::NEUTRAL href=home>"Cancel"</a>
                {waiting(buttons)}
            </footer>
        </div>
    }
    .into_any()
}

fn not_allowed() -> AnyView {
    view! { <p class="text-table text-muted">"You need the role operator to do this."</p> }
        .into_any()
}

/// What a post without a script needs beside what is typed: which rows, as of when, and under which key.
fn hidden_fields(asked: &Asked) -> AnyView {
    let rows = asked
        .preview
        .subjects
        .iter()
        .map(|subject| {
            view! {
                <input type="hidden" name="ids" value=subject.id.to_string()/>
                <input type="hidden" name="versions" value=subject.version.to_string()/>
            }
        })
        .collect_view();
    let read = Read {
        options: asked.options,
        tally: asked.preview.tally.clone(),
    };
    let read = wire::to_text(&read).unwrap_or_default();
    view! {
        <input type="hidden" name="idempotency_key" value=asked.idempotency_key.clone()/>
        <input type="hidden" name="options" value="1"/>
        <input type="hidden" name="read" value=read/>
        {rows}
    }
    .into_any()
}

/// Where Cancel and a finished action lead.
fn home(subjects: Subjects, asked: &Asked) -> String {
    match asked.preview.subjects.as_slice() {
        [one] => format!("{}/{}", subjects.path(), one.id),
        _ => subjects.path().to_owned(),
    }
}

fn nothing_chosen(subjects: Subjects, transition: Transition) -> AnyView {
    title::set(format!("{} {}", transition.verb(), subjects.noun(0)));
    empty(
        icons::RING,
        format!("No {} chosen", subjects.noun(0)),
        format!("Tick rows in the list, then choose {}.", transition.verb()),
        view! { <a class=button::NEUTRAL_SMALL href=subjects.path()>"Back to the list"</a> },
    )
}

fn refused(subjects: Subjects, transition: Transition, error: &AppError) -> AnyView {
    title::set(format!("{} {}", transition.verb(), subjects.noun(0)));
    let error = match (error, subjects) {
        // A link to several rows does not say which of them is unknown.
        (AppError::NotFound(_), Subjects::Customers) => &AppError::NotFound(Noun::Customer),
        (AppError::NotFound(_), Subjects::Configurations) => {
            &AppError::NotFound(Noun::Configuration)
        }
        (error, _) => error,
    };
    failure("The preview", error)
}

/// The row in the path, or those in the query. An id that is none is looked up all the same, and not found.
fn ids(params: &ParamsMap, query: &ParamsMap) -> Vec<Uuid> {
    let named: Vec<String> = match params.get("id") {
        Some(id) => vec![id],
        None => query.get_all("ids").unwrap_or_default(),
    };
    named
        .iter()
        .map(|id| id.parse().unwrap_or(Uuid::nil()))
        .collect()
}

/// The options in the query, where the form wrote them; else those the console proposes.
fn options(query: &ParamsMap) -> ArchiveOptions {
    if query.get_str("options").is_none() {
        return state::proposed();
    }
    let ticked = |name| query.get_str(name) == Some("on");
    ArchiveOptions {
        archive_configurations: ticked("archive_configurations"),
        release_aliases: ticked("release_aliases"),
        keep_paid_invoices: ticked("keep_paid_invoices"),
    }
}

/// What was typed before the figures were refreshed.
fn typed(query: &ParamsMap) -> Option<super::Answered> {
    query.get_str("options")?;
    Some(super::Answered {
        preset: query.get_str("preset").and_then(Preset::parse),
        note: query.get("note").unwrap_or_default(),
        number: String::new(),
        flaws: Vec::new(),
        before: None,
    })
}
