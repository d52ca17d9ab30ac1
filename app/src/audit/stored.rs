//! Effects as the audit log keeps them: each an object with its kind beside its fields, so that a query finds them by id.

use crate::effects::Effect;
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeSeq},
};
use serde_json::{Error, Map, Value};

const KIND: &str = "kind";
const LOSSY: &str = "an effect must be a struct without a field named kind";

/// To be written; one at a time, since an archive of a thousand customers has ten thousand.
#[derive(Debug)]
pub(crate) struct Stored<'a>(pub(crate) &'a [Effect]);

impl Serialize for Stored<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(Some(self.0.len()))?;
        for effect in self.0 {
            let effect = serde_json::to_value(effect).map_err(S::Error::custom)?;
            all.serialize_element(&flat(effect).ok_or_else(|| S::Error::custom(LOSSY))?)?;
        }
        all.end()
    }
}

pub(super) fn read(stored: Value) -> Result<Vec<Effect>, Error> {
    match stored {
        Value::Array(all) => all
            .into_iter()
            .map(|one| serde_json::from_value(nested(one)))
            .collect(),
        other => serde_json::from_value(other),
    }
}

/// `{"invoice_voided": {"id": …}}` as `{"kind": "invoice_voided", "id": …}`.
///
/// `None` where something would be lost.
fn flat(effect: Value) -> Option<Value> {
    let Value::Object(effect) = effect else {
        return None;
    };
    let (kind, Value::Object(mut fields)) = effect.into_iter().next()? else {
        return None;
    };
    let told = fields.insert(KIND.to_owned(), kind.into());
    told.is_none().then_some(fields.into())
}

fn nested(mut effect: Value) -> Value {
    let kind = effect
        .as_object_mut()
        .and_then(|fields| fields.remove(KIND));
    match kind {
        Some(Value::String(kind)) => Map::from_iter([(kind, effect)]).into(),
        _ => effect,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::ContractId,
        ids::InvoiceId,
        invoices::InvoiceStatus,
        money::{Currency, Money},
    };
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn the_kind_stands_beside_the_fields() {
        let effects = vec![
            Effect::MeteringStopped {
                id: ContractId(Uuid::nil()),
                name: "kind".to_owned(),
            },
            Effect::InvoiceVoided {
                id: InvoiceId(Uuid::nil()),
                number: "INV-1".to_owned(),
                money: Money {
                    currency: Currency::parse("EUR").unwrap(),
                    minor: 120,
                },
                before: InvoiceStatus::Draft,
                paid: false,
                in_grace_period: true,
            },
        ];
        let stored = serde_json::to_value(Stored(&effects)).unwrap();
        assert_eq!(
            stored,
            json!([
                { "kind": "metering_stopped", "id": Uuid::nil(), "name": "kind" },
                {
                    "kind": "invoice_voided", "id": Uuid::nil(), "number": "INV-1", "money": { "currency": "EUR", "minor": 120 },
                    "before": "DRAFT", "paid": false, "in_grace_period": true,
                },
            ])
        );
        assert_eq!(read(stored).unwrap(), effects);
    }

    #[test]
    fn nothing_is_lost_unnoticed() {
        for effect in [
            json!("unit"),
            json!({ "newtype": 7 }),
            json!({ "a": { "kind": 1 } }),
        ] {
            assert_eq!(flat(effect.clone()), None, "{effect}");
        }
    }

    #[test]
    fn what_is_no_effect_is_an_error() {
        for stored in [
            json!(null),
            json!([{}]),
            json!([{ "kind": 1 }]),
            json!([{ "kind": "unheard_of" }]),
            json!([7]),
        ] {
            assert!(read(stored.clone()).is_err(), "{stored}");
        }
    }
}
