//! What the command line says of a preview and of a job.

use super::api::Trouble;
use app::money::{Money, group_thousands};
use serde_json::{Value, json};
use std::fmt::Write as _;

const BAR: usize = 24;
/// As wide as what is told of a job that runs.
const BAR_LINE: usize = 76;
/// Rows that are named; others are counted.
pub(super) const ROWS_SHOWN: u64 = 20;

/// Says which references name no row, or several; answers whether there were any.
pub(super) fn tell_unresolved(preview: &Value) -> bool {
    let mut any = false;
    for (name, words) in [
        ("not_found", "not found"),
        ("ambiguous", "names several rows"),
    ] {
        let count = preview[format!("{name}_count")]
            .as_u64()
            .unwrap_or_default();
        any |= count > 0;
        let shown = preview[name]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        for reference in shown {
            eprintln!("{words}: {}", reference.as_str().unwrap_or_default());
        }
        if count > shown.len() as u64 {
            eprintln!("{words}: {} more", count - shown.len() as u64);
        }
    }
    any
}

/// `blocked: acme (0195…): Unarchive is switched off in this deployment`, a line a row, of the first rows of `all`.
pub(super) fn rows(word: &str, rows: &[Value], all: u64) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = String::new();
    for row in rows.iter().take(ROWS_SHOWN as usize) {
        // An item tells a message, a failed row of a job an error.
        let why = row.get("message").unwrap_or(&row["error"]);
        let (key, id) = (text(&row["customer_key"]), text(&row["id"]));
        let _ = writeln!(lines, "{word}: {key} ({id}): {}", text(why));
    }
    let more = all.saturating_sub(ROWS_SHOWN.min(rows.len() as u64));
    if more > 0 {
        let _ = writeln!(lines, "{word}: and {} more", group_thousands(more));
    }
    lines
}

/// What would happen, a line for each kind.
pub(super) fn figures(preview: &Value) -> String {
    let mut lines = String::new();
    let mut line = |figure: &Value, words: &str| {
        if let Some(count) = figure.as_u64().filter(|count| *count > 0) {
            let _ = writeln!(lines, "{:>8}  {words}", group_thousands(count));
        }
    };
    for name in ["changing", "skipped", "blocked"] {
        line(&preview[name], &words(name));
    }
    if let Some(effects) = preview["effects"].as_object() {
        for (name, count) in effects {
            line(count, &words(name));
        }
    }
    line(&preview["notifications"], &words("notifications"));
    let voided = preview["effects"]["voided"].as_array();
    for money in voided.into_iter().flatten() {
        if let Ok(money) = serde_json::from_value::<Money>(money.clone()) {
            let _ = writeln!(lines, "{:>10}{money} voided", "");
        }
    }
    lines
}

/// What a figure counts.
fn words(name: &str) -> String {
    match name {
        "changing" => "rows change".to_owned(),
        "skipped" => "rows are already so".to_owned(),
        "blocked" => "rows are blocked".to_owned(),
        "notifications" => "notifications stop, or start again".to_owned(),
        name => name.replace('_', " "),
    }
}

/// Each figure that is not what it was, a line each.
pub(super) fn difference(difference: &Value) -> String {
    let mut lines = String::new();
    for (name, figure) in difference.as_object().into_iter().flatten() {
        let money = name.strip_prefix("voided_").and_then(|currency| {
            let money = |minor: &Value| {
                let money = json!({ "currency": currency, "minor": minor });
                serde_json::from_value::<Money>(money).ok()
            };
            Some((money(&figure["before"])?, money(&figure["now"])?))
        });
        let _ = match money {
            Some((before, now)) => writeln!(lines, "  voided: was {before}, is now {now}"),
            None => {
                let plain = |count: &Value| group_thousands(count.as_u64().unwrap_or_default());
                let (before, now) = (plain(&figure["before"]), plain(&figure["now"]));
                writeln!(lines, "  {}: was {before}, is now {now}", words(name))
            }
        };
    }
    if lines.is_empty() {
        return "  Every figure is as it was, but not every row.\n".to_owned();
    }
    lines
}

