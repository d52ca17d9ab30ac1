//! Archiving and unarchiving, and what either would do.

use super::{known, lock, lock_existing, unique};
use crate::{
    audit::{self, ChangeKind, ObjectKind, service::Change},
    auth::Action,
    billing_configurations::{self, service::group},
    confirm::Transition,
    context::Unarchive,
    contracts,
    customers::{ArchiveOptions, Customer, CustomerWorld, rules, store},
    db::{Tx, defect},
    effects::{self, Appraised, Changed, Effect, Outcome, Preview, Subject, Tally, Verdict},
    error::{AppError, Refusal},
    ids::CustomerId,
    invoices,
    lifecycle::{Archived, Reason},
    notifications,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Customers whose world, or whose entries for the audit log, are in memory at once: what hangs on a thousand of them
/// would be most of what the server ever needs.
const HELD_AT_ONCE: usize = 250;

/// Takes customers out of service with all that follows from it. Those already archived are left as they are. `agree`
/// is shown what will happen, under lock; its error is the answer, and nothing is done.
pub async fn archive(
    tx: &mut Tx,
    ids: &[CustomerId],
    how: &ArchiveOptions,
    agree: impl FnOnce(&Preview) -> Result<(), AppError> + Send,
    reason: Option<Reason>,
) -> Result<Outcome, AppError> {
    tx.may(Action::ArchiveCustomers)?;
    let ids = unique(ids)?;
    known(lock(tx, &ids).await?, &ids)?;
    let (preview, mut decided) = decide_archive(tx, &ids, how).await?;
    agree(&preview)?;
    let effects: Vec<&Effect> = decided.iter().flat_map(|(_, effects)| effects).collect();
    let owners: Vec<CustomerId> = decided.iter().map(|(customer, _)| customer.id).collect();
    let stamp = Archived {
        at: tx.now(),
        by: tx.actor().clone(),
        reason: reason.clone(),
    };
    tx.give_way().await;
    store::archive(tx.db(), &owners, &stamp).await?;
    contracts::service::apply(tx, &effects).await?;
    invoices::service::apply(tx, &owners, &effects).await?;
    billing_configurations::service::apply_effects(tx, &effects, reason.as_ref()).await?;
    store::release_aliases(tx.db(), &effects).await?;
    let changed = decided
        .iter()
        .map(|(customer, effects)| changed(customer, Tally::of(effects)))
        .collect();
    while !decided.is_empty() {
        let changes: Vec<Change> = decided
            .drain(..decided.len().min(HELD_AT_ONCE))
            .map(|(customer, effects)| Change {
                customer_id: Some(customer.id),
                kind: ChangeKind::CustomerArchived,
                object_kind: ObjectKind::Customer,
                object_id: customer.id.0,
                reason: reason.clone(),
                before: json!({ "archived": null, "version": customer.version }),
                after: json!({ "archived": stamp, "version": customer.version + 1 }),
                effects,
            })
            .collect();
        audit::service::record(tx, &changes).await?;
    }
    Ok(Outcome {
        changed,
        skipped: preview.skipped(),
        blocked: preview.blocked(),
        tally: preview.tally,
    })
}

/// Brings customers back, and nothing that their archive ended. Those in service are left as they are.
/// `agree` as in [`archive`].
pub async fn unarchive(
    tx: &mut Tx,
    ids: &[CustomerId],
    setting: Unarchive,
    agree: impl FnOnce(&Preview) -> Result<(), AppError> + Send,
    reason: Option<Reason>,
) -> Result<Outcome, AppError> {
    tx.may(Action::UnarchiveCustomers)?;
    let ids = unique(ids)?;
    known(lock(tx, &ids).await?, &ids)?;
    let customers = store::find_many(tx.db(), &ids).await?;
    let preview = decide_unarchive(tx, &ids, &customers, setting).await?;
    agree(&preview)?;
    if preview.blocked() > 0 {
        return Err(AppError::Refused(Refusal::UnarchiveDisabled));
    }
    let back: Vec<&Customer> = customers
        .iter()
        .filter(|customer| customer.lifecycle.is_archived())
        .collect();
    let owners: Vec<CustomerId> = back.iter().map(|customer| customer.id).collect();
    let now = tx.now();
    store::unarchive(tx.db(), &owners, now).await?;
    let changes: Vec<Change> = back
        .iter()
        .map(|customer| Change {
            customer_id: Some(customer.id),
            kind: ChangeKind::CustomerUnarchived,
            object_kind: ObjectKind::Customer,
            object_id: customer.id.0,
            reason: reason.clone(),
            before: json!({ "archived": customer.lifecycle.archived(), "version": customer.version }),
            after: json!({ "archived": null, "version": customer.version + 1 }),
            effects: Vec::new(),
        })
        .collect();
    audit::service::record(tx, &changes).await?;
    Ok(Outcome {
        changed: back
            .into_iter()
            .map(|customer| changed(customer, Tally::default()))
            .collect(),
        skipped: preview.skipped(),
        blocked: 0,
        tally: Tally::default(),
    })
}

/// Puts a customer back to the archived state that its last unarchive ended, if it still has the version that left behind.
pub async fn undo_unarchive(tx: &mut Tx, id: CustomerId, version: i64) -> Result<(), AppError> {
    tx.may(Action::ArchiveCustomers)?;
    let customer = lock_existing(tx, id).await?;
    if customer.lifecycle.is_archived() {
        return Ok(());
    }
    let recorded = audit::service::latest(tx, id, ChangeKind::CustomerUnarchived).await?;
    let (before, after) = recorded.ok_or(AppError::Refused(Refusal::ChangedSincePreview))?;
    if customer.version != version || after.get("version").and_then(Value::as_i64) != Some(version)
    {
        return Err(AppError::Refused(Refusal::ChangedSincePreview));
    }
    let stamp: Archived =
        serde_json::from_value(before.get("archived").cloned().unwrap_or_default())
            .map_err(|error| defect(&error))?;
    let now = tx.now();
    store::restore(tx.db(), id, &stamp, now).await?;
    let change = Change {
        customer_id: Some(id),
        kind: ChangeKind::UnarchiveUndone,
        object_kind: ObjectKind::Customer,
        object_id: id.0,
        reason: None,
        before: json!({ "archived": null, "version": version }),
        after: json!({ "archived": stamp, "version": version + 1 }),
        effects: Vec::new(),
    };
    audit::service::record(tx, &[change]).await
}

/// What [`archive`] or [`unarchive`] would do, on one snapshot.
pub async fn preview(
    tx: &mut Tx,
    ids: &[CustomerId],
    transition: Transition,
    how: &ArchiveOptions,
    setting: Unarchive,
) -> Result<Preview, AppError> {
    tx.may(Action::Preview)?;
    let ids = unique(ids)?;
    match transition {
        Transition::Archive => Ok(decide_archive(tx, &ids, how).await?.0),
        Transition::Unarchive => {
            let customers = store::find_many(tx.db(), &ids).await?;
            known(customers.iter().map(|customer| customer.id).collect(), &ids)?;
            decide_unarchive(tx, &ids, &customers, setting).await
        }
    }
}

/// What [`archive`] or [`unarchive`] would do to each of those that exist, in order of id.
pub(crate) async fn appraise(
    tx: &mut Tx,
    ids: &[CustomerId],
    transition: Transition,
    how: &ArchiveOptions,
    setting: Unarchive,
) -> Result<Vec<Appraised>, AppError> {
    let (now, counted_at) = (tx.now(), tx.counted_at());
    let mut appraised = Vec::with_capacity(ids.len());
    for some in ids.chunks(HELD_AT_ONCE) {
        match transition {
            Transition::Archive => {
                appraised.extend(worlds(tx, some).await?.into_iter().map(|world| {
                    let (verdict, effects) = rules::archive(&world, how, now, counted_at);
                    Appraised {
                        customer_id: world.customer.id,
                        subject: subject(&world.customer, verdict),
                        tally: Tally::of(&effects),
                        notifications: world.notifications,
                    }
                }));
            }
            Transition::Unarchive => {
                let customers = store::find_many(tx.db(), some).await?;
                let mut notifications = notifications::service::counts(tx, some).await?;
                appraised.extend(customers.iter().map(|customer| {
                    let verdict =
                        rules::unarchive(&customer.lifecycle, setting == Unarchive::Allowed);
                    Appraised {
                        customer_id: customer.id,
                        subject: subject(customer, verdict),
                        tally: Tally::default(),
                        notifications: notifications.remove(&customer.id).unwrap_or_default(),
                    }
                }));
            }
        }
    }
    Ok(appraised)
}

/// What would happen, and to whom it would, in order of id.
async fn decide_archive(
    tx: &mut Tx,
    ids: &[CustomerId],
    how: &ArchiveOptions,
) -> Result<(Preview, Vec<(Customer, Vec<Effect>)>), AppError> {
    let (now, counted_at) = (tx.now(), tx.counted_at());
    let mut subjects: BTreeMap<CustomerId, Subject> = BTreeMap::new();
    let mut decided = Vec::new();
    let mut notifications = 0;
    let mut ordered = ids.to_vec();
    ordered.sort_unstable();
    for some in ordered.chunks(HELD_AT_ONCE) {
        for world in worlds(tx, some).await? {
            let (verdict, effects) = rules::archive(&world, how, now, counted_at);
            let changes = verdict == Verdict::Change;
            subjects.insert(world.customer.id, subject(&world.customer, verdict));
            if changes {
                notifications += world.notifications;
                decided.push((world.customer, effects));
            }
        }
    }
    known(subjects.keys().copied().collect(), ids)?;
    let effects = || decided.iter().flat_map(|(_, effects)| effects);
    let preview = Preview {
        taken_at: now,
        tally: Tally::of(effects()),
        examples: effects::examples(effects()),
        subjects: ids.iter().filter_map(|id| subjects.remove(id)).collect(),
        notifications,
    };
    Ok((preview, decided))
}

async fn decide_unarchive(
    tx: &mut Tx,
    ids: &[CustomerId],
    customers: &[Customer],
    setting: Unarchive,
) -> Result<Preview, AppError> {
    let mut subjects: BTreeMap<CustomerId, Subject> = customers
        .iter()
        .map(|customer| {
            (
                customer.id,
                subject(
                    customer,
                    rules::unarchive(&customer.lifecycle, setting == Unarchive::Allowed),
                ),
            )
        })
        .collect();
    let back: Vec<CustomerId> = customers
        .iter()
        .filter(|customer| customer.lifecycle.is_archived())
        .map(|customer| customer.id)
        .collect();
    Ok(Preview {
        taken_at: tx.now(),
        subjects: ids.iter().filter_map(|id| subjects.remove(id)).collect(),
        tally: Tally::default(),
        examples: Vec::new(),
        notifications: notifications::service::counts(tx, &back)
            .await?
            .into_values()
            .sum(),
    })
}

fn subject(customer: &Customer, verdict: Verdict) -> Subject {
    Subject {
        id: customer.id.0,
        name: customer.name.clone(),
        version: customer.version,
        verdict,
    }
}

fn changed(customer: &Customer, tally: Tally) -> Changed {
    Changed {
        id: customer.id.0,
        name: customer.name.clone(),
        version: customer.version + 1,
        tally,
    }
}

/// What the rules need to know of each customer, in order of id.
async fn worlds(tx: &mut Tx, ids: &[CustomerId]) -> Result<Vec<CustomerWorld>, AppError> {
    let customers = store::find_many(tx.db(), ids).await?;
    let live: Vec<CustomerId> = customers
        .iter()
        .filter(|customer| !customer.lifecycle.is_archived())
        .map(|customer| customer.id)
        .collect();
    let mut contracts = group(contracts::service::live_of(tx, &live).await?, |one| {
        one.customer_id
    });
    let mut invoices = group(invoices::service::standing_of(tx, &live).await?, |one| {
        one.customer_id
    });
    let mut configurations = group(
        billing_configurations::service::live_of(tx, &live).await?,
        |one| one.customer_id,
    );
    let mut notifications = notifications::service::counts(tx, &live).await?;
    Ok(customers
        .into_iter()
        .map(|customer| CustomerWorld {
            contracts: contracts.remove(&customer.id).unwrap_or_default(),
            invoices: invoices.remove(&customer.id).unwrap_or_default(),
            configurations: configurations.remove(&customer.id).unwrap_or_default(),
            notifications: notifications.remove(&customer.id).unwrap_or_default(),
            customer,
        })
        .collect())
}
