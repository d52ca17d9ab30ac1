//! How a job goes from one state to the next, how its rows are divided, and what its limits are. Pure.

use super::{Job, JobOptions, JobState, What};
use crate::{
    confirm::{Flaw, Preset, Subjects, Transition, asks_reason, reason},
    effects::Tally,
    error::{AppError, Refusal},
    ids::CustomerId,
    lifecycle::Reason,
};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Rows of one job.
pub const ROWS_MAX: usize = 50_000;
/// Rows that are looked at together.
pub const GROUP_ROWS: usize = 1_000;
/// Rows that are done in one transaction: few enough that nobody waits long for a row, or for the list that it moves in.
pub const CHUNK_ROWS: usize = 100;
/// Where the rows of one customer are more than that, or must be done all or not at all.
pub const CHUNK_ROWS_MAX: usize = 1_000;
/// Rows of a job that is done whole or not at all.
pub const ALL_OR_NOTHING_ROWS_MAX: u64 = 1_000;
/// Jobs that a person may have confirmed and not yet seen to their end.
pub const OPEN_JOBS_MAX: i64 = 5;
/// Previews of one person that can be confirmed at the same time; a further one ends the oldest.
pub const LIVE_PREVIEWS_MAX: i64 = 5;
/// How long a preview can be confirmed.
pub const PREVIEW_LIVES: TimeDelta = TimeDelta::minutes(15);
/// How long a confirmed job waits, in case it was a slip.
pub const HOLD: TimeDelta = TimeDelta::seconds(10);
/// How far ahead a job may be scheduled.
pub const SCHEDULE_DAYS_MAX: i64 = 366;
/// How long previews that nobody confirmed are kept.
pub const PREVIEWS_KEPT: TimeDelta = TimeDelta::days(1);
/// How long it is kept what came of each row, after a job's end. Its figures and the audit log stay.
pub const RESULTS_KEPT: TimeDelta = TimeDelta::days(90);

/// Whether it is still known what came of each row.
pub fn keeps_results(job: &Job, now: DateTime<Utc>) -> bool {
    job.ended_at.is_none_or(|at| now - at < RESULTS_KEPT)
}

/// What may happen to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    Confirm,
    /// Confirm for a later day.
    Schedule,
    Expire,
    /// Its time has come.
    Begin,
    Pause,
    /// At its day it would do more than was confirmed.
    Grow,
    Resume,
    Cancel,
    /// No row is left; some may have failed.
    End {
        failed: bool,
    },
}

impl Event {
    pub const ALL: [Self; 10] = [
        Self::Confirm,
        Self::Schedule,
        Self::Expire,
        Self::Begin,
        Self::Pause,
        Self::Grow,
        Self::Resume,
        Self::Cancel,
        Self::End { failed: false },
        Self::End { failed: true },
    ];
}

/// The state after an event, or why it cannot happen.
pub fn next(state: JobState, event: Event) -> Result<JobState, AppError> {
    use JobState::{
        Cancelled, Completed, CompletedWithFailures, Expired, Held, Paused, Previewed, Running,
        Scheduled,
    };
    match (state, event) {
        (Previewed, Event::Confirm) => Ok(Held),
        (Previewed, Event::Schedule) => Ok(Scheduled),
        (Previewed, Event::Expire) => Ok(Expired),
        (Held | Scheduled, Event::Begin) | (Paused, Event::Resume) => Ok(Running),
        (Running, Event::Pause) | (Scheduled, Event::Grow) => Ok(Paused),
        (Scheduled | Held | Running | Paused, Event::Cancel) => Ok(Cancelled),
        (Running, Event::End { failed: false }) => Ok(Completed),
        (Running, Event::End { failed: true }) => Ok(CompletedWithFailures),
        (Expired, Event::Confirm | Event::Schedule) => {
            Err(AppError::Refused(Refusal::PreviewExpired))
        }
        (_, Event::Confirm | Event::Schedule) => Err(AppError::Refused(Refusal::PreviewUsed)),
        (state, _) => Err(AppError::Refused(Refusal::JobIs {
            state: state.as_str().to_owned(),
        })),
    }
}

/// Divides rows, which come in order of their customers, into chunks that never divide a customer. Only a customer with more
/// rows than the largest chunk holds is divided: then those of one chunk are done, and the others have changed since the preview.
#[derive(Debug, Default)]
pub struct ChunkPlan {
    /// Whether all rows are one chunk.
    whole: bool,
    rows: usize,
    chunk: i32,
    owner: Option<CustomerId>,
}

/// The place of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub chunk: i32,
    /// Whether it is the chunk's first row.
    pub leads: bool,
}

