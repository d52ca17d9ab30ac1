//! The whole HTTP face, from the socket inwards. Its layers ask the questions that have nothing to do with one route.

use crate::{
    doors::{self, Door},
    pages,
    session::{self, Unanswered},
    state::AppState,
};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    csrf::{ConfigError, CsrfLayer},
    limit::RequestBodyLimitLayer,
};

/// Larger requests are refused while they are read, except where a door takes more.
pub const BODY_BYTES_MAX: usize = 256 * 1_024;
/// No door takes more: room for the longest list of ids.
pub const LIST_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Builds the service. Fails where the public URL is no origin.
pub fn router(state: AppState) -> Result<Router, ConfigError> {
    behind(doors::all(&state), state)
}

/// The service behind these doors.
pub fn behind(doors: Vec<Door>, state: AppState) -> Result<Router, ConfigError> {
    // Leptos renders on this runtime. A second call finds it set already, which is as good.
    let _set_already = any_spawner::Executor::init_tokio();
    let csrf = CsrfLayer::new().add_trusted_origin(&state.settings.public_url)?;
    // Innermost first: the last layer named is the first to see a request.
    Ok(doors::hang(doors)
        .method_not_allowed_fallback(pages::method_not_allowed)
        .fallback(pages::not_found)
        // A panic is an answer with an incident, not a closed connection.
        .layer(CatchPanicLayer::custom(panicked))
        .layer(RequestBodyLimitLayer::new(LIST_BYTES_MAX))
        // Who is it? Then the doors decide.
        .layer(middleware::from_fn_with_state(
            state.clone(),
            session::identify,
        ))
        // Cross-origin writes end here, before anyone is looked up.
        .layer(csrf)
        // Every answer leaves with the same headers, also the refusals of the layers inside.
        .layer(middleware::from_fn_with_state(state.clone(), harden))
        // Compresses what is not compressed already; assets are, at build time.
        .layer(CompressionLayer::new())
        .with_state(state))
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let cause = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned());
    Unanswered(app::db::defect(&cause)).into_response()
}

/// `mothball.HASH.wasm`; a development build names files without it.
fn is_hashed(name: &str) -> bool {
    name.matches('.').count() > 1
}

async fn harden(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let asset = request
        .uri()
        .path()
        .strip_prefix("/pkg/")
        .is_some_and(is_hashed);
    let mut response = next.run(request).await;
    let ok = response.status().is_success();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Not no-referrer: without JavaScript the browser has to say which page of ours a form came from.
    set(header::REFERRER_POLICY, "same-origin");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)",
    );
    // What is named with the hash of its content never changes.
    set(
        header::CACHE_CONTROL,
        if asset && ok {
            "public, max-age=31536000, immutable"
        } else {
            "no-store"
        },
    );
    if state.is_https() {
        set(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        );
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        ));
    response
}
