use crate::{
    ids::{ConfigurationId, ContractId, CustomerId, InvoiceId},
    money::{Currency, Money},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum InvoiceStatus {
    Draft,
    Finalized,
    Void,
}

impl InvoiceStatus {
    pub const ALL: [Self; 3] = [Self::Draft, Self::Finalized, Self::Void];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Finalized => "FINALIZED",
            Self::Void => "VOID",
        }
    }

    /// As shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Finalized => "Finalized",
            Self::Void => "Void",
        }
    }
}

impl FromStr for InvoiceStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| "must be DRAFT, FINALIZED or VOID".to_owned())
    }
}

/// What the billing provider did with an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExternalStatus {
    Draft,
    Finalized,
    Paid,
    PartiallyPaid,
    Uncollectible,
    Void,
    Deleted,
    PaymentFailed,
    InvalidRequestError,
    Skipped,
    Sent,
    Queued,
}

impl ExternalStatus {
    pub const ALL: [Self; 12] = [
        Self::Draft,
        Self::Finalized,
        Self::Paid,
        Self::PartiallyPaid,
        Self::Uncollectible,
        Self::Void,
        Self::Deleted,
        Self::PaymentFailed,
        Self::InvalidRequestError,
        Self::Skipped,
        Self::Sent,
        Self::Queued,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Finalized => "FINALIZED",
            Self::Paid => "PAID",
            Self::PartiallyPaid => "PARTIALLY_PAID",
            Self::Uncollectible => "UNCOLLECTIBLE",
            Self::Void => "VOID",
            Self::Deleted => "DELETED",
            Self::PaymentFailed => "PAYMENT_FAILED",
            Self::InvalidRequestError => "INVALID_REQUEST_ERROR",
            Self::Skipped => "SKIPPED",
            Self::Sent => "SENT",
            Self::Queued => "QUEUED",
        }
    }

    /// As shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Finalized => "Finalized",
            Self::Paid => "Paid",
            Self::PartiallyPaid => "Partially paid",
            Self::Uncollectible => "Uncollectible",
            Self::Void => "Void",
            Self::Deleted => "Deleted",
            Self::PaymentFailed => "Payment failed",
            Self::InvalidRequestError => "Refused by provider",
            Self::Skipped => "Skipped",
            Self::Sent => "Sent, not paid",
            Self::Queued => "Queued",
        }
    }
}

impl FromStr for ExternalStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|status| status.as_str()).collect();
                format!("must be one of {}", known.join(", "))
            })
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invoice {
    pub id: InvoiceId,
    pub customer_id: CustomerId,
    pub contract_id: ContractId,
    pub contract_name: Option<String>,
    /// The configuration that it was made under.
    pub configuration_id: Option<ConfigurationId>,
    /// That configuration's provider.
    pub billing_provider: Option<String>,
    /// The number people know it by, given by whoever brought it in. Unique.
    pub external_id: String,
    pub status: InvoiceStatus,
    pub external_status: Option<ExternalStatus>,
    pub starts_at: DateTime<Utc>,
    /// Exclusive.
    pub ends_at: DateTime<Utc>,
    pub grace_period_ends_at: Option<DateTime<Utc>>,
    pub total: Money,
    /// As they were brought in. Stay on the server.
    #[serde(skip)]
    pub lines: serde_json::Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub voided_at: Option<DateTime<Utc>>,
}

/// An invoice to be brought in. One with the same `external_id` is replaced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewInvoice {
    pub customer_id: CustomerId,
    pub contract_id: ContractId,
    pub external_id: String,
    pub status: InvoiceStatus,
    pub external_status: Option<ExternalStatus>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub grace_period_ends_at: Option<DateTime<Utc>>,
    pub currency: Currency,
    pub total_minor: i64,
    pub lines: Vec<serde_json::Value>,
}

/// What an archive needs to know of an invoice that is not VOID.
#[derive(Debug, Clone, PartialEq)]
pub struct StandingInvoice {
    pub id: InvoiceId,
    pub customer_id: CustomerId,
    pub configuration_id: Option<ConfigurationId>,
    pub number: String,
    pub status: InvoiceStatus,
    pub external_status: Option<ExternalStatus>,
    pub grace_period_ends_at: Option<DateTime<Utc>>,
    pub total: Money,
}
