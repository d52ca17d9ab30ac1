//! In the browser: a resource, which begins with what the server wrote into the page.

use super::View;
use crate::{error::AppError, wire};
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
    Held(Held),
}

struct AnswerCodec;

impl Encoder<Answer> for AnswerCodec {
    type Error = Infallible;
    type Encoded = String;

    /// The browser hands nothing on.
    fn encode(_: &Answer) -> Result<String, Infallible> {
        Ok(String::new())
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

fn read<T: DeserializeOwned>(text: &str) -> Result<T, AppError> {
    wire::from_text(text).unwrap_or(Err(AppError::Outdated))
}

/// What the server answers for a key. Read it below [`crate::ui::waiting::waiting`].
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
            Box::pin(async move { Answer::Held(Arc::new(fetch.await)) })
        };
        Self {
            resource: resource(Box::new(key), Box::new(fetch)),
            carries: PhantomData,
        }
    }

    /// `None` until the first answer is there; while a newer one is on its way, the last.
    pub fn get(self) -> Option<Result<T, AppError>> {
        let held = match self.resource.get()? {
            Answer::Held(value) => value,
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

/// A region that keeps what it shows while what it reads is fetched anew. `waits` is told of it.
pub fn region(view: View, waits: Option<RwSignal<bool>>) -> AnyView {
    match waits {
        None => view! { <Transition>{view}</Transition> }.into_any(),
        Some(waits) => view! { <Transition set_pending=waits>{view}</Transition> }.into_any(),
    }
}
