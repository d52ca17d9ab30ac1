//! What a page or a region says when it could not be loaded. Never the empty state.

use super::{
    banner::{Tone, banner},
    button,
    empty::empty_page,
    icons,
};
use crate::error::AppError;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// A region that failed: what could not be loaded, why, and the way on. `what` begins the sentence: `Customers`.
pub fn failure(what: &'static str, error: &AppError) -> AnyView {
    let here = here();
    match error {
        AppError::SignInRequired => {
            let body = view! { <strong class="font-semibold">"You were signed out."</strong>" Sign in to go on." };
            let to = format!(
                "/sign-in?next={}",
                form_urlencoded::byte_serialize(here.as_bytes()).collect::<String>()
            );
            banner(
                Tone::Info,
                icons::LOCK,
                body,
                view! { <a class=button::NEUTRAL_SMALL rel="external" href=to>"Sign in"</a> },
            )
        }
        AppError::Forbidden { needs } => empty_page(
            icons::LOCK,
            format!("You need the role {needs} to see this"),
            "An admin can give it to you.",
            view! { <a class=button::NEUTRAL_SMALL href="/customers">"Back to customers"</a> },
        ),
        AppError::NotFound(noun) => empty_page(
            icons::RING,
            format!("{noun} not found"),
            "It does not exist, or the link to it is incomplete.",
            view! { <a class=button::NEUTRAL_SMALL href="/customers">"Back to customers"</a> },
        ),
        error => {
            let body = view! {
                <strong class="font-semibold text-danger">{format!("{what} could not be loaded.")}</strong>
                " "
                {error.sentence()}
            };
            banner(
                Tone::Bad,
                icons::ALERT,
                body,
                view! { <a class=button::NEUTRAL_SMALL rel="external" href=here>"Retry"</a> },
            )
        }
    }
}

/// A whole page that failed, with a heading and the page's margins.
pub fn failed_page(what: &'static str, error: &AppError) -> AnyView {
    match error {
        AppError::NotFound(_) | AppError::Forbidden { .. } => failure(what, error),
        error => view! { <div class="px-(--page-x) py-4"><h1 class="sr-only">{what}</h1>{failure(what, error)}</div> }.into_any(),
    }
}

/// Something that was asked for and not done, and why.
pub fn refusal(error: &AppError) -> AnyView {
    match error {
        AppError::SignInRequired => failure("This", error),
        error => banner(Tone::Bad, icons::ALERT, error.sentence(), ()),
    }
}

/// The path and query that the person is at.
fn here() -> String {
    let location = use_location();
    let path = location.pathname.get_untracked();
    match location.search.get_untracked().trim_start_matches('?') {
        "" => path,
        query => format!("{path}?{query}"),
    }
}
