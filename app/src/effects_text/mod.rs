//! Effects in words: the lines of a preview, the lines beside a customer, and the tail of a timeline's sentence. Pure,
//! and the only place that knows these words, so that no two pages tell one consequence differently.

mod kind;

use crate::{
    effects::{EXAMPLES_PER_KIND_MAX, Preview, Tally, Verdict},
    money::{Money, group_thousands},
    ui::{
        effects::{Line, Note, Row, Split},
        time,
    },
};
use chrono::{DateTime, Utc};
use kind::Kind;

/// What the effects of a preview come to, one line a kind. A line without a figure is left out, except that no invoice
/// is voided where `tells_no_invoices`. `before` are the figures that were read last, if others.
pub fn lines(
    preview: &Preview,
    before: Option<&Tally>,
    leave_out_configurations: bool,
    tells_no_invoices: bool,
) -> Vec<Line> {
    let tally = &preview.tally;
    Kind::ALL
        .into_iter()
        .filter(|kind| !(leave_out_configurations && *kind == Kind::Configurations))
        .filter_map(|kind| {
            let figure = kind.count(tally);
            let was = before
                .map(|before| kind.count(before))
                .filter(|was| *was != figure);
            let told = tells_no_invoices && kind == Kind::InvoicesVoided;
            if figure == 0 && was.is_none() && !told {
                return None;
            }
            let rows: Vec<Row> = preview
                .examples
                .iter()
                .filter_map(|effect| kind.row(effect))
                .take(EXAMPLES_PER_KIND_MAX)
                .collect();
            Some(Line {
                figure,
                was,
                words: kind.words(figure, preview.taken_at),
                split: kind.split(tally, before),
                notes: kind.notes(tally),
                more: figure.saturating_sub(rows.len() as u64),
                rows,
                opens: if figure > 0 { kind.name() } else { "" },
            })
        })
        .collect()
}

/// The counts that a line is made of, by the name that it opens.
pub fn counts_of(opened: &str) -> Option<&'static [&'static str]> {
    named(opened).map(Kind::counts)
}

/// A line as it is said of one row: `3 invoices voided (EUR 1,204.00)`.
pub fn line_of(opened: &str, tally: &Tally, at: DateTime<Utc>) -> Option<String> {
    let kind = named(opened)?;
    let count = kind.count(tally);
    let mut words = format!("{} {}", group_thousands(count), kind.words(count, at));
    let split = kind.split(tally, None).into_iter();
    let parts: Vec<String> = split
        .map(|part| {
            format!("{}\u{a0}{}", part.label, part.value)
                .trim()
                .to_owned()
        })
        .collect();
    if !parts.is_empty() {
        words.push_str(&format!(" ({})", parts.join(", ")));
    }
    Some(words)
}

fn named(opened: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.name() == opened)
}

/// The rows that an action leaves alone, and why; those it changes after them.
pub fn subject_rows(preview: &Preview, already: &str) -> Vec<Row> {
    let told = |verdict: &Verdict| match verdict {
        Verdict::Blocked(refusal) => (0, format!("Blocked: {refusal}")),
        Verdict::Skipped { since: Some(at) } => (
            1,
            format!("Skipped: {already} {}", time::day(at.date_naive())),
        ),
        Verdict::Skipped { since: None } => (1, format!("Skipped: {already}")),
        Verdict::Change => (2, String::new()),
    };
    let mut rows: Vec<(u8, Row)> = preview
        .subjects
        .iter()
        .map(|subject| {
            let (order, detail) = told(&subject.verdict);
            (
                order,
                Row {
                    name: subject.name.clone(),
                    detail,
                },
            )
        })
        .collect();
    rows.sort_by_key(|(order, _)| *order);
    rows.into_iter()
        .map(|(_, row)| row)
        .take(EXAMPLES_PER_KIND_MAX)
        .collect()
}

