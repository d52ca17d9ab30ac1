//! The configurations and contracts of a story: what an onboarding would have sent.

use super::{
    invoices::{Billing, currency, minor},
    plot::Fate,
    rng::{ALPHANUMERIC, DIGITS, Rng},
    story::{REGIONS, Story},
};
use crate::{
    billing_configurations::{
        Configuration, DeliveryMethod, Provider, TaxProvider, rules::provider_reference,
        service::delivery_method_id,
    },
    contracts::Contract,
    ids::{ConfigurationId, ContractId},
    lifecycle::Lifecycle,
};
use chrono::{DateTime, Datelike, Months, NaiveTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

impl Story<'_> {
    /// A configuration to begin with, or in place of an archived one whose uniqueness key is free again.
    pub(super) fn configuration(
        &mut self,
        at: DateTime<Utc>,
        freed_key: Option<String>,
    ) -> Configuration {
        let rng = &mut self.rng;
        let provider = rng.weighted(&PROVIDERS);
        let delivery_method = delivery_method(rng, provider);
        let configuration = settings(rng, provider, &self.handle);
        let uniqueness_key = match freed_key {
            Some(key) => Some(key),
            None if rng.percent(33) => {
                let region = *rng.pick(&REGIONS);
                Some(
                    self.taken
                        .configuration_key(&format!("{}-{region}", self.who.stem)),
                )
            }
            None => None,
        };
        let tax_provider = match provider {
            Provider::Stripe if rng.percent(35) => Some(TaxProvider::Stripe),
            Provider::NetSuite | Provider::QuickBooksOnline if rng.percent(30) => {
                Some(*rng.pick(&[TaxProvider::Avalara, TaxProvider::Anrok]))
            }
            _ => None,
        };
        Configuration {
            id: ConfigurationId(rng.uuid(at)),
            customer_id: self.world.customer.id,
            billing_provider: provider,
            delivery_method,
            delivery_method_id: delivery_method_id(provider, delivery_method),
            provider_reference: provider_reference(provider, &configuration),
            configuration,
            tax_provider,
            uniqueness_key,
            created_at: at,
            updated_at: at,
            lifecycle: Lifecycle::Active,
        }
    }

    /// New terms from about this moment on, and how they are billed.
    pub(super) fn contract(
        &mut self,
        at: DateTime<Utc>,
        created_by: String,
    ) -> (Contract, Billing) {
        let kinds = if self.world.contracts.is_empty() {
            &FIRST_KINDS[..]
        } else {
            &LATER_KINDS[..]
        };
        let kind = self.rng.weighted(kinds);
        let mut billing = self.billing_of(kind);
        let today = at.date_naive();
        let from_month = self.rng.percent(65);
        let first_day = if from_month {
            today.with_day(1).unwrap_or(today)
        } else {
            today
        };
        let starting_at = first_day.and_time(NaiveTime::MIN).and_utc();
        let ending_before = self.ending(kind, starting_at);
        let id = ContractId(self.rng.uuid(at));
        let name = match (kind.dated, self.rng.percent(4)) {
            (_, true) => None,
            (true, false) => Some(format!("{} {}", kind.name, starting_at.year())),
            (false, false) => Some(kind.name.to_owned()),
        };
        let uniqueness_key = self.rng.percent(33).then(|| {
            self.taken.contract_key(&format!(
                "{}-{}",
                self.who.stem,
                starting_at.format("%Y-%m")
            ))
        });
        let live: Vec<ConfigurationId> = self
            .world
            .configurations
            .iter()
            .filter(|one| !one.lifecycle.is_archived())
            .map(|one| one.id)
            .collect();
        let configuration_id =
            (!live.is_empty() && self.rng.percent(97)).then(|| *self.rng.pick(&live));
        billing.billed = configuration_id.is_some() || self.rng.percent(15);
        let spend = self.rng.percent(28).then(|| self.rng.percent(82));
        let credit = self.rng.percent(20).then(|| self.rng.percent(82));
        let mut contract = Contract {
            id,
            customer_id: self.world.customer.id,
            name,
            uniqueness_key,
            starting_at,
            ending_before,
            terms: Value::Null,
            configuration_id,
            configuration_archived_at: None,
            metering_stopped_at: None,
            spend_recharge_enabled: spend,
            credit_recharge_enabled: credit,
            created_at: at,
            created_by,
            updated_at: at,
            archived_at: None,
        };
        contract.terms = request(&mut self.rng, &contract, &billing);
        (contract, billing)
    }

    fn billing_of(&mut self, kind: Kind) -> Billing {
        let (currency, per_euro) = match self.rng.below(100) {
            0..5 => (currency("USD"), 1.1),
            5..8 => (currency("EUR"), 1.0),
            _ => (self.currency(), self.country.per_euro),
        };
        let months = self.rng.weighted(&[(82, 1), (13, 3), (5, 12)]);
        let euros = self.size * kind.weight * f64::from(months) * (0.6 + 0.8 * self.rng.unit());
        Billing {
            billed: true,
            months,
            grace_days: self
                .rng
                .weighted(&[(35, 1), (30, 3), (20, 5), (10, 10), (8, 21)]),
            usual_minor: minor(euros, per_euro, &currency),
            currency,
            next_period: 0,
        }
    }

    /// When a contract ends by itself. Somebody who is in business has one that has not.
    fn ending(&mut self, kind: Kind, starting_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let months = match kind.months {
            Some(months) => Some(months),
            None => self
                .rng
                .weighted(&[(50, Some(12)), (10, Some(24)), (40, None)]),
        };
        let natural = months.and_then(|months| starting_at.checked_add_months(Months::new(months)));
        match self.plot.fate {
            Fate::Dormant => {
                let month = self.plot.last.date_naive().with_day(1).unwrap_or_default();
                let month = month.and_time(NaiveTime::MIN).and_utc();
                let soonest = starting_at
                    .checked_add_months(Months::new(1))
                    .unwrap_or(month);
                Some(natural.map_or(month, |end| end.min(month)).max(soonest))
            }
            Fate::Live if self.contracts_to_come == 0 => natural.filter(|end| *end > self.as_of),
            _ => natural,
        }
    }
}

