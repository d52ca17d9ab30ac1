//! Where one is signed in, and the end of it elsewhere. A form for each session, posted to the page itself.

use crate::{
    auth::{LiveSession, OwnSessions, rules::device, service},
    context::Ctx,
    ui::{
        badge::{Badge, badge},
        button,
        failure::failed_page,
        fetched::Fetched,
        icons, time, title,
        waiting::waiting,
    },
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// One's live sessions, this one first.
#[component]
pub fn SessionsPage() -> impl IntoView {
    title::set("Sessions");
    let own = Fetched::new(String::new, || async {
        service::own_sessions(&Ctx::of_request()?).await
    });
    waiting(move || match own.get() {
        None => ().into_any(),
        Some(Ok(own)) => page(own),
        Some(Err(error)) => failed_page("Sessions", &error),
    })
}

fn page(own: OwnSessions) -> AnyView {
    let (here, elsewhere): (Vec<_>, Vec<_>) = own
        .sessions
        .into_iter()
        .partition(|session| Some(session.id) == own.asking);
    let others = elsewhere.len();
    let rows = here
        .into_iter()
        .map(|session| (session, true))
        .chain(elsewhere.into_iter().map(|session| (session, false)))
        .map(|(session, is_this)| row(&session, is_this, own.now))
        .collect_view();
    let end_others = (others > 1).then(|| {
        view! {
            <form method="post" class="mt-3">
                <button class=button::DANGER_SMALL name="others" value="on">{format!("End {others} other sessions")}</button>
            </form>
        }
    });
    view! {
        <div class="max-w-180 px-(--page-x) pt-4 pb-8">
            <header class="pb-4">
                <h1>"Sessions"</h1>
                <p class="mt-0.5 text-table text-muted">
                    {format!(
                        "Where you are signed in. A session ends {} minutes after its last use, and {} hours after signing in.",
                        service::SESSION_IDLE_MINUTES,
                        service::SESSION_HOURS,
                    )}
                </p>
            </header>
            <ul class="rounded-card border border-border bg-surface">{rows}</ul>
            {end_others}
        </div>
    }
    .into_any()
}

fn row(session: &LiveSession, is_this: bool, now: DateTime<Utc>) -> AnyView {
    let device = device(session.user_agent.as_deref());
    let end = if is_this {
        badge(Badge::Good(icons::CHECK), "This session")
    } else {
        view! {
            <form method="post">
                <button
                    class=button::NEUTRAL_SMALL
                    name="session"
                    value=session.id.to_string()
                    aria-label=format!("End {device}, {}", session.ip.as_deref().unwrap_or("unknown address"))
                >
                    "End"
                </button>
            </form>
        }
        .into_any()
    };
    view! {
        <li class="flex items-center gap-4 border-b border-border px-4 py-2.5 last:border-b-0">
            <div class="min-w-0 flex-1 wrap-anywhere">
                <p class="text-table font-medium" title=session.user_agent.clone()>{device}</p>
                <p class="mt-0.5 flex flex-wrap gap-x-3 text-small text-muted tabular-nums">
                    <span>{session.ip.clone()}</span>
                    <span>"Signed in "{time::ago(session.created_at, now)}</span>
                    <span>"Last used "{time::ago(session.last_seen_at, now)}</span>
                </p>
            </div>
            {end}
        </li>
    }
    .into_any()
}
