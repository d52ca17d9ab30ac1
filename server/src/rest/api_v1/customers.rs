//! Customers in the envelope dialect, addressed by their keys.

use super::{envelope, envelope_door as door};
use crate::{
    doors::Door,
    rest::{
        answer::{json_answer, ok, time},
        body::{self, Fields},
        call::{Answered, Call},
        error::Fault,
        options,
        query::Query,
    },
};
use app::{
    auth::Action,
    context::Ctx,
    customers::{Customer, CustomerEdit, NewCustomer, rules, service, service::EnvelopeFilter},
    db::Tx,
    error::{AppError, Noun},
    idempotency::service::Answer,
    ids::CustomerId,
    lifecycle::{Archived, Lifecycle, Reason},
};
use axum::http::Method;
use chrono::{NaiveDate, Utc};
use futures::FutureExt;
use serde_json::{Map, Value, json};

const PAGE_CUSTOMERS: u32 = 25;
const PAGE_CUSTOMERS_MAX: u32 = 100;
const PAGES_MAX: u32 = 1_000;
const REQUIRED: [&str; 3] = ["customer_key", "customer_type", "primary_email"];

pub(super) fn doors() -> Vec<Door> {
    let one = "/api/v1/customers/{customer_key}";
    vec![
        door(Method::POST, "/api/v1/customers/new", Action::CreateCustomers, create),
        door(Method::POST, "/api/v1/customers", Action::CreateCustomers, create_as_documented),
        door(Method::GET, "/api/v1/customers", Action::Read, list),
        door(Method::GET, one, Action::Read, find),
        door(Method::PATCH, one, Action::EditCustomers, update),
        door(Method::DELETE, one, Action::ArchiveCustomers, archive),
        door(Method::POST, "/api/v1/customers/{customer_key}/archive", Action::ArchiveCustomers, archive),
        door(Method::POST, "/api/v1/customers/{customer_key}/unarchive", Action::UnarchiveCustomers, unarchive),
    ]
}

async fn unarchive(call: Call) -> Answered {
    let (id, reason) = (by_key(&call).await?.id, options::reason(&call.object_if_any()?)?);
    let ctx = call.ctx.clone();
    call.write(move |tx| {
        let (ctx, reason) = (ctx.clone(), reason.clone());
        async move {
            let done = service::unarchive(tx, &[id], ctx.settings.unarchive, None, reason).await?;
            let customer = with(tx, &ctx, id, !done.changed.is_empty(), Lifecycle::Active).await?;
            Ok(one("Customer unarchived successfully", &customer))
        }
        .boxed()
    })
    .await
}

/// `DELETE` comes here too: nothing is ever deleted.
async fn archive(call: Call) -> Answered {
    let (id, body, ctx) = (by_key(&call).await?.id, call.object_if_any()?, call.ctx.clone());
    let (how, reason) = (options::archive(&body)?, options::reason(&body)?);
    call.write(move |tx| {
        let (ctx, reason) = (ctx.clone(), reason.clone());
        async move {
            let done = service::archive(tx, &[id], &how, None, reason.clone()).await?;
            let customer = with(tx, &ctx, id, !done.changed.is_empty(), archived(tx, reason)).await?;
            Ok(one("Customer archived successfully", &customer))
        }
        .boxed()
    })
    .await
}

async fn create(call: Call) -> Answered {
    created(&call, |customer| envelope(201, "Customer Created Successfully", json!({}), customer)).await
}

/// The same under the path of the documentation, whose example has a `status` instead.
async fn create_as_documented(call: Call) -> Answered {
    created(&call, |customer| {
        let mut body = envelope(201, "Customer Created", json!({}), customer);
        body["status"] = json!("created");
        body
    })
    .await
}

async fn created(call: &Call, render: fn(Value) -> Value) -> Answered {
    let new = new_customer(&call.object()?)?;
    call.write(move |tx| {
        let new = new.clone();
        async move { Ok(json_answer(201, &render(view(&service::create(tx, &new).await?)))) }.boxed()
    })
    .await
}

async fn update(call: Call) -> Answered {
    let id = by_key(&call).await?.id;
    let edit = edit(&call.object()?, call.param("customer_key"))?;
    call.write(move |tx| {
        let edit = edit.clone();
        async move { Ok(one("Customer updated successfully", &service::edit(tx, id, &edit).await?)) }.boxed()
    })
    .await
}

async fn find(call: Call) -> Answered {
    let customer = by_key(&call).await?;
    ok(&envelope(200, "Customer retrieved successfully", json!({}), view(&customer)))
}

async fn list(call: Call) -> Answered {
    let query = call.query()?;
    let page = query.number("page", 1..=PAGES_MAX, 1)?;
    let size = query.number("per_page", 1..=PAGE_CUSTOMERS_MAX, PAGE_CUSTOMERS)?;
    let (found, total) = service::list_numbered(&call.ctx, &filter(&query)?, page, size).await?;
    let data = found.iter().map(view).collect();
    ok(&envelope(200, "Customers retrieved successfully", page_meta(page, size, total), data))
}

