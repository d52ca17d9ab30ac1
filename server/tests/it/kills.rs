//! Workers that are killed or frozen while they do bulk jobs: real processes, on the database of the test.

use crate::{
    bulk::{confirmed, job, numbered, preview_archive},
    harness::{TestApp, seed, times},
};
use app::clock::Clock;
use chrono::TimeDelta;
use serde_json::json;
use sqlx::{ConnectOptions, PgPool};
use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Far longer than anything here takes: what it took is printed, and a machine may stand still for a moment.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);
/// Promised: so long after a new worker has started, what others left is over.
pub(crate) const AFTER_A_KILL: Duration = Duration::from_secs(10);

/// A process that does nothing but bulk jobs. It dies with the test.
pub(crate) struct Worker(Child);

impl Worker {
    pub(crate) fn start(app: &TestApp) -> Self {
        let url = app.pool.connect_options().to_url_lossy();
        let child = Command::new(env!("CARGO_BIN_EXE_mothball"))
            .arg("work")
            .env("DATABASE_URL", url.as_str())
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success(), "{name} reaches the worker");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Without a warning, as a machine fails; it may be frozen, too.
        let _gone_already = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Confirmed a minute ago, so that no worker waits for the hold to pass.
pub(crate) fn a_minute_ago(app: &TestApp) {
    let now = Clock::Database.now();
    app.state.clock.set(now - TimeDelta::minutes(1));
}

async fn open_jobs(app: &TestApp) -> i64 {
    app.count(
        "select count(*) from bulk_jobs where state in ('scheduled', 'held', 'running', 'paused')",
    )
    .await
}

/// Waits until `sql` counts something.
pub(crate) async fn until(
    app: &TestApp,
    what: &str,
    patience: Duration,
    sql: &'static str,
) -> Duration {
    let since = Instant::now();
    while app.count(sql).await == 0 {
        assert!(since.elapsed() < patience, "{what} within {patience:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    since.elapsed()
}

pub(crate) async fn until_over(app: &TestApp, patience: Duration) -> Duration {
    let over = "select 1 - least(1, count(*)) from bulk_jobs where state in ('scheduled', 'held', 'running', 'paused')";
    until(app, "every job is over", patience, over).await
}

/// Customers of whom every 17th has a contract with an invoice.
pub(crate) async fn some_with_invoices(app: &TestApp, first: i32, last: i32) -> Vec<String> {
    let ids = numbered(app, first, last).await;
    for (n, id) in ids.iter().step_by(17).enumerate() {
        let contract = app.contract(id, None).await;
        let number = format!("INV-{first}-{n}");
        app.invoice(id, &contract, &number, "DRAFT", None).await;
    }
    ids
}

/// Confirmed jobs of 500 customers in all, of whom 30 have a contract with an invoice: one job, or five; answers their paths
/// and the rows of each.
async fn jobs(app: &TestApp, world: i32) -> (Vec<String>, usize) {
    a_minute_ago(app);
    let ids = some_with_invoices(app, world * 500 + 1, world * 500 + 500).await;
    let rows = if world % 2 == 0 { 500 } else { 100 };
    let mut paths = Vec::new();
    for some in ids.chunks(rows) {
        let preview = preview_archive(app, some).await;
        paths.push(confirmed(app, &preview).await);
    }
    (paths, rows)
}

/// Kills one worker after another, each at some moment of its first 600 ms, until there is nothing left to do or `most` are
/// dead; the next one is left alone. Answers how many died, how many of them inside a transaction, and how long the last one
/// took.
async fn kill_and_restart(
    app: &TestApp,
    random: &mut fastrand::Rng,
    most: usize,
) -> (usize, usize, Duration) {
    let inside = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'mothball' and xact_start is not null and pid <> pg_backend_pid()";
    let (mut killed, mut amid) = (0, 0);
    while killed < most {
        let worker = Worker::start(app);
        tokio::time::sleep(Duration::from_millis(random.u64(0..600))).await;
        if open_jobs(app).await == 0 {
            break;
        }
        amid += usize::from(app.count(inside).await > 0);
        drop(worker);
        killed += 1;
    }
    let _worker = Worker::start(app);
    let took = until_over(app, AFTER_A_KILL).await;
    (killed, amid, took)
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_worker_killed_at_any_moment_loses_and_doubles_nothing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let wanted = times("KILLS", 20);
    let seed = seed();
    println!("SEED={seed} begins with the same chance");
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut kills, mut amid, mut slowest, mut world) = (0, 0, Duration::ZERO, 0);
    while kills < wanted {
        let (paths, rows) = jobs(&app, world).await;
        let most = (wanted - kills).min(10);
        let (killed, inside, took) = kill_and_restart(&app, &mut random, most).await;
        kills += killed;
        amid += inside;
        slowest = slowest.max(took);
        world += 1;
        for path in paths {
            let done = job(&app, &path).await;
            assert_eq!(
                (&done["state"], &done["successful_count"], &done["effects"]),
                (&json!("completed"), &json!(rows), &done["foreseen"]),
                "world {world}: {done}"
            );
        }
        app.jobs_add_up().await;
        app.invariants().await;
    }
    println!(
        "{kills} killed in {world} worlds, {amid} of them in a transaction; the last of each ended its jobs within {slowest:?}"
    );
}

/// All that a worker may change, as one number.
const ALL: &str = "select hashtextextended(string_agg(row, ' ' order by row), 0) from (select t::text as row from customers t union all select t::text from contracts t union all select t::text from invoices t union all select t::text from audit_entries t union all select t::text from outbox_events t union all select t::text from bulk_jobs t union all select t::text from bulk_job_items t) rows";

/// A worker waits for `rows` in the middle of two chunks, and is frozen there while it gets them.
async fn freeze_where_it_needs(app: &TestApp, rows: &'static str) {
    a_minute_ago(app);
    let ids = some_with_invoices(app, 1, 220).await;
    let preview = preview_archive(app, &ids[..200]).await;
    let path = confirmed(app, &preview).await;
    sqlx::raw_sql(
        "update bulk_jobs set state = 'running', started_at = run_at where state = 'held'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let mut holder = app.pool.begin().await.unwrap();
    sqlx::raw_sql(rows).execute(&mut *holder).await.unwrap();
    let frozen = Worker::start(app);
    let waits = "select count(*) / 2 from pg_stat_activity where datname = current_database() and application_name = 'mothball' and wait_event_type = 'Lock'";
    until(app, "it waits with both", PATIENCE, waits).await;
    frozen.signal("-STOP");
    holder.rollback().await.unwrap();

    let other = Worker::start(app);
    let took = until_over(app, PATIENCE).await;
    println!("another did the chunks after {took:?}");
    drop(other);
    let done = job(app, &path).await;
    assert_eq!(
        (&done["state"], &done["successful_count"], &done["effects"]),
        (&json!("completed"), &json!(200), &preview["effects"]),
        "{done}"
    );
    let before = app.count(ALL).await;
    let longer = Duration::from_secs(times("FROZEN_SECONDS", 0) as u64);
    tokio::time::sleep(longer).await;
    frozen.signal("-CONT");
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(
        app.count(ALL).await,
        before,
        "it wrote something when it woke"
    );
    app.jobs_add_up().await;

    // It is awake, and good for the next job.
    confirmed(app, &preview_archive(app, &ids[200..]).await).await;
    until_over(app, PATIENCE).await;
    app.jobs_add_up().await;
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_frozen_worker_that_wakes_writes_nothing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let customers =
        "select from customers where customer_key in ('many-50', 'many-150') for update";
    freeze_where_it_needs(&app, customers).await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_worker_frozen_at_its_last_statement_writes_nothing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    freeze_where_it_needs(&app, "select from bulk_jobs for update").await;
}
