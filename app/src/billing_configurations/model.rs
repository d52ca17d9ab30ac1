use crate::{
    audit::Entry,
    contracts::{Contract, LiveContract},
    ids::{ConfigurationId, CustomerId},
    invoices::{Invoice, StandingInvoice},
    lifecycle::Lifecycle,
    paging::PageLinks,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use uuid::Uuid;

/// The system outside that bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    AwsMarketplace,
    AzureMarketplace,
    Custom,
    GcpMarketplace,
    Metronome,
    #[serde(rename = "netsuite")]
    NetSuite,
    #[serde(rename = "quickbooks_online")]
    QuickBooksOnline,
    Stripe,
    Workday,
}

impl Provider {
    pub const ALL: [Self; 9] = [
        Self::AwsMarketplace,
        Self::AzureMarketplace,
        Self::Custom,
        Self::GcpMarketplace,
        Self::Metronome,
        Self::NetSuite,
        Self::QuickBooksOnline,
        Self::Stripe,
        Self::Workday,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwsMarketplace => "aws_marketplace",
            Self::AzureMarketplace => "azure_marketplace",
            Self::Custom => "custom",
            Self::GcpMarketplace => "gcp_marketplace",
            Self::Metronome => "metronome",
            Self::NetSuite => "netsuite",
            Self::QuickBooksOnline => "quickbooks_online",
            Self::Stripe => "stripe",
            Self::Workday => "workday",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::AwsMarketplace => "AWS Marketplace",
            Self::AzureMarketplace => "Azure Marketplace",
            Self::Custom => "Custom",
            Self::GcpMarketplace => "GCP Marketplace",
            Self::Metronome => "Metronome",
            Self::NetSuite => "NetSuite",
            Self::QuickBooksOnline => "QuickBooks Online",
            Self::Stripe => "Stripe",
            Self::Workday => "Workday",
        }
    }

    /// The field of the configuration that holds the provider's own id of the customer.
    pub fn reference_field(self) -> &'static str {
        match self {
            Self::AwsMarketplace => "aws_customer_id",
            Self::AzureMarketplace => "azure_subscription_id",
            Self::GcpMarketplace => "gcp_entitlement_id",
            Self::NetSuite => "netsuite_customer_id",
            Self::Stripe => "stripe_customer_id",
            Self::QuickBooksOnline => "quickbooks_customer_id",
            Self::Workday => "workday_customer_id",
            Self::Custom | Self::Metronome => "customer_id",
        }
    }
}

impl FromStr for Provider {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.as_str() == text)
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|provider| provider.as_str()).collect();
                format!("must be one of {}", known.join(", "))
            })
    }
}

/// How invoices reach the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryMethod {
    AwsSns,
    AwsSqs,
    DirectToBillingProvider,
    Tackle,
}

impl DeliveryMethod {
    pub const ALL: [Self; 4] = [
        Self::AwsSns,
        Self::AwsSqs,
        Self::DirectToBillingProvider,
        Self::Tackle,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwsSns => "aws_sns",
            Self::AwsSqs => "aws_sqs",
            Self::DirectToBillingProvider => "direct_to_billing_provider",
            Self::Tackle => "tackle",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::AwsSns => "SNS",
            Self::AwsSqs => "SQS",
            Self::DirectToBillingProvider => "Direct",
            Self::Tackle => "Tackle",
        }
    }
}

impl FromStr for DeliveryMethod {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|method| method.as_str()).collect();
                format!("must be one of {}", known.join(", "))
            })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxProvider {
    Anrok,
    Avalara,
    Stripe,
}

impl TaxProvider {
    pub const ALL: [Self; 3] = [Self::Anrok, Self::Avalara, Self::Stripe];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anrok => "anrok",
            Self::Avalara => "avalara",
            Self::Stripe => "stripe",
        }
    }

    /// As shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Anrok => "Anrok",
            Self::Avalara => "Avalara",
            Self::Stripe => "Stripe Tax",
        }
    }
}

impl FromStr for TaxProvider {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.as_str() == text)
            .ok_or_else(|| "must be one of anrok, avalara, stripe".to_owned())
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    pub id: ConfigurationId,
    pub customer_id: CustomerId,
    pub billing_provider: Provider,
    pub delivery_method: DeliveryMethod,
    pub delivery_method_id: Uuid,
    /// The provider's own id of the customer.
    pub provider_reference: Option<String>,
    /// What the provider needs, as it was sent. Stays on the server.
    #[serde(skip)]
    pub configuration: serde_json::Value,
    pub tax_provider: Option<TaxProvider>,
    pub uniqueness_key: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub lifecycle: Lifecycle,
}

impl Configuration {
    /// What people call it: `Stripe cus_QxR4mT0p8Lm`.
    pub fn title(&self) -> String {
        title(self.billing_provider, self.provider_reference.as_deref())
    }
}

pub(crate) fn title(provider: Provider, reference: Option<&str>) -> String {
    match reference {
        Some(reference) => format!("{} {reference}", provider.label()),
        None => provider.label().to_owned(),
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct NewConfiguration {
    pub customer_id: CustomerId,
    pub billing_provider: Provider,
    pub delivery_method: Option<DeliveryMethod>,
    pub delivery_method_id: Option<Uuid>,
    pub configuration: serde_json::Value,
    pub tax_provider: Option<TaxProvider>,
    pub uniqueness_key: Option<String>,
}

/// Where a configuration stands, as lists show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    Active,
    /// Live, but its customer is archived: nothing is billed through it.
    Inert,
    Archived,
}

/// One line of the list of configurations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationRow {
    pub id: ConfigurationId,
    pub customer_id: CustomerId,
    pub customer_name: String,
    /// The customer's version, to be carried by a confirmation.
    pub version: i64,
    pub billing_provider: Provider,
    pub provider_reference: Option<String>,
    pub uniqueness_key: Option<String>,
    pub standing: Standing,
    /// Invoices that an archive would stop from being sent.
    pub in_grace_period: u32,
    pub live_contracts: u32,
    pub spend_recharge: bool,
    pub credit_recharge: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationList {
    pub rows: Vec<ConfigurationRow>,
    pub links: PageLinks,
    /// The moment that relative times are counted from.
    pub now: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationDetail {
    pub configuration: Configuration,
    /// The fields that were sent for the provider, as indented JSON.
    pub provider_fields: String,
    pub customer_name: String,
    pub customer_version: i64,
    pub customer_archived: bool,
    pub standing: Standing,
    /// Contracts that use or used it.
    pub contracts: Vec<Contract>,
    /// The newest invoices made under it.
    pub invoices: Vec<Invoice>,
    pub timeline: Vec<Entry>,
    pub unarchive_allowed: bool,
    pub now: DateTime<Utc>,
}

/// What the rules need to know of a customer before some of its configurations are archived or unarchived.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigurationWorld {
    pub customer_id: CustomerId,
    pub customer_name: String,
    pub version: i64,
    /// Those named by the request that belong to this customer.
    pub configurations: Vec<Configuration>,
    /// Every live contract of the customer that uses one of them.
    pub contracts: Vec<LiveContract>,
    /// Every invoice that is not VOID and was made under one of them.
    pub invoices: Vec<StandingInvoice>,
}
