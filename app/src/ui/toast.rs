//! Toasts: a success in a few words, with one action at most, for ten seconds. They wait while pointed at or focused. Their
//! action can always be reached elsewhere too.

use super::{announce::Announcer, button, icons};
use leptos::prelude::*;
use std::time::Duration;

const SHOWN_SECONDS: u32 = 10;

/// What a toast can do, with its label.
pub type Action = (&'static str, Callback<()>);

#[derive(Clone)]
struct Toast {
    number: u32,
    text: String,
    action: Option<Action>,
}

/// The place of toasts. Provided to every page; shows the newest.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Option<Toast>>,
    /// Pointed at or focused.
    held: RwSignal<bool>,
    count: StoredValue<u32>,
    announcer: Announcer,
}

impl Toasts {
    pub fn provide(announcer: Announcer) -> Self {
        let toasts = Self {
            shown: RwSignal::new(None),
            held: RwSignal::new(false),
            count: StoredValue::new(0),
            announcer,
        };
        provide_context(toasts);
        toasts
    }

    pub fn expect() -> Self {
        expect_context()
    }

    /// Shows and speaks `text`.
    pub fn show(self, text: impl Into<String>, action: Option<Action>) {
        let text = text.into();
        self.announcer.say(match action {
            Some((label, _)) => format!("{text}. {label} is at the end of the page."),
            None => text.clone(),
        });
        self.count.update_value(|count| *count += 1);
        let number = self.count.get_value();
        self.held.set(false);
        self.shown.set(Some(Toast {
            number,
            text,
            action,
        }));
        self.tick(number, SHOWN_SECONDS);
    }

    pub fn dismiss(self) {
        self.shown.set(None);
    }

    /// Counts down a second at a time; held, it starts over.
    fn tick(self, number: u32, left: u32) {
        set_timeout(
            move || {
                let current = self
                    .shown
                    .try_with_untracked(|shown| shown.as_ref().map(|toast| toast.number));
                if current.flatten() != Some(number) {
                    return;
                }
                match left {
                    _ if self.held.get_untracked() => self.tick(number, SHOWN_SECONDS),
                    0 => self.dismiss(),
                    left => self.tick(number, left - 1),
                }
            },
            Duration::from_secs(1),
        );
    }
}

const PLACE: &str = "fixed bottom-17 left-[calc(var(--page-x)+var(--rail-now))] z-(--z-toast) max-w-[calc(100vw-2*var(--page-x))] print:hidden";
const TOAST: &str = "flex min-h-10 max-w-105 items-center gap-2.5 rounded-card bg-surface py-1 pr-1.5 pl-3.5 text-table shadow-overlay";

/// A toast as the server writes it into the page: it stays until a script takes over.
pub fn still(text: String) -> AnyView {
    view! {
        <p class=format!("{PLACE} {TOAST}") role="status">
            <span class="text-ok">{icons::icon(icons::CHECK)}</span>
            <span class="min-w-0 pr-2 truncate">{text}</span>
        </p>
    }
    .into_any()
}

/// Where toasts appear: bottom left, away from the bulk bar.
pub fn toast_region(toasts: Toasts) -> AnyView {
    let toast = move || {
        toasts.shown.get().map(|toast| {
            let action = toast.action.map(|(label, act)| {
                let act = move |_| {
                    toasts.dismiss();
                    act.run(());
                };
                view! { <button type="button" class=button::PLAIN_SMALL on:click=act>{label}</button> }
            });
            view! {
                <div
                    class=TOAST
                    on:mouseenter=move |_| toasts.held.set(true)
                    on:mouseleave=move |_| toasts.held.set(false)
                    on:focusin=move |_| toasts.held.set(true)
                    on:focusout=move |_| toasts.held.set(false)
                >
                    <span class="text-ok">{icons::icon(icons::CHECK)}</span>
                    <bdi class="min-w-0 truncate">{toast.text}</bdi>
                    {action}
                    <button type="button" class=button::PLAIN_ICON aria-label="Dismiss" on:click=move |_| toasts.dismiss()>
                        {icons::icon(icons::CROSS)}
                    </button>
                </div>
            }
        })
    };
    view! {
        <section aria-label="Notifications" class=PLACE>{toast}</section>
    }
    .into_any()
}
