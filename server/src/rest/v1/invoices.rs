//! Invoices: read and voided as the bearer dialect documents it, brought in through a route of our own.

use super::{customers::customer_id, get, post};
use crate::{
    doors::Door,
    rest::{
        answer::{data, ok, time},
        body::{self, Fields},
        call::{Answered, Call},
        options,
        query::Query,
    },
};
use app::{
    auth::Action,
    customers,
    error::AppError,
    ids::{ContractId, CustomerId, InvoiceId},
    invoices::{Invoice, InvoiceStatus, NewInvoice, service, service::InvoiceFilter},
    money::Currency,
};
use futures::FutureExt;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The one kind there is; other kinds can be asked for and are not found.
const KIND: &str = "USAGE";
const LINE_NAME_CHARACTERS_MAX: usize = 255;
/// The documented pricing unit of US cents.
const USD_CENTS: Uuid = Uuid::from_u128(0x2714e483_4ff1_48e4_9e25_ac732e8f24f2);
const FIELDS: [&str; 11] = [
    "customer_id",
    "contract_id",
    "external_id",
    "starts_at",
    "ends_at",
    "lines",
    "currency",
    "total_minor",
    "status",
    "external_status",
    "grace_period_ends_at",
];

pub(super) fn doors() -> Vec<Door> {
    vec![
        get("/v1/customers/{customer_id}/invoices", list),
        get("/v1/customers/{customer_id}/invoices/{invoice_id}", find),
        post("/v1/invoices", Action::WriteInvoices, write),
        post("/v1/invoices/void", Action::VoidInvoices, void),
    ]
}

async fn void(call: Call) -> Answered {
    let body = call.object()?;
    let id = InvoiceId(body.need("id", Fields::uuid)?);
    let reason = options::reason(&body)?;
    call.write(move |tx| {
        let reason = reason.clone();
        async move { Ok(data(&json!({ "id": service::void(tx, id, reason).await? }))) }.boxed()
    })
    .await
}

async fn write(call: Call) -> Answered {
    let new = new_invoice(&call.object()?)?;
    call.write(move |tx| {
        let new = new.clone();
        async move { Ok(data(&json!({ "id": service::write(tx, &new).await? }))) }.boxed()
    })
    .await
}

async fn find(call: Call) -> Answered {
    let id = InvoiceId(call.param_uuid("invoice_id")?);
    let invoice = service::find(&call.ctx, customer_id(&call)?, id).await?;
    ok(&json!({ "data": view(&invoice, false) }))
}

async fn list(call: Call) -> Answered {
    let customer = customer_id(&call)?;
    let query = call.query()?;
    let (filter, start, size) = (filter(&query)?, query.start()?, query.limit()?);
    let skip_unused = query.boolean("skip_zero_qty_line_items")?.unwrap_or_default();
    customers::service::find(&call.ctx, customer).await?;
    if !is_of_our_kind(&query)? {
        return ok(&json!({ "data": [], "next_page": null }));
    }
    let (found, links) = service::list(&call.ctx, customer, &filter, &start, size).await?;
    let data: Vec<Value> = found.iter().map(|invoice| view(invoice, skip_unused)).collect();
    ok(&json!({ "data": data, "next_page": links.next }))
}

fn filter(query: &Query) -> Result<InvoiceFilter, AppError> {
    Ok(InvoiceFilter {
        status: query.word::<InvoiceStatus>("status")?,
        contract: query.parsed("contract_id", body::uuid)?.map(ContractId),
        starting_on: query.time("starting_on")?,
        ending_before: query.time("ending_before")?,
        newest_first: match query.text("sort")? {
            None | Some("date_asc") => false,
            Some("date_desc") => true,
            Some(_) => return Err(AppError::invalid("sort", "must be date_asc or date_desc")),
        },
    })
}

fn is_of_our_kind(query: &Query) -> Result<bool, AppError> {
    Ok(query.text("type")?.is_none_or(|kind| kind == KIND))
}

