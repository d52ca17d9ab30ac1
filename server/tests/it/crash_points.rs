//! A bulk job that is stopped at each step of its chunk: the worker killed, or its connection to the database cut. A trigger
//! holds it there until the test has done so.

use crate::{
    bulk::{confirmed, job, preview_archive},
    harness::TestApp,
    kills::{AFTER_A_KILL, PATIENCE, Worker, a_minute_ago, some_with_invoices, until, until_over},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};
use std::time::Instant;

/// Where a worker is held: a name, and the trigger that holds it.
struct Point {
    name: &'static str,
    trigger: &'static str,
}

/// In the order in which a job meets them.
const POINTS: [Point; 9] = [
    Point {
        name: "begins the job",
        trigger: "trigger held before update on bulk_jobs for each row when (old.state = 'held')",
    },
    Point {
        name: "has claimed the chunk, and locks the first customer",
        trigger: "",
    },
    Point {
        name: "has locked and decided, and applies",
        trigger: "trigger held before update on customers for each statement",
    },
    Point {
        name: "is amid applying",
        trigger: "trigger held before update on invoices for each statement",
    },
    Point {
        name: "has applied, and writes the audit log",
        trigger: "trigger held before insert on audit_entries for each statement",
    },
    Point {
        name: "has written the audit log, and the outbox is next",
        trigger: "trigger held before insert on outbox_events for each statement",
    },
    Point {
        name: "writes the results",
        trigger: "trigger held before update on bulk_job_items for each statement",
    },
    Point {
        name: "ends the job",
        trigger: "trigger held before update on bulk_jobs for each row when (new.state = 'completed')",
    },
    Point {
        name: "commits",
        trigger: "constraint trigger held after update on bulk_job_items initially deferred for each row",
    },
];

const HOLD: &str = "create function hold() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(1); return new; end $$";
/// The worker that is held, by its wait.
const WAITS: &str = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'mothball' and wait_event_type = 'Lock'";
const CUT: &str = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'mothball' and wait_event_type = 'Lock'";
const CUSTOMERS: i32 = 500;

async fn run(app: &TestApp, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&app.pool)
        .await
        .unwrap();
}

/// What happens to a worker that is held.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// Killed; the database goes on with what it was told last, and finds nobody.
    Killed,
    /// Its connection is cut; the process lives on.
    CutOff,
    /// Frozen, so that it hears no answer to what the database now does; then killed.
    Unanswered,
}

async fn meet(app: &TestApp, point: &Point, fate: Fate, world: i32) {
    a_minute_ago(app);
    let first = world * CUSTOMERS + 1;
    let ids = some_with_invoices(app, first, first + CUSTOMERS - 1).await;
    let preview = preview_archive(app, &ids).await;
    let path = confirmed(app, &preview).await;
    let mut holder = app.pool.begin().await.unwrap();
    if point.trigger.is_empty() {
        sqlx::raw_sql("select from customers where archived_at is null for update")
            .execute(&mut *holder)
            .await
            .unwrap();
    } else {
        sqlx::raw_sql("select pg_advisory_xact_lock(1)")
            .execute(&mut *holder)
            .await
            .unwrap();
        run(
            app,
            format!("create {} execute function hold()", point.trigger),
        )
        .await;
    }
    let worker = Worker::start(app);
    until(app, point.name, PATIENCE, WAITS).await;
    match fate {
        Fate::Killed => worker.signal("-KILL"),
        Fate::CutOff => run(app, CUT.to_owned()).await,
        Fate::Unanswered => worker.signal("-STOP"),
    }
    holder.rollback().await.unwrap();
    if fate == Fate::Unanswered {
        let held = "select 1 - least(1, (select count(*) from pg_stat_activity where datname = current_database() and application_name = 'mothball' and wait_event_type = 'Lock'))";
        until(app, "the database has gone on", PATIENCE, held).await;
        worker.signal("-KILL");
    }
    let since = Instant::now();
    // Whoever was cut off goes on by itself; whoever is dead is followed by another.
    let _next = (fate != Fate::CutOff).then(|| Worker::start(app));
    until_over(app, AFTER_A_KILL).await;
    println!("{}: over after {:?}", point.name, since.elapsed());
    drop(worker);
    run(app, "drop trigger if exists held on bulk_jobs; drop trigger if exists held on customers; drop trigger if exists held on invoices; drop trigger if exists held on audit_entries; drop trigger if exists held on outbox_events; drop trigger if exists held on bulk_job_items".to_owned()).await;
    let done = job(app, &path).await;
    assert_eq!(
        (&done["state"], &done["successful_count"], &done["effects"]),
        (&json!("completed"), &json!(CUSTOMERS), &preview["effects"]),
        "{}: {done}",
        point.name
    );
    app.jobs_add_up().await;
    app.invariants().await;
}

async fn at_every_point(pool: PgPool, fate: Fate) {
    let app = TestApp::new(pool).await;
    run(&app, HOLD.to_owned()).await;
    for (world, point) in (0..).zip(&POINTS) {
        meet(&app, point, fate, world).await;
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_worker_killed_at_any_step_loses_and_doubles_nothing(pool: PgPool) {
    at_every_point(pool, Fate::Killed).await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_worker_cut_off_at_any_step_loses_and_doubles_nothing(pool: PgPool) {
    at_every_point(pool, Fate::CutOff).await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_worker_that_hears_no_answer_to_any_step_loses_and_doubles_nothing(pool: PgPool) {
    at_every_point(pool, Fate::Unanswered).await;
}
