//! Confirming: the dialog, and the page that does the same without JavaScript.

use crate::confirm::Transition;
use leptos::prelude::*;

/// Opens on a [`crate::confirm::request::ConfirmRequest`], over whatever page.
#[component]
pub fn ConfirmDialog() -> impl IntoView {}

/// The same as a page. Ids are in the path or in the query.
#[component]
pub fn ConfirmCustomersPage(transition: Transition) -> impl IntoView {
    let _ = transition;
    view! { <h1>"Confirm"</h1> }
}
