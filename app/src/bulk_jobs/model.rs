use crate::{
    auth::Actor,
    confirm::{Subjects, Transition},
    customers::ArchiveOptions,
    effects::Tally,
    ids::{BulkJobId, CustomerId},
    lifecycle::Reason,
    selection::{SelectionSummary, Unresolved},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use uuid::Uuid;

/// What is done to the rows, and what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct What {
    pub subjects: Subjects,
    pub transition: Transition,
}

impl What {
    pub const ALL: [Self; 4] = [
        Self {
            subjects: Subjects::Customers,
            transition: Transition::Archive,
        },
        Self {
            subjects: Subjects::Customers,
            transition: Transition::Unarchive,
        },
        Self {
            subjects: Subjects::Configurations,
            transition: Transition::Archive,
        },
        Self {
            subjects: Subjects::Configurations,
            transition: Transition::Unarchive,
        },
    ];

    /// Over the API: `archive_customers`.
    pub fn as_str(self) -> &'static str {
        match (self.transition, self.subjects) {
            (Transition::Archive, Subjects::Customers) => "archive_customers",
            (Transition::Unarchive, Subjects::Customers) => "unarchive_customers",
            (Transition::Archive, Subjects::Configurations) => "archive_billing_configurations",
            (Transition::Unarchive, Subjects::Configurations) => "unarchive_billing_configurations",
        }
    }
}

impl FromStr for What {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|what| what.as_str() == text)
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|what| what.as_str()).collect();
                format!("must be one of {}", known.join(", "))
            })
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobOptions {
    pub archive: ArchiveOptions,
    /// One transaction for all rows: if one cannot be done, none is.
    pub all_or_nothing: bool,
}

/// Where a job stands. The words are stable: they are stored, and clients read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum JobState {
    /// Counted, and waiting for a person.
    Previewed,
    /// Nobody confirmed it in time.
    Expired,
    /// Confirmed for a later day.
    Scheduled,
    /// Confirmed; begins in a few seconds, until when nothing has happened.
    Held,
    Running,
    Paused,
    Completed,
    CompletedWithFailures,
    /// Rows that were done stay so, the others were not touched.
    Cancelled,
}

impl JobState {
    pub const ALL: [Self; 9] = [
        Self::Previewed,
        Self::Expired,
        Self::Scheduled,
        Self::Held,
        Self::Running,
        Self::Paused,
        Self::Completed,
        Self::CompletedWithFailures,
        Self::Cancelled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Previewed => "previewed",
            Self::Expired => "expired",
            Self::Scheduled => "scheduled",
            Self::Held => "held",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::CompletedWithFailures => "completed_with_failures",
            Self::Cancelled => "cancelled",
        }
    }

    /// Nothing will happen any more.
    pub fn is_over(self) -> bool {
        matches!(
            self,
            Self::Expired | Self::Completed | Self::CompletedWithFailures | Self::Cancelled
        )
    }

    /// Confirmed, and not over.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Scheduled | Self::Held | Self::Running | Self::Paused
        )
    }
}

impl FromStr for JobState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("unknown state of a job {text}"))
    }
}

/// What a job came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A preview that the world moved away from, or a scheduled job that would do more; this is the same selection again.
    Preview(BulkJobId),
    /// A job some of whose rows failed; these are those rows.
    Retry(BulkJobId),
    /// A job whose rows are put back.
    Undo(BulkJobId),
}

/// Why a job stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PausedBecause {
    Person,
    /// At its day it would have done more than was confirmed.
    EffectsGrew,
    /// Whoever confirmed it may not do it any more.
    NotAllowed,
}

impl PausedBecause {
    pub const ALL: [Self; 3] = [Self::Person, Self::EffectsGrew, Self::NotAllowed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::EffectsGrew => "effects_grew",
            Self::NotAllowed => "not_allowed",
        }
    }
}

/// Results so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    pub ok: u64,
    pub skipped: u64,
    pub failed: u64,
}

