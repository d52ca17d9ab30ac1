//! What an entry says in a timeline: one sentence, made from what was done and what followed. Pure.

use super::{ChangeKind, Entry};
use crate::{
    effects::{Effect, Tally},
    effects_text,
};
use chrono::NaiveDate;

/// What the actor did, to follow the actor's name: `archived this customer: 2 contracts archived`.
pub fn did(entry: &Entry) -> String {
    let effects = effects_text::told(&without_own(entry));
    let with = |done: &str| match effects.as_str() {
        "" => done.to_owned(),
        effects => format!("{done}: {effects}"),
    };
    match entry.change {
        ChangeKind::CustomerCreated => "created this customer".to_owned(),
        ChangeKind::CustomerUpdated => "changed the details of this customer".to_owned(),
        ChangeKind::AliasesSet => "set the ingest aliases".to_owned(),
        ChangeKind::CustomerArchived => with("archived this customer"),
        ChangeKind::CustomerUnarchived => {
            "unarchived this customer: visibility restored; nothing else came back".to_owned()
        }
        ChangeKind::UnarchiveUndone => {
            "took the unarchiving back: the customer is archived as before".to_owned()
        }
        ChangeKind::ConfigurationsCreated => "added a billing configuration".to_owned(),
        ChangeKind::ConfigurationsArchived => with(&format!("archived {}", configurations(entry))),
        ChangeKind::ConfigurationsUnarchived => {
            format!(
                "unarchived {}: contracts stay detached",
                configurations(entry)
            )
        }
        ChangeKind::ContractCreated => "created a contract".to_owned(),
        ChangeKind::InvoiceWritten => "brought in an invoice".to_owned(),
        ChangeKind::InvoiceVoided => match entry.effects.as_slice() {
            [Effect::InvoiceVoided { number, money, .. }] => {
                format!("voided invoice {number} ({money})")
            }
            _ => with("voided an invoice"),
        },
        ChangeKind::SessionStarted => "signed in".to_owned(),
        ChangeKind::SessionEnded => "ended a session".to_owned(),
        ChangeKind::BulkJobConfirmed => "confirmed a bulk job".to_owned(),
        ChangeKind::BulkJobPaused => "paused a bulk job".to_owned(),
        ChangeKind::BulkJobResumed => "resumed a bulk job".to_owned(),
        ChangeKind::BulkJobCancelled => "cancelled a bulk job".to_owned(),
        ChangeKind::BulkJobEnded => "came to the end of a bulk job".to_owned(),
    }
}

/// The consequences beside the change itself, which the sentence has named already.
fn without_own(entry: &Entry) -> Tally {
    let tally = Tally::of(&entry.effects);
    match entry.change {
        ChangeKind::ConfigurationsArchived => Tally {
            configurations_archived: 0,
            ..tally
        },
        _ => tally,
    }
}

/// `the Stripe configuration`, or `3 configurations`.
fn configurations(entry: &Entry) -> String {
    let providers: Vec<&str> = entry
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::ConfigurationArchived { provider, .. }
            | Effect::ConfigurationUnarchived { provider, .. } => Some(provider.label()),
            _ => None,
        })
        .collect();
    match providers.as_slice() {
        [] => "a configuration".to_owned(),
        [one] => format!("the {one} configuration"),
        many => format!("{} configurations", many.len()),
    }
}

/// Consecutive entries by their day in UTC, in the order given.
pub fn by_day(entries: &[Entry]) -> Vec<(NaiveDate, &[Entry])> {
    entries
        .chunk_by(|one, next| one.at.date_naive() == next.at.date_naive())
        .filter_map(|day| day.first().map(|first| (first.at.date_naive(), day)))
        .collect()
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
