//! Use cases of billing provider configurations. Knows no HTTP and writes no SQL.

use super::{
    Configuration, ConfigurationDetail, ConfigurationList, ConfigurationWorld, DeliveryMethod,
    NewConfiguration, Provider, rules, store,
};
use crate::{
    audit::{self, ChangeKind, ObjectKind, service::Change},
    auth::Action,
    confirm::{self, Asked, Confirmation, Settled, Transition},
    context::{Ctx, Unarchive},
    contracts,
    customers::{self, ArchiveOptions},
    db::Tx,
    effects::{self, Changed, Effect, Outcome, Preview, Subject, Tally, Verdict},
    error::{AppError, Noun, Refusal},
    ids::{ConfigurationId, CustomerId},
    invoices,
    lifecycle::{Lifecycle, Reason},
    listing::{ListQuery, Tab},
    paging::{CappedCount, TabCounts, page},
};
use futures::FutureExt;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
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
                customer_id: *owner,
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

/// Archives or unarchives configurations of any customers, in one transaction. `versions`, where given, are those of the
/// preview in the order of `ids`; if one moved, nothing is done and the refusal says so.
pub async fn change(
    tx: &mut Tx,
    ids: &[ConfigurationId],
    transition: Transition,
    unarchive: Unarchive,
    versions: Option<&[i64]>,
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
    if versions.is_some_and(|versions| !preview.is_of(versions)) {
        return Err(AppError::Refused(Refusal::ChangedSincePreview));
    }
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
    Ok(Outcome {
        changed: worlds
            .iter()
            .flat_map(|world| {
                world.configurations.iter().map(|one| Changed {
                    id: one.id.0,
                    name: one.title(),
                    version: world.version + 1,
                })
            })
            .collect(),
        skipped: preview.skipped(),
        blocked: preview.blocked(),
        tally: Tally::of(&effects),
    })
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
    let mut wanted_keys = BTreeSet::new();
    for world in worlds {
        for one in &world.configurations {
            let verdict = match transition {
                Transition::Archive => match one.lifecycle.archived_at() {
                    Some(at) => Verdict::Skipped { since: Some(at) },
                    None => Verdict::Change,
                },
                Transition::Unarchive => {
                    unarchive_verdict(tx, one, unarchive, &mut wanted_keys).await?
                }
            };
            let name = format!("{}, {}", one.title(), world.customer_name);
            verdicts.insert(
                one.id,
                Subject {
                    id: one.id.0,
                    name,
                    version: world.version,
                    verdict,
                },
            );
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
    let now = tx.now();
    let effects: Vec<Effect> = changing
        .iter()
        .flat_map(|world| decide(world, transition, now))
        .collect();
    Ok(Preview {
        taken_at: now,
        subjects: ids.iter().filter_map(|id| verdicts.remove(id)).collect(),
        tally: Tally::of(&effects),
        examples: effects::examples(&effects),
        notifications: 0,
    })
}

async fn unarchive_verdict(
    tx: &mut Tx,
    one: &Configuration,
    unarchive: Unarchive,
    wanted_keys: &mut BTreeSet<String>,
) -> Result<Verdict, AppError> {
    if !one.lifecycle.is_archived() {
        return Ok(Verdict::Skipped { since: None });
    }
    if unarchive == Unarchive::Forbidden {
        return Ok(Verdict::Blocked(Refusal::UnarchiveDisabled));
    }
    let Some(key) = &one.uniqueness_key else {
        return Ok(Verdict::Change);
    };
    let holder = store::holder(tx.db(), key).await?;
    if holder.is_some() || !wanted_keys.insert(key.clone()) {
        return Ok(Verdict::Blocked(Refusal::UniquenessKeyTaken {
            key: key.clone(),
            holder,
        }));
    }
    Ok(Verdict::Change)
}

fn decide(
    world: &ConfigurationWorld,
    transition: Transition,
    now: chrono::DateTime<chrono::Utc>,
) -> Vec<Effect> {
    match transition {
        Transition::Archive => rules::archive(world, now),
        Transition::Unarchive => world
            .configurations
            .iter()
            .filter_map(rules::unarchive)
            .collect(),
    }
}

/// Decides and applies for customers whose rows are locked, and records it.
async fn apply(
    tx: &mut Tx,
    worlds: &[ConfigurationWorld],
    transition: Transition,
    reason: Option<Reason>,
) -> Result<Vec<Effect>, AppError> {
    let now = tx.now();
    let decided: Vec<(&ConfigurationWorld, Vec<Effect>)> = worlds
        .iter()
        .map(|world| (world, decide(world, transition, now)))
        .filter(|(_, effects)| !effects.is_empty())
        .collect();
    let all: Vec<&Effect> = decided.iter().flat_map(|(_, effects)| effects).collect();
    apply_effects(tx, &all, reason.as_ref()).await?;
    contracts::service::apply(tx, &all).await?;
    invoices::service::apply(tx, &all).await?;
    let owners: Vec<CustomerId> = decided.iter().map(|(world, _)| world.customer_id).collect();
    customers::service::touch(tx, &owners).await?;
    let changes: Vec<Change> = decided
        .iter()
        .map(|(world, effects)| Change {
            customer_id: world.customer_id,
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

/// Things by the customer they belong to.
pub(crate) fn group<T>(
    things: Vec<T>,
    owner: impl Fn(&T) -> CustomerId,
) -> BTreeMap<CustomerId, Vec<T>> {
    let mut groups: BTreeMap<CustomerId, Vec<T>> = BTreeMap::new();
    for thing in things {
        groups.entry(owner(&thing)).or_default().push(thing);
    }
    groups
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

/// Shows a person what an action would do.
pub async fn ask(
    ctx: &Ctx,
    ids: Vec<ConfigurationId>,
    transition: Transition,
) -> Result<Asked, AppError> {
    ctx.may(Action::Preview)?;
    if let Some(again) = confirm::service::shown_again() {
        return again;
    }
    let setting = ctx.settings.unarchive;
    let preview = ctx
        .snapshot(move |tx| {
            let ids = ids.clone();
            async move { preview(tx, &ids, transition, setting).await }.boxed()
        })
        .await?;
    Ok(Asked {
        transition,
        options: ArchiveOptions::default(),
        preview,
        idempotency_key: Uuid::now_v7().to_string(),
        unarchive_allowed: setting == Unarchive::Allowed,
        answered: None,
    })
}

/// Does what a person confirmed, once, or says what is missing and shows the figures of now.
pub async fn confirm(ctx: &Ctx, confirmation: Confirmation) -> Result<Settled, AppError> {
    ctx.may(match confirmation.transition {
        Transition::Archive => Action::ArchiveConfigurations,
        Transition::Unarchive => Action::UnarchiveConfigurations,
    })?;
    let setting = ctx.settings.unarchive;
    let done = confirm::service::settle(
        ctx,
        "configurations",
        confirmation.clone(),
        move |tx, filled| {
            async move {
                let ids: Vec<ConfigurationId> =
                    filled.ids.iter().copied().map(ConfigurationId).collect();
                let preview = preview(tx, &ids, filled.transition, setting).await?;
                let flaws = confirm::flaws(&filled, &preview);
                if !flaws.is_empty() {
                    return Ok(Err(flaws));
                }
                let reason = confirm::reason(filled.preset, &filled.note).unwrap_or_default();
                change(
                    tx,
                    &ids,
                    filled.transition,
                    setting,
                    Some(&filled.versions),
                    reason,
                )
                .await
                .map(Ok)
            }
            .boxed()
        },
    )
    .await?;
    match done {
        Ok(outcome) => Ok(Settled::Done(outcome)),
        Err(flaws) => {
            let ids = confirmation
                .ids
                .iter()
                .copied()
                .map(ConfigurationId)
                .collect();
            let asked = ask(ctx, ids, confirmation.transition).await?;
            Ok(Settled::NotYet(Box::new(confirm::service::again(
                asked,
                &confirmation,
                flaws,
            ))))
        }
    }
}

/// A customer's configurations, the newest first.
pub async fn of_customer(
    ctx: &Ctx,
    customer: CustomerId,
    include_archived: bool,
) -> Result<Vec<Configuration>, AppError> {
    ctx.may(Action::Read)?;
    store::of_customer(ctx.db.reader(), customer, include_archived).await
}

/// Those with these ids, of any customer, archived or not.
pub async fn named(ctx: &Ctx, ids: &[ConfigurationId]) -> Result<Vec<Configuration>, AppError> {
    ctx.may(Action::Read)?;
    let mut connection = ctx.db.reader().acquire().await?;
    store::find_many(&mut connection, ids).await
}

/// Live configurations of customers whose rows are locked.
pub(crate) async fn live_of(
    tx: &mut Tx,
    customers: &[CustomerId],
) -> Result<Vec<Configuration>, AppError> {
    store::live_of(tx.db(), customers).await
}

/// A live configuration of this customer, for a contract to bill through.
pub(crate) async fn live_one(
    tx: &mut Tx,
    customer: CustomerId,
    id: ConfigurationId,
) -> Result<ConfigurationId, AppError> {
    store::live_of(tx.db(), &[customer])
        .await?
        .into_iter()
        .map(|one| one.id)
        .find(|found| *found == id)
        .ok_or_else(|| {
            AppError::invalid(
                "billing_provider_configuration_id",
                "is not a live configuration of this customer",
            )
        })
}

/// The customer's one live configuration with a provider, and a delivery method where it is named.
pub(crate) async fn live_matching(
    tx: &mut Tx,
    customer: CustomerId,
    provider: Provider,
    method: Option<DeliveryMethod>,
) -> Result<ConfigurationId, AppError> {
    let fits = |one: &Configuration| {
        one.billing_provider == provider
            && method.is_none_or(|method| one.delivery_method == method)
    };
    let live = store::live_of(tx.db(), &[customer]).await?;
    let mut matching = live.iter().filter(|one| fits(one));
    match (matching.next(), matching.next()) {
        (Some(one), None) => Ok(one.id),
        (None, _) => Err(AppError::invalid(
            "billing_provider",
            "the customer has no live configuration of this provider",
        )),
        (Some(_), Some(_)) => Err(AppError::invalid(
            "billing_provider",
            "the customer has several; send billing_provider_configuration_id",
        )),
    }
}

/// One page of the list of configurations.
pub async fn list(ctx: &Ctx, query: &ListQuery) -> Result<ConfigurationList, AppError> {
    ctx.may(Action::Read)?;
    let start = query.start()?;
    let now = ctx.now();
    let fetched = store::list(ctx.db.reader(), query, &start, query.rows() + 1, now).await?;
    let (rows, links) = page(fetched, query.rows(), &start, |row| {
        store::cursor(row, query.sort.key)
    });
    Ok(ConfigurationList { rows, links, now })
}

/// How many match, up to the cap.
pub async fn count(ctx: &Ctx, query: &ListQuery) -> Result<CappedCount, AppError> {
    ctx.may(Action::Read)?;
    store::count(ctx.db.reader(), query).await
}

/// How many there are on each tab without any filter, up to the cap.
pub async fn tab_counts(ctx: &Ctx) -> Result<TabCounts, AppError> {
    let of = |tab| ListQuery {
        tab,
        ..ListQuery::default()
    };
    ctx.may(Action::Read)?;
    let counted = async {
        Ok(TabCounts {
            all: count(ctx, &of(Tab::All)).await?,
            active: count(ctx, &of(Tab::Active)).await?,
            archived: count(ctx, &of(Tab::Archived)).await?,
        })
    };
    ctx.db.counts().configurations.or_count(counted).await
}

/// A configuration with what uses it.
pub async fn detail(ctx: &Ctx, id: ConfigurationId) -> Result<ConfigurationDetail, AppError> {
    ctx.may(Action::Read)?;
    let configuration = named(ctx, &[id])
        .await?
        .pop()
        .ok_or(AppError::NotFound(Noun::Configuration))?;
    let customer = customers::service::find(ctx, configuration.customer_id).await?;
    let timeline = audit::service::timeline(ctx, customer.id, None).await?;
    Ok(ConfigurationDetail {
        standing: rules::standing(
            configuration.lifecycle.is_archived(),
            customer.lifecycle.is_archived(),
        ),
        customer_name: customer.name,
        customer_version: customer.version,
        customer_archived: customer.lifecycle.is_archived(),
        contracts: contracts::service::of_configuration(ctx, id).await?,
        invoices: invoices::service::of_configuration(ctx, id).await?,
        timeline: timeline
            .entries
            .into_iter()
            .filter(|entry| concerns(entry, id))
            .collect(),
        unarchive_allowed: ctx.settings.unarchive == Unarchive::Allowed,
        now: ctx.now(),
        configuration,
    })
}

fn concerns(entry: &audit::Entry, configuration: ConfigurationId) -> bool {
    entry.object_id == configuration.0
        || entry.effects.iter().any(|effect| match effect {
            Effect::ConfigurationArchived { id, .. }
            | Effect::ConfigurationUnarchived { id, .. } => *id == configuration,
            Effect::ConfigurationDetached {
                configuration: id, ..
            } => *id == configuration,
            _ => false,
        })
}
