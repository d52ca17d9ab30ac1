//! How an invoice is shown.

use crate::rest::answer::time;
use app::{invoices::Invoice, money::Currency};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The one kind there is; other kinds can be asked for and are not found.
pub(super) const KIND: &str = "USAGE";
/// The documented pricing unit of US cents.
const USD_CENTS: Uuid = Uuid::from_u128(0x2714e483_4ff1_48e4_9e25_ac732e8f24f2);

/// An invoice, with the lines of which nothing was used or without.
pub(super) fn view(invoice: &Invoice, skip_unused: bool) -> Value {
    let unit = pricing_unit(&invoice.total.currency);
    let none = Vec::new();
    let lines = invoice.lines.as_array().unwrap_or(&none).iter();
    let unused = |line: &&Value| line.get("quantity").and_then(Value::as_f64) == Some(0.0);
    json!({
        "id": invoice.id,
        "customer_id": invoice.customer_id,
        "contract_id": invoice.contract_id,
        "contract_name": invoice.contract_name,
        "external_id": invoice.external_id,
        "status": invoice.status,
        "type": KIND,
        "total": invoice.total.minor,
        "subtotal": invoice.total.minor,
        "credit_type": unit,
        "line_items": lines.filter(|line| !(skip_unused && unused(line))).map(|line| line_item(line, &unit)).collect::<Vec<_>>(),
        "start_timestamp": time(invoice.starts_at),
        "end_timestamp": time(invoice.ends_at),
        "created_at": time(invoice.created_at),
        "custom_fields": {},
        "external_invoice": external_invoice(invoice),
    })
}

fn line_item(line: &Value, unit: &Value) -> Value {
    let mut item = Map::from_iter([
        (
            "name".to_owned(),
            Value::from(line.get("name").and_then(Value::as_str).unwrap_or("Usage")),
        ),
        ("type".to_owned(), Value::from("usage")),
        (
            "total".to_owned(),
            Value::from(
                line.get("total_minor")
                    .and_then(Value::as_i64)
                    .unwrap_or_default(),
            ),
        ),
        ("credit_type".to_owned(), unit.clone()),
    ]);
    if let Some(quantity) = line.get("quantity").filter(|quantity| quantity.is_number()) {
        item.insert("quantity".to_owned(), quantity.clone());
    }
    Value::Object(item)
}

/// What the provider made of it, where it was made under a configuration.
fn external_invoice(invoice: &Invoice) -> Option<Value> {
    let provider = invoice.billing_provider.as_ref()?;
    Some(json!({ "billing_provider_type": provider, "external_status": invoice.external_status }))
}

/// Amounts are in the currency's smallest unit, and the unit says so.
fn pricing_unit(currency: &Currency) -> Value {
    match currency.code() {
        "USD" => json!({ "id": USD_CENTS, "name": "USD (cents)" }),
        code => {
            let letters = code
                .bytes()
                .fold(0, |sum, letter| sum << 8 | u128::from(letter));
            // A version 8 UUID: ours to fill, and the same for a currency everywhere.
            let id = Uuid::from_u128(0x6d6f7468_6261_8c6c_8000_000000000000 | letters);
            json!({ "id": id, "name": format!("{code} (minor units)") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pricing_unit_belongs_to_its_currency() {
        let unit = |code: &str| pricing_unit(&Currency::parse(code).unwrap());
        assert_eq!(
            unit("USD")["id"],
            json!("2714e483-4ff1-48e4-9e25-ac732e8f24f2")
        );
        assert_ne!(unit("EUR")["id"], unit("GBP")["id"]);
    }
}
