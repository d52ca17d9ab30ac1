//! What is said of jobs and their rows, in plain words. Pure.

use super::{Figure, Item, ItemState, Job, JobState, Origin, PausedBecause, What};
use crate::{
    confirm::{Subjects, Transition, wording},
    effects::{Preview, Tally},
    effects_text::{self, plain},
    listing,
    money::group_thousands,
    selection::SelectionSummary,
    ui::{effects::Line, time},
};

/// `Archive 12,407 customers`.
pub fn title(what: What, rows: u64) -> String {
    let noun = what
        .subjects
        .noun(usize::try_from(rows).unwrap_or(usize::MAX));
    format!(
        "{} {} {noun}",
        what.transition.verb(),
        group_thousands(rows)
    )
}

/// The heading of a column of rows.
pub fn row(what: What) -> &'static str {
    match what.subjects {
        Subjects::Customers => "Customer",
        Subjects::Configurations => "Configuration",
    }
}

/// What came of a row.
pub fn message(job: &Job, item: &Item) -> String {
    let result = &item.result;
    match (result.state, result.code.as_deref()) {
        (ItemState::Pending, _) => match job.state {
            JobState::Cancelled => "Left as it was: the job was cancelled".to_owned(),
            _ => "Waiting".to_owned(),
        },
        (ItemState::Ok, _) => match job.what.transition {
            Transition::Archive => "Archived".to_owned(),
            Transition::Unarchive => "Unarchived".to_owned(),
        },
        (_, Some("already_archived")) => match result.since {
            Some(at) => format!("Already archived {}", time::day(at.date_naive())),
            None => "Already archived".to_owned(),
        },
        (_, Some("already_active")) => "Already active".to_owned(),
        (_, Some("all_or_nothing")) => "Left as it was, because another row failed".to_owned(),
        (_, Some("changed_since_preview")) => {
            "Changed since the preview, and so left as it was".to_owned()
        }
        (_, code) => result
            .detail
            .clone()
            .unwrap_or_else(|| code.unwrap_or("Unknown").to_owned()),
    }
}

/// The state, as a badge says it.
pub fn state(state: JobState) -> &'static str {
    match state {
        JobState::Previewed => "Preview",
        JobState::Expired => "Expired",
        JobState::Scheduled => "Scheduled",
        JobState::Held => "Starting",
        JobState::Running => "Running",
        JobState::Paused => "Paused",
        JobState::Completed => "Completed",
        JobState::CompletedWithFailures => "Completed with failures",
        JobState::Cancelled => "Cancelled",
    }
}

/// How the rows were chosen: `All customers that match “acme”, status active, except 1`.
pub fn selected(job: &Job) -> String {
    let rows = |count: u64| {
        wording::counted(
            job.what.subjects,
            usize::try_from(count).unwrap_or(usize::MAX),
        )
    };
    match (&job.selection, job.origin) {
        (_, Some(Origin::Retry(_))) => format!("{} that failed before", rows(job.total)),
        (_, Some(Origin::Undo(_))) => format!("{} that nobody has touched since", rows(job.total)),
        (SelectionSummary::Named, _) => format!("{} chosen", rows(job.total)),
        (SelectionSummary::AllMatching { filter, except }, _) => {
            let all = format!("All {}", job.what.subjects.noun(2));
            let mut sentence = match listing::wording::filter(filter.as_list()) {
                words if words.is_empty() => all,
                words => format!("{all} that match {words}"),
            };
            if *except > 0 {
                sentence.push_str(&format!(", except {}", group_thousands(*except)));
            }
            sentence
        }
    }
}

/// The rows that an undo is about, and how many that the job archived it is not.
pub fn undoing(job: &Job, undoes: &Job) -> String {
    let chosen = selected(job);
    match undoes.results.ok.saturating_sub(job.total) {
        0 => chosen,
        1 => format!("{chosen}; 1 changed since, and stays as it is"),
        touched => format!(
            "{chosen}; {} changed since, and stay as they are",
            group_thousands(touched)
        ),
    }
}

/// What the first line of a preview opens, and the link to the rows that no line counts.
const CHANGING: &str = "changing";
pub const LEFT_ALONE: &str = "left";

/// The rows that a line opens, by the name that it gives them.
pub fn opened(name: &str) -> Option<Figure> {
    match name {
        CHANGING => Some(Figure::Changing),
        LEFT_ALONE => Some(Figure::LeftAlone),
        wording::NOTIFICATIONS => Some(Figure::WithNotifications),
        name => effects_text::counts_of(name).map(Figure::With),
    }
}

