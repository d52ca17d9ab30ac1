//! One billing provider configuration.

use leptos::prelude::*;

#[component]
pub fn ConfigurationPage() -> impl IntoView {
    view! { <h1>"Configuration"</h1> }
}
