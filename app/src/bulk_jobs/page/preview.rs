//! A preview: what would happen, to which rows, and what of it can be put back.

use crate::{
    bulk_jobs::{
        Item, Job, JobOptions, Origin,
        page::{
            counting,
            preview_form::{by_enter, fields, footer, options, summary},
        },
        rules::{Filled, flaws},
        service, wording,
    },
    confirm::{Asked, undo, wording as confirm_wording},
    context::{Ctx, Unarchive},
    door,
    error::{AppError, Noun},
    frame::FrameContext,
    ids::BulkJobId,
    money::group_thousands,
    paging::PAGE_ROWS_MAX,
    ui::{
        banner::{Tone, banner},
        button,
        effects::effects_list,
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

/// A form on its way to the page that shows it again, with all that was typed.
#[derive(Debug, Clone)]
pub struct Unconfirmed {
    pub id: BulkJobId,
    /// The preview that this one replaces.
    pub before: Option<BulkJobId>,
    pub filled: Filled,
    pub ticked: JobOptions,
    pub why: Why,
}

/// Why a form is shown again.
#[derive(Debug, Clone)]
pub enum Why {
    /// Something is missing, as [`flaws`] says.
    Flawed,
    Refused(AppError),
    /// Other options were ticked than its figures were counted with.
    OtherOptions,
    /// As was asked for.
    CountedAgain,
}

/// What the page is made of.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Shown {
    job: Job,
    token: String,
    /// The preview that these figures replace.
    before: Option<Job>,
    opened: Option<Opened>,
    /// The job that this one puts back.
    undoes: Option<Job>,
    unarchive_allowed: bool,
    may: bool,
    now: DateTime<Utc>,
}

/// A line that was opened: its name, and a page of its rows after so many others.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Opened {
    name: String,
    after: u32,
    rows: Vec<Item>,
    more: bool,
}

/// Shows one's own preview, and asks for the press of a button.
#[component]
pub fn PreviewPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let again: Option<Unconfirmed> = use_context();
    let id = again.as_ref().map(|again| again.id);
    let id = id.or_else(|| params.with_untracked(|params| params.get("id")?.parse().ok()));
    let opened = query.with_untracked(|query| query.get("rows"));
    let after = query.with_untracked(|query| query.get("after")?.parse().ok());
    let after: u32 = after.unwrap_or_default();
    let before = match &again {
        Some(again) => again.before,
        None => query.with_untracked(|query| query.get("before")?.parse().ok()),
    };
    let key = format!("{id:?} {opened:?} {after}");
    let shown = Fetched::new(
        move || key.clone(),
        move || {
            let opened = opened.clone();
            async move { door::status(read(id, before, opened, after).await) }
        },
    );
    waiting(move || match shown.get() {
        None => ().into_any(),
        Some(Ok(shown)) => page(shown, again.clone()),
        Some(Err(error)) => failed_page("The preview", &error),
    })
}

async fn read(
    id: Option<BulkJobId>,
    before: Option<BulkJobId>,
    opened: Option<String>,
    after: u32,
) -> Result<Shown, AppError> {
    let ctx = Ctx::of_request()?;
    let id = id.ok_or(AppError::NotFound(Noun::BulkJob))?;
    let asked = service::preview_of(&ctx, id).await?;
    let before = match before {
        Some(before) => service::find(&ctx, before).await.ok(),
        None => None,
    };
    let opened = match opened.and_then(|name| Some((wording::opened(&name)?, name))) {
        Some((counted, name)) => {
            let (rows, more) = service::rows_of(&ctx, &asked.job, counted, after).await?;
            Some(Opened {
                name,
                after,
                rows,
                more,
            })
        }
        None => None,
    };
    let undoes = match asked.job.origin {
        Some(Origin::Undo(of)) => Some(service::find(&ctx, of).await?),
        _ => None,
    };
    Ok(Shown {
        undoes,
        token: asked.token.to_string(),
        may: ctx.can(asked.job.what.action()),
        before: before.filter(|before| before.what == asked.job.what),
        opened,
        job: asked.job,
        unarchive_allowed: ctx.settings.unarchive == Unarchive::Allowed,
        now: ctx.now(),
    })
}

