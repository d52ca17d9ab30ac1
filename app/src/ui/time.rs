//! Moments. Everything is UTC, and relative times count from a given moment, so that server and browser write the same.

use super::markup::Markup;
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use leptos::prelude::*;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `20 Nov 2026`.
pub fn day(day: NaiveDate) -> String {
    format!("{} {}", short_day(day), day.year())
}

/// `20 Nov`.
pub fn short_day(day: NaiveDate) -> String {
    format!("{} {}", day.day(), MONTHS[day.month0() as usize])
}

/// `Nov 2026`.
pub fn month(day: NaiveDate) -> String {
    format!("{} {}", MONTHS[day.month0() as usize], day.year())
}

/// `14:03`.
pub fn clock(at: DateTime<Utc>) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// `20 Nov 2026, 14:03 UTC`.
pub fn moment(at: DateTime<Utc>) -> String {
    format!("{}, {} UTC", day(at.date_naive()), clock(at))
}

/// `6 min ago`, `3 h ago`, `yesterday`, `11 Nov`, `2 Mar 2025`.
pub fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - at).num_minutes();
    let days = (now.date_naive() - at.date_naive()).num_days();
    match (minutes, days) {
        (..0, _) => moment(at),
        (0, _) => "just now".to_owned(),
        (1..60, _) => format!("{minutes} min ago"),
        (60..1440, 0) => format!("{} h ago", minutes / 60),
        (60..720, _) => format!("{} h ago", minutes / 60),
        (_, 1) => "yesterday".to_owned(),
        _ if at.year() == now.year() => short_day(at.date_naive()),
        _ => day(at.date_naive()),
    }
}

/// How long ago, with the exact moment on hover and for machines.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> AnyView {
    stamp(at, relative(at, now))
}

/// The same, as text.
pub fn write_ago(markup: &mut Markup, at: DateTime<Utc>, now: DateTime<Utc>) {
    markup
        .raw(r#"<time datetime=""#)
        .text(&machine(at))
        .raw(r#"" title=""#)
        .text(&moment(at))
        .raw(r#"">"#)
        .text(&relative(at, now))
        .raw("</time>");
}

/// A moment in words of one's own, with the exact one on hover and for machines.
pub fn stamp(at: DateTime<Utc>, words: String) -> AnyView {
    view! { <time datetime=machine(at) title=moment(at)>{words}</time> }.into_any()
}

/// `2026-11-20T14:03Z`.
fn machine(at: DateTime<Utc>) -> String {
    format!(
        "{:04}-{:02}-{:02}T{}Z",
        at.year(),
        at.month(),
        at.day(),
        clock(at)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_the_moment_the_list_was_made() {
        let now: DateTime<Utc> = "2026-11-20T14:03:22Z".parse().unwrap();
        for (at, told) in [
            ("2026-11-20T14:03:00Z", "just now"),
            ("2026-11-20T13:57:00Z", "6 min ago"),
            ("2026-11-20T09:03:00Z", "5 h ago"),
            ("2026-11-20T00:01:00Z", "14 h ago"),
            ("2026-11-19T10:00:00Z", "yesterday"),
            ("2026-11-11T10:00:00Z", "11 Nov"),
            ("2025-03-02T10:00:00Z", "2 Mar 2025"),
            ("2026-11-21T10:00:00Z", "21 Nov 2026, 10:00 UTC"),
        ] {
            assert_eq!(relative(at.parse().unwrap(), now), told, "{at}");
        }
    }

    #[test]
    fn early_morning_speaks_of_hours_not_of_yesterday() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(
            relative(at("2026-11-19T23:30:00Z"), at("2026-11-20T01:45:00Z")),
            "2 h ago"
        );
    }
}
