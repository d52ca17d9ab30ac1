//! Every way in. A route exists only as a door, and a door names the action of the permission table that it is for: whoever
//! may not do that is turned away before the handler runs, in the dialect that the door speaks.

use crate::{rest, router::BODY_BYTES_MAX, session::Unidentified, state::AppState};
use app::{auth::Action, context::Ctx, error::AppError};
use axum::{
    Router,
    body::to_bytes,
    extract::{DefaultBodyLimit, Extension, Request},
    http::{Method, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::MethodRouter,
};
use tower_http::limit::RequestBodyLimitLayer;

/// How a door speaks to whoever it turns away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `{"data": …}` and `{"message": …}`.
    Bearer,
    /// `{"statusCode", "message", "meta", "data", "errors"}`.
    Envelope,
    /// A person's browser: signs in first.
    Page,
    /// The hydrated page: [`AppError`] as the page reads it.
    ServerFn,
    /// Machines that watch: plain text.
    Plain,
}

impl Dialect {
    /// Spoken below a path, where there is no door to ask.
    pub fn of(path: &str) -> Self {
        let below = |prefix| path.starts_with(prefix);
        if below("/v1/") {
            Self::Bearer
        } else if below("/api/") {
            Self::Envelope
        } else if below("/fn/") {
            Self::ServerFn
        } else if below("/pkg/") {
            Self::Plain
        } else {
            Self::Page
        }
    }

    pub fn tell(self, error: &AppError, request_id: &str) -> Response {
        match self {
            Self::Bearer => rest::error::bearer(error, request_id),
            Self::Envelope => rest::error::envelope(error, request_id),
            Self::ServerFn => rest::error::server_fn(error),
            Self::Plain => rest::error::plain(error),
            Self::Page => rest::error::page(error),
        }
    }
}

pub struct Door {
    pub method: Method,
    /// As axum writes paths: `/v1/customers/{customer_id}`.
    pub path: &'static str,
    pub action: Action,
    pub dialect: Dialect,
    body_bytes_max: usize,
    handler: MethodRouter<AppState>,
}

impl Door {
    pub fn new(
        method: Method,
        path: &'static str,
        action: Action,
        dialect: Dialect,
        handler: MethodRouter<AppState>,
    ) -> Self {
        Self {
            method,
            path,
            action,
            dialect,
            body_bytes_max: BODY_BYTES_MAX,
            handler,
        }
    }

    /// For whoever has much to say, such as a list of ids.
    pub fn with_body_bytes_max(self, body_bytes_max: usize) -> Self {
        Self {
            body_bytes_max,
            ..self
        }
    }
}

/// Every door of the server.
pub fn all(state: &AppState) -> Vec<Door> {
    let mut doors = rest::doors();
    doors.extend(crate::pages::doors(state));
    doors.extend(crate::forms::doors());
    doors.extend(crate::live::doors());
    doors
}

/// Hangs the doors, each behind its guard.
pub fn hang(doors: Vec<Door>) -> Router<AppState> {
    doors.into_iter().fold(Router::new(), |router, door| {
        let (action, dialect) = (door.action, door.dialect);
        let guard = middleware::from_fn(move |request: Request, next: Next| {
            guard(action, dialect, request, next)
        });
        let most = door.body_bytes_max;
        let guarded: MethodRouter<AppState> = door.handler.layer(guard);
        let limited: MethodRouter<AppState> = guarded.layer(RequestBodyLimitLayer::new(most));
        router.route(door.path, limited.layer(DefaultBodyLimit::max(most)))
    })
}

async fn guard(action: Action, dialect: Dialect, request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let allowed = match (extensions.get::<Ctx>(), extensions.get::<Unidentified>()) {
        (Some(_), Some(Unidentified(error))) if action.needs().is_some() => Err(error.clone()),
        (Some(ctx), _) => ctx.may(action),
        (None, _) => Err(app::db::defect(&"a request came without a context")),
    };
    match allowed {
        Ok(()) => next.run(request).await,
        Err(error) => {
            let response = refuse(dialect, &error, &request);
            // Read to its end, or the client's next request on this connection would meet a closed door.
            let _rest = to_bytes(request.into_body(), BODY_BYTES_MAX).await;
            response
        }
    }
}

/// Where to go on: a form is sent from a page, and what it is sent to may be none.
pub fn place(request: &Request) -> Uri {
    let from = request.headers().get(header::REFERER);
    let from = from.and_then(|from| Uri::try_from(from.as_bytes()).ok());
    from.filter(|_| request.method() != Method::GET)
        .unwrap_or_else(|| request.uri().clone())
}

/// Says no in the dialect of the door.
pub fn refuse(dialect: Dialect, error: &AppError, request: &Request) -> Response {
    let id = request
        .extensions()
        .get::<Ctx>()
        .map(|ctx| ctx.request.id.clone())
        .unwrap_or_default();
    match dialect {
        Dialect::Page if *error == AppError::SignInRequired => {
            let here = place(request);
            let here = here.path_and_query().map_or("/", |here| here.as_str());
            let next: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
            Redirect::to(&format!("/sign-in?next={next}")).into_response()
        }
        dialect => dialect.tell(error, &id),
    }
}

/// The caller's context, put there by the session layer.
pub type Caller = Extension<Ctx>;
