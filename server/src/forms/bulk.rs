//! Bulk jobs by form: taking a preview, confirming it, and what can be done to a job.

use super::fields::{Fields, Page, status};
use crate::{
    doors::{Caller, Dialect, Door},
    references::references,
    rest,
    router::LIST_BYTES_MAX,
    state::AppState,
};
use app::{
    auth::Action,
    bulk_jobs::{
        Job, JobOptions, What,
        page::{Unconfirmed, Unlisted, Why},
        rules::{self, Filled, flaws},
        service::{self, Confirming, Rows, Token, Wanted},
    },
    confirm::{self, Preset},
    context::Ctx,
    customers::ArchiveOptions,
    error::{AppError, Refusal},
    ids::BulkJobId,
    selection::{Filter, Selection},
};
use axum::{
    body::Bytes,
    extract::{Extension, FromRequest, Multipart, Path, Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use futures::FutureExt;
use leptos::prelude::provide_context;
use uuid::Uuid;

pub(super) fn doors() -> Vec<Door> {
    let door =
        |path, handler| Door::new(Method::POST, path, Action::Preview, Dialect::Page, handler);
    vec![
        door("/bulk/preview", post(preview)).with_body_bytes_max(LIST_BYTES_MAX),
        // Whoever loads a refused list again, or signs in to see it.
        Door::new(
            Method::GET,
            "/bulk/preview",
            Action::Preview,
            Dialect::Page,
            get(|| async { Redirect::to("/bulk") }),
        ),
        door("/bulk/preview/{id}", post(confirm)),
        door("/jobs/{id}", post(act)),
    ]
}

/// On to another page, or a page that says what went wrong.
fn onward(to: Result<String, AppError>) -> Response {
    match to {
        Ok(path) => Redirect::to(&path).into_response(),
        Err(error) => rest::error::page(&error),
    }
}

/// From a list's form, or from the page where a list of ids is pasted or uploaded.
async fn preview(
    State(state): State<AppState>,
    Extension(ctx): Caller,
    uri: Uri,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let fields = match fields(request).await {
        Ok(fields) => fields,
        Err(error) => return onward(Err(error)),
    };
    let wanted = wanted(&fields, uri.query().unwrap_or_default());
    match take(&ctx, wanted).await {
        Err(problem) if fields.has("list") => {
            let here = Page {
                state,
                ctx,
                uri: Uri::from_static("/bulk"),
                headers,
            };
            unlisted(here, &fields, problem).await
        }
        done => onward(done),
    }
}

/// The page of a list as it was sent, and why no preview came of it. A file is shown as the list that it is, as no page can
/// choose it again.
async fn unlisted(here: Page, fields: &Fields, problem: AppError) -> Response {
    let list = match fields.one("list") {
        "" => fields.one("file"),
        list => list,
    };
    let status = status(&problem);
    let again = Unlisted {
        what: fields.one("action").parse().ok(),
        list: list.to_owned(),
        problem,
    };
    here.again(status, move || provide_context(again.clone()))
        .await
}

async fn fields(request: Request) -> Result<Fields, AppError> {
    let unread = || {
        AppError::invalid(
            "list",
            "could not be read to its end. Send at most 4 MiB of text",
        )
    };
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_multipart = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
    if !is_multipart {
        let body = Bytes::from_request(request, &())
            .await
            .map_err(|_| unread())?;
        return Ok(Fields::read(&body));
    }
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|_| unread())?;
    let mut fields = Fields::default();
    while let Some(part) = parts.next_field().await.map_err(|_| unread())? {
        let name = part.name().unwrap_or_default().to_owned();
        fields.push(name, part.text().await.map_err(|_| unread())?);
    }
    Ok(fields)
}

/// Takes a preview; answers its path.
async fn take(ctx: &Ctx, wanted: Result<Wanted, AppError>) -> Result<String, AppError> {
    let asked = service::take(ctx, wanted?).await?;
    Ok(format!("/bulk/preview/{}", asked.job.id))
}

/// Either `matching`, an action on all that the list of `query` shows but those in `except`; or `action`, one on `ids` or on
/// what a `list` or `file` names.
fn wanted(fields: &Fields, query: &str) -> Result<Wanted, AppError> {
    let matching = fields.one("matching");
    // Each may begin with a heading.
    let list = |name| {
        references(fields.one(name)).map_err(|error| AppError::invalid("list", error.to_string()))
    };
    let mut listed = list("list")?;
    listed.extend(list("file")?);
    let (word, selection) = if !listed.is_empty() {
        (fields.one("action"), Selection::References(listed))
    } else if matching.is_empty() {
        let ids = fields.uuids("ids")?.into_iter().collect();
        (fields.one("action"), Selection::Ids(ids))
    } else {
        let except = fields.uuids("except")?.into_iter().collect();
        let params = form_urlencoded::parse(query.as_bytes()).into_owned();
        let filter = Filter::from(params.collect::<Vec<_>>());
        (matching, Selection::AllMatching { filter, except })
    };
    let what: What = word
        .parse()
        .map_err(|reason: String| AppError::invalid("action", reason))?;
    Ok(Wanted {
        what,
        // What the console proposes: paid invoices stay as they are.
        options: JobOptions {
            archive: ArchiveOptions {
                keep_paid_invoices: true,
                ..ArchiveOptions::default()
            },
            all_or_nothing: false,
        },
        rows: Rows::Chosen(selection),
    })
}

async fn confirm(
    State(state): State<AppState>,
    Extension(ctx): Caller,
    Path(id): Path<Uuid>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let here = Page {
        state,
        ctx,
        uri,
        headers,
    };
    let (id, fields) = (BulkJobId(id), Fields::read(&body));
    let filled = Filled {
        preset: Preset::parse(fields.one("preset")),
        note: fields.one("note").to_owned(),
        number: fields.one("number").to_owned(),
        run_on: fields.one("run_on").to_owned(),
    };
    let job = match service::preview_of(&here.ctx, id).await {
        Ok(asked) => asked.job,
        Err(error) => return onward(Err(error)),
    };
    let ticked = JobOptions {
        archive: fields.archive_options(),
        all_or_nothing: fields.on("all_or_nothing"),
    };
    let ticked = match fields.one("boxes") {
        // From a page of a build before.
        "" => job.options,
        _ => rules::options_ticked(&job, ticked),
    };
    let form = Form {
        job,
        ticked,
        filled,
    };
    if fields.one("do") == "options" {
        return counted_again(here, form, Why::CountedAgain).await;
    }
    let other = form.ticked != form.job.options;
    // The figures that were read are not those of the options.
    if other && form.job.confirmed_at.is_none() {
        return counted_again(here, form, Why::OtherOptions).await;
    }
    match try_confirm(&here.ctx, &form, fields.one("token")).await {
        Ok(()) => onward(Ok(format!("/jobs/{id}"))),
        Err(AppError::Refused(Refusal::PreviewUsed)) if !other => onward(Ok(format!("/jobs/{id}"))),
        Err(AppError::Refused(Refusal::Flawed { .. })) => {
            again(here, form.shown_again(Why::Flawed)).await
        }
        Err(problem @ AppError::Refused(Refusal::ChangedSincePreview)) => {
            counted_again(here, form, Why::Refused(problem)).await
        }
        Err(problem) => again(here, form.shown_again(Why::Refused(problem))).await,
    }
}

/// The form of a preview as it was sent.
struct Form {
    job: Job,
    ticked: JobOptions,
    filled: Filled,
}

impl Form {
    fn shown_again(self, why: Why) -> Unconfirmed {
        Unconfirmed {
            id: self.job.id,
            before: None,
            filled: self.filled,
            ticked: self.ticked,
            why,
        }
    }
}

async fn try_confirm(ctx: &Ctx, form: &Form, token: &str) -> Result<(), AppError> {
    let token: Token = token.parse()?;
    let (job, filled) = (&form.job, &form.filled);
    let flaws = flaws(filled, job);
    if !flaws.is_empty() {
        return Err(AppError::Refused(Refusal::Flawed { flaws }));
    }
    let how = Confirming {
        token,
        reason: confirm::reason(filled.preset, &filled.note).unwrap_or_default(),
        run_at: filled.run_at(job.created_at).unwrap_or_default(),
    };
    ctx.write(move |tx| {
        let how = how.clone();
        async move { service::confirm(tx, &how).await.map(|_| ()) }.boxed()
    })
    .await
}

/// The same rows as they are now, with the options that are ticked, beside the figures before and with all that was typed.
async fn counted_again(here: Page, mut form: Form, why: Why) -> Response {
    let options = form.ticked;
    let newer = match service::again(&here.ctx, form.job.id).await {
        Ok(wanted) => service::take(&here.ctx, Wanted { options, ..wanted }).await,
        Err(error) => Err(error),
    };
    let unconfirmed = match (newer, why) {
        (Ok(newer), why) => {
            if newer.job.changing != form.job.changing {
                form.filled.number.clear();
            }
            Unconfirmed {
                id: newer.job.id,
                before: Some(form.job.id),
                ..form.shown_again(why)
            }
        }
        // Where there is nothing left to preview, or nobody could look, the page says that something changed.
        (Err(_), why @ Why::Refused(_)) => form.shown_again(why),
        (Err(problem), _) => form.shown_again(Why::Refused(problem)),
    };
    again(here, unconfirmed).await
}

async fn again(here: Page, unconfirmed: Unconfirmed) -> Response {
    let status = match &unconfirmed.why {
        Why::Flawed | Why::OtherOptions => StatusCode::UNPROCESSABLE_ENTITY,
        Why::CountedAgain => StatusCode::OK,
        Why::Refused(problem) => status(problem),
    };
    here.again(status, move || provide_context(unconfirmed.clone()))
        .await
}

async fn act(Extension(ctx): Caller, Path(id): Path<Uuid>, body: Bytes) -> Response {
    let id = BulkJobId(id);
    let stepped = |done: Result<Job, AppError>| done.map(|job| format!("/jobs/{}", job.id));
    let fields = Fields::read(&body);
    let done = match fields.one("do") {
        "cancel" => stepped(ctx.write(move |tx| service::cancel(tx, id).boxed()).await),
        "pause" => stepped(ctx.write(move |tx| service::pause(tx, id).boxed()).await),
        "resume" => stepped(ctx.write(move |tx| service::resume(tx, id).boxed()).await),
        "again" => take(&ctx, service::grown(&ctx, id).await)
            .await
            .map(|path| format!("{path}?before={id}")),
        "retry" => take(&ctx, service::retry(&ctx, id).await).await,
        "undo" => take(&ctx, service::undo(&ctx, id).await).await,
        _ => Err(AppError::invalid(
            "do",
            "must be one of the buttons of the page",
        )),
    };
    onward(done)
}
