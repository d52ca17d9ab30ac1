//! Who does things in the stories, from where, and what they say about it. Nobody here exists.

use super::rng::Rng;
use crate::auth::{Actor, ActorKind, Role};
use uuid::Uuid;

/// What someone is at work on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Desk {
    Onboarding,
    Billing,
    Support,
    Archiving,
}

const OPERATOR: (u128, &str, Role) = (0x01, "Demo operator", Role::Operator);
const ADMIN: (u128, &str, Role) = (0x02, "Demo admin", Role::Admin);
const DANA: (u128, &str, Role) = (0x03, "Dana Kessler", Role::Operator);
const LEE: (u128, &str, Role) = (0x04, "Lee Okafor", Role::Operator);
const TOMAS: (u128, &str, Role) = (0x05, "Tomás Ribeiro", Role::Operator);
const INGRID: (u128, &str, Role) = (0x06, "Ingrid Solheim", Role::Admin);
const PROVISION: (u128, &str, Role) = (0x81, "ci-provision", Role::Operator);
const BILLING_SYNC: (u128, &str, Role) = (0x82, "billing-sync", Role::Operator);
const CLEANUP: (u128, &str, Role) = (0x83, "crm-cleanup", Role::Operator);
/// Ids from here on are those of API keys.
const FIRST_KEY: u128 = 0x80;

/// Someone who does such work.
pub(super) fn any(rng: &mut Rng, desk: Desk) -> Actor {
    let (id, name, role) = match desk {
        Desk::Onboarding => rng.weighted(&[(62, PROVISION), (14, DANA), (14, LEE), (10, TOMAS)]),
        Desk::Billing => rng.weighted(&[(96, BILLING_SYNC), (4, LEE)]),
        Desk::Support => rng.weighted(&[
            (35, OPERATOR),
            (20, DANA),
            (20, LEE),
            (15, TOMAS),
            (10, ADMIN),
        ]),
        Desk::Archiving => rng.weighted(&[
            (34, OPERATOR),
            (20, DANA),
            (14, LEE),
            (10, TOMAS),
            (8, ADMIN),
            (6, INGRID),
            (8, CLEANUP),
        ]),
    };
    Actor {
        kind: if id < FIRST_KEY {
            ActorKind::Person
        } else {
            ActorKind::ApiKey
        },
        id: Uuid::from_u128(0x0198_0a3c_5b10_7000_8000_0000_0000_0000 | id),
        name: name.to_owned(),
        role,
    }
}

/// An address kept for documentation, and a program.
pub(super) fn caller(rng: &mut Rng, actor: &Actor) -> (String, &'static str) {
    let last = rng.between(2, 250);
    match actor.kind {
        ActorKind::Person => (format!("198.51.100.{last}"), *rng.pick(&BROWSERS)),
        ActorKind::ApiKey => (format!("203.0.113.{last}"), *rng.pick(&CLIENTS)),
    }
}

/// One of these reasons, most of them with the number of a ticket.
pub(super) fn reason(rng: &mut Rng, reasons: &[&str]) -> String {
    let reason = *rng.pick(reasons);
    match rng.percent(80) {
        true => format!("{reason}. SUP-{}", rng.between(31_000, 48_999)),
        false => reason.to_owned(),
    }
}

pub(super) const ARCHIVE_REASONS: [&str; 12] = [
    "Onboarded by mistake",
    "Contract not renewed",
    "Duplicate of an existing customer",
    "Company closed down",
    "Moved to a reseller",
    "Test account left over from onboarding",
    "Asked to close their account",
    "Merged into their parent company",
    "Trial ended without a purchase",
    "Unpaid for more than 120 days",
    "Fraudulent sign-up",
    "Left for another vendor",
];
pub(super) const UNARCHIVE_REASONS: [&str; 6] = [
    "Wrong row in the import sheet",
    "Customer came back",
    "Archived the wrong company of the group",
    "Renewal was signed late",
    "Archived by mistake",
    "Audit needs the customer in service",
];
pub(super) const CONFIGURATION_REASONS: [&str; 7] = [
    "Moved to another billing provider",
    "Marketplace listing ended",
    "Wrong provider account",
    "Duplicate configuration",
    "Provider account closed by the customer",
    "Replaced after the ERP migration",
    "Billed through the parent company from now on",
];
pub(super) const VOID_REASONS: [&str; 5] = [
    "Billed twice",
    "Wrong price list",
    "Credited after an incident",
    "Wrong legal entity",
    "Replaced by a corrected invoice",
];
const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
];
const CLIENTS: [&str; 3] = [
    "provision/2.14",
    "python-httpx/0.28.1",
    "billing-sync/1.9.0",
];
