//! Connections and transactions. Turns what the database says into what a user may know, and keeps the cause in the log.

use crate::{
    auth::{Action, Actor, policy},
    clock::Clock,
    context::Request,
    counts::Counts,
    error::AppError,
    ids::{BulkJobId, SessionId},
    served::{self, Served},
};
use chrono::{DateTime, Utc};
use sqlx::{
    Connection, PgConnection, PgPool, Postgres, Row, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult},
};
use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// Write transactions are tried this often when the database asks for it.
pub const ATTEMPTS_MAX: u32 = 4;
/// A connection that lay idle longer is asked whether it still lives before it is used. Under load that would be another round
/// trip for every statement; without it, after a restart of the database a connection used a moment ago fails one request.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
const WRITE_STATEMENT: Duration = Duration::from_secs(30);
/// The worker waits so long for rows that somebody else has locked, and then comes again: that they are is nothing about them.
const WORKER_LOCK: Duration = Duration::from_secs(10);
const PREVIEW_CONNECTIONS: u32 = 2;
/// The worker does two chunks at a time at most, and never waits for a preview.
const WORKER_CONNECTIONS: u32 = 2;
/// Previews queue: each takes seconds when it is large.
const JOB_PATIENCE: Duration = Duration::from_secs(20);

/// How much of the database a server takes, and how long it waits before it says that the database is busy.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of each pool.
    pub connections: u32,
    /// For a connection, and for a statement that only reads.
    pub patience: Duration,
}

impl Limits {
    /// Two seconds: whoever waits for a page hears soon that it will not come.
    pub const fn of(connections: u32) -> Self {
        Self {
            connections,
            patience: Duration::from_secs(2),
        }
    }
}

/// Four pools: what opens transactions never shares connections with what does not, nobody waits for a bulk job or for the
/// preview of one, and no bulk job for previews.
#[derive(Debug, Clone)]
pub struct Db {
    writer: PgPool,
    reader: PgPool,
    previews: PgPool,
    worker: PgPool,
    counts: Arc<RememberedCounts>,
    /// Bulk jobs that a worker of this process saw running when it looked last.
    running: Arc<AtomicU32>,
    served: Served,
    /// Whether transactions give way to who is being served.
    gives_way: bool,
}

/// Of each list.
#[derive(Debug, Default)]
pub(crate) struct RememberedCounts {
    pub(crate) customers: Counts,
    pub(crate) configurations: Counts,
}

impl Db {
    /// Connects lazily: an absent database is an answer to a request, not a failure to start.
    pub fn connect(url: &str, limits: Limits) -> Result<Self, sqlx::Error> {
        Ok(Self::with_options(
            &PgConnectOptions::from_str(url)?,
            limits,
        ))
    }

    /// As [`Db::connect`], from options that are parsed already.
    pub fn with_options(options: &PgConnectOptions, limits: Limits) -> Self {
        let options = options.clone().application_name("mothball");
        let session = |statement: Duration| {
            options.clone().options([
                ("statement_timeout", milliseconds(statement)),
                ("idle_in_transaction_session_timeout", "10s".to_owned()),
                ("timezone", "UTC".to_owned()),
            ])
        };
        let pool = |connections: u32, patience: Duration| {
            PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(patience)
                .test_before_acquire(false)
                .before_acquire(|connection, met| {
                    Box::pin(async move {
                        if met.idle_for > TRUSTED_FOR {
                            connection.ping().await?;
                        }
                        Ok(true)
                    })
                })
        };
        let for_jobs = |connections: u32| pool(connections, limits.patience.max(JOB_PATIENCE));
        let worker =
            session(WRITE_STATEMENT).options([("lock_timeout", milliseconds(WORKER_LOCK))]);
        Self {
            writer: pool(limits.connections, limits.patience)
                .connect_lazy_with(session(WRITE_STATEMENT)),
            reader: pool(limits.connections, limits.patience)
                .connect_lazy_with(session(limits.patience)),
            previews: for_jobs(PREVIEW_CONNECTIONS).connect_lazy_with(session(WRITE_STATEMENT)),
            worker: for_jobs(WORKER_CONNECTIONS).connect_lazy_with(worker),
            counts: Arc::default(),
            running: Arc::default(),
            served: Served::default(),
            gives_way: false,
        }
    }

