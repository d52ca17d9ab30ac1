//! Jobs that want the same customers, while people archive and unarchive some of them by hand, and stop jobs.

use crate::{
    bulk::{confirmed, job, many, pass_the_hold, preview_archive},
    harness::{TestApp, limits, seed},
    kills::PATIENCE,
};
use app::{bulk_jobs, context::Request, db::Db};
use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::json;
use server::state::AppState;
use sqlx::PgPool;
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

const OPEN: &str = "select count(*) from bulk_jobs where state in ('held', 'running')";
pub(crate) const DEADLOCKS: &str =
    "select deadlocks from pg_stat_database where datname = current_database()";

/// As a server of its own, does what there is to do until every job is over.
async fn work(app: &TestApp) {
    let state = AppState {
        db: Db::with_options(&app.pool.connect_options(), limits(1)),
        ..app.state.clone()
    };
    let ctx = state.anonymous(Request::default());
    while app.count(OPEN).await > 0 {
        bulk_jobs::service::advance(&ctx).await.unwrap();
    }
}

/// Archives and unarchives customers with even numbers until it is told to stop, and counts how often.
async fn meddle(
    app: &TestApp,
    ids: &[String],
    seed: u64,
    over: &AtomicBool,
    answered: &AtomicUsize,
) {
    let mut random = fastrand::Rng::with_seed(seed);
    while !over.load(Ordering::Relaxed) {
        let n = random.usize(0..ids.len() / 2) * 2 + 1;
        let answer = if random.bool() {
            app.post("/v1/customers/archive", &json!({ "id": ids[n] }))
                .await
        } else {
            let path = format!("/api/v1/customers/many-{}/unarchive", n + 1);
            app.post(&path, &json!({})).await
        };
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answered.fetch_add(1, Ordering::Relaxed);
    }
}

/// Three jobs of 1,500 customers of whom they share 900, four workers, four clients.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn jobs_over_the_same_customers_archive_each_once(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = many(&app, 2_700).await;
    for id in ids.iter().step_by(45) {
        app.contract(id, None).await;
    }
    let (shared, rest) = ids.split_at(900);
    for own in rest.chunks(600) {
        let preview = preview_archive(&app, &[shared, own].concat()).await;
        confirmed(&app, &preview).await;
    }
    pass_the_hold(&app);
    let seed = seed();
    println!("SEED={seed} begins with the same chance");
    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let workers = async {
        // Some rows have moved before their turn comes, others move while it is theirs.
        while answered.load(Ordering::Relaxed) < 100 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        join_all((0..4).map(|_| work(&app))).await;
        over.store(true, Ordering::Relaxed);
    };
    let clients =
        join_all((0..4).map(|n| meddle(&app, &ids, seed.wrapping_add(n), &over, &answered)));
    tokio::join!(workers, clients);
    println!("clients were answered {} times", answered.into_inner());

    app.jobs_add_up().await;
    app.invariants().await;
    for (rule, sql) in [
        (
            "what was not done was archived by another, or touched by a person",
            "select count(*) from bulk_job_items where state <> 'ok' and (state, code) not in (('skipped', 'already_archived'), ('failed', 'changed_since_preview'))",
        ),
        (
            "what no person touched did not fail",
            "select count(*) from bulk_job_items i join customers c on c.id = i.customer_id where i.state = 'failed' and substr(c.customer_key, 6)::int % 2 = 1",
        ),
        (
            "what no person touched was archived by one job, and its others were told so",
            "select count(*) from (select c.archived_at, count(*) filter (where i.state = 'ok') as times from customers c join bulk_job_items i on i.customer_id = c.id where substr(c.customer_key, 6)::int % 2 = 1 group by c.id) c where archived_at is null or times <> 1",
        ),
        (
            "what a job archived was as it was previewed",
            "select count(*) from bulk_job_items i join audit_entries a on a.job_id = i.job_id and a.customer_id = i.customer_id and a.action = 'customer.archived' where i.state = 'ok' and i.version <> (select count(*) from audit_entries b where b.customer_id = a.customer_id and b.id < a.id)",
        ),
        ("nobody was the victim of a deadlock", DEADLOCKS),
    ] {
        assert_eq!(app.count(sql).await, 0, "broken: {rule}");
    }
    assert_eq!(
        app.count("select count(*) from bulk_job_items i join customers c on c.id = i.customer_id where i.state = 'skipped' and substr(c.customer_key, 6)::int % 2 = 1").await,
        900,
        "each of the 450 was done once, and twice found done"
    );
}

/// A transaction that holds a customer in the middle of a chunk.
async fn hold_one(app: &TestApp) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut holder = app.pool.begin().await.unwrap();
    sqlx::raw_sql("select from customers where customer_key = 'many-50' for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    holder
}

pub(crate) async fn until_waiting(app: &TestApp, count: i64) {
    let since = Instant::now();
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while app.count(waits).await < count {
        assert!(since.elapsed() < PATIENCE, "{count} wait for a lock");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Both do a chunk at the same time. Were customers locked in another order than that of their ids, each of two servers would
/// have some that the other needs.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn servers_that_want_the_same_customers_take_turns(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = many(&app, 100).await;
    for _ in 0..2 {
        confirmed(&app, &preview_archive(&app, &ids).await).await;
    }
    pass_the_hold(&app);
    let holder = hold_one(&app).await;
    let person = async {
        until_waiting(&app, 2).await;
        holder.rollback().await.unwrap();
    };
    tokio::join!(work(&app), work(&app), person);
    // A connection tells of its deadlocks once a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(app.count(DEADLOCKS).await, 0);
    for (state, count) in [("ok", 100), ("skipped", 100)] {
        let sql = format!("select count(*) from bulk_job_items where state = '{state}'");
        assert_eq!(app.count(sql).await, count, "{state}");
    }
    app.invariants().await;
}

/// A person stops a job of several chunks while a worker waits for a customer in the middle of the first; answers the job's path.
async fn stop_amid_a_chunk(app: &TestApp, ids: &[String], how: &str) -> String {
    let path = confirmed(app, &preview_archive(app, ids).await).await;
    pass_the_hold(app);
    assert!(app.advance().await, "it begins");
    let holder = hold_one(app).await;
    let person = async {
        until_waiting(app, 1).await;
        let answer = app.post(&format!("{path}/{how}"), &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        holder.rollback().await.unwrap();
    };
    tokio::join!(app.work(), person);
    path
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_chunk_whose_job_is_stopped_is_undone(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = many(&app, 1_100).await;
    let touched = "select (select count(*) from customers where archived_at is not null) + (select count(*) from audit_entries where action = 'customer.archived') + (select count(*) from bulk_job_items where state <> 'pending')";

    stop_amid_a_chunk(&app, &ids, "cancel").await;
    assert_eq!(app.count(touched).await, 0, "cancelled");
    let path = stop_amid_a_chunk(&app, &ids, "pause").await;
    assert_eq!(app.count(touched).await, 0, "paused");

    let answer = app.post(&format!("{path}/resume"), &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    app.work().await;
    assert_eq!(job(&app, &path).await["successful_count"], 1_100);
    app.invariants().await;
}
