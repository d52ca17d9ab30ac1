//! What clients get, and writes that are answered once for each key.

use super::call::{Answered, Call};
use app::{
    context::Work,
    idempotency::service::{Answer, Once, preview_once, write_once},
};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

impl Call {
    /// As [`Call::write`], for a preview that is kept.
    pub(super) async fn preview(&self, work: impl Work<Answer>) -> Answered {
        let once = preview_once(&self.ctx, self.claim()?, work).await?;
        Ok(respond(once))
    }

    /// Does the work in one transaction, or repeats the answer that its key already has.
    pub(super) async fn write(&self, work: impl Work<Answer>) -> Answered {
        let once = write_once(&self.ctx, self.claim()?, work).await?;
        Ok(respond(once))
    }
}

/// The answer to a read.
pub(super) fn ok(body: &Value) -> Answered {
    Ok(respond(Once {
        answer: json_answer(200, body),
        replayed: false,
    }))
}

/// `{"data": …}`.
pub(super) fn data(value: &Value) -> Answer {
    json_answer(200, &json!({ "data": value }))
}

pub(super) fn json_answer(status: u16, body: &Value) -> Answer {
    let content_type = Some("application/json".to_owned());
    Answer {
        status,
        location: None,
        content_type,
        body: body.to_string().into_bytes(),
    }
}

/// Success without a word. It has no content type either, or clients would parse the nothing.
pub(super) fn empty() -> Answer {
    Answer {
        status: 200,
        location: None,
        content_type: None,
        body: Vec::new(),
    }
}

/// As the documents' examples write moments: `2026-11-02T09:30:00.000Z`.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(super) fn respond(Once { answer, replayed }: Once) -> Response {
    let length = answer.body.len();
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, answer.content_type),
        (header::LOCATION, answer.location),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    if length == 0 {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(0));
    }
    if replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_replay_says_so() {
        for (answer, replayed, headers) in [
            (empty(), false, [None, Some("0"), None]),
            (empty(), true, [None, Some("0"), Some("true")]),
            (
                data(&json!(1)),
                false,
                [Some("application/json"), None, None],
            ),
        ] {
            let response = respond(Once { answer, replayed });
            let found = ["content-type", "content-length", "idempotent-replayed"].map(|name| {
                response
                    .headers()
                    .get(name)
                    .map(|value| value.to_str().unwrap())
            });
            assert_eq!(found, headers);
        }
    }
}
