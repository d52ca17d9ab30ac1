//! Customers in the bearer dialect.

use super::{
    configurations,
    customer_view::{SALESFORCE_FIELD, detail, summary},
    get, post,
};
use crate::{
    doors::Door,
    rest::{
        answer::{data, empty, ok},
        body::{self, Fields},
        call::{Answered, Call},
        options,
        query::Query,
    },
};
use app::{
    auth::Action,
    customers::{Customer, CustomerEdit, NewCustomer, Profile, rules, service},
    error::AppError,
    ids::CustomerId,
};
use axum::http::{HeaderValue, header};
use futures::FutureExt;
use serde_json::{Map, Value, json};
use uuid::Uuid;

const SALESFORCE_CHARACTERS_MAX: usize = 255;

pub(super) fn doors() -> Vec<Door> {
    vec![
        post("/v1/customers", Action::CreateCustomers, create),
        get("/v1/customers", list),
        get("/v1/customers/{customer_id}", find),
        post("/v1/customers/archive", Action::ArchiveCustomers, archive),
        post(
            "/v1/customers/{customer_id}/setName",
            Action::EditCustomers,
            set_name,
        ),
        post(
            "/v1/customers/{customer_id}/setIngestAliases",
            Action::EditCustomers,
            set_aliases,
        ),
        post(
            "/v1/customers/{customer_id}/updateConfig",
            Action::EditCustomers,
            update_config,
        ),
    ]
}

async fn archive(call: Call) -> Answered {
    let body = call.object()?;
    let id = CustomerId(body.need("id", Fields::uuid)?);
    let (how, reason) = (options::archive(&body)?, options::reason(&body)?);
    let expected = call.expected(id)?;
    call.write(move |tx| {
        let (expected, reason) = (expected.clone(), reason.clone());
        async move {
            service::archive(tx, &[id], &how, |_| Ok(()), reason).await?;
            expected.check().await?;
            Ok(data(&json!({ "id": id })))
        }
        .boxed()
    })
    .await
}

async fn create(call: Call) -> Answered {
    let new = new_customer(&call.object()?)?;
    call.write(move |tx| {
        let new = new.clone();
        async move { Ok(data(&summary(&service::create(tx, &new).await?))) }.boxed()
    })
    .await
}

async fn set_name(call: Call) -> Answered {
    let name = rules::name("name", &call.object()?.need("name", Fields::text)?)?;
    edit(&call, field("display_name", name.into()), |customer| {
        data(&summary(customer))
    })
    .await
}

async fn update_config(call: Call) -> Answered {
    let body = call.object()?;
    let account = body.text(SALESFORCE_FIELD)?;
    if account
        .as_ref()
        .is_some_and(|account| account.chars().count() > SALESFORCE_CHARACTERS_MAX)
    {
        return Err(body
            .wrong(SALESFORCE_FIELD, "must be at most 255 characters")
            .into());
    }
    let profile = if body.has(SALESFORCE_FIELD) {
        field(SALESFORCE_FIELD, account.into())
    } else {
        Profile::default()
    };
    edit(&call, profile, |_| empty()).await
}

/// Changes the customer of the path.
async fn edit(
    call: &Call,
    profile: Profile,
    render: fn(&Customer) -> app::idempotency::service::Answer,
) -> Answered {
    let id = customer_id(call)?;
    let expected = call.expected(id)?;
    let edit = CustomerEdit {
        profile,
        ..CustomerEdit::default()
    };
    call.write(move |tx| {
        let (expected, edit) = (expected.clone(), edit.clone());
        async move {
            let customer = service::edit(tx, id, &edit).await?;
            expected.check().await?;
            Ok(render(&customer))
        }
        .boxed()
    })
    .await
}

async fn set_aliases(call: Call) -> Answered {
    let id = customer_id(&call)?;
    let aliases = call.object()?.need("ingest_aliases", Fields::texts)?;
    let expected = call.expected(id)?;
    call.write(move |tx| {
        let (expected, aliases) = (expected.clone(), aliases.clone());
        async move {
            service::set_aliases(tx, id, &aliases).await?;
            expected.check().await?;
            Ok(empty())
        }
        .boxed()
    })
    .await
}

async fn find(call: Call) -> Answered {
    let customer = service::find(&call.ctx, customer_id(&call)?).await?;
    let mut response = ok(&json!({ "data": detail(&customer) }))?;
    if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", customer.version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

async fn list(call: Call) -> Answered {
    let query = call.query()?;
    let (start, size) = (query.start()?, query.limit()?);
    let (found, links) = service::list_api(&call.ctx, &filter(&query)?, &start, size).await?;
    let data: Vec<Value> = found.iter().map(detail).collect();
    ok(&json!({ "data": data, "next_page": links.next }))
}

pub(super) fn customer_id(call: &Call) -> Result<CustomerId, AppError> {
    call.param_uuid("customer_id").map(CustomerId)
}

fn filter(query: &Query) -> Result<service::ApiFilter, AppError> {
    let id = |text: &str| body::uuid("customer_ids", text).map(CustomerId);
    let ids = query.texts("customer_ids")?;
    let accounts = query.texts("salesforce_account_ids")?;
    Ok(service::ApiFilter {
        ids: ids
            .map(|ids| ids.into_iter().map(id).collect())
            .transpose()?,
        ingest_alias: query.text("ingest_alias")?.map(str::to_owned),
        only_archived: query.boolean("only_archived")?.unwrap_or_default(),
        salesforce_account_ids: accounts
            .map(|accounts| accounts.into_iter().map(str::to_owned).collect()),
    })
}

fn new_customer(body: &Fields) -> Result<NewCustomer, AppError> {
    let name = rules::name("name", &body.need("name", Fields::text)?)?;
    // The deprecated way to give a first alias.
    let external_id = body.text("external_id")?.filter(|alias| !alias.is_empty());
    let configurations = body
        .objects("customer_billing_provider_configurations")?
        .unwrap_or_default();
    // Its own id is not known yet; whoever creates the customer fills it in.
    let nobody = CustomerId(Uuid::nil());
    Ok(NewCustomer {
        profile: field("display_name", name.into()),
        custom_fields: body.labels("custom_fields")?,
        ingest_aliases: external_id
            .into_iter()
            .chain(body.texts("ingest_aliases")?.unwrap_or_default())
            .collect(),
        configurations: configurations
            .iter()
            .map(|one| configurations::new_configuration(one, nobody))
            .collect::<Result<_, _>>()?,
        ..NewCustomer::default()
    })
}

fn field(name: &str, value: Value) -> Profile {
    Profile(Map::from_iter([(name.to_owned(), value)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_creation_needs_only_a_name() {
        let new =
            new_customer(&Fields::parse(br#"{"name":" Acme ","from_the_future":[1]}"#).unwrap())
                .unwrap();
        assert_eq!(new.profile.text("display_name"), Some("Acme"));
        assert!(new.ingest_aliases.is_empty() && new.configurations.is_empty());
        for (body, param) in [
            (r#"{}"#, "name"),
            (r#"{"name":" "}"#, "name"),
            (r#"{"name":"A","ingest_aliases":[1]}"#, "ingest_aliases[0]"),
            (
                r#"{"name":"A","custom_fields":{"tier":1}}"#,
                "custom_fields.tier",
            ),
            (
                r#"{"name":"A","customer_billing_provider_configurations":[{"billing_provider":"x"}]}"#,
                "customer_billing_provider_configurations[0].billing_provider",
            ),
        ] {
            let refused = new_customer(&Fields::parse(body.as_bytes()).unwrap()).unwrap_err();
            assert_eq!(refused.param(), Some(param));
        }
    }
}
