//! What a browser asks for: pages, server functions, assets, and what machines ask to see whether we live.

use crate::{
    doors::{Caller, Dialect, Door},
    render, rest,
    router::BODY_BYTES_MAX,
    session::{self, set_flash},
    state::AppState,
};
use app::{
    Document, Refused,
    auth::Action,
    context::Ctx,
    error::{AppError, Noun},
    wire::Wire,
};
use axum::{
    body::{Body, Bytes},
    extract::{Extension, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, get_service, post},
};
use leptos::{
    nonce::use_nonce,
    prelude::{provide_context, use_context},
    server_fn::Decodes,
};
use leptos_axum::ResponseOptions;
use tower_http::services::ServeDir;

/// The pages that wake up, as the router of the app knows them too.
const PAGES: [(&str, Action); 9] = [
    ("/sign-in", Action::SignIn),
    ("/customers", Action::Read),
    ("/customers/{id}", Action::Read),
    ("/customers/{id}/contracts", Action::Read),
    ("/customers/{id}/invoices", Action::Read),
    ("/customers/{id}/configurations", Action::Read),
    ("/customers/{id}/timeline", Action::Read),
    ("/billing-configurations", Action::Read),
    ("/billing-configurations/{id}", Action::Read),
];

/// Those that do not.
const STILL_PAGES: [(&str, Action); 13] = [
    ("/settings/sessions", Action::Read),
    ("/bulk", Action::Preview),
    ("/bulk/preview/{id}", Action::Preview),
    ("/jobs", Action::Read),
    ("/jobs/{id}", Action::Read),
    ("/customers/archive", Action::Preview),
    ("/customers/unarchive", Action::Preview),
    ("/customers/{id}/archive", Action::Preview),
    ("/customers/{id}/unarchive", Action::Preview),
    ("/billing-configurations/archive", Action::Preview),
    ("/billing-configurations/unarchive", Action::Preview),
    ("/billing-configurations/{id}/archive", Action::Preview),
    ("/billing-configurations/{id}/unarchive", Action::Preview),
];

/// The server functions by the names they keep across releases. None of them answers GET.
const SERVER_FNS: [(&str, Action); 17] = [
    ("/fn/read_shell", Action::Read),
    ("/fn/count_running_jobs", Action::Read),
    ("/fn/list_customers", Action::Read),
    ("/fn/count_customers", Action::Read),
    ("/fn/count_customer_tabs", Action::Read),
    ("/fn/read_customer", Action::Read),
    ("/fn/read_timeline", Action::Read),
    ("/fn/ask_customers", Action::Preview),
    ("/fn/confirm_customers", Action::ArchiveCustomers),
    ("/fn/unarchive_customer", Action::UnarchiveCustomers),
    ("/fn/undo_unarchive", Action::ArchiveCustomers),
    ("/fn/list_configurations", Action::Read),
    ("/fn/count_configurations", Action::Read),
    ("/fn/count_configuration_tabs", Action::Read),
    ("/fn/read_configuration", Action::Read),
    ("/fn/ask_configurations", Action::Preview),
    ("/fn/confirm_configurations", Action::ArchiveConfigurations),
];

pub fn doors(state: &AppState) -> Vec<Door> {
    let awake = PAGES.map(|page| (page, Document::Awake));
    let still = STILL_PAGES.map(|page| (page, Document::Still));
    let mut doors: Vec<Door> = awake
        .into_iter()
        .chain(still)
        .map(|((path, action), document)| page(path, action, document))
        .collect();
    doors.extend(SERVER_FNS.into_iter().map(|(path, action)| {
        Door::new(
            Method::POST,
            path,
            action,
            Dialect::ServerFn,
            post(server_fn),
        )
    }));
    let files = ServeDir::new(state.options.site_root.as_ref()).precompressed_br();
    let home = get(|| async { Redirect::to("/customers") });
    doors.extend([
        Door::new(Method::GET, "/", Action::Read, Dialect::Page, home),
        Door::new(
            Method::GET,
            "/pkg/{*file}",
            Action::Anything,
            Dialect::Plain,
            get_service(files),
        ),
        Door::new(
            Method::GET,
            "/healthz",
            Action::Anything,
            Dialect::Plain,
            get(healthz),
        ),
        Door::new(
            Method::POST,
            "/csp-reports",
            Action::Anything,
            Dialect::Plain,
            post(csp_report),
        ),
    ]);
    doors
}

