//! Confirming what happens to configurations, as a page.

use crate::confirm::{ConfirmPage, Subjects, Transition};
use leptos::prelude::*;

/// Ids are in the path or in the query.
#[component]
pub fn ConfirmConfigurationsPage(transition: Transition) -> impl IntoView {
    view! { <ConfirmPage subjects=Subjects::Configurations transition/> }
}
