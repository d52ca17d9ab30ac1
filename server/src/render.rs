//! Renders the app into one document. Our own rather than the integration's, which keeps a page's signals in a thread-local
//! arena and takes it out of sight between two polls: a render that moves to another worker then meets a stranger's signals,
//! or none. Here the whole of it, head and serialized data included, is polled with its arena in place.

use axum::{
    body::Body,
    http::{HeaderValue, Request, StatusCode, header},
    response::Response,
};
use futures::{StreamExt, stream::once};
use leptos::{
    IntoView, nonce::provide_nonce, prelude::provide_context, reactive::owner::Sandboxed,
};
use leptos_axum::ResponseOptions;
use leptos_integration_utils::{PinnedFuture, PinnedStream, build_response};
use leptos_meta::ServerMetaContext;
use leptos_router::location::RequestUrl;

/// The document at the request's URL. `context` provides what pages and server functions ask for.
pub(crate) async fn document<V: IntoView + 'static>(
    request: Request<Body>,
    context: impl FnOnce() + Send + 'static,
    app: impl FnOnce() -> V + Send + 'static,
) -> Response {
    let options = ResponseOptions::default();
    let (meta, head) = ServerMetaContext::new();
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let url = RequestUrl::new(&format!("http://localhost{path}"));
    let (parts, _) = request.into_parts();
    let provided = options.clone();
    let provide = move || {
        provide_context(url);
        provide_context(meta);
        provide_context(parts);
        provide_context(provided);
        provide_nonce();
        context();
    };
    let (owner, stream) = build_response(app, provide, whole, false);
    // Taken here, before anything is awaited: this thread's arena is the one that the owner was just made with.
    let html = Sandboxed::new(async move {
        let stream = stream.await;
        if let Some(shared) = owner.shared_context() {
            while let Some(pending) = shared.await_deferred() {
                pending.await;
            }
        }
        let html: String = head.inject_meta_context(stream).await.collect().await;
        owner.unset_with_forced_cleanup();
        html
    })
    .await;
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

/// Everything at once: nothing on a page waits for a script to appear.
fn whole<V: IntoView + 'static>(
    app: V,
    data: Box<dyn FnOnce() -> PinnedStream<String> + Send>,
    _out_of_order: bool,
) -> PinnedFuture<PinnedStream<String>> {
    Box::pin(async move {
        let html: String = app.to_html_stream_in_order().collect().await;
        Box::pin(once(async move { html }).chain(data())) as PinnedStream<String>
    })
}
