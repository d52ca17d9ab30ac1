//! Renders the app into one document. Our own rather than the integration's, which renders while it waits: parts of a page
//! run as tasks beside it, on whatever thread is free, and meet the owner of another request's signals there, or none.
//! Here a page is made in one go, as often as it asks for something new, and in between what it asked for is fetched.

use crate::rest;
use app::{Document, db::defect, error::AppError, ui::fetched::Needs};
use axum::{
    body::Body,
    http::{HeaderValue, Request, StatusCode, header},
    response::Response,
};
use futures::{StreamExt, stream::once};
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::{
    IntoView,
    nonce::{provide_nonce, use_nonce},
    prelude::{RenderHtml, provide_context},
    reactive::{computed::ScopedFuture, owner::Owner},
};
use leptos_axum::ResponseOptions;
use leptos_meta::{ServerMetaContext, ServerMetaContextOutput};
use leptos_router::location::RequestUrl;
use std::{
    num::NonZero,
    sync::{Arc, LazyLock},
};
use tokio::sync::Semaphore;

/// A page asks, shows what was answered, and may ask for more below that.
const ROUNDS_MAX: usize = 4;

/// The page at the request's URL. `context` provides what pages and server functions ask for.
pub(crate) async fn page<V: IntoView + 'static>(
    request: Request<Body>,
    document: Document,
    context: impl Fn() + Clone + Send + 'static,
    app: impl Fn() -> V + Clone + Send + 'static,
) -> Response {
    let options = ResponseOptions::default();
    let needs = Needs::default();
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let url = RequestUrl::new(&format!("http://localhost{path}"));
    let (parts, _) = request.into_parts();
    let provide = {
        let (options, needs) = (options.clone(), needs.clone());
        move || {
            provide_context(url.clone());
            provide_context(parts.clone());
            provide_context(options.clone());
            provide_context(needs.clone());
            provide_nonce();
            context();
        }
    };
    let mut html = None;
    for _ in 0..ROUNDS_MAX {
        let (provide, app) = (provide.clone(), app.clone());
        let draft = match beside(move || Draft::make(document, provide, app)).await {
            Ok(draft) => draft,
            Err(error) => return rest::error::page(&error),
        };
        if !needs.meet().await {
            html = Some(draft.finish().await);
            break;
        }
    }
    let Some(html) = html else {
        let error = defect(&"a page did not stop asking for more");
        return rest::error::page(&error);
    };
    let mut response = Response::new(Body::from(html));
    if let Ok(parts) = options.0.read() {
        *response.status_mut() = parts.status.unwrap_or(StatusCode::OK);
        response.headers_mut().extend(parts.headers.clone());
    }
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response
        .headers_mut()
        .entry(header::CONTENT_TYPE)
        .or_insert(html);
    response
}

/// Works on a thread beside those that serve: making a page takes long enough to hold up everything that waits its turn
/// there, first of all the opening of connections to the database. As many at once as there are processors.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AppError> {
    static PLACES: LazyLock<Semaphore> = LazyLock::new(|| {
        Semaphore::new(std::thread::available_parallelism().map_or(2, NonZero::get))
    });
    let _place = PLACES.acquire().await.map_err(|error| defect(&error))?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|panic| defect(&panic))
}

/// A page as it was made once, with its signals.
struct Draft {
    scope: Scope,
    html: String,
    head: ServerMetaContextOutput,
    /// For the browser to begin with, where the page wakes up there.
    data: Option<Arc<SsrSharedContext>>,
    nonce: String,
}

impl Draft {
    fn make<V: IntoView + 'static>(
        document: Document,
        provide: impl FnOnce(),
        app: impl FnOnce() -> V,
    ) -> Self {
        // Also for a page that never wakes: without it, what asks where it runs takes this for the browser.
        let shared = Arc::new(SsrSharedContext::new());
        let (meta, head) = ServerMetaContext::new();
        let owner = Owner::new_root(Some(shared.clone()));
        let data = (document == Document::Awake).then_some(shared);
        let (html, nonce) = owner.with(|| {
            provide_context(meta);
            provide();
            let html = app().into_view().to_html();
            let nonce = use_nonce().map(|nonce| format!(" nonce=\"{nonce}\""));
            (html, nonce.unwrap_or_default())
        });
        // It was left on this thread, where the next request to be polled would take it for its own.
        owner.clone().unset();
        Self {
            scope: Scope(owner),
            html,
            head,
            data,
            nonce,
        }
    }

    /// With head and serialized data in place.
    async fn finish(self) -> String {
        let (html, nonce) = (self.html, self.nonce);
        let data = self.data.and_then(|data| data.pending_data());
        let data = futures::stream::iter(data)
            .flatten()
            .map(move |script| format!("<script{nonce}>{script}</script>"));
        let document = once(async move { html }).boxed().chain(data.boxed());
        ScopedFuture {
            owner: self.scope.0.clone(),
            observer: None,
            fut: async move {
                self.head
                    .inject_meta_context(document)
                    .await
                    .collect()
                    .await
            },
        }
        .await
    }
}

/// Signals and contexts of a draft. They end with it.
struct Scope(Owner);

impl Drop for Scope {
    fn drop(&mut self) {
        self.0.clone().unset_with_forced_cleanup();
    }
}
