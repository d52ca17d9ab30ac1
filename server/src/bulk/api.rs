//! The API as the command line calls it.

use super::{LOOK, told};
use serde_json::Value;
use std::{
    error::Error,
    fmt, thread,
    time::{Duration, Instant},
};
use ureq::Agent;
use uuid::Uuid;

/// A preview of the largest job takes seconds.
const ANSWER: Duration = Duration::from_secs(60);
/// How long a request is sent again where nothing is lost by giving up.
pub(super) const BRIEFLY: Duration = Duration::from_secs(3);
/// How long a server may take to come back.
pub(super) const RESTART: Duration = Duration::from_secs(60);
/// As many as one answer may have.
const PAGE_ROWS: u32 = 100;

pub(super) struct Api {
    agent: Agent,
    /// Without a slash at its end.
    pub(super) url: String,
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
    pub(super) fn post(
        &self,
        path: &str,
        body: &Value,
        patience: Duration,
    ) -> Result<Value, Trouble> {
        let key = Uuid::now_v7().to_string();
        let send = || {
            let request = self.agent.post(format!("{}{path}", self.url));
            let request = request.header("authorization", &self.authorization);
            self.read(request.header("idempotency-key", &key).send_json(body))
        };
        until_heard(patience, send).map(data)
    }

    pub(super) fn get(&self, path: &str) -> Result<Value, Trouble> {
        self.page(path).map(data)
    }

    /// The first rows of a preview that the rules refuse. They stand among those that need nothing.
    pub(super) fn blocked(&self, preview: &Value, most: usize) -> Result<Vec<Value>, Trouble> {
        let id = preview["id"].as_str().unwrap_or_default();
        let path = format!("/v1/bulk-jobs/{id}/items?result=skipped&limit={PAGE_ROWS}");
        let mut found = Vec::new();
        let mut next = String::new();
        while found.len() < most {
            let page = self.page(&format!("{path}{next}"))?;
            let rows = page["data"].as_array().into_iter().flatten();
            found.extend(rows.filter(|row| !needs_nothing(row)).cloned());
            match page["next_page"].as_str() {
                Some(after) => next = format!("&next_page={after}"),
                None => break,
            }
        }
        Ok(found)
    }

    /// The whole answer of a list: `data`, and `next_page` where there is more.
    fn page(&self, path: &str) -> Result<Value, Trouble> {
        until_heard(RESTART, || {
            let request = self.agent.get(format!("{}{path}", self.url));
            self.read(request.header("authorization", &self.authorization).call())
        })
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
        if !response.status().is_success() {
            return Err(Trouble::Said { status, told: body });
        }
        // What is answered by something else, or cut off, is no answer: nobody knows what was done.
        if body.get("data").is_none() {
            return Err(Trouble::Unheard(format!(
                "{} gave no answer that could be read: is that where Mothball serves?",
                self.url
            )));
        }
        Ok(body)
    }
}

fn needs_nothing(row: &Value) -> bool {
    let code = row["code"].as_str();
    matches!(code, Some("already_archived" | "already_active"))
}

fn data(mut answer: Value) -> Value {
    answer["data"].take()
}

/// Sends until there is an answer to go on with, or patience is lost since none came.
fn until_heard(
    patience: Duration,
    send: impl Fn() -> Result<Value, Trouble>,
) -> Result<Value, Trouble> {
    let mut unheard_since = None;
    loop {
        let trouble = match send() {
            Err(trouble) if trouble.may_pass() => trouble,
            answer => return answer,
        };
        if unheard_since.is_none() {
            eprintln!("{}", told::over_bar(&format!("{trouble}. Trying again")));
        }
        if unheard_since.get_or_insert_with(Instant::now).elapsed() >= patience {
            return Err(trouble);
        }
        thread::sleep(LOOK);
    }
}

/// Why there is no answer to go on with.
#[derive(Debug)]
pub(super) enum Trouble {
    Unheard(String),
    /// The whole answer: some say more than why.
    Said {
        status: u16,
        told: Value,
    },
}

impl Trouble {
    /// Whether the same request may be answered in a moment.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unheard(_) => true,
            Self::Said { status, told } => {
                matches!(*status, 408 | 429 | 500..) || told["code"] == "idempotency_in_flight"
            }
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unheard(why) => f.write_str(why),
            Self::Said { status, told } => match told["message"].as_str() {
                Some(message) => write!(f, "the server says {status}: {message}"),
                None => write!(
                    f,
                    "the server says {status}, and nothing that could be read"
                ),
            },
        }
    }
}

impl Error for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::cell::Cell;

    /// How often is sent what has no answer `misses` times, and what came of it.
    fn sent(misses: u32, trouble: fn() -> Trouble) -> (u32, Result<Value, Trouble>) {
        let sent = Cell::new(0);
        let answer = until_heard(BRIEFLY, || {
            sent.set(sent.get() + 1);
            match sent.get() > misses {
                true => Ok(json!("heard")),
                false => Err(trouble()),
            }
        });
        (sent.get(), answer)
    }

    #[test]
    fn what_may_pass_is_sent_again_and_what_was_refused_is_not() {
        let (times, answer) = sent(1, || Trouble::Unheard("away".to_owned()));
        assert_eq!((times, answer.unwrap()), (2, json!("heard")));
        let (times, answer) = sent(1, || Trouble::Said {
            status: 409,
            told: json!({ "code": "preview_used", "message": "It was confirmed" }),
        });
        assert_eq!(
            (times, answer.unwrap_err().to_string().as_str()),
            (1, "the server says 409: It was confirmed")
        );
    }
}
