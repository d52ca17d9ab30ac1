//! The note on an archived customer: since when and why, what unarchiving restores and what it does not, and the way back.

use crate::{
    confirm::Confirming,
    customers::{
        CustomerDetail,
        server_fns::{unarchive_customer, undo_unarchive},
    },
    effects_text::{not_restored, plural},
    error::AppError,
    frame::FrameContext,
    ids::CustomerId,
    lifecycle::Archived,
    ui::waiting::waiting,
    ui::{
        banner::{Tone, banner},
        button,
        dialog::focus_soon,
        icons, time,
        toast::Toasts,
    },
};
use leptos::{ev, prelude::*, task::spawn_local};

/// What a press of the button needs long after the page was made.
#[derive(Clone, Copy)]
pub struct Standing {
    /// What went wrong when someone tried to change it.
    trouble: RwSignal<Option<AppError>>,
    confirming: Confirming,
    toasts: Toasts,
}

impl Standing {
    pub fn of_page() -> Self {
        Self {
            trouble: RwSignal::new(None),
            confirming: Confirming::expect(),
            toasts: Toasts::expect(),
        }
    }

    fn fail(self, error: AppError) {
        self.confirming.failed(error.sentence());
        self.trouble.try_set(Some(error));
    }
}

/// Nothing for a customer in service, except what went wrong.
pub fn archived_note(detail: &CustomerDetail, standing: Standing) -> AnyView {
    let trouble = move || {
        standing.trouble.get().map(|error| {
            let body = view! {
                <strong class="font-semibold text-danger">"This could not be done."</strong>
                " "
                {error.sentence()}
            };
            view! { <div class="mx-(--page-x) mt-4">{banner(Tone::Bad, icons::ALERT, body, ())}</div> }
        })
    };
    let note = detail
        .customer
        .lifecycle
        .archived()
        .map(|archived| note(detail, archived, standing));
    view! { {trouble}{note} }.into_any()
}

fn note(detail: &CustomerDetail, archived: &Archived, standing: Standing) -> AnyView {
    let id = detail.customer.id;
    let reason = archived.reason.as_ref().map(|reason| {
        view! { <p class="text-muted">"Reason: "<q><bdi>{reason.as_str().to_owned()}</bdi></q></p> }
    });
    let end = if detail.unarchive_allowed {
        unarchive_button(id, detail.customer.name.clone(), standing)
    } else {
        view! { <p class="text-muted md:ml-auto">"Unarchive is switched off in this deployment."</p> }
            .into_any()
    };
    let lists = detail.unarchive_allowed.then(|| {
        let mut restored = vec![
            "Visibility in lists, search and the API".to_owned(),
            "Editing, new contracts and billing of new usage".to_owned(),
        ];
        if detail.notifications > 0 {
            let count = detail.notifications;
            restored.push(format!(
                "{count} {}, unchanged",
                plural(count, "notification", "notifications")
            ));
        }
        let ended = not_restored(&detail.effects);
        let ended = (!ended.is_empty()).then(|| {
            list(
                "It does not restore",
                icons::CROSS,
                "mark text-danger",
                ended,
            )
        });
        view! {
            <div class="two">
                {list("Unarchiving restores", icons::CHECK, "mark text-ok", restored)}
                {ended}
            </div>
        }
    });
    view! {
        <section class="archived-note" aria-labelledby="archived">
            <div class="flex items-start gap-3 px-4 py-3 max-md:flex-col">
                <span class="mt-1 size-3 flex-none rounded-full border-2 border-border-strong max-md:hidden" aria-hidden="true"></span>
                <div class="min-w-0 wrap-anywhere">
                    <h2 id="archived" class="text-h3">
                        "Archived "{time::stamp(archived.at, time::moment(archived.at))}" by "
                        <bdi>{archived.by.label()}</bdi>
                    </h2>
                    {reason}
                </div>
                {end}
            </div>
            {lists}
        </section>
    }
    .into_any()
}

fn list(
    heading: &'static str,
    path: &'static str,
    mark: &'static str,
    items: Vec<String>,
) -> AnyView {
    let items = items
        .into_iter()
        .map(|item| view! { <li><span class=mark>{icons::small_icon(path)}</span>{item}</li> })
        .collect_view();
    view! { <div><h3 class="text-label">{heading}</h3><ul>{items}</ul></div> }.into_any()
}

/// A link to the confirm page; when the page is awake, done at once, with the way back in a toast.
fn unarchive_button(id: CustomerId, name: String, standing: Standing) -> AnyView {
    let frame = FrameContext::expect();
    let name = StoredValue::new(name);
    let busy = RwSignal::new(false);
    let press = move |event: ev::MouseEvent| {
        event.prevent_default();
        if !busy.get_untracked() {
            busy.set(true);
            unarchive(id, name.get_value(), standing, busy);
        }
    };
    let link = move || {
        frame.shell().is_some_and(|shell| shell.may_archive).then(|| {
            let class = format!("{} flex-none md:ml-auto max-md:w-full", button::NEUTRAL);
            view! {
                <a rel="external" class=class href=format!("/customers/{id}/unarchive") aria-busy=move || busy.get().then_some("true") on:click=press>
                    {icons::icon(icons::UNARCHIVE)}
                    "Unarchive"
                </a>
            }
        })
.into_any()
    };
    waiting(link)
}

fn unarchive(id: CustomerId, name: String, standing: Standing, busy: RwSignal<bool>) {
    spawn_local(async move {
        let answer = unarchive_customer(id).await;
        busy.try_set(false);
        match answer {
            Ok(version) => {
                standing.trouble.try_set(None);
                let again = name.clone();
                let undo = Callback::new(move |()| undo(id, version, again.clone(), standing));
                standing
                    .toasts
                    .show(format!("{name} unarchived"), Some(("Undo", undo)));
                standing.confirming.changed();
                focus_soon("main h1");
            }
            Err(error) => standing.fail(error),
        }
    });
}

fn undo(id: CustomerId, version: i64, name: String, standing: Standing) {
    spawn_local(async move {
        match undo_unarchive(id, version).await {
            Ok(()) => {
                standing
                    .toasts
                    .show(format!("{name} is archived as before"), None);
                standing.confirming.changed();
            }
            Err(error) => standing.fail(error),
        }
    });
}
