//! One customer: its head, its standing, and its sections as tabs.

use super::{
    overview::{configurations_card, contracts_card, invoices_card, overview},
    standing::{Standing, archived_note},
};
use crate::{
    audit::page::timeline,
    confirm::{Confirming, Subjects, Transition},
    customers::{
        CustomerDetail,
        server_fns::{read_customer, read_timeline},
    },
    error::{AppError, Noun},
    frame::FrameContext,
    ids::{AuditEntryId, CustomerId},
    ui::{
        badge::standing,
        button,
        card::{card, object_head},
        copy::copy_button,
        failure::{failed_page, failure},
        fetched::Fetched,
        icons,
        tabs::{Tab, tabs},
        time, title,
        waiting::waiting,
    },
};
use leptos::{ev, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};
use uuid::Uuid;

/// The sections beside the overview, by the last part of their path.
const SECTIONS: [&str; 4] = ["contracts", "invoices", "configurations", "timeline"];

/// The tab is the last part of the path.
#[component]
pub fn CustomerPage() -> impl IntoView {
    let (params, confirming) = (use_params_map(), Confirming::expect());
    let id = Memo::new(move |_| {
        let id = params.with(|params| params.get("id"));
        // What is no id is looked up all the same, and not found.
        CustomerId(id.and_then(|id| id.parse().ok()).unwrap_or(Uuid::nil()))
    });
    let tab = Memo::new(move |_| params.with(|params| params.get("tab")).unwrap_or_default());
    let detail = Fetched::new(
        move || format!("{} {}", id.get(), confirming.settled()),
        move || read_customer(id.get_untracked()),
    );
    let changes = Standing::of_page();
    waiting(move || match detail.get() {
        None => ().into_any(),
        Some(Err(error)) => {
            title::set("Customer");
            failed_page("The customer", &error)
        }
        Some(Ok(detail)) => page(detail, tab, changes),
    })
}

fn page(detail: CustomerDetail, tab: Memo<String>, changes: Standing) -> AnyView {
    FrameContext::expect().name_page(detail.customer.name.clone());
    title::set(format!("{} - Customers", detail.customer.name));
    let head = head(&detail);
    let note = archived_note(&detail, changes);
    let detail = StoredValue::new(detail);
    let links = move || detail.with_value(|detail| sections(detail, &tab.get()));
    let section = move || detail.with_value(|detail| section(detail, &tab.get()));
    view! { {head}{links}{note}{section} }.into_any()
}

fn head(detail: &CustomerDetail) -> AnyView {
    let customer = &detail.customer;
    let by = detail
        .timeline
        .entries
        .first()
        .filter(|entry| entry.at >= customer.updated_at)
        .map(|entry| view! { " by "<bdi>{entry.actor.label()}</bdi> });
    let meta = view! {
        <span class="inline-flex items-center font-mono text-[.75rem]">
            <bdi class="wrap-anywhere">{customer.key.clone()}</bdi>
            {copy_button("Key", customer.key.clone())}
        </span>
        <span>"Updated "{time::ago(customer.updated_at, detail.now)}{by}</span>
    };
    let archived = customer.lifecycle.is_archived();
    let actions = if archived {
        ().into_any()
    } else {
        archive_button(customer.id)
    };
    object_head(
        customer.name.clone(),
        standing(archived),
        meta.into_any(),
        actions,
    )
}

/// Leads to the confirm form: over this page when it is awake.
fn archive_button(id: CustomerId) -> AnyView {
    let frame = FrameContext::expect();
    let link = move || {
        frame
            .shell()
            .is_some_and(|shell| shell.may_archive)
            .then(|| {
                let class = format!("{} max-md:flex-1", button::DANGER);
                archive_link(
                    id,
                    class,
                    view! { {icons::icon(icons::ARCHIVE)}"Archive…" }.into_any(),
                )
            })
            .into_any()
    };
    waiting(link)
}

fn archive_link(id: CustomerId, class: String, content: AnyView) -> AnyView {
    let confirming = Confirming::expect();
    let ask = move |event: ev::MouseEvent| {
        event.prevent_default();
        confirming.ask(Subjects::Customers, Transition::Archive, vec![id.0]);
    };
    view! { <a rel="external" class=class href=format!("/customers/{id}/archive") on:click=ask>{content}</a> }
        .into_any()
}

fn sections(detail: &CustomerDetail, current: &str) -> AnyView {
    let count = |count: usize| Some(count.to_string());
    let counts = [
        count(detail.contracts.len()),
        Some(detail.invoices_total.to_string()),
        count(detail.configurations.len()),
        None,
    ];
    let labels = ["Contracts", "Invoices", "Configurations", "Timeline"];
    let id = detail.customer.id;
    let overview = Tab {
        label: "Overview",
        count: None,
        href: format!("/customers/{id}"),
        current: current.is_empty(),
    };
    let rest = SECTIONS
        .into_iter()
        .zip(labels)
        .zip(counts)
        .map(|((path, label), count)| Tab {
            label,
            count,
            href: format!("/customers/{id}/{path}"),
            current: current == path,
        });
    tabs("Sections", std::iter::once(overview).chain(rest).collect())
}

fn section(detail: &CustomerDetail, tab: &str) -> AnyView {
    let alone =
        |card: AnyView| view! { <div class="px-(--page-x) pt-6 pb-12">{card}</div> }.into_any();
    match tab {
        "" => overview(
            detail,
            archive_link(
                detail.customer.id,
                "link inline-block py-0.5".to_owned(),
                "Preview".into_any(),
            ),
        ),
        "contracts" => alone(contracts_card(detail)),
        "invoices" => alone(invoices_card(detail)),
        "configurations" => alone(configurations_card(detail)),
        "timeline" => alone(timeline_section(detail)),
        _ => failure("The page", &AppError::NotFound(Noun::Page)),
    }
}

/// The whole timeline, a page at a time.
fn timeline_section(detail: &CustomerDetail) -> AnyView {
    let (id, query) = (detail.customer.id, use_query_map());
    let newest = detail.timeline.clone();
    let before = move || -> Option<AuditEntryId> {
        query
            .with(|query| query.get("before"))
            .and_then(|before| before.parse().ok())
    };
    let key = move || {
        before()
            .map(|before| before.to_string())
            .unwrap_or_default()
    };
    let older = Fetched::new(key, move || async move {
        match untrack(before) {
            Some(before) => read_timeline(id, Some(before)).await.map(Some),
            None => Ok(None),
        }
    });
    waiting(move || {
        let page = match older.get() {
            None => return ().into_any(),
            Some(Err(error)) => return failure("The timeline", &error),
            Some(Ok(None)) => newest.clone(),
            Some(Ok(Some(page))) => page,
        };
        let href = format!("/customers/{id}/timeline");
        let first = before()
            .is_some()
            .then(|| view! { <a class="link inline-block py-0.5" href=href.clone()>"Newest"</a> });
        let more = page.entries.last().filter(|_| page.more).map(|last| {
            let href = format!("{href}?before={}", last.id);
            view! { <p class="px-4 pb-3.5 text-table"><a class="link inline-block py-0.5" href=href>"Show older"</a></p> }
        });
        card(
            "timeline",
            "Timeline",
            "",
            first,
            view! { {timeline(&page.entries)}{more} },
        )
    })
}
