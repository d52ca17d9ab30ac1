//! Worlds as rows of PostgreSQL's binary COPY format: each value is its length and its bytes, so that nothing in a name can
//! be mistaken for a separator, and the database has nothing to parse.

use super::{
    Seeded,
    world::{Entry, Notification, World},
};
use crate::{
    audit::stored::Stored,
    billing_configurations::Configuration,
    contracts::Contract,
    customers::Customer,
    invoices::Invoice,
    lifecycle::{Lifecycle, Reason},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
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
                .int(position as i32);
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
        let row = row.json(&one.custom_fields)?.bigint(one.version);
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
            .bigint(one.total.minor)
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
        row.bigint(one.threshold.minor)
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
            .json(&Stored(&one.effects))?
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

/// Signature, flags, and the length of a header extension that there is none of.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Where another row would say how many values it has.
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
const NULL: [u8; 4] = (-1_i32).to_be_bytes();
/// Moments are counted from the start of 2000.
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;
/// Before the text of a jsonb.
const JSONB_VERSION: u8 = 1;

impl Sheet {
    /// What goes over the wire, piece by piece.
    pub(super) fn pieces(&self) -> [&[u8]; 3] {
        [HEADER, &self.0, &TRAILER]
    }

    fn row(&mut self) -> Row<'_> {
        let start = self.0.len();
        self.0.extend_from_slice(&[0; 2]);
        Row {
            sheet: &mut self.0,
            start,
            values: 0,
        }
    }
}

/// A row that is being written. Values come in the order of the columns, and in their types.
struct Row<'s> {
    sheet: &'s mut Vec<u8>,
    start: usize,
    values: i16,
}

impl Row<'_> {
    fn value(mut self, bytes: &[u8]) -> Self {
        self.values += 1;
        self.sheet.extend_from_slice(&length(bytes.len()));
        self.sheet.extend_from_slice(bytes);
        self
    }

    fn null(mut self) -> Self {
        self.values += 1;
        self.sheet.extend_from_slice(&NULL);
        self
    }

    fn maybe<T>(self, value: Option<T>, write: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => write(self, value),
            None => self.null(),
        }
    }

    fn text(self, text: &str) -> Self {
        self.value(text.as_bytes())
    }

    fn maybe_text(self, text: Option<&str>) -> Self {
        self.maybe(text, Self::text)
    }

    fn uuid(self, id: Uuid) -> Self {
        self.value(id.as_bytes())
    }

    fn maybe_uuid(self, id: Option<Uuid>) -> Self {
        self.maybe(id, Self::uuid)
    }

    fn moment(self, at: DateTime<Utc>) -> Self {
        self.bigint(at.timestamp_micros() - EPOCH_MICROSECONDS)
    }

    fn maybe_moment(self, at: Option<DateTime<Utc>>) -> Self {
        self.maybe(at, Self::moment)
    }

    fn maybe_flag(self, flag: Option<bool>) -> Self {
        self.maybe(flag, |row, flag| row.value(&[u8::from(flag)]))
    }

    fn int(self, number: i32) -> Self {
        self.value(&number.to_be_bytes())
    }

    fn bigint(self, number: i64) -> Self {
        self.value(&number.to_be_bytes())
    }

    fn json(mut self, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        self.values += 1;
        let at = self.sheet.len();
        self.sheet.extend_from_slice(&[0, 0, 0, 0, JSONB_VERSION]);
        serde_json::to_writer(&mut *self.sheet, value)?;
        let bytes = self.sheet.len() - at - 4;
        self.sheet[at..at + 4].copy_from_slice(&length(bytes));
        Ok(self)
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
        self.sheet[self.start..self.start + 2].copy_from_slice(&self.values.to_be_bytes());
    }
}

/// A value's length. One too long for the format is refused by the database as a negative one.
fn length(bytes: usize) -> [u8; 4] {
    (bytes as i32).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_counts_its_values_and_each_value_its_bytes() {
        let mut sheet = Sheet::default();
        let row = sheet
            .row()
            .text("a\tü")
            .maybe_text(None)
            .maybe_flag(Some(true))
            .int(-3);
        row.json(&json!([1])).unwrap().end();
        let expected = b"\0\x05\0\0\0\x04a\t\xc3\xbc\xff\xff\xff\xff\0\0\0\x01\x01\0\0\0\x04\xff\xff\xff\xfd\0\0\0\x04\x01[1]";
        assert_eq!(sheet.0, expected);
        assert_eq!(HEADER.len(), 19);
    }

    #[test]
    fn moments_are_counted_from_2000() {
        let mut sheet = Sheet::default();
        sheet
            .row()
            .moment("2000-01-01T00:00:00.001Z".parse().unwrap())
            .end();
        assert_eq!(sheet.0, b"\0\x01\0\0\0\x08\0\0\0\0\0\0\x03\xe8");
    }
}