fn page(shown: Shown, again: Option<Unconfirmed>) -> AnyView {
    let job = &shown.job;
    let heading = match job.changing {
        0 => format!("Nothing to {}", job.what.transition.as_str()),
        some => wording::title(job.what, some),
    };
    let why = again.as_ref().map(|again| &again.why);
    title::set(match why {
        None | Some(Why::CountedAgain) => heading.clone(),
        Some(_) => format!("Error: {heading}"),
    });
    let flaws = match &again {
        Some(again) if matches!(again.why, Why::Flawed | Why::Refused(_)) => {
            flaws(&again.filled, job)
        }
        _ => Vec::new(),
    };
    let summary = why.map(|why| summary(job, &flaws, why));
    let lines = effects(&shown, why);
    let ticked = again.as_ref().map_or(job.options, |again| again.ticked);
    FrameContext::expect().name_page(heading.clone());
    let path = format!("/bulk/preview/{}", job.id);
    let filled = again.map(|again| again.filled).unwrap_or_default();
    let undo = undone(&shown);
    let (fields, footer) = if shown.may {
        (fields(job, &filled, &flaws), footer(job, shown.now))
    } else {
        let words = "You need the role operator to confirm this.";
        let words = view! { <p class="text-table text-muted">{words}</p> }.into_any();
        (words, ().into_any())
    };
    let home = job.what.subjects.path();
    view! {
        <div class="confirm-page max-w-180!">
            <header class="dialog-head">
                <h1 class="wrap-anywhere">{heading}</h1>
                {taken(&shown)}
            </header>
            <div class="dialog-body">
                {summary}
                {unresolved(job)}
                {lines}
                <form id="confirm" method="post" action=path class="contents" novalidate=true>
                    <input type="hidden" name="token" value=shown.token.clone()/>
                    {(shown.may && job.changing > 0).then(by_enter)}
                    {options(job, ticked)}
                    {(job.changing > 0).then_some(undo)}
                    {fields}
                </form>
            </div>
            <footer class="dialog-foot max-md:static!">
                <a class=button::NEUTRAL href=home>"Cancel"</a>
                {footer}
            </footer>
        </div>
        <script type="module" nonce=use_nonce()>{include_str!("preview.js")}</script>
        {counting()}
    }
    .into_any()
}

/// Where the figures come from, how old they are and how long they hold.
fn taken(shown: &Shown) -> AnyView {
    let job = &shown.job;
    let selected = match &shown.undoes {
        Some(undoes) => wording::undoing(job, undoes),
        None => wording::selected(job),
    };
    let at = time::stamp(
        job.created_at,
        format!("{} UTC", time::clock(job.created_at)),
    );
    let until = time::stamp(
        job.expires_at,
        format!("{} UTC", time::clock(job.expires_at)),
    );
    view! {
        <p class="mt-0.5 flex flex-wrap gap-x-2 text-small text-muted tabular-nums">
            <span>{selected}<span class="max-md:hidden" aria-hidden="true">" ·"</span></span>
            <span>"Figures of "{at}", good until "{until}</span>
        </p>
    }
    .into_any()
}

/// What of a list names no row, or several.
fn unresolved(job: &Job) -> AnyView {
    let told = &job.unresolved;
    let part = |count: u64, first: &[String], words: &str| {
        (count > 0).then(|| {
            let all = first.join("\n");
            view! {
                <details>
                    <summary class="link cursor-pointer">{format!("{} {words}", group_thousands(count))}</summary>
                    <pre class="max-h-40 overflow-y-auto font-mono text-small" tabindex="0">{all}</pre>
                </details>
            }
        })
    };
    if told.not_found_count + told.ambiguous_count == 0 {
        return ().into_any();
    }
    let body = view! {
        {part(told.not_found_count, &told.not_found, "of the list not found")}
        {part(told.ambiguous_count, &told.ambiguous, "of the list name several rows, and so none")}
    };
    banner(Tone::Warn, icons::ALERT, body, ())
}

