//! The browser's door to bulk jobs.

use crate::{error::AppError, wire::Sealed};
use leptos::prelude::*;

/// Jobs that run, or begin in a moment.
#[server(endpoint = "count_running_jobs", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn count_running_jobs() -> Result<u32, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::running(&ctx))
}
