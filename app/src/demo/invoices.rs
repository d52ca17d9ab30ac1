//! Bills the contracts of a story period by period, and says what became of each invoice at the provider.

use super::{plot::Fate, story::Story};
use crate::{
    contracts::Contract,
    ids::InvoiceId,
    invoices::{ExternalStatus, Invoice, InvoiceStatus},
    money::{Currency, Money},
};
use chrono::{DateTime, Datelike, Months, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// How a contract is billed.
#[derive(Debug, Clone)]
pub(super) struct Billing {
    /// Whether invoices are brought in at all.
    pub(super) billed: bool,
    pub(super) months: u32,
    pub(super) grace_days: i64,
    pub(super) currency: Currency,
    /// What one period usually costs.
    pub(super) usual_minor: i64,
    /// The first period that was not billed yet.
    pub(super) next_period: u32,
}

/// One period of one contract.
#[derive(Debug, Clone, Copy)]
struct Due {
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// Its place among the contracts.
    contract: usize,
}

impl Story<'_> {
    /// Brings in at most `most` invoices, the newest ones, of periods that began before `last`, as they stand `now`.
    pub(super) fn bill(&mut self, now: DateTime<Utc>, last: DateTime<Utc>, most: usize) {
        self.move_on(now);
        let mut due = self.due(now, last);
        due.sort_by_key(|one| (one.starts_at, one.contract));
        let skipped = due.len().saturating_sub(most);
        for one in due.into_iter().skip(skipped) {
            let invoice = self.invoice(one, now, last);
            self.world.invoices.push(invoice);
            self.invoices_to_come = self.invoices_to_come.saturating_sub(1);
        }
    }

    fn due(&mut self, now: DateTime<Utc>, last: DateTime<Utc>) -> Vec<Due> {
        let mut due = Vec::new();
        for (place, contract) in self.world.contracts.iter().enumerate() {
            let billing = &mut self.billing[place];
            let end = contract.ending_before.unwrap_or(DateTime::<Utc>::MAX_UTC);
            while billing.billed && contract.archived_at.is_none() {
                let starts_at = period(contract, billing.months, billing.next_period);
                if starts_at >= last.min(end) {
                    break;
                }
                let ends_at = period(contract, billing.months, billing.next_period + 1).min(end);
                // A draft is opened some days into its period; a period that ended unseen is not in yet.
                if ends_at > last && (ends_at <= now || self.rng.percent(12)) {
                    break;
                }
                billing.next_period += 1;
                due.push(Due {
                    starts_at,
                    ends_at,
                    contract: place,
                });
            }
        }
        due
    }

    fn invoice(&mut self, due: Due, now: DateTime<Utc>, last: DateTime<Utc>) -> Invoice {
        let contract = &self.world.contracts[due.contract];
        let billing = &self.billing[due.contract];
        let ended = due.ends_at <= last;
        let opened = if ended { due.ends_at } else { due.starts_at }.max(contract.created_at);
        let created_at = self
            .rng
            .moment(opened.min(last), (opened + TimeDelta::hours(3)).min(last));
        let (contract_id, configuration_id) = (contract.id, contract.configuration_id);
        let sent = configuration_id.is_some() && contract.configuration_archived_at.is_none();
        let grace = due.ends_at + TimeDelta::days(billing.grace_days);
        let (total, lines) = self.lines(due.contract, ended);
        let external_id = self
            .taken
            .invoice_number(due.starts_at.year(), due.starts_at.month());
        let mut invoice = Invoice {
            id: InvoiceId(self.rng.uuid(created_at)),
            customer_id: self.world.customer.id,
            contract_id,
            contract_name: None,
            configuration_id,
            billing_provider: None,
            external_id,
            status: InvoiceStatus::Draft,
            external_status: None,
            starts_at: due.starts_at,
            ends_at: due.ends_at,
            grace_period_ends_at: None,
            total,
            lines,
            created_at,
            updated_at: created_at,
            voided_at: None,
        };
        if ended {
            self.finalize(&mut invoice, sent, grace, now);
        } else {
            invoice.updated_at = self.rng.moment(created_at, last);
        }
        invoice
    }

    /// What happened to earlier invoices since they were last looked at.
    fn move_on(&mut self, now: DateTime<Utc>) {
        let mut invoices = std::mem::take(&mut self.world.invoices);
        for invoice in &mut invoices {
            let Some(place) = self
                .world
                .contracts
                .iter()
                .position(|one| one.id == invoice.contract_id)
            else {
                continue;
            };
            let contract = &self.world.contracts[place];
            let sent =
                contract.configuration_id.is_some() && contract.configuration_archived_at.is_none();
            let grace = invoice.ends_at + TimeDelta::days(self.billing[place].grace_days);
            let draft = invoice.status == InvoiceStatus::Draft && invoice.ends_at <= now;
            let waiting = invoice.status == InvoiceStatus::Finalized
                && invoice.external_status == Some(ExternalStatus::Queued);
            if contract.archived_at.is_none() && (draft || waiting) {
                self.finalize(invoice, sent, grace, now);
            }
        }
        self.world.invoices = invoices;
    }

    /// The period is over: the invoice waits out its grace period, and then something becomes of it.
    fn finalize(
        &mut self,
        invoice: &mut Invoice,
        sent: bool,
        grace: DateTime<Utc>,
        now: DateTime<Utc>,
    ) {
        invoice.status = InvoiceStatus::Finalized;
        invoice.updated_at = invoice.updated_at.max(invoice.ends_at).min(now);
        if !sent {
            invoice.external_status = None;
            return;
        }
        invoice.grace_period_ends_at = Some(grace);
        if grace > now {
            invoice.external_status = Some(ExternalStatus::Queued);
            return;
        }
        let sent_at = self
            .rng
            .moment(grace, (grace + TimeDelta::hours(2)).min(now));
        let told_at = sent_at + TimeDelta::milliseconds(self.rng.between(HOUR, 9 * 24 * HOUR));
        let young = now - grace < TimeDelta::days(14);
        let outcomes = if young {
            &OUTCOMES_YOUNG[..]
        } else {
            &OUTCOMES_OLD[..]
        };
        let outcome = self.rng.weighted(outcomes);
        let (outcome, at) = if told_at > now {
            (ExternalStatus::Sent, sent_at)
        } else {
            (outcome, told_at)
        };
        invoice.external_status = Some(outcome);
        invoice.updated_at = invoice.updated_at.max(at);
        if !young && self.plot.fate != Fate::Archived && self.rng.percent(3) {
            self.void_by_hand(invoice);
        }
    }

    /// A total near what the contract usually costs, and the lines that add up to it.
    fn lines(&mut self, contract: usize, ended: bool) -> (Money, Value) {
        let billing = &self.billing[contract];
        let (usual, currency) = (billing.usual_minor as f64, billing.currency.clone());
        let so_far = if ended {
            1.0
        } else {
            0.1 + 0.8 * self.rng.unit()
        };
        let total = (usual * so_far * (0.8 + 0.4 * self.rng.unit())) as i64;
        let fee = (usual * (0.2 + 0.3 * self.rng.unit())) as i64 / 100 * 100;
        let mut left = total;
        let mut lines = Vec::new();
        if fee > 0 && fee < total {
            left -= fee;
            lines.push(json!({ "name": "Platform fee", "quantity": 1, "total_minor": fee }));
        }
        let usage = 1 + self.rng.below(3) as usize;
        let first = self.rng.below(METERED.len() as u64) as usize;
        for turn in 0..usage {
            let amount = if turn + 1 == usage {
                left
            } else {
                self.rng.between(left / 5, left / 2)
            };
            left -= amount;
            // Small amounts are of what has a small price.
            let metered = METERED[(first + turn) % METERED.len()];
            let (name, unit_thousandths) = if amount.saturating_mul(1_000) < metered.1 * 2 {
                METERED[0]
            } else {
                metered
            };
            let quantity = amount.saturating_mul(1_000) / unit_thousandths;
            lines.push(json!({ "name": name, "quantity": quantity.max(1), "total_minor": amount }));
        }
        (
            Money {
                currency,
                minor: total,
            },
            Value::Array(lines),
        )
    }

    /// So many euros in the customer's currency.
    pub(super) fn minor(&self, euros: f64) -> i64 {
        minor(euros, self.country.per_euro, &self.currency())
    }

    pub(super) fn currency(&self) -> Currency {
        currency(self.country.currency)
    }
}

