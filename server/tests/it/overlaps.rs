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
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

const OPEN: &str = "select count(*) from bulk_jobs where state in ('held', 'running')";

/// Does what there is to do until every job is over.
async fn work(app: &TestApp) {
    let ctx = app.state.anonymous(Request::default());
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
    app.state
        .clock
        .set(app.state.clock.now() + TimeDelta::seconds(11));
    let seed = fastrand::u64(..);
    println!("seed {seed}");
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
