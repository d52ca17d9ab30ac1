//! URL → page.

use leptos::prelude::*;

#[component]
pub fn App() -> impl IntoView {
    view! { <p>"Mothball"</p> }
}
