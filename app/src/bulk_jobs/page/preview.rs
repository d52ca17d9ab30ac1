//! A preview, and the form that confirms it.

use crate::{
    bulk_jobs::{
        Item, ItemState, Job, Origin, Results,
        rules::{Filled, flaws},
        service, wording,
    },
    confirm::{Asked, Flaw, Transition, asks_reason, presets, undo, wording as confirm_wording},
    context::Ctx,
    customers::ArchiveOptions,
    error::AppError,
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
        field, icons, time, title,
        waiting::waiting,
    },
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

/// In the URL: the rows that need nothing, or that the rules refuse.
const LEFT_ALONE: &str = "left";

/// A form that was not enough, on its way to the page that shows it again; where the rows moved, with a newer preview.
#[derive(Debug, Clone)]
pub struct Unconfirmed {
    pub id: BulkJobId,
    pub filled: Filled,
    pub problem: Option<AppError>,
}

/// What the page is made of.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Shown {
    job: Job,
    token: String,
    /// The preview that these figures replace.
    before: Option<Job>,
    /// The rows of a line that was opened.
    rows: Option<Vec<Item>>,
    unarchive_allowed: bool,
    now: DateTime<Utc>,
}

/// Shows one's own preview, and asks for the press of a button.
#[component]
pub fn PreviewPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let again: Option<Unconfirmed> = use_context();
    let id = again.as_ref().map(|again| again.id);
    let id = id.or_else(|| params.with_untracked(|params| params.get("id")?.parse().ok()));
    let opened = query.with_untracked(|query| query.get("rows"));
    let key = format!("{id:?} {opened:?}");
    let shown = Fetched::new(move || key.clone(), move || read(id, opened.clone()));
    waiting(move || match shown.get() {
        None => ().into_any(),
        Some(Ok(shown)) => page(shown, again.clone()),
        Some(Err(error)) => failed_page("The preview", &error),
    })
}

async fn read(id: Option<BulkJobId>, opened: Option<String>) -> Result<Shown, AppError> {
    let ctx = Ctx::of_request()?;
    let id = id.ok_or(AppError::NotFound(crate::error::Noun::BulkJob))?;
    let asked = service::preview_of(&ctx, id).await?;
    let before = match asked.job.origin {
        Some(Origin::Preview(before)) => Some(service::find(&ctx, before).await?),
        _ => None,
    };
    let kinds = opened.as_deref().and_then(wording::kinds_of);
    let rows = match (kinds, opened.as_deref()) {
        (Some(kinds), _) => Some(service::rows_with(&ctx, &asked.job, kinds).await?),
        (None, Some(LEFT_ALONE)) => {
            let left = Results::Of(ItemState::Skipped);
            let page = service::items(&ctx, &asked.job, left, None, PAGE_ROWS_MAX).await?;
            Some(page.items)
        }
        (None, _) => None,
    };
    Ok(Shown {
        token: asked.token.to_string(),
        job: asked.job,
        before,
        rows,
        unarchive_allowed: ctx.settings.unarchive == crate::context::Unarchive::Allowed,
        now: ctx.now(),
    })
}

fn page(shown: Shown, again: Option<Unconfirmed>) -> AnyView {
    let job = &shown.job;
    let heading = match job.changing {
        0 => format!("Nothing to {}", job.what.transition.as_str()),
        some => wording::title(job.what, some),
    };
    let again = again.map(|again| (flaws(&again.filled, job), again));
    title::set(match &again {
        Some(_) => format!("Error: {heading}"),
        None => heading.clone(),
    });
    FrameContext::expect().name_page(heading.clone());
    let path = format!("/bulk/preview/{}", job.id);
    let filled = again
        .as_ref()
        .map(|(_, again)| again.filled.clone())
        .unwrap_or_default();
    let flaws = again
        .as_ref()
        .map(|(flaws, _)| flaws.clone())
        .unwrap_or_default();
    let problem = again.and_then(|(_, again)| again.problem);
    let summary = summary(job, &flaws, problem.as_ref());
    let lines = effects(&shown);
    let undo = undone(&shown);
    let fields = fields(job, &filled, &flaws);
    let footer = footer(job, shown.now);
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
                {options(job, &path)}
                {(job.changing > 0).then_some(undo)}
                <form id="confirm" method="post" action=path class="grid gap-3" novalidate=true>
                    <input type="hidden" name="token" value=shown.token.clone()/>
                    {fields}
                </form>
            </div>
            <footer class="dialog-foot max-md:static!">
                <a class=button::NEUTRAL href=home>"Cancel"</a>
                {footer}
            </footer>
        </div>
    }
    .into_any()
}

/// Where the figures come from, how old they are and how long they hold.
fn taken(shown: &Shown) -> AnyView {
    let job = &shown.job;
    let selected = wording::selected(job);
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
            <span>{selected}" ·"</span>
            <span>"Figures of "{at}", good until "{until}</span>
        </p>
    }
    .into_any()
}

