//! The list of billing provider configurations.

use leptos::prelude::*;

#[component]
pub fn ConfigurationsPage() -> impl IntoView {
    view! { <h1>"Billing configurations"</h1> }
}
