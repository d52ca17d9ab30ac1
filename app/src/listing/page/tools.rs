//! Search and filters. Two GET forms that work alone; awake, they change the list in place: typing after a short rest, the
//! rest at once.

use super::ListState;
use crate::{
    billing_configurations::Provider,
    listing::{ListQuery, Sort, SortKey},
    ui::{
        button, field, form,
        icons::{self, icon, small_icon},
        time,
    },
};
use leptos::{
    ev::{Event, SubmitEvent},
    html,
    prelude::*,
    wasm_bindgen::JsCast,
};
use std::time::Duration;
use web_sys::{FormData, HtmlElement, HtmlFormElement};

/// How long typing must rest before the list follows.
const REST: Duration = Duration::from_millis(200);
/// The fields of the filter form; everything else is carried along.
const FILTER_FIELDS: [&str; 4] = ["provider", "created_from", "created_to", "sort"];

pub(super) fn tools(state: ListState) -> AnyView {
    view! {
        <div class="list-tools print:hidden">
            {search(state)}
            <button type="button" class=button::PLAIN_SMALL popovertarget="filters" aria-haspopup="dialog">
                {icon(icons::PLUS)}
                <span class="max-md:hidden">"Add filter"</span>
                <span class="md:hidden">"Filters"</span>
            </button>
            {filters(state)}
            {move || chips(state)}
        </div>
    }
    .into_any()
}

fn search(state: ListState) -> AnyView {
    let kind = state.kind;
    let input = NodeRef::<html::Input>::new();
    let navigate = form::navigator();
    let submit_to = navigate.clone();
    let path = kind.subjects.path();
    let timer = StoredValue::new(None::<leptos::leptos_dom::helpers::TimeoutHandle>);
    let look = move |replace: bool| {
        let Some(text) = input
            .try_get_untracked()
            .flatten()
            .map(|input| input.value())
        else {
            return;
        };
        let query = state.query.get_untracked();
        if text.trim() != query.search {
            navigate(
                &query
                    .with(|query| text.trim().clone_into(&mut query.search))
                    .href(path),
                replace,
            );
        }
    };
    let rest = {
        let look = look.clone();
        move |_: Event| {
            if let Some(timer) = timer.get_value() {
                timer.clear();
            }
            let look = look.clone();
            timer.set_value(set_timeout_with_handle(move || look(true), REST).ok());
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        follow(state, &event, &submit_to);
    };
    // The field follows Back and links, but is never changed under the person's hands.
    Effect::new(move |before: Option<()>| {
        let search = state.query.with(|query| query.search.clone());
        let Some(field) = input.get() else { return };
        let focused = document()
            .active_element()
            .is_some_and(|active| active.is_same_node(Some(&field)));
        if before.is_none() && field.value().trim() != search {
            look(true);
        } else if !focused && field.value() != search {
            field.set_value(&search);
        }
    });
    view! {
        <form role="search" method="get" action=path class="max-md:min-w-0 max-md:flex-1" on:submit=submit>
            <label class="relative flex items-center md:w-80">
                <span class="pointer-events-none absolute left-2.5 text-faint">{icon(icons::SEARCH)}</span>
                <span class="sr-only">{format!("Search {}", kind.nouns.1)}</span>
                <input
                    type="search"
                    name="q"
                    class=format!("peer {} px-8", field::INPUT)
                    value=state.query.with_untracked(|query| query.search.clone())
                    placeholder=kind.placeholder
                    autocomplete="off"
                    spellcheck="false"
                    node_ref=input
                    on:input=rest
                />
                <kbd class="pointer-events-none absolute right-2 rounded-input border border-border px-1.5 text-micro text-faint peer-not-placeholder-shown:hidden max-md:hidden" aria-hidden="true">
                    "/"
                </kbd>
            </label>
            {move || carried(&state.query.get(), &["q"])}
        </form>
    }
    .into_any()
}

/// Goes where the form would have gone.
fn follow(state: ListState, event: &SubmitEvent, navigate: &impl Fn(&str, bool)) {
    let data = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlFormElement>().ok())
        .and_then(|form| FormData::new_with_form(&form).ok());
    if let Some(data) = data {
        let query = ListQuery::from_params(state.kind.sorts, |name| data.get(name).as_string());
        navigate(&query.href(state.kind.subjects.path()), false);
    }
}

/// What a GET form must carry along so that it changes nothing else. A change starts at the first page.
fn carried(query: &ListQuery, own: &[&str]) -> AnyView {
    query
        .with(|_| ())
        .to_params()
        .into_iter()
        .filter(|(name, _)| !own.contains(name))
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view()
        .into_any()
}

