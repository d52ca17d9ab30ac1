//! How a contract is shown: as it was created, and as it is now. The terms are kept as they were sent; what is echoed of
//! them was checked when they came, since the official client refuses to read an answer of another shape.

use super::configurations;
use crate::rest::{answer::time, body::Fields};
use app::{billing_configurations::Configuration, contracts::Contract, error::AppError};
use chrono::{DateTime, Datelike, NaiveTime, Utc};
use serde_json::{Value, json};

pub(super) const SPEND: &str = "spend_threshold_configuration";
pub(super) const CREDIT: &str = "prepaid_balance_threshold_configuration";
const SCHEDULE: &str = "usage_statement_schedule";
/// Terms that are echoed as they came.
const TEXT_TERMS: [&str; 3] = [
    "rate_card_id",
    "netsuite_sales_order_id",
    "salesforce_opportunity_id",
];
const NUMBER_TERMS: [&str; 2] = ["net_payment_terms_days", "total_contract_value"];

/// Refuses terms that could not be shown again.
pub(super) fn check(body: &Fields) -> Result<(), AppError> {
    body.labels("custom_fields")?;
    for field in TEXT_TERMS {
        body.text(field)?;
    }
    for field in NUMBER_TERMS {
        body.number(field)?;
    }
    if let Some(schedule) = body.object(SCHEDULE)? {
        one_of(
            &schedule,
            "frequency",
            &["MONTHLY", "QUARTERLY", "ANNUAL", "WEEKLY"],
        )?;
        one_of(
            &schedule,
            "day",
            &["FIRST_OF_MONTH", "CONTRACT_START", "CUSTOM_DATE"],
        )?;
        schedule.time("billing_anchor_date")?;
    }
    Ok(())
}

/// Whether the contract starts with this recharge on; `None` where it has none.
pub(super) fn recharge(body: &Fields, field: &str) -> Result<Option<bool>, AppError> {
    let Some(terms) = body.object(field)? else {
        return Ok(None);
    };
    let enabled = terms.need("is_enabled", Fields::boolean)?;
    terms.need("threshold_amount", Fields::number)?;
    if field == CREDIT {
        terms.need("recharge_to_amount", Fields::number)?;
    }
    let commit = terms.need("commit", Fields::object)?;
    commit.need("product_id", Fields::uuid)?;
    commit.text("name")?;
    commit.text("description")?;
    let gate = terms.need("payment_gate_config", Fields::object)?;
    gate.need("payment_gate_type", |gate, field| {
        one_of(gate, field, &["NONE", "STRIPE", "EXTERNAL"])
    })?;
    one_of(
        &gate,
        "tax_type",
        &["NONE", "STRIPE", "ANROK", "PRECALCULATED"],
    )?;
    Ok(Some(enabled))
}

fn one_of(fields: &Fields, field: &str, words: &[&str]) -> Result<Option<String>, AppError> {
    match fields.text(field)? {
        Some(word) if !words.contains(&word.as_str()) => {
            Err(fields.wrong(field, &format!("must be one of {}", words.join(", "))))
        }
        word => Ok(word),
    }
}

/// A contract with the configuration that it bills or billed through.
pub(super) fn view(contract: &Contract, configuration: Option<&Configuration>) -> Value {
    let terms = &contract.terms;
    let spend = threshold(contract, SPEND, contract.spend_recharge_enabled);
    let credit = threshold(contract, CREDIT, contract.credit_recharge_enabled);
    let created_end = terms
        .get("ending_before")
        .and_then(Value::as_str)
        .and_then(|end| end.parse().ok());
    json!({
        "id": contract.id,
        "customer_id": contract.customer_id,
        "uniqueness_key": contract.uniqueness_key,
        "archived_at": contract.archived_at.map(time),
        "amendments": [],
        "initial": version(contract, created_end, terms.get(SPEND), terms.get(CREDIT)),
        "current": version(contract, contract.ending_before, spend.as_ref(), credit.as_ref()),
        "custom_fields": terms.get("custom_fields").filter(|fields| fields.is_object()).unwrap_or(&json!({})),
        "customer_billing_provider_configuration":
            configuration.map(|one| configurations::view(one, contract.configuration_archived_at)),
        SPEND: spend,
        CREDIT: credit,
        "terms": terms,
    })
}