impl ChunkPlan {
    /// One chunk, for what is done whole or not at all.
    pub fn whole() -> Self {
        Self {
            whole: true,
            ..Self::default()
        }
    }

    /// `of_owner` is how many rows of the same customer come, this one among them.
    pub fn place(&mut self, owner: CustomerId, of_owner: usize) -> Place {
        let another = self.owner != Some(owner);
        let of_others = another && !self.whole;
        let full = self.rows == CHUNK_ROWS_MAX || (of_others && self.rows + of_owner > CHUNK_ROWS);
        if full && self.rows > 0 {
            self.chunk += 1;
            self.rows = 0;
        }
        self.owner = Some(owner);
        self.rows += 1;
        Place {
            chunk: self.chunk,
            leads: self.rows == 1,
        }
    }
}

/// What a person filled in below a preview.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    pub preset: Option<Preset>,
    pub note: String,
    /// The number of rows that will change, typed.
    pub number: String,
    /// The day before which nothing is to happen, where one is given.
    pub run_on: String,
}

impl Filled {
    /// The first moment of the day, UTC.
    pub fn run_at(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Flaw> {
        let text = self.run_on.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let day: NaiveDate = text.parse().map_err(|_| Flaw::DayWrong)?;
        let at = day.and_time(NaiveTime::MIN).and_utc();
        let latest = now + TimeDelta::days(SCHEDULE_DAYS_MAX);
        if at > now && at <= latest {
            Ok(Some(at))
        } else {
            Err(Flaw::DayWrong)
        }
    }
}

/// Whether a preview asks what else goes with its rows: an archive of customers does.
pub fn offers_archive_options(what: What) -> bool {
    what.transition == Transition::Archive && what.subjects == Subjects::Customers
}

/// The options of a preview whose boxes were sent back as `ticked`. Where there was no box, they stay as they are.
pub fn options_ticked(job: &Job, ticked: JobOptions) -> JobOptions {
    JobOptions {
        archive: match offers_archive_options(job.what) {
            true => ticked.archive,
            false => job.options.archive,
        },
        ..ticked
    }
}

/// Everything that is missing, in the order of the form. A day is judged by the moment of the preview.
pub fn flaws(filled: &Filled, job: &Job) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if job.changing == 0 {
        flaws.push(Flaw::NothingToDo);
    }
    match reason(filled.preset, &filled.note) {
        Err(flaw) => flaws.push(flaw),
        Ok(reason) => {
            let typed = reason.map_or(0, |reason| reason.as_str().chars().count());
            let preset = filled.preset.is_some_and(|preset| preset != Preset::Other);
            if asks_reason(job.what.transition) && !preset && typed < Reason::CHARACTERS_ASKED {
                flaws.push(Flaw::ReasonMissing);
            }
        }
    }
    flaws.extend(filled.run_at(job.created_at).err());
    if job.changing >= 2 && filled.number.trim().replace(',', "") != job.changing.to_string() {
        flaws.push(Flaw::NumberWrong);
    }
    flaws
}

/// Counts of what an archive leaves alone: more of it is not more done.
const LEFT_ALONE: [&str; 2] = ["paid_kept", "aliases_reserved"];

/// Whether a job would do more than was confirmed: more of any effect, or more money in any currency.
pub fn grew(confirmed: &Tally, now: &Tally) -> bool {
    let more_money = now.voided.iter().any(|money| {
        let before = confirmed
            .voided
            .iter()
            .find(|known| known.currency == money.currency);
        before.is_none_or(|before| money.minor > before.minor)
    });
    let more_effects = now
        .counts()
        .into_iter()
        .zip(confirmed.counts())
        .any(|((name, now), (_, before))| now > before && !LEFT_ALONE.contains(&name));
    more_money || more_effects
}

/// Seconds left of a job that runs, at its pace since it began or was resumed; `None` until there is a pace to speak of.
pub fn seconds_left(job: &Job, now: DateTime<Utc>) -> Option<u64> {
    let since = job
        .running_since
        .filter(|_| job.state == JobState::Running)?;
    let processed = job.results.processed().saturating_sub(job.processed_before);
    at_pace(processed, job.remaining(), now - since)
}

/// Rounded up to five.
fn at_pace(processed: u64, remaining: u64, running_for: TimeDelta) -> Option<u64> {
    let millis = u64::try_from(running_for.num_milliseconds()).ok()?;
    if processed == 0 || millis < 3_000 {
        return None;
    }
    let left = (remaining * millis).div_ceil(processed).div_ceil(1_000);
    Some(left.div_ceil(5) * 5)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
