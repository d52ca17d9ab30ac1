use crate::{auth::Actor, effects::Effect, ids::AuditEntryId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use uuid::Uuid;

/// What was done. The words are stable: they are in every stored entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeKind {
    #[serde(rename = "customer.created")]
    CustomerCreated,
    #[serde(rename = "customer.updated")]
    CustomerUpdated,
    #[serde(rename = "customer.aliases_set")]
    AliasesSet,
    #[serde(rename = "customer.archived")]
    CustomerArchived,
    #[serde(rename = "customer.unarchived")]
    CustomerUnarchived,
    #[serde(rename = "customer.unarchive_undone")]
    UnarchiveUndone,
    #[serde(rename = "configurations.created")]
    ConfigurationsCreated,
    #[serde(rename = "configurations.archived")]
    ConfigurationsArchived,
    #[serde(rename = "configurations.unarchived")]
    ConfigurationsUnarchived,
    #[serde(rename = "contract.created")]
    ContractCreated,
    #[serde(rename = "invoice.written")]
    InvoiceWritten,
    #[serde(rename = "invoice.voided")]
    InvoiceVoided,
    #[serde(rename = "session.started")]
    SessionStarted,
    #[serde(rename = "session.ended")]
    SessionEnded,
    #[serde(rename = "bulk_job.confirmed")]
    BulkJobConfirmed,
    #[serde(rename = "bulk_job.paused")]
    BulkJobPaused,
    #[serde(rename = "bulk_job.resumed")]
    BulkJobResumed,
    #[serde(rename = "bulk_job.cancelled")]
    BulkJobCancelled,
    #[serde(rename = "bulk_job.ended")]
    BulkJobEnded,
}

impl ChangeKind {
    pub const ALL: [Self; 19] = [
        Self::CustomerCreated,
        Self::CustomerUpdated,
        Self::AliasesSet,
        Self::CustomerArchived,
        Self::CustomerUnarchived,
        Self::UnarchiveUndone,
        Self::ConfigurationsCreated,
        Self::ConfigurationsArchived,
        Self::ConfigurationsUnarchived,
        Self::ContractCreated,
        Self::InvoiceWritten,
        Self::InvoiceVoided,
        Self::SessionStarted,
        Self::SessionEnded,
        Self::BulkJobConfirmed,
        Self::BulkJobPaused,
        Self::BulkJobResumed,
        Self::BulkJobCancelled,
        Self::BulkJobEnded,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::CustomerCreated => "customer.created",
            Self::CustomerUpdated => "customer.updated",
            Self::AliasesSet => "customer.aliases_set",
            Self::CustomerArchived => "customer.archived",
            Self::CustomerUnarchived => "customer.unarchived",
            Self::UnarchiveUndone => "customer.unarchive_undone",
            Self::ConfigurationsCreated => "configurations.created",
            Self::ConfigurationsArchived => "configurations.archived",
            Self::ConfigurationsUnarchived => "configurations.unarchived",
            Self::ContractCreated => "contract.created",
            Self::InvoiceWritten => "invoice.written",
            Self::InvoiceVoided => "invoice.voided",
            Self::SessionStarted => "session.started",
            Self::SessionEnded => "session.ended",
            Self::BulkJobConfirmed => "bulk_job.confirmed",
            Self::BulkJobPaused => "bulk_job.paused",
            Self::BulkJobResumed => "bulk_job.resumed",
            Self::BulkJobCancelled => "bulk_job.cancelled",
            Self::BulkJobEnded => "bulk_job.ended",
        }
    }
}

impl FromStr for ChangeKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("unknown change {text}"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    Customer,
    Configuration,
    Contract,
    Invoice,
    Session,
    BulkJob,
}

impl ObjectKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Configuration => "configuration",
            Self::Contract => "contract",
            Self::Invoice => "invoice",
            Self::Session => "session",
            Self::BulkJob => "bulk_job",
        }
    }
}

/// One line of a customer's timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub id: AuditEntryId,
    pub at: DateTime<Utc>,
    pub actor: Actor,
    pub change: ChangeKind,
    pub object_kind: ObjectKind,
    pub object_id: Uuid,
    pub reason: Option<String>,
    pub request_id: String,
    pub effects: Vec<Effect>,
}

/// Entries, newest first, and whether there are older ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelinePage {
    pub entries: Vec<Entry>,
    pub more: bool,
}