/// The contract at one point of its life. Priced items of the terms are left to `terms`: an answer would need ids and
/// product names that nobody sent.
fn version(
    contract: &Contract,
    ending_before: Option<DateTime<Utc>>,
    spend: Option<&Value>,
    credit: Option<&Value>,
) -> Value {
    let mut version = json!({
        "name": contract.name,
        "created_at": time(contract.created_at),
        "created_by": contract.created_by,
        "starting_at": time(contract.starting_at),
        "ending_before": ending_before.map(time),
        "commits": [],
        "credits": [],
        "discounts": [],
        "overrides": [],
        "scheduled_charges": [],
        "transitions": [],
        SCHEDULE: schedule(contract),
        SPEND: spend,
        CREDIT: credit,
    });
    for field in TEXT_TERMS.iter().chain(&NUMBER_TERMS) {
        if let Some(term) = contract.terms.get(field) {
            version[*field] = term.clone();
        }
    }
    version
}

/// A recharge as it was agreed, on or off as it is now.
fn threshold(contract: &Contract, field: &str, enabled: Option<bool>) -> Option<Value> {
    let mut terms = contract.terms.get(field)?.as_object()?.clone();
    terms.insert(
        "is_enabled".to_owned(),
        Value::Bool(enabled.unwrap_or_default()),
    );
    Some(Value::Object(terms))
}

/// Monthly from the first of the month that the contract starts in, unless the terms say otherwise.
fn schedule(contract: &Contract) -> Value {
    let terms = contract.terms.get(SCHEDULE);
    let text = |field: &str| {
        terms
            .and_then(|terms| terms.get(field))
            .and_then(Value::as_str)
    };
    let start = contract.starting_at;
    let first_of_month = start
        .date_naive()
        .with_day(1)
        .map_or(start, |day| day.and_time(NaiveTime::MIN).and_utc());
    let anchor = match text("billing_anchor_date").and_then(|anchor| anchor.parse().ok()) {
        Some(anchor) => anchor,
        None if text("day") == Some("CONTRACT_START") => start,
        None => first_of_month,
    };
    json!({ "billing_anchor_date": time(anchor), "frequency": text("frequency").unwrap_or("MONTHLY") })
}

#[cfg(test)]
pub(super) use tests::example;

#[cfg(test)]
mod tests {
    use super::*;
    use app::ids::{ContractId, CustomerId};
    use uuid::Uuid;

    pub(in crate::rest) fn example(n: u32, archived: bool) -> Contract {
        let day: DateTime<Utc> = "2026-11-20T14:03:22Z".parse().unwrap();
        let gate = json!({ "payment_gate_type": "NONE" });
        Contract {
            id: ContractId(Uuid::from_u128(u128::from(n))),
            customer_id: CustomerId(Uuid::nil()),
            name: None,
            uniqueness_key: None,
            starting_at: day,
            ending_before: Some("2026-11-21T00:00:00Z".parse().unwrap()),
            terms: json!({
                "ending_before": "2027-01-01T01:00:00+01:00",
                "net_payment_terms_days": 30,
                SPEND: { "is_enabled": true, "threshold_amount": 1, "payment_gate_config": gate },
            }),
            configuration_id: None,
            configuration_archived_at: None,
            metering_stopped_at: None,
            spend_recharge_enabled: Some(false),
            credit_recharge_enabled: None,
            created_at: day,
            created_by: "API key demo".into(),
            updated_at: day,
            archived_at: archived.then_some(day),
        }
    }

    #[test]
    fn a_contract_shows_what_was_agreed_and_what_is() {
        let shown = view(&example(1, true), None);
        for (pointer, expected) in [
            ("/archived_at", json!("2026-11-20T14:03:22.000Z")),
            ("/initial/ending_before", json!("2027-01-01T00:00:00.000Z")),
            ("/current/ending_before", json!("2026-11-21T00:00:00.000Z")),
            (
                "/initial/spend_threshold_configuration/is_enabled",
                json!(true),
            ),
            (
                "/current/spend_threshold_configuration/is_enabled",
                json!(false),
            ),
            ("/spend_threshold_configuration/is_enabled", json!(false)),
            ("/prepaid_balance_threshold_configuration", Value::Null),
            ("/current/net_payment_terms_days", json!(30)),
            (
                "/current/usage_statement_schedule/frequency",
                json!("MONTHLY"),
            ),
            (
                "/current/usage_statement_schedule/billing_anchor_date",
                json!("2026-11-01T00:00:00.000Z"),
            ),
            ("/custom_fields", json!({})),
        ] {
            assert_eq!(shown.pointer(pointer), Some(&expected), "{pointer}");
        }
    }
}
