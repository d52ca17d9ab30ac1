//! Bulk jobs: what a worker makes of them, and how they are stopped, resumed, undone and forgotten.

use crate::{
    bulk::{
        REASON, by, confirmed, job, many, numbered, pass_the_hold, preview, preview_archive,
        results, three, work,
    },
    harness::TestApp,
};
use app::auth::Role;
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use server::broom;
use sqlx::{AssertSqlSafe, PgPool};
use std::time::Duration;

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_job_can_be_cancelled_paused_and_resumed(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = many(&app, 250).await;
    let cancelled = confirmed(&app, &preview_archive(&app, &ids).await).await;
    assert_eq!(
        app.post(&format!("{cancelled}/cancel"), &json!({}))
            .await
            .status,
        StatusCode::OK
    );
    work(&app).await;
    assert_eq!(
        app.count("select count(*) from customers where archived_at is not null")
            .await,
        0
    );
    let answer = app.post(&format!("{cancelled}/resume"), &json!({})).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (StatusCode::CONFLICT, &json!("job_state"))
    );

    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    pass_the_hold(&app);
    let later = |seconds| {
        let clock = &app.state.clock;
        clock.set(clock.now() + TimeDelta::seconds(seconds));
    };
    for _ in 0..2 {
        assert!(app.advance().await, "it begins, and does a chunk");
    }
    later(4);
    assert_eq!(job(&app, &path).await["seconds_left"], 10, "100 in 4 s");
    assert_eq!(
        app.post(&format!("{path}/pause"), &json!({})).await.status,
        StatusCode::OK
    );
    app.work().await;
    let paused = job(&app, &path).await;
    assert_eq!(
        (&paused["state"], &paused["remaining_count"]),
        (&json!("paused"), &json!(150))
    );
    assert_eq!(paused["seconds_left"], Value::Null);
    later(3_600);
    assert_eq!(
        app.post(&format!("{path}/resume"), &json!({})).await.status,
        StatusCode::OK
    );
    assert!(app.advance().await, "it goes on");
    later(10);
    assert_eq!(
        job(&app, &path).await["seconds_left"],
        5,
        "100 in 10 s, and the pause is no work"
    );
    app.work().await;
    assert_eq!(job(&app, &path).await["state"], "completed");
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn one_bad_row_fails_alone(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = many(&app, 40).await;
    sqlx::raw_sql("alter table customers add constraint poison check (customer_key <> 'many-13' or archived_at is null)")
        .execute(&app.pool)
        .await
        .unwrap();
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    work(&app).await;
    let results = results(&app, &path).await;
    assert_eq!(results.iter().filter(|result| *result == "ok").count(), 39);
    assert_eq!(results[12], "failed internal");
    app.invariants().await;

    let mut whole = json!({ "action": "archive_customers", "selection": { "ids": [ids[12]] } });
    let extra: Vec<String> = vec![
        app.customer("With it").await,
        app.customer("And with it").await,
    ];
    whole["selection"]["ids"] = json!([ids[12], extra[0], extra[1]]);
    whole["options"] = json!({ "all_or_nothing": true });
    let path = confirmed(&app, &preview(&app, whole).await).await;
    work(&app).await;
    assert_eq!(job(&app, &path).await["failed_count"], 3);
    assert_eq!(
        app.count("select count(*) from customers where archived_at is null")
            .await,
        3
    );
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_is_all_or_nothing_is_nothing_where_one_row_moved(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let body = json!({ "action": "archive_customers", "selection": { "ids": ids }, "options": { "all_or_nothing": true } });
    let path = confirmed(&app, &preview(&app, body).await).await;
    app.contract(&ids[1], None).await;
    work(&app).await;
    assert_eq!(
        results(&app, &path).await,
        [
            "failed all_or_nothing",
            "failed changed_since_preview",
            "failed all_or_nothing"
        ]
    );
    assert_eq!(
        app.count("select count(*) from customers where archived_at is not null")
            .await,
        0
    );
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_a_job_archived_can_be_put_back(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    work(&app).await;
    // Somebody touched this one since.
    let touch = format!(
        "update customers set archived_at = null, archived_by = null, archive_reason = null, version = version + 1 where id = '{}'",
        ids[0]
    );
    sqlx::raw_sql(AssertSqlSafe(touch))
        .execute(&app.pool)
        .await
        .unwrap();
    let undo = app.post(&format!("{path}/undo"), &json!({})).await.json()["data"].clone();
    assert_eq!(
        (&undo["action"], &undo["changing"]),
        (&json!("unarchive_customers"), &json!(2)),
        "{undo}"
    );
    let undone = confirmed(&app, &undo).await;
    work(&app).await;
    assert_eq!(job(&app, &undone).await["successful_count"], 2);
    assert_eq!(
        app.count("select count(*) from customers where archived_at is not null")
            .await,
        0
    );
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn who_may_no_longer_do_it_does_not(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    sqlx::raw_sql(
        "update api_keys set revoked_at = '2026-11-20T12:00:00Z' where role = 'operator'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    work(&app).await;
    let stands = by(&app, Role::Admin, Method::GET, &path, &json!({}))
        .await
        .json();
    assert_eq!(
        (&stands["data"]["state"], &stands["data"]["paused_because"]),
        (&json!("paused"), &json!("not_allowed"))
    );
    let resume = format!("{path}/resume");
    let refused = by(&app, Role::Admin, Method::POST, &resume, &json!({})).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (StatusCode::CONFLICT, &json!("not_allowed"))
    );
    assert_eq!(
        app.count("select count(*) from customers where archived_at is not null")
            .await,
        0
    );
}

/// A worker that finds that it may not go on waits for the job's row, because a person is about to cancel the job.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_a_person_cancelled_is_not_paused(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    pass_the_hold(&app);
    assert!(app.advance().await, "it begins");
    sqlx::raw_sql(
        "update api_keys set revoked_at = '2026-11-20T12:00:00Z' where role = 'operator'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let mut person = app.pool.begin().await.unwrap();
    sqlx::raw_sql("update bulk_jobs set state = 'cancelled', ended_at = '2026-11-20T12:00:11Z'")
        .execute(&mut *person)
        .await
        .unwrap();
    let cancels = async {
        let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while app.count(waits).await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        person.commit().await.unwrap();
    };
    tokio::join!(app.work(), cancels);
    let stands = by(&app, Role::Admin, Method::GET, &path, &json!({}))
        .await
        .json();
    assert_eq!(stands["data"]["state"], "cancelled", "{stands}");
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_scheduled_job_is_looked_at_again_at_its_time(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let mut paths = Vec::new();
    for id in &ids[..2] {
        let preview = preview_archive(&app, std::slice::from_ref(id)).await;
        let body = json!({ "preview_token": preview["token"], "reason": REASON, "run_at": "2026-12-01T00:00:00Z" });
        let answer = app.post("/v1/bulk-jobs", &body).await;
        assert_eq!(
            (answer.status, &answer.json()["data"]["state"]),
            (StatusCode::ACCEPTED, &json!("scheduled"))
        );
        paths.push(answer.header("location").to_owned());
    }
    // Resuming would begin before its day.
    let paused = app.post(&format!("{}/pause", paths[0]), &json!({})).await;
    assert_eq!(
        (paused.status, &paused.json()["code"]),
        (StatusCode::CONFLICT, &json!("job_state"))
    );
    // One will do more than was confirmed; the other changed, and will not.
    let contract = app.contract(&ids[0], None).await;
    app.invoice(&ids[0], &contract, "INV-more", "DRAFT", None)
        .await;
    app.post(
        &format!("/v1/customers/{}/setName", ids[1]),
        &json!({ "name": "Renamed" }),
    )
    .await;
    work(&app).await;
    assert_eq!(job(&app, &paths[0]).await["state"], "scheduled");
    app.state.clock.set("2026-12-01T00:00:01Z".parse().unwrap());
    app.work().await;
    let (grew, ran) = (job(&app, &paths[0]).await, job(&app, &paths[1]).await);
    assert_eq!(
        (&grew["state"], &grew["paused_because"]),
        (&json!("paused"), &json!("effects_grew"))
    );
    assert_eq!(ran["state"], "completed", "{ran}");
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn configurations_of_one_customer_are_done_together(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut configurations = Vec::new();
    for n in 0..3 {
        let customer = app.customer(&format!("Several {n}")).await;
        for m in 0..3 {
            let key = format!("key-{n}-{m}");
            configurations.push(app.configuration(&customer, Some(&key)).await);
        }
        app.contract(&customer, configurations.last().map(String::as_str))
            .await;
    }
    let body = json!({ "action": "archive_billing_configurations", "selection": { "ids": configurations } });
    let asked = preview(&app, body).await;
    assert_eq!(
        (
            &asked["changing"],
            &asked["effects"]["uniqueness_keys_freed"],
            &asked["effects"]["configurations_detached"]
        ),
        (&json!(9), &json!(9), &json!(3))
    );
    let path = confirmed(&app, &asked).await;
    work(&app).await;
    let done = job(&app, &path).await;
    assert_eq!(
        (&done["state"], &done["effects"]),
        (&json!("completed"), &asked["effects"])
    );
    app.invariants().await;

    // Somebody else took one of the keys.
    let taker = app.customer("Taker").await;
    app.configuration(&taker, Some("key-1-1")).await;
    let body = json!({ "action": "unarchive_billing_configurations", "selection": { "ids": configurations } });
    let asked = preview(&app, body).await;
    assert_eq!(
        (&asked["changing"], &asked["blocked"]),
        (&json!(8), &json!(1))
    );
    let path = confirmed(&app, &asked).await;
    work(&app).await;
    let done = job(&app, &path).await;
    assert_eq!(
        (&done["successful_count"], &done["skipped_count"]),
        (&json!(8), &json!(1))
    );
    app.invariants().await;
}

/// Of 500 customers with two configurations each, of whom some have a third one that is archived already.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_is_all_or_nothing_is_one_chunk(pool: PgPool) {
    let app = TestApp::new(pool).await;
    many(&app, 500).await;
    sqlx::raw_sql(
        r#"
        insert into billing_provider_configurations
            (id, customer_id, billing_provider, delivery_method, delivery_method_id, created_at, updated_at, archived_at, archived_by)
        select gen_random_uuid(), id, 'stripe', 'direct_to_billing_provider', gen_random_uuid(), at, at,
            case when n = 3 then at end, case when n = 3 then jsonb '{"kind": "person", "id": "00000000-0000-0000-0000-000000000000", "name": "Tester", "role": "operator"}' end
        from customers, generate_series(1, 3) n, (select timestamptz '2026-11-20T12:00:00Z' as at) now
        where n < 3 or customer_key like 'many-50%'
        "#,
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let body = json!({
        "action": "archive_billing_configurations", "selection": { "all_matching": {} }, "options": { "all_or_nothing": true },
    });
    let asked = preview(&app, body).await;
    assert_eq!(
        (&asked["changing"], &asked["skipped"]),
        (&json!(1_000), &json!(2))
    );
    assert_eq!(
        app.count("select count(distinct chunk) from bulk_job_items")
            .await,
        1
    );
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn results_are_kept_for_ninety_days_and_figures_for_ever(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    work(&app).await;
    let page = path.replace("/v1/bulk-jobs", "/jobs");
    let ended = app.state.clock.now();
    let kept = "select count(*) from bulk_job_items";
    for (days, rows) in [(89, 3), (91, 0)] {
        app.state.clock.set(ended + TimeDelta::days(days));
        broom::sweep(&app.state.db, &app.state.clock).await;
        assert_eq!(app.count(kept).await, rows, "after {days} days");
    }
    let told = app.get(&format!("{path}/items")).await;
    assert_eq!(
        (told.status, &told.json()["code"]),
        (StatusCode::GONE, &json!("results_forgotten"))
    );
    let done = job(&app, &path).await;
    assert_eq!(done["successful_count"], 3, "{done}");
    let cookie = app.sign_in(Role::Operator).await;
    let shown = app.page(&page, &cookie).await.text();
    assert!(shown.contains("kept for 90 days") && !shown.contains("Undo what"));
    let file = app.page(&format!("{page}/results.csv"), &cookie).await;
    assert_eq!(file.status, StatusCode::GONE);
    assert!(
        file.text().contains("Back to the job") && file.text().contains("aria-label=\"Main\""),
        "it is said in the frame of the console"
    );
    // What is still on its way keeps its rows, however long ago it was confirmed.
    let others = numbered(&app, 1, 2).await;
    let waiting = confirmed(&app, &preview_archive(&app, &others).await).await;
    app.state
        .clock
        .set(app.state.clock.now() + TimeDelta::days(200));
    broom::sweep(&app.state.db, &app.state.clock).await;
    assert_eq!(results(&app, &waiting).await.len(), 2);
}
