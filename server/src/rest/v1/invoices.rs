//! Invoices: read and voided as the bearer dialect documents it, brought in through a route of our own.

use super::{
    customers::customer_id,
    get,
    invoice_view::{KIND, view},
    post,
};
use crate::{
    doors::Door,
    rest::{
        answer::{data, ok},
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
    invoices::{InvoiceStatus, NewInvoice, service, service::InvoiceFilter},
    money::Currency,
};
use futures::FutureExt;
use serde_json::{Value, json};

const LINE_NAME_CHARACTERS_MAX: usize = 255;
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
    let skip_unused = query
        .boolean("skip_zero_qty_line_items")?
        .unwrap_or_default();
    customers::service::find(&call.ctx, customer).await?;
    if !is_of_our_kind(&query)? {
        return ok(&json!({ "data": [], "next_page": null }));
    }
    let (found, links) = service::list(&call.ctx, customer, &filter, &start, size).await?;
    let data: Vec<Value> = found
        .iter()
        .map(|invoice| view(invoice, skip_unused))
        .collect();
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
        lines: body
            .need("lines", Fields::objects)?
            .iter()
            .map(new_line)
            .collect::<Result<_, _>>()?,
    })
}

/// `name`, `total_minor`, and how much was used, `quantity`, where that is known.
fn new_line(line: &Fields) -> Result<Value, AppError> {
    line.only(&["name", "total_minor", "quantity"])?;
    let name = line.need("name", Fields::text)?;
    if name.trim().is_empty() || name.chars().count() > LINE_NAME_CHARACTERS_MAX {
        return Err(line.wrong(
            "name",
            &format!("must be 1 to {LINE_NAME_CHARACTERS_MAX} characters"),
        ));
    }
    let mut kept =
        json!({ "name": name, "total_minor": line.need("total_minor", Fields::integer)? });
    if let Some(quantity) = line.number("quantity")? {
        kept["quantity"] = Value::from(quantity);
    }
    Ok(kept)
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
}
