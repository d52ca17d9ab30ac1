//! Generates customers, one after the other, each with all that hangs on it. Pure: the same plan gives the same worlds, and
//! a customer depends only on the seed, its number and the names that those before it took.

use super::{Plan, names::Words, rng::Rng, story::Story};
use crate::{
    audit::{ChangeKind, ObjectKind},
    auth::Actor,
    billing_configurations::Configuration,
    contracts::Contract,
    customers::Customer,
    effects::Effect,
    ids::{AuditEntryId, CustomerId, NotificationId},
    invoices::Invoice,
    lifecycle::Reason,
    money::Money,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A customer and everything that is stored for it.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) customer: Customer,
    pub(super) configurations: Vec<Configuration>,
    pub(super) contracts: Vec<Contract>,
    pub(super) invoices: Vec<Invoice>,
    pub(super) notifications: Vec<Notification>,
    /// In order of time, which is also the order of their ids.
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub(super) struct Notification {
    pub(super) id: NotificationId,
    pub(super) customer_id: CustomerId,
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) threshold: Money,
    pub(super) created_at: DateTime<Utc>,
}

/// An audit entry with the outbox event that announced it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) id: AuditEntryId,
    pub(super) event_id: Uuid,
    pub(super) at: DateTime<Utc>,
    pub(super) delivered_at: DateTime<Utc>,
    pub(super) actor: Actor,
    pub(super) change: ChangeKind,
    pub(super) object_kind: ObjectKind,
    pub(super) object_id: Uuid,
    pub(super) reason: Option<Reason>,
    pub(super) request_id: String,
    pub(super) ip: String,
    pub(super) user_agent: &'static str,
    pub(super) before: Value,
    pub(super) after: Value,
    pub(super) effects: Vec<Effect>,
}

/// What is unique over all customers, and so has to be remembered.
#[derive(Debug, Default)]
pub(super) struct Taken {
    keys: HashSet<String>,
    aliases: HashSet<String>,
    configuration_keys: HashSet<String>,
    contract_keys: HashSet<String>,
    invoices_by_month: HashMap<(i32, u32), u32>,
}

impl Taken {
    pub(super) fn key(&mut self, wanted: &str) -> String {
        take(&mut self.keys, wanted)
    }

    pub(super) fn alias(&mut self, wanted: &str) -> String {
        take(&mut self.aliases, wanted)
    }

    pub(super) fn configuration_key(&mut self, wanted: &str) -> String {
        take(&mut self.configuration_keys, wanted)
    }

    pub(super) fn contract_key(&mut self, wanted: &str) -> String {
        take(&mut self.contract_keys, wanted)
    }

    /// The next number of a month: `INV-2026-110187` is the 187th of November.
    pub(super) fn invoice_number(&mut self, year: i32, month: u32) -> String {
        let number = self.invoices_by_month.entry((year, month)).or_default();
        *number += 1;
        format!("INV-{year}-{month:02}{number:04}")
    }
}

/// `wanted`, with a number behind it where someone has it already.
fn take(taken: &mut HashSet<String>, wanted: &str) -> String {
    let mut free = wanted.to_owned();
    let mut number = 2;
    while !taken.insert(free.clone()) {
        free = format!("{wanted}-{number}");
        number += 1;
    }
    free
}

/// All customers of a plan.
#[derive(Debug)]
pub(super) struct Worlds {
    plan: Plan,
    as_of: DateTime<Utc>,
    words: Words,
    taken: Taken,
    next: u32,
}

impl Worlds {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            as_of: plan.moment(),
            plan,
            words: Words::new(),
            taken: Taken::default(),
            next: 0,
        }
    }
}

impl Iterator for Worlds {
    type Item = World;

    fn next(&mut self) -> Option<World> {
        let number = u64::from(self.next);
        if self.next >= self.plan.customers {
            return None;
        }
        self.next += 1;
        let archived = is_archived(self.plan.seed, number, u64::from(self.plan.customers));
        let rng = Rng::stream(self.plan.seed, number);
        Some(
            Story::new(
                rng,
                self.as_of,
                number,
                archived,
                &self.words,
                &mut self.taken,
            )
            .told(),
        )
    }
}

/// Of so many customers, so many are archived.
const SHARE: (u64, u64) = (779, 13_187);

/// How many of the first `customers` are archived: their share, rounded.
pub(super) fn archived_of(customers: u64) -> u64 {
    (customers * SHARE.0 * 2 + SHARE.1) / (SHARE.1 * 2)
}

/// Whether the customer with this number is archived. The customers are cut into stretches of about seventeen, each as long
/// as the share allows one archived customer, which stands at a random place in it. So the share is exact for every number
/// of customers, and only the last, unfinished stretch depends on it.
fn is_archived(seed: u64, number: u64, customers: u64) -> bool {
    let turn = archived_of(number);
    let (start, end) = (stretch_start(turn), stretch_start(turn + 1));
    let place = start + Rng::stream(!seed, turn).below(end - start);
    place == number && end <= customers
}

/// The smallest number of customers of which `turn` are archived.
fn stretch_start(turn: u64) -> u64 {
    match turn {
        0 => 0,
        turn => ((2 * turn - 1) * SHARE.1).div_ceil(SHARE.0 * 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archived_share_is_exact_for_every_number_of_customers() {
        assert_eq!(archived_of(13_187), 779);
        for seed in [1, 2, 99] {
            for customers in [0, 1, 8, 9, 100, 997, 1_000, 13_187] {
                let archived = (0..customers)
                    .filter(|at| is_archived(seed, *at, customers))
                    .count();
                assert_eq!(
                    archived as u64,
                    archived_of(customers),
                    "{customers} with seed {seed}"
                );
            }
        }
    }

    #[test]
    fn what_is_taken_gets_a_number() {
        let mut taken = Taken::default();
        assert_eq!(taken.alias("aster"), "aster");
        assert_eq!(taken.alias("aster"), "aster-2");
        assert_eq!(taken.key("aster"), "aster");
        assert_eq!(taken.invoice_number(2026, 11), "INV-2026-110001");
        assert_eq!(taken.invoice_number(2026, 11), "INV-2026-110002");
    }
}
