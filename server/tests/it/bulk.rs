//! Bulk jobs: the preview and its confirmation.

use crate::harness::{Answer, TestApp};
use app::auth::Role;
use axum::http::{Method, StatusCode, header};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool, Row};

pub(crate) const REASON: &str = "Wound down, SUP-1";

/// A request by the key of a role.
pub(crate) async fn by(
    app: &TestApp,
    role: Role,
    method: Method,
    path: &str,
    body: &Value,
) -> Answer {
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

/// Confirms for the first of December, and answers the job's path.
pub(crate) async fn scheduled(app: &TestApp, preview: &Value) -> String {
    let body = json!({ "preview_token": preview["token"], "reason": REASON, "run_at": "2026-12-01T00:00:00Z" });
    let answer = app.post("/v1/bulk-jobs", &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    answer.header("location").to_owned()
}

pub(crate) async fn job(app: &TestApp, path: &str) -> Value {
    app.get(path).await.json()["data"].clone()
}

/// The path of the preview that a page shows.
pub(crate) fn preview_shown(page: &Answer) -> String {
    let text = page.text();
    let (_, form) = text
        .split_once(r#"id="confirm" method="post" action=""#)
        .unwrap_or_else(|| panic!("{} without a preview: {text}", page.status));
    form.split_once('"').unwrap().0.to_owned()
}

/// Results by code, in order.
pub(crate) async fn results(app: &TestApp, path: &str) -> Vec<String> {
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

/// As long as a confirmed job can be taken back, and a little more.
pub(crate) fn pass_the_hold(app: &TestApp) {
    let clock = &app.state.clock;
    clock.set(clock.now() + TimeDelta::seconds(11));
}

/// Lets the hold pass, and a worker do all there is to do.
pub(crate) async fn work(app: &TestApp) {
    pass_the_hold(app);
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

pub(crate) async fn three(app: &TestApp) -> Vec<String> {
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
async fn a_token_is_of_one_session(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let (here, there) = (
        app.sign_in(Role::Operator).await,
        app.sign_in(Role::Operator).await,
    );
    let chosen = [("action", "archive_customers"), ("ids", ids[0].as_str())];
    let taken = app.form("/bulk/preview", &here, &chosen).await;
    let path = taken.header("location");
    let token = async |cookie: &str| {
        let page = app.page(path, cookie).await.text();
        let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let (of_here, of_there) = (token(&here).await, token(&there).await);
    assert_ne!(of_here, of_there);
    let confirm = async |cookie: &str, token: &str| {
        let fields = [("token", token), ("note", REASON)];
        app.form(path, cookie, &fields).await.status
    };
    assert_eq!(confirm(&there, &of_here).await, StatusCode::BAD_REQUEST);
    assert_eq!(
        app.count("select count(*) from bulk_jobs where confirmed_at is not null")
            .await,
        0
    );
    assert_eq!(confirm(&there, &of_there).await, StatusCode::SEE_OTHER);
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
async fn a_preview_taken_again_keeps_its_options(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let cookie = app.sign_in(Role::Operator).await;
    let chosen = [("action", "archive_customers"), ("ids", ids[0].as_str())];
    let first = app.form("/bulk/preview", &cookie, &chosen).await;
    let first = first.header("location").to_owned();
    let same = [
        ("do", "options"),
        ("boxes", "1"),
        ("keep_paid_invoices", "on"),
    ];
    let again = preview_shown(&app.form(&first, &cookie, &same).await);
    let other = [("do", "options"), ("boxes", "1"), ("release_aliases", "on")];
    let other = preview_shown(&app.form(&again, &cookie, &other).await);
    for (path, keeps_paid, releases) in [
        (&first, true, false),
        (&again, true, false),
        (&other, false, true),
    ] {
        let (_, id) = path.rsplit_once('/').unwrap();
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
async fn each_figure_of_a_preview_opens_its_rows(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let contract = app.contract(&ids[0], None).await;
    app.invoice(&ids[0], &contract, "INV-PAID", "FINALIZED", Some("PAID"))
        .await;
    app.post(
        "/v1/customers/archive",
        &json!({ "id": app.customer("Gone").await }),
    )
    .await;
    let notification = format!(
        "insert into notifications select gen_random_uuid(), '{}', 'Spend', 'spend_threshold_reached', 'EUR', 1, now(), now()",
        ids[1]
    );
    sqlx::raw_sql(AssertSqlSafe(notification))
        .execute(&app.pool)
        .await
        .unwrap();
    let cookie = app.sign_in(Role::Operator).await;
    let all = [("matching", "archive_customers")];
    let taken = app.form("/bulk/preview", &cookie, &all).await;
    let path = taken.header("location");
    let page = app.page(path, &cookie).await.text();
    let ways: Vec<&str> = page
        .split(&format!("href=\"{path}?rows="))
        .skip(1)
        .map(|rest| rest.split_once('#').unwrap().0)
        .collect();
    assert_eq!(
        ways,
        [
            "changing",
            "contracts",
            "invoices",
            "unsent",
            "paid",
            "recharges",
            "metering",
            "notifications",
            "left"
        ]
    );
    for (name, expected) in [
        ("changing", ["Bulk 0", "Bulk 2", "1 contract archived"]),
        ("contracts", ["Bulk 0", "Bulk 2", "2 contracts archived"]),
        (
            "invoices",
            ["Bulk 1", "Bulk 2", "1 invoice voided (EUR\u{a0}120.50)"],
        ),
        (
            "paid",
            ["Bulk 0", "Bulk 0", "1 paid invoice stays as it is"],
        ),
        (
            "recharges",
            [
                "Bulk 0",
                "Bulk 2",
                "4 recharges disabled (2 spend, 2 credit)",
            ],
        ),
        (
            "metering",
            ["Bulk 0", "Bulk 2", "2 contracts stop metering immediately"],
        ),
        (
            "notifications",
            ["Bulk 1", "Bulk 1", "1 notification stops"],
        ),
        ("left", ["Gone", "Gone", "Already archived"]),
    ] {
        let page = app.page(&format!("{path}?rows={name}"), &cookie).await;
        let page = page.text();
        let (_, rows) = page.split_once("id=\"rows\"").unwrap();
        let (rows, _) = rows.split_once("</table>").unwrap();
        for words in expected {
            assert!(rows.contains(words), "{name}: {words} in {rows}");
        }
    }
}