/// What an opened line counts of a row; of one that is left alone, why.
pub fn foreseen(job: &Job, item: &Item, name: &str) -> String {
    let told = match opened(name) {
        Some(Figure::With(_)) => effects_text::line_of(name, &item.result.tally, job.created_at),
        Some(Figure::WithNotifications) => {
            let (count, transition) = (item.notifications, job.what.transition);
            let words = wording::notifications_move(transition, count);
            Some(format!("{} {words}", group_thousands(count)))
        }
        _ => None,
    };
    told.unwrap_or_else(|| match item.result.state {
        ItemState::Pending => effects(&item.result.tally),
        _ => message(job, item),
    })
}

/// `2 contracts archived, 3 invoices voided (EUR 9,440.15)`, or that there is nothing more to it.
pub fn effects(tally: &Tally) -> String {
    match effects_text::told(tally) {
        nothing if nothing.is_empty() => "Nothing else changes".to_owned(),
        told => told,
    }
}

/// The preview of a job as one of a few rows, for the words that both share.
pub fn as_preview(job: &Job) -> Preview {
    Preview {
        taken_at: job.created_at,
        subjects: Vec::new(),
        tally: job.foreseen.clone(),
        examples: Vec::new(),
        notifications: job.notifications,
    }
}

/// What a job will do, one line a kind; where `before` is given, with what each figure was then.
pub fn lines(job: &Job, before: Option<&Job>) -> Vec<Line> {
    let changing = job.changing;
    let noun = job
        .what
        .subjects
        .noun(usize::try_from(changing).unwrap_or(usize::MAX));
    let (done, already) = match job.what.transition {
        Transition::Archive => ("archived", "already archived"),
        Transition::Unarchive => ("unarchived", "already active"),
    };
    let skipped = job.total.saturating_sub(changing + job.blocked);
    let told = [(skipped, already), (job.blocked, "blocked")];
    let split = told.into_iter().filter(|(count, _)| *count > 0);
    let split = split.map(|(count, word)| plain(format!("{} {word}", group_thousands(count))));
    let of_customers = job.what.subjects == Subjects::Customers;
    // Of customers, the line of configurations tells it.
    let freed = effects_text::keys_freed(job.foreseen.uniqueness_keys_freed);
    let freed = freed.filter(|_| !of_customers);
    let archives = job.what.transition == Transition::Archive;
    let mut lines = vec![Line {
        figure: changing,
        was: before
            .map(|before| before.changing)
            .filter(|was| *was != changing),
        words: match changing {
            0 => format!("No {noun} will be {done}"),
            _ => format!("{noun} {done}"),
        },
        split: split.chain(freed).collect(),
        opens: if changing > 0 { CHANGING } else { "" },
        ..Line::default()
    }];
    let preview = as_preview(job);
    let before = before.map(|before| &before.foreseen);
    lines.extend(effects_text::lines(
        &preview,
        before,
        !of_customers,
        of_customers && archives && changing > 0,
    ));
    lines.extend(wording::notifications(
        job.what.transition,
        job.notifications,
    ));
    lines
}

/// What a preview that was asked for again found.
pub fn counted_again(lines: &[Line]) -> String {
    match lines.iter().filter(|line| line.changed()).count() {
        0 => "Counted again: no figure changed.".to_owned(),
        1 => "Counted again: 1 figure changed.".to_owned(),
        count => format!("Counted again: {count} figures changed."),
    }
}

/// Why a job stands still, and what to do about it.
pub fn paused(because: PausedBecause) -> &'static str {
    match because {
        PausedBecause::Person => "Paused. Rows that were done stay so; the others wait.",
        PausedBecause::EffectsGrew => {
            "On its day this would have done more than was confirmed, so nothing was done. Preview it again to see what grew: confirming that replaces this job. Or resume it, and rows that changed since the preview are left alone."
        }
        PausedBecause::NotAllowed => {
            "Whoever confirmed this may not do it any more, so the rest was not done. Stop it for good, and choose the rows that are left yourself."
        }
    }
}

/// `6,214 of 10,000`
pub fn done_of(job: &Job) -> String {
    format!(
        "{} of {}",
        group_thousands(job.processed()),
        group_thousands(job.changing)
    )
}

/// `6,214 of 10,000 – 5 failed – about 30 s left`.
pub fn progress(job: &Job, seconds_left: Option<u64>) -> String {
    let mut parts = vec![done_of(job)];
    if job.results.failed > 0 {
        parts.push(format!("{} failed", group_thousands(job.results.failed)));
    }
    parts.extend(seconds_left.map(|seconds| match seconds {
        0 => "almost done".to_owned(),
        1..120 => format!("about {seconds} s left"),
        more => format!("about {} min left", more.div_ceil(60)),
    }));
    parts.join(" – ")
}
