//! What an action does, as data. The rules compute effects; the preview counts them, the stores apply them, the audit log
//! keeps them, the outbox announces them. One computation and four readers: that is why a preview is exact.

use crate::{
    billing_configurations::Provider,
    contracts::Recharge,
    ids::{ConfigurationId, ContractId, CustomerId, InvoiceId},
    invoices::{ExternalStatus, InvoiceStatus},
    money::{self, Money},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One consequence of an action, with what was there before and what is there after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    ContractArchived {
        id: ContractId,
        name: String,
        /// The first moment that is no longer part of the contract.
        before: Option<DateTime<Utc>>,
        after: DateTime<Utc>,
    },
    /// Usage of the contract is no longer sent to the billing provider.
    MeteringStopped {
        id: ContractId,
        name: String,
    },
    RechargeDisabled {
        id: ContractId,
        name: String,
        recharge: Recharge,
    },
    /// The contract's configuration is marked archived on the contract.
    ConfigurationDetached {
        id: ContractId,
        name: String,
        configuration: ConfigurationId,
    },
    InvoiceVoided {
        id: InvoiceId,
        number: String,
        money: Money,
        before: InvoiceStatus,
        /// At the provider. No refund is made.
        paid: bool,
        /// It was still to be sent, and never will be.
        in_grace_period: bool,
    },
    /// The invoice stays what it is and is never sent.
    InvoiceSkipped {
        id: InvoiceId,
        number: String,
        money: Money,
        before: Option<ExternalStatus>,
    },
    /// An option left this invoice alone because it is paid.
    PaidInvoiceKept {
        id: InvoiceId,
        number: String,
        money: Money,
    },
    ConfigurationArchived {
        id: ConfigurationId,
        provider: Provider,
        uniqueness_key: Option<String>,
    },
    ConfigurationUnarchived {
        id: ConfigurationId,
        provider: Provider,
        uniqueness_key: Option<String>,
    },
    AliasReserved {
        alias: String,
    },
    AliasReleased {
        alias: String,
    },
}

/// Effects counted, per kind and per currency: what a preview shows and what an answer reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    pub contracts_archived: u64,
    pub metering_stopped: u64,
    pub spend_recharges_disabled: u64,
    pub credit_recharges_disabled: u64,
    pub configurations_detached: u64,
    pub invoices_voided: u64,
    pub voided: Vec<Money>,
    pub voided_paid: u64,
    /// Invoices in their grace period that will never be sent, voided or not.
    pub never_sent: u64,
    pub paid_kept: u64,
    pub configurations_archived: u64,
    pub configurations_unarchived: u64,
    pub uniqueness_keys_freed: u64,
    pub aliases_reserved: u64,
    pub aliases_released: u64,
}

impl Tally {
    pub fn of<'a>(effects: impl IntoIterator<Item = &'a Effect>) -> Self {
        let mut tally = Self::default();
        let mut voided = Vec::new();
        for effect in effects {
            match effect {
                Effect::ContractArchived { .. } => tally.contracts_archived += 1,
                Effect::MeteringStopped { .. } => tally.metering_stopped += 1,
                Effect::RechargeDisabled {
                    recharge: Recharge::Spend,
                    ..
                } => tally.spend_recharges_disabled += 1,
                Effect::RechargeDisabled {
                    recharge: Recharge::Credit,
                    ..
                } => tally.credit_recharges_disabled += 1,
                Effect::ConfigurationDetached { .. } => tally.configurations_detached += 1,
                Effect::InvoiceVoided {
                    money,
                    paid,
                    in_grace_period,
                    ..
                } => {
                    tally.invoices_voided += 1;
                    tally.voided_paid += u64::from(*paid);
                    tally.never_sent += u64::from(*in_grace_period);
                    voided.push(money);
                }
                Effect::InvoiceSkipped { .. } => tally.never_sent += 1,
                Effect::PaidInvoiceKept { .. } => tally.paid_kept += 1,
                Effect::ConfigurationArchived { uniqueness_key, .. } => {
                    tally.configurations_archived += 1;
                    tally.uniqueness_keys_freed += u64::from(uniqueness_key.is_some());
                }
                Effect::ConfigurationUnarchived { .. } => tally.configurations_unarchived += 1,
                Effect::AliasReserved { .. } => tally.aliases_reserved += 1,
                Effect::AliasReleased { .. } => tally.aliases_released += 1,
            }
        }
        tally.voided = money::totals(voided);
        tally
    }

    /// Counts these effects as well.
    pub fn add(&mut self, other: &Self) {
        self.contracts_archived += other.contracts_archived;
        self.metering_stopped += other.metering_stopped;
        self.spend_recharges_disabled += other.spend_recharges_disabled;
        self.credit_recharges_disabled += other.credit_recharges_disabled;
        self.configurations_detached += other.configurations_detached;
        self.invoices_voided += other.invoices_voided;
        self.voided = money::totals(self.voided.iter().chain(&other.voided));
        self.voided_paid += other.voided_paid;
        self.never_sent += other.never_sent;
        self.paid_kept += other.paid_kept;
        self.configurations_archived += other.configurations_archived;
        self.configurations_unarchived += other.configurations_unarchived;
        self.uniqueness_keys_freed += other.uniqueness_keys_freed;
        self.aliases_reserved += other.aliases_reserved;
        self.aliases_released += other.aliases_released;
    }

    /// Every count by its name in an API's answer.
    pub fn counts(&self) -> [(&'static str, u64); 14] {
        [
            ("contracts_archived", self.contracts_archived),
            ("metering_stopped", self.metering_stopped),
            ("spend_recharges_disabled", self.spend_recharges_disabled),
            ("credit_recharges_disabled", self.credit_recharges_disabled),
            ("configurations_detached", self.configurations_detached),
            ("invoices_voided", self.invoices_voided),
            ("voided_paid", self.voided_paid),
            ("never_sent", self.never_sent),
            ("paid_kept", self.paid_kept),
            ("configurations_archived", self.configurations_archived),
            ("configurations_unarchived", self.configurations_unarchived),
            ("uniqueness_keys_freed", self.uniqueness_keys_freed),
            ("aliases_reserved", self.aliases_reserved),
            ("aliases_released", self.aliases_released),
        ]
    }

    pub fn recharges_disabled(&self) -> u64 {
        self.spend_recharges_disabled + self.credit_recharges_disabled
    }
}

