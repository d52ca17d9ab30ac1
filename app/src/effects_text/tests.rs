use super::*;
use crate::{
    contracts::Recharge,
    effects::Effect,
    effects::Subject,
    ids::{ContractId, InvoiceId},
    invoices::InvoiceStatus,
    money::Currency,
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

fn money(code: &str, minor: i64) -> Money {
    Money {
        currency: Currency::parse(code).unwrap(),
        minor,
    }
}

fn at(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_777 + day)
}

fn voided(number: &str, money: Money, paid: bool, in_grace_period: bool) -> Effect {
    Effect::InvoiceVoided {
        id: InvoiceId(Uuid::nil()),
        number: number.into(),
        money,
        before: InvoiceStatus::Finalized,
        paid,
        in_grace_period,
    }
}

fn preview(effects: Vec<Effect>) -> Preview {
    Preview {
        taken_at: at(0),
        subjects: vec![Subject {
            id: Uuid::nil(),
            name: "Acme".into(),
            version: 1,
            verdict: Verdict::Change,
        }],
        tally: Tally::of(&effects),
        examples: effects,
        notifications: 0,
    }
}

fn archive_of_one() -> Preview {
    let (id, name) = (ContractId(Uuid::nil()), "Enterprise 2026".to_owned());
    preview(vec![
        Effect::ContractArchived {
            id,
            name: name.clone(),
            before: Some(at(42)),
            after: at(1),
        },
        Effect::MeteringStopped {
            id,
            name: name.clone(),
        },
        Effect::RechargeDisabled {
            id,
            name,
            recharge: Recharge::Spend,
        },
        voided("INV-1", money("EUR", 61_240), true, false),
        voided("INV-2", money("USD", 31_000), false, true),
        Effect::AliasReserved {
            alias: "acme.example".into(),
        },
    ])
}

#[test]
fn lines_follow_the_order_and_carry_their_rows() {
    let lines = lines(&archive_of_one(), None, false, true);
    let told: Vec<(u64, &str)> = lines
        .iter()
        .map(|line| (line.figure, line.words.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (1, "contract archived as of 20 Nov 2026"),
            (2, "invoices voided"),
            (1, "invoice in grace period will never be sent"),
            (1, "recharge disabled"),
            (1, "contract stops metering immediately"),
            (1, "ingest alias stays reserved"),
        ]
    );
    let invoices = &lines[1];
    assert_eq!(
        invoices.split[0],
        Split {
            label: "EUR".into(),
            value: "612.40".into(),
            was: None
        }
    );
    assert_eq!(
        invoices.notes[0].text,
        "1 of them is already paid. No refund is made."
    );
    assert!(invoices.notes[0].warns);
    assert_eq!(
        invoices.rows[0],
        Row {
            name: "INV-1".into(),
            detail: "EUR 612.40, paid".into()
        }
    );
    assert_eq!(lines[0].rows[0].detail, "was to end 31 Dec 2026");
    assert!(
        lines
            .iter()
            .all(|line| line.more == 0 && line.was.is_none())
    );
}

#[test]
fn that_no_invoice_is_voided_is_said_where_it_matters() {
    let lines_of = |tells| lines(&preview(Vec::new()), None, false, tells);
    assert_eq!(lines_of(true)[0].words, "No invoices will be voided");
    assert!(lines_of(false).is_empty());
}

#[test]
fn a_stale_figure_shows_what_it_was() {
    let read = Tally {
        contracts_archived: 1,
        invoices_voided: 1,
        voided: vec![money("EUR", 50_000), money("JPY", 7)],
        configurations_archived: 2,
        ..archive_of_one().tally
    };
    let lines = lines(&archive_of_one(), Some(&read), false, true);
    assert_eq!(lines[0].was, None, "what did not change is not marked");
    assert_eq!((lines[1].figure, lines[1].was), (2, Some(1)));
    let split: Vec<(&str, &str, Option<&str>)> = lines[1]
        .split
        .iter()
        .map(|split| {
            (
                split.label.as_str(),
                split.value.as_str(),
                split.was.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        split,
        [
            ("EUR", "612.40", Some("500.00")),
            ("JPY", "0", Some("7")),
            ("USD", "310.00", Some("0.00"))
        ]
    );
    let gone = lines.iter().find(|line| line.was == Some(2)).unwrap();
    assert_eq!(
        (gone.figure, gone.words.as_str()),
        (0, "configurations archived")
    );
}

#[test]
fn the_lines_beside_a_customer_are_short() {
    let flat: Vec<(u64, String, String)> = flat_lines(&archive_of_one().tally)
        .into_iter()
        .map(|line| {
            (
                line.figure,
                line.words,
                line.notes
                    .first()
                    .map_or(String::new(), |note| note.text.clone()),
            )
        })
        .collect();
    let expected = [
        (1, "contract archived", "as of today, and metering stops"),
        (2, "invoices voided", "EUR\u{a0}612.40, USD\u{a0}310.00"),
        (1, "of them already paid", "No refund is made"),
        (1, "of them in grace period", "Never sent"),
        (1, "recharge disabled", "1 spend"),
        (1, "ingest alias stays reserved", ""),
    ]
    .map(|(figure, words, small)| (figure, words.to_owned(), small.to_owned()));
    assert_eq!(flat, expected);
}

#[test]
fn what_was_done_fits_a_sentence() {
    assert_eq!(
        told(&archive_of_one().tally),
        "1 contract archived, 2 invoices voided (EUR\u{a0}612.40, USD\u{a0}310.00), 1 recharge disabled"
    );
    assert_eq!(told(&Tally::default()), "");
    let of_configurations = Tally {
        configurations_detached: 2,
        never_sent: 1,
        ..Tally::default()
    };
    assert_eq!(
        told(&of_configurations),
        "1 invoice never sent, 2 contracts detached"
    );
}

#[test]
fn what_an_archive_ended_is_told_one_thing_a_line() {
    assert_eq!(
        not_restored(&archive_of_one().tally),
        [
            "2 voided invoices, EUR\u{a0}612.40, USD\u{a0}310.00",
            "1 archived contract and its metering",
            "1 spend recharge, which would charge at once",
        ]
    );
    assert!(not_restored(&Tally::default()).is_empty());
}

#[test]
fn rows_left_alone_come_first_with_their_reason() {
    let subject = |name: &str, verdict| Subject {
        id: Uuid::nil(),
        name: name.into(),
        version: 1,
        verdict,
    };
    let preview = Preview {
        subjects: vec![
            subject("A", Verdict::Change),
            subject(
                "B",
                Verdict::Skipped {
                    since: Some(at(-8)),
                },
            ),
            subject(
                "C",
                Verdict::Blocked(crate::error::Refusal::UnarchiveDisabled),
            ),
        ],
        ..preview(Vec::new())
    };
    let rows: Vec<(String, String)> = subject_rows(&preview, "archived")
        .into_iter()
        .map(|row| (row.name, row.detail))
        .collect();
    assert_eq!(
        rows,
        [
            ("C", "Blocked: Unarchive is switched off in this deployment"),
            ("B", "Skipped: archived 12 Nov 2026"),
            ("A", ""),
        ]
        .map(|(name, detail)| (name.to_owned(), detail.to_owned()))
    );
}

#[test]
fn each_kind_has_a_name_of_its_own_and_counts_that_exist() {
    let known = Tally::default().counts().map(|(name, _)| name);
    for kind in Kind::ALL {
        assert_eq!(named(kind.name()), Some(kind));
        assert!(
            kind.counts().iter().all(|name| known.contains(name)),
            "{kind:?}"
        );
    }
    assert_eq!(counts_of("nothing"), None);
}
