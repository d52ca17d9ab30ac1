use super::{
    super::undo::{is_final, undo},
    *,
};
use crate::{customers::ArchiveOptions, effects::Subject, error::Refusal};
use chrono::DateTime;
use uuid::Uuid;

fn asked(transition: Transition, verdicts: &[Verdict], tally: Tally) -> Asked {
    let subjects = verdicts
        .iter()
        .enumerate()
        .map(|(n, verdict)| Subject {
            id: Uuid::from_u128(n as u128),
            name: format!("Customer {n}"),
            version: 1,
            verdict: verdict.clone(),
        })
        .collect();
    Asked {
        transition,
        options: ArchiveOptions::default(),
        preview: Preview {
            taken_at: DateTime::UNIX_EPOCH,
            subjects,
            tally,
            examples: Vec::new(),
            notifications: 0,
        },
        idempotency_key: "k".into(),
        unarchive_allowed: true,
        answered: None,
    }
}

fn archive(changes: usize, tally: Tally) -> Asked {
    asked(Transition::Archive, &vec![Verdict::Change; changes], tally)
}

#[test]
fn the_button_spells_what_it_does() {
    let invoices = |count| Tally {
        invoices_voided: count,
        ..Tally::default()
    };
    let detached = |count| Tally {
        configurations_detached: count,
        ..Tally::default()
    };
    let unsent = Tally {
        configurations_detached: 4,
        never_sent: 2,
        ..Tally::default()
    };
    for (noun, transition, changes, tally, expected) in [
        (
            Subjects::Customers,
            Transition::Archive,
            1,
            invoices(0),
            "Archive customer",
        ),
        (
            Subjects::Customers,
            Transition::Archive,
            1,
            invoices(3),
            "Archive and void 3 invoices",
        ),
        (
            Subjects::Customers,
            Transition::Archive,
            9,
            invoices(17),
            "Archive 9 customers, void 17 invoices",
        ),
        (
            Subjects::Customers,
            Transition::Archive,
            1000,
            invoices(1),
            "Archive 1,000 customers, void 1 invoice",
        ),
        (
            Subjects::Customers,
            Transition::Unarchive,
            1,
            invoices(0),
            "Unarchive customer",
        ),
        (
            Subjects::Customers,
            Transition::Unarchive,
            3,
            invoices(0),
            "Unarchive 3 customers",
        ),
        (
            Subjects::Configurations,
            Transition::Archive,
            1,
            detached(0),
            "Archive configuration",
        ),
        (
            Subjects::Configurations,
            Transition::Archive,
            1,
            detached(2),
            "Archive and detach 2 contracts",
        ),
        (
            Subjects::Configurations,
            Transition::Archive,
            2,
            unsent,
            "Archive 2 configurations, stop 2 invoices",
        ),
    ] {
        let asked = asked(transition, &vec![Verdict::Change; changes], tally);
        assert_eq!(button(noun, transition, &asked.preview), expected);
    }
}

#[test]
fn the_first_line_counts_what_will_change_and_the_heading_what_was_chosen() {
    let verdicts = [
        Verdict::Change,
        Verdict::Change,
        Verdict::Skipped { since: None },
        Verdict::Blocked(Refusal::UnarchiveDisabled),
    ];
    let asked = asked(Transition::Archive, &verdicts, Tally::default());
    assert_eq!(
        Object::of(Subjects::Customers, &asked.preview).text(),
        "4 customers"
    );
    let lines = lines(Subjects::Customers, &asked, None);
    assert_eq!(
        (lines[0].figure, lines[0].words.as_str()),
        (2, "customers archived")
    );
    let split: Vec<&str> = lines[0]
        .split
        .iter()
        .map(|split| split.value.as_str())
        .collect();
    assert_eq!(split, ["1 already archived", "1 blocked"]);
    assert_eq!(lines[0].rows.len(), 4);
    assert_eq!(lines[1].words, "No invoices will be voided");
}

#[test]
fn one_row_is_called_by_its_name() {
    let asked = archive(1, Tally::default());
    assert_eq!(
        Object::of(Subjects::Customers, &asked.preview),
        Object::One("Customer 0".into())
    );
    assert!(
        lines(Subjects::Customers, &asked, None)[0].rows.is_empty(),
        "the heading says it"
    );
}

#[test]
fn what_is_final_is_said_and_nothing_else() {
    let tally = Tally {
        invoices_voided: 17,
        contracts_archived: 31,
        spend_recharges_disabled: 1,
        configurations_archived: 14,
        ..Tally::default()
    };
    let archived = undo(Subjects::Customers, &archive(9, tally.clone()));
    assert_eq!(
        archived.can,
        "Customer visibility, and each configuration by itself while its uniqueness key is free."
    );
    assert_eq!(
        archived.cannot.as_deref(),
        Some("17 invoices, 31 contracts and 1 recharge.")
    );

    let nothing = archive(
        1,
        Tally {
            aliases_reserved: 2,
            ..Tally::default()
        },
    );
    assert_eq!(undo(Subjects::Customers, &nothing).cannot, None);
    assert!(!is_final(Subjects::Customers, &nothing));

    let strict = Asked {
        unarchive_allowed: false,
        ..archive(1, tally)
    };
    let strict = undo(Subjects::Customers, &strict);
    assert_eq!(
        strict.can,
        "Nothing. Unarchive is switched off in this deployment."
    );
    assert_eq!(
        strict.cannot.as_deref(),
        Some("The archive itself; 17 invoices, 31 contracts and 1 recharge.")
    );
}

#[test]
fn what_is_final_about_a_configuration_is_said() {
    let tally = Tally {
        configurations_archived: 1,
        configurations_detached: 2,
        metering_stopped: 2,
        credit_recharges_disabled: 1,
        never_sent: 1,
        ..Tally::default()
    };
    let said = undo(Subjects::Configurations, &archive(1, tally));
    assert_eq!(
        said.can,
        "The configuration itself, while its uniqueness key is free."
    );
    assert_eq!(
        said.cannot.as_deref(),
        Some(
            "2 contracts stay detached, 2 stop metering, 1 recharge stays off and 1 invoice is never sent."
        )
    );
}

#[test]
fn a_preview_that_went_stale_counts_what_to_read() {
    let asked = archive(
        1,
        Tally {
            invoices_voided: 2,
            contracts_archived: 1,
            ..Tally::default()
        },
    );
    let before = Tally {
        invoices_voided: 1,
        ..Tally::default()
    };
    let lines = lines(Subjects::Customers, &asked, Some(&before));
    assert_eq!(
        changed_sentence(&lines),
        "2 figures changed. Read them, then press the button again."
    );
}

#[test]
fn a_form_that_was_not_enough_says_that_nothing_happened() {
    let flawed = |flaws: &[Flaw]| super::flawed(Transition::Archive, flaws);
    assert_eq!(flawed(&[Flaw::Stale]), "Nothing was archived.");
    assert_eq!(
        flawed(&[Flaw::Stale, Flaw::NumberWrong]),
        "Nothing was archived. One thing needs an answer."
    );
    let two = [Flaw::ReasonMissing, Flaw::NumberWrong];
    assert_eq!(
        flawed(&two),
        "Nothing was archived. Two things need an answer."
    );
}
