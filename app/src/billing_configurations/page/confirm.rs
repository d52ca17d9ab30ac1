//! Confirming what happens to configurations, as a page.

use crate::confirm::Transition;
use leptos::prelude::*;

/// Ids are in the path or in the query.
#[component]
pub fn ConfirmConfigurationsPage(transition: Transition) -> impl IntoView {
    let _ = transition;
    view! { <h1>"Confirm"</h1> }
}
