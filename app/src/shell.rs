//! The HTML document around every page.

use leptos::prelude::*;

/// The document. The stylesheet and the WASM are named with the hash of their content.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let _ = options;
    view! { <!DOCTYPE html> }
}
