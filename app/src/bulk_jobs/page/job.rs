//! A job: where it stands, and what can be done about it.

use crate::{
    bulk_jobs::{
        ItemPage, Job, JobState, Origin, PausedBecause, Results,
        page::{
            counting,
            results::{counters, results},
        },
        rules::{self, HOLD},
        service, wording,
    },
    confirm::Transition,
    context::{Ctx, Unarchive},
    door, effects_text,
    error::{AppError, Noun},
    frame::FrameContext,
    ids::BulkJobId,
    money::group_thousands,
    paging::PAGE_ROWS,
    selection::SelectionSummary,
    ui::{
        badge::{Badge, badge},
        banner::{Tone, banner},
        button,
        card::{object_head, short_id},
        failure::failed_page,
        fetched::Fetched,
        icons, time, title,
        waiting::waiting,
    },
};
use chrono::{DateTime, Utc};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

/// Without a script.
const RELOAD_SECONDS: &str = "3";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Shown {
    pub(super) job: Job,
    pub(super) items: ItemPage,
    pub(super) which: Results,
    pub(super) after: Option<u32>,
    may: bool,
    /// Rows that an undo would put back.
    undoable: u64,
    pub(super) now: DateTime<Utc>,
}

#[component]
pub fn JobPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let id: Option<BulkJobId> = params.with_untracked(|params| params.get("id")?.parse().ok());
    let which = query.with_untracked(|query| query.get("result"));
    let which = which
        .and_then(|word| word.parse().ok())
        .map_or(Results::All, Results::Of);
    let after: Option<u32> = query.with_untracked(|query| query.get("after")?.parse().ok());
    let shown = Fetched::new(
        move || format!("{id:?} {which:?} {after:?}"),
        move || async move { door::status(read(id, which, after).await) },
    );
    waiting(move || match shown.get() {
        None => ().into_any(),
        Some(Ok(shown)) => page(&shown),
        Some(Err(error)) => failed_page("The job", &error),
    })
}

async fn read(
    id: Option<BulkJobId>,
    which: Results,
    after: Option<u32>,
) -> Result<Shown, AppError> {
    let ctx = Ctx::of_request()?;
    let id = id.ok_or(AppError::NotFound(Noun::BulkJob))?;
    let job = service::find(&ctx, id).await?;
    if job.confirmed_at.is_none() {
        return Err(AppError::NotFound(Noun::BulkJob));
    }
    let may = ctx.can(job.what.action());
    let archived = job.what.transition == Transition::Archive && job.results.ok > 0;
    let undoable =
        if may && archived && job.state.is_over() && ctx.settings.unarchive == Unarchive::Allowed {
            service::undoable(&ctx, &job).await?
        } else {
            0
        };
    Ok(Shown {
        items: service::items(&ctx, &job, which, after, PAGE_ROWS).await?,
        may,
        undoable,
        now: ctx.now(),
        job,
        which,
        after,
    })
}

fn page(shown: &Shown) -> AnyView {
    let job = &shown.job;
    let heading = wording::title(job.what, job.changing);
    let percent = 100 * job.processed() / job.changing.max(1);
    title::set(match job.state {
        JobState::Running => format!("{heading}, {percent} %"),
        state => format!("{heading}, {}", wording::state(state).to_lowercase()),
    });
    FrameContext::expect().name_page(short_id(&job.id.to_string()));
    let actions = if shown.may {
        actions(shown)
    } else {
        ().into_any()
    };
    view! {
        <div id="job" data-job=(!job.state.is_over()).then(|| job.id.to_string()) data-seldom=(!moves(job)).then_some("") data-percent=percent.to_string() data-failed=job.results.failed.to_string() data-state=wording::state(job.state)>
            {object_head(heading, state_badge(job.state), meta(job), actions)}
            {progress(shown)}
            {counters(shown)}
            {so_far(job)}
            {results(shown)}
        </div>
        {live(job)}
        {counting()}
    }
    .into_any()
}

