//! The browser's door to who is signed in.

use super::Shell;
use crate::error::AppError;
use leptos::{prelude::*, server_fn::codec::PostUrl};

/// What every page of the console shows around its content.
#[server(endpoint = "read_shell", prefix = "/fn", input = PostUrl)]
pub async fn read_shell() -> Result<Shell, AppError> {
    let ctx = crate::context::Ctx::of_request()?;
    crate::door::status(super::service::shell(&ctx))
}
