//! The list of jobs, newest first.

use super::job::state_badge;
use crate::{
    bulk_jobs::{Job, JobList, service, wording},
    context::Ctx,
    door,
    error::AppError,
    ids::BulkJobId,
    paging::PAGE_ROWS,
    ui::{
        button, empty::empty, failure::failed_page, fetched::Fetched, icons, time, title,
        waiting::waiting,
    },
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

#[component]
pub fn JobsPage() -> impl IntoView {
    title::set("Jobs");
    let before: Option<BulkJobId> =
        use_query_map().with_untracked(|query| query.get("before")?.parse().ok());
    let jobs = Fetched::new(
        move || format!("{before:?}"),
        move || async move { door::status(read(before).await) },
    );
    waiting(move || match jobs.get() {
        None => ().into_any(),
        Some(Ok(jobs)) => page(&jobs, before.is_some()),
        Some(Err(error)) => failed_page("Jobs", &error),
    })
}

async fn read(before: Option<BulkJobId>) -> Result<JobList, AppError> {
    service::jobs(&Ctx::of_request()?, before, PAGE_ROWS).await
}

fn page(jobs: &JobList, later: bool) -> AnyView {
    if jobs.jobs.is_empty() {
        return view! {
            {head()}
            {empty(
                icons::RING,
                "No jobs yet".to_owned(),
                "Archiving all that a list matches, or what a list of ids names, makes a job.".to_owned(),
                view! { <a class=button::NEUTRAL_SMALL href="/customers">"Go to customers"</a> },
            )}
        }
        .into_any();
    }
    let lines = jobs
        .jobs
        .iter()
        .map(|job| line(job, jobs.now))
        .collect_view();
    let newest = later.then(|| view! { <a class=button::NEUTRAL_SMALL href="/jobs">"Newest"</a> });
    let older = jobs.next.map(|next| {
        view! { <a class=button::NEUTRAL_SMALL href=format!("/jobs?before={next}")>"Older"</a> }
    });
    view! {
        {head()}
        <table class="table rows">
            <caption class="sr-only">"Jobs, newest first"</caption>
            <colgroup><col/><col class="w-32 md:w-50"/><col class="p2 w-44"/><col class="p3 w-50"/><col class="p2 w-32"/></colgroup>
            <thead>
                <tr>
                    <th scope="col">"Job"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="p2">"Progress"</th>
                    <th scope="col" class="p3">"By"</th>
                    <th scope="col" class="p2">"Confirmed"</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
        <footer class="flex items-center justify-end gap-2 px-(--page-x) py-3">{newest}{older}</footer>
    }
    .into_any()
}

fn head() -> AnyView {
    view! {
        <div class="flex min-h-12 items-center gap-2 px-(--page-x) pt-3 pb-3">
            <h1>"Jobs"</h1>
            <a class=format!("{} ml-auto", button::NEUTRAL) href="/bulk">"From a list…"</a>
        </div>
    }
    .into_any()
}

fn line(job: &Job, now: DateTime<Utc>) -> AnyView {
    let href = format!("/jobs/{}", job.id);
    let progress = wording::done_of(job);
    let confirmed = job.confirmed_at.map(|at| time::ago(at, now));
    view! {
        <tr>
            <th scope="row">
                <a href=href>{wording::title(job.what, job.changing)}</a>
                <span class="s">{progress.clone()}</span>
            </th>
            <td>{state_badge(job.state)}</td>
            <td class="p2 q tabular-nums">{progress}</td>
            <td class="p3 q"><bdi>{job.actor.label()}</bdi></td>
            <td class="p2 q">{confirmed}</td>
        </tr>
    }
    .into_any()
}
