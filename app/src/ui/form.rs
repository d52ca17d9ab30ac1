//! GET forms. They work alone; with a script they become navigations, so that the page is not loaded anew.

use leptos::{ev::SubmitEvent, wasm_bindgen::JsCast};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use web_sys::{FormData, HtmlFormElement};

/// A way to go to a path and query of this site.
pub fn navigator() -> impl Fn(&str, bool) + Clone + Send + Sync + 'static {
    let navigate = use_navigate();
    move |href, replace| {
        navigate(
            href,
            NavigateOptions {
                resolve: false,
                replace,
                scroll: false,
                ..Default::default()
            },
        )
    }
}

/// The value of a field of the form that is being submitted.
pub fn value(event: &SubmitEvent, field: &str) -> Option<String> {
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    FormData::new_with_form(&form).ok()?.get(field).as_string()
}