/// What to do where nothing was heard of a confirmation.
pub(super) fn in_doubt(url: &str, trouble: &Trouble) -> String {
    format!(
        "it is not known whether the job started. Look at {url}/jobs before you run it again. Heard last: {trouble}"
    )
}

/// `[######······]  6214 of 10000, 5 failed, about 12 s left`.
pub(super) fn progress(job: &Value, done: u64, total: u64) -> String {
    let filled = usize::try_from(done * BAR as u64 / total)
        .unwrap_or(BAR)
        .min(BAR);
    let mut line = format!(
        "[{}{}] {done} of {total}",
        "#".repeat(filled),
        "·".repeat(BAR - filled)
    );
    let failed = job["failed_count"].as_u64().unwrap_or_default();
    if failed > 0 {
        let _ = write!(line, ", {failed} failed");
    }
    if let Some(left) = job["seconds_left"].as_u64() {
        let _ = write!(line, ", about {left} s left");
    }
    over_bar(&line)
}

/// Longer than what stood there before.
pub(super) fn over_bar(line: &str) -> String {
    format!("{line:<BAR_LINE$}")
}

pub(super) fn ended(job: &Value) -> String {
    format!(
        "{}: {} done, {} skipped, {} failed, {} left",
        job["state"].as_str().unwrap_or("unknown").replace('_', " "),
        job["successful_count"],
        job["skipped_count"],
        job["failed_count"],
        job["remaining_count"],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_told_without_its_zeros() {
        let preview = json!({
            "changing": 2, "skipped": 0, "blocked": 1, "notifications": 4,
            "effects": { "contracts_archived": 3, "paid_kept": 0, "voided": [{ "currency": "EUR", "minor": 1_200 }] },
        });
        let told = figures(&preview);
        assert_eq!(
            told,
            "       2  rows change\n       1  rows are blocked\n       3  contracts archived\n       4  notifications stop, or start again\n          EUR 12.00 voided\n"
        );
    }

    #[test]
    fn rows_are_told_with_their_reasons_and_only_the_first_ones() {
        let item = json!({ "customer_key": "acme", "id": "1", "message": "Switched off" });
        let failed = json!({ "customer_key": "acme", "id": "1", "error": "Changed" });
        assert_eq!(
            rows("blocked", std::slice::from_ref(&item), 1),
            "blocked: acme (1): Switched off\n"
        );
        assert_eq!(rows("failed", &[failed], 1), "failed: acme (1): Changed\n");
        let many = rows("blocked", &vec![item; 30], 1_030);
        assert_eq!(many.lines().count(), 21);
        assert!(many.ends_with("blocked: and 1,010 more\n"), "{many}");
        assert_eq!(rows("failed", &[], 0), "");
    }

    #[test]
    fn a_difference_is_told_figure_by_figure() {
        let told = difference(&json!({
            "changing": { "before": 1_200, "now": 2 },
            "contracts_archived": { "before": 0, "now": 1 },
            "voided_EUR": { "before": 0, "now": 12_050 },
            "voided_paid": { "before": 1, "now": 0 },
        }));
        assert_eq!(
            told,
            "  rows change: was 1,200, is now 2\n  contracts archived: was 0, is now 1\n  \
             voided: was EUR 0.00, is now EUR 120.50\n  voided paid: was 1, is now 0\n"
        );
        assert!(difference(&json!({})).contains("Every figure is as it was"));
    }

    #[test]
    fn a_confirmation_that_nobody_answered_is_in_doubt() {
        let told = in_doubt(
            "http://here",
            &Trouble::Unheard("http://here cannot be reached".into()),
        );
        for part in [
            "not known whether the job started",
            "http://here/jobs",
            "cannot be reached",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }

    #[test]
    fn a_bar_is_full_at_the_end() {
        let job = json!({ "failed_count": 5, "seconds_left": null });
        assert!(
            progress(&job, 10, 10).starts_with("[########################] 10 of 10, 5 failed")
        );
        assert!(progress(&job, 0, 10).starts_with("[························] 0 of 10"));
    }
}
