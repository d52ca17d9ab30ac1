//! Contracts in the bearer dialect.

use super::{contract_pages, contract_view, post};
use crate::{
    doors::Door,
    rest::{
        answer::{data, ok},
        body::Fields,
        call::{Answered, Call},
    },
};
use app::{
    auth::Action,
    billing_configurations,
    context::Ctx,
    contracts::{Attachment, Contract, NewContract, service, service::ContractFilter},
    customers,
    error::AppError,
    ids::{ConfigurationId, ContractId, CustomerId},
};
use futures::FutureExt;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NAME_CHARACTERS_MAX: usize = 255;
const UNIQUENESS_KEY_CHARACTERS_MAX: usize = 128;

pub(super) fn doors() -> Vec<Door> {
    vec![
        post("/v1/contracts/create", Action::CreateContracts, create),
        post("/v1/contracts/get", Action::Read, find),
        post("/v1/contracts/list", Action::Read, list),
    ]
}

async fn create(call: Call) -> Answered {
    let new = new_contract(&call.object()?)?;
    call.write(move |tx| {
        let new = new.clone();
        async move { Ok(data(&json!({ "id": service::create(tx, &new).await?.id }))) }.boxed()
    })
    .await
}

async fn find(call: Call) -> Answered {
    let body = call.object()?;
    let customer = CustomerId(body.need("customer_id", Fields::uuid)?);
    let id = ContractId(body.need("contract_id", Fields::uuid)?);
    let contract = service::find(&call.ctx, customer, id).await?;
    let data = views(&call.ctx, &[contract]).await?.pop();
    ok(&json!({ "data": data }))
}

async fn list(call: Call) -> Answered {
    let body = call.object()?;
    let customer = CustomerId(body.need("customer_id", Fields::uuid)?);
    let (filter, start, size) = (
        filter(&body)?,
        contract_pages::start(&body)?,
        contract_pages::limit(&body)?,
    );
    customers::service::find(&call.ctx, customer).await?;
    let all = service::list(&call.ctx, customer, &filter).await?;
    let (contracts, next) = contract_pages::page_of(all, &start, size)?;
    ok(&json!({ "data": views(&call.ctx, &contracts).await?, "cursor": next }))
}

/// Contracts with the configurations that they bill or billed through.
async fn views(ctx: &Ctx, contracts: &[Contract]) -> Result<Vec<Value>, AppError> {
    let ids: BTreeSet<ConfigurationId> = contracts
        .iter()
        .filter_map(|one| one.configuration_id)
        .collect();
    let ids: Vec<ConfigurationId> = ids.into_iter().collect();
    let configurations = billing_configurations::service::named(ctx, &ids).await?;
    let of = |contract: &Contract| {
        configurations
            .iter()
            .find(|one| Some(one.id) == contract.configuration_id)
    };
    Ok(contracts
        .iter()
        .map(|contract| contract_view::view(contract, of(contract)))
        .collect())
}

fn new_contract(body: &Fields) -> Result<NewContract, AppError> {
    contract_view::check(body)?;
    Ok(NewContract {
        customer_id: CustomerId(body.need("customer_id", Fields::uuid)?),
        name: short(body, "name", NAME_CHARACTERS_MAX)?,
        uniqueness_key: short(body, "uniqueness_key", UNIQUENESS_KEY_CHARACTERS_MAX)?,
        starting_at: body.need("starting_at", Fields::time)?,
        ending_before: body.time("ending_before")?,
        configuration: attachment(body)?,
        spend_recharge_enabled: contract_view::recharge(body, contract_view::SPEND)?,
        credit_recharge_enabled: contract_view::recharge(body, contract_view::CREDIT)?,
        terms: Value::Object(body.map().clone()),
    })
}

fn short(body: &Fields, field: &str, most: usize) -> Result<Option<String>, AppError> {
    match body.text(field)? {
        Some(text) if !(1..=most).contains(&text.chars().count()) => {
            Err(body.wrong(field, &format!("must be 1 to {most} characters")))
        }
        text => Ok(text),
    }
}

fn attachment(body: &Fields) -> Result<Attachment, AppError> {
    let Some(wish) = body.object("billing_provider_configuration")? else {
        return Ok(Attachment::None);
    };
    match wish.uuid("billing_provider_configuration_id")? {
        Some(id) => Ok(Attachment::Configuration(ConfigurationId(id))),
        None => Ok(Attachment::Matching {
            billing_provider: wish.need("billing_provider", Fields::word)?,
            delivery_method: wish.word("delivery_method")?,
        }),
    }
}

fn filter(body: &Fields) -> Result<ContractFilter, AppError> {
    let filter = ContractFilter {
        include_archived: body.boolean("include_archived")?.unwrap_or_default(),
        covering: body.time("covering_date")?,
        starting_at: body.time("starting_at")?,
    };
    if filter.covering.is_some() && filter.starting_at.is_some() {
        return Err(body.wrong(
            "covering_date",
            "cannot be combined with starting_at. Send one of them",
        ));
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> Option<String> {
        new_contract(&Fields::parse(body.as_bytes()).unwrap())
            .err()?
            .param()
            .map(str::to_owned)
    }

    #[test]
    fn a_contract_that_could_not_be_shown_again_is_refused() {
        let id = "018f3c1e-7a00-7000-8000-000000000001";
        let with = |more: &str| {
            format!(r#"{{"customer_id":"{id}","starting_at":"2026-11-01T00:00:00+02:00"{more}}}"#)
        };
        assert_eq!(refused(&with("")), None);
        assert_eq!(
            refused(&with(r#","spend_threshold_configuration":null,"new":1"#)),
            None
        );
        for (more, param) in [
            (
                r#","ending_before":"10000-01-01T00:00:00Z""#,
                "ending_before",
            ),
            (r#","uniqueness_key":"""#, "uniqueness_key"),
            (r#","custom_fields":{"a":1}"#, "custom_fields.a"),
            (
                r#","net_payment_terms_days":"30""#,
                "net_payment_terms_days",
            ),
            (
                r#","billing_provider_configuration":{}"#,
                "billing_provider_configuration.billing_provider",
            ),
            (
                r#","spend_threshold_configuration":{}"#,
                "spend_threshold_configuration.is_enabled",
            ),
            (
                r#","usage_statement_schedule":{"frequency":"DAILY"}"#,
                "usage_statement_schedule.frequency",
            ),
        ] {
            assert_eq!(refused(&with(more)).as_deref(), Some(param), "{more}");
        }
        assert_eq!(
            refused(r#"{"starting_at":"2026-11-01T00:00:00Z"}"#).as_deref(),
            Some("customer_id")
        );
    }
}
