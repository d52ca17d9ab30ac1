//! What may go wrong, as the user may know it. Every face serializes this one type; causes are logged and never sent.

use crate::{
    auth::Role,
    confirm::Flaw,
    ids::ConfigurationId,
    wire::{OTHER_BUILD, Wire},
};
use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// Unknown, or not to be known of: the two are told alike.
    NotFound(Noun),
    SignInRequired,
    Forbidden {
        needs: Role,
    },
    /// The input is malformed; the field is named as the client sent it.
    Invalid {
        field: String,
        reason: String,
    },
    Refused(Refusal),
    /// The database is away or overloaded. Nothing was changed; trying again is right.
    Unavailable,
    /// A statement took longer than it may. Nothing was changed.
    TooSlow,
    /// Others have held rows for longer than a worker waits for them. Nothing was changed.
    Locked,
    /// Two writers collided and the database gave up on this one. Retried before anyone sees it.
    Contended,
    /// The browser could not reach the server, or what answered was not Mothball.
    Transport,
    /// Browser and server are of different builds.
    Outdated,
    /// A defect. The cause is in the log under this id.
    Internal {
        incident: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Noun {
    Customer,
    Contract,
    Invoice,
    Configuration,
    BulkJob,
    Page,
}

/// A well-formed request that the rules turn down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    CustomerArchived,
    ContractArchived,
    UnarchiveDisabled,
    AliasTaken {
        alias: String,
    },
    CustomerKeyTaken {
        key: String,
    },
    UniquenessKeyTaken {
        key: String,
        holder: Option<ConfigurationId>,
    },
    /// The configurations that the customer does not have, as they were sent.
    UnknownConfigurations {
        ids: Vec<String>,
    },
    UnknownConfigurationCustomer {
        id: String,
    },
    /// What was previewed is no longer what would happen.
    ChangedSincePreview,
    /// A preview that was confirmed already.
    PreviewUsed,
    PreviewExpired,
    /// Everything that was listed names no row, or several at once.
    NoneFound {
        what: String,
        references: Vec<String>,
    },
    /// Of a request.
    TooLarge,
    /// What came of each row of a job is no longer kept.
    ResultsForgotten,
    /// A job that is not in a state for this.
    JobIs {
        state: String,
    },
    /// Whoever confirmed a job has lost the role for it.
    ConfirmerMayNot,
    /// `If-Match` named another version.
    VersionMismatch,
    IdempotencyInFlight,
    IdempotencyReused,
    LimitExceeded {
        what: String,
        most: usize,
    },
    WrongPassword,
    TooManyAttempts,
    /// A form that is not filled in yet.
    Flawed {
        flaws: Vec<Flaw>,
    },
}

impl AppError {
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            reason: reason.into(),
        }
    }

    /// The HTTP status of every face.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound(_) => 404,
            Self::SignInRequired => 401,
            Self::Forbidden { .. } => 403,
            Self::Invalid { .. } | Self::Outdated => 400,
            Self::Refused(refusal) => refusal.status(),
            Self::Unavailable | Self::TooSlow | Self::Locked | Self::Contended => 503,
            Self::Transport => 502,
            Self::Internal { .. } => 500,
        }
    }

    /// A word for programs, stable across releases.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::SignInRequired => "unauthenticated",
            Self::Forbidden { .. } => "forbidden",
            Self::Invalid { .. } => "invalid",
            Self::Refused(refusal) => refusal.code(),
            Self::Unavailable | Self::TooSlow | Self::Locked | Self::Contended => "unavailable",
            Self::Transport => "transport",
            Self::Outdated => "outdated",
            Self::Internal { .. } => "internal",
        }
    }

    /// As people are told it, without the names that programs have for fields.
    pub fn sentence(&self) -> String {
        match self {
            Self::Invalid { field, reason } => {
                let name = field.rsplit('.').next().unwrap_or(field).replace('_', " ");
                match name.as_str() {
                    "all or nothing" => format!("All or nothing {reason}."),
                    name => format!("The {name} {reason}."),
                }
            }
            other => format!("{other}."),
        }
    }

    /// The field that the error is about, where there is one.
    pub fn param(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            Self::Refused(Refusal::AliasTaken { .. }) => Some("ingest_aliases"),
            Self::Refused(Refusal::CustomerKeyTaken { .. }) => Some("customer_key"),
            Self::Refused(Refusal::UniquenessKeyTaken { .. }) => Some("uniqueness_key"),
            Self::Refused(Refusal::UnknownConfigurations { .. }) => {
                Some("customer_billing_provider_configuration_ids")
            }
            Self::Refused(Refusal::UnknownConfigurationCustomer { .. }) => Some("customer_id"),
            Self::Refused(Refusal::NoneFound { .. }) => Some("selection"),
            Self::Refused(Refusal::TooLarge) => Some("body"),
            _ => None,
        }
    }
}

impl Refusal {
    fn status(&self) -> u16 {
        match self {
            Self::CustomerArchived
            | Self::ContractArchived
            | Self::UnknownConfigurations { .. }
            | Self::UnknownConfigurationCustomer { .. }
            | Self::NoneFound { .. }
            | Self::LimitExceeded { .. } => 400,
            Self::WrongPassword => 401,
            Self::UnarchiveDisabled => 403,
            Self::AliasTaken { .. }
            | Self::CustomerKeyTaken { .. }
            | Self::UniquenessKeyTaken { .. }
            | Self::ChangedSincePreview
            | Self::PreviewUsed
            | Self::PreviewExpired
            | Self::JobIs { .. }
            | Self::ConfirmerMayNot
            | Self::IdempotencyInFlight => 409,
            Self::ResultsForgotten => 410,
            Self::TooLarge => 413,
            Self::VersionMismatch => 412,
            Self::IdempotencyReused | Self::Flawed { .. } => 422,
            Self::TooManyAttempts => 429,
        }
    }

