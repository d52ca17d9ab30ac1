//! What a page asks the server for: fetched while the page is made, handed over to the browser inside it, and fetched anew
//! when its key changes. All of them are one resource underneath, whatever they carry: its machinery is large, and is
//! compiled once.

use crate::error::AppError;
use leptos::prelude::{
    codee::{Decoder, Encoder},
    *,
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    any::Any,
    convert::Infallible,
    marker::PhantomData,
    pin::Pin,
    sync::{Arc, OnceLock},
};

type Held = Arc<dyn Any + Send + Sync>;

/// An answer without its type.
#[derive(Clone)]
enum Answer {
    /// As the server wrote it into the page; read when it is first asked for.
    Written {
        text: Arc<str>,
        read: Arc<OnceLock<Held>>,
    },
    Held {
        value: Held,
        write: fn(&Held) -> String,
    },
}

struct AnswerCodec;

impl Encoder<Answer> for AnswerCodec {
    type Error = Infallible;
    type Encoded = String;

    fn encode(answer: &Answer) -> Result<String, Infallible> {
        Ok(match answer {
            Answer::Written { text, .. } => text.as_ref().to_owned(),
            Answer::Held { value, write } => write(value),
        })
    }
}

impl Decoder<Answer> for AnswerCodec {
    type Error = Infallible;
    type Encoded = str;

    fn decode(text: &str) -> Result<Answer, Infallible> {
        Ok(Answer::Written {
            text: text.into(),
            read: Arc::default(),
        })
    }
}

/// An error is told from a value by this first byte: JSON never begins with it.
const ERROR_MARK: char = '!';

fn write<T: Serialize + 'static>(value: &Held) -> String {
    match value.downcast_ref::<Result<T, AppError>>() {
        Some(Ok(value)) => serde_json::to_string(value).unwrap_or_default(),
        Some(Err(error)) => serde_json::to_string(error)
            .map(|json| format!("{ERROR_MARK}{json}"))
            .unwrap_or_default(),
        None => String::new(),
    }
}

/// From bytes, as answers of server functions are: the readers are then compiled once for both.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, AppError> {
    let unreadable = |error: serde_json::Error| AppError::Transport(error.to_string());
    match text.strip_prefix(ERROR_MARK) {
        Some(error) => Err(serde_json::from_slice(error.as_bytes()).unwrap_or_else(unreadable)),
        None => serde_json::from_slice(text.as_bytes()).map_err(unreadable),
    }
}

/// What the server answers for a key. Read it below [`super::waiting::waiting`].
pub struct Fetched<T> {
    resource: Resource<Answer, AnswerCodec>,
    carries: PhantomData<fn() -> T>,
}

impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Fetched<T> {}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Fetched<T> {
    /// Fetches now, and whenever `key` says something else. `fetch` reads what it needs itself, untracked.
    pub fn new<Fut>(
        key: impl Fn() -> String + Send + Sync + 'static,
        fetch: impl Fn() -> Fut + Send + Sync + 'static,
    ) -> Self
    where
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        let fetch = move || -> Fetch {
            let fetch = fetch();
            Box::pin(async move {
                Answer::Held {
                    value: Arc::new(fetch.await),
                    write: write::<T>,
                }
            })
        };
        Self {
            resource: resource(Box::new(key), Box::new(fetch)),
            carries: PhantomData,
        }
    }

    /// `None` until the first answer is there; while a newer one is on its way, the last.
    pub fn get(self) -> Option<Result<T, AppError>> {
        let held = match self.resource.get()? {
            Answer::Held { value, .. } => value,
            Answer::Written { text, read: cell } => cell
                .get_or_init(|| Arc::new(read::<T>(&text)) as Held)
                .clone(),
        };
        held.downcast_ref::<Result<T, AppError>>().cloned()
    }
}

type Fetch = Pin<Box<dyn Future<Output = Answer> + Send>>;

fn resource(
    key: Box<dyn Fn() -> String + Send + Sync>,
    fetch: Box<dyn Fn() -> Fetch + Send + Sync>,
) -> Resource<Answer, AnswerCodec> {
    Resource::new_with_options(key, move |_| fetch(), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(value: Result<String, AppError>) -> Result<String, AppError> {
        read(&write::<String>(&(Arc::new(value) as Held)))
    }

    #[test]
    fn what_the_server_wrote_is_what_the_browser_reads() {
        for value in [
            Ok("!".to_owned()),
            Ok(String::new()),
            Err(AppError::SignInRequired),
            Err(AppError::Unavailable),
        ] {
            assert_eq!(round_trip(value.clone()), value);
        }
    }
}
