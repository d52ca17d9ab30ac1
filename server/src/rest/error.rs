//! How failures are told: in the words of each dialect, with the causes left in the log.

use super::fault::Fault;
use app::{
    error::{AppError, Refusal},
    wire::Wire,
};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use leptos::server_fn::{ContentType, Encodes};
use serde_json::{Map, Value, json};

/// What the official clients look at before they try again.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");
/// Marks a failure of a server function for the page that called it.
const SERVER_FN_ERROR: HeaderName = HeaderName::from_static("serverfnerror");

/// `{"message", "code", "param", "request_id"}`.
pub fn bearer(error: &AppError, request_id: &str) -> Response {
    tell_bearer(&Fault::App(error.clone()), request_id)
}

/// `{"statusCode", "message", "meta", "data", "errors"}`.
pub fn envelope(error: &AppError, request_id: &str) -> Response {
    tell_envelope(&Fault::App(error.clone()), request_id)
}

/// What the page that called a server function turns back into the same error.
pub fn server_fn(error: &AppError) -> Response {
    let body = Wire::encode(error).unwrap_or_default();
    let mut response = respond(
        &Fault::App(error.clone()),
        error.status(),
        Wire::CONTENT_TYPE,
        body.into(),
    );
    response
        .headers_mut()
        .insert(SERVER_FN_ERROR, HeaderValue::from_static("error"));
    response
}

/// One line of text, for machines that watch and for browsers without a page to show.
pub fn plain(error: &AppError) -> Response {
    respond(
        &Fault::App(error.clone()),
        error.status(),
        "text/plain; charset=utf-8",
        format!("{error}\n").into_bytes(),
    )
}

/// What [`page`] says, for whoever can say it in the frame of the console.
#[derive(Debug, Clone)]
pub struct Bare(pub AppError);

/// A page of its own, for browsers where the console cannot be shown.
pub fn page(error: &AppError) -> Response {
    let sentence = error.sentence().replace('&', "&amp;").replace('<', "&lt;");
    let body = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>Error - Mothball</title></head><body><main><h1>This did not work</h1><p>{sentence}</p>\
         <p><a href=\"/customers\">Back to customers</a></p></main></body></html>\n"
    );
    let mut response = respond(
        &Fault::App(error.clone()),
        error.status(),
        "text/html; charset=utf-8",
        body.into_bytes(),
    );
    response.extensions_mut().insert(Bare(error.clone()));
    response
}

pub(super) fn tell_bearer(fault: &Fault, request_id: &str) -> Response {
    let body = Value::Object(bearer_body(fault, request_id));
    respond(
        fault,
        fault.status(),
        "application/json",
        body.to_string().into_bytes(),
    )
}

/// A conflict whose answer says more than why.
pub(super) fn conflict(body: Map<String, Value>) -> Response {
    let fault = Fault::App(AppError::Refused(Refusal::ChangedSincePreview));
    let body = Value::Object(body).to_string().into_bytes();
    respond(&fault, fault.status(), "application/json", body)
}

/// The bearer dialect, as the archive of configurations says it: with `success` and `error` beside the message.
pub(super) fn tell_configurations(fault: &Fault, request_id: &str) -> Response {
    let mut body = bearer_body(fault, request_id);
    body.insert("success".to_owned(), Value::Bool(false));
    body.insert("error".to_owned(), Value::String(fault.message()));
    respond(
        fault,
        fault.status(),
        "application/json",
        Value::Object(body).to_string().into_bytes(),
    )
}

pub(super) fn tell_envelope(fault: &Fault, request_id: &str) -> Response {
    let status = match fault {
        // Documented as one of the ways in which a customer's data can be invalid.
        Fault::App(AppError::Refused(Refusal::CustomerKeyTaken { .. })) => 400,
        other => other.status(),
    };
    let body = json!({
        "statusCode": status,
        "message": fault.message(),
        "meta": { "request_id": request_id },
        "data": null,
        "errors": fault.fields(),
    });
    respond(
        fault,
        status,
        "application/json",
        body.to_string().into_bytes(),
    )
}

pub(super) fn bearer_body(fault: &Fault, request_id: &str) -> Map<String, Value> {
    Map::from_iter([
        ("message".to_owned(), Value::String(fault.message())),
        ("code".to_owned(), Value::from(fault.code())),
        (
            "param".to_owned(),
            fault.param().map_or(Value::Null, Value::from),
        ),
        ("request_id".to_owned(), Value::from(request_id)),
    ])
}

fn respond(fault: &Fault, status: u16, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(seconds) = fault.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == 409 && fault.retry_after().is_none() {
        headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
    }
    if status == 401 {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::error::Noun;

    fn taken() -> AppError {
        AppError::Refused(Refusal::CustomerKeyTaken { key: "acme".into() })
    }

    #[test]
    fn only_what_may_pass_invites_another_try() {
        let in_flight = AppError::Refused(Refusal::IdempotencyInFlight);
        for (error, status, retry_after, should_retry) in [
            (AppError::Unavailable, 503, Some("2"), None),
            (in_flight, 409, Some("2"), None),
            (
                AppError::Refused(Refusal::AliasTaken { alias: "a".into() }),
                409,
                None,
                Some("false"),
            ),
            (AppError::NotFound(Noun::Customer), 404, None, None),
        ] {
            let response = bearer(&error, "r");
            let header = |name: &str| {
                response
                    .headers()
                    .get(name)
                    .and_then(|value| value.to_str().ok())
            };
            assert_eq!(response.status(), status);
            assert_eq!(
                (header("retry-after"), header("x-should-retry")),
                (retry_after, should_retry),
                "{error}"
            );
        }
    }

    #[test]
    fn an_envelope_says_field_by_field_what_is_wrong() {
        for (fault, expected) in [
            (
                Fault::App(taken()),
                json!({ "customer_key": ["must be unique"] }),
            ),
            (
                Fault::App(AppError::invalid("page", "is wrong")),
                json!({ "page": ["is wrong"] }),
            ),
            (Fault::App(AppError::NotFound(Noun::Customer)), json!({})),
            (
                Fault::Missing(vec!["customer_key", "primary_email"]),
                json!({ "customer_key": ["is required"], "primary_email": ["is required"] }),
            ),
        ] {
            assert_eq!(Value::Object(fault.fields()), expected);
        }
        assert_eq!(
            (
                envelope(&taken(), "r").status(),
                bearer(&taken(), "r").status()
            ),
            (400.try_into().unwrap(), 409.try_into().unwrap())
        );
    }
}