    /// For single statements. Never begin a transaction on it.
    pub fn reader(&self) -> &PgPool {
        &self.reader
    }

    /// The same database by the connections that are set aside for previews of bulk jobs.
    pub(crate) fn for_previews(&self) -> Self {
        Self {
            writer: self.previews.clone(),
            reader: self.previews.clone(),
            ..self.clone()
        }
    }

    /// The same database by the connections of the worker, also for its looking again. It writes all the time while a job runs:
    /// pages go on with the counts that they remember, and it gives way to them.
    pub(crate) fn for_worker(&self) -> Self {
        Self {
            writer: self.worker.clone(),
            reader: self.worker.clone(),
            previews: self.worker.clone(),
            counts: Arc::default(),
            gives_way: true,
            ..self.clone()
        }
    }

    /// Counts a request that is being answered, until what this answers is dropped.
    pub fn one_more_served(&self) -> served::Request {
        self.served.one_more()
    }

    /// From now on: whether anybody was served since is what [`served::Since::anyone`] tells.
    pub fn served_since_now(&self) -> served::Since {
        self.served.since_now()
    }

    /// Bulk jobs that run or begin in a moment, as of a moment ago: no page waits to know.
    pub fn running_jobs(&self) -> u32 {
        self.running.load(Ordering::Relaxed)
    }

    pub(crate) fn note_running_jobs(&self, count: u32) {
        self.running.store(count, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> &RememberedCounts {
        &self.counts
    }

    /// Something was written that lists count.
    pub(crate) fn written(&self) {
        self.counts.customers.forget();
        self.counts.configurations.forget();
    }

    /// A bulk job wrote what lists count, and is over.
    pub(crate) fn worked(&self) {
        self.counts.customers.age();
        self.counts.configurations.age();
    }

    pub(crate) async fn begin(
        &self,
        isolation: Isolation,
        clock: &Clock,
        who: Who,
    ) -> Result<Tx, AppError> {
        let mut inner = self.writer.begin_with(isolation.statement()).await?;
        let now = match clock.fixed_now() {
            Some(now) => now,
            None => {
                sqlx::query_scalar!(r#"select now() as "now!""#)
                    .fetch_one(&mut *inner)
                    .await?
            }
        };
        Ok(Tx {
            inner,
            now,
            counted_at: None,
            who,
            changes_lists: false,
            gives_way_to: self.gives_way.then(|| self.served.clone()),
        })
    }

    /// For changes that an operator makes at the command line, where nobody goes away and no one is signed in.
    pub(crate) async fn begin_unattended(
        &self,
    ) -> Result<Transaction<'static, Postgres>, AppError> {
        Ok(self.writer.begin().await?)
    }

    /// Whether the schema is as new as this binary.
    pub async fn schema_is_current(&self) -> Result<bool, sqlx::Error> {
        let applied = sqlx::raw_sql("select version from _sqlx_migrations where success")
            .fetch_all(&self.reader)
            .await;
        let applied: Vec<i64> = match applied {
            Ok(rows) => rows.iter().map(|row| row.get("version")).collect(),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => {
                Vec::new()
            }
            Err(other) => return Err(other),
        };
        Ok(MIGRATOR
            .iter()
            .all(|migration| applied.contains(&migration.version)))
    }
}

/// Every migration this binary knows.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

#[derive(Debug, Clone, Copy)]
pub(crate) enum Isolation {
    /// For writers, which lock the customer row before they look.
    ReadCommitted,
    /// For previews: one snapshot, and a promise to change nothing.
    Snapshot,
    /// For previews that are kept: one snapshot, and nothing written but the preview.
    KeptSnapshot,
}

impl Isolation {
    fn statement(self) -> &'static str {
        match self {
            Self::ReadCommitted => "begin isolation level read committed",
            Self::Snapshot => "begin isolation level repeatable read read only",
            Self::KeptSnapshot => "begin isolation level repeatable read",
        }
    }
}

/// Who asks, by which request, in which session and in which job.
#[derive(Debug, Clone)]
pub struct Who {
    pub actor: Actor,
    pub request: Request,
    /// Of a person who signed in.
    pub session: Option<SessionId>,
    pub job: Option<BulkJobId>,
}

/// An open transaction, its moment, and whoever it works for. Use cases take it, so that nothing is changed outside one.
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    now: DateTime<Utc>,
    counted_at: Option<DateTime<Utc>>,
    who: Who,
    changes_lists: bool,
    gives_way_to: Option<Served>,
}

