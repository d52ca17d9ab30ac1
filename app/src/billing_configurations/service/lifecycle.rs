//! Archiving and unarchiving, and what either would do.

use super::group;
use crate::{
    audit::{self, ChangeKind, ObjectKind, service::Change},
    auth::Action,
    billing_configurations::{Configuration, ConfigurationWorld, rules, store},
    confirm::Transition,
    context::Unarchive,
    contracts, customers,
    db::Tx,
    effects::{self, Appraised, Changed, Effect, Outcome, Preview, Subject, Tally, Verdict},
    error::{AppError, Noun, Refusal},
    ids::{ConfigurationId, CustomerId},
    invoices,
    lifecycle::Reason,
};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Archives several configurations of one customer, all or none. Those already archived are left as they are.
pub async fn archive_of_customer(
    tx: &mut Tx,
    customer: CustomerId,
    ids: &[ConfigurationId],
    reason: Option<Reason>,
) -> Result<Vec<ConfigurationId>, AppError> {
    tx.may(Action::ArchiveConfigurations)?;
    let unique = unique(ids)?;
    if !customers::service::lock(tx, &[customer])
        .await?
        .contains(&customer)
    {
        return Err(AppError::Refused(Refusal::UnknownConfigurationCustomer {
            id: customer.to_string(),
        }));
    }
    let found = store::find_many(tx.db(), &unique).await?;
    let known: BTreeSet<ConfigurationId> = found
        .iter()
        .filter(|one| one.customer_id == customer)
        .map(|one| one.id)
        .collect();
    let unknown: Vec<String> = unique
        .iter()
        .filter(|id| !known.contains(id))
        .map(ToString::to_string)
        .collect();
    if !unknown.is_empty() {
        return Err(AppError::Refused(Refusal::UnknownConfigurations {
            ids: unknown,
        }));
    }
    let worlds = worlds(tx, found).await?;
    apply(tx, &worlds, Transition::Archive, reason).await?;
    Ok(unique)
}

/// Archives or unarchives configurations of any customers, in one transaction. `agree` is shown what will happen,
/// under lock; its error is the answer, and nothing is done.
pub async fn change(
    tx: &mut Tx,
    ids: &[ConfigurationId],
    transition: Transition,
    unarchive: Unarchive,
    agree: impl FnOnce(&Preview) -> Result<(), AppError> + Send,
    reason: Option<Reason>,
) -> Result<Outcome, AppError> {
    tx.may(match transition {
        Transition::Archive => Action::ArchiveConfigurations,
        Transition::Unarchive => Action::UnarchiveConfigurations,
    })?;
    let unique = unique(ids)?;
    let owners: Vec<CustomerId> = store::owners(tx.db(), &unique)
        .await?
        .into_iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    customers::service::lock(tx, &owners).await?;
    let found = store::find_many(tx.db(), &unique).await?;
    if found.len() != unique.len() {
        return Err(AppError::NotFound(Noun::Configuration));
    }
    let worlds = worlds(tx, found).await?;
    let preview = preview_of(tx, &unique, &worlds, transition, unarchive).await?;
    agree(&preview)?;
    if let Some(Verdict::Blocked(refusal)) = preview
        .subjects
        .iter()
        .map(|subject| &subject.verdict)
        .find(|verdict| matches!(verdict, Verdict::Blocked(_)))
        && preview.changes() == 0
    {
        return Err(AppError::Refused(refusal.clone()));
    }
    let allowed: BTreeSet<Uuid> = preview
        .subjects
        .iter()
        .filter(|subject| subject.verdict == Verdict::Change)
        .map(|subject| subject.id)
        .collect();
    let worlds: Vec<ConfigurationWorld> = worlds
        .into_iter()
        .map(|mut world| {
            world
                .configurations
                .retain(|one| allowed.contains(&one.id.0));
            world
        })
        .collect();
    let effects = apply(tx, &worlds, transition, reason).await?;
    let counted_at = tx.counted_at();
    Ok(Outcome {
        changed: worlds
            .iter()
            .flat_map(|world| {
                world.configurations.iter().map(|one| Changed {
                    id: one.id.0,
                    name: one.title(),
                    version: world.version + 1,
                    tally: Tally::of(&decide_one(world, one, transition, counted_at)),
                })
            })
            .collect(),
        skipped: preview.skipped(),
        blocked: preview.blocked(),
        tally: Tally::of(&effects),
    })
}

/// Since when each of those that exist is archived; `None` for those in service.
pub(crate) async fn archived_since(
    tx: &mut Tx,
    ids: &[ConfigurationId],
) -> Result<BTreeMap<Uuid, Option<DateTime<Utc>>>, AppError> {
    let found = store::find_many(tx.db(), ids).await?;
    Ok(found
        .into_iter()
        .map(|one| (one.id.0, one.lifecycle.archived_at()))
        .collect())
}