fn effects(shown: &Shown, why: Option<&Why>) -> AnyView {
    let job = &shown.job;
    let lines = wording::lines(job, shown.before.as_ref());
    let changed = shown.before.as_ref().map(|_| {
        let sentence = match why {
            Some(Why::Refused(_)) => confirm_wording::changed_sentence(&lines),
            _ => wording::counted_again(&lines),
        };
        let asked_for = matches!(why, Some(Why::CountedAgain));
        view! { <p class="mt-2 text-small text-muted" tabindex="-1" autofocus=asked_for>{sentence}</p> }
    });
    let before = shown.before.as_ref();
    let before = before.map(|before| format!("before={}&", before.id));
    let ways = format!(
        "/bulk/preview/{}?{}rows=",
        job.id,
        before.unwrap_or_default()
    );
    let rows = shown.opened.as_ref();
    let rows = rows.map(|opened| rows_shown(job, opened, &ways));
    view! {
        <section id="confirm-effects" tabindex="-1" class="[--fig-narrow:62px] [--fig:72px]">
            {effects_list("What will happen", lines, Some(&ways))}
            {changed}
            {left_alone(job, &ways)}
            {rows}
        </section>
    }
    .into_any()
}

/// A link to the rows that no line counts.
fn left_alone(job: &Job, ways: &str) -> AnyView {
    if job.changing == job.total {
        return ().into_any();
    }
    let href = format!("{ways}{}#rows", wording::LEFT_ALONE);
    view! {
        <p class="mt-2 text-small"><a class="link inline-block min-h-6" href=href>"Rows that are left as they are"</a></p>
    }
    .into_any()
}

fn rows_shown(job: &Job, opened: &Opened, ways: &str) -> AnyView {
    let (name, after) = (opened.name.as_str(), opened.after);
    let lines = opened
        .rows
        .iter()
        .map(|item| {
            let href = format!("{}/{}", job.what.subjects.path(), item.object_id);
            view! {
                <tr>
                    <th scope="row" class="py-1.5! text-left font-normal whitespace-normal!"><a class="hover:underline" href=href><bdi>{item.name.clone()}</bdi></a></th>
                    <td class="q py-1.5! whitespace-normal!">{wording::foreseen(job, item, name)}</td>
                </tr>
            }
        })
        .collect_view();
    let count = opened.rows.len() as u64;
    let shown = match (after, opened.more, count) {
        (0, false, 1) => "1 row".to_owned(),
        (0, false, _) => format!("{count} rows"),
        (0, true, _) => format!("The first {count} rows"),
        (_, _, 0) => "No more rows".to_owned(),
        _ => format!(
            "Rows {} to {}",
            group_thousands(u64::from(after) + 1),
            group_thousands(u64::from(after) + count)
        ),
    };
    let to = |after: u32, words: &'static str| {
        let href = format!("{ways}{name}&after={after}#rows");
        view! { <a class="link inline-flex min-h-6 items-center" href=href>{words}</a> }
    };
    let earlier = (after > 0).then(|| to(after.saturating_sub(PAGE_ROWS_MAX), "Earlier rows"));
    let later = opened
        .more
        .then(|| to(after.saturating_add(PAGE_ROWS_MAX), "Later rows"));
    let (label, sight) = (shown.clone(), shown.clone());
    let row = wording::row(job.what);
    view! {
        <div id="rows" class="mt-2 max-h-80 overflow-y-auto rounded-card border border-border" tabindex="0" role="region" aria-label=label>
            <table class="table">
                <caption class="sr-only">{shown}</caption>
                <thead><tr><th scope="col">{row}</th><th scope="col">"What happens to it"</th></tr></thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
        <p class="mt-1 flex items-center gap-4 text-small text-muted">
            <span class="tabular-nums" aria-hidden="true">{sight}</span>
            {earlier}
            {later}
        </p>
    }
    .into_any()
}

fn undone(shown: &Shown) -> AnyView {
    let job = &shown.job;
    let asked = Asked {
        transition: job.what.transition,
        options: job.options.archive,
        preview: wording::as_preview(job),
        idempotency_key: String::new(),
        unarchive_allowed: shown.unarchive_allowed,
        answered: None,
    };
    let undo = undo::undo(job.what.subjects, &asked);
    let cannot = match &shown.undoes {
        Some(undoes) => undo::stays(job.what.subjects, &undoes.done),
        None => undo.cannot,
    };
    let cannot = cannot.map(|cannot| {
        view! {
            <dt class="font-medium text-danger">{undo.cannot_label}</dt>
            <dd>{cannot}</dd>
        }
    });
    view! {
        <dl class="grid gap-x-3 gap-y-0.5 text-table md:grid-cols-[max-content_1fr]">
            <dt class="font-medium">{undo.can_label}</dt>
            <dd class="max-md:mb-1.5">{undo.can}</dd>
            {cannot}
        </dl>
    }
    .into_any()
}
