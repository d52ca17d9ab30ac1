//! Billing provider configurations in the bearer dialect.

use super::{CONFIGURATIONS, post};
use crate::{
    doors::Door,
    rest::{
        answer::{data, json_answer, ok, time},
        body::Fields,
        call::{Answered, Call, door},
        options,
    },
};
use app::{
    auth::Action,
    billing_configurations::{Configuration, NewConfiguration, service},
    customers,
    error::AppError,
    ids::{ConfigurationId, CustomerId},
};
use axum::http::Method;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use serde_json::{Value, json};

const IDS_FIELD: &str = "customer_billing_provider_configuration_ids";

pub(super) fn doors() -> Vec<Door> {
    let archive_path = "/v1/archiveCustomerBillingProviderConfigurations";
    vec![
        post(
            "/v1/setCustomerBillingProviderConfigurations",
            Action::CreateConfigurations,
            create,
        ),
        post(
            "/v1/getCustomerBillingProviderConfigurations",
            Action::Read,
            list,
        ),
        door(
            Method::POST,
            archive_path,
            Action::ArchiveConfigurations,
            CONFIGURATIONS,
            archive,
        ),
    ]
}

async fn archive(call: Call) -> Answered {
    let body = call.object()?;
    let customer = CustomerId(body.need("customer_id", Fields::uuid)?);
    let ids: Vec<ConfigurationId> = body
        .need(IDS_FIELD, Fields::uuids)?
        .into_iter()
        .map(ConfigurationId)
        .collect();
    let reason = options::reason(&body)?;
    call.write(move |tx| {
        let (ids, reason) = (ids.clone(), reason.clone());
        async move {
            let archived = service::archive_of_customer(tx, customer, &ids, reason).await?;
            Ok(json_answer(200, &archive_body(customer, &archived)))
        }
        .boxed()
    })
    .await
}

async fn create(call: Call) -> Answered {
    let items = call.object()?.need("data", Fields::objects)?;
    let new: Vec<NewConfiguration> = items.iter().map(of_customer).collect::<Result<_, _>>()?;
    call.write(move |tx| {
        let new = new.clone();
        async move {
            let created = service::create(tx, &new).await?;
            Ok(data(&created.iter().map(|one| view(one, None)).collect()))
        }
        .boxed()
    })
    .await
}

async fn list(call: Call) -> Answered {
    let body = call.object()?;
    let customer = CustomerId(body.need("customer_id", Fields::uuid)?);
    let include_archived = body.boolean("include_archived")?.unwrap_or_default();
    customers::service::find(&call.ctx, customer).await?;
    let found = service::of_customer(&call.ctx, customer, include_archived).await?;
    let data: Vec<Value> = found
        .iter()
        .map(|one| view(one, one.lifecycle.archived_at()))
        .collect();
    ok(&json!({ "data": data }))
}

fn of_customer(item: &Fields) -> Result<NewConfiguration, AppError> {
    new_configuration(item, CustomerId(item.need("customer_id", Fields::uuid)?))
}

pub(super) fn new_configuration(
    item: &Fields,
    customer_id: CustomerId,
) -> Result<NewConfiguration, AppError> {
    Ok(NewConfiguration {
        customer_id,
        billing_provider: item.need("billing_provider", Fields::word)?,
        delivery_method: item.word("delivery_method")?,
        delivery_method_id: item.uuid("delivery_method_id")?,
        configuration: Value::Object(item.object("configuration")?.unwrap_or_default().into_map()),
        tax_provider: item.word("tax_provider")?,
        uniqueness_key: item.text("uniqueness_key")?,
    })
}

/// A configuration, archived where it is shown at the moment given: on a contract that is when it left the contract.
pub(super) fn view(one: &Configuration, archived_at: Option<DateTime<Utc>>) -> Value {
    json!({
        "id": one.id,
        "archived_at": archived_at.map(time),
        "billing_provider": one.billing_provider,
        "configuration": one.configuration,
        "customer_id": one.customer_id,
        "delivery_method": one.delivery_method,
        "delivery_method_configuration": {},
        "delivery_method_id": one.delivery_method_id,
        "tax_provider": one.tax_provider,
        "uniqueness_key": one.uniqueness_key,
    })
}

/// Both readings of the document: its schema has `data`, its prose `success` and `error`.
fn archive_body(customer: CustomerId, ids: &[ConfigurationId]) -> Value {
    json!({ "data": { "customer_id": customer, IDS_FIELD: ids }, "success": true, "error": null })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_names_its_provider_and_its_customer() {
        let of = |body: &str| {
            let body = Fields::parse(body.as_bytes()).unwrap();
            of_customer(&body.objects("data").unwrap().unwrap().remove(0))
        };
        let id = "018f3c1e-7a00-7000-8000-000000000001";
        let good = of(&format!(
            r#"{{"data":[{{"customer_id":"{id}","billing_provider":"stripe","uniqueness_key":"k"}}]}}"#
        ));
        let good = good.unwrap();
        assert_eq!(
            (good.configuration, good.uniqueness_key.as_deref()),
            (json!({}), Some("k"))
        );
        for (item, param) in [
            (
                r#"{"billing_provider":"stripe"}"#.to_owned(),
                "data[0].customer_id",
            ),
            (r#"{"customer_id":"x"}"#.to_owned(), "data[0].customer_id"),
            (
                format!(r#"{{"customer_id":"{id}"}}"#),
                "data[0].billing_provider",
            ),
            (
                format!(
                    r#"{{"customer_id":"{id}","billing_provider":"stripe","configuration":[]}}"#
                ),
                "data[0].configuration",
            ),
        ] {
            assert_eq!(
                of(&format!(r#"{{"data":[{item}]}}"#)).unwrap_err().param(),
                Some(param)
            );
        }
    }
}
