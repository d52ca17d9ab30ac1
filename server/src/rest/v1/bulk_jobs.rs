//! Bulk jobs in the bearer dialect: a preview in one call, the job in a second one.

use super::{
    bulk_job_view::{item_view, job_view, preview_view},
    get, post,
};
use crate::{
    doors::Door,
    rest::{
        answer::{data, json_answer, ok},
        body::{self, Fields},
        call::{Answered, Call},
        error::{bearer_body, conflict},
        fault::Fault,
        options,
    },
    router::LIST_BYTES_MAX,
};
use app::{
    auth::Action,
    bulk_jobs::{
        ItemState, Job, JobOptions, JobState, Results, What, rules,
        service::{self, Asked, Confirming, Rows, Token, Wanted},
    },
    context::{Unarchive, Work},
    db::Tx,
    error::{AppError, Refusal},
    idempotency::service::Answer,
    ids::BulkJobId,
    selection::{Filter, Selection},
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Failed rows that a job's answer carries along.
const FAILED_SHOWN: u32 = 100;
/// What a row is called that a cancelled job left as it was.
const CANCELLED: &str = "cancelled";

pub(super) fn doors() -> Vec<Door> {
    vec![
        post("/v1/bulk-previews", Action::Preview, preview).with_body_bytes_max(LIST_BYTES_MAX),
        post("/v1/bulk-jobs", Action::Preview, confirm),
        get("/v1/bulk-jobs", list),
        get("/v1/bulk-jobs/{id}", find),
        get("/v1/bulk-jobs/{id}/items", items),
        post("/v1/bulk-jobs/{id}/cancel", Action::Preview, cancel),
        post("/v1/bulk-jobs/{id}/pause", Action::Preview, pause),
        post("/v1/bulk-jobs/{id}/resume", Action::Preview, resume),
        post(
            "/v1/bulk-jobs/{id}/preview-again",
            Action::Preview,
            preview_again,
        ),
        post("/v1/bulk-jobs/{id}/retry", Action::Preview, retry),
        post("/v1/bulk-jobs/{id}/undo", Action::Preview, undo),
    ]
}

async fn preview(call: Call) -> Answered {
    let body = call.object()?;
    body.only(&["action", "selection", "options"])?;
    let what: What = body.need("action", Fields::word)?;
    let chosen = body.need("selection", Fields::object)?;
    let wanted = Wanted {
        what,
        options: job_options(&body.object("options")?.unwrap_or_default())?,
        rows: Rows::Chosen(selection(&chosen)?),
    };
    take(&call, wanted).await
}

async fn take(call: &Call, wanted: Wanted) -> Answered {
    let setting = call.ctx.settings.unarchive;
    call.preview(previewing(wanted, setting)).await
}

fn previewing(wanted: Wanted, setting: Unarchive) -> impl Work<Answer> {
    move |tx| {
        let wanted = wanted.clone();
        async move {
            let asked = service::preview(tx, &wanted, setting).await?;
            Ok(data(&preview_view(&asked)))
        }
        .boxed()
    }
}

fn job_options(body: &Fields) -> Result<JobOptions, AppError> {
    body.only(&[
        "archive_billing_provider_configurations",
        "release_ingest_aliases",
        "keep_paid_invoices",
        "all_or_nothing",
    ])?;
    Ok(JobOptions {
        archive: options::archive(body)?,
        all_or_nothing: body.boolean("all_or_nothing")?.unwrap_or_default(),
    })
}

/// `{"ids": […]}`, `{"references": […]}` or `{"all_matching": {"filter": {…}, "except": […]}}`.
fn selection(body: &Fields) -> Result<Selection, AppError> {
    body.only(&["ids", "references", "all_matching"])?;
    let ids = body.uuids("ids")?;
    let references = body.texts("references")?;
    match (ids, references, body.object("all_matching")?) {
        (Some(ids), None, None) => Ok(Selection::Ids(ids.into_iter().collect())),
        (None, Some(references), None) => {
            let trimmed = references.iter().map(|text| text.trim().to_owned());
            Ok(Selection::References(
                trimmed.filter(|text| !text.is_empty()).collect(),
            ))
        }
        (None, None, Some(matching)) => {
            matching.only(&["filter", "except"])?;
            let filter = matching.object("filter")?.unwrap_or_default();
            let except = matching.uuids("except")?.unwrap_or_default();
            Ok(Selection::AllMatching {
                filter: list_filter(&filter)?,
                except: except.into_iter().collect(),
            })
        }
        _ => Err(body.wrong("ids", "send one of ids, references and all_matching")),
    }
}

/// A list's filter by the names that its URL has. A word that a URL would leave out is refused: nobody means more rows by it.
fn list_filter(body: &Fields) -> Result<Filter, AppError> {
    const NAMES: [&str; 5] = ["q", "status", "provider", "created_from", "created_to"];
    body.only(&NAMES)?;
    let mut sent = Vec::new();
    for name in NAMES {
        if let Some(text) = body.text(name)?.filter(|text| !text.trim().is_empty()) {
            sent.push((name, text));
        }
    }
    let named = sent
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.clone()));
    let filter = Filter::from(named.collect::<Vec<_>>());
    let read = filter.as_list().to_params();
    let understood = |name: &str| read.iter().any(|(known, _)| *known == name);
    let all = |(name, text): &&(&str, String)| *name == "status" && text == "all";
    match sent.iter().find(|one| !understood(one.0) && !all(one)) {
        Some((name, _)) => Err(body.wrong(name, "is not a value of this filter")),
        None => Ok(filter),
    }
}