/// A sort of contract.
#[derive(Debug, Clone, Copy)]
struct Kind {
    name: &'static str,
    /// Whether its name ends with the year.
    dated: bool,
    /// What it costs, beside others of the same customer.
    weight: f64,
    months: Option<u32>,
}

const fn kind(name: &'static str, dated: bool, weight: f64, months: Option<u32>) -> Kind {
    Kind {
        name,
        dated,
        weight,
        months,
    }
}

const FIRST_KINDS: [(u64, Kind); 7] = [
    (22, kind("Enterprise", true, 3.0, None)),
    (20, kind("Growth", true, 1.0, None)),
    (16, kind("Business", true, 1.4, None)),
    (14, kind("Pay as you go", false, 0.5, None)),
    (12, kind("Pilot", true, 0.3, Some(3))),
    (10, kind("Starter", true, 0.2, None)),
    (6, kind("Framework agreement", true, 2.0, Some(24))),
];
const LATER_KINDS: [(u64, Kind); 12] = [
    (16, kind("Enterprise", true, 3.0, None)),
    (12, kind("Growth", true, 1.0, None)),
    (10, kind("Business", true, 1.4, None)),
    (12, kind("EU data add-on", false, 0.3, None)),
    (9, kind("Premium support", false, 0.25, Some(12))),
    (8, kind("API overage", true, 0.4, None)),
    (8, kind("Sandbox", false, 0.15, None)),
    (7, kind("Analytics add-on", false, 0.35, None)),
    (6, kind("Renewal", true, 1.5, Some(12))),
    (5, kind("Pilot", true, 0.3, Some(3))),
    (4, kind("Black Friday burst", true, 0.6, Some(2))),
    (3, kind("Migration services", false, 0.8, Some(6))),
];

const PROVIDERS: [(u64, Provider); 9] = [
    (56, Provider::Stripe),
    (11, Provider::NetSuite),
    (9, Provider::AwsMarketplace),
    (6, Provider::Custom),
    (5, Provider::AzureMarketplace),
    (4, Provider::GcpMarketplace),
    (4, Provider::QuickBooksOnline),
    (3, Provider::Workday),
    (2, Provider::Metronome),
];

fn delivery_method(rng: &mut Rng, provider: Provider) -> DeliveryMethod {
    use DeliveryMethod::{AwsSns, AwsSqs, DirectToBillingProvider, Tackle};
    match provider {
        Provider::AwsMarketplace => rng.weighted(&[
            (45, DirectToBillingProvider),
            (30, Tackle),
            (15, AwsSqs),
            (10, AwsSns),
        ]),
        Provider::AzureMarketplace | Provider::GcpMarketplace => {
            rng.weighted(&[(65, DirectToBillingProvider), (35, Tackle)])
        }
        Provider::Custom => {
            rng.weighted(&[(50, AwsSqs), (25, AwsSns), (25, DirectToBillingProvider)])
        }
        _ => DirectToBillingProvider,
    }
}

