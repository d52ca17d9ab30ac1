use super::{
    Plan,
    apply::{live_contracts, standing_invoices},
    copy::Batch,
    world::{World, Worlds, archived_of},
};
use crate::{
    audit::ChangeKind,
    billing_configurations::Provider,
    customers::rules,
    effects::Effect,
    invoices::{ExternalStatus, InvoiceStatus, rules::is_open},
    lifecycle::Lifecycle,
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeSet, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

fn plan(customers: u32, seed: u64) -> Plan {
    Plan {
        customers,
        seed,
        as_of: NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
    }
}

fn worlds(customers: u32, seed: u64) -> Vec<World> {
    Worlds::new(plan(customers, seed)).collect()
}

/// Enough of them for everything rare, made once.
static MANY: LazyLock<Vec<World>> = LazyLock::new(|| worlds(5_000, 1));

fn fingerprint(worlds: &[World]) -> u64 {
    let mut batch = Batch::default();
    worlds.iter().for_each(|world| batch.add(world).unwrap());
    let mut hasher = DefaultHasher::new();
    for sheet in [
        &batch.customers,
        &batch.aliases,
        &batch.configurations,
        &batch.contracts,
        &batch.invoices,
        &batch.notifications,
        &batch.audit_entries,
        &batch.outbox_events,
    ] {
        sheet.pieces().hash(&mut hasher);
    }
    hasher.finish()
}

#[test]
fn the_same_plan_gives_the_same_rows() {
    assert_eq!(fingerprint(&worlds(400, 1)), fingerprint(&worlds(400, 1)));
    assert_ne!(fingerprint(&worlds(400, 1)), fingerprint(&worlds(400, 2)));
}

#[test]
fn a_customer_does_not_depend_on_how_many_follow() {
    // All but the last, unfinished stretch, in which nobody is archived yet.
    let (few, many) = (worlds(400, 1), worlds(900, 1));
    assert_eq!(fingerprint(&few[..380]), fingerprint(&many[..380]));
}

#[test]
fn the_archived_share_is_exact() {
    for customers in [1, 50, 1_000, 1_319] {
        let archived = worlds(customers, 5);
        let archived = archived
            .iter()
            .filter(|world| world.customer.lifecycle.is_archived())
            .count();
        assert_eq!(archived as u64, archived_of(u64::from(customers)));
    }
}

#[test]
fn averages_are_those_of_a_real_company() {
    let worlds = &*MANY;
    let each = |count: fn(&World) -> usize| {
        worlds.iter().map(count).sum::<usize>() as f64 / worlds.len() as f64
    };
    for (what, found, wanted) in [
        ("contracts", each(|world| world.contracts.len()), 2.0),
        ("invoices", each(|world| world.invoices.len()), 6.0),
        (
            "configurations",
            each(|world| world.configurations.len()),
            1.2,
        ),
    ] {
        assert!(
            (found / wanted - 1.0).abs() < 0.1,
            "{found} {what} a customer"
        );
    }
    assert!(worlds.iter().all(|world| world.contracts.len() <= 6));
    assert!(worlds.iter().all(|world| world.invoices.len() <= 24));
    assert!(worlds.iter().all(|world| world.configurations.len() <= 6));
    assert!(
        worlds
            .iter()
            .all(|world| world.customer.ingest_aliases.len() <= 5)
    );
    assert!(worlds.iter().all(|world| world.notifications.len() <= 4));
}

#[test]
fn everything_that_can_be_shown_is_there() {
    let worlds = &*MANY;
    let providers: BTreeSet<Provider> = worlds
        .iter()
        .flat_map(|world| &world.configurations)
        .map(|one| one.billing_provider)
        .collect();
    assert_eq!(providers.len(), Provider::ALL.len());
    let now = plan(1, 1).moment();
    let invoices = || worlds.iter().flat_map(|world| &world.invoices);
    let outcomes: HashSet<Option<ExternalStatus>> =
        invoices().map(|one| one.external_status).collect();
    for outcome in [
        ExternalStatus::Paid,
        ExternalStatus::Sent,
        ExternalStatus::Skipped,
        ExternalStatus::PaymentFailed,
    ] {
        assert!(outcomes.contains(&Some(outcome)), "{outcome:?}");
    }
    for status in InvoiceStatus::ALL {
        assert!(invoices().any(|one| one.status == status), "{status:?}");
    }
    let grace = worlds
        .iter()
        .flat_map(standing_invoices)
        .filter(|one| one.in_grace_period(now))
        .count();
    assert!(grace > 60, "{grace} invoices in their grace period");
    let done: HashSet<&str> = worlds
        .iter()
        .flat_map(|world| &world.entries)
        .map(|one| one.change.as_str())
        .collect();
    for change in [
        ChangeKind::CustomerCreated,
        ChangeKind::CustomerArchived,
        ChangeKind::CustomerUnarchived,
        ChangeKind::ConfigurationsCreated,
        ChangeKind::ConfigurationsArchived,
        ChangeKind::ContractCreated,
    ] {
        assert!(done.contains(change.as_str()), "{change:?}");
    }
    let inert = worlds
        .iter()
        .filter(|world| world.customer.lifecycle.is_archived());
    assert!(
        inert
            .flat_map(|world| &world.configurations)
            .any(|one| !one.lifecycle.is_archived())
    );
}

#[test]
fn an_archived_customer_has_no_live_contract_and_no_open_invoice() {
    for world in MANY
        .iter()
        .filter(|world| world.customer.lifecycle.is_archived())
    {
        assert!(live_contracts(world).is_empty());
        assert!(
            !world
                .invoices
                .iter()
                .any(|one| is_open(one.status, one.external_status))
        );
        let last = world.entries.last().unwrap();
        assert_eq!(last.change, ChangeKind::CustomerArchived);
        assert_eq!(Some(last.at), world.customer.lifecycle.archived_at());
        let voided = |effect: &&Effect| matches!(effect, Effect::InvoiceVoided { .. });
        let now = world
            .invoices
            .iter()
            .filter(|one| one.voided_at == Some(last.at))
            .count();
        assert_eq!(last.effects.iter().filter(voided).count(), now);
    }
}

#[test]
fn nothing_archived_is_metered_or_charges() {
    for world in MANY.iter() {
        for contract in &world.contracts {
            let configuration = world
                .configurations
                .iter()
                .find(|one| Some(one.id) == contract.configuration_id);
            let gone = configuration.is_some_and(|one| one.lifecycle.is_archived());
            // What an archive of the customer brings along is marked on the contracts that were live then.
            assert!(!gone || contract.metering_stopped_at.is_some());
            if gone || contract.archived_at.is_some() {
                assert!(contract.metering_stopped_at.is_some());
                assert_ne!(contract.spend_recharge_enabled, Some(true));
                assert_ne!(contract.credit_recharge_enabled, Some(true));
            }
        }
    }
}

#[test]
fn timelines_are_in_order_and_count_the_versions() {
    let now = plan(1, 1).moment();
    for world in MANY.iter() {
        let (customer, entries) = (&world.customer, &world.entries);
        assert!(entries.is_sorted_by(|one, next| one.id < next.id && one.at <= next.at));
        assert!(
            entries
                .iter()
                .all(|one| one.at <= now && one.delivered_at <= now)
        );
        assert_eq!(entries[0].change, ChangeKind::CustomerCreated);
        assert_eq!(entries[0].at, customer.created_at);
        assert_eq!(customer.version, entries.len() as i64);
        assert_eq!(customer.updated_at, entries[entries.len() - 1].at);
        let archived = entries
            .iter()
            .filter(|one| one.change == ChangeKind::CustomerArchived)
            .count();
        let unarchived = entries
            .iter()
            .filter(|one| one.change == ChangeKind::CustomerUnarchived)
            .count();
        assert_eq!(
            archived - unarchived,
            usize::from(customer.lifecycle != Lifecycle::Active)
        );
        let written = world.invoices.iter().map(|one| one.updated_at).max();
        assert!(
            written <= Some(customer.updated_at),
            "{written:?} {}",
            customer.updated_at
        );
        assert!(
            world
                .contracts
                .iter()
                .all(|one| one.updated_at <= customer.updated_at)
        );
        assert!(
            world
                .configurations
                .iter()
                .all(|one| one.updated_at <= customer.updated_at)
        );
        assert!(
            world
                .notifications
                .iter()
                .all(|one| one.created_at <= customer.updated_at)
        );
    }
}

#[test]
fn nothing_is_refused_by_the_product_itself() {
    let worlds = &*MANY;
    let mut unique = HashSet::new();
    for world in worlds {
        let customer = &world.customer;
        assert_eq!(rules::key(&customer.key).unwrap(), customer.key);
        assert_eq!(
            rules::aliases(&customer.ingest_aliases).unwrap(),
            customer.ingest_aliases
        );
        assert_eq!(
            rules::profile(&customer.profile.0).unwrap(),
            customer.profile
        );
        if let Some(email) = &customer.primary_email {
            assert_eq!(&rules::email("primary_email", email).unwrap(), email);
        }
        assert!(unique.insert(customer.key.clone()));
        assert!(
            customer
                .ingest_aliases
                .iter()
                .all(|alias| unique.insert(format!("alias {alias}")))
        );
        assert!(
            world
                .invoices
                .iter()
                .all(|one| unique.insert(one.external_id.clone()))
        );
        let live = world
            .configurations
            .iter()
            .filter(|one| !one.lifecycle.is_archived());
        let mut keys = live.filter_map(|one| one.uniqueness_key.as_ref());
        assert!(keys.all(|key| unique.insert(format!("configuration {key}"))));
        for one in &world.invoices {
            let sum: i64 = one
                .lines
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|line| line["total_minor"].as_i64())
                .sum();
            assert_eq!(sum, one.total.minor);
            assert!(one.total.minor > 0 && one.ends_at > one.starts_at);
        }
    }
}

#[test]
fn nothing_is_still_to_come() {
    for now in [
        "2026-11-20T14:02:59Z",
        "2026-11-20T14:03:00Z",
        "2026-11-21T00:00:00Z",
    ] {
        let now: chrono::DateTime<chrono::Utc> = now.parse().unwrap();
        let plan = Plan {
            as_of: Plan::last_day(now),
            ..plan(1, 1)
        };
        assert!(plan.moment() <= now && now - plan.moment() < chrono::TimeDelta::days(1));
    }
}