/// What would happen to one row of a selection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It changes.
    Change,
    /// It is already as wanted since then; nothing happens to it.
    Skipped { since: Option<DateTime<Utc>> },
    /// The rules refuse it; nothing happens to it.
    Blocked(crate::error::Refusal),
}

/// One row of a selection, as a preview lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub id: uuid::Uuid,
    pub name: String,
    /// Of the customer, when the preview was taken.
    pub version: i64,
    pub verdict: Verdict,
}

/// One row of a selection with what would happen to it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appraised {
    pub customer_id: CustomerId,
    pub subject: Subject,
    pub tally: Tally,
    /// Notifications that would stop, or start again.
    pub notifications: u64,
}

/// What an action would do to a selection, computed on one snapshot by the rules that will do it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub taken_at: DateTime<Utc>,
    pub subjects: Vec<Subject>,
    pub tally: Tally,
    /// The first effects of each kind, for reading.
    pub examples: Vec<Effect>,
    pub notifications: u64,
}

/// Effects of one kind that a preview carries along for reading.
pub const EXAMPLES_PER_KIND_MAX: usize = 100;

impl Preview {
    pub fn changes(&self) -> usize {
        self.subjects
            .iter()
            .filter(|subject| subject.verdict == Verdict::Change)
            .count()
    }

    pub fn skipped(&self) -> usize {
        self.subjects
            .iter()
            .filter(|subject| matches!(subject.verdict, Verdict::Skipped { .. }))
            .count()
    }

    pub fn blocked(&self) -> usize {
        self.subjects
            .iter()
            .filter(|subject| matches!(subject.verdict, Verdict::Blocked(_)))
            .count()
    }

    /// Whether a confirmation of `versions` still means this preview.
    pub fn is_of(&self, versions: &[i64]) -> bool {
        self.subjects
            .iter()
            .map(|subject| subject.version)
            .eq(versions.iter().copied())
    }
}

/// The first effects of each kind.
pub fn examples<'a>(effects: impl IntoIterator<Item = &'a Effect>) -> Vec<Effect> {
    let mut taken = std::collections::HashMap::new();
    effects
        .into_iter()
        .filter(|effect| {
            let count: &mut usize = taken.entry(std::mem::discriminant(*effect)).or_default();
            *count += 1;
            *count <= EXAMPLES_PER_KIND_MAX
        })
        .cloned()
        .collect()
}

/// What was done to a selection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Rows that changed, with the version they have now.
    pub changed: Vec<Changed>,
    pub skipped: usize,
    pub blocked: usize,
    pub tally: Tally,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub id: uuid::Uuid,
    pub name: String,
    pub version: i64,
    /// What it came to for this row alone. Stays on the server.
    #[serde(skip)]
    pub tally: Tally,
}