/// Whether anything happens by itself in the next seconds.
fn moves(job: &Job) -> bool {
    matches!(job.state, JobState::Held | JobState::Running)
}

/// Keeps the page up to date while the job is not over: by a script, or else by loading it anew.
fn live(job: &Job) -> AnyView {
    if job.state.is_over() {
        return ().into_any();
    }
    let reload = moves(job).then(|| {
        view! { <noscript><meta http-equiv="refresh" content=RELOAD_SECONDS/></noscript> }
    });
    view! {
        {reload}
        <script type="module" nonce=use_nonce()>{include_str!("live.js")}</script>
    }
    .into_any()
}

pub(super) fn state_badge(state: JobState) -> AnyView {
    let look = match state {
        JobState::Running | JobState::Held => Badge::Info(icons::CLOCK),
        JobState::Scheduled | JobState::Previewed => Badge::Quiet(icons::CLOCK),
        JobState::Paused => Badge::Warn(icons::ALERT),
        JobState::Completed => Badge::Good(icons::CHECK),
        JobState::CompletedWithFailures => Badge::Bad(icons::ALERT),
        JobState::Cancelled | JobState::Expired => Badge::Quiet(icons::CROSS),
    };
    badge(look, wording::state(state))
}

fn meta(job: &Job) -> AnyView {
    let by = job.actor.label();
    let confirmed = job.confirmed_at.map(|at| {
        view! { <span>"Confirmed "{time::stamp(at, time::moment(at))}" by "<bdi>{by}</bdi></span> }
    });
    let reason = job.reason.as_ref().map(|reason| {
        view! { <span>"Reason: "<q class="text-text"><bdi>{reason.as_str().to_owned()}</bdi></q></span> }
    });
    let selected = matches!(job.selection, SelectionSummary::AllMatching { .. })
        .then(|| view! { <span>{wording::selected(job)}</span> });
    let origin = match job.origin {
        Some(Origin::Retry(id)) => Some((id, "Retries the failed rows of another job")),
        Some(Origin::Undo(id)) => Some((id, "Puts back what another job archived")),
        Some(Origin::Preview(_)) | None => None,
    };
    let origin = origin.map(|(id, words)| {
        view! { <a class="link" href=format!("/jobs/{id}")>{words}</a> }
    });
    let id = job.id.to_string();
    view! {
        <span class="font-mono" title=id.clone()>"Job "{short_id(&id)}</span>
        {selected}
        {confirmed}
        {reason}
        {origin}
    }
    .into_any()
}

/// What can be done, each a button of a form that posts to this page.
fn actions(shown: &Shown) -> AnyView {
    let job = &shown.job;
    if !rules::keeps_results(job, shown.now) {
        return ().into_any();
    }
    let act = |word: &'static str, label: String, look: &'static str| {
        view! { <button class=look name="do" value=word>{label}</button> }.into_any()
    };
    let counts = |word: &'static str, label: String, look: &'static str| {
        view! { <button class=look name="do" value=word data-counts="">{label}</button> }.into_any()
    };
    let mut buttons = Vec::new();
    match job.state {
        JobState::Held | JobState::Scheduled => {
            buttons.push(act("cancel", "Cancel the job".to_owned(), button::DANGER));
        }
        JobState::Running => {
            buttons.push(act("pause", "Pause".to_owned(), button::NEUTRAL));
            buttons.push(act("cancel", "Stop for good".to_owned(), button::DANGER));
        }
        JobState::Paused => {
            if job.has_grown() {
                buttons.push(counts(
                    "again",
                    "Preview again…".to_owned(),
                    button::PRIMARY,
                ));
            }
            // Not proposed where it will be refused as long as nobody gives the role back, or before it is known what grew.
            let look = match job.paused_because {
                Some(PausedBecause::NotAllowed | PausedBecause::EffectsGrew) => button::NEUTRAL,
                _ => button::PRIMARY,
            };
            buttons.push(act("resume", "Resume".to_owned(), look));
            buttons.push(act("cancel", "Stop for good".to_owned(), button::DANGER));
        }
        _ => {}
    }
    let results = &job.results;
    if job.state.is_over() && results.failed > 0 {
        let label = format!("Retry {} failed", group_thousands(results.failed));
        buttons.push(counts("retry", label, button::NEUTRAL));
    }
    if shown.undoable > 0 {
        let count = group_thousands(shown.undoable);
        let label = format!("Undo what can be undone ({count})…");
        buttons.push(counts("undo", label, button::NEUTRAL));
    }
    let csv = format!("/jobs/{}/results.csv", job.id);
    view! {
        <a class=button::NEUTRAL href=csv download>"Download CSV"</a>
        <form method="post" class="contents">{buttons}</form>
    }
    .into_any()
}

