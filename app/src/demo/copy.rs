//! Worlds as rows of PostgreSQL's COPY text format: a tab between two values, a line break between two rows, backslashes
//! before what would be mistaken for them.

use super::{
    Seeded,
    world::{Entry, Notification, World},
};
use crate::{
    billing_configurations::Configuration,
    contracts::Contract,
    customers::Customer,
    invoices::Invoice,
    lifecycle::{Lifecycle, Reason},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use std::{fmt::Display, io};
use uuid::Uuid;

/// Some customers with all that hangs on them, a sheet for each table.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) customers: Sheet,
    pub(super) aliases: Sheet,
    pub(super) configurations: Sheet,
    pub(super) contracts: Sheet,
    pub(super) invoices: Sheet,
    pub(super) notifications: Sheet,
    pub(super) audit_entries: Sheet,
    pub(super) outbox_events: Sheet,
    pub(super) rows: Seeded,
}

type Written = Result<(), serde_json::Error>;

impl Batch {
    pub(super) fn add(&mut self, world: &World) -> Written {
        let customer = &world.customer;
        self.customer(customer)?;
        for (position, alias) in customer.ingest_aliases.iter().enumerate() {
            let row = self
                .aliases
                .row()
                .text(alias)
                .uuid(customer.id.0)
                .number(position);
            row.moment(customer.created_at).end();
        }
        world
            .configurations
            .iter()
            .try_for_each(|one| self.configuration(one))?;
        world
            .contracts
            .iter()
            .try_for_each(|one| self.contract(one))?;
        world
            .invoices
            .iter()
            .try_for_each(|one| self.invoice(one))?;
        world
            .notifications
            .iter()
            .for_each(|one| self.notification(one));
        world
            .entries
            .iter()
            .try_for_each(|one| self.entry(customer.id.0, one))?;
        self.rows.add(&Seeded {
            customers: 1,
            archived_customers: u64::from(customer.lifecycle.is_archived()),
            aliases: customer.ingest_aliases.len() as u64,
            configurations: world.configurations.len() as u64,
            contracts: world.contracts.len() as u64,
            invoices: world.invoices.len() as u64,
            notifications: world.notifications.len() as u64,
            audit_entries: world.entries.len() as u64,
        });
        Ok(())
    }

    fn customer(&mut self, one: &Customer) -> Written {
        let row = self
            .customers
            .row()
            .uuid(one.id.0)
            .text(&one.key)
            .text(&one.name);
        let row = row.maybe_text(
            one.customer_type
                .map(|customer_type| customer_type.as_str()),
        );
        let row = row
            .maybe_text(one.primary_email.as_deref())
            .json(&one.profile)?;
        let row = row.json(&one.custom_fields)?.number(one.version);
        row.moment(one.created_at)
            .moment(one.updated_at)
            .archived(&one.lifecycle)?
            .end();
        Ok(())
    }

    fn configuration(&mut self, one: &Configuration) -> Written {
        let row = self
            .configurations
            .row()
            .uuid(one.id.0)
            .uuid(one.customer_id.0);
        let row = row
            .text(one.billing_provider.as_str())
            .text(one.delivery_method.as_str());
        let row = row
            .uuid(one.delivery_method_id)
            .maybe_text(one.provider_reference.as_deref());
        let row = row
            .json(&one.configuration)?
            .maybe_text(one.tax_provider.map(|tax| tax.as_str()));
        let row = row.maybe_text(one.uniqueness_key.as_deref());
        row.moment(one.created_at)
            .moment(one.updated_at)
            .archived(&one.lifecycle)?
            .end();
        Ok(())
    }

    fn contract(&mut self, one: &Contract) -> Written {
        let row = self.contracts.row().uuid(one.id.0).uuid(one.customer_id.0);
        let row = row
            .maybe_text(one.name.as_deref())
            .maybe_text(one.uniqueness_key.as_deref());
        let row = row
            .moment(one.starting_at)
            .maybe_moment(one.ending_before)
            .json(&one.terms)?;
        let row = row.maybe_uuid(one.configuration_id.map(|id| id.0));
        let row = row
            .maybe_moment(one.configuration_archived_at)
            .maybe_moment(one.metering_stopped_at);
        let row = row
            .maybe_flag(one.spend_recharge_enabled)
            .maybe_flag(one.credit_recharge_enabled);
        let row = row
            .moment(one.created_at)
            .text(&one.created_by)
            .moment(one.updated_at);
        row.maybe_moment(one.archived_at).end();
        Ok(())
    }

    fn invoice(&mut self, one: &Invoice) -> Written {
        let row = self
            .invoices
            .row()
            .uuid(one.id.0)
            .uuid(one.customer_id.0)
            .uuid(one.contract_id.0);
        let row = row
            .maybe_uuid(one.configuration_id.map(|id| id.0))
            .text(&one.external_id);
        let row = row.text(one.status.as_str());
        let row = row.maybe_text(one.external_status.map(|status| status.as_str()));
        let row = row
            .moment(one.starts_at)
            .moment(one.ends_at)
            .maybe_moment(one.grace_period_ends_at);
        let row = row
            .text(one.total.currency.code())
            .number(one.total.minor)
            .json(&one.lines)?;
        row.moment(one.created_at)
            .moment(one.updated_at)
            .maybe_moment(one.voided_at)
            .end();
        Ok(())
    }

