//! Setting configurations of customers.

use crate::{
    audit::{self, ChangeKind, ObjectKind, service::Change},
    auth::Action,
    billing_configurations::{
        Configuration, DeliveryMethod, NewConfiguration, Provider, rules, store,
    },
    customers,
    db::Tx,
    error::{AppError, Refusal},
    ids::{ConfigurationId, CustomerId},
    lifecycle::Lifecycle,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Adds configurations to customers. All or none.
pub async fn create(tx: &mut Tx, new: &[NewConfiguration]) -> Result<Vec<Configuration>, AppError> {
    tx.may(Action::CreateConfigurations)?;
    if new.is_empty() {
        return Err(AppError::invalid(
            "data",
            "must name at least one configuration",
        ));
    }
    if new.len() > rules::NEW_MAX {
        return Err(AppError::Refused(Refusal::LimitExceeded {
            what: "configurations".into(),
            most: rules::NEW_MAX,
        }));
    }
    let owners: BTreeSet<CustomerId> = new.iter().map(|one| one.customer_id).collect();
    for owner in &owners {
        customers::service::lock_active(tx, *owner).await?;
    }
    let created = add(tx, new).await?;
    let owners: Vec<CustomerId> = owners.into_iter().collect();
    customers::service::touch(tx, &owners).await?;
    let changes: Vec<Change> = owners
        .iter()
        .map(|owner| {
            let theirs: Vec<&Configuration> = created.iter().filter(|one| one.customer_id == *owner).collect();
            Change {
                customer_id: Some(*owner),
                kind: ChangeKind::ConfigurationsCreated,
                object_kind: ObjectKind::Configuration,
                object_id: theirs.first().map_or(owner.0, |one| one.id.0),
                reason: None,
                before: Value::Null,
                after: json!({ "configurations": theirs.iter().map(|one| one.title()).collect::<Vec<_>>() }),
                effects: Vec::new(),
            }
        })
        .collect();
    audit::service::record(tx, &changes).await?;
    Ok(created)
}

/// Inserts configurations of customers whose rows are locked. Leaves the record to the caller.
pub(crate) async fn add(
    tx: &mut Tx,
    new: &[NewConfiguration],
) -> Result<Vec<Configuration>, AppError> {
    let now = tx.now();
    let mut created = Vec::with_capacity(new.len());
    for one in new {
        rules::check(one)?;
        let delivery_method = rules::delivery(one, delivery_method_id)?;
        created.push(Configuration {
            id: ConfigurationId(Uuid::now_v7()),
            customer_id: one.customer_id,
            billing_provider: one.billing_provider,
            delivery_method,
            delivery_method_id: delivery_method_id(one.billing_provider, delivery_method),
            provider_reference: rules::provider_reference(one.billing_provider, &one.configuration),
            configuration: one.configuration.clone(),
            tax_provider: one.tax_provider,
            uniqueness_key: one.uniqueness_key.clone(),
            created_at: now,
            updated_at: now,
            lifecycle: Lifecycle::Active,
        });
    }
    for one in &created {
        if !store::insert(tx.db(), one).await? {
            return Err(taken(tx, one.uniqueness_key.clone().unwrap_or_default()).await?);
        }
    }
    Ok(created)
}

async fn taken(tx: &mut Tx, key: String) -> Result<AppError, AppError> {
    let holder = store::holder(tx.db(), &key).await?;
    Ok(AppError::Refused(Refusal::UniquenessKeyTaken {
        key,
        holder,
    }))
}

/// The fixed id under which a provider's delivery method is offered.
pub fn delivery_method_id(provider: Provider, method: DeliveryMethod) -> Uuid {
    Uuid::new_v5(
        &Uuid::NAMESPACE_URL,
        format!("mothball:{}:{}", provider.as_str(), method.as_str()).as_bytes(),
    )
}
