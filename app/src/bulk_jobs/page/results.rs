//! What came of each row of a job, and of how many.

use super::job::Shown;
use crate::{
    bulk_jobs::{Item, ItemState, Job, JobState, Results, rules, wording},
    effects_text,
    money::group_thousands,
    ui::{
        badge::{Badge, badge},
        button, icons, time,
    },
};
use leptos::prelude::*;

/// Results by kind, each a link to its rows.
pub(super) fn counters(shown: &Shown) -> AnyView {
    let job = &shown.job;
    let remaining = match job.state {
        JobState::Cancelled => "Not done",
        _ => "Remaining",
    };
    let path = format!("/jobs/{}", job.id);
    let counters = [
        (Results::All, "All", job.total),
        (Results::Of(ItemState::Ok), "OK", job.results.ok),
        (
            Results::Of(ItemState::Skipped),
            "Skipped",
            job.results.skipped,
        ),
        (Results::Of(ItemState::Failed), "Failed", job.results.failed),
        (Results::Of(ItemState::Pending), remaining, job.remaining()),
    ]
    .into_iter()
    .map(|(which, label, count)| {
        let href = match which {
            Results::All => path.clone(),
            Results::Of(state) => format!("{path}?result={}", state.as_str()),
        };
        view! {
            <li>
                <a href=href aria-current=(which == shown.which).then_some("true")>
                    <span class="block text-micro text-muted">{label}</span>
                    <span class="block text-h3 tabular-nums">{group_thousands(count)}</span>
                </a>
            </li>
        }
    })
    .collect_view();
    view! { <ul class="counters mx-(--page-x)" aria-label="Results, as filters">{counters}</ul> }
        .into_any()
}

/// The rows of one page, each with what came of it.
pub(super) fn results(shown: &Shown) -> AnyView {
    let job = &shown.job;
    let lines = shown
        .items
        .items
        .iter()
        .map(|item| line(job, item))
        .collect_view();
    if shown.items.items.is_empty() {
        let words = if rules::keeps_results(job, shown.now) {
            "No rows with this result."
        } else {
            "What came of each row was kept for 90 days. The figures above and the audit log stay."
        };
        return view! { <p class="px-(--page-x) py-6 text-table text-muted">{words}</p> }
            .into_any();
    }
    let row = wording::row(job.what);
    let path = format!("/jobs/{}", job.id);
    let href = |after: Option<u32>| {
        let result = match shown.which {
            Results::All => None,
            Results::Of(state) => Some(format!("result={}", state.as_str())),
        };
        let after = after.map(|after| format!("after={after}"));
        let query: Vec<String> = result.into_iter().chain(after).collect();
        format!("{path}?{}", query.join("&"))
    };
    let first = shown.after.is_some().then(|| {
        view! { <a class=button::NEUTRAL_SMALL href=href(None)>"First page"</a> }
    });
    let next = shown.items.next.map(|next| {
        view! { <a class=button::NEUTRAL_SMALL href=href(Some(next))>"Next"</a> }
    });
    view! {
        <h2 class="px-(--page-x) pt-5 pb-2 text-h3">"Results"</h2>
        <table class="table rows">
            <caption class="sr-only">"Results of this job"</caption>
            <colgroup><col class="md:w-70"/><col class="w-28"/><col class="p3 w-64"/><col class="p1"/><col class="p2 w-24"/></colgroup>
            <thead>
                <tr>
                    <th scope="col">{row}</th>
                    <th scope="col">"Result"</th>
                    <th scope="col" class="p3">"Message"</th>
                    <th scope="col" class="p1">"Effects"</th>
                    <th scope="col" class="p2 r">"Time, UTC"</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
        <footer class="flex items-center justify-end gap-2 px-(--page-x) py-3">{first}{next}</footer>
    }
    .into_any()
}

fn line(job: &Job, item: &Item) -> AnyView {
    let href = format!("{}/{}", job.what.subjects.path(), item.object_id);
    let result = &item.result;
    let (look, word) = match result.state {
        ItemState::Ok => (Badge::On, "OK"),
        ItemState::Skipped => (Badge::Idle, "Skipped"),
        ItemState::Failed => (Badge::Bad(icons::ALERT), "Failed"),
        ItemState::Pending if job.state == JobState::Cancelled => (Badge::Off, "Not done"),
        ItemState::Pending => (Badge::Off, "Waiting"),
    };
    let code = result
        .code
        .clone()
        .filter(|_| result.state == ItemState::Failed)
        .map(|code| view! { " "<span class="font-mono text-small text-muted">{code}</span> });
    let effects = match result.state {
        ItemState::Ok => Some(effects_text::told(&result.tally)).filter(|told| !told.is_empty()),
        ItemState::Failed => Some("Nothing was done".to_owned()),
        ItemState::Skipped | ItemState::Pending => None,
    };
    // The badge says already that it waits.
    let waits = result.state == ItemState::Pending && job.state != JobState::Cancelled;
    let message = (!waits).then(|| wording::message(job, item));
    let at = item
        .ended_at
        .map(|at| time::stamp(at, at.format("%H:%M:%S").to_string()));
    view! {
        <tr>
            <th scope="row"><a href=href><bdi>{item.name.clone()}</bdi></a><span class="s">{message.clone()}</span></th>
            <td>{badge(look, word)}</td>
            <td class="p3 py-1.5! whitespace-normal!">{message}{code}</td>
            <td class="p1 q py-1.5! whitespace-normal!">{effects.unwrap_or_else(|| "–".to_owned())}</td>
            <td class="p2 r q">{at}</td>
        </tr>
    }
    .into_any()
}