impl Tx {
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The moment by which grace periods are over or not: that of the figures that a person confirmed, where there are some.
    pub fn counted_at(&self) -> DateTime<Utc> {
        self.counted_at.unwrap_or(self.now)
    }

    /// What is done is what was counted at this moment.
    pub(crate) fn do_as_counted_at(&mut self, moment: DateTime<Utc>) {
        self.counted_at = Some(moment);
    }

    pub fn actor(&self) -> &Actor {
        &self.who.actor
    }

    pub fn request(&self) -> &Request {
        &self.who.request
    }

    pub fn session(&self) -> Option<SessionId> {
        self.who.session
    }

    pub fn job(&self) -> Option<BulkJobId> {
        self.who.job
    }

    pub fn may(&self, action: Action) -> Result<(), AppError> {
        policy::may(Some(self.who.actor.role), action)
    }

    pub fn db(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// Between two statements, neither of which is short: a worker lets people go first.
    pub(crate) async fn give_way(&self) {
        if let Some(served) = &self.gives_way_to {
            served.give_way().await;
        }
    }

    /// Notes that lists count otherwise from now on.
    pub(crate) fn note_changed_lists(&mut self) {
        self.changes_lists = true;
    }

    pub(crate) fn changes_lists(&self) -> bool {
        self.changes_lists
    }

    pub(crate) async fn commit(self) -> Result<(), AppError> {
        self.inner.commit().await.map_err(AppError::from)
    }

    pub(crate) async fn rollback(self) {
        if let Err(error) = self.inner.rollback().await {
            tracing::warn!(%error, "a rollback failed; the connection is dropped and the database rolls back by itself");
        }
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{}ms", time.as_millis())
}

/// An update by id that touched another number of rows than meant is a defect or a race, never a success.
pub(crate) fn rows(result: &PgQueryResult, meant: usize) -> Result<(), AppError> {
    let touched = result.rows_affected();
    if touched == meant as u64 {
        Ok(())
    } else {
        Err(defect(&format!(
            "a statement meant for {meant} rows touched {touched}"
        )))
    }
}

/// Logs a cause that nobody outside may see, and answers with the id to find it by.
pub fn defect(cause: &dyn std::fmt::Display) -> AppError {
    let incident = Uuid::now_v7().simple().to_string();
    tracing::error!(%incident, %cause, "a request failed on our side");
    AppError::Internal { incident }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => {
                tracing::warn!(%error, "the database is away or busy");
                Self::Unavailable
            }
            sqlx::Error::Database(database) => match database.code().as_deref() {
                // Serialization failure, deadlock.
                Some("40001" | "40P01") => Self::Contended,
                Some("57014") => {
                    tracing::warn!(%error, "a statement took too long");
                    Self::TooSlow
                }
                // Who waits so briefly says so: the worker.
                Some("55P03") => Self::Locked,
                Some(code) if is_away(code) => {
                    tracing::warn!(%error, "the database is away or busy");
                    Self::Unavailable
                }
                _ => defect(&error),
            },
            _ => defect(&error),
        }
    }
}

/// Whether it is the database that is in trouble, and not the statement: connections fail, it has no room or too many
/// clients, a disk fails, it stops or starts, or a transaction was idle.
fn is_away(code: &str) -> bool {
    let class = code.get(..2).unwrap_or_default();
    matches!(class, "08" | "53" | "58") || matches!(code, "57P01" | "57P02" | "57P03" | "25P03")
}

/// Lets the application's role do its work: everything it needs on business tables, and on the audit log only to add and
/// to read. Does nothing where the owner is that role.
pub async fn grant(connection: &mut PgConnection, role: &str) -> Result<(), sqlx::Error> {
    let owner: String = sqlx::query_scalar!(r#"select current_user::text as "owner!""#)
        .fetch_one(&mut *connection)
        .await?;
    if owner == role {
        return Ok(());
    }
    let role = role.replace('"', "\"\"");
    let statements = format!(
        r#"
        grant usage on schema public to "{role}";
        grant select, insert, update, delete on all tables in schema public to "{role}";
        revoke update, delete, truncate on audit_entries from "{role}";
        revoke insert, update, delete on _sqlx_migrations from "{role}";
        "#
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(connection)
        .await?;
    Ok(())
}
