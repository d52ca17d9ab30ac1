//! What a page of a job hears while it is open, and what it takes home: events, and results as CSV.

use crate::{
    doors::{Caller, Dialect, Door},
    rest,
    serve::Stopping,
    watchers::Watchers,
};
use app::{
    auth::Action,
    bulk_jobs::{Item, Job, JobState, rules, service, wording},
    context::Ctx,
    error::{AppError, Refusal},
    ids::BulkJobId,
};
use axum::{
    body::{Body, Bytes},
    extract::{Extension, Path},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::get,
};
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt, stream};
use std::{convert::Infallible, future::pending, time::Duration};
use uuid::Uuid;

/// How often a job is looked at for those who watch it.
const LOOK: Duration = Duration::from_secs(1);
/// A proxy that hears nothing for longer may hang up.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After so many looks the browser is asked to come again: no connection lives for ever, and whoever was signed out hears no more.
const LOOKS_MAX: usize = 60;

pub fn doors() -> Vec<Door> {
    let door = |path, handler| Door::new(Method::GET, path, Action::Read, Dialect::Page, handler);
    let watchers = Watchers::default();
    let events =
        move |ctx, id, stopping, headers| events(watchers.clone(), ctx, id, stopping, headers);
    vec![
        door("/jobs/{id}/events", get(events)),
        door("/jobs/{id}/results.csv", get(results)),
    ]
}

/// One event whenever something about the job changed. Its id is a digest of the figures, so that who comes again after a
/// break hears at once whether they missed something.
async fn events(
    watchers: Watchers,
    Extension(ctx): Caller,
    Path(id): Path<Uuid>,
    stopping: Option<Extension<Stopping>>,
    headers: HeaderMap,
) -> Response {
    let id = BulkJobId(id);
    if let Err(error) = service::find(&ctx, id).await {
        return rest::error::plain(&error);
    }
    let Some(watch) = watchers.admit(ctx.session) else {
        // An error would be a complaint of the browser.
        return StatusCode::NO_CONTENT.into_response();
    };
    let last = headers
        .get("last-event-id")
        .and_then(|last| last.to_str().ok());
    let last = last.unwrap_or_default().to_owned();
    // A browser comes again by itself, to a server that goes on.
    let stopped = async {
        match stopping {
            Some(Extension(stopping)) => stopping.begun().await,
            None => pending().await,
        }
    };
    let events = changes(ctx, id, last).take_until(Box::pin(stopped));
    let watched = events.inspect(move |_| {
        let _until_the_page_is_gone = &watch;
    });
    Sse::new(watched)
        .keep_alive(KeepAlive::new().interval(HEARTBEAT))
        .into_response()
}

fn changes(ctx: Ctx, id: BulkJobId, last: String) -> impl Stream<Item = Result<Event, Infallible>> {
    let looks = stream::unfold((0, last, false), move |(looks, last, over)| {
        let ctx = ctx.clone();
        async move {
            if over || looks == LOOKS_MAX {
                return None;
            }
            if looks > 0 {
                tokio::time::sleep(LOOK).await;
            }
            // While the database is away there is nothing to say.
            let Ok(job) = service::find(&ctx, id).await else {
                return Some((None, (looks + 1, last, false)));
            };
            let now = digest(&job, ctx.now());
            let event =
                (now != last).then(|| Event::default().id(now.clone()).data(job.state.as_str()));
            Some((event, (looks + 1, now, job.state.is_over())))
        }
    });
    looks.filter_map(|event| async move { event.map(Ok) })
}

/// While a job is held its seconds are counted down.
fn digest(job: &Job, now: DateTime<Utc>) -> String {
    let (results, state) = (job.results, job.state.as_str());
    let held = job.run_at.filter(|_| job.state == JobState::Held);
    let left = held.map_or(0, |at| (at - now).num_seconds());
    format!(
        "{state}-{left}-{}-{}-{}",
        results.ok, results.skipped, results.failed
    )
}

const COLUMNS: &str =
    "index,id,customer_id,customer_key,name,result,code,message,effects,ended_at\r\n";

/// Every row of a job, sent as it is read.
async fn results(Extension(ctx): Caller, Path(id): Path<Uuid>) -> Response {
    let id = BulkJobId(id);
    let job = match service::find(&ctx, id).await {
        Ok(job) => job,
        Err(error) => return rest::error::page(&error),
    };
    if !rules::keeps_results(&job, ctx.now()) {
        return rest::error::page(&AppError::Refused(Refusal::ResultsForgotten));
    }
    let pages = stream::try_unfold(Some(None), move |after: Option<Option<u32>>| {
        let (ctx, job) = (ctx.clone(), job.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let page = service::items_to_keep(&ctx, &job, after).await?;
            let lines: String = page.items.iter().map(|item| line(&job, item)).collect();
            Ok::<_, AppError>(Some((Bytes::from(lines), page.next.map(Some))))
        }
    });
    let head = stream::iter([Ok(Bytes::from_static(COLUMNS.as_bytes()))]);
    let mut response = Response::new(Body::from_stream(head.chain(pages)));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    let name = format!("attachment; filename=\"job-{id}.csv\"");
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

fn line(job: &Job, item: &Item) -> String {
    let message = wording::message(job, item);
    let effects = app::effects_text::told(&item.effects(job));
    let ended_at = item.ended_at.map(|at| at.to_rfc3339()).unwrap_or_default();
    let cells = [
        &item.position.to_string(),
        &item.object_id.to_string(),
        &item.customer_id.to_string(),
        &item.customer_key,
        &item.name,
        job.result_word(item.result.state),
        item.result.code.as_deref().unwrap_or_default(),
        &message,
        &effects,
        &ended_at,
    ];
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell in quotes. One that a spreadsheet would take for a formula is kept from it by an apostrophe.
fn cell(text: &str) -> String {
    let quoted = text.replace('"', "\"\"");
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{quoted}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_for_every_reader() {
        for (text, expected) in [
            ("Acme", "\"Acme\""),
            ("A, \"B\"\n", "\"A, \"\"B\"\"\n\""),
            ("=cmd()", "\"'=cmd()\""),
            ("-1", "\"'-1\""),
            ("@x", "\"'@x\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
