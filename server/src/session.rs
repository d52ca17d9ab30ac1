//! Who is calling: a cookie for pages, a key for the API. Puts a context into every request before any door is reached.

use crate::{
    doors::{self, Dialect},
    pages,
    rest::error::Bare,
    state::AppState,
};
use app::{
    auth::{self, Flash, service::Asked},
    context::{Ctx, Request as Facts},
    error::{AppError, Refusal},
    ids::SessionId,
};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::net::{IpAddr, SocketAddr};
use uuid::Uuid;

/// Longer headers are cut before they are kept.
const USER_AGENT_CHARACTERS_MAX: usize = 300;
const FLASH_COOKIE: &str = "mothball_flash";

/// Why nobody could be told: the guard answers this instead of "sign in".
#[derive(Debug, Clone)]
pub struct Unidentified(pub AppError);

/// What a handler left without an answer of its own: it is told in the dialect of the path.
#[derive(Debug, Clone)]
pub struct Unanswered(pub AppError);

impl IntoResponse for Unanswered {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Finds out who is calling. Nobody is turned away here: that is the guard's work.
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let _served = state.db.one_more_served();
    let id = format!("req_{}", Uuid::now_v7().simple());
    let facts = Facts {
        id: id.clone(),
        ip: address(&state, &request).map(|ip| ip.to_string()),
        user_agent: text(request.headers(), header::USER_AGENT.as_str())
            .map(|agent| agent.chars().take(USER_AGENT_CHARACTERS_MAX).collect()),
    };
    let mut ctx = state.anonymous(facts);
    let (uri, back) = (request.uri().clone(), doors::place(&request));
    let path = uri.path();
    let headers = request.headers().clone();
    match who(&ctx, &state, path, &headers).await {
        Ok(Some((actor, session))) => {
            ctx.actor = Some(actor);
            ctx.session = session;
        }
        Ok(None) => {}
        Err(error) => {
            request.extensions_mut().insert(Unidentified(error));
        }
    }
    request.extensions_mut().insert(ctx.clone());
    let mut response = next.run(request).await;
    if let Some(Unanswered(error)) = response.extensions_mut().remove() {
        response = Dialect::of(path).tell(&error, &id);
    }
    // Refused before its door saw it.
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE && is_text(&response) {
        response = Dialect::of(path).tell(&AppError::Refused(Refusal::TooLarge), &id);
    }
    if let Some(Bare(error)) = response.extensions_mut().remove()
        && ctx.actor.is_some()
    {
        let retry_after = response.headers_mut().remove(header::RETRY_AFTER);
        let status = response.status();
        response = pages::refused(&state, ctx, back, headers, error).await;
        *response.status_mut() = status;
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("request-id", value);
    }
    response
}

/// No dialect tells a failure in plain text where there is anything to send.
fn is_text(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

async fn who(
    ctx: &Ctx,
    state: &AppState,
    path: &str,
    headers: &HeaderMap,
) -> Result<Option<(auth::Actor, Option<SessionId>)>, AppError> {
    if path.starts_with("/pkg/") || path == "/healthz" {
        return Ok(None);
    }
    if path.starts_with("/v1/") || path.starts_with("/api/") {
        return match api_key(headers) {
            Some(key) => auth::service::of_api_key(&ctx.db, key, ctx.now())
                .await
                .map(|actor| Some((actor?, None))),
            None => Ok(None),
        };
    }
    match session_token(state, headers) {
        Some(token) => auth::service::of_session(&ctx.db, token, ctx.now(), asked(path, headers))
            .await
            .map(|found| found.map(|(actor, session)| (actor, Some(session)))),
        None => Ok(None),
    }
}

/// What an open page asks for by itself keeps no session from ending.
fn asked(path: &str, headers: &HeaderMap) -> Asked {
    let by_page = path == "/fn/count_running_jobs"
        || (path.starts_with("/jobs/") && path.ends_with("/events"))
        || headers.contains_key("x-asked-by-page");
    if by_page {
        Asked::ByPage
    } else {
        Asked::ByPerson
    }
}

/// Either header carries the same keys, on every route of both dialects.
fn api_key(headers: &HeaderMap) -> Option<&str> {
    let bearer = text(headers, header::AUTHORIZATION.as_str()).and_then(|value| {
        let (scheme, key) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
    });
    bearer
        .or_else(|| text(headers, "x-api-key"))
        .filter(|key| !key.is_empty() && key.len() <= 200)
}

/// The peer, or whom a trusted proxy speaks for.
fn address(state: &AppState, request: &Request) -> Option<IpAddr> {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|peer| peer.0.ip())?;
    Some(spoken_for(peer, &state.trusted_proxies, request.headers()))
}

