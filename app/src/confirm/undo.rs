//! What can be undone about an action and what cannot, in words. Pure.

use super::{Asked, Subjects, Transition};
use crate::{effects::Tally, effects_text::plural, money::group_thousands};

/// What comes back and what does not, each under its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    pub can_label: &'static str,
    pub can: String,
    pub cannot_label: &'static str,
    /// `None` where nothing is final.
    pub cannot: Option<String>,
}

pub fn undo(noun: Subjects, asked: &Asked) -> Undo {
    match asked.transition {
        Transition::Archive => {
            let cannot = cannot_be_undone(noun, &asked.preview.tally);
            Undo {
                can_label: "Can be undone",
                can: can_be_undone(noun, asked),
                cannot_label: "Cannot be undone",
                cannot: match (asked.unarchive_allowed, cannot) {
                    (true, cannot) => cannot,
                    (false, None) => Some("The archive itself.".to_owned()),
                    (false, Some(rest)) => Some(format!("The archive itself; {}", lower_first(&rest))),
                },
            }
        }
        Transition::Unarchive => Undo {
            can_label: "Restores",
            can: match noun {
                Subjects::Customers => {
                    "Visibility in lists, search and the API; editing, new contracts and billing of new usage."
                }
                Subjects::Configurations => "The configuration itself, to be attached to contracts.",
            }
            .to_owned(),
            cannot_label: "Does not restore",
            cannot: Some(
                match noun {
                    Subjects::Customers => {
                        "Archived contracts and their metering, voided invoices, recharges, configurations."
                    }
                    Subjects::Configurations => {
                        "Contracts stay detached, metering stays stopped, recharges stay off."
                    }
                }
                .to_owned(),
            ),
        },
    }
}

/// What an undo leaves as the archive has made it, in figures; `None` where that is nothing.
pub fn stays(noun: Subjects, done: &Tally) -> Option<String> {
    let mut parts = finals(noun, done);
    if noun == Subjects::Customers && done.configurations_archived > 0 {
        let count = done.configurations_archived;
        let words = plural(count, "configuration", "configurations");
        parts.push(format!("{} {words}", group_thousands(count)));
    }
    Some(sentence(&parts)).filter(|_| !parts.is_empty())
}

/// Whether pressing the button ends something for good.
pub fn is_final(noun: Subjects, asked: &Asked) -> bool {
    asked.transition == Transition::Archive && undo(noun, asked).cannot.is_some()
}

fn can_be_undone(noun: Subjects, asked: &Asked) -> String {
    if !asked.unarchive_allowed {
        return "Nothing. Unarchive is switched off in this deployment.".to_owned();
    }
    let configurations = asked.preview.tally.configurations_archived;
    match noun {
        Subjects::Customers if configurations > 0 => format!(
            "Customer visibility, and {} by itself while its uniqueness key is free.",
            plural(configurations, "the configuration", "each configuration"),
        ),
        Subjects::Customers => "Customer visibility.".to_owned(),
        Subjects::Configurations => {
            let subject = plural(
                asked.preview.changes() as u64,
                "The configuration",
                "Each configuration",
            );
            format!("{subject} itself, while its uniqueness key is free.")
        }
    }
}

fn cannot_be_undone(noun: Subjects, tally: &Tally) -> Option<String> {
    let parts = finals(noun, tally);
    Some(sentence(&parts)).filter(|_| !parts.is_empty())
}

/// What an archive changes for good, each kind with its figure.
fn finals(noun: Subjects, tally: &Tally) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = |count: u64, one: &str, many: &str| {
        if count > 0 {
            parts.push(format!(
                "{} {}",
                group_thousands(count),
                plural(count, one, many)
            ));
        }
    };
    match noun {
        Subjects::Customers => {
            part(tally.invoices_voided, "invoice", "invoices");
            part(tally.contracts_archived, "contract", "contracts");
            part(tally.recharges_disabled(), "recharge", "recharges");
            part(tally.aliases_released, "released alias", "released aliases");
        }
        Subjects::Configurations => {
            part(
                tally.configurations_detached,
                "contract stays detached",
                "contracts stay detached",
            );
            part(tally.metering_stopped, "stops metering", "stop metering");
            part(
                tally.recharges_disabled(),
                "recharge stays off",
                "recharges stay off",
            );
            part(
                tally.never_sent,
                "invoice is never sent",
                "invoices are never sent",
            );
        }
    }
    parts
}

/// `17 invoices, 31 contracts and 14 configurations.`
fn sentence(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => format!("{one}."),
        [first @ .., last] => format!("{} and {last}.", first.join(", ")),
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or(String::new(), |first| {
        first.to_lowercase().chain(characters).collect()
    })
}
