//! What server functions and pages share: the status of an answer is that of its error, not always 200 or 500.

use crate::error::AppError;
use axum::http::StatusCode;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// Sets the response's status where the result is an error, and passes it on.
pub fn status<T>(result: Result<T, AppError>) -> Result<T, AppError> {
    if let (Err(error), Some(response)) = (&result, use_context::<ResponseOptions>())
        && let Ok(status) = StatusCode::from_u16(error.status())
    {
        response.set_status(status);
    }
    result
}
