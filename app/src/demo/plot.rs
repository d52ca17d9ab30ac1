//! What becomes of a customer, and when: the outline that a story fills in.

use super::rng::Rng;
use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};

/// How a customer stands at the moment of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// In use: contracts run, invoices are made.
    Live,
    /// Made a short while ago.
    Fresh,
    /// In service, but its contracts have ended.
    Dormant,
    /// Archived once, and brought back.
    Returned,
    Archived,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    AddConfiguration,
    AddContract,
    SetAliases,
    Edit,
    ArchiveConfigurations,
    Archive,
    Unarchive,
}

#[derive(Debug)]
pub(super) struct Plot {
    pub(super) fate: Fate,
    pub(super) created: DateTime<Utc>,
    /// When something last happened, but for what the provider reports of invoices.
    pub(super) last: DateTime<Utc>,
    /// Configurations that come with the customer itself.
    pub(super) configurations: u64,
    pub(super) aliases: u64,
    pub(super) notifications: u64,
    /// At most, as far as there are periods to bill.
    pub(super) invoices: usize,
    /// In order of time.
    pub(super) events: Vec<(DateTime<Utc>, Event)>,
}

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// No customer is older.
const OLDEST: i64 = 1_250 * DAY;

impl Plot {
    pub(super) fn new(rng: &mut Rng, as_of: DateTime<Utc>, archived: bool) -> Self {
        let fate = match archived {
            true => Fate::Archived,
            false => rng.weighted(&[
                (650, Fate::Live),
                (85, Fate::Fresh),
                (235, Fate::Dormant),
                (30, Fate::Returned),
            ]),
        };
        let age = age(rng, fate);
        let mut last = as_of - TimeDelta::milliseconds(age);
        if fate == Fate::Archived {
            last = office_hours(last, as_of);
        }
        let span = span(rng, fate, age);
        let created = last - TimeDelta::milliseconds(span);
        let configurations = rng.weighted(&[(11, 0_u64), (63, 1), (18, 2), (6, 3), (2, 4)]);
        let inline = if rng.percent(70) {
            configurations
        } else {
            configurations.min(1)
        };
        let mut plot = Self {
            fate,
            created,
            last,
            configurations: inline,
            aliases: rng.weighted(&[(22, 0), (38, 1), (22, 2), (10, 3), (5, 4), (3, 5)]),
            notifications: rng.weighted(&[(46, 0), (28, 1), (15, 2), (7, 3), (4, 4)]),
            invoices: invoices(rng),
            events: Vec::new(),
        };
        plot.add_configurations(rng, configurations - inline);
        plot.add_contracts(rng, configurations);
        plot.add_edits(rng);
        plot.archive_some(rng, configurations);
        plot.go_and_return(rng);
        plot.events.sort_by_key(|(at, _)| *at);
        if fate == Fate::Archived {
            plot.events.push((last, Event::Archive));
        }
        plot
    }

    fn span(&self) -> TimeDelta {
        self.last - self.created
    }

    /// A share of the customer's time, in thousandths, after it was made.
    fn at_share(&self, share: i64) -> DateTime<Utc> {
        self.created + TimeDelta::milliseconds(self.span().num_milliseconds() * share / 1_000)
    }

    /// A while after the customer was made, and before anything is over.
    fn soon(&self, rng: &mut Rng, most: i64) -> DateTime<Utc> {
        let most = most.min(self.span().num_milliseconds() / 3);
        self.created + TimeDelta::milliseconds(rng.between(MINUTE.min(most), most))
    }

    fn add_configurations(&mut self, rng: &mut Rng, count: u64) {
        for _ in 0..count {
            let at = self.soon(rng, 20 * DAY);
            self.events.push((at, Event::AddConfiguration));
        }
    }

    fn add_contracts(&mut self, rng: &mut Rng, configurations: u64) {
        let count: u64 = match (self.fate, configurations) {
            (Fate::Fresh, _) => rng.weighted(&[(20, 0), (55, 1), (25, 2)]),
            (_, 0) => rng.weighted(&[(40, 0), (35, 1), (15, 2), (10, 3)]),
            _ => rng.weighted(&[(3, 0), (32, 1), (29, 2), (18, 3), (10, 4), (5, 5), (3, 6)]),
        };
        for turn in 0..count {
            let at = match turn {
                0 => self.soon(rng, 2 * DAY),
                _ => self.at_share(rng.between(334, 990)),
            };
            self.events.push((at, Event::AddContract));
        }
    }