/// How far it is, in words and as a bar; while it is held, how to take it back.
fn progress(shown: &Shown) -> AnyView {
    let job = &shown.job;
    let left = rules::seconds_left(job, shown.now);
    let words = match (job.state, job.paused_because) {
        (JobState::Held, _) => {
            let left = job
                .run_at
                .map_or(HOLD, |at| at - shown.now)
                .num_seconds()
                .clamp(0, 10);
            format!(
                "Starts in {left} s. Nothing has changed yet, and cancelling now leaves everything as it was."
            )
        }
        (JobState::Scheduled, _) => match job.run_at {
            Some(at) => format!("Waits for {}. Nothing has changed yet.", time::moment(at)),
            None => "Nothing has changed yet.".to_owned(),
        },
        (JobState::Paused, Some(because)) => {
            return with_bar(
                job,
                banner(Tone::Warn, icons::ALERT, wording::paused(because), ()),
            );
        }
        (JobState::Cancelled, _) => format!(
            "Stopped. {} done, {} left as they were.",
            group_thousands(job.results.ok),
            group_thousands(job.remaining()),
        ),
        _ => wording::progress(job, left),
    };
    with_bar(
        job,
        view! { <p class="text-table tabular-nums">{words}</p> }.into_any(),
    )
}

fn with_bar(job: &Job, words: AnyView) -> AnyView {
    let label = format!("{} processed", job.what.subjects.noun(2));
    view! {
        <div class="grid gap-2 px-(--page-x) pb-3">
            {phases(job)}
            <progress class="progress" max=job.changing.to_string() value=job.processed().to_string() aria-label=label></progress>
            {words}
        </div>
    }
    .into_any()
}

/// The way of a job, and where on it this one is.
fn phases(job: &Job) -> AnyView {
    let at = match job.state {
        JobState::Previewed | JobState::Expired | JobState::Scheduled => 0,
        JobState::Held => 1,
        JobState::Running | JobState::Paused | JobState::Cancelled => 2,
        JobState::Completed | JobState::CompletedWithFailures => 3,
    };
    let third = match job.state {
        JobState::Paused => "Paused",
        JobState::Cancelled => "Stopped",
        _ => "Running",
    };
    let phases = ["Confirmed", "Held 10 s", third, "Done"]
        .into_iter()
        .enumerate()
        .map(|(place, label)| {
            let class = (place < at).then_some("done");
            let check = (place < at).then(|| icons::small_icon(icons::CHECK));
            view! { <li class=class aria-current=(place == at).then_some("step")>{check}{label}</li> }
        })
        .collect_view();
    view! { <ol class="phases">{phases}</ol> }.into_any()
}

fn so_far(job: &Job) -> AnyView {
    let told = effects_text::told(&job.done);
    if told.is_empty() {
        return ().into_any();
    }
    let lead = if job.state.is_over() {
        "In all: "
    } else {
        "So far: "
    };
    view! { <p class="px-(--page-x) pt-2 text-small text-muted tabular-nums">{lead}{told}</p> }
        .into_any()
}
