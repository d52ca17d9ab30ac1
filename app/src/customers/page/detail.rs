//! One customer.

use leptos::prelude::*;

/// The tab is the last part of the path.
#[component]
pub fn CustomerPage() -> impl IntoView {
    view! { <h1>"Customer"</h1> }
}