    fn add_edits(&mut self, rng: &mut Rng) {
        if rng.percent(10) {
            self.events
                .push((self.at_share(rng.between(200, 985)), Event::Edit));
        }
        if self.aliases < 5 && rng.percent(6) {
            self.events
                .push((self.at_share(rng.between(200, 985)), Event::SetAliases));
        }
    }

    fn archive_some(&mut self, rng: &mut Rng, configurations: u64) {
        let settled = matches!(self.fate, Fate::Live | Fate::Dormant | Fate::Archived);
        let chance = if configurations > 1 { 11 } else { 5 };
        if settled && configurations > 0 && rng.percent(chance) {
            let at = self.at_share(rng.between(500, 960));
            self.events
                .push((office_hours(at, self.last), Event::ArchiveConfigurations));
        }
    }

    /// Out of service for a while. Nothing else happens meanwhile: what would have, happens after the return.
    fn go_and_return(&mut self, rng: &mut Rng) {
        if self.fate != Fate::Returned {
            return;
        }
        let gone = office_hours(self.at_share(rng.between(400, 700)), self.last);
        let rest = (self.last - gone).num_milliseconds();
        let away = rng.between(40 * MINUTE, (20 * DAY).min(rest / 2));
        let back = gone + TimeDelta::milliseconds(away);
        for (at, _) in self
            .events
            .iter_mut()
            .filter(|(at, _)| *at >= gone && *at <= back)
        {
            *at = rng.moment(back + TimeDelta::minutes(1), back + (self.last - back) / 2);
        }
        self.events.push((gone, Event::Archive));
        self.events.push((back, Event::Unarchive));
    }
}

/// Milliseconds between the last event and the moment of the data: minutes for some, days for many, months for the rest.
fn age(rng: &mut Rng, fate: Fate) -> i64 {
    let recent = rng.between(2 * MINUTE, 40 * DAY);
    match fate {
        Fate::Live | Fate::Fresh | Fate::Returned => recent,
        Fate::Dormant => rng.between(40 * DAY, 600 * DAY),
        Fate::Archived if rng.percent(55) => recent,
        Fate::Archived => rng.between(40 * DAY, 500 * DAY),
    }
}

/// Milliseconds between the first event and the last.
fn span(rng: &mut Rng, fate: Fate, age: i64) -> i64 {
    match fate {
        Fate::Fresh => rng.between(5 * MINUTE, 3 * DAY),
        _ => {
            let most = (OLDEST - age).max(60 * DAY) - 30 * DAY;
            30 * DAY + (rng.low() * most as f64) as i64
        }
    }
}

fn invoices(rng: &mut Rng) -> usize {
    match rng.percent(6) {
        true => 0,
        false => 1 + (rng.low() * 24.0) as usize,
    }
}

/// The same day while people are at work, unless that would be later than `limit`.
pub(super) fn office_hours(at: DateTime<Utc>, limit: DateTime<Utc>) -> DateTime<Utc> {
    if (7..18).contains(&at.hour()) {
        return at;
    }
    let since_hour = at.num_seconds_from_midnight() % 3_600;
    let hour = 8 + at.hour() % 9;
    let day = at.date_naive().and_time(NaiveTime::MIN).and_utc();
    let moved = day
        + TimeDelta::seconds(i64::from(hour * 3_600 + since_hour))
        + TimeDelta::milliseconds(i64::from(at.timestamp_subsec_millis()));
    if moved > limit { at } else { moved }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_work_by_day() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let limit = at("2026-11-20T14:03:00Z");
        for (given, expected) in [
            ("2026-11-18T03:14:15.926Z", "2026-11-18T11:14:15.926Z"),
            ("2026-11-18T09:00:00Z", "2026-11-18T09:00:00Z"),
            ("2026-11-20T06:30:00Z", "2026-11-20T06:30:00Z"),
        ] {
            assert_eq!(office_hours(at(given), limit), at(expected), "{given}");
        }
    }

    #[test]
    fn events_are_in_order_and_between_the_first_and_the_last() {
        let as_of = "2026-11-20T14:03:00Z".parse::<DateTime<Utc>>().unwrap();
        for number in 0..3_000 {
            let plot = Plot::new(&mut Rng::stream(3, number), as_of, number % 9 == 0);
            assert!(plot.events.is_sorted_by_key(|(at, _)| *at));
            assert!(
                plot.events
                    .iter()
                    .all(|(at, _)| *at > plot.created && *at <= plot.last)
            );
            assert!(plot.last <= as_of);
        }
    }
}