async fn by_key(call: &Call) -> Result<Customer, AppError> {
    match call.param("customer_key") {
        // The database would not even look for it.
        key if key.contains('\0') => Err(AppError::NotFound(Noun::Customer)),
        key => service::find_by_key(&call.ctx, key).await,
    }
}

/// The customer as this transaction leaves it. Its row is locked, so that what everyone else still sees is exactly what the
/// transaction began with.
async fn with(tx: &Tx, ctx: &Ctx, id: CustomerId, changed: bool, lifecycle: Lifecycle) -> Result<Customer, AppError> {
    let before = service::find(ctx, id).await?;
    Ok(if changed { Customer { lifecycle, updated_at: tx.now(), ..before } } else { before })
}

fn archived(tx: &Tx, reason: Option<Reason>) -> Lifecycle {
    Lifecycle::Archived(Archived { at: tx.now(), by: tx.actor().clone(), reason })
}

fn one(message: &str, customer: &Customer) -> Answer {
    json_answer(200, &envelope(200, message, json!({}), view(customer)))
}

fn new_customer(body: &Fields) -> Result<NewCustomer, Fault> {
    let absent = |field: &&str| body.map().get(*field).is_none_or(Value::is_null);
    let missing: Vec<&'static str> = REQUIRED.into_iter().filter(absent).collect();
    if !missing.is_empty() {
        return Err(Fault::Missing(missing));
    }
    Ok(NewCustomer {
        key: body.text("customer_key")?,
        customer_type: body.word("customer_type")?,
        primary_email: body.text("primary_email")?,
        profile: rules::profile(body.map())?,
        ..NewCustomer::default()
    })
}

fn edit(body: &Fields, key: &str) -> Result<CustomerEdit, AppError> {
    if body.text("customer_key")?.is_some_and(|wish| wish != key) {
        return Err(body.wrong("customer_key", "is immutable"));
    }
    if let Some(field) = REQUIRED.into_iter().find(|field| body.map().get(*field).is_some_and(Value::is_null)) {
        return Err(body.wrong(field, "is required"));
    }
    Ok(CustomerEdit {
        customer_type: body.word("customer_type")?,
        primary_email: body.text("primary_email")?,
        profile: rules::profile(body.map())?,
    })
}

fn filter(query: &Query) -> Result<EnvelopeFilter, AppError> {
    Ok(EnvelopeFilter {
        search: query.text("search_term")?.map(str::to_owned),
        customer_type: query.word("customer_type")?,
        created_on: query.parsed("date_created", day)?,
        archived: match query.text("archived")?.map(str::to_ascii_lowercase).as_deref() {
            None | Some("false") => Some(false),
            Some("true") => Some(true),
            Some("all") => None,
            Some(_) => return Err(AppError::invalid("archived", "must be true, false or all")),
        },
    })
}

/// A day of UTC, or the one that a moment falls on.
fn day(field: &str, text: &str) -> Result<NaiveDate, AppError> {
    let moment = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    body::time(field, &moment)
        .map(|moment| moment.with_timezone(&Utc).date_naive())
        .map_err(|_| AppError::invalid(field, "must be a day such as 2026-11-01"))
}

fn page_meta(page: u32, size: u32, total: i64) -> Value {
    let (page, size) = (i64::from(page), i64::from(size));
    let pages = (total + size - 1) / size;
    json!({
        "current_page": page,
        "total_pages": pages,
        "total_count": total,
        "limit_value": size,
        "next_page": (page < pages).then_some(page + 1),
        "prev_page": (page > 1 && page <= pages).then_some(page - 1),
        "first_page?": page == 1,
        "last_page?": page == pages,
        "out_of_range?": page > pages,
    })
}

/// Fields that are shown as they were sent, by what is shown where they were not.
const OBJECTS: [&str; 1] = ["metadata"];
const LISTS: [&str; 6] =
    ["phone_numbers", "email_addresses", "tax_identifications", "contact_people", "payment_terms", "documents"];
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

fn view(customer: &Customer) -> Value {
    let mut fields = Map::new();
    for (names, absent) in [(OBJECTS.as_slice(), json!({})), (&LISTS, json!([])), (&OTHERS, Value::Null)] {
        for name in names {
            let sent = customer.profile.0.get(*name).filter(|value| !value.is_null());
            fields.insert((*name).to_owned(), sent.unwrap_or(&absent).clone());
        }
    }
    let full_name = ["first_name", "middle_name", "last_name"].map(|name| customer.profile.text(name));
    let full_name = full_name.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let consolidated = customer.profile.0.get("mid_cycle_invoice_consolidation").and_then(Value::as_bool);
    fields.extend(
        [
            ("id", json!(customer.id)),
            ("customer_key", json!(customer.key)),
            ("customer_type", json!(customer.customer_type)),
            ("primary_email", json!(customer.primary_email)),
            ("full_name", json!((!full_name.is_empty()).then_some(full_name))),
            ("mid_cycle_invoice_consolidation", json!(consolidated.unwrap_or_default())),
            ("created_at", json!(time(customer.created_at))),
            ("updated_at", json!(time(customer.updated_at))),
            ("archived_at", json!(customer.lifecycle.archived_at().map(time))),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    Value::Object(fields)
}
