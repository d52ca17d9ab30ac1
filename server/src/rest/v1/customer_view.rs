//! How a customer is shown in the bearer dialect.

use crate::rest::answer::time;
use app::customers::Customer;
use serde_json::{Value, json};

pub(super) const SALESFORCE_FIELD: &str = "salesforce_account_id";

/// What a write answers.
pub(super) fn summary(customer: &Customer) -> Value {
    json!({
        "id": customer.id,
        "external_id": customer.external_id(),
        "ingest_aliases": customer.ingest_aliases,
        "name": customer.name,
        "custom_fields": customer.custom_fields,
    })
}

/// What a read answers.
pub(super) fn detail(customer: &Customer) -> Value {
    json!({
        "id": customer.id,
        "external_id": customer.external_id(),
        "ingest_aliases": customer.ingest_aliases,
        "name": customer.name,
        "custom_fields": customer.custom_fields,
        "created_at": time(customer.created_at),
        "updated_at": time(customer.updated_at),
        "archived_at": customer.lifecycle.archived_at().map(time),
        "customer_config": { "salesforce_account_id": customer.profile.text(SALESFORCE_FIELD) },
    })
}
