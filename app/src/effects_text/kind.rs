//! The consequences that have a line of their own, and what each says.

use super::{keys_freed, plain, plural};
use crate::{
    effects::{Effect, Tally},
    money::{self, Money, group_thousands},
    ui::{
        effects::{Note, Row, Split},
        span, time,
    },
};
use chrono::{DateTime, Utc};

/// The consequences that have a line of their own, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Contracts,
    InvoicesVoided,
    NeverSent,
    PaidKept,
    Configurations,
    Detached,
    Recharges,
    Metering,
    AliasesReserved,
    AliasesReleased,
}

impl Kind {
    pub(super) const ALL: [Self; 10] = [
        Self::Contracts,
        Self::InvoicesVoided,
        Self::NeverSent,
        Self::PaidKept,
        Self::Configurations,
        Self::Detached,
        Self::Recharges,
        Self::Metering,
        Self::AliasesReserved,
        Self::AliasesReleased,
    ];

    /// As URLs name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Contracts => "contracts",
            Self::InvoicesVoided => "invoices",
            Self::NeverSent => "unsent",
            Self::PaidKept => "paid",
            Self::Configurations => "configurations",
            Self::Detached => "detached",
            Self::Recharges => "recharges",
            Self::Metering => "metering",
            Self::AliasesReserved => "reserved",
            Self::AliasesReleased => "released",
        }
    }

    /// The counts that it is made of, by their names in [`Tally::counts`].
    pub(super) fn counts(self) -> &'static [&'static str] {
        match self {
            Self::Contracts => &["contracts_archived"],
            Self::InvoicesVoided => &["invoices_voided"],
            Self::NeverSent => &["never_sent"],
            Self::PaidKept => &["paid_kept"],
            Self::Configurations => &["configurations_archived"],
            Self::Detached => &["configurations_detached"],
            Self::Recharges => &["spend_recharges_disabled", "credit_recharges_disabled"],
            Self::Metering => &["metering_stopped"],
            Self::AliasesReserved => &["aliases_reserved"],
            Self::AliasesReleased => &["aliases_released"],
        }
    }

    pub(super) fn count(self, tally: &Tally) -> u64 {
        match self {
            Self::Contracts => tally.contracts_archived,
            Self::InvoicesVoided => tally.invoices_voided,
            Self::NeverSent => tally.never_sent,
            Self::PaidKept => tally.paid_kept,
            Self::Configurations => tally.configurations_archived,
            Self::Detached => tally.configurations_detached,
            Self::Recharges => tally.recharges_disabled(),
            Self::Metering => tally.metering_stopped,
            Self::AliasesReserved => tally.aliases_reserved,
            Self::AliasesReleased => tally.aliases_released,
        }
    }

    pub(super) fn words(self, count: u64, at: DateTime<Utc>) -> String {
        let of = |one: &str, many: &str| plural(count, one, many).to_owned();
        match self {
            Self::Contracts => {
                format!(
                    "{} archived as of {}",
                    of("contract", "contracts"),
                    time::day(at.date_naive())
                )
            }
            Self::InvoicesVoided if count == 0 => "No invoices will be voided".to_owned(),
            Self::InvoicesVoided => of("invoice voided", "invoices voided"),
            Self::NeverSent => of(
                "invoice in grace period will never be sent",
                "invoices in grace period will never be sent",
            ),
            Self::PaidKept => of(
                "paid invoice stays as it is",
                "paid invoices stay as they are",
            ),
            Self::Configurations => of("configuration archived", "configurations archived"),
            Self::Detached => of(
                "contract detached from its configuration",
                "contracts detached from their configuration",
            ),
            Self::Recharges => of("recharge disabled", "recharges disabled"),
            Self::Metering => of(
                "contract stops metering immediately",
                "contracts stop metering immediately",
            ),
            Self::AliasesReserved => of(
                "ingest alias stays reserved",
                "ingest aliases stay reserved",
            ),
            Self::AliasesReleased => of(
                "ingest alias released, free for others to take",
                "ingest aliases released, free for others to take",
            ),
        }
    }

    pub(super) fn split(self, tally: &Tally, before: Option<&Tally>) -> Vec<Split> {
        match self {
            Self::InvoicesVoided => amounts(&tally.voided, before.map(|before| &before.voided)),
            Self::Configurations => keys_freed(tally.uniqueness_keys_freed)
                .into_iter()
                .collect(),
            Self::Recharges => [
                (tally.spend_recharges_disabled, "spend"),
                (tally.credit_recharges_disabled, "credit"),
            ]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| plain(format!("{} {word}", group_thousands(count))))
            .collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn notes(self, tally: &Tally) -> Vec<Note> {
        match self {
            Self::InvoicesVoided if tally.voided_paid > 0 => vec![Note {
                text: match (tally.invoices_voided, tally.voided_paid) {
                    (1, _) => "It is already paid. No refund is made.".to_owned(),
                    (_, 1) => "1 of them is already paid. No refund is made.".to_owned(),
                    (_, paid) => {
                        format!(
                            "{} of them are already paid. No refund is made.",
                            group_thousands(paid)
                        )
                    }
                },
                warns: true,
            }],
            _ => Vec::new(),
        }
    }

    pub(super) fn row(self, effect: &Effect) -> Option<Row> {
        let row = |name: &str, detail: String| {
            Some(Row {
                name: name.to_owned(),
                detail,
            })
        };
        match (self, effect) {
            (
                Self::Contracts,
                Effect::ContractArchived {
                    name,
                    before,
                    after,
                    ..
                },
            ) => row(name, term_change(*before, *after)),
            (
                Self::InvoicesVoided,
                Effect::InvoiceVoided {
                    number,
                    money,
                    paid,
                    ..
                },
            ) => row(
                number,
                if *paid {
                    format!("{money}, paid")
                } else {
                    money.to_string()
                },
            ),
            (
                Self::NeverSent,
                Effect::InvoiceVoided {
                    number,
                    money,
                    in_grace_period: true,
                    ..
                }
                | Effect::InvoiceSkipped { number, money, .. },
            )
            | (Self::PaidKept, Effect::PaidInvoiceKept { number, money, .. }) => {
                row(number, money.to_string())
            }
            (
                Self::Configurations,
                Effect::ConfigurationArchived {
                    provider,
                    uniqueness_key,
                    ..
                },
            ) => row(
                provider.label(),
                uniqueness_key
                    .as_ref()
                    .map_or(String::new(), |key| format!("frees {key}")),
            ),
            (Self::Detached, Effect::ConfigurationDetached { name, .. })
            | (Self::Metering, Effect::MeteringStopped { name, .. }) => row(name, String::new()),
            (Self::Recharges, Effect::RechargeDisabled { name, recharge, .. }) => {
                row(name, format!("{} recharge", recharge.label()))
            }
            (Self::AliasesReserved, Effect::AliasReserved { alias })
            | (Self::AliasesReleased, Effect::AliasReleased { alias }) => row(alias, String::new()),
            _ => None,
        }
    }
}

fn term_change(before: Option<DateTime<Utc>>, after: DateTime<Utc>) -> String {
    match before {
        None => "was open-ended".to_owned(),
        Some(before) if before == after => "ends as agreed".to_owned(),
        Some(before) => format!("was to end {}", time::day(span::last_day(before))),
    }
}

/// One part a currency, with what it was where that differs; a currency that went away is told as zero.
fn amounts(now: &[Money], before: Option<&Vec<Money>>) -> Vec<Split> {
    let all = now.iter().chain(before.into_iter().flatten());
    money::totals(all)
        .into_iter()
        .map(|money| money.currency)
        .map(|currency| {
            let of = |amounts: &[Money]| {
                let minor = amounts
                    .iter()
                    .find(|one| one.currency == currency)
                    .map_or(0, |one| one.minor);
                Money {
                    currency: currency.clone(),
                    minor,
                }
                .amount()
            };
            let value = of(now);
            Split {
                label: currency.code().to_owned(),
                was: before.map(|before| of(before)).filter(|was| *was != value),
                value,
            }
        })
        .collect()
}