    /// A word for programs, stable across releases.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CustomerArchived => "customer_archived",
            Self::ContractArchived => "contract_archived",
            Self::UnarchiveDisabled => "unarchive_disabled",
            Self::AliasTaken { .. } => "ingest_alias_taken",
            Self::CustomerKeyTaken { .. } => "customer_key_taken",
            Self::UniquenessKeyTaken { .. } => "uniqueness_key_taken",
            Self::UnknownConfigurations { .. } => "unknown_configurations",
            Self::UnknownConfigurationCustomer { .. } => "unknown_customer",
            Self::ChangedSincePreview => "changed_since_preview",
            Self::PreviewUsed => "preview_used",
            Self::PreviewExpired => "preview_expired",
            Self::NoneFound { .. } => "none_found",
            Self::ResultsForgotten => "results_forgotten",
            Self::TooLarge => "body_too_large",
            Self::JobIs { .. } => "job_state",
            Self::ConfirmerMayNot => "not_allowed",
            Self::VersionMismatch => "version_mismatch",
            Self::IdempotencyInFlight => "idempotency_in_flight",
            Self::IdempotencyReused => "idempotency_reused",
            Self::LimitExceeded { .. } => "limit_exceeded",
            Self::WrongPassword => "wrong_password",
            Self::TooManyAttempts => "too_many_attempts",
            Self::Flawed { .. } => "flawed",
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(noun) => write!(f, "{noun} not found"),
            Self::SignInRequired => f.write_str("Sign in, or send a valid API key"),
            Self::Forbidden { needs } => write!(f, "You need the role {needs} to do this"),
            Self::Invalid { field, reason } => write!(f, "{field}: {reason}"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Unavailable | Self::TooSlow | Self::Locked | Self::Contended => {
                f.write_str("The database did not answer in time. Nothing was changed. Try again in a few seconds")
            }
            Self::Transport => f.write_str("The answer of the server was lost. Reload the page to see what was done"),
            Self::Outdated => f.write_str("Mothball was updated since this page was loaded. Reload the page to go on"),
            Self::Internal { incident } => {
                write!(f, "Something failed on our side. Nothing was changed. Report incident {incident}")
            }
        }
    }
}

impl fmt::Display for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Customer => "Customer",
            Self::Contract => "Contract",
            Self::Invoice => "Invoice",
            Self::Configuration => "Configuration",
            Self::BulkJob => "Job",
            Self::Page => "Page",
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CustomerArchived => f.write_str("The customer is archived. Unarchive it first"),
            Self::TooLarge => f.write_str(
                "The request is larger than 256 KiB, or 4 MiB where it lists ids. Send less at once",
            ),
            Self::ContractArchived => f.write_str("The contract is archived. Create a new one"),
            Self::UnarchiveDisabled => f.write_str("Unarchive is switched off in this deployment"),
            Self::AliasTaken { alias } => {
                write!(
                    f,
                    "The ingest alias {alias} belongs to another customer. Remove it there first"
                )
            }
            Self::CustomerKeyTaken { key } => {
                write!(f, "The customer key {key} is taken. Choose another")
            }
            Self::UniquenessKeyTaken {
                key,
                holder: Some(holder),
            } => {
                write!(
                    f,
                    "The uniqueness key {key} is held by configuration {holder}. Archive that one first"
                )
            }
            Self::UniquenessKeyTaken { key, holder: None } => {
                write!(f, "The uniqueness key {key} is named twice. Name it once")
            }
            Self::UnknownConfigurations { ids } => {
                write!(
                    f,
                    "The customer has no such configurations: {}. Nothing was archived",
                    ids.join(", ")
                )
            }
            Self::UnknownConfigurationCustomer { id } => {
                write!(f, "There is no customer {id}. Nothing was archived")
            }
            Self::ChangedSincePreview => f.write_str(
                "Something changed since the preview. Read the new figures, then confirm again",
            ),
            Self::PreviewUsed => f.write_str("This preview was confirmed already. Look at its job"),
            Self::PreviewExpired => f.write_str("This preview is too old. Preview again"),
            Self::NoneFound { what, references } => {
                write!(
                    f,
                    "The selection names no {what}, or several at once: {}. Correct the list",
                    references.join(", ")
                )
            }
            Self::ResultsForgotten => f.write_str(
                "The results of this job were kept for 90 days and are gone. Its figures and the audit log stay",
            ),
            Self::JobIs { state } => {
                write!(f, "The job is {}. Reload the page", state.replace('_', " "))
            }
            Self::ConfirmerMayNot => f.write_str(
                "Whoever confirmed the job may not do it any more. Stop it for good, and choose the rows that are left yourself",
            ),
            Self::VersionMismatch => {
                f.write_str("The customer changed since you read it. Read it again")
            }
            Self::IdempotencyInFlight => f.write_str(
                "A request with this idempotency key is still running. Try again in a moment",
            ),
            Self::IdempotencyReused => {
                f.write_str("This idempotency key was used for another request. Use a new key")
            }
            Self::LimitExceeded { what, most } => {
                write!(f, "At most {most} {what} at once. Send fewer")
            }
            Self::WrongPassword => f.write_str("Email or password is wrong"),
            Self::TooManyAttempts => {
                f.write_str("Too many attempts. Wait 15 minutes, then try again")
            }
            Self::Flawed { .. } => f.write_str("Something in the form needs an answer"),
        }
    }
}

impl std::error::Error for AppError {}

impl FromServerFnError for AppError {
    type Encoder = Wire;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Deserialization(told) if told == OTHER_BUILD => Self::Outdated,
            _ => Self::Transport,
        }
    }
}
