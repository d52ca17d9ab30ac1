//! What people see of bulk jobs: the preview, the job with its results, and the list of jobs. Pages of links and forms; a few
//! lines of script on the page of a job that is not over keep it up to date.

pub mod job;
pub mod jobs;
pub mod preview;
mod preview_form;
mod results;
pub mod start;

use leptos::{nonce::use_nonce, prelude::*};

pub use job::JobPage;
pub use jobs::JobsPage;
pub use preview::{PreviewPage, Unconfirmed, Why};
pub use start::{StartPage, Unlisted};

/// Buttons with `data-counts` begin a count that may take seconds: with a script they say so.
fn counting() -> AnyView {
    view! { <script type="module" nonce=use_nonce()>{include_str!("counting.js")}</script> }
        .into_any()
}