fn new_invoice(body: &Fields) -> Result<NewInvoice, AppError> {
    body.only(&FIELDS)?;
    let currency = body.need("currency", Fields::text)?;
    Ok(NewInvoice {
        customer_id: CustomerId(body.need("customer_id", Fields::uuid)?),
        contract_id: ContractId(body.need("contract_id", Fields::uuid)?),
        external_id: body.need("external_id", Fields::text)?,
        status: body.need("status", Fields::word)?,
        external_status: body.word("external_status")?,
        starts_at: body.need("starts_at", Fields::time)?,
        ends_at: body.need("ends_at", Fields::time)?,
        grace_period_ends_at: body.time("grace_period_ends_at")?,
        currency: Currency::parse(&currency).map_err(|reason| body.wrong("currency", &reason))?,
        total_minor: body.need("total_minor", Fields::integer)?,
        lines: body.need("lines", Fields::objects)?.iter().map(new_line).collect::<Result<_, _>>()?,
    })
}

/// `name`, `total_minor`, and how much was used, `quantity`, where that is known.
fn new_line(line: &Fields) -> Result<Value, AppError> {
    line.only(&["name", "total_minor", "quantity"])?;
    let name = line.need("name", Fields::text)?;
    if name.trim().is_empty() || name.chars().count() > LINE_NAME_CHARACTERS_MAX {
        return Err(line.wrong("name", &format!("must be 1 to {LINE_NAME_CHARACTERS_MAX} characters")));
    }
    let mut kept = json!({ "name": name, "total_minor": line.need("total_minor", Fields::integer)? });
    if let Some(quantity) = line.number("quantity")? {
        kept["quantity"] = Value::from(quantity);
    }
    Ok(kept)
}

fn view(invoice: &Invoice, skip_unused: bool) -> Value {
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
        ("name".to_owned(), Value::from(line.get("name").and_then(Value::as_str).unwrap_or("Usage"))),
        ("type".to_owned(), Value::from("usage")),
        ("total".to_owned(), Value::from(line.get("total_minor").and_then(Value::as_i64).unwrap_or_default())),
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
            let letters = code.bytes().fold(0, |sum, letter| sum << 8 | u128::from(letter));
            // A version 8 UUID: ours to fill, and the same for a currency everywhere.
            let id = Uuid::from_u128(0x6d6f7468_6261_8c6c_8000_000000000000 | letters);
            json!({ "id": id, "name": format!("{code} (minor units)") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Value {
        let id = "018f3c1e-7a00-7000-8000-000000000001";
        json!({
            "customer_id": id, "contract_id": id, "external_id": "inv-1", "status": "FINALIZED",
            "starts_at": "2026-10-01T00:00:00Z", "ends_at": "2026-11-01T00:00:00Z",
            "lines": [{ "name": "API calls", "total_minor": 5 }], "currency": "eur", "total_minor": 5,
            "external_status": null,
        })
    }

    fn parse(body: &Value) -> Result<NewInvoice, AppError> {
        new_invoice(&Fields::parse(body.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn an_invoice_is_taken_as_documented_and_not_otherwise() {
        assert_eq!(parse(&body()).unwrap().currency.code(), "EUR");
        for (field, value) in [
            ("surprise", json!(1)),
            ("external_id", Value::Null),
            ("status", json!("PAID")),
            ("currency", json!("EURO")),
            ("total_minor", json!(1.5)),
            ("total_minor", json!(u64::MAX)),
            ("ends_at", json!("2026-11-01")),
        ] {
            let mut wrong = body();
            wrong[field] = value;
            assert_eq!(parse(&wrong).unwrap_err().param(), Some(field));
        }
        let mut wrong = body();
        wrong["lines"][0]["price"] = json!(1);
        assert_eq!(parse(&wrong).unwrap_err().param(), Some("lines[0].price"));
    }

    #[test]
    fn a_pricing_unit_belongs_to_its_currency() {
        let unit = |code: &str| pricing_unit(&Currency::parse(code).unwrap());
        assert_eq!(unit("USD")["id"], json!("2714e483-4ff1-48e4-9e25-ac732e8f24f2"));
        assert_ne!(unit("EUR")["id"], unit("GBP")["id"]);
    }
}
