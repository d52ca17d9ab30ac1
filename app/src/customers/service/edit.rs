//! Making and editing customers, and their ingest aliases.

use super::{lock, lock_active, touch};
use crate::{
    audit::{self, ChangeKind, ObjectKind, service::Change},
    auth::Action,
    billing_configurations,
    customers::{Customer, CustomerEdit, NewCustomer, rules, store},
    db::{Tx, defect},
    error::{AppError, Noun, Refusal},
    ids::CustomerId,
    lifecycle::Lifecycle,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Makes a new customer, with its aliases and configurations.
pub async fn create(tx: &mut Tx, new: &NewCustomer) -> Result<Customer, AppError> {
    tx.may(Action::CreateCustomers)?;
    let key = match &new.key {
        Some(key) => rules::key(key)?,
        None => generated_key()?,
    };
    let primary_email = new
        .primary_email
        .as_deref()
        .map(|email| rules::email("primary_email", email))
        .transpose()?;
    let now = tx.now();
    let customer = Customer {
        id: CustomerId(Uuid::now_v7()),
        name: rules::shown_name(&new.profile, primary_email.as_deref(), &key),
        key,
        customer_type: new.customer_type,
        primary_email,
        profile: new.profile.clone(),
        custom_fields: new.custom_fields.clone(),
        ingest_aliases: rules::aliases(&new.ingest_aliases)?,
        version: 1,
        created_at: now,
        updated_at: now,
        lifecycle: Lifecycle::Active,
    };
    if !store::insert(tx.db(), &customer).await? {
        return Err(AppError::Refused(Refusal::CustomerKeyTaken {
            key: customer.key,
        }));
    }
    let refused =
        store::add_aliases(tx.db(), customer.id, &customer.ingest_aliases, 0, now).await?;
    if let Some(alias) = refused {
        return Err(AppError::Refused(Refusal::AliasTaken { alias }));
    }
    let mut configurations = new.configurations.clone();
    for one in &mut configurations {
        one.customer_id = customer.id;
    }
    let created = billing_configurations::service::add(tx, &configurations).await?;
    let change = Change {
        customer_id: Some(customer.id),
        kind: ChangeKind::CustomerCreated,
        object_kind: ObjectKind::Customer,
        object_id: customer.id.0,
        reason: None,
        before: Value::Null,
        after: json!({
            "key": customer.key,
            "name": customer.name,
            "ingest_aliases": customer.ingest_aliases,
            "configurations": created.iter().map(|one| one.title()).collect::<Vec<_>>(),
        }),
        effects: Vec::new(),
    };
    audit::service::record(tx, &[change]).await?;
    Ok(customer)
}

/// Changes what is known of a customer. Its key stays.
pub async fn edit(tx: &mut Tx, id: CustomerId, edit: &CustomerEdit) -> Result<Customer, AppError> {
    tx.may(Action::EditCustomers)?;
    let before = lock_active(tx, id).await?;
    let mut after = before.clone();
    if let Some(email) = &edit.primary_email {
        after.primary_email = Some(rules::email("primary_email", email)?);
    }
    after.customer_type = edit.customer_type.or(before.customer_type);
    for (field, value) in &edit.profile.0 {
        match value {
            Value::Null => after.profile.0.remove(field),
            value => after.profile.0.insert(field.clone(), value.clone()),
        };
    }
    after.name = rules::shown_name(&after.profile, after.primary_email.as_deref(), &after.key);
    if after == before {
        return Ok(before);
    }
    after.version += 1;
    after.updated_at = tx.now();
    store::update(tx.db(), &after).await?;
    let change = Change {
        customer_id: Some(id),
        kind: ChangeKind::CustomerUpdated,
        object_kind: ObjectKind::Customer,
        object_id: id.0,
        reason: None,
        before: described(&before),
        after: described(&after),
        effects: Vec::new(),
    };
    audit::service::record(tx, &[change]).await?;
    Ok(after)
}

fn described(customer: &Customer) -> Value {
    json!({
        "name": customer.name,
        "customer_type": customer.customer_type,
        "primary_email": customer.primary_email,
        "profile": customer.profile,
        "version": customer.version,
    })
}

/// Replaces a customer's ingest aliases. One held by another active customer moves here; an archived one keeps its own.
pub async fn set_aliases(tx: &mut Tx, id: CustomerId, given: &[String]) -> Result<(), AppError> {
    tx.may(Action::EditCustomers)?;
    let wanted = rules::aliases(given)?;
    // Whoever holds one of them is locked together with the customer, in order of id, before anything is believed.
    let mut locked: BTreeSet<CustomerId> = store::alias_holders(tx.db(), &wanted)
        .await?
        .into_values()
        .collect();
    locked.insert(id);
    let locked: Vec<CustomerId> = locked.into_iter().collect();
    if !lock(tx, &locked).await?.contains(&id) {
        return Err(AppError::NotFound(Noun::Customer));
    }
    let customers: BTreeMap<CustomerId, Customer> = store::find_many(tx.db(), &locked)
        .await?
        .into_iter()
        .map(|customer| (customer.id, customer))
        .collect();
    let holders = store::alias_holders(tx.db(), &wanted).await?;
    let mut losing: BTreeMap<CustomerId, Vec<String>> = BTreeMap::new();
    for (alias, holder) in holders.into_iter().filter(|(_, holder)| *holder != id) {
        match customers.get(&holder) {
            Some(customer) if !customer.lifecycle.is_archived() => {
                losing.entry(holder).or_default().push(alias)
            }
            Some(_) => return Err(AppError::Refused(Refusal::AliasTaken { alias })),
            // It moved between our two looks. Start over, with the new holder locked.
            None => return Err(AppError::Contended),
        }
    }
    let customer = customers
        .get(&id)
        .ok_or(AppError::NotFound(Noun::Customer))?;
    if customer.lifecycle.is_archived() {
        return Err(AppError::Refused(Refusal::CustomerArchived));
    }
    if customer.ingest_aliases == wanted {
        return Ok(());
    }
    let now = tx.now();
    store::replace_aliases(tx.db(), id, &wanted, now).await?;
    let touched: Vec<CustomerId> = losing.keys().copied().chain([id]).collect();
    touch(tx, &touched).await?;
    let mut changes = vec![aliases_change(customer, &wanted)];
    for (holder, lost) in &losing {
        if let Some(other) = customers.get(holder) {
            let kept: Vec<String> = other
                .ingest_aliases
                .iter()
                .filter(|alias| !lost.contains(alias))
                .cloned()
                .collect();
            changes.push(aliases_change(other, &kept));
        }
    }
    audit::service::record(tx, &changes).await
}

fn aliases_change(customer: &Customer, after: &[String]) -> Change {
    Change {
        customer_id: Some(customer.id),
        kind: ChangeKind::AliasesSet,
        object_kind: ObjectKind::Customer,
        object_id: customer.id.0,
        reason: None,
        before: json!({ "ingest_aliases": customer.ingest_aliases, "version": customer.version }),
        after: json!({ "ingest_aliases": after, "version": customer.version + 1 }),
        effects: Vec::new(),
    }
}

/// `cust-` and 12 base36 characters.
fn generated_key() -> Result<String, AppError> {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut key = String::from("cust-");
    let mut random = [0_u8; 32];
    while key.len() < 17 {
        getrandom::fill(&mut random).map_err(|error| defect(&error))?;
        // Bytes past the last full alphabet are thrown away, so that every character is equally likely.
        key.extend(
            random
                .iter()
                .filter(|byte| **byte < 252)
                .map(|byte| char::from(ALPHABET[usize::from(byte % 36)])),
        );
        key.truncate(17);
    }
    Ok(key)
}
