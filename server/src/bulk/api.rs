//! The API as the command line calls it.

use super::LOOK;
use serde_json::Value;
use std::{error::Error, fmt, thread, time::Duration};
use ureq::Agent;
use uuid::Uuid;

/// A preview of the largest job takes seconds.
const ANSWER: Duration = Duration::from_secs(60);
/// How often a request is sent again, under the same idempotency key, when no answer came.
const RETRIES_MAX: u32 = 3;

pub(super) struct Api {
    agent: Agent,
    url: String,
    authorization: String,
}

impl Api {
    pub(super) fn new(url: &str, key: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(ANSWER))
            .http_status_as_error(false)
            .build();
        Self {
            agent: config.into(),
            url: url.trim_end_matches('/').to_owned(),
            authorization: format!("Bearer {key}"),
        }
    }

    /// Sent with a key, so that one sent again is one effect.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        let key = Uuid::now_v7().to_string();
        let mut retries = 0;
        loop {
            let response = self
                .agent
                .post(format!("{}{path}", self.url))
                .header("authorization", &self.authorization)
                .header("idempotency-key", &key)
                .send_json(body);
            match self.read(response) {
                Err(trouble) if trouble.may_pass() && retries < RETRIES_MAX => {
                    retries += 1;
                    thread::sleep(LOOK);
                }
                answer => return answer,
            }
        }
    }

    pub(super) fn get(&self, path: &str) -> Result<Value, Trouble> {
        let request = self.agent.get(format!("{}{path}", self.url));
        self.read(request.header("authorization", &self.authorization).call())
    }

    fn read(
        &self,
        response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Value, Trouble> {
        let mut response = response.map_err(|error| {
            Trouble::Unheard(format!("{} cannot be reached: {error}", self.url))
        })?;
        let status = response.status().as_u16();
        let body: Value = response.body_mut().read_json().unwrap_or_default();
        if response.status().is_success() {
            // What is answered by something else, or cut off, is no answer: nobody knows what was done.
            return body.get("data").cloned().ok_or_else(|| {
                Trouble::Unheard(format!(
                    "{} gave no answer that could be read: is that where Mothball serves?",
                    self.url
                ))
            });
        }
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Err(Trouble::Said {
            status,
            code: text("code"),
            message: text("message"),
        })
    }
}

/// Why there is no answer to go on with.
#[derive(Debug)]
pub(super) enum Trouble {
    Unheard(String),
    Said {
        status: u16,
        code: String,
        message: String,
    },
}

impl Trouble {
    /// Whether the same request may be answered in a moment.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unheard(_) => true,
            Self::Said { status, code, .. } => {
                matches!(*status, 408 | 429 | 500..) || code == "idempotency_in_flight"
            }
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unheard(why) => f.write_str(why),
            Self::Said {
                status, message, ..
            } if message.is_empty() => {
                write!(
                    f,
                    "the server says {status}, and nothing that could be read"
                )
            }
            Self::Said {
                status, message, ..
            } => write!(f, "the server says {status}: {message}"),
        }
    }
}

impl Error for Trouble {}
