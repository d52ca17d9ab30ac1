//! Use cases of customers. Knows no HTTP and writes no SQL.

use super::{
    ArchiveOptions, Customer, CustomerDetail, CustomerEdit, CustomerList, CustomerWorld,
    NewCustomer, rules, store,
};
use crate::{
    audit::{self, ChangeKind, ObjectKind, service::Change},
    auth::Action,
    billing_configurations::{self, service::group},
    confirm::{self, Asked, Confirmation, Settled, Transition},
    context::{Ctx, Unarchive},
    contracts,
    db::{Tx, defect},
    effects::{self, Changed, Effect, Outcome, Preview, Subject, Tally, Verdict},
    error::{AppError, Noun, Refusal},
    ids::CustomerId,
    invoices,
    lifecycle::{Archived, Lifecycle, Reason},
    listing::{ListQuery, Tab},
    notifications,
    paging::{CappedCount, PageLinks, Start, TabCounts, page},
};
use futures::FutureExt;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Takes customers out of service with all that follows from it. Those already archived are left as they are. `versions`,
/// where given, are those of the preview in the order of `ids`; if one moved, nothing is done.
pub async fn archive(
    tx: &mut Tx,
    ids: &[CustomerId],
    how: &ArchiveOptions,
    versions: Option<&[i64]>,
    reason: Option<Reason>,
) -> Result<Outcome, AppError> {
    tx.may(Action::ArchiveCustomers)?;
    let ids = unique(ids)?;
    known(lock(tx, &ids).await?, &ids)?;
    let worlds = worlds(tx, &ids).await?;
    let (preview, decided) = decide_archive(tx, &ids, &worlds, how).await?;
    if versions.is_some_and(|versions| !preview.is_of(versions)) {
        return Err(AppError::Refused(Refusal::ChangedSincePreview));
    }
    let effects: Vec<&Effect> = decided.iter().flat_map(|(_, effects)| effects).collect();
    let owners: Vec<CustomerId> = decided.iter().map(|(world, _)| world.customer.id).collect();
    let stamp = Archived {
        at: tx.now(),
        by: tx.actor().clone(),
        reason: reason.clone(),
    };
    store::archive(tx.db(), &owners, &stamp).await?;
    contracts::service::apply(tx, &effects).await?;
    invoices::service::apply(tx, &effects).await?;
    billing_configurations::service::apply_effects(tx, &effects, reason.as_ref()).await?;
    store::release_aliases(tx.db(), &effects).await?;
    let changes: Vec<Change> = decided
        .iter()
        .map(|(world, effects)| Change {
            customer_id: world.customer.id,
            kind: ChangeKind::CustomerArchived,
            object_kind: ObjectKind::Customer,
            object_id: world.customer.id.0,
            reason: reason.clone(),
            before: json!({ "archived": null, "version": world.customer.version }),
            after: json!({ "archived": stamp, "version": world.customer.version + 1 }),
            effects: effects.clone(),
        })
        .collect();
    audit::service::record(tx, &changes).await?;
    Ok(Outcome {
        changed: decided
            .iter()
            .map(|(world, _)| changed(&world.customer))
            .collect(),
        skipped: preview.skipped(),
        blocked: preview.blocked(),
        tally: preview.tally,
    })
}

/// Brings customers back, and nothing that their archive ended. Those in service are left as they are.
pub async fn unarchive(
    tx: &mut Tx,
    ids: &[CustomerId],
    setting: Unarchive,
    versions: Option<&[i64]>,
    reason: Option<Reason>,
) -> Result<Outcome, AppError> {
    tx.may(Action::UnarchiveCustomers)?;
    let ids = unique(ids)?;
    known(lock(tx, &ids).await?, &ids)?;
    let customers = store::find_many(tx.db(), &ids).await?;
    let preview = decide_unarchive(tx, &ids, &customers, setting).await?;
    if versions.is_some_and(|versions| !preview.is_of(versions)) {
        return Err(AppError::Refused(Refusal::ChangedSincePreview));
    }
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
            customer_id: customer.id,
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
        changed: back.into_iter().map(changed).collect(),
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
        customer_id: id,
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
        customer_id: customer.id,
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
        customer_id: id,
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
        customer_id: customer.id,
        kind: ChangeKind::AliasesSet,
        object_kind: ObjectKind::Customer,
        object_id: customer.id.0,
        reason: None,
        before: json!({ "ingest_aliases": customer.ingest_aliases, "version": customer.version }),
        after: json!({ "ingest_aliases": after, "version": customer.version + 1 }),
        effects: Vec::new(),
    }
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
        Transition::Archive => {
            let worlds = worlds(tx, &ids).await?;
            known(worlds.iter().map(|world| world.customer.id).collect(), &ids)?;
            Ok(decide_archive(tx, &ids, &worlds, how).await?.0)
        }
        Transition::Unarchive => {
            let customers = store::find_many(tx.db(), &ids).await?;
            known(customers.iter().map(|customer| customer.id).collect(), &ids)?;
            decide_unarchive(tx, &ids, &customers, setting).await
        }
    }
}