/// The provider's own id of the customer and its other settings, shaped like the provider's.
fn settings(rng: &mut Rng, provider: Provider, handle: &str) -> Value {
    let field = provider.reference_field();
    match provider {
        Provider::Stripe => {
            let collection = rng.weighted(&[(75, "charge_automatically"), (25, "send_invoice")]);
            let id = format!("cus_{}", rng.text(ALPHANUMERIC, 14));
            json!({ field: id, "stripe_collection_method": collection })
        }
        Provider::AwsMarketplace => {
            let region = *rng.pick(&["us-east-1", "us-west-2", "eu-central-1", "ap-southeast-2"]);
            let product = rng.text(b"0123456789abcdefghijklmnopqrstuvwxyz", 25);
            let id = rng.text(ALPHANUMERIC, 11);
            json!({ field: id, "aws_product_code": product, "aws_region": region })
        }
        Provider::AzureMarketplace => {
            json!({ field: random_uuid(rng), "azure_subscription_status": "Subscribed" })
        }
        Provider::GcpMarketplace => json!({ field: random_uuid(rng) }),
        Provider::NetSuite => json!({ field: rng.between(10_000, 99_999).to_string() }),
        Provider::QuickBooksOnline => json!({ field: rng.between(100, 9_999).to_string() }),
        Provider::Workday => json!({ field: format!("CUST-{}", rng.text(DIGITS, 6)) }),
        Provider::Metronome => json!({ field: random_uuid(rng) }),
        Provider::Custom => {
            let system = *rng.pick(&["erp", "sftp", "ledger", "sap", "edi"]);
            json!({ field: format!("{handle}-{system}") })
        }
    }
}

/// A UUID of version 4, as others hand them out.
fn random_uuid(rng: &mut Rng) -> String {
    let bytes = (u128::from(rng.number()) << 64) | u128::from(rng.number());
    uuid::Builder::from_random_bytes(bytes.to_be_bytes())
        .into_uuid()
        .to_string()
}

/// The products that recharges are booked on, the same for everyone.
const RECHARGE_PRODUCT: Uuid = Uuid::from_u128(0x0198_0a3c_5b10_7000_8000_0000_0000_00f1);
const TOP_UP_PRODUCT: Uuid = Uuid::from_u128(0x0198_0a3c_5b10_7000_8000_0000_0000_00f2);

/// The request that created a contract.
fn request(rng: &mut Rng, contract: &Contract, billing: &Billing) -> Value {
    let frequency = match billing.months {
        1 => "MONTHLY",
        3 => "QUARTERLY",
        _ => "ANNUAL",
    };
    let mut body = json!({
        "customer_id": contract.customer_id,
        "starting_at": contract.starting_at,
        "usage_statement_schedule": { "frequency": frequency },
    });
    let gate = *rng.pick(&["NONE", "STRIPE", "EXTERNAL"]);
    if let Some(name) = &contract.name {
        body["name"] = json!(name);
    }
    if let Some(end) = contract.ending_before {
        body["ending_before"] = json!(end);
    }
    if let Some(key) = &contract.uniqueness_key {
        body["uniqueness_key"] = json!(key);
    }
    if let Some(id) = contract.configuration_id {
        body["billing_provider_configuration"] = json!({ "billing_provider_configuration_id": id });
    }
    if let Some(enabled) = contract.spend_recharge_enabled {
        body["spend_threshold_configuration"] = json!({
            "commit": { "product_id": RECHARGE_PRODUCT, "name": "Spend recharge" },
            "is_enabled": enabled,
            "payment_gate_config": { "payment_gate_type": gate },
            "threshold_amount": round(billing.usual_minor),
        });
    }
    if let Some(enabled) = contract.credit_recharge_enabled {
        let threshold = round(billing.usual_minor / 4);
        body["prepaid_balance_threshold_configuration"] = json!({
            "commit": { "product_id": TOP_UP_PRODUCT, "name": "Credit top-up" },
            "is_enabled": enabled,
            "payment_gate_config": { "payment_gate_type": gate },
            "threshold_amount": threshold,
            "recharge_to_amount": threshold * rng.between(4, 10),
        });
    }
    body
}

/// To one leading digit, or a five after it: what people choose as thresholds.
fn round(minor: i64) -> i64 {
    let mut unit = 1;
    while minor / unit >= 100 {
        unit *= 10;
    }
    (minor / unit / 5 * 5).max(5) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_round() {
        for (given, expected) in [
            (123_456, 100_000),
            (98_765, 95_000),
            (7, 5),
            (50_000, 50_000),
        ] {
            assert_eq!(round(given), expected);
        }
    }
}
