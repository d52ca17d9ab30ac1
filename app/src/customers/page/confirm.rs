//! Confirming what happens to customers.

use crate::confirm::{ConfirmPage, Subjects, Transition};
use leptos::prelude::*;

pub use crate::confirm::ConfirmDialog;

/// Ids are in the path or in the query.
#[component]
pub fn ConfirmCustomersPage(transition: Transition) -> impl IntoView {
    view! { <ConfirmPage subjects=Subjects::Customers transition/> }
}
