//! Customers in the envelope dialect, addressed by their keys.

use super::{ENVELOPE, customer_list, customer_view::view, envelope, get, post};
use crate::{
    doors::Door,
    rest::{
        answer::{json_answer, ok},
        body::Fields,
        call::{Answered, Call, door},
        fault::Fault,
        options,
    },
};
use app::{
    auth::Action,
    context::Ctx,
    customers::{Customer, CustomerEdit, NewCustomer, rules, service},
    db::Tx,
    error::{AppError, Noun},
    idempotency::service::Answer,
    ids::CustomerId,
    lifecycle::{Archived, Lifecycle, Reason},
};
use axum::http::Method;
use futures::FutureExt;
use serde_json::{Value, json};

const REQUIRED: [&str; 3] = ["customer_key", "customer_type", "primary_email"];

const ALL: &str = "/api/v1/customers";
const NEW: &str = "/api/v1/customers/new";
const ONE: &str = "/api/v1/customers/{customer_key}";
const ARCHIVE: &str = "/api/v1/customers/{customer_key}/archive";
const UNARCHIVE: &str = "/api/v1/customers/{customer_key}/unarchive";

pub(super) fn doors() -> Vec<Door> {
    vec![
        post(NEW, Action::CreateCustomers, create),
        post(ALL, Action::CreateCustomers, create_as_documented),
        get(ALL, customer_list::list),
        get(ONE, find),
        door(Method::PATCH, ONE, Action::EditCustomers, ENVELOPE, update),
        door(
            Method::DELETE,
            ONE,
            Action::ArchiveCustomers,
            ENVELOPE,
            archive,
        ),
        post(ARCHIVE, Action::ArchiveCustomers, archive),
        post(UNARCHIVE, Action::UnarchiveCustomers, unarchive),
    ]
}

async fn unarchive(call: Call) -> Answered {
    let (id, ctx) = (by_key(&call).await?.id, call.ctx.clone());
    let (reason, expected) = (options::reason(&call.object_if_any()?)?, call.expected(id)?);
    call.write(move |tx| {
        let (ctx, expected, reason) = (ctx.clone(), expected.clone(), reason.clone());
        async move {
            let done =
                service::unarchive(tx, &[id], ctx.settings.unarchive, |_| Ok(()), reason).await?;
            let customer = with(tx, &ctx, id, !done.changed.is_empty(), Lifecycle::Active).await?;
            expected.check().await?;
            Ok(one("Customer unarchived successfully", &customer))
        }
        .boxed()
    })
    .await
}

/// `DELETE` comes here too: nothing is ever deleted.
async fn archive(call: Call) -> Answered {
    let (id, ctx) = (by_key(&call).await?.id, call.ctx.clone());
    let (body, expected) = (call.object_if_any()?, call.expected(id)?);
    let (how, reason) = (options::archive(&body)?, options::reason(&body)?);
    call.write(move |tx| {
        let (ctx, expected, reason) = (ctx.clone(), expected.clone(), reason.clone());
        async move {
            let done = service::archive(tx, &[id], &how, |_| Ok(()), reason.clone()).await?;
            let customer =
                with(tx, &ctx, id, !done.changed.is_empty(), archived(tx, reason)).await?;
            expected.check().await?;
            Ok(one("Customer archived successfully", &customer))
        }
        .boxed()
    })
    .await
}

async fn create(call: Call) -> Answered {
    created(&call, |customer| {
        envelope(201, "Customer Created Successfully", json!({}), customer)
    })
    .await
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
        async move {
            let customer = service::create(tx, &new).await?;
            Ok(json_answer(201, &render(view(&customer))))
        }
        .boxed()
    })
    .await
}

async fn update(call: Call) -> Answered {
    let id = by_key(&call).await?.id;
    let edit = edit(&call.object()?, call.param("customer_key"))?;
    let expected = call.expected(id)?;
    call.write(move |tx| {
        let (expected, edit) = (expected.clone(), edit.clone());
        async move {
            let customer = service::edit(tx, id, &edit).await?;
            expected.check().await?;
            Ok(one("Customer updated successfully", &customer))
        }
        .boxed()
    })
    .await
}

async fn find(call: Call) -> Answered {
    let customer = by_key(&call).await?;
    let message = "Customer retrieved successfully";
    ok(&envelope(200, message, json!({}), view(&customer)))
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
async fn with(
    tx: &Tx,
    ctx: &Ctx,
    id: CustomerId,
    changed: bool,
    lifecycle: Lifecycle,
) -> Result<Customer, AppError> {
    let before = service::find(ctx, id).await?;
    Ok(if changed {
        Customer {
            lifecycle,
            updated_at: tx.now(),
            ..before
        }
    } else {
        before
    })
}

fn archived(tx: &Tx, reason: Option<Reason>) -> Lifecycle {
    Lifecycle::Archived(Archived {
        at: tx.now(),
        by: tx.actor().clone(),
        reason,
    })
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
    if let Some(field) = REQUIRED
        .into_iter()
        .find(|field| body.map().get(*field).is_some_and(Value::is_null))
    {
        return Err(body.wrong(field, "is required"));
    }
    Ok(CustomerEdit {
        customer_type: body.word("customer_type")?,
        primary_email: body.text("primary_email")?,
        profile: rules::profile(body.map())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &Value) -> Fields {
        Fields::parse(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn everything_missing_is_said_at_once() {
        let of = |body: Value| new_customer(&fields(&body)).map(|new| new.key);
        assert_eq!(of(json!({})), Err(Fault::Missing(REQUIRED.to_vec())));
        let some = json!({ "customer_key": null, "customer_type": "BUSINESS" });
        assert_eq!(
            of(some),
            Err(Fault::Missing(vec!["customer_key", "primary_email"]))
        );
        let all = json!({ "customer_key": "k", "customer_type": "BUSINESS", "primary_email": "a@b.example" });
        assert_eq!(of(all), Ok(Some("k".to_owned())));
    }

    #[test]
    fn a_key_never_changes() {
        assert!(edit(&fields(&json!({ "customer_key": "a" })), "a").is_ok());
        for wrong in [
            json!({ "customer_key": "b" }),
            json!({ "customer_key": null }),
        ] {
            assert_eq!(
                edit(&fields(&wrong), "a").unwrap_err().param(),
                Some("customer_key")
            );
        }
    }
}