/// A code from the list of countries, which is all three-letter codes.
pub(super) fn currency(code: &str) -> Currency {
    Currency::parse(code).expect("a listed country's currency is three letters")
}

/// So many euros in another currency's smallest unit, rounded to a whole unit.
pub(super) fn minor(euros: f64, per_euro: f64, currency: &Currency) -> i64 {
    let units = (euros * per_euro).round().max(1.0) as i64;
    units * 10_i64.pow(currency.decimals())
}

/// The first moment of a contract's period with this number.
fn period(contract: &Contract, months: u32, number: u32) -> DateTime<Utc> {
    let start = contract.starting_at.date_naive();
    let day = start
        .checked_add_months(Months::new(months * number))
        .unwrap_or(start);
    day.and_time(NaiveTime::MIN).and_utc()
}

const HOUR: i64 = 3_600_000;
const OUTCOMES_YOUNG: [(u64, ExternalStatus); 6] = [
    (48, ExternalStatus::Sent),
    (40, ExternalStatus::Paid),
    (6, ExternalStatus::PaymentFailed),
    (3, ExternalStatus::PartiallyPaid),
    (2, ExternalStatus::Finalized),
    (1, ExternalStatus::InvalidRequestError),
];
const OUTCOMES_OLD: [(u64, ExternalStatus); 7] = [
    (910, ExternalStatus::Paid),
    (30, ExternalStatus::Sent),
    (22, ExternalStatus::PaymentFailed),
    (16, ExternalStatus::Uncollectible),
    (10, ExternalStatus::PartiallyPaid),
    (6, ExternalStatus::InvalidRequestError),
    (6, ExternalStatus::Deleted),
];
/// What is measured, and the price of one in thousandths of the smallest unit.
const METERED: [(&str, i64); 8] = [
    ("API calls", 40),
    ("Storage, GB-hours", 15),
    ("Seats", 2_400_000),
    ("Data egress, GB", 9_000),
    ("Compute, vCPU-hours", 4_800),
    ("Messages sent", 750),
    ("Events ingested", 12),
    ("Support hours", 9_500_000),
];
