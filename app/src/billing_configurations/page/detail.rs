//! One billing provider configuration: its standing, what uses it, what was made under it.

use super::table::{code, standing_badge};
use crate::{
    audit::page::timeline,
    billing_configurations::{ConfigurationDetail, Standing, server_fns::read_configuration},
    confirm::{ConfirmRequest, Confirming, Subjects, Transition},
    contracts::page::{contracts_count, contracts_table},
    customers::page::aside::copy_link,
    frame::FrameContext,
    ids::ConfigurationId,
    invoices::page::invoices_table,
    ui::{
        banner::{Tone, banner},
        button,
        card::{card, facts, nothing, object_head, short_id, snippet},
        copy::copy_button,
        failure::failed_page,
        fetched::Fetched,
        icons, time, title,
        waiting::waiting,
    },
};
use leptos::{ev, prelude::*};
use leptos_router::hooks::use_params_map;
use uuid::Uuid;

#[component]
pub fn ConfigurationPage() -> impl IntoView {
    let (params, confirming) = (use_params_map(), Confirming::expect());
    let id = Memo::new(move |_| {
        let id = params.with(|params| params.get("id"));
        // What is no id is looked up all the same, and not found.
        ConfigurationId(id.and_then(|id| id.parse().ok()).unwrap_or(Uuid::nil()))
    });
    let detail = Fetched::new(
        move || format!("{} {}", id.get(), confirming.settled()),
        move || read_configuration(id.get_untracked()),
    );
    waiting(move || match detail.get() {
        None => ().into_any(),
        Some(Err(error)) => {
            title::set("Billing configuration");
            failed_page("The configuration", &error)
        }
        Some(Ok(detail)) => page(&detail),
    })
}

fn page(detail: &ConfigurationDetail) -> AnyView {
    let one = &detail.configuration;
    FrameContext::expect().name_page(one.title());
    title::set(format!("{} - Billing configurations", one.title()));
    let href = format!("/customers/{}", one.customer_id);
    let meta = view! {
        <span>"of "<a class="link" href=href><bdi>{detail.customer_name.clone()}</bdi></a></span>
        <span>"Updated "{time::ago(one.updated_at, detail.now)}</span>
    };
    let standing = standing_badge(detail.standing);
    view! {
        {object_head(one.title(), standing, meta.into_any(), actions(detail))}
        {note(detail)}
        <div class="cols border-t border-border">
            <div>{contracts(detail)}{invoices(detail)}{history(detail)}</div>
            <aside aria-label="About this configuration">{about(detail)}{provider_fields(detail)}{api(detail)}</aside>
        </div>
    }
    .into_any()
}

/// Leads to the confirm form: over this page when it is awake.
fn actions(detail: &ConfigurationDetail) -> AnyView {
    let (frame, confirming) = (FrameContext::expect(), Confirming::expect());
    let archived = detail.configuration.lifecycle.is_archived();
    if archived && !detail.unarchive_allowed {
        return ().into_any();
    }
    let (transition, look, path, label) = if archived {
        (
            Transition::Unarchive,
            button::NEUTRAL,
            icons::UNARCHIVE,
            "Unarchive…",
        )
    } else {
        (
            Transition::Archive,
            button::DANGER,
            icons::ARCHIVE,
            "Archive…",
        )
    };
    let request = StoredValue::new(ConfirmRequest {
        subjects: Subjects::Configurations,
        transition,
        ids: vec![detail.configuration.id.0],
    });
    let ask = move |event: ev::MouseEvent| {
        event.prevent_default();
        confirming.open.set(Some(request.get_value()));
    };
    let link = move || {
        frame
            .shell()
            .is_some_and(|shell| shell.may_archive)
            .then(|| {
                let class = format!("{look} max-md:flex-1");
                let href = request.with_value(ConfirmRequest::href);
                view! { <a rel="external" class=class href=href on:click=ask>{icons::icon(path)}{label}</a> }
            })
            .into_any()
    };
    waiting(link)
}

