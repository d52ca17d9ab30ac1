//! The browser's door to who is signed in.

use super::Shell;
use crate::{error::AppError, wire::Sealed};
use leptos::prelude::*;

/// What every page of the console shows around its content.
#[server(endpoint = "read_shell", prefix = "/fn", input = Sealed, output = Sealed)]
pub async fn read_shell() -> Result<Shell, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::shell(&ctx))
}