/// What an archive would do, or did, in few words.
pub fn flat_lines(tally: &Tally) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = |figure: u64, words: &str, small: String, warns: bool| {
        if figure > 0 {
            let notes = if small.is_empty() {
                Vec::new()
            } else {
                vec![Note { text: small, warns }]
            };
            lines.push(Line {
                figure,
                words: words.to_owned(),
                notes,
                ..Line::default()
            });
        }
    };
    let contracts = tally.contracts_archived;
    let metering = match tally.metering_stopped {
        0 => "as of today",
        _ => "as of today, and metering stops",
    };
    line(
        contracts,
        plural(contracts, "contract archived", "contracts archived"),
        metering.to_owned(),
        false,
    );
    let voided = tally.invoices_voided;
    line(
        voided,
        plural(voided, "invoice voided", "invoices voided"),
        joined(&tally.voided),
        false,
    );
    let paid = if voided == 1 {
        "already paid"
    } else {
        "of them already paid"
    };
    line(
        tally.voided_paid,
        paid,
        "No refund is made".to_owned(),
        true,
    );
    let unsent = if voided == 1 {
        "in its grace period"
    } else {
        "of them in grace period"
    };
    line(tally.never_sent, unsent, "Never sent".to_owned(), false);
    let kept = tally.paid_kept;
    line(
        kept,
        plural(
            kept,
            "paid invoice stays as it is",
            "paid invoices stay as they are",
        ),
        String::new(),
        false,
    );
    let recharges = tally.recharges_disabled();
    let split: Vec<String> = Kind::Recharges
        .split(tally, None)
        .into_iter()
        .map(|split| split.value)
        .collect();
    line(
        recharges,
        plural(recharges, "recharge disabled", "recharges disabled"),
        split.join(", "),
        false,
    );
    let configurations = tally.configurations_archived;
    line(
        configurations,
        plural(
            configurations,
            "configuration archived",
            "configurations archived",
        ),
        keys_freed(tally.uniqueness_keys_freed).map_or(String::new(), |split| split.value),
        false,
    );
    let (reserved, released) = (tally.aliases_reserved, tally.aliases_released);
    line(
        reserved,
        plural(
            reserved,
            "ingest alias stays reserved",
            "ingest aliases stay reserved",
        ),
        String::new(),
        false,
    );
    line(
        released,
        plural(released, "ingest alias released", "ingest aliases released"),
        String::new(),
        false,
    );
    lines
}

/// What was done, as the tail of a sentence: `2 contracts archived, 3 invoices voided (EUR 1,204.00)`.
pub fn told(tally: &Tally) -> String {
    let mut parts = Vec::new();
    let mut part = |count: u64, one: &str, many: &str| {
        if count > 0 {
            parts.push(format!(
                "{} {}",
                group_thousands(count),
                plural(count, one, many)
            ));
        }
    };
    part(
        tally.contracts_archived,
        "contract archived",
        "contracts archived",
    );
    let amounts = joined(&tally.voided);
    part(
        tally.invoices_voided,
        &format!("invoice voided ({amounts})"),
        &format!("invoices voided ({amounts})"),
    );
    if tally.never_sent > tally.invoices_voided {
        part(
            tally.never_sent,
            "invoice never sent",
            "invoices never sent",
        );
    }
    part(
        tally.recharges_disabled(),
        "recharge disabled",
        "recharges disabled",
    );
    part(
        tally.configurations_archived,
        "configuration archived",
        "configurations archived",
    );
    part(
        tally.configurations_detached,
        "contract detached",
        "contracts detached",
    );
    part(
        tally.aliases_released,
        "ingest alias released",
        "ingest aliases released",
    );
    parts.join(", ")
}

/// What an archive ended that an unarchive does not bring back, one thing a line.
pub fn not_restored(tally: &Tally) -> Vec<String> {
    let mut ended = Vec::new();
    let mut end = |count: u64, one: &str, many: &str| {
        if count > 0 {
            ended.push(format!(
                "{} {}",
                group_thousands(count),
                plural(count, one, many)
            ));
        }
    };
    let amounts = joined(&tally.voided);
    end(
        tally.invoices_voided,
        &format!("voided invoice, {amounts}"),
        &format!("voided invoices, {amounts}"),
    );
    end(
        tally.contracts_archived,
        "archived contract and its metering",
        "archived contracts and their metering",
    );
    end(
        tally.spend_recharges_disabled,
        "spend recharge, which would charge at once",
        "spend recharges, which would charge at once",
    );
    end(
        tally.credit_recharges_disabled,
        "credit recharge, which would charge at once",
        "credit recharges, which would charge at once",
    );
    end(
        tally.configurations_archived,
        "configuration, which is unarchived by itself",
        "configurations, which are unarchived one by one",
    );
    end(
        tally.aliases_released,
        "released ingest alias",
        "released ingest aliases",
    );
    ended
}

/// `EUR 1,204.00, USD 310.00`: no line ends between a currency and its amount.
pub fn joined(amounts: &[Money]) -> String {
    amounts
        .iter()
        .map(|money| money.to_string().replace(' ', "\u{a0}"))
        .collect::<Vec<_>>()
        .join(", ")
}

pub fn plural<'w>(count: u64, one: &'w str, many: &'w str) -> &'w str {
    if count == 1 { one } else { many }
}

/// `3 uniqueness keys freed`.
pub fn keys_freed(count: u64) -> Option<Split> {
    (count > 0).then(|| {
        let words = plural(count, "uniqueness key freed", "uniqueness keys freed");
        plain(format!("{} {words}", group_thousands(count)))
    })
}

/// A part of a figure that is told whole.
pub fn plain(value: String) -> Split {
    Split {
        label: String::new(),
        value,
        was: None,
    }
}

#[cfg(test)]
mod tests;
