//! One request to the API, read in full before its handler runs, so that every complaint about it is ours.

use super::{
    body::{self, Fields},
    fault::Fault,
    query::Query,
};
use crate::{
    doors::{Caller, Dialect, Door},
    state::AppState,
};
use app::{
    auth::Action,
    context::Ctx,
    error::{AppError, Refusal},
    idempotency::IdempotencyKey,
    idempotency::service::Claim,
};
use axum::{
    body::Bytes,
    extract::{
        RawPathParams,
        rejection::{BytesRejection, RawPathParamsRejection},
    },
    http::{HeaderMap, Method, StatusCode, Uri},
    response::Response,
    routing::{MethodRouter, delete, get, patch, post},
};
use std::future::Future;
use uuid::Uuid;

pub(super) struct Call {
    pub(super) ctx: Ctx,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    params: Vec<(String, String)>,
    body: Bytes,
}

/// What a handler comes to.
pub(super) type Answered = Result<Response, Fault>;
/// How a dialect tells a failure, with the id of the request.
pub(super) type Tell = fn(&Fault, &str) -> Response;

/// A door whose handler gets the whole request, and whose failures are told by `tell`.
pub(super) fn door<F, A>(
    method: Method,
    path: &'static str,
    action: Action,
    (dialect, tell): (Dialect, Tell),
    handler: F,
) -> Door
where
    F: Fn(Call) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answered> + Send + 'static,
{
    let verb = method.clone();
    let serve = move |caller: Caller,
                      params: Result<RawPathParams, RawPathParamsRejection>,
                      uri: Uri,
                      headers: HeaderMap,
                      body: Result<Bytes, BytesRejection>| {
        let (ctx, method) = (caller.0, verb.clone());
        async move {
            let id = ctx.request.id.clone();
            let answered = match Call::read(ctx, method, params, uri, headers, body) {
                Ok(call) => handler(call).await,
                Err(fault) => Err(fault),
            };
            answered.unwrap_or_else(|fault| tell(&fault, &id))
        }
    };
    let route: MethodRouter<AppState> = match method {
        Method::GET => get(serve),
        Method::PATCH => patch(serve),
        Method::DELETE => delete(serve),
        _ => post(serve),
    };
    Door::new(method, path, action, dialect, route)
}

impl Call {
    fn read(
        ctx: Ctx,
        method: Method,
        params: Result<RawPathParams, RawPathParamsRejection>,
        uri: Uri,
        headers: HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Result<Self, Fault> {
        let params = params.map_err(|_| AppError::invalid("path", "is not UTF-8"))?;
        let params = params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let body = body.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => AppError::Refused(Refusal::TooLarge),
            _ => AppError::invalid("body", "could not be read to its end"),
        })?;
        Ok(Self {
            ctx,
            method,
            uri,
            headers,
            params,
            body,
        })
    }

    /// The JSON object that was sent.
    pub(super) fn object(&self) -> Result<Fields, AppError> {
        Fields::parse(&self.body)
    }

    /// The JSON object that was sent, or an empty one where no body was.
    pub(super) fn object_if_any(&self) -> Result<Fields, AppError> {
        if self.body.is_empty() {
            Ok(Fields::default())
        } else {
            self.object()
        }
    }

    pub(super) fn query(&self) -> Result<Query, AppError> {
        Query::parse(self.uri.query().unwrap_or_default())
    }

    /// A piece of the path, percent-decoded.
    pub(super) fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    pub(super) fn param_uuid(&self, name: &str) -> Result<Uuid, AppError> {
        body::uuid(name, self.param(name))
    }

    /// A header that may be given once.
    pub(super) fn header(&self, name: &'static str) -> Result<Option<&[u8]>, AppError> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(AppError::invalid(name, "must be given once")),
            (value, None) => Ok(value.map(|value| value.as_bytes())),
        }
    }

    /// What an `Idempotency-Key` stands for: this method, path and body.
    pub(super) fn claim(&self) -> Result<Option<Claim>, AppError> {
        let key = self
            .header("Idempotency-Key")?
            .map(IdempotencyKey::parse)
            .transpose()?;
        Ok(key.map(|key| Claim::new(key, self.method.as_str(), self.uri.path(), &self.body)))
    }
}