/// What [`change`] would do to each of those that exist, in order of their customers' ids. `wanted_keys` are the uniqueness
/// keys that earlier rows of the same selection would take.
pub(crate) async fn appraise(
    tx: &mut Tx,
    ids: &[ConfigurationId],
    transition: Transition,
    unarchive: Unarchive,
    wanted_keys: &mut BTreeSet<String>,
) -> Result<Vec<Appraised>, AppError> {
    let counted_at = tx.counted_at();
    let found = store::find_many(tx.db(), ids).await?;
    let mut appraised = Vec::with_capacity(ids.len());
    let worlds = worlds(tx, found).await?;
    let mut keys = Keys {
        holders: holders(tx, &worlds, transition).await?,
        wanted: wanted_keys,
    };
    for world in worlds {
        for one in &world.configurations {
            let verdict = verdict(one, transition, unarchive, &mut keys);
            let tally = match verdict {
                Verdict::Change => Tally::of(&decide_one(&world, one, transition, counted_at)),
                Verdict::Skipped { .. } | Verdict::Blocked(_) => Tally::default(),
            };
            appraised.push(Appraised {
                customer_id: world.customer_id,
                subject: subject(&world, one, verdict),
                tally,
                notifications: 0,
            });
        }
    }
    Ok(appraised)
}

/// What [`change`] would do, on one snapshot.
pub async fn preview(
    tx: &mut Tx,
    ids: &[ConfigurationId],
    transition: Transition,
    unarchive: Unarchive,
) -> Result<Preview, AppError> {
    tx.may(Action::Preview)?;
    let unique = unique(ids)?;
    let found = store::find_many(tx.db(), &unique).await?;
    if found.len() != unique.len() {
        return Err(AppError::NotFound(Noun::Configuration));
    }
    let worlds = worlds(tx, found).await?;
    preview_of(tx, &unique, &worlds, transition, unarchive).await
}

async fn preview_of(
    tx: &mut Tx,
    ids: &[ConfigurationId],
    worlds: &[ConfigurationWorld],
    transition: Transition,
    unarchive: Unarchive,
) -> Result<Preview, AppError> {
    let mut verdicts: BTreeMap<ConfigurationId, Subject> = BTreeMap::new();
    let mut keys = Keys {
        holders: holders(tx, worlds, transition).await?,
        wanted: &mut BTreeSet::new(),
    };
    for world in worlds {
        for one in &world.configurations {
            let verdict = verdict(one, transition, unarchive, &mut keys);
            verdicts.insert(one.id, subject(world, one, verdict));
        }
    }
    let changing: Vec<ConfigurationWorld> = worlds
        .iter()
        .cloned()
        .map(|mut world| {
            world.configurations.retain(|one| {
                verdicts
                    .get(&one.id)
                    .is_some_and(|subject| subject.verdict == Verdict::Change)
            });
            world
        })
        .collect();
    let counted_at = tx.counted_at();
    let effects: Vec<Effect> = changing
        .iter()
        .flat_map(|world| decide(world, transition, counted_at))
        .collect();
    Ok(Preview {
        taken_at: tx.now(),
        subjects: ids.iter().filter_map(|id| verdicts.remove(id)).collect(),
        tally: Tally::of(&effects),
        examples: effects::examples(&effects),
        notifications: 0,
    })
}

fn subject(world: &ConfigurationWorld, one: &Configuration, verdict: Verdict) -> Subject {
    Subject {
        id: one.id.0,
        name: format!("{}, {}", one.title(), world.customer_name),
        version: world.version,
        verdict,
    }
}

/// Uniqueness keys that cannot be taken.
struct Keys<'a> {
    holders: BTreeMap<String, ConfigurationId>,
    /// By earlier rows of the same selection.
    wanted: &'a mut BTreeSet<String>,
}

/// Who has the keys now that these would take.
async fn holders(
    tx: &mut Tx,
    worlds: &[ConfigurationWorld],
    transition: Transition,
) -> Result<BTreeMap<String, ConfigurationId>, AppError> {
    let all = worlds.iter().flat_map(|world| &world.configurations);
    let keys: Vec<String> = all
        .filter(|one| transition == Transition::Unarchive && one.lifecycle.is_archived())
        .filter_map(|one| one.uniqueness_key.clone())
        .collect();
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    store::holders(tx.db(), &keys).await
}

fn verdict(
    one: &Configuration,
    transition: Transition,
    unarchive: Unarchive,
    keys: &mut Keys<'_>,
) -> Verdict {
    match (transition, one.lifecycle.archived_at()) {
        (Transition::Archive, None) => Verdict::Change,
        (Transition::Archive, since) => Verdict::Skipped { since },
        (Transition::Unarchive, _) => unarchive_verdict(one, unarchive, keys),
    }
}

fn unarchive_verdict(one: &Configuration, unarchive: Unarchive, keys: &mut Keys<'_>) -> Verdict {
    if !one.lifecycle.is_archived() {
        return Verdict::Skipped { since: None };
    }
    if unarchive == Unarchive::Forbidden {
        return Verdict::Blocked(Refusal::UnarchiveDisabled);
    }
    let Some(key) = &one.uniqueness_key else {
        return Verdict::Change;
    };
    let holder = keys.holders.get(key).copied();
    if holder.is_some() || !keys.wanted.insert(key.clone()) {
        return Verdict::Blocked(Refusal::UniquenessKeyTaken {
            key: key.clone(),
            holder,
        });
    }
    Verdict::Change
}

