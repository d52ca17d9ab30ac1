use crate::ids::{ConfigurationId, ContractId, CustomerId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The two threshold recharges that a contract may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recharge {
    /// Charges when spend since the last charge reaches a threshold.
    Spend,
    /// Charges when the prepaid credit balance falls below a threshold.
    Credit,
}

impl Recharge {
    pub fn label(self) -> &'static str {
        match self {
            Self::Spend => "Spend",
            Self::Credit => "Credit",
        }
    }
}

/// Terms of one customer over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    pub id: ContractId,
    pub customer_id: CustomerId,
    pub name: Option<String>,
    pub uniqueness_key: Option<String>,
    pub starting_at: DateTime<Utc>,
    /// Exclusive. `None` while open-ended.
    pub ending_before: Option<DateTime<Utc>>,
    /// The create request as it came. Stays on the server.
    #[serde(skip)]
    pub terms: serde_json::Value,
    pub configuration_id: Option<ConfigurationId>,
    pub configuration_archived_at: Option<DateTime<Utc>>,
    pub metering_stopped_at: Option<DateTime<Utc>>,
    /// `None` where the contract has no such recharge.
    pub spend_recharge_enabled: Option<bool>,
    pub credit_recharge_enabled: Option<bool>,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

impl Contract {
    /// What people call it.
    pub fn title(&self) -> String {
        title(self.name.as_deref(), self.id)
    }

    pub fn recharge_enabled(&self, recharge: Recharge) -> Option<bool> {
        match recharge {
            Recharge::Spend => self.spend_recharge_enabled,
            Recharge::Credit => self.credit_recharge_enabled,
        }
    }
}

/// A contract's name, or the end of its id where it has none.
pub fn title(name: Option<&str>, id: ContractId) -> String {
    match name {
        Some(name) if !name.trim().is_empty() => name.to_owned(),
        _ => {
            let id = id.to_string();
            format!("Contract …{}", &id[id.len() - 6..])
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewContract {
    pub customer_id: CustomerId,
    pub name: Option<String>,
    pub uniqueness_key: Option<String>,
    pub starting_at: DateTime<Utc>,
    pub ending_before: Option<DateTime<Utc>>,
    pub configuration: Attachment,
    pub spend_recharge_enabled: Option<bool>,
    pub credit_recharge_enabled: Option<bool>,
    pub terms: serde_json::Value,
}

/// Which configuration a new contract bills through.
#[derive(Debug, Clone, PartialEq)]
pub enum Attachment {
    None,
    Configuration(ConfigurationId),
    /// The customer's live configuration with this provider and delivery method.
    Matching {
        billing_provider: crate::billing_configurations::Provider,
        delivery_method: Option<crate::billing_configurations::DeliveryMethod>,
    },
}

/// What an archive needs to know of a contract that is in service.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveContract {
    pub id: ContractId,
    pub customer_id: CustomerId,
    pub name: Option<String>,
    pub starting_at: DateTime<Utc>,
    pub ending_before: Option<DateTime<Utc>>,
    pub configuration_id: Option<ConfigurationId>,
    pub configuration_archived: bool,
    pub metering_stopped: bool,
    pub spend_recharge_enabled: Option<bool>,
    pub credit_recharge_enabled: Option<bool>,
}

impl LiveContract {
    pub fn title(&self) -> String {
        title(self.name.as_deref(), self.id)
    }

    /// The recharges that would charge now.
    pub fn recharges_on(&self) -> impl Iterator<Item = Recharge> {
        [
            (Recharge::Spend, self.spend_recharge_enabled),
            (Recharge::Credit, self.credit_recharge_enabled),
        ]
        .into_iter()
        .filter(|(_, enabled)| *enabled == Some(true))
        .map(|(recharge, _)| recharge)
    }
}
