//! Sign-in and sign-out.

use super::fields::{Fields, next_path, with_cookie};
use crate::{
    doors::{Caller, Dialect, Door},
    rest,
    session::{session_token, set_session},
    state::AppState,
};
use app::{
    auth::{self, Action},
    error::{AppError, Refusal},
};
use axum::{
    body::Bytes,
    extract::{Extension, State},
    http::{HeaderMap, Method},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};

pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::new(
            Method::POST,
            "/sign-in",
            Action::SignIn,
            Dialect::Page,
            post(sign_in),
        ),
        Door::new(
            Method::POST,
            "/sign-out",
            Action::Anything,
            Dialect::Page,
            post(sign_out),
        ),
    ]
}

async fn sign_in(
    State(state): State<AppState>,
    Extension(ctx): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = Fields::read(&body);
    // The old session ends here, whoever opened it: a token that was known before never belongs to whoever signs in now.
    if let Some(old) = session_token(&state, &headers)
        && let Err(error) = auth::service::sign_out(&ctx, old).await
    {
        return rest::error::page(&error);
    }
    match auth::service::sign_in(&ctx, fields.one("email"), fields.one("password").to_owned()).await
    {
        Ok(token) => with_cookie(
            Redirect::to(next_path(fields.one("next"))),
            &set_session(&state, token.expose()),
        ),
        Err(AppError::Refused(refusal @ (Refusal::WrongPassword | Refusal::TooManyAttempts))) => {
            let mut back = form_urlencoded::Serializer::new(String::new());
            back.append_pair("refused", refusal.code())
                .append_pair("next", next_path(fields.one("next")));
            Redirect::to(&format!("/sign-in?{}", back.finish())).into_response()
        }
        Err(error) => rest::error::page(&error),
    }
}

async fn sign_out(
    State(state): State<AppState>,
    Extension(ctx): Caller,
    headers: HeaderMap,
    _body: Bytes,
) -> Response {
    if let Some(token) = session_token(&state, &headers)
        && let Err(error) = auth::service::sign_out(&ctx, token).await
    {
        return rest::error::page(&error);
    }
    with_cookie(Redirect::to("/sign-in"), &set_session(&state, ""))
}
