//! Bulk jobs: what waits for whom, and what must not.

use crate::{
    bulk::{confirmed, job, pass_the_hold, preview, preview_archive, results, scheduled, three},
    harness::TestApp,
    kills::{PATIENCE, until},
};
use app::{bulk_jobs::service, error::AppError};
use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Shorter than anything waits for a lock.
const SOON: Duration = Duration::from_secs(5);

/// Holds what this statement locks until it is dropped.
async fn holding(app: &TestApp, sql: String) -> Transaction<'static, Postgres> {
    let mut holder = app.pool.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut *holder)
        .await
        .unwrap();
    holder
}

/// Somebody's lock is no reason to leave a row undone, or to let the others wait.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_customer_that_somebody_has_locked_is_done_last(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    pass_the_hold(&app);
    let locked = format!("select from customers where id = '{}' for update", ids[0]);
    let holder = holding(&app, locked).await;
    // It begins, meets the lock, and then tries each on its own.
    for _ in 0..5 {
        app.advance().await;
    }
    assert_eq!(results(&app, &path).await, ["pending", "ok", "ok"]);
    holder.rollback().await.unwrap();
    app.work().await;
    assert_eq!(results(&app, &path).await, ["ok", "ok", "ok"]);
    app.jobs_add_up().await;
    app.invariants().await;
}

/// A job whose last customer somebody holds for hours is no reason for another to wait.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_locked_customer_holds_up_no_other_job(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let held_up = confirmed(&app, &preview_archive(&app, &ids[..1]).await).await;
    let other = confirmed(&app, &preview_archive(&app, &ids[1..]).await).await;
    pass_the_hold(&app);
    let locked = format!("select from customers where id = '{}' for update", ids[0]);
    let holder = holding(&app, locked).await;
    for _ in 0..4 {
        app.advance().await;
    }
    assert_eq!(job(&app, &other).await["state"], "completed");
    let again = Instant::now();
    assert!(!app.advance().await, "a worker rests before it tries again");
    assert!(
        again.elapsed() < SOON,
        "and does not wait as long as before"
    );
    holder.rollback().await.unwrap();
    app.work().await;
    assert_eq!(job(&app, &held_up).await["state"], "completed");
    app.jobs_add_up().await;
}

/// What is to be done whole waits as a whole, and not for long at a time.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn all_or_nothing_waits_for_a_customer_that_somebody_has_locked(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let whole = json!({ "action": "archive_customers", "selection": { "ids": ids }, "options": { "all_or_nothing": true } });
    let path = confirmed(&app, &preview(&app, whole).await).await;
    pass_the_hold(&app);
    assert!(app.advance().await, "it begins");
    let locked = format!("select from customers where id = '{}' for update", ids[0]);
    let holder = holding(&app, locked).await;
    let ctx = app.state.anonymous(app::context::Request::default());
    let soon = timeout(SOON, service::advance(&ctx)).await.unwrap();
    assert_eq!(soon, Err(AppError::Locked));
    assert_eq!(job(&app, &path).await["remaining_count"], 3);
    holder.rollback().await.unwrap();
    app.work().await;
    assert_eq!(results(&app, &path).await, ["ok", "ok", "ok"]);
    app.jobs_add_up().await;
}

/// A preview of a job's rows refers to the job for as long as it counts.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_job_is_stopped_while_a_preview_comes_from_it(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    let _preview = holding(&app, "select from bulk_jobs for key share".to_owned()).await;
    let cancel = format!("{path}/cancel");
    let cancelled = timeout(SOON, app.post(&cancel, &json!({}))).await.unwrap();
    assert_eq!(cancelled.status, StatusCode::OK, "{}", cancelled.text());
}

/// All its rows are counted again, and a person need not wait for that.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_scheduled_job_is_cancelled_while_it_is_looked_at_again(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let path = scheduled(&app, &preview_archive(&app, &ids).await).await;
    app.state.clock.set("2026-12-01T00:00:01Z".parse().unwrap());
    let last = "select from bulk_job_items where position = 2 for update";
    let holder = holding(&app, last.to_owned()).await;
    let (worked, ()) = tokio::join!(app.advance(), async {
        let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        until(&app, "it has counted", PATIENCE, waits).await;
        let cancel = format!("{path}/cancel");
        let cancelled = timeout(SOON, app.post(&cancel, &json!({}))).await.unwrap();
        assert_eq!(cancelled.status, StatusCode::OK, "{}", cancelled.text());
        holder.rollback().await.unwrap();
    });
    assert!(!worked, "nothing is left to do");
    assert_eq!(job(&app, &path).await["state"], "cancelled");
    assert_eq!(job(&app, &path).await["successful_count"], 0);
    app.invariants().await;
}

/// Two servers clear up at the same time: neither waits for the other, or stumbles over what it has not removed yet.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn two_servers_forget_the_same_previews(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    preview_archive(&app, &ids).await;
    let later = app.state.clock.now() + TimeDelta::days(30);
    let other = holding(&app, "delete from bulk_job_items".to_owned()).await;
    let forget = || service::forget_some(&app.state.db, later, 1_000);
    assert_eq!(timeout(SOON, forget()).await.unwrap(), Ok(0));
    other.rollback().await.unwrap();
    assert_eq!(forget().await, Ok(3));
    assert_eq!(forget().await, Ok(1));
    assert_eq!(app.count("select count(*) from bulk_jobs").await, 0);
}