impl Counters {
    pub fn processed(self) -> u64 {
        self.ok + self.skipped + self.failed
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub id: BulkJobId,
    pub what: What,
    pub options: JobOptions,
    pub selection: SelectionSummary,
    /// Named by a preview; a job counts them.
    pub unresolved: Unresolved,
    pub state: JobState,
    pub origin: Option<Origin>,
    /// Who took the preview. Nobody else can confirm it.
    pub actor: Actor,
    pub created_at: DateTime<Utc>,
    /// When the preview can no longer be confirmed.
    pub expires_at: DateTime<Utc>,
    /// When its figures were counted: in its preview, and those of a scheduled archive again on its day.
    pub counted_at: DateTime<Utc>,
    pub total: u64,
    /// Rows that would change.
    pub changing: u64,
    /// Rows that the rules refuse; counted in `results.skipped` as well.
    pub blocked: u64,
    pub foreseen: Tally,
    /// Notifications that stop, or start again.
    pub notifications: u64,
    pub reason: Option<Reason>,
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Not before.
    pub run_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    /// When it began, or was resumed last.
    pub running_since: Option<DateTime<Utc>>,
    /// Rows that had their result by then.
    pub processed_before: u64,
    pub ended_at: Option<DateTime<Utc>>,
    pub results: Counters,
    /// What was done so far.
    pub done: Tally,
    pub paused_because: Option<PausedBecause>,
}

impl Job {
    pub fn remaining(&self) -> u64 {
        self.total.saturating_sub(self.results.processed())
    }

    /// Of the rows that were to change, those that have their result.
    pub fn processed(&self) -> u64 {
        self.changing.saturating_sub(self.remaining())
    }

    /// Waits for a person because it would do more than was confirmed.
    pub fn has_grown(&self) -> bool {
        self.state == JobState::Paused && self.paused_because == Some(PausedBecause::EffectsGrew)
    }

    /// The result of a row, as a word for programs.
    pub fn result_word(&self, state: ItemState) -> &'static str {
        match state {
            ItemState::Pending if self.state == JobState::Cancelled => "cancelled",
            state => state.as_str(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ItemState {
    Pending,
    Ok,
    /// Nothing was to be done, or the rules refuse it since before the preview.
    Skipped,
    /// Nothing was done.
    Failed,
}

impl ItemState {
    pub const ALL: [Self; 4] = [Self::Pending, Self::Ok, Self::Skipped, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for ItemState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|state| state.as_str()).collect();
                format!("must be one of {}", known.join(", "))
            })
    }
}

/// One row of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// From 0, in order of the customers' ids.
    pub position: u32,
    pub customer_id: CustomerId,
    pub customer_key: String,
    pub object_id: Uuid,
    pub name: String,
    /// Of the customer, when the preview was taken.
    pub version: i64,
    /// Notifications that stop with it, or start again.
    pub notifications: u64,
    pub result: ItemResult,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Item {
    /// What was done to it; of a preview, what would be.
    pub fn effects(&self, job: &Job) -> Tally {
        if self.result.state == ItemState::Ok || job.confirmed_at.is_none() {
            self.result.tally.clone()
        } else {
            Tally::default()
        }
    }
}

/// What came of a row, or what is expected to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemResult {
    pub state: ItemState,
    /// Why it was skipped or failed: a word for programs.
    pub code: Option<String>,
    /// What the code is about: the incident, or whoever holds a key.
    pub detail: Option<String>,
    /// Since when it has been as wanted.
    pub since: Option<DateTime<Utc>>,
    /// Foreseen while it is pending, done when it is ok.
    pub tally: Tally,
}

/// Which rows of a job to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Results {
    #[default]
    All,
    Of(ItemState),
}

/// A figure of a preview, by the rows that it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Those that would change.
    Changing,
    /// Those that need nothing, or that the rules refuse.
    LeftAlone,
    /// Those with one of these effects, by their names in [`Tally::counts`].
    With(&'static [&'static str]),
    WithNotifications,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemPage {
    pub items: Vec<Item>,
    /// The position that the next page starts after.
    pub next: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobList {
    pub jobs: Vec<Job>,
    /// The job that the next page starts after.
    pub next: Option<BulkJobId>,
    pub now: DateTime<Utc>,
}