async fn decide_archive<'w>(
    tx: &mut Tx,
    ids: &[CustomerId],
    worlds: &'w [CustomerWorld],
    how: &ArchiveOptions,
) -> Result<(Preview, Vec<(&'w CustomerWorld, Vec<Effect>)>), AppError> {
    let now = tx.now();
    let mut subjects: BTreeMap<CustomerId, Subject> = BTreeMap::new();
    let mut decided = Vec::new();
    for world in worlds {
        let (verdict, effects) = rules::archive(world, how, now);
        if verdict == Verdict::Change {
            decided.push((world, effects));
        }
        subjects.insert(world.customer.id, subject(&world.customer, verdict));
    }
    let effects = || decided.iter().flat_map(|(_, effects)| effects);
    let preview = Preview {
        taken_at: now,
        subjects: ids.iter().filter_map(|id| subjects.remove(id)).collect(),
        tally: Tally::of(effects()),
        examples: effects::examples(effects()),
        notifications: decided.iter().map(|(world, _)| world.notifications).sum(),
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

fn changed(customer: &Customer) -> Changed {
    Changed {
        id: customer.id.0,
        name: customer.name.clone(),
        version: customer.version + 1,
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

/// Shows a person what an action would do.
pub async fn ask(
    ctx: &Ctx,
    ids: Vec<CustomerId>,
    transition: Transition,
    options: ArchiveOptions,
) -> Result<Asked, AppError> {
    ctx.may(Action::Preview)?;
    if let Some(again) = confirm::service::shown_again() {
        return again;
    }
    let setting = ctx.settings.unarchive;
    let preview = ctx
        .snapshot(move |tx| {
            let ids = ids.clone();
            async move { preview(tx, &ids, transition, &options, setting).await }.boxed()
        })
        .await?;
    Ok(Asked {
        transition,
        options: match transition {
            Transition::Archive => options,
            Transition::Unarchive => ArchiveOptions::default(),
        },
        preview,
        idempotency_key: Uuid::now_v7().to_string(),
        unarchive_allowed: setting == Unarchive::Allowed,
        answered: None,
    })
}

/// Does what a person confirmed, once, or says what is missing and shows the figures of now.
pub async fn confirm(ctx: &Ctx, confirmation: Confirmation) -> Result<Settled, AppError> {
    ctx.may(match confirmation.transition {
        Transition::Archive => Action::ArchiveCustomers,
        Transition::Unarchive => Action::UnarchiveCustomers,
    })?;
    let setting = ctx.settings.unarchive;
    let done =
        confirm::service::settle(ctx, "customers", confirmation.clone(), move |tx, filled| {
            async move {
                let ids: Vec<CustomerId> = filled.ids.iter().copied().map(CustomerId).collect();
                let preview =
                    preview(tx, &ids, filled.transition, &filled.options, setting).await?;
                let flaws = confirm::flaws(&filled, &preview);
                if !flaws.is_empty() {
                    return Ok(Err(flaws));
                }
                let reason = confirm::reason(filled.preset, &filled.note).unwrap_or_default();
                let versions = Some(filled.versions.as_slice());
                match filled.transition {
                    Transition::Archive => {
                        archive(tx, &ids, &filled.options, versions, reason).await
                    }
                    Transition::Unarchive => unarchive(tx, &ids, setting, versions, reason).await,
                }
                .map(Ok)
            }
            .boxed()
        })
        .await?;
    match done {
        Ok(outcome) => Ok(Settled::Done(outcome)),
        Err(flaws) => {
            let ids = confirmation.ids.iter().copied().map(CustomerId).collect();
            let asked = ask(ctx, ids, confirmation.transition, confirmation.options).await?;
            Ok(Settled::NotYet(Box::new(confirm::service::again(
                asked,
                &confirmation,
                flaws,
            ))))
        }
    }
}

/// Brings one customer back without a question: nothing about it is final.
pub async fn unarchive_at_once(ctx: &Ctx, id: CustomerId) -> Result<i64, AppError> {
    let setting = ctx.settings.unarchive;
    ctx.write(move |tx| {
        async move {
            unarchive(tx, &[id], setting, None, None).await?;
            Ok(lock_existing(tx, id).await?.version)
        }
        .boxed()
    })
    .await
}

/// Takes back [`unarchive_at_once`].
pub async fn undo_unarchive_at_once(
    ctx: &Ctx,
    id: CustomerId,
    version: i64,
) -> Result<(), AppError> {
    ctx.write(move |tx| undo_unarchive(tx, id, version).boxed())
        .await
}

pub async fn find(ctx: &Ctx, id: CustomerId) -> Result<Customer, AppError> {
    ctx.may(Action::Read)?;
    let mut connection = ctx.db.reader().acquire().await?;
    store::find_many(&mut connection, &[id])
        .await?
        .pop()
        .ok_or(AppError::NotFound(Noun::Customer))
}

/// The customer with this key, archived or not.
pub async fn find_by_key(ctx: &Ctx, key: &str) -> Result<Customer, AppError> {
    ctx.may(Action::Read)?;
    let id = store::id_of_key(ctx.db.reader(), key)
        .await?
        .ok_or(AppError::NotFound(Noun::Customer))?;
    find(ctx, id).await
}

/// One page of the console's list.
pub async fn list(ctx: &Ctx, query: &ListQuery) -> Result<CustomerList, AppError> {
    ctx.may(Action::Read)?;
    let start = query.start()?;
    let fetched = store::list(ctx.db.reader(), query, &start, query.rows() + 1).await?;
    let (rows, links) = page(fetched, query.rows(), &start, |row| {
        store::cursor(row, query.sort.key)
    });
    Ok(CustomerList {
        rows,
        links,
        now: ctx.now(),
    })
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
    ctx.db.counts().customers.or_count(counted).await
}

/// Which customers the bearer dialect lists.
#[derive(Debug, Clone, Default)]
pub struct ApiFilter {
    pub ids: Option<Vec<CustomerId>>,
    pub ingest_alias: Option<String>,
    pub only_archived: bool,
    pub salesforce_account_ids: Option<Vec<String>>,
}

/// A page of customers in the order they were made.
pub async fn list_api(
    ctx: &Ctx,
    filter: &ApiFilter,
    start: &Start,
    size: u32,
) -> Result<(Vec<Customer>, PageLinks), AppError> {
    ctx.may(Action::Read)?;
    let fetched = store::list_api(ctx.db.reader(), filter, start, size + 1).await?;
    Ok(page(fetched, size, start, store::api_cursor))
}

/// Which customers the envelope dialect lists.
#[derive(Debug, Clone, Default)]
pub struct EnvelopeFilter {
    pub search: Option<String>,
    pub customer_type: Option<super::CustomerType>,
    pub created_on: Option<chrono::NaiveDate>,
    /// `None` for both.
    pub archived: Option<bool>,
}

/// A numbered page with an exact count: the one list that needs both, because its documented answer has them.
pub async fn list_numbered(
    ctx: &Ctx,
    filter: &EnvelopeFilter,
    number: u32,
    size: u32,
) -> Result<(Vec<Customer>, i64), AppError> {
    ctx.may(Action::Read)?;
    store::list_numbered(ctx.db.reader(), filter, number, size).await
}

/// A customer with all that hangs on it.
pub async fn detail(ctx: &Ctx, id: CustomerId) -> Result<CustomerDetail, AppError> {
    let customer = find(ctx, id).await?;
    let everything = contracts::service::ContractFilter {
        include_archived: true,
        ..Default::default()
    };
    let contracts = contracts::service::list(ctx, id, &everything).await?;
    let newest = invoices::service::InvoiceFilter {
        newest_first: true,
        ..Default::default()
    };
    let size = u32::try_from(rules::DETAIL_INVOICES_MAX).unwrap_or(100);
    let (invoices, _) = invoices::service::list(ctx, id, &newest, &Start::First, size).await?;
    let (invoices_total, open_invoices) = invoices::service::summary(ctx, id).await?;
    let configurations = billing_configurations::service::of_customer(ctx, id, true).await?;
    let timeline = audit::service::timeline(ctx, id, None).await?;
    let done = audit::service::latest_effects(ctx, id, ChangeKind::CustomerArchived).await?;
    let effects = if customer.lifecycle.is_archived() {
        Tally::of(&done)
    } else {
        let how = ArchiveOptions {
            keep_paid_invoices: true,
            ..ArchiveOptions::default()
        };
        let setting = ctx.settings.unarchive;
        ctx.snapshot(move |tx| {
            async move { preview(tx, &[id], Transition::Archive, &how, setting).await }.boxed()
        })
        .await?
        .tally
    };
    Ok(CustomerDetail {
        set_up_again: rules::set_up_again(&done, &contracts, &configurations),
        notifications: notifications::service::count(ctx, id).await?,
        unarchive_allowed: ctx.settings.unarchive == Unarchive::Allowed,
        now: ctx.now(),
        customer,
        contracts,
        invoices,
        invoices_total,
        open_invoices,
        configurations,
        timeline,
        effects,
    })
}

/// Locks the rows of those that exist, in order of id, and says which they are.
pub(crate) async fn lock(
    tx: &mut Tx,
    ids: &[CustomerId],
) -> Result<BTreeSet<CustomerId>, AppError> {
    store::lock(tx.db(), ids).await
}

/// Locks one customer, archived or not.
pub(crate) async fn lock_existing(tx: &mut Tx, id: CustomerId) -> Result<Customer, AppError> {
    lock(tx, &[id]).await?;
    store::find_many(tx.db(), &[id])
        .await?
        .pop()
        .ok_or(AppError::NotFound(Noun::Customer))
}

/// Locks one customer to be edited; an archived one refuses.
pub(crate) async fn lock_active(tx: &mut Tx, id: CustomerId) -> Result<Customer, AppError> {
    let customer = lock_existing(tx, id).await?;
    if customer.lifecycle.is_archived() {
        return Err(AppError::Refused(Refusal::CustomerArchived));
    }
    Ok(customer)
}

/// Counts a write to customers whose rows are locked.
pub(crate) async fn touch(tx: &mut Tx, ids: &[CustomerId]) -> Result<(), AppError> {
    let now = tx.now();
    store::touch(tx.db(), ids, now).await
}

/// Name and version of customers, in order of id.
pub(crate) struct Head {
    pub(crate) id: CustomerId,
    pub(crate) name: String,
    pub(crate) version: i64,
}

pub(crate) async fn heads(tx: &mut Tx, ids: &[CustomerId]) -> Result<Vec<Head>, AppError> {
    store::heads(tx.db(), ids).await
}

/// A set of ids in the order of their first mention.
fn unique(ids: &[CustomerId]) -> Result<Vec<CustomerId>, AppError> {
    let mut seen = BTreeSet::new();
    let unique: Vec<CustomerId> = ids.iter().filter(|id| seen.insert(**id)).copied().collect();
    if unique.is_empty() {
        return Err(AppError::invalid("ids", "must name at least one customer"));
    }
    if unique.len() > rules::IDS_MAX {
        return Err(AppError::Refused(Refusal::LimitExceeded {
            what: "customers".into(),
            most: rules::IDS_MAX,
        }));
    }
    Ok(unique)
}

fn known(found: BTreeSet<CustomerId>, ids: &[CustomerId]) -> Result<(), AppError> {
    if ids.iter().all(|id| found.contains(id)) {
        Ok(())
    } else {
        Err(AppError::NotFound(Noun::Customer))
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
