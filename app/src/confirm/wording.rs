//! What the confirm form says about a preview: its heading, its lines, and what the button will do. Pure.

use super::{Asked, Flaw, Subjects, Transition};
use crate::{
    effects::{Preview, Tally, Verdict},
    effects_text::{self, plain, plural},
    money::group_thousands,
    ui::effects::Line,
};

/// The object of the heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// By its name, which may be in any script.
    One(String),
    /// `12 customers`.
    Many(String),
}

impl Object {
    pub fn of(noun: Subjects, preview: &Preview) -> Self {
        match preview.subjects.as_slice() {
            [one] => Self::One(one.name.clone()),
            many => Self::Many(counted(noun, many.len())),
        }
    }

    pub fn text(&self) -> &str {
        match self {
            Self::One(text) | Self::Many(text) => text,
        }
    }
}

/// `12 customers`.
pub fn counted(noun: Subjects, count: usize) -> String {
    format!("{} {}", group_thousands(count as u64), noun.noun(count))
}

/// What will happen, one line a kind. The first line counts the rows themselves.
pub fn lines(noun: Subjects, asked: &Asked, before: Option<&Tally>) -> Vec<Line> {
    let preview = &asked.preview;
    let (done, already) = match asked.transition {
        Transition::Archive => ("archived", "already archived"),
        Transition::Unarchive => ("unarchived", "already active"),
    };
    let skipped_since = match asked.transition {
        Transition::Archive => "archived",
        Transition::Unarchive => "already active",
    };
    let changes = preview.changes();
    let mut split = Vec::new();
    if preview.skipped() > 0 {
        split.push(plain(format!(
            "{} {already}",
            group_thousands(preview.skipped() as u64)
        )));
    }
    if preview.blocked() > 0 {
        split.push(plain(format!(
            "{} blocked",
            group_thousands(preview.blocked() as u64)
        )));
    }
    if noun == Subjects::Configurations {
        split.extend(effects_text::keys_freed(
            preview.tally.uniqueness_keys_freed,
        ));
    }
    let single = preview.subjects.len() == 1 && changes == 1;
    let rows = if single {
        Vec::new()
    } else {
        effects_text::subject_rows(preview, skipped_since)
    };
    let mut lines = vec![Line {
        figure: changes as u64,
        words: format!("{} {done}", noun.noun(changes)),
        split,
        more: if single {
            0
        } else {
            (preview.subjects.len() - rows.len()) as u64
        },
        rows,
        ..Line::default()
    }];
    let of_customers = noun == Subjects::Customers;
    let tells_no_invoices = of_customers && asked.transition == Transition::Archive && changes > 0;
    lines.extend(effects_text::lines(
        preview,
        before,
        !of_customers,
        tells_no_invoices,
    ));
    lines.extend(notifications(asked.transition, preview.notifications));
    lines
}

/// The name that the line of notifications opens.
pub const NOTIFICATIONS: &str = "notifications";

/// What becomes of notifications, where there are any.
pub fn notifications(transition: Transition, count: u64) -> Option<Line> {
    (count > 0).then(|| Line {
        figure: count,
        words: notifications_move(transition, count).to_owned(),
        split: match transition {
            Transition::Archive => vec![plain("back with an unarchive".to_owned())],
            Transition::Unarchive => Vec::new(),
        },
        opens: NOTIFICATIONS,
        ..Line::default()
    })
}

/// What so many notifications do.
pub fn notifications_move(transition: Transition, count: u64) -> &'static str {
    match transition {
        Transition::Archive => plural(count, "notification stops", "notifications stop"),
        Transition::Unarchive => plural(
            count,
            "notification starts again",
            "notifications start again",
        ),
    }
}

/// How many lines say something else than the person read last, in a sentence.
pub fn changed_sentence(lines: &[Line]) -> String {
    match lines.iter().filter(|line| line.changed()).count() {
        0 => "Something changed since the preview, but none of these figures. Press the button again.".to_owned(),
        1 => "1 figure changed. Read it, then press the button again.".to_owned(),
        count => format!("{count} figures changed. Read them, then press the button again."),
    }
}

/// What a form that was not enough begins with.
pub fn flawed(transition: Transition, flaws: &[Flaw]) -> String {
    let nothing = match transition {
        Transition::Archive => "Nothing was archived.",
        Transition::Unarchive => "Nothing was unarchived.",
    };
    let fields = flaws
        .iter()
        .filter(|flaw| flaw.field() != "effects")
        .count();
    match fields {
        0 => nothing.to_owned(),
        1 => format!("{nothing} One thing needs an answer."),
        2 => format!("{nothing} Two things need an answer."),
        count => format!("{nothing} {count} things need an answer."),
    }
}

/// What the button does, with what it cannot take back.
pub fn button(noun: Subjects, transition: Transition, preview: &Preview) -> String {
    button_of(noun, transition, preview.changes(), &preview.tally)
}

/// The same of figures alone.
pub fn button_of(noun: Subjects, transition: Transition, changes: usize, tally: &Tally) -> String {
    let object = match changes {
        1 => noun.noun(1).to_owned(),
        _ => counted(noun, changes),
    };
    let and = match (transition, noun) {
        (Transition::Unarchive, _) => None,
        (_, Subjects::Customers) => also(tally.invoices_voided, "void", "invoice", "invoices"),
        (_, Subjects::Configurations) => {
            also(tally.never_sent, "stop", "invoice", "invoices").or(also(
                tally.configurations_detached,
                "detach",
                "contract",
                "contracts",
            ))
        }
    };
    match (and, changes) {
        (None, _) => format!("{} {object}", transition.verb()),
        (Some(and), 1) => format!("{} and {and}", transition.verb()),
        (Some(and), _) => format!("{} {object}, {and}", transition.verb()),
    }
}

fn also(count: u64, verb: &str, one: &str, many: &str) -> Option<String> {
    (count > 0).then(|| {
        format!(
            "{verb} {} {}",
            group_thousands(count),
            plural(count, one, many)
        )
    })
}

/// The button while the server works.
pub fn busy(transition: Transition) -> &'static str {
    match transition {
        Transition::Archive => "Archiving…",
        Transition::Unarchive => "Unarchiving…",
    }
}

/// What was done, for the toast.
pub fn done(noun: Subjects, transition: Transition, names: &[String]) -> String {
    let verb = match transition {
        Transition::Archive => "archived",
        Transition::Unarchive => "unarchived",
    };
    match names {
        [name] => format!("{name} {verb}"),
        many => format!("{} {verb}", counted(noun, many.len())),
    }
}

/// Whether there is anything to confirm.
pub fn has_changes(preview: &Preview) -> bool {
    preview
        .subjects
        .iter()
        .any(|subject| subject.verdict == Verdict::Change)
}

#[cfg(test)]
#[path = "wording_tests.rs"]
mod tests;
