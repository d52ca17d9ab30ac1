//! Jobs that want the same customers, while people archive and unarchive some of them by hand.

use crate::{
    bulk::{confirmed, many, preview_archive},
    harness::TestApp,
};
use app::{bulk_jobs, context::Request};
use axum::http::StatusCode;
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::json;
use sqlx::PgPool;
use std::sync::atomic::{AtomicBool, Ordering};

const OPEN: &str = "select count(*) from bulk_jobs where state in ('held', 'running')";

/// Does what there is to do until every job is over.
async fn work(app: &TestApp) {
    let ctx = app.state.anonymous(Request::default());
    while app.count(OPEN).await > 0 {
        bulk_jobs::service::advance(&ctx).await.unwrap();
    }
}

/// Archives and unarchives customers with even numbers until it is told to stop; answers how often.
async fn meddle(app: &TestApp, ids: &[String], seed: u64, over: &AtomicBool) -> usize {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut times = 0;
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
        times += 1;
    }
    times
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
    app.state
        .clock
        .set(app.state.clock.now() + TimeDelta::seconds(11));
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let over = AtomicBool::new(false);
    let workers = async {
        join_all((0..4).map(|_| work(&app))).await;
        over.store(true, Ordering::Relaxed);
    };
    let clients = join_all((0..4).map(|n| meddle(&app, &ids, seed.wrapping_add(n), &over)));
    let ((), times) = tokio::join!(workers, clients);
    println!("clients were answered {times:?} times");
    assert!(times.iter().sum::<usize>() > 0);

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
            "select count(*) from customers c where substr(customer_key, 6)::int % 2 = 1 and (archived_at is null or 1 <> (select count(*) from bulk_job_items i where i.customer_id = c.id and i.state = 'ok'))",
        ),
        (
            "nobody was the victim of a deadlock",
            "select deadlocks from pg_stat_database where datname = current_database()",
        ),
    ] {
        assert_eq!(app.count(sql).await, 0, "broken: {rule}");
    }
    assert_eq!(
        app.count("select count(*) from bulk_job_items i join customers c on c.id = i.customer_id where i.state = 'skipped' and substr(c.customer_key, 6)::int % 2 = 1").await,
        900,
        "each of the 450 was done once, and twice found done"
    );
}
