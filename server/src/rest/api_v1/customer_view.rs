//! A customer as the envelope dialect shows it: every field it knows, whether or not anyone has sent it.

use crate::rest::answer::time;
use app::customers::Customer;
use serde_json::{Map, Value, json};

pub(super) fn view(customer: &Customer) -> Value {
    let mut fields = Map::new();
    for (names, absent) in [
        (OBJECTS.as_slice(), json!({})),
        (&LISTS, json!([])),
        (&OTHERS, Value::Null),
    ] {
        for name in names {
            let sent = customer
                .profile
                .0
                .get(*name)
                .filter(|value| !value.is_null());
            fields.insert((*name).to_owned(), sent.unwrap_or(&absent).clone());
        }
    }
    let full_name =
        ["first_name", "middle_name", "last_name"].map(|name| customer.profile.text(name));
    let full_name = full_name
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let consolidated = customer
        .profile
        .0
        .get("mid_cycle_invoice_consolidation")
        .and_then(Value::as_bool);
    fields.extend(
        [
            ("id", json!(customer.id)),
            ("customer_key", json!(customer.key)),
            ("customer_type", json!(customer.customer_type)),
            ("primary_email", json!(customer.primary_email)),
            (
                "full_name",
                json!((!full_name.is_empty()).then_some(full_name)),
            ),
            (
                "mid_cycle_invoice_consolidation",
                json!(consolidated.unwrap_or_default()),
            ),
            ("created_at", json!(time(customer.created_at))),
            ("updated_at", json!(time(customer.updated_at))),
            (
                "archived_at",
                json!(customer.lifecycle.archived_at().map(time)),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    Value::Object(fields)
}

/// Fields that are shown as they were sent, by what is shown where they were not.
const OBJECTS: [&str; 1] = ["metadata"];
const LISTS: [&str; 6] = [
    "phone_numbers",
    "email_addresses",
    "tax_identifications",
    "contact_people",
    "payment_terms",
    "documents",
];
const OTHERS: [&str; 30] = [
    "primary_phone",
    "legal_name",
    "display_name",
    "legal_number",
    "tax_identification_number",
    "logo_url",
    "website_url",
    "account_manager",
    "first_name",
    "middle_name",
    "last_name",
    "date_of_birth",
    "billing_email",
    "timezone",
    "language",
    "currency",
    "tax_status",
    "address_line1",
    "address_line2",
    "city",
    "state",
    "country",
    "zip_code",
    "shipping_address_line1",
    "shipping_address_line2",
    "shipping_city",
    "shipping_state",
    "shipping_country",
    "shipping_zip_code",
    "billing_configuration",
];

#[cfg(test)]
mod tests {
    use super::*;
    use app::{customers::Profile, ids::CustomerId, lifecycle::Lifecycle};
    use chrono::DateTime;
    use uuid::Uuid;

    fn example(profile: &Value) -> Customer {
        let at = DateTime::UNIX_EPOCH;
        Customer {
            id: CustomerId(Uuid::nil()),
            key: "acme".into(),
            name: "Acme".into(),
            customer_type: None,
            primary_email: None,
            profile: Profile(profile.as_object().cloned().unwrap_or_default()),
            custom_fields: Map::new(),
            ingest_aliases: Vec::new(),
            version: 1,
            created_at: at,
            updated_at: at,
            lifecycle: Lifecycle::Active,
        }
    }

    #[test]
    fn what_nobody_sent_is_shown_empty() {
        let shown = view(&example(
            &json!({ "first_name": "Ada", "last_name": "Byron", "metadata": null, "phone": "1" }),
        ));
        for (field, expected) in [
            ("full_name", json!("Ada Byron")),
            ("metadata", json!({})),
            ("documents", json!([])),
            ("billing_configuration", Value::Null),
            ("mid_cycle_invoice_consolidation", json!(false)),
            ("created_at", json!("1970-01-01T00:00:00.000Z")),
            ("archived_at", Value::Null),
        ] {
            assert_eq!(shown.get(field), Some(&expected), "{field}");
        }
        assert_eq!(shown.get("phone"), None);
    }
}
