//! Demo data: invented customers with all that hangs on them, the same for the same plan. For a console that looks lived
//! in, and for measuring. Generation is pure; `store` writes it.

mod apply;
mod copy;
mod countries;
mod invoices;
mod names;
mod people;
mod plot;
mod rng;
mod store;
mod story;
mod terms;
mod timeline;
mod world;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use copy::Batch;
use sqlx::PgPool;
use std::fmt;
use world::Worlds;

/// What to generate. The same plan gives the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub customers: u32,
    pub seed: u64,
    /// The day the data is from: nothing happened after its 14:03 UTC.
    pub as_of: NaiveDate,
}

/// In the afternoon of the day that the data is from.
const LAST_MOMENT: TimeDelta = TimeDelta::minutes(14 * 60 + 3);

impl Plan {
    /// The moment the data is from.
    pub fn moment(&self) -> DateTime<Utc> {
        self.as_of.and_time(NaiveTime::MIN).and_utc() + LAST_MOMENT
    }

    /// The last day whose data is all in the past.
    pub fn last_day(now: DateTime<Utc>) -> NaiveDate {
        (now - LAST_MOMENT).date_naive()
    }
}

/// How many rows were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seeded {
    pub customers: u64,
    pub archived_customers: u64,
    pub aliases: u64,
    pub configurations: u64,
    pub contracts: u64,
    pub invoices: u64,
    pub notifications: u64,
    pub audit_entries: u64,
}

#[derive(Debug)]
pub enum SeedError {
    /// There are customers already, or someone else is writing some.
    NotEmpty,
    /// The day of the plan is too far away to count from.
    Day(NaiveDate),
    /// The generator stopped, or made what JSON cannot hold: a defect.
    Generator(String),
    Database(sqlx::Error),
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEmpty => f.write_str(
                "This database has customers already. Demo data is only written to an empty one: nothing was changed.",
            ),
            Self::Day(day) => write!(f, "{day} cannot be the day of demo data. Choose one from 2000 to 9000."),
            Self::Generator(cause) => write!(f, "The demo data could not be made: {cause}. Nothing was written."),
            Self::Database(cause) => write!(f, "The database refused the demo data: {cause}. Nothing was written."),
        }
    }
}

impl std::error::Error for SeedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(cause) => Some(cause),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for SeedError {
    fn from(cause: sqlx::Error) -> Self {
        Self::Database(cause)
    }
}

/// Customers made and written at a time.
const BATCH_CUSTOMERS: usize = 2_000;

/// Fills an empty database. Everything is one transaction, so that a seeding that is stopped leaves nothing behind and can
/// simply be started again. `on_progress` is told after each batch how many customers are written.
pub async fn seed(
    pool: &PgPool,
    plan: &Plan,
    mut on_progress: impl FnMut(u32),
) -> Result<Seeded, SeedError> {
    if !(2_000..=9_000).contains(&plan.as_of.year()) {
        return Err(SeedError::Day(plan.as_of));
    }
    let mut connection = pool.acquire().await?;
    let mut tx = store::begin(&mut connection).await?;
    let mut seeded = Seeded::default();
    let mut making = tokio::task::spawn_blocking({
        let plan = *plan;
        move || make(Worlds::new(plan))
    });
    loop {
        let (worlds, batch) = made(making.await)?;
        if batch.rows.customers == 0 {
            break;
        }
        // The next batch is made while the database takes this one.
        making = tokio::task::spawn_blocking(move || make(worlds));
        store::write(&mut tx, &batch).await?;
        seeded.add(&batch.rows);
        on_progress(u32::try_from(seeded.customers).unwrap_or(u32::MAX));
    }
    tx.commit().await?;
    store::analyze(&mut connection).await;
    Ok(seeded)
}

/// The next customers, ready to be copied; none at the end.
fn make(mut worlds: Worlds) -> Result<(Worlds, Batch), serde_json::Error> {
    let mut batch = Batch::default();
    for world in worlds.by_ref().take(BATCH_CUSTOMERS) {
        batch.add(&world)?;
    }
    Ok((worlds, batch))
}

type Made = Result<(Worlds, Batch), serde_json::Error>;

fn made(outcome: Result<Made, tokio::task::JoinError>) -> Result<(Worlds, Batch), SeedError> {
    match outcome {
        Ok(Ok(made)) => Ok(made),
        Ok(Err(cause)) => Err(SeedError::Generator(cause.to_string())),
        Err(cause) => Err(SeedError::Generator(cause.to_string())),
    }
}

impl Seeded {
    /// All rows, those of the outbox included.
    pub fn rows(&self) -> u64 {
        self.customers
            + self.aliases
            + self.configurations
            + self.contracts
            + self.invoices
            + self.notifications
            + self.audit_entries * 2
    }

    fn add(&mut self, more: &Self) {
        self.customers += more.customers;
        self.archived_customers += more.archived_customers;
        self.aliases += more.aliases;
        self.configurations += more.configurations;
        self.contracts += more.contracts;
        self.invoices += more.invoices;
        self.notifications += more.notifications;
        self.audit_entries += more.audit_entries;
    }
}
