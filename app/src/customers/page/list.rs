//! The list of customers.

use leptos::prelude::*;

#[component]
pub fn CustomersPage() -> impl IntoView {
    view! { <h1>"Customers"</h1> }
}