async fn confirm(call: Call) -> Answered {
    let body = call.object()?;
    body.only(&["preview_token", "reason", "run_at"])?;
    let token: Token = body.need("preview_token", Fields::text)?.parse()?;
    let how = Confirming {
        reason: options::reason(&body)?,
        run_at: body.time("run_at")?,
        token,
    };
    let preview = how.token.preview();
    let done = call
        .write(move |tx| {
            let how = how.clone();
            async move {
                let job = service::confirm(tx, &how).await?;
                Ok(Answer {
                    location: Some(format!("/v1/bulk-jobs/{}", job.id)),
                    ..json_answer(202, &json!({ "data": job_view(&job, tx.now(), None) }))
                })
            }
            .boxed()
        })
        .await;
    match done {
        Err(Fault::App(error @ AppError::Refused(Refusal::ChangedSincePreview))) => {
            moved(&call, preview, &error).await
        }
        other => other,
    }
}

/// Nothing was done; here is what would happen now.
async fn moved(call: &Call, id: BulkJobId, error: &AppError) -> Answered {
    let before = service::find(&call.ctx, id).await?;
    let now = match service::again(&call.ctx, id).await {
        Ok(wanted) => service::take(&call.ctx, wanted).await,
        Err(error) => Err(error),
    };
    let fault = Fault::App(error.clone());
    let mut body = bearer_body(&fault, &call.ctx.request.id);
    // None where nothing is left to preview, or nobody could look.
    if let Ok(now) = now {
        body.insert("preview".to_owned(), preview_view(&now));
        body.insert("difference".to_owned(), difference(&before, &now));
    }
    Ok(conflict(body))
}

/// The figures that changed, each as it was and as it is; of money in each currency.
fn difference(before: &Job, now: &Asked) -> Value {
    let (before, now) = (figures(before), figures(&now.job));
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let figure = |of: &BTreeMap<String, i128>, name| of.get(name).copied().unwrap_or_default();
    let changed: Map<String, Value> = names
        .into_iter()
        .map(|name| (name, figure(&before, name), figure(&now, name)))
        .filter(|(_, before, now)| before != now)
        .map(|(name, before, now)| (name.clone(), json!({ "before": before, "now": now })))
        .collect();
    changed.into()
}

