//! What a preview asks for: its options, a reason, a day, the number typed out, and the press of a button.

use crate::{
    bulk_jobs::{
        Job, JobOptions,
        page::preview::Why,
        rules::{self, ALL_OR_NOTHING_ROWS_MAX, Filled, HOLD},
    },
    confirm::{Flaw, Transition, Wrong, number_field, reason_field, wording},
    customers::ArchiveOptions,
    money::group_thousands,
    ui::{
        banner::{Tone, banner},
        button, field, icons,
    },
};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use std::sync::Arc;

/// Why a form was not enough.
pub(super) fn summary(job: &Job, flaws: &[Flaw], why: &Why) -> AnyView {
    let (lead, links) = match why {
        Why::Flawed => (wording::flawed(job.what.transition, flaws), flaws.to_vec()),
        Why::Refused(problem) => (problem.sentence(), Vec::new()),
        Why::OtherOptions => (OTHER_OPTIONS.to_owned(), Vec::new()),
        Why::CountedAgain => return ().into_any(),
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

const OTHER_OPTIONS: &str = "Nothing was done yet: you changed the options. These are the figures with them. Read them, then press the button again.";

/// Enter in a field presses the first button of the form, which is to be the large one, not the small one beside the options.
pub(super) fn by_enter() -> AnyView {
    view! { <button class="sr-only" tabindex="-1" aria-hidden="true">"Confirm"</button> }.into_any()
}

/// Options, and the button by which their figures are counted: others are another preview of the same rows.
pub(super) fn options(job: &Job, given: JobOptions) -> AnyView {
    let option = |name: &'static str, label: &'static str, ticked: bool| {
        view! { <label class="choice"><input type="checkbox" name=name checked=ticked/>{label}</label> }.into_any()
    };
    let ArchiveOptions {
        archive_configurations,
        release_aliases,
        keep_paid_invoices,
    } = given.archive;
    let of_archive = rules::offers_archive_options(job.what).then(|| {
        view! {
            {option("archive_configurations", "Also archive their configurations", archive_configurations)}
            {option("release_aliases", "Release ingest aliases", release_aliases)}
            {option("keep_paid_invoices", "Keep paid invoices as they are", keep_paid_invoices)}
        }
    });
    let small = job.changing <= ALL_OR_NOTHING_ROWS_MAX;
    let whole = small.then(|| option("all_or_nothing", "All or nothing", given.all_or_nothing));
    let choices = (of_archive.is_some() || whole.is_some()).then(|| {
        view! {
            <fieldset class="choices">
                <legend class="sr-only">"Options"</legend>
                {of_archive}
                {whole}
            </fieldset>
        }
    });
    view! {
        <div class="flex flex-wrap items-center gap-x-5 gap-y-1">
            <input type="hidden" name="boxes" value="1"/>
            {choices}
            <button class=button::NEUTRAL_SMALL name="do" value="options" data-counts="">"Preview again"</button>
        </div>
    }
    .into_any()
}

pub(super) fn fields(job: &Job, filled: &Filled, flaws: &[Flaw]) -> AnyView {
    if job.changing == 0 {
        return ().into_any();
    }
    let changing = job.changing;
    let wrong = |field: &str| {
        let flaw = flaws.iter().find(|flaw| flaw.field() == field);
        flaw.map(|flaw| flaw.sentence(changing))
    };
    let told = |field: &str| -> Wrong {
        let wrong = wrong(field);
        Arc::new(move || wrong.clone())
    };
    let reason = reason_field(
        job.what.transition,
        filled.preset,
        filled.note.clone(),
        told("note"),
    );
    let number = (changing >= 2).then(|| {
        let rows = group_thousands(changing).into_any();
        number_field(rows, filled.number.clone(), told("number"))
    });
    view! {
        {reason}
        {day(filled, wrong("run_on"))}
        {number}
    }
    .into_any()
}

fn day(filled: &Filled, flaw: Option<String>) -> AnyView {
    view! {
        <div class="grid gap-1">
            <label class="flex flex-wrap items-center gap-2.5 text-table">
                <span>"Not before (optional)"</span>
                <input
                    id="confirm-run_on"
                    type="date"
                    name="run_on"
                    class=format!("{} max-w-40 tabular-nums", field::INPUT)
                    value=filled.run_on.clone()
                    aria-invalid=flaw.as_ref().map(|_| "true")
                    aria-describedby="confirm-run_on-hint"
                />
            </label>
            {flaw.map(|sentence| field::flaw("confirm-run_on-flaw", sentence))}
            <p id="confirm-run_on-hint" class="text-small text-muted">
                "On that day at 00:00 UTC it is looked at again. Where it would then do more than this, it waits for you instead."
            </p>
        </div>
    }
    .into_any()
}

/// The button: to confirm, or to what can be done with a preview that is no longer good.
pub(super) fn footer(job: &Job, now: DateTime<Utc>) -> AnyView {
    if job.confirmed_at.is_some() {
        return view! { <a class=button::PRIMARY href=format!("/jobs/{}", job.id)>"Go to its job"</a> }.into_any();
    }
    if job.state.is_over() || job.expires_at <= now {
        return view! {
            <button class=button::PRIMARY form="confirm" name="do" value="options" data-counts="">"Preview again"</button>
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
    let label = wording::button_of(
        job.what.subjects,
        job.what.transition,
        usize::try_from(job.changing).unwrap_or(usize::MAX),
        &job.foreseen,
    );
    let class = format!("{look} max-md:flex-1 max-md:whitespace-normal");
    let hint = format!(
        "Starts {} s after this",
        group_thousands(HOLD.num_seconds().unsigned_abs())
    );
    view! {
        <span class="text-small text-muted max-md:w-full">{hint}</span>
        <button type="submit" form="confirm" class=class>{label}</button>
    }
    .into_any()
}