/// Each proxy adds whom it heard at the end; what stands before the first that is not trusted, the client may have made up.
fn spoken_for(peer: IpAddr, trusted: &[IpAddr], headers: &HeaderMap) -> IpAddr {
    let lines: Vec<&[u8]> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    let hops = lines
        .iter()
        .rev()
        .flat_map(|line| line.rsplit(|byte| *byte == b','));
    let mut heard = peer;
    for hop in hops {
        if !trusted.contains(&heard) {
            break;
        }
        // What is no address was not written by a proxy that should be trusted: its own is the last one known.
        let Some(ip) = std::str::from_utf8(hop).ok().and_then(hop_address) else {
            break;
        };
        heard = ip;
    }
    heard
}

/// Some proxies add the port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()))
        .ok()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Browsers keep a `__Host-` cookie to this host, https and path; on http://localhost they refuse it.
fn session_cookie(state: &AppState) -> &'static str {
    if state.is_https() {
        "__Host-mothball"
    } else {
        "mothball"
    }
}

pub fn session_token<'h>(state: &AppState, headers: &'h HeaderMap) -> Option<&'h str> {
    cookie(headers, session_cookie(state)).filter(|token| token.len() == 64)
}

pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    // From bytes: another site's cookie beside ours may hold anything.
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// The `Set-Cookie` that opens a session in the browser; an empty token ends it.
pub fn set_session(state: &AppState, token: &str) -> String {
    let age = if token.is_empty() {
        0
    } else {
        auth::service::SESSION_HOURS * 3_600
    };
    format!(
        "{}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{}",
        session_cookie(state),
        secure(state)
    )
}

/// The `Set-Cookie` that carries over a redirect what was done; `None` forgets it.
pub fn set_flash(state: &AppState, flash: Option<Flash>) -> String {
    let (value, age) = flash.map_or((String::new(), 0), |flash| (flash.encode(), 60));
    format!(
        "{FLASH_COOKIE}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{}",
        secure(state)
    )
}

pub fn flash(headers: &HeaderMap) -> Option<Flash> {
    cookie(headers, FLASH_COOKIE).and_then(Flash::decode)
}

fn secure(state: &AppState) -> &'static str {
    if state.is_https() { "; Secure" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_behind_a_proxy_is_told_by_the_proxy_alone() {
        let trusted: [IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let cases: [(&str, &[&[u8]], &str); 12] = [
            ("203.0.113.9", &[b"6.6.6.6"], "203.0.113.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &[b"203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &[b"6.6.6.6, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &[b"203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &[b"6.6.6.6", b"203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &[b"6.6.6.6, 203.0.113.9:51234"], "203.0.113.9"),
            (
                "10.0.0.1",
                &[b"6.6.6.6, [2001:db8::9]:51234"],
                "2001:db8::9",
            ),
            ("10.0.0.1", &[b"6.6.6.6, unknown"], "10.0.0.1"),
            ("10.0.0.1", &[b"6.6.6.6, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &[b"\xff, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &[b""], "10.0.0.1"),
        ];
        for (peer, lines, told) in cases {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_bytes(line).unwrap());
            }
            let ip = spoken_for(peer.parse().unwrap(), &trusted, &headers);
            assert_eq!(ip.to_string(), told, "{peer} {lines:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_beside_those_of_others() {
        let mut headers = HeaderMap::new();
        let line = "theme=d\u{fc}ster; mothball=token; x".as_bytes();
        headers.append(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
        assert_eq!(cookie(&headers, "mothball"), Some("token"));
        assert_eq!(cookie(&headers, "theme"), Some("d\u{fc}ster"));
        assert_eq!(cookie(&headers, "x"), None);
    }
}
