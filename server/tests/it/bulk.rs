//! Bulk jobs: preview, confirm, and what a worker makes of it.

use crate::harness::{Answer, TestApp};
use app::auth::Role;
use axum::http::{Method, StatusCode, header};
use chrono::TimeDelta;
use serde_json::{Value, json};
use server::broom;
use sqlx::{AssertSqlSafe, PgPool, Row};
use std::time::Duration;

const REASON: &str = "Wound down, SUP-1";

/// A request by the key of a role.
async fn by(app: &TestApp, role: Role, method: Method, path: &str, body: &Value) -> Answer {
    let mut request = app.request(method, path, Some(body));
    let key = format!("Bearer {}", app.key(role)).parse().unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, key);
    app.send(request).await
}

pub(crate) async fn preview(app: &TestApp, body: Value) -> Value {
    let answer = app.post("/v1/bulk-previews", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["data"].clone()
}

pub(crate) async fn preview_archive(app: &TestApp, ids: &[String]) -> Value {
    preview(
        app,
        json!({ "action": "archive_customers", "selection": { "ids": ids } }),
    )
    .await
}

pub(crate) async fn confirm(app: &TestApp, preview: &Value) -> Answer {
    app.post(
        "/v1/bulk-jobs",
        &json!({ "preview_token": preview["token"], "reason": REASON }),
    )
    .await
}

/// Confirms, and answers the job's path.
pub(crate) async fn confirmed(app: &TestApp, preview: &Value) -> String {
    let answer = confirm(app, preview).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    answer.header("location").to_owned()
}

pub(crate) async fn job(app: &TestApp, path: &str) -> Value {
    app.get(path).await.json()["data"].clone()
}

/// Results by code, in order.
async fn results(app: &TestApp, path: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut next = String::new();
    loop {
        let page = app
            .get(&format!("{path}/items?limit=100&next_page={next}"))
            .await
            .json();
        let items = page["data"].as_array().unwrap_or_else(|| panic!("{page}"));
        all.extend(items.iter().map(|item| {
            let code = item["code"].as_str().unwrap_or_default();
            format!("{} {code}", item["result"].as_str().unwrap())
                .trim()
                .to_owned()
        }));
        match page["next_page"].as_str() {
            Some(after) => next = after.to_owned(),
            None => return all,
        }
    }
}

/// Lets the hold pass, and a worker do all there is to do.
async fn work(app: &TestApp) {
    app.state
        .clock
        .set(app.state.clock.now() + TimeDelta::seconds(11));
    app.work().await;
}

/// `count` customers with nothing on them, written at once.
pub(crate) async fn many(app: &TestApp, count: i32) -> Vec<String> {
    numbered(app, 1, count).await
}

/// The same, numbered from `first` to `last`.
pub(crate) async fn numbered(app: &TestApp, first: i32, last: i32) -> Vec<String> {
    let sql = format!(
        r#"
        insert into customers (id, customer_key, name, version, created_at, updated_at)
        select ('019a0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'many-' || n, 'Many ' || n, 0, at, at
        from generate_series({first}, {last}) n, (select timestamptz '2026-11-20T12:00:00Z' as at) now
        returning id::text
        "#
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&app.pool).await;
    rows.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn three(app: &TestApp) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..3 {
        let id = app.customer(&format!("Bulk {n}")).await;
        let contract = app.contract(&id, None).await;
        app.invoice(&id, &contract, &format!("INV-{n}"), "DRAFT", None)
            .await;
        ids.push(id);
    }
    ids
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_preview_is_confirmed_and_done(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    app.post("/v1/customers/archive", &json!({ "id": ids[2] }))
        .await;
    let unknown = "018f3c1e-7a00-7000-8000-00000000dead".to_owned();
    let mut chosen = ids.clone();
    chosen.extend([ids[0].clone(), unknown.clone()]);
    let before = app.count("select count(*) from audit_entries").await;
    let preview = preview_archive(&app, &chosen).await;
    assert_eq!(
        app.count("select count(*) from audit_entries").await,
        before,
        "a preview changes nothing"
    );
    assert_eq!(
        (
            &preview["item_count"],
            &preview["changing"],
            &preview["skipped"],
            &preview["blocked"]
        ),
        (&json!(3), &json!(2), &json!(1), &json!(0))
    );
    assert_eq!(preview["not_found"], json!([unknown]));
    assert_eq!(preview["effects"]["invoices_voided"], 2);
    assert_eq!(
        preview["effects"]["voided"],
        json!([{ "currency": "EUR", "minor": 24_100 }])
    );

    let path = confirmed(&app, &preview).await;
    app.work().await;
    assert_eq!(
        job(&app, &path).await["state"],
        "held",
        "nothing happens during the hold"
    );
    assert_eq!(
        app.count("select count(*) from customers where archived_at is not null")
            .await,
        1
    );

    work(&app).await;
    let done = job(&app, &path).await;
    assert_eq!(
        (
            &done["state"],
            &done["successful_count"],
            &done["skipped_count"],
            &done["failed_count"]
        ),
        (&json!("completed"), &json!(2), &json!(1), &json!(0)),
        "{done}"
    );
    assert_eq!(done["effects"], preview["effects"]);
    assert_eq!(
        results(&app, &path).await,
        ["ok", "ok", "skipped already_archived"]
    );
    assert_eq!(
        app.count("select count(*) from audit_entries where job_id is not null and action = 'customer.archived' and reason = 'Wound down, SUP-1'").await,
        2
    );
    assert_eq!(
        app.count("select count(*) from audit_entries where object_kind = 'bulk_job'")
            .await,
        2
    );
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn all_that_match_but_one_are_done_in_chunks(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = many(&app, 12_408).await;
    app.customer("Not meant").await;
    let preview = preview(
        &app,
        json!({
            "action": "archive_customers",
            "selection": { "all_matching": { "filter": { "q": "many-", "status": "active" }, "except": [ids[7]] } },
        }),
    )
    .await;
    assert_eq!(preview["changing"], 12_407);
    let path = confirmed(&app, &preview).await;
    work(&app).await;
    let done = job(&app, &path).await;
    assert_eq!(
        (&done["state"], &done["successful_count"]),
        (&json!("completed"), &json!(12_407))
    );
    assert_eq!(
        app.count("select count(*) from customers where archived_at is null")
            .await,
        2
    );
    assert_eq!(results(&app, &path).await.len(), 12_407);
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_token_is_of_one_person_one_preview_and_one_use(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let preview = preview_archive(&app, &ids[..2]).await;
    let other = preview_archive(&app, &ids[2..]).await;
    let (token, other) = (
        preview["token"].as_str().unwrap(),
        other["token"].as_str().unwrap(),
    );
    let mut forged =
        vec![other.split('.').next().unwrap().to_owned() + "." + token.split('.').nth(1).unwrap()];
    for place in [0, 31, 33, 60, token.len() - 1] {
        let mut letters: Vec<char> = token.chars().collect();
        letters[place] = if letters[place] == '0' { '1' } else { '0' };
        forged.push(letters.into_iter().collect());
    }
    forged.extend(["", "x", &token[..40], &format!("{token}0")].map(str::to_owned));
    for token in forged {
        let answer = app
            .post(
                "/v1/bulk-jobs",
                &json!({ "preview_token": token, "reason": REASON }),
            )
            .await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{token} {}",
            answer.text()
        );
    }
    let body = json!({ "preview_token": token, "reason": REASON });
    for (role, status) in [
        (Role::Admin, StatusCode::BAD_REQUEST),
        (Role::Viewer, StatusCode::BAD_REQUEST),
    ] {
        let answer = by(&app, role, Method::POST, "/v1/bulk-jobs", &body).await;
        assert_eq!(answer.status, status, "another person's: {}", answer.text());
    }
    assert_eq!(
        app.count("select count(*) from bulk_jobs where confirmed_at is not null")
            .await,
        0
    );

    confirmed(&app, &preview).await;
    let again = confirm(&app, &preview).await;
    assert_eq!(
        (again.status, &again.json()["code"]),
        (StatusCode::CONFLICT, &json!("preview_used"))
    );
    let late = preview_archive(&app, &ids[2..]).await;
    app.state
        .clock
        .set(app.state.clock.now() + TimeDelta::minutes(15));
    let answer = confirm(&app, &late).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (StatusCode::CONFLICT, &json!("preview_expired"))
    );
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_viewer_previews_and_cannot_confirm(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let body = json!({ "action": "archive_customers", "selection": { "ids": ids } });
    let preview = by(&app, Role::Viewer, Method::POST, "/v1/bulk-previews", &body)
        .await
        .json();
    let body = json!({ "preview_token": preview["data"]["token"], "reason": REASON });
    let answer = by(&app, Role::Viewer, Method::POST, "/v1/bulk-jobs", &body).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_world_that_moved_is_previewed_again(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let preview = preview_archive(&app, &ids).await;
    let contract = app.contract(&ids[1], None).await;
    app.invoice(&ids[1], &contract, "INV-late", "DRAFT", None)
        .await;
    let answer = confirm(&app, &preview).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["code"], "changed_since_preview");
    assert_eq!(
        told["difference"]["invoices_voided"],
        json!({ "before": 3, "now": 4 })
    );
    let path = confirmed(&app, &told["preview"]).await;
    work(&app).await;
    assert_eq!(job(&app, &path).await["effects"]["invoices_voided"], 4);
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn rows_that_move_during_the_hold_are_left_alone(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    app.contract(&ids[0], None).await;
    app.post("/v1/customers/archive", &json!({ "id": ids[1] }))
        .await;
    work(&app).await;
    assert_eq!(
        results(&app, &path).await,
        [
            "failed changed_since_preview",
            "skipped already_archived",
            "ok"
        ]
    );
    let done = job(&app, &path).await;
    assert_eq!(done["state"], "completed_with_failures");
    assert_eq!(done["customers_failed"][0]["index"], 0);

    let retry = app.post(&format!("{path}/retry"), &json!({})).await.json()["data"].clone();
    assert_eq!(
        (
            &retry["item_count"],
            &retry["effects"]["contracts_archived"]
        ),
        (&json!(1), &json!(2))
    );
    let retried = confirmed(&app, &retry).await;
    work(&app).await;
    assert_eq!(job(&app, &retried).await["origin"], "retry");
    assert_eq!(
        app.count("select count(*) from customers where archived_at is null")
            .await,
        0
    );
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_job_can_be_cancelled_paused_and_resumed(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = many(&app, 2_500).await;
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
    app.state
        .clock
        .set(app.state.clock.now() + TimeDelta::seconds(11));
    for _ in 0..2 {
        assert!(app.advance().await, "it begins, and does a chunk");
    }
    assert_eq!(
        app.post(&format!("{path}/pause"), &json!({})).await.status,
        StatusCode::OK
    );
    app.work().await;
    let paused = job(&app, &path).await;
    assert_eq!(
        (&paused["state"], &paused["remaining_count"]),
        (&json!("paused"), &json!(1_500))
    );
    assert_eq!(
        app.post(&format!("{path}/resume"), &json!({})).await.status,
        StatusCode::OK
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
    app.state
        .clock
        .set(app.state.clock.now() + TimeDelta::seconds(11));
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
async fn a_preview_taken_again_keeps_its_options(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let cookie = app.sign_in(Role::Operator).await;
    let chosen = [("action", "archive_customers"), ("ids", ids[0].as_str())];
    let first = app.form("/bulk/preview", &cookie, &chosen).await;
    let again = app
        .form(first.header("location"), &cookie, &[("do", "preview")])
        .await;
    let other = [("do", "options"), ("release_aliases", "on")];
    let other = app.form(again.header("location"), &cookie, &other).await;
    for (answer, keeps_paid, releases) in [
        (&first, true, false),
        (&again, true, false),
        (&other, false, true),
    ] {
        let (_, id) = answer.header("location").rsplit_once('/').unwrap();
        let sql = format!("select options->'archive' from bulk_jobs where id = '{id}'");
        let row = sqlx::raw_sql(AssertSqlSafe(sql))
            .fetch_one(&app.pool)
            .await
            .unwrap();
        let options: Value = row.get(0);
        assert_eq!(
            (&options["keep_paid_invoices"], &options["release_aliases"]),
            (&json!(keeps_paid), &json!(releases))
        );
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn limits_are_said(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = many(&app, 50_001).await;
    let selection = json!({ "all_matching": {} });
    let body = json!({ "action": "archive_customers", "selection": selection });
    let answer = app.post("/v1/bulk-previews", &body).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (StatusCode::BAD_REQUEST, &json!("limit_exceeded"))
    );
    for body in [
        json!({ "action": "delete_customers", "selection": { "ids": ids[..1] } }),
        json!({ "action": "archive_customers", "selection": {} }),
        json!({ "action": "archive_customers", "selection": { "ids": ids[..1], "all_matching": {} } }),
        json!({ "action": "archive_customers", "selection": { "all_matching": { "filter": { "status": "gone" } } } }),
        json!({ "action": "archive_customers", "selection": { "all_matching": { "filter": { "sort": "name" } } } }),
        json!({ "action": "archive_customers", "selection": { "ids": ids[..1_001] }, "options": { "all_or_nothing": true } }),
    ] {
        let answer = app.post("/v1/bulk-previews", &body).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{body}: {}",
            answer.text()
        );
    }
    for n in 0..5 {
        confirmed(&app, &preview_archive(&app, &ids[n..=n]).await).await;
    }
    let sixth = confirm(&app, &preview_archive(&app, &ids[9..10]).await).await;
    assert_eq!(
        (sixth.status, &sixth.json()["code"]),
        (StatusCode::BAD_REQUEST, &json!("limit_exceeded"))
    );
    // The sixth live preview ends the first.
    let first = preview_archive(&app, &ids[..1]).await;
    for _ in 0..5 {
        preview_archive(&app, &ids[..1]).await;
    }
    assert_eq!(
        confirm(&app, &first).await.json()["code"],
        "preview_expired"
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
    for (days, kept) in [(89, 3), (91, 0)] {
        app.state.clock.set(ended + TimeDelta::days(days));
        broom::sweep(&app.state.db, &app.state.clock).await;
        assert_eq!(results(&app, &path).await.len(), kept, "after {days} days");
    }
    let done = job(&app, &path).await;
    assert_eq!(done["successful_count"], 3, "{done}");
    let cookie = app.sign_in(Role::Operator).await;
    let shown = app.page(&page, &cookie).await.text();
    assert!(shown.contains("kept for 90 days") && !shown.contains("Undo what"));
    // What is still on its way keeps its rows, however long ago it was confirmed.
    let others = numbered(&app, 1, 2).await;
    let waiting = confirmed(&app, &preview_archive(&app, &others).await).await;
    app.state
        .clock
        .set(app.state.clock.now() + TimeDelta::days(200));
    broom::sweep(&app.state.db, &app.state.clock).await;
    assert_eq!(results(&app, &waiting).await.len(), 2);
}