fn decide(
    world: &ConfigurationWorld,
    transition: Transition,
    counted_at: DateTime<Utc>,
) -> Vec<Effect> {
    match transition {
        Transition::Archive => rules::archive(world, counted_at),
        Transition::Unarchive => world
            .configurations
            .iter()
            .filter_map(rules::unarchive)
            .collect(),
    }
}

/// What [`decide`] finds for one of the configurations alone: each contract and invoice belongs to one of them.
fn decide_one(
    world: &ConfigurationWorld,
    one: &Configuration,
    transition: Transition,
    counted_at: DateTime<Utc>,
) -> Vec<Effect> {
    let alone = ConfigurationWorld {
        configurations: vec![one.clone()],
        ..world.clone()
    };
    decide(&alone, transition, counted_at)
}

/// Decides and applies for customers whose rows are locked, and records it.
async fn apply(
    tx: &mut Tx,
    worlds: &[ConfigurationWorld],
    transition: Transition,
    reason: Option<Reason>,
) -> Result<Vec<Effect>, AppError> {
    let counted_at = tx.counted_at();
    let decided: Vec<(&ConfigurationWorld, Vec<Effect>)> = worlds
        .iter()
        .map(|world| (world, decide(world, transition, counted_at)))
        .filter(|(_, effects)| !effects.is_empty())
        .collect();
    let all: Vec<&Effect> = decided.iter().flat_map(|(_, effects)| effects).collect();
    apply_effects(tx, &all, reason.as_ref()).await?;
    contracts::service::apply(tx, &all).await?;
    let owners: Vec<CustomerId> = decided.iter().map(|(world, _)| world.customer_id).collect();
    invoices::service::apply(tx, &owners, &all).await?;
    customers::service::touch(tx, &owners).await?;
    let changes: Vec<Change> = decided
        .iter()
        .map(|(world, effects)| Change {
            customer_id: Some(world.customer_id),
            kind: match transition {
                Transition::Archive => ChangeKind::ConfigurationsArchived,
                Transition::Unarchive => ChangeKind::ConfigurationsUnarchived,
            },
            object_kind: ObjectKind::Configuration,
            object_id: world
                .configurations
                .first()
                .map_or(world.customer_id.0, |one| one.id.0),
            reason: reason.clone(),
            before: json!({ "version": world.version }),
            after: json!({ "version": world.version + 1 }),
            effects: effects.clone(),
        })
        .collect();
    audit::service::record(tx, &changes).await?;
    Ok(all.into_iter().cloned().collect())
}

/// Applies what the rules decided about configurations, one statement for each kind of effect.
pub(crate) async fn apply_effects(
    tx: &mut Tx,
    effects: &[&Effect],
    reason: Option<&Reason>,
) -> Result<(), AppError> {
    tx.give_way().await;
    let (now, actor) = (tx.now(), tx.actor().clone());
    store::apply(tx.db(), effects, &actor, reason, now).await
}

/// What the rules need to know about each customer of the configurations found.
async fn worlds(
    tx: &mut Tx,
    found: Vec<Configuration>,
) -> Result<Vec<ConfigurationWorld>, AppError> {
    let owners: Vec<CustomerId> = found
        .iter()
        .map(|one| one.customer_id)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let heads = customers::service::heads(tx, &owners).await?;
    let mut contracts = group(contracts::service::live_of(tx, &owners).await?, |one| {
        one.customer_id
    });
    let mut invoices = group(invoices::service::standing_of(tx, &owners).await?, |one| {
        one.customer_id
    });
    let mut configurations = group(found, |one| one.customer_id);
    Ok(heads
        .into_iter()
        .map(|head| ConfigurationWorld {
            customer_id: head.id,
            customer_name: head.name,
            version: head.version,
            configurations: configurations.remove(&head.id).unwrap_or_default(),
            contracts: contracts.remove(&head.id).unwrap_or_default(),
            invoices: invoices.remove(&head.id).unwrap_or_default(),
        })
        .collect())
}

/// A set of ids in the order of their first mention.
fn unique(ids: &[ConfigurationId]) -> Result<Vec<ConfigurationId>, AppError> {
    let mut seen = BTreeSet::new();
    let unique: Vec<ConfigurationId> = ids.iter().filter(|id| seen.insert(**id)).copied().collect();
    if unique.is_empty() {
        return Err(AppError::invalid(
            "customer_billing_provider_configuration_ids",
            "must name at least one configuration",
        ));
    }
    if unique.len() > rules::IDS_MAX {
        return Err(AppError::Refused(Refusal::LimitExceeded {
            what: "configurations".into(),
            most: rules::IDS_MAX,
        }));
    }
    Ok(unique)
}
