//! On the server: a page is made twice. The first time it says what it needs; that is fetched; the second time it finds
//! everything there. So a page is made in one go, by one thread, and nothing of it is half there while it waits.

use super::View;
use crate::{db::defect, error::AppError, wire};
use futures::future::{BoxFuture, FutureExt, join_all, ready};
use leptos::{
    prelude::*,
    reactive::{computed::ScopedFuture, owner::Owner},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    any::Any,
    collections::BTreeMap,
    panic::Location,
    sync::{Arc, Mutex, PoisonError},
};

type Held = Arc<dyn Any + Send + Sync>;

/// Who asks, and for what: the place in the code, with the key.
type Question = (&'static Location<'static>, String);

/// What a page asked for while it was made, and what was answered. Provided to every page.
#[derive(Clone, Default)]
pub struct Needs(Arc<Mutex<Asked>>);

#[derive(Default)]
struct Asked {
    answers: BTreeMap<Question, Held>,
    open: BTreeMap<Question, BoxFuture<'static, Held>>,
}

impl Needs {
    fn asked<T>(&self, look: impl FnOnce(&mut Asked) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn are_met(&self) -> bool {
        self.asked(|asked| asked.open.is_empty())
    }

    /// Fetches everything that is open. False when nothing was: then the page is whole.
    pub async fn meet(&self) -> bool {
        let (questions, open): (Vec<_>, Vec<_>) = self
            .asked(|asked| std::mem::take(&mut asked.open))
            .into_iter()
            .unzip();
        let any = !open.is_empty();
        let answers = join_all(open).await;
        self.asked(|asked| asked.answers.extend(questions.into_iter().zip(answers)));
        any
    }
}

/// What the server answers for a key.
pub struct Fetched<T: 'static>(StoredValue<Option<Arc<Result<T, AppError>>>>);

impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Fetched<T> {}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Fetched<T> {
    /// Is there when it was fetched for this page; else it is asked for, and the page made once more.
    #[track_caller]
    pub fn new<Fut>(key: impl Fn() -> String, fetch: impl Fn() -> Fut) -> Self
    where
        Fut: Future<Output = Result<T, AppError>> + Send + 'static,
    {
        let needs: Needs = expect_context();
        // The browser counts its resources in the order of the page, and finds each answer under its number.
        let shared = Owner::current_shared_context();
        let place = shared.as_ref().map(|shared| shared.next_id());
        let question = (Location::caller(), untrack(key));
        let answer = needs.asked(|asked| {
            if let Some(held) = asked.answers.get(&question) {
                return held.clone().downcast::<Result<T, AppError>>().ok();
            }
            asked.open.entry(question).or_insert_with(|| {
                let fetch = ScopedFuture::new(untrack(&fetch));
                fetch.map(|answer| Arc::new(answer) as Held).boxed()
            });
            None
        });
        if let (Some(shared), Some(place), Some(answer)) = (shared, place, &answer) {
            shared.write_async(place, Box::pin(ready(write(answer))));
        }
        Self(StoredValue::new(answer))
    }

    /// `None` where it has yet to be fetched.
    pub fn get(self) -> Option<Result<T, AppError>> {
        self.0.with_value(|answer| answer.as_deref().cloned())
    }
}

/// On the server nothing waits: what was fetched is there. While something is not, the region is left out: the page will be
/// made again. The browser gives the region a number all the same, in the same row as what is fetched.
pub fn region(mut view: View, _waits: Option<RwSignal<bool>>) -> AnyView {
    let _number = Owner::current_shared_context().map(|shared| shared.next_id());
    let needs: Needs = expect_context();
    let view = move || {
        if needs.are_met() {
            view()
        } else {
            ().into_any()
        }
    };
    view! { {view} }.into_any()
}

pub(super) fn write<T: Serialize>(answer: &Result<T, AppError>) -> String {
    wire::to_text(answer).unwrap_or_else(|error| {
        let told: Result<(), AppError> = Err(defect(&error));
        wire::to_text(&told).unwrap_or_default()
    })
}
