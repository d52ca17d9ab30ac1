//! Bulk jobs as the bearer dialect writes them.

use crate::rest::answer::time;
use app::{
    bulk_jobs::{Item, Job, Origin, rules, service::Asked, wording},
    confirm::Subjects,
    effects::Tally,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// A preview with the token that confirms it.
pub(super) fn preview_view(asked: &Asked) -> Value {
    let job = &asked.job;
    json!({
        "id": job.id,
        "token": asked.token.to_string(),
        "expires_at": time(job.expires_at),
        "action": job.what.as_str(),
        "item_count": job.total,
        "changing": job.changing,
        "skipped": job.total - job.changing - job.blocked,
        "blocked": job.blocked,
        "effects": effects(&job.foreseen),
        "notifications": job.notifications,
        "not_found": job.unresolved.not_found,
        "not_found_count": job.unresolved.not_found_count,
        "ambiguous": job.unresolved.ambiguous,
        "ambiguous_count": job.unresolved.ambiguous_count,
    })
}

/// Counts by name, and what is voided in each currency.
fn effects(tally: &Tally) -> Value {
    let counts = tally.counts().into_iter();
    let mut effects: Map<String, Value> = counts
        .map(|(name, count)| (name.to_owned(), json!(count)))
        .collect();
    let voided = tally.voided.iter();
    let voided: Vec<Value> = voided
        .map(|money| json!({ "currency": money.currency.code(), "minor": money.minor }))
        .collect();
    effects.insert("voided".to_owned(), voided.into());
    effects.into()
}

/// A job; `failed` are the first of its failed rows, where they were read.
pub(super) fn job_view(job: &Job, now: DateTime<Utc>, failed: Option<&[Item]>) -> Value {
    let moment = |at: Option<DateTime<Utc>>| at.map(time);
    let (origin, origin_id) = match job.origin {
        None => (None, None),
        Some(Origin::Preview(id)) => (Some("preview"), Some(id)),
        Some(Origin::Retry(id)) => (Some("retry"), Some(id)),
        Some(Origin::Undo(id)) => (Some("undo"), Some(id)),
    };
    let mut view = json!({
        "id": job.id,
        "action": job.what.as_str(),
        "state": job.state.as_str(),
        "options": {
            "archive_billing_provider_configurations": job.options.archive.archive_configurations,
            "release_ingest_aliases": job.options.archive.release_aliases,
            "keep_paid_invoices": job.options.archive.keep_paid_invoices,
            "all_or_nothing": job.options.all_or_nothing,
        },
        "reason": job.reason,
        "created_by": job.actor.label(),
        "confirmed_at": moment(job.confirmed_at),
        "run_at": moment(job.run_at),
        "started_at": moment(job.started_at),
        "ended_at": moment(job.ended_at),
        "paused_because": job.paused_because.map(|because| because.as_str()),
        "origin": origin,
        "origin_id": origin_id,
        "seconds_left": rules::seconds_left(job, now),
        "total": job.total,
        "changing": job.changing,
        "successful_count": job.results.ok,
        "skipped_count": job.results.skipped,
        "failed_count": job.results.failed,
        "remaining_count": job.remaining(),
        "effects": effects(&job.done),
        "foreseen": effects(&job.foreseen),
    });
    let name = match job.what.subjects {
        Subjects::Customers => "customers_failed",
        Subjects::Configurations => "billing_configurations_failed",
    };
    let error = |item: &Item| {
        json!({
            "index": item.position, "id": item.object_id, "customer_id": item.customer_id,
            "customer_key": item.customer_key, "error": wording::message(job, item),
        })
    };
    if let Some(failed) = failed {
        view[name] = failed.iter().map(error).collect();
    }
    view
}

/// A row of a job with its result.
pub(super) fn item_view(job: &Job, item: &Item) -> Value {
    json!({
        "index": item.position,
        "id": item.object_id,
        "customer_id": item.customer_id,
        "customer_key": item.customer_key,
        "name": item.name,
        "result": job.result_word(item.result.state),
        "code": item.result.code,
        "message": wording::message(job, item),
        "effects": effects(&item.effects(job)),
        "ended_at": item.ended_at.map(time),
    })
}
