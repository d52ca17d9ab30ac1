//! What is done in a story, and the audit entry that each action leaves. Effects come from the product's own rules.

use super::{
    apply::{apply, live_configurations, live_contracts, standing_invoices},
    people::{self, Desk},
    plot::{Fate, office_hours},
    rng::BASE36,
    story::Story,
    world::Entry,
};
use crate::{
    audit::{ChangeKind, ObjectKind},
    auth::Actor,
    billing_configurations::{self, Configuration, ConfigurationWorld},
    customers::{self, ArchiveOptions, CustomerWorld},
    effects::Effect,
    ids::AuditEntryId,
    invoices::{ExternalStatus, Invoice, InvoiceStatus},
    lifecycle::{Archived, Lifecycle, Reason},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// What an action leaves behind, before the entries are numbered.
struct Done {
    at: DateTime<Utc>,
    actor: Actor,
    change: ChangeKind,
    object: (ObjectKind, Uuid),
    reason: Option<Reason>,
    before: Value,
    after: Value,
    effects: Vec<Effect>,
}

impl Story<'_> {
    pub(super) fn create(&mut self) {
        let at = self.plot.created;
        for _ in 0..self.plot.configurations {
            let one = self.configuration(at, None);
            self.world.configurations.push(one);
        }
        let customer = &self.world.customer;
        let titles: Vec<String> = self
            .world
            .configurations
            .iter()
            .map(Configuration::title)
            .collect();
        let after = json!({
            "key": customer.key,
            "name": customer.name,
            "ingest_aliases": customer.ingest_aliases,
            "configurations": titles,
        });
        let object = (ObjectKind::Customer, customer.id.0);
        let actor = people::any(&mut self.rng, Desk::Onboarding);
        self.done(
            at,
            actor,
            ChangeKind::CustomerCreated,
            object,
            Value::Null,
            after,
        );
    }

    pub(super) fn add_configuration(&mut self, at: DateTime<Utc>) {
        self.add_configuration_with(at, None);
    }

    fn add_configuration_with(&mut self, at: DateTime<Utc>, freed_key: Option<String>) {
        let one = self.configuration(at, freed_key);
        let after = json!({ "configurations": [one.title()] });
        let object = (ObjectKind::Configuration, one.id.0);
        self.world.configurations.push(one);
        let actor = people::any(&mut self.rng, Desk::Onboarding);
        self.done(
            at,
            actor,
            ChangeKind::ConfigurationsCreated,
            object,
            Value::Null,
            after,
        );
    }

    pub(super) fn add_contract(&mut self, at: DateTime<Utc>) {
        self.contracts_to_come = self.contracts_to_come.saturating_sub(1);
        let actor = people::any(&mut self.rng, Desk::Onboarding);
        let (contract, billing) = self.contract(at, actor.label());
        let after =
            json!({ "name": contract.title(), "configuration_id": contract.configuration_id });
        let object = (ObjectKind::Contract, contract.id.0);
        self.world.contracts.push(contract);
        self.billing.push(billing);
        self.done(
            at,
            actor,
            ChangeKind::ContractCreated,
            object,
            Value::Null,
            after,
        );
    }

    pub(super) fn set_aliases(&mut self, at: DateTime<Utc>) {
        let before = json!({ "ingest_aliases": self.world.customer.ingest_aliases });
        let alias = self.alias(self.plot.aliases);
        self.world.customer.ingest_aliases.push(alias);
        let after = json!({ "ingest_aliases": self.world.customer.ingest_aliases });
        self.on_customer(at, Desk::Support, ChangeKind::AliasesSet, before, after);
    }

    pub(super) fn edit(&mut self, at: DateTime<Utc>) {
        let before = self.described();
        let manager = people::any(&mut self.rng, Desk::Support).name;
        self.world
            .customer
            .profile
            .0
            .insert("account_manager".into(), manager.into());
        let after = self.described();
        self.on_customer(
            at,
            Desk::Support,
            ChangeKind::CustomerUpdated,
            before,
            after,
        );
    }

    fn described(&self) -> Value {
        let customer = &self.world.customer;
        json!({
            "name": customer.name,
            "customer_type": customer.customer_type,
            "primary_email": customer.primary_email,
            "profile": customer.profile,
        })
    }

    /// One configuration, or now and then all of them, is taken out of service while the customer stays in it.
    pub(super) fn archive_configurations(&mut self, at: DateTime<Utc>) {
        self.bill(at, at, self.invoices_to_come / 2);
        let mut live = live_configurations(&self.world);
        if live.is_empty() {
            return;
        }
        if self.rng.percent(80) {
            let chosen = self.rng.below(live.len() as u64) as usize;
            live = vec![live.swap_remove(chosen)];
        }
        let stamp = self.stamp(at, Desk::Support, &people::CONFIGURATION_REASONS);
        let freed_key = live.first().and_then(|one| one.uniqueness_key.clone());
        let object = (ObjectKind::Configuration, live[0].id.0);
        let decided = billing_configurations::rules::archive(
            &ConfigurationWorld {
                customer_id: self.world.customer.id,
                customer_name: self.world.customer.name.clone(),
                version: 0,
                configurations: live,
                contracts: live_contracts(&self.world),
                invoices: standing_invoices(&self.world),
            },
            at,
        );
        apply(&mut self.world, &decided, &stamp);
        self.record(Done {
            at,
            actor: stamp.by,
            change: ChangeKind::ConfigurationsArchived,
            object,
            reason: stamp.reason,
            before: json!({}),
            after: json!({}),
            effects: decided,
        });
        let replaced = at + TimeDelta::seconds(self.rng.between(60, 1_800));
        let before_end = replaced + TimeDelta::minutes(1) < self.plot.last;
        if before_end && self.rng.percent(45) {
            self.add_configuration_with(replaced, freed_key);
        }
    }

    pub(super) fn archive(&mut self, at: DateTime<Utc>) {
        let share = if self.plot.fate == Fate::Archived {
            1
        } else {
            2
        };
        self.bill(at, at, self.invoices_to_come.div_ceil(share));
        let how = ArchiveOptions {
            archive_configurations: self.rng.percent(22),
            release_aliases: self.rng.percent(4),
            keep_paid_invoices: self.rng.percent(35),
        };
        let stamp = self.stamp(at, Desk::Archiving, &people::ARCHIVE_REASONS);
        let world = CustomerWorld {
            customer: self.world.customer.clone(),
            contracts: live_contracts(&self.world),
            invoices: standing_invoices(&self.world),
            configurations: live_configurations(&self.world),
            notifications: self.plot.notifications,
        };
        let (_, effects) = customers::rules::archive(&world, &how, at, at);
        self.world.customer.lifecycle = Lifecycle::Archived(stamp.clone());
        apply(&mut self.world, &effects, &stamp);
        self.record(Done {
            at,
            actor: stamp.by.clone(),
            change: ChangeKind::CustomerArchived,
            object: (ObjectKind::Customer, self.world.customer.id.0),
            reason: stamp.reason.clone(),
            before: json!({ "archived": null }),
            after: json!({ "archived": stamp }),
            effects,
        });
    }

    pub(super) fn unarchive(&mut self, at: DateTime<Utc>) {
        let stamp = self.stamp(at, Desk::Support, &people::UNARCHIVE_REASONS);
        let before = json!({ "archived": self.world.customer.lifecycle.archived() });
        self.world.customer.lifecycle = Lifecycle::Active;
        self.record(Done {
            at,
            actor: stamp.by,
            change: ChangeKind::CustomerUnarchived,
            object: (ObjectKind::Customer, self.world.customer.id.0),
            reason: stamp.reason,
            before,
            after: json!({ "archived": null }),
            effects: Vec::new(),
        });
    }

    /// Someone takes back an invoice that is with the provider.
    pub(super) fn void_by_hand(&mut self, invoice: &mut Invoice) {
        let at = office_hours(invoice.updated_at, self.as_of);
        let stamp = self.stamp(at, Desk::Support, &people::VOID_REASONS);
        let effect = Effect::InvoiceVoided {
            id: invoice.id,
            number: invoice.external_id.clone(),
            money: invoice.total.clone(),
            before: invoice.status,
            paid: invoice.external_status == Some(ExternalStatus::Paid),
            in_grace_period: false,
        };
        self.record(Done {
            at,
            actor: stamp.by,
            change: ChangeKind::InvoiceVoided,
            object: (ObjectKind::Invoice, invoice.id.0),
            reason: stamp.reason,
            before: json!({ "status": invoice.status }),
            after: json!({ "status": InvoiceStatus::Void }),
            effects: vec![effect],
        });
        invoice.status = InvoiceStatus::Void;
        invoice.voided_at = Some(at);
        invoice.updated_at = at;
    }

    /// The latest thing that happened: an invoice came in, or else somebody corrected the details.
    pub(super) fn end(&mut self, last: DateTime<Utc>) {
        let told = self
            .world
            .entries
            .iter()
            .map(|entry| entry.at)
            .max()
            .unwrap_or(last);
        let written = self
            .world
            .invoices
            .iter()
            .map(|invoice| invoice.updated_at)
            .max();
        let at = last.max(told).max(written.unwrap_or(last));
        let standing = |invoice: &&mut Invoice| {
            invoice.status != InvoiceStatus::Void
                && invoice.external_status != Some(ExternalStatus::Skipped)
        };
        let newest = self
            .world
            .invoices
            .iter_mut()
            .filter(standing)
            .max_by_key(|one| one.starts_at);
        if let Some(invoice) = newest {
            invoice.updated_at = at;
            let object = (ObjectKind::Invoice, invoice.id.0);
            let after = json!({
                "external_id": invoice.external_id,
                "status": invoice.status,
                "external_status": invoice.external_status,
                "total": invoice.total,
            });
            let actor = people::any(&mut self.rng, Desk::Billing);
            self.done(
                at,
                actor,
                ChangeKind::InvoiceWritten,
                object,
                Value::Null,
                after,
            );
        } else if at > told {
            self.edit(at);
        }
    }

    /// Puts the entries in order of time, and gives them ids that follow it and the versions that they made.
    pub(super) fn number_entries(&mut self) {
        let mut entries = std::mem::take(&mut self.world.entries);
        entries.sort_by_key(|entry| entry.at);
        let mut previous = Uuid::nil();
        for (version, entry) in (0_i64..).zip(&mut entries) {
            let id = self.rng.uuid(entry.at);
            previous = id.max(Uuid::from_u128(previous.as_u128() + 1));
            entry.id = AuditEntryId(previous);
            entry.event_id = self.rng.uuid(entry.at);
            if states_version(entry.change) {
                entry.before["version"] = json!(version);
                entry.after["version"] = json!(version + 1);
            }
            self.world.customer.version = version + 1;
            self.world.customer.updated_at = entry.at;
        }
        self.world.entries = entries;
    }

    fn stamp(&mut self, at: DateTime<Utc>, desk: Desk, reasons: &[&str]) -> Archived {
        let by = people::any(&mut self.rng, desk);
        let reason = people::reason(&mut self.rng, reasons);
        Archived {
            at,
            by,
            reason: Reason::parse(&reason).unwrap_or_default(),
        }
    }

    fn on_customer(
        &mut self,
        at: DateTime<Utc>,
        desk: Desk,
        change: ChangeKind,
        before: Value,
        after: Value,
    ) {
        let actor = people::any(&mut self.rng, desk);
        let object = (ObjectKind::Customer, self.world.customer.id.0);
        self.done(at, actor, change, object, before, after);
    }

    /// Without a reason and without effects.
    fn done(
        &mut self,
        at: DateTime<Utc>,
        actor: Actor,
        change: ChangeKind,
        object: (ObjectKind, Uuid),
        before: Value,
        after: Value,
    ) {
        self.record(Done {
            at,
            actor,
            change,
            object,
            reason: None,
            before,
            after,
            effects: Vec::new(),
        });
    }

    fn record(&mut self, done: Done) {
        let rng = &mut self.rng;
        let (ip, user_agent) = people::caller(rng, &done.actor);
        let delivered_at = done.at + TimeDelta::milliseconds(rng.between(30, 2_500));
        self.world.entries.push(Entry {
            id: AuditEntryId(Uuid::nil()),
            event_id: Uuid::nil(),
            at: done.at,
            delivered_at: delivered_at.min(self.as_of),
            actor: done.actor,
            change: done.change,
            object_kind: done.object.0,
            object_id: done.object.1,
            reason: done.reason,
            request_id: format!("req_{}", rng.text(BASE36, 12)),
            ip,
            user_agent,
            before: done.before,
            after: done.after,
            effects: done.effects,
        });
    }
}

/// Whether entries of this kind say which version they changed and which they made.
fn states_version(change: ChangeKind) -> bool {
    matches!(
        change,
        ChangeKind::CustomerArchived
            | ChangeKind::CustomerUnarchived
            | ChangeKind::CustomerUpdated
            | ChangeKind::AliasesSet
            | ChangeKind::ConfigurationsArchived
    )
}