/// Why it does not bill, where it does not.
fn note(detail: &ConfigurationDetail) -> AnyView {
    let place = |body: AnyView| {
        view! { <div class="px-(--page-x) pb-4">{banner(Tone::Plain, icons::ARCHIVE, body, ())}</div> }.into_any()
    };
    if let Some(archived) = detail.configuration.lifecycle.archived() {
        let reason = archived.reason.as_ref().map(|reason| {
            view! { <p class="text-muted">"Reason: "<q><bdi>{reason.as_str().to_owned()}</bdi></q></p> }
        });
        let sentence = if detail.unarchive_allowed {
            "Unarchiving restores the configuration itself. Contracts stay detached, metering \
             stays stopped, recharges stay off."
        } else {
            "Unarchive is switched off in this deployment."
        };
        return place(
            view! {
                <p class="font-semibold">
                    "Archived "{time::stamp(archived.at, time::moment(archived.at))}" by "
                    <bdi>{archived.by.label()}</bdi>
                </p>
                {reason}
                <p class="text-muted">{sentence}</p>
            }
            .into_any(),
        );
    }
    match detail.standing {
        Standing::Inert => {
            place("Its customer is archived: nothing is billed through it.".into_any())
        }
        Standing::Active | Standing::Archived => ().into_any(),
    }
}

fn contracts(detail: &ConfigurationDetail) -> AnyView {
    let body = if detail.contracts.is_empty() {
        nothing("No contract uses it.")
    } else {
        contracts_table(
            &detail.contracts,
            std::slice::from_ref(&detail.configuration),
        )
    };
    card(
        "contracts",
        "Contracts",
        contracts_count(&detail.contracts),
        (),
        body,
    )
}

fn invoices(detail: &ConfigurationDetail) -> AnyView {
    let count = detail.invoices.len();
    let body = if count == 0 {
        nothing("No invoice was made under it.")
    } else {
        invoices_table("Invoices", &detail.invoices, detail.now)
    };
    let count = if count == 0 {
        String::new()
    } else {
        format!("the newest {count}")
    };
    card("invoices", "Invoices", count, (), body)
}

fn history(detail: &ConfigurationDetail) -> AnyView {
    let href = format!("/customers/{}/timeline", detail.configuration.customer_id);
    let end = view! { <a class="link inline-block py-0.5" href=href>"The customer's"</a> };
    card("timeline", "Timeline", "", end, timeline(&detail.timeline))
}

fn about(detail: &ConfigurationDetail) -> AnyView {
    let one = &detail.configuration;
    let id = one.id.to_string();
    let mut known = vec![
        (
            "Id",
            view! {
                <span class="inline-flex items-center font-mono text-[.75rem]">
                    <span title=id.clone()>{short_id(&id)}</span>
                    {copy_button("Id", id)}
                </span>
            }
            .into_any(),
        ),
        ("Provider", one.billing_provider.label().into_any()),
        ("Provider id", code(one.provider_reference.clone())),
        ("Delivery", one.delivery_method.label().into_any()),
        ("Uniqueness key", code(one.uniqueness_key.clone())),
    ];
    if let Some(tax) = one.tax_provider {
        known.push(("Tax", tax.label().into_any()));
    }
    known.push((
        "Created",
        time::stamp(one.created_at, time::day(one.created_at.date_naive())),
    ));
    card("facts", "Facts", "", (), facts(known))
}

/// The fields that were sent for the provider, as they are.
fn provider_fields(detail: &ConfigurationDetail) -> AnyView {
    card(
        "fields",
        "Provider fields",
        "",
        (),
        snippet(detail.provider_fields.clone()),
    )
}

/// The same over the API.
fn api(detail: &ConfigurationDetail) -> AnyView {
    let one = &detail.configuration;
    if one.lifecycle.is_archived() {
        return ().into_any();
    }
    let lines = format!(
        "# archive by id\ncurl -X POST \\\n  $HOST/v1/archiveCustomerBillingProviderConfigurations \\\n  \
         -H \"Authorization: Bearer $KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"customer_id\":\"{}\",\n       \"customer_billing_provider_configuration_ids\":[\"{}\"]}}'",
        one.customer_id, one.id
    );
    card("api", "API", "", copy_link(lines.clone()), snippet(lines))
}
