//! Wakes the server-rendered page in the browser. Everything that has meaning lives in `app`.

/// Called once by the page when the WASM has loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
