use super::*;
use crate::{
    audit::ObjectKind,
    auth::{Actor, ActorKind, Role},
    billing_configurations::Provider,
    contracts::Recharge,
    ids::{AuditEntryId, ConfigurationId, ContractId, InvoiceId},
    invoices::InvoiceStatus,
    money::{Currency, Money},
};
use chrono::{DateTime, TimeDelta};
use uuid::Uuid;

fn entry(change: ChangeKind, effects: Vec<Effect>) -> Entry {
    Entry {
        id: AuditEntryId(Uuid::nil()),
        at: DateTime::UNIX_EPOCH,
        actor: Actor {
            kind: ActorKind::Person,
            id: Uuid::nil(),
            name: "Dana Kessler".into(),
            role: Role::Operator,
        },
        change,
        object_kind: ObjectKind::Customer,
        object_id: Uuid::nil(),
        reason: None,
        request_id: "req_1".into(),
        effects,
    }
}

fn contract_archived() -> Effect {
    let id = ContractId(Uuid::nil());
    Effect::ContractArchived {
        id,
        name: "A".into(),
        before: None,
        after: DateTime::UNIX_EPOCH,
    }
}

fn voided() -> Effect {
    Effect::InvoiceVoided {
        id: InvoiceId(Uuid::nil()),
        number: "INV-7".into(),
        money: Money {
            currency: Currency::parse("EUR").unwrap(),
            minor: 120_400,
        },
        before: InvoiceStatus::Draft,
        paid: false,
        in_grace_period: false,
    }
}

fn configuration(provider: Provider) -> Effect {
    Effect::ConfigurationArchived {
        id: ConfigurationId(Uuid::nil()),
        provider,
        uniqueness_key: None,
    }
}

#[test]
fn every_change_is_one_sentence() {
    let recharge = Effect::RechargeDisabled {
        id: ContractId(Uuid::nil()),
        name: "A".into(),
        recharge: Recharge::Credit,
    };
    let detached = Effect::ConfigurationDetached {
        id: ContractId(Uuid::nil()),
        name: "A".into(),
        configuration: ConfigurationId(Uuid::nil()),
    };
    let unarchived = Effect::ConfigurationUnarchived {
        id: ConfigurationId(Uuid::nil()),
        provider: Provider::Stripe,
        uniqueness_key: None,
    };
    for (change, effects, expected) in [
        (
            ChangeKind::CustomerArchived,
            vec![contract_archived(), voided(), recharge],
            "archived this customer: 1 contract archived, 1 invoice voided (EUR\u{a0}1,204.00), 1 recharge disabled",
        ),
        (
            ChangeKind::CustomerArchived,
            vec![],
            "archived this customer",
        ),
        (
            ChangeKind::CustomerUnarchived,
            vec![],
            "unarchived this customer: visibility restored; nothing else came back",
        ),
        (
            ChangeKind::ConfigurationsArchived,
            vec![configuration(Provider::Stripe), detached],
            "archived the Stripe configuration: 1 contract detached",
        ),
        (
            ChangeKind::ConfigurationsArchived,
            vec![
                configuration(Provider::Stripe),
                configuration(Provider::NetSuite),
            ],
            "archived 2 configurations",
        ),
        (
            ChangeKind::ConfigurationsUnarchived,
            vec![unarchived],
            "unarchived the Stripe configuration: contracts stay detached",
        ),
        (
            ChangeKind::InvoiceVoided,
            vec![voided()],
            "voided invoice INV-7 (EUR 1,204.00)",
        ),
    ] {
        assert_eq!(did(&entry(change, effects)), expected);
    }
    for change in ChangeKind::ALL {
        assert!(
            !did(&entry(change, vec![])).ends_with([':', ' ']),
            "{change:?}"
        );
    }
}

#[test]
fn entries_are_grouped_by_their_day() {
    let at = |hours| Entry {
        at: DateTime::UNIX_EPOCH + TimeDelta::hours(hours),
        ..entry(ChangeKind::CustomerUpdated, vec![])
    };
    let entries = [at(49), at(48), at(3)];
    let days: Vec<(u32, usize)> = by_day(&entries)
        .iter()
        .map(|(day, entries)| (chrono::Datelike::day(day), entries.len()))
        .collect();
    assert_eq!(days, [(3, 2), (1, 1)]);
}
