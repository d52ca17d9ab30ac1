//! Spans of days in words, and days in full.

use super::time;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

/// `1 Jan – 31 Dec 2026`, `1 Jun 2025 – 3 Mar 2026`, `1 Apr 2026 – open`. The end is the first moment after it.
pub fn span(start: DateTime<Utc>, end: Option<DateTime<Utc>>) -> String {
    let first = start.date_naive();
    let Some(end) = end else {
        return format!("{} – open", time::day(first));
    };
    if end <= start {
        return "Never began".to_owned();
    }
    match last_day(end) {
        last if last == first => time::day(first),
        last if last.year() == first.year() => {
            format!("{} – {}", time::short_day(first), time::day(last))
        }
        last => format!("{} – {}", time::day(first), time::day(last)),
    }
}

/// `Nov 2026` for a whole month, else the span.
pub fn period(start: DateTime<Utc>, end: DateTime<Utc>) -> String {
    let (first, after) = (start.date_naive(), end.date_naive());
    let months = |day: NaiveDate| day.year() * 12 + day.month0().cast_signed();
    let is_month = first.day() == 1 && after.day() == 1 && months(after) - months(first) == 1;
    if is_month {
        time::month(first)
    } else {
        span(start, Some(end))
    }
}

/// The day of the last moment before an end.
pub fn last_day(end: DateTime<Utc>) -> NaiveDate {
    (end - TimeDelta::nanoseconds(1)).date_naive()
}

/// `Friday, 20 November 2026`.
pub fn full_day(day: NaiveDate) -> String {
    const DAYS: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let weekday = DAYS[day.weekday().num_days_from_monday() as usize];
    format!(
        "{weekday}, {} {} {}",
        day.day(),
        MONTHS[day.month0() as usize],
        day.year()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}T00:00:00Z").parse().unwrap()
    }

    #[test]
    fn a_span_says_a_year_once_and_includes_its_last_day() {
        for (start, end, expected) in [
            ("2026-01-01", Some("2027-01-01"), "1 Jan – 31 Dec 2026"),
            ("2025-06-01", Some("2026-03-04"), "1 Jun 2025 – 3 Mar 2026"),
            ("2026-04-01", None, "1 Apr 2026 – open"),
            ("2026-04-01", Some("2026-04-02"), "1 Apr 2026"),
            ("2026-04-01", Some("2026-04-01"), "Never began"),
        ] {
            assert_eq!(span(at(start), end.map(at)), expected);
        }
    }

    #[test]
    fn a_whole_month_is_called_by_its_name() {
        assert_eq!(period(at("2026-11-01"), at("2026-12-01")), "Nov 2026");
        assert_eq!(period(at("2025-12-01"), at("2026-01-01")), "Dec 2025");
        assert_eq!(
            period(at("2026-10-01"), at("2026-12-01")),
            "1 Oct – 30 Nov 2026"
        );
    }

    #[test]
    fn days_are_told_in_full() {
        assert_eq!(
            full_day(at("2026-11-20").date_naive()),
            "Friday, 20 November 2026"
        );
    }
}