/// Every number of a preview, by its name.
fn figures(job: &Job) -> BTreeMap<String, i128> {
    let rows = [
        ("changing", job.changing),
        ("blocked", job.blocked),
        ("skipped", job.total - job.changing - job.blocked),
        ("notifications", job.notifications),
    ];
    let counts = rows.into_iter().chain(job.foreseen.counts());
    let counts = counts.map(|(name, count)| (name.to_owned(), i128::from(count)));
    let voided = job.foreseen.voided.iter();
    let voided = voided.map(|money| {
        let name = format!("voided_{}", money.currency.code());
        (name, i128::from(money.minor))
    });
    counts.chain(voided).collect()
}

fn job_id(call: &Call) -> Result<BulkJobId, AppError> {
    call.param_uuid("id").map(BulkJobId)
}

async fn find(call: Call) -> Answered {
    let id = job_id(&call)?;
    let job = service::find(&call.ctx, id).await?;
    let failed = Results::Of(ItemState::Failed);
    let failed = service::items(&call.ctx, &job, failed, None, FAILED_SHOWN).await?;
    ok(&json!({ "data": job_view(&job, call.ctx.now(), Some(&failed.items)) }))
}

async fn list(call: Call) -> Answered {
    let query = call.query()?;
    let before = query.parsed("next_page", |field, text| {
        body::uuid(field, text).map(BulkJobId)
    })?;
    let page = service::jobs(&call.ctx, before, query.limit()?).await?;
    let data: Vec<_> = page
        .jobs
        .iter()
        .map(|job| job_view(job, page.now, None))
        .collect();
    ok(&json!({ "data": data, "next_page": page.next }))
}

async fn items(call: Call) -> Answered {
    let query = call.query()?;
    let wanted = query.parsed("result", |field, text| match text {
        CANCELLED => Ok(None),
        text => text
            .parse::<ItemState>()
            .map(Some)
            .map_err(|reason| AppError::invalid(field, reason)),
    })?;
    let after = query.parsed("next_page", |field, text| {
        text.parse::<u32>().map_err(|_| {
            AppError::invalid(
                field,
                "is not a cursor of this list. Start at the first page",
            )
        })
    })?;
    let id = job_id(&call)?;
    let job = service::find(&call.ctx, id).await?;
    let which = match wanted {
        None => Results::All,
        Some(Some(state)) => Results::Of(state),
        Some(None) if job.state == JobState::Cancelled => Results::Of(ItemState::Pending),
        Some(None) => return ok(&json!({ "data": [], "next_page": null })),
    };
    if !rules::keeps_results(&job, call.ctx.now()) {
        return Err(AppError::Refused(Refusal::ResultsForgotten).into());
    }
    let page = service::items(&call.ctx, &job, which, after, query.limit()?).await?;
    let data: Vec<_> = page
        .items
        .iter()
        .map(|item| item_view(&job, item))
        .collect();
    let next = page.next.map(|position| position.to_string());
    ok(&json!({ "data": data, "next_page": next }))
}

async fn cancel(call: Call) -> Answered {
    step(&call, |tx, id| service::cancel(tx, id).boxed()).await
}

async fn pause(call: Call) -> Answered {
    step(&call, |tx, id| service::pause(tx, id).boxed()).await
}

async fn resume(call: Call) -> Answered {
    step(&call, |tx, id| service::resume(tx, id).boxed()).await
}

type Stepped<'t> = BoxFuture<'t, Result<Job, AppError>>;

async fn step(call: &Call, step: for<'t> fn(&'t mut Tx, BulkJobId) -> Stepped<'t>) -> Answered {
    let id = job_id(call)?;
    call.write(move |tx| {
        async move {
            let job = step(tx, id).await?;
            Ok(data(&job_view(&job, tx.now(), None)))
        }
        .boxed()
    })
    .await
}

async fn preview_again(call: Call) -> Answered {
    let wanted = service::grown(&call.ctx, job_id(&call)?).await?;
    take(&call, wanted).await
}

async fn retry(call: Call) -> Answered {
    let wanted = service::retry(&call.ctx, job_id(&call)?).await?;
    take(&call, wanted).await
}

async fn undo(call: Call) -> Answered {
    let wanted = service::undo(&call.ctx, job_id(&call)?).await?;
    take(&call, wanted).await
}