fn summary(job: &Job, flaws: &[Flaw], problem: Option<&AppError>) -> AnyView {
    let (lead, links) = match problem {
        Some(problem) => (format!("{problem}."), Vec::new()),
        None if flaws.is_empty() => return ().into_any(),
        None => (
            confirm_wording::flawed(job.what.transition, flaws),
            flaws.to_vec(),
        ),
    };
    let links = links
        .into_iter()
        .map(|flaw| {
            let href = format!("#confirm-{}", flaw.field());
            view! { <li><a class="link inline-block min-h-6" href=href>{flaw.sentence(job.changing)}</a></li> }
        })
        .collect_view();
    let body = view! {
        <h2 class="text-table font-semibold text-danger">{lead}</h2>
        <ul>{links}</ul>
    };
    view! { <div id="confirm-summary" tabindex="-1" autofocus=true>{banner(Tone::Bad, icons::ALERT, body, ())}</div> }
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

fn effects(shown: &Shown) -> AnyView {
    let job = &shown.job;
    let lines = wording::lines(job, shown.before.as_ref());
    let changed = shown.before.is_some().then(|| {
        view! { <p class="mt-2 text-small text-muted">{confirm_wording::changed_sentence(&lines)}</p> }
    });
    let rows = shown.rows.as_ref().map(|rows| rows_shown(job, rows));
    view! {
        <section id="confirm-effects" tabindex="-1" class="[--fig:72px]">
            {effects_list("What will happen", lines)}
            {changed}
            {ways_to_rows(job)}
            {rows}
        </section>
    }
    .into_any()
}

/// A link to the rows of each line that has some.
fn ways_to_rows(job: &Job) -> AnyView {
    let counts = job.foreseen.counts();
    let some = |kinds: &[&str]| {
        counts
            .iter()
            .any(|(name, count)| *count > 0 && kinds.contains(name))
    };
    let mut ways: Vec<(&str, &str)> = wording::OPENED
        .into_iter()
        .filter(|(_, kinds, _)| some(kinds))
        .map(|(word, _, label)| (word, label))
        .collect();
    if job.changing < job.total {
        ways.push((LEFT_ALONE, "left as they are"));
    }
    if ways.is_empty() {
        return ().into_any();
    }
    let links = ways
        .into_iter()
        .map(|(word, label)| {
            let href = format!("/bulk/preview/{}?rows={word}#rows", job.id);
            view! { <li><a class="link inline-block min-h-6" href=href>{label}</a></li> }
        })
        .collect_view();
    view! {
        <nav aria-label="Rows" class="mt-2 text-small">
            <ul class="flex flex-wrap gap-x-3"><li class="text-muted">"Show rows:"</li>{links}</ul>
        </nav>
    }
    .into_any()
}

fn rows_shown(job: &Job, rows: &[Item]) -> AnyView {
    let lines = rows
        .iter()
        .map(|item| {
            let href = format!("{}/{}", job.what.subjects.path(), item.object_id);
            view! {
                <tr>
                    <th scope="row" class="text-left font-normal whitespace-normal!"><a class="hover:underline" href=href><bdi>{item.name.clone()}</bdi></a></th>
                    <td class="q whitespace-normal!">{wording::foreseen(job, item)}</td>
                </tr>
            }
        })
        .collect_view();
    let shown = match rows.len() {
        100 => "The first 100 rows".to_owned(),
        count => format!("{count} rows"),
    };
    let label = shown.clone();
    let row = wording::row(job.what);
    view! {
        <div id="rows" class="mt-2 max-h-80 overflow-y-auto rounded-card border border-border" tabindex="0" role="region" aria-label=label>
            <table class="table">
                <caption class="sr-only">{shown}</caption>
                <thead><tr><th scope="col">{row}</th><th scope="col">"What happens to it"</th></tr></thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Other options are another preview of the same rows.
fn options(job: &Job, path: &str) -> AnyView {
    let archives = job.what.transition == Transition::Archive;
    let of_customers = job.what.subjects == crate::confirm::Subjects::Customers;
    let given = job.options;
    let option = |name: &'static str, label: &'static str, ticked: bool| {
        view! { <label class="choice"><input type="checkbox" name=name checked=ticked/>{label}</label> }.into_any()
    };
    let ArchiveOptions {
        archive_configurations,
        release_aliases,
        keep_paid_invoices,
    } = given.archive;
    let of_archive = (archives && of_customers).then(|| {
        view! {
            {option("archive_configurations", "Also archive their configurations", archive_configurations)}
            {option("release_aliases", "Release ingest aliases", release_aliases)}
            {option("keep_paid_invoices", "Keep paid invoices as they are", keep_paid_invoices)}
        }
    });
    let small = job.changing <= crate::bulk_jobs::rules::ALL_OR_NOTHING_ROWS_MAX;
    let whole = small.then(|| option("all_or_nothing", "All or nothing", given.all_or_nothing));
    if of_archive.is_none() && whole.is_none() {
        return ().into_any();
    }
    view! {
        <form method="post" action=path.to_owned() class="flex flex-wrap items-center gap-x-5 gap-y-1">
            <fieldset class="choices">
                <legend class="sr-only">"Options"</legend>
                {of_archive}
                {whole}
            </fieldset>
            <button class=button::NEUTRAL_SMALL name="do" value="options">"Preview again"</button>
        </form>
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
    let cannot = undo.cannot.map(|cannot| {
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

fn fields(job: &Job, filled: &Filled, flaws: &[Flaw]) -> AnyView {
    if job.changing == 0 {
        return ().into_any();
    }
    let asked_for = asks_reason(job.what.transition);
    let presets = asked_for.then(|| presets(filled.preset));
    let wrong = |field: &str| {
        let flaw = flaws.iter().find(|flaw| flaw.field() == field);
        flaw.map(|flaw| flaw.sentence(job.changing))
    };
    let note_flaw = wrong("note");
    let number_flaw = wrong("number");
    let number = (job.changing >= 2).then(|| {
        view! {
            <div class="grid gap-1">
                <label class="flex items-center gap-2.5 text-table">
                    <span>"Type "<b class="font-semibold">{group_thousands(job.changing)}</b>" to confirm"</span>
                    <input
                        id="confirm-number"
                        name="number"
                        class=format!("{} max-w-22 tabular-nums", field::INPUT)
                        inputmode="numeric"
                        autocomplete="off"
                        value=filled.number.clone()
                        aria-invalid=number_flaw.as_ref().map(|_| "true")
                        aria-describedby=number_flaw.as_ref().map(|_| "confirm-number-flaw")
                    />
                </label>
                {number_flaw.map(|sentence| field::flaw("confirm-number-flaw", sentence))}
            </div>
        }
    });
    let date_flaw = wrong("run_on");
    view! {
        <fieldset class="grid gap-1">
            <legend class="text-label">{if asked_for { "Reason" } else { "Reason (optional)" }}</legend>
            {presets}
            <input
                id="confirm-note"
                name="note"
                class=field::INPUT
                aria-label="Ticket or note"
                placeholder="Ticket or note"
                autocomplete="off"
                value=filled.note.clone()
                aria-invalid=note_flaw.as_ref().map(|_| "true")
                aria-describedby=note_flaw.as_ref().map(|_| "confirm-note-flaw")
            />
            {note_flaw.map(|sentence| field::flaw("confirm-note-flaw", sentence))}
        </fieldset>
        <div class="grid gap-1">
            <label class="flex flex-wrap items-center gap-2.5 text-table">
                <span>"Not before (optional)"</span>
                <input
                    id="confirm-run_on"
                    type="date"
                    name="run_on"
                    class=format!("{} max-w-40 tabular-nums", field::INPUT)
                    value=filled.run_on.clone()
                    aria-invalid=date_flaw.as_ref().map(|_| "true")
                    aria-describedby="confirm-run_on-hint"
                />
            </label>
            {date_flaw.map(|sentence| field::flaw("confirm-run_on-flaw", sentence))}
            <p id="confirm-run_on-hint" class="text-small text-muted">
                "On that day at 00:00 UTC it is looked at again. Where it would then do more than this, it waits for you instead."
            </p>
        </div>
        {number}
    }
    .into_any()
}

fn footer(job: &Job, now: DateTime<Utc>) -> AnyView {
    if job.confirmed_at.is_some() {
        return view! { <a class=button::PRIMARY href=format!("/jobs/{}", job.id)>"Go to its job"</a> }.into_any();
    }
    if job.state.is_over() || job.expires_at <= now {
        return view! {
            <form method="post" action=format!("/bulk/preview/{}", job.id)>
                <button class=button::PRIMARY name="do" value="preview">"Preview again"</button>
            </form>
        }
        .into_any();
    }
    if job.changing == 0 {
        return ().into_any();
    }
    let look = match job.what.transition {
        Transition::Archive => button::CONFIRM,
        Transition::Unarchive => button::PRIMARY,
    };
    let label = confirm_wording::button_of(
        job.what.subjects,
        job.what.transition,
        usize::try_from(job.changing).unwrap_or(usize::MAX),
        &job.foreseen,
    );
    let class = format!("{look} max-md:flex-1 max-md:whitespace-normal");
    let hint = format!(
        "Starts {} s after this",
        group_thousands(crate::bulk_jobs::rules::HOLD.num_seconds().unsigned_abs())
    );
    view! {
        <span class="text-small text-muted max-md:w-full">{hint}</span>
        <button type="submit" form="confirm" class=class>{label}</button>
    }
    .into_any()
}
