//! The HTML document around every page.

use leptos::{hydration::AutoReload, prelude::*};
use leptos_meta::MetaTags;
use std::sync::Arc;

/// The mark alone, in a grey that shows on light and dark browser frames.
const FAVICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 17 20' fill='none' \
    stroke='%2382827c' stroke-width='2' stroke-linecap='round' stroke-linejoin='round'%3E%3Cpath \
    d='M2 16.2V5.2l6.5 6.5L15 5.2v11'/%3E%3Ccircle cx='8.5' cy='5' r='2.5' fill='%2382827c' stroke='none'/%3E%3C/svg%3E";

/// What every page loads: paths from the root, each named with the hash of its content.
#[derive(Debug, Clone)]
pub struct Assets {
    pub stylesheet: Arc<str>,
    pub script: Arc<str>,
    pub wasm: Arc<str>,
}

/// Which pages a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// Those that a script wakes.
    Awake,
    /// Those without any.
    Still,
}

/// The document. Every script carries the nonce of the answer; there are no other scripts and no inline styles.
pub fn shell(document: Document, options: LeptosOptions, assets: Assets) -> impl IntoView {
    let stylesheet = assets.stylesheet.clone();
    let (scripts, pages) = match document {
        Document::Awake => (scripts(options, assets), view! { <crate::App/> }.into_any()),
        Document::Still => (().into_any(), view! { <crate::Still/> }.into_any()),
    };
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link rel="icon" href=FAVICON/>
                <link rel="stylesheet" href=stylesheet/>
                {scripts}
                <MetaTags/>
            </head>
            <body>{pages}</body>
        </html>
    }
}

fn scripts(options: LeptosOptions, assets: Assets) -> AnyView {
    let Assets { script, wasm, .. } = assets;
    let wake = format!(
        "import start, {{ hydrate }} from \"{script}\"; start({{ module_or_path: \"{wasm}\" }}).then(hydrate);"
    );
    let nonce = use_nonce();
    view! {
        <link rel="modulepreload" href=script nonce=nonce.clone()/>
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin=""/>
        <AutoReload options=options/>
        <script type="module" nonce=nonce>{wake}</script>
    }
    .into_any()
}