    fn notification(&mut self, one: &Notification) {
        let row = self
            .notifications
            .row()
            .uuid(one.id.0)
            .uuid(one.customer_id.0);
        let row = row
            .text(&one.name)
            .text(one.kind)
            .text(one.threshold.currency.code());
        row.number(one.threshold.minor)
            .moment(one.created_at)
            .moment(one.created_at)
            .end();
    }

    fn entry(&mut self, customer: Uuid, one: &Entry) -> Written {
        let row = self
            .audit_entries
            .row()
            .uuid(one.id.0)
            .uuid(customer)
            .moment(one.at);
        let row = row
            .json(&one.actor)?
            .text(one.actor.role.as_str())
            .text(one.change.as_str());
        let row = row.text(one.object_kind.as_str()).uuid(one.object_id);
        let row = row
            .maybe_text(one.reason.as_ref().map(Reason::as_str))
            .text(&one.request_id);
        let row = row.text(&one.ip).text(one.user_agent);
        row.json(&one.before)?
            .json(&one.after)?
            .json(&one.effects)?
            .end();
        let row = self
            .outbox_events
            .row()
            .uuid(one.event_id)
            .uuid(one.id.0)
            .uuid(customer);
        row.text(one.change.as_str())
            .moment(one.at)
            .moment(one.delivered_at)
            .end();
        Ok(())
    }
}

/// Rows of one table.
#[derive(Debug, Default)]
pub(super) struct Sheet(Vec<u8>);

impl Sheet {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn row(&mut self) -> Row<'_> {
        Row {
            sheet: &mut self.0,
            first: true,
        }
    }
}

/// A row that is being written. Values come in the order of the columns.
struct Row<'s> {
    sheet: &'s mut Vec<u8>,
    first: bool,
}

impl Row<'_> {
    fn next(mut self) -> Self {
        if !self.first {
            self.sheet.push(b'\t');
        }
        self.first = false;
        self
    }

    fn text(self, text: &str) -> Self {
        let row = self.next();
        escape(row.sheet, text.as_bytes());
        row
    }

    fn null(self) -> Self {
        let row = self.next();
        row.sheet.extend_from_slice(b"\\N");
        row
    }

    /// For what needs no escaping.
    fn plain(self, value: impl Display) -> Self {
        use io::Write;
        let row = self.next();
        // Writing to memory cannot fail.
        let _ = write!(row.sheet, "{value}");
        row
    }

    fn maybe<T>(self, value: Option<T>, write: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => write(self, value),
            None => self.null(),
        }
    }

    fn maybe_text(self, text: Option<&str>) -> Self {
        self.maybe(text, Self::text)
    }

    fn uuid(self, id: Uuid) -> Self {
        let row = self.next();
        let mut buffer = Uuid::encode_buffer();
        row.sheet
            .extend_from_slice(id.hyphenated().encode_lower(&mut buffer).as_bytes());
        row
    }

    fn maybe_uuid(self, id: Option<Uuid>) -> Self {
        self.maybe(id, Self::uuid)
    }

    fn moment(self, at: DateTime<Utc>) -> Self {
        self.plain(at.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    fn maybe_moment(self, at: Option<DateTime<Utc>>) -> Self {
        self.maybe(at, Self::moment)
    }

    fn maybe_flag(self, flag: Option<bool>) -> Self {
        self.maybe(flag, |row, flag| row.plain(if flag { 't' } else { 'f' }))
    }

    fn number(self, number: impl Display) -> Self {
        self.plain(number)
    }

    fn json(self, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        let row = self.next();
        serde_json::to_writer(Escaped(row.sheet), value)?;
        Ok(row)
    }

    /// `archived_at`, `archived_by`, `archive_reason`.
    fn archived(self, lifecycle: &Lifecycle) -> Result<Self, serde_json::Error> {
        match lifecycle.archived() {
            None => Ok(self.null().null().null()),
            Some(archived) => {
                let row = self.moment(archived.at).json(&archived.by)?;
                Ok(row.maybe_text(archived.reason.as_ref().map(Reason::as_str)))
            }
        }
    }

    fn end(self) {
        self.sheet.push(b'\n');
    }
}

fn escape(sheet: &mut Vec<u8>, text: &[u8]) {
    let mut left = text;
    while let Some(at) = left
        .iter()
        .position(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r'))
    {
        sheet.extend_from_slice(&left[..at]);
        sheet.extend_from_slice(match left[at] {
            b'\t' => b"\\t",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            _ => b"\\\\",
        });
        left = &left[at + 1..];
    }
    sheet.extend_from_slice(left);
}

/// Escapes what is written through it.
struct Escaped<'s>(&'s mut Vec<u8>);

impl io::Write for Escaped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        escape(self.0, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_would_be_mistaken_is_escaped() {
        let mut sheet = Sheet::default();
        let row = sheet
            .row()
            .text("a\tb\\c\nd")
            .maybe_text(None)
            .maybe_flag(Some(true))
            .number(-3);
        row.json(&json!({ "say": "\"hi\"\n" })).unwrap().end();
        let expected = "a\\tb\\\\c\\nd\t\\N\tt\t-3\t{\"say\":\"\\\\\"hi\\\\\"\\\\n\"}\n";
        assert_eq!(std::str::from_utf8(sheet.bytes()).unwrap(), expected);
    }
}