fn filters(state: ListState) -> AnyView {
    let node = NodeRef::<html::Form>::new();
    let navigate = form::navigator();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        follow(state, &event, &navigate);
        if let Some(form) = node.get_untracked() {
            let _ = HtmlElement::hide_popover(&form);
        }
    };
    // Fields that were touched show what was typed, not what is so, until the form is reset.
    Effect::new(move || {
        state.query.track();
        request_animation_frame(move || {
            if let Some(form) = node.try_get_untracked().flatten() {
                form.reset();
            }
        });
    });
    view! {
        <form
            popover
            id="filters"
            class="popover w-72 gap-3 p-4"
            aria-label="Filters"
            method="get"
            action=state.kind.subjects.path()
            node_ref=node
            on:submit=submit
        >
            {move || filter_fields(&state.query.get(), state.kind.sorts)}
            <button class=button::PRIMARY>"Apply filters"</button>
        </form>
    }
    .into_any()
}

fn filter_fields(query: &ListQuery, sorts: &[SortKey]) -> AnyView {
    let providers = Provider::ALL.map(|provider| {
        option(
            provider.as_str().to_owned(),
            provider.label(),
            query.provider == Some(provider),
        )
    });
    let sorts = sorts
        .iter()
        .map(|key| {
            let plain = Sort {
                key: *key,
                descending: matches!(key, SortKey::Created | SortKey::Updated),
            };
            let label = match key {
                SortKey::Name => "Name",
                SortKey::Provider => "Provider",
                SortKey::Created => "Created, newest first",
                SortKey::Updated => "Updated, newest first",
            };
            let value = format!(
                "{}{}",
                if plain.descending { "-" } else { "" },
                key.as_str()
            );
            option(value, label, query.sort.key == *key)
        })
        .collect::<Vec<_>>();
    let date =
        |value: Option<chrono::NaiveDate>| value.map(|day| day.to_string()).unwrap_or_default();
    view! {
        {carried(query, &FILTER_FIELDS)}
        <label class=field::FIELD>
            <span class=field::LABEL>"Provider"</span>
            <select name="provider" class=field::INPUT><option value="">"Any"</option>{providers.into_iter().collect_view()}</select>
        </label>
        <label class=field::FIELD>
            <span class=field::LABEL>"Created from"</span>
            <input type="date" name="created_from" class=field::INPUT value=date(query.created_from)/>
        </label>
        <label class=field::FIELD>
            <span class=field::LABEL>"Created to"</span>
            <input type="date" name="created_to" class=field::INPUT value=date(query.created_to)/>
        </label>
        <label class=field::FIELD>
            <span class=field::LABEL>"Sort by"</span>
            <select name="sort" class=field::INPUT>{sorts.into_iter().collect_view()}</select>
        </label>
    }
    .into_any()
}

fn option(value: String, label: &'static str, selected: bool) -> AnyView {
    view! { <option value=value selected=selected>{label}</option> }.into_any()
}

/// What narrows the list, each with a link that takes it away.
fn chips(state: ListState) -> AnyView {
    let query = state.query.get();
    let path = state.kind.subjects.path();
    let created = match (query.created_from, query.created_to) {
        (None, None) => None,
        (Some(from), None) => Some(format!("since {}", time::day(from))),
        (None, Some(to)) => Some(format!("until {}", time::day(to))),
        (Some(from), Some(to)) => Some(format!("{} – {}", time::day(from), time::day(to))),
    };
    let provider = query.provider.map(|provider| {
        chip(
            "Provider",
            provider.label().to_owned(),
            query.with(|query| query.provider = None).href(path),
        )
    });
    let created = created.map(|words| {
        chip(
            "Created",
            words,
            query
                .with(|query| (query.created_from, query.created_to) = (None, None))
                .href(path),
        )
    });
    view! { <div class="flex min-w-0 gap-2 overflow-x-auto empty:hidden max-md:flex-wrap">{provider}{created}</div> }.into_any()
}

fn chip(name: &'static str, value: String, without: String) -> AnyView {
    view! {
        <span class="inline-flex h-7 flex-none items-center rounded-button pointer-coarse:h-11 border border-border bg-surface pl-2.5 text-table whitespace-nowrap">
            <span class="text-muted">{name}" "<span class="font-medium text-text">{value}</span></span>
            <a href=without class="ml-0.5 grid size-6.5 place-items-center pointer-coarse:size-11 rounded-input text-faint hover:bg-hover hover:text-text" aria-label=format!("Remove filter {name}")>
                {small_icon(icons::CROSS)}
            </a>
        </span>
    }
    .into_any()
}
