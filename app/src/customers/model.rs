use crate::{
    audit::TimelinePage,
    billing_configurations::{Configuration, NewConfiguration, Provider},
    contracts::{Contract, LiveContract},
    effects::Tally,
    ids::CustomerId,
    invoices::{Invoice, StandingInvoice},
    lifecycle::Lifecycle,
    money::Money,
    paging::PageLinks,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CustomerType {
    Business,
    Individual,
}

impl CustomerType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Business => "BUSINESS",
            Self::Individual => "INDIVIDUAL",
        }
    }
}

impl std::str::FromStr for CustomerType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "BUSINESS" => Ok(Self::Business),
            "INDIVIDUAL" => Ok(Self::Individual),
            _ => Err("must be BUSINESS or INDIVIDUAL".to_owned()),
        }
    }
}

/// Everything the envelope dialect knows of a customer beyond key, type and email, by its own field names. Kept as it was
/// sent, checked by [`super::rules::profile`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Profile(pub Map<String, Value>);

impl Profile {
    /// A text field that is there and not blank.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.0
            .get(field)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    pub id: CustomerId,
    /// Unique and immutable.
    pub key: String,
    /// As shown: display name, else legal name, else first and last name, else email.
    pub name: String,
    pub customer_type: Option<CustomerType>,
    pub primary_email: Option<String>,
    /// Stays on the server.
    #[serde(skip)]
    pub profile: Profile,
    /// Stay on the server.
    #[serde(skip)]
    pub custom_fields: Map<String, Value>,
    /// In the order they were set.
    pub ingest_aliases: Vec<String>,
    /// Counts every write to the customer and to what hangs on it.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub lifecycle: Lifecycle,
}

impl Customer {
    /// What the bearer dialect calls the customer's id outside: the first alias, else the id.
    pub fn external_id(&self) -> String {
        self.ingest_aliases
            .first()
            .cloned()
            .unwrap_or_else(|| self.id.to_string())
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewCustomer {
    /// Generated when not given.
    pub key: Option<String>,
    pub customer_type: Option<CustomerType>,
    pub primary_email: Option<String>,
    pub profile: Profile,
    pub custom_fields: Map<String, Value>,
    pub ingest_aliases: Vec<String>,
    pub configurations: Vec<NewConfiguration>,
}

/// Fields to change; `None` leaves a field as it is, a JSON null in the profile clears it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CustomerEdit {
    pub customer_type: Option<CustomerType>,
    pub primary_email: Option<String>,
    pub profile: Profile,
}

/// What an archive of customers may do beside the rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ArchiveOptions {
    pub archive_configurations: bool,
    pub release_aliases: bool,
    /// Leaves invoices that are paid at the provider as they are.
    pub keep_paid_invoices: bool,
}

/// What the rules need to know of a customer before it is archived.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerWorld {
    pub customer: Customer,
    pub contracts: Vec<LiveContract>,
    pub invoices: Vec<StandingInvoice>,
    pub configurations: Vec<Configuration>,
    pub notifications: u64,
}

/// One line of the list of customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerRow {
    pub id: CustomerId,
    pub key: String,
    pub name: String,
    pub archived: bool,
    pub version: i64,
    /// Of live configurations, most used first.
    pub providers: Vec<Provider>,
    pub live_contracts: u32,
    pub open_invoices: Vec<Money>,
    pub spend_recharge: bool,
    pub credit_recharge: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerList {
    pub rows: Vec<CustomerRow>,
    pub links: PageLinks,
    /// The moment that relative times are counted from.
    pub now: DateTime<Utc>,
}

/// A customer with all that hangs on it, as the detail page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerDetail {
    pub customer: Customer,
    /// Newest first.
    pub contracts: Vec<Contract>,
    /// Newest first, at most [`super::rules::DETAIL_INVOICES_MAX`].
    pub invoices: Vec<Invoice>,
    pub invoices_total: i64,
    pub open_invoices: Vec<Money>,
    pub configurations: Vec<Configuration>,
    pub notifications: u64,
    pub timeline: TimelinePage,
    /// What an archive would do now; of an archived customer, what its archive did.
    pub effects: Tally,
    pub set_up_again: SetUpAgain,
    pub unarchive_allowed: bool,
    pub now: DateTime<Utc>,
}

/// What unarchiving does not bring back, to be set up anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUpAgain {
    /// Contracts that the archive ended.
    pub contracts: Vec<String>,
    /// Configurations that are still live and were used by those contracts.
    pub configurations: Vec<String>,
    /// Recharges that the archive disabled.
    pub recharges: Vec<String>,
    /// Invoices that the archive voided.
    pub voided_invoices: u64,
}
