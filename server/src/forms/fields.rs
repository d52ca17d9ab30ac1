//! Reading a form, and answering it.

use crate::{pages, session::set_flash, state::AppState};
use app::{
    Document,
    auth::Flash,
    confirm::{Confirmation, Preset, Settled, Transition, service::ShownAgain},
    context::Ctx,
    customers::ArchiveOptions,
    error::AppError,
    wire,
};
use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::provide_context;
use uuid::Uuid;

/// A form as it was sent: fields in order, some of them repeated.
#[derive(Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn read(body: &Bytes) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    pub(super) fn push(&mut self, name: String, value: String) {
        self.0.push((name, value));
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    pub(super) fn one(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value)
    }

    fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn on(&self, name: &str) -> bool {
        self.one(name) == "on"
    }

    pub(super) fn uuids(&self, name: &str) -> Result<Vec<Uuid>, AppError> {
        self.all(name)
            .map(|id| {
                Uuid::try_parse(id)
                    .map_err(|_| AppError::invalid(name, "must be ids. Start again from the list"))
            })
            .collect()
    }

    pub(super) fn archive_options(&self) -> ArchiveOptions {
        ArchiveOptions {
            archive_configurations: self.on("archive_configurations"),
            release_aliases: self.on("release_aliases"),
            keep_paid_invoices: self.on("keep_paid_invoices"),
        }
    }

    /// A confirmation of an archive or unarchive.
    pub(super) fn confirmation(&self, transition: Transition) -> Result<Confirmation, AppError> {
        let ids = self.uuids("ids")?;
        let versions: Vec<i64> = self
            .all("versions")
            .map(|version| {
                version.parse().map_err(|_| {
                    AppError::invalid("versions", "must be numbers. Start again from the list")
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Confirmation {
            transition,
            ids,
            versions,
            options: self.archive_options(),
            preset: Preset::parse(self.one("preset")),
            note: self.one("note").to_owned(),
            number: self.one("number").to_owned(),
            idempotency_key: self.one("idempotency_key").to_owned(),
            // What a person read is shown to that person again, and decides nothing but that something changed since.
            read: match self.one("read") {
                "" => None,
                text => Some(wire::from_text(text).map_err(|_| AppError::Outdated)?),
            },
        })
    }
}

/// The page that a form belongs to.
pub(super) struct Page {
    pub(super) state: AppState,
    pub(super) ctx: Ctx,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
}

impl Page {
    /// Makes it once more. `extra` provides what was sent and what came of it.
    pub(super) async fn again(
        self,
        status: StatusCode,
        extra: impl Fn() + Clone + Send + Sync + 'static,
    ) -> Response {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        let mut response =
            pages::render(&self.state, self.ctx, request, Document::Still, extra).await;
        *response.status_mut() = status;
        response
    }
}

/// The status that a problem is shown with.
pub(super) fn status(problem: &AppError) -> StatusCode {
    StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// On to the page that says once what was done; or the form again, with what was typed and what is missing.
pub(super) async fn settled(
    page: Page,
    result: Result<Settled, AppError>,
    flash: impl Fn(u32) -> Flash,
) -> Response {
    match result {
        Ok(Settled::Done(outcome)) => {
            let flash = flash(u32::try_from(outcome.changed.len()).unwrap_or(u32::MAX));
            let to = Redirect::to(after(page.uri.path()));
            with_cookie(to, &set_flash(&page.state, Some(flash)))
        }
        Ok(Settled::NotYet(asked)) => {
            let again = ShownAgain(Ok(*asked));
            let extra = move || provide_context(again.clone());
            page.again(StatusCode::UNPROCESSABLE_ENTITY, extra).await
        }
        Err(error) => {
            let (status, again) = (status(&error), ShownAgain(Err(error)));
            page.again(status, move || provide_context(again.clone()))
                .await
        }
    }
}

/// From `/customers/archive` back to the list, from `/customers/{id}/archive` back to the one.
fn after(path: &str) -> &str {
    path.rsplit_once('/')
        .map_or("/customers", |(before, _)| before)
}

/// A redirect that sets a cookie.
pub(super) fn with_cookie(to: Redirect, cookie: &str) -> Response {
    let mut response = to.into_response();
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Where to go next: a path of ours, or the list of customers.
pub(super) fn next_path(text: &str) -> &str {
    let ours = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains(['\\', '\r', '\n', '\t', '\0'])
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.starts_with("/sign-");
    if ours { text } else { "/customers" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_a_stranger() {
        for text in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "",
            "/\t/evil",
            "/sign-in",
            "/a b",
        ] {
            assert_eq!(next_path(text), "/customers", "{text}");
        }
        assert_eq!(
            next_path("/customers?q=a%20b&status=active"),
            "/customers?q=a%20b&status=active"
        );
    }

    #[test]
    fn repeated_fields_keep_their_order() {
        let fields = Fields::read(&Bytes::from_static(
            b"ids=00000000-0000-0000-0000-000000000002&versions=7&ids=00000000-0000-0000-0000-000000000001&versions=3&release_aliases=on",
        ));
        let read = fields.confirmation(Transition::Archive).unwrap();
        assert_eq!((read.ids[0].as_u128(), read.ids[1].as_u128()), (2, 1));
        assert_eq!(read.versions, [7, 3]);
        assert!(read.options.release_aliases && !read.options.keep_paid_invoices);
        assert!(
            Fields::read(&Bytes::from_static(b"ids=x"))
                .confirmation(Transition::Archive)
                .is_err()
        );
    }
}