fn page(path: &'static str, action: Action, document: Document) -> Door {
    let handler = move |State(state): State<AppState>, Extension(ctx): Caller, request: Request| async move {
        render(&state, ctx, request, document, || {}).await
    };
    Door::new(Method::GET, path, action, Dialect::Page, get(handler))
}

/// Renders the app at the request's URL. `extra` may provide more context.
pub async fn render(
    state: &AppState,
    ctx: Ctx,
    request: Request,
    document: Document,
    extra: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let (options, assets) = (state.options.clone(), state.assets.clone());
    let flash = session::flash(request.headers());
    let reload_port = state.reload_port;
    let context = move || {
        provide_context(ctx.clone());
        if let Some(flash) = flash {
            provide_context(flash);
        }
        extra();
        secure(reload_port);
    };
    let mut response = render::page(request, document, context, move || {
        app::shell(document, options.clone(), assets.clone())
    })
    .await;
    if flash.is_some()
        && let Ok(forget) = HeaderValue::from_str(&set_flash(state, None))
    {
        response.headers_mut().append(header::SET_COOKIE, forget);
    }
    response
}

/// What was asked for at this URL and not done, in the frame of the console.
pub async fn refused(
    state: &AppState,
    ctx: Ctx,
    uri: Uri,
    headers: HeaderMap,
    error: AppError,
) -> Response {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    let extra = move || provide_context(Refused(error.clone()));
    render(state, ctx, request, Document::Still, extra).await
}

/// Gives the page the policy that its scripts carry the nonce of.
fn secure(reload_port: Option<u32>) {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    let reload = reload_port.map_or_else(String::new, |port| format!(" ws://*:{port}"));
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'{reload}; \
         form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; report-to csp"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        let endpoint = HeaderValue::from_static("csp=\"/csp-reports\"");
        response.insert_header(HeaderName::from_static("reporting-endpoints"), endpoint);
    }
}

/// A plain form that posts here gets the answer of a program: pages without JavaScript have forms of their own.
async fn server_fn(Extension(ctx): Caller, mut request: Request) -> Response {
    request
        .headers_mut()
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let response =
        leptos_axum::handle_server_fns_with_context(move || provide_context(ctx.clone()), request)
            .await
            .into_response();
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        restated(response).await
    } else {
        response
    }
}

/// What could not be read never reached the function that would have set the status of its error.
async fn restated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, BODY_BYTES_MAX)
        .await
        .unwrap_or_default();
    parts.status = match <Wire as Decodes<AppError>>::decode(bytes.clone()) {
        // A browser says this of an answer; here it was the question.
        Ok(AppError::Transport) => StatusCode::BAD_REQUEST,
        Ok(error) => StatusCode::from_u16(error.status()).unwrap_or(parts.status),
        Err(_) => parts.status,
    };
    Response::from_parts(parts, Body::from(bytes))
}

async fn healthz() -> &'static str {
    "ok"
}

/// Browsers say here what the content policy stopped.
async fn csp_report(body: Bytes) -> StatusCode {
    let report = String::from_utf8_lossy(&body[..body.len().min(2_000)]).into_owned();
    tracing::warn!(
        report,
        "a browser stopped something that the content policy forbids"
    );
    StatusCode::NO_CONTENT
}

/// What no door leads to, in the dialect of whoever asks.
pub async fn not_found(
    State(state): State<AppState>,
    Extension(ctx): Caller,
    request: Request,
) -> Response {
    let error = AppError::NotFound(Noun::Page);
    let dialect = Dialect::of(request.uri().path());
    if dialect != Dialect::Page {
        return dialect.tell(&error, &ctx.request.id);
    }
    if ctx.actor.is_none() || request.method() != Method::GET {
        return rest::error::plain(&error);
    }
    let mut response = render(&state, ctx, request, Document::Awake, || {}).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// A known path asked with a method it does not take.
pub async fn method_not_allowed(Extension(ctx): Caller, request: Request) -> Response {
    let error = AppError::invalid(
        "method",
        format!("{} is not for this path", request.method()),
    );
    let dialect = Dialect::of(request.uri().path());
    let mut response = dialect.tell(&error, &ctx.request.id);
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.map(Body::new)
}
