//! Idempotency keys, used as they should not be.

use crate::harness::{Answer, TestApp};
use app::auth::Role;
use axum::http::{HeaderValue, Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use server::broom;
use sqlx::PgPool;

async fn create(app: &TestApp, role: Role, path: &str, body: &Value, key: &[u8]) -> Answer {
    let mut request = app.request(Method::POST, path, Some(body));
    let bearer = format!("Bearer {}", app.key(role)).parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let key = HeaderValue::from_bytes(key).unwrap();
    request.headers_mut().insert("idempotency-key", key);
    app.send(request).await
}

async fn customers(app: &TestApp) -> i64 {
    app.count("select count(*) from customers").await
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_key_belongs_to_one_request_of_one_caller(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let (one, other) = (json!({ "name": "One" }), json!({ "name": "Other" }));
    let (path, role) = ("/v1/customers", Role::Operator);
    let first = create(&app, role, path, &one, b"k").await;
    assert_eq!(first.status, StatusCode::OK);
    let again = create(&app, role, path, &one, b"k").await;
    assert_eq!(
        (again.status, &again.bytes),
        (StatusCode::OK, &first.bytes),
        "what was answered is answered"
    );
    let refused = create(&app, role, path, &other, b"k").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let id = first.json()["data"]["id"].clone();
    let elsewhere = "/v1/customers/archive";
    let refused = create(&app, role, elsewhere, &json!({ "id": id }), b"k").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(customers(&app).await, 1);

    let stranger = create(&app, Role::Admin, path, &other, b"k").await;
    assert_eq!(stranger.status, StatusCode::OK, "{}", stranger.text());
    assert_eq!(
        customers(&app).await,
        2,
        "each caller has keys of their own"
    );
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_is_no_key_is_refused_by_name(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let body = json!({ "name": "One" });
    let long = "k".repeat(256);
    for key in [
        b"".as_slice(),
        b" ",
        b"a b",
        "🦋".as_bytes(),
        b"\xff",
        long.as_bytes(),
    ] {
        let answer = create(&app, Role::Operator, "/v1/customers", &body, key).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{key:?}");
        assert!(
            answer.text().contains("Idempotency-Key"),
            "{}",
            answer.text()
        );
    }
    assert!(
        HeaderValue::from_bytes(b"a\0b").is_err(),
        "HTTP carries no NUL"
    );
    assert_eq!(customers(&app).await, 0);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_key_may_be_used_anew_after_a_week(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let start = app.state.clock.now();
    let body = json!({ "name": "Weekly" });
    let mut made = Vec::new();
    for (days, count) in [(0, 1), (7, 1), (8, 2)] {
        app.state.clock.set(start + TimeDelta::days(days));
        let answer = create(&app, Role::Operator, "/v1/customers", &body, b"weekly").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        made.push(answer.bytes);
        assert_eq!(customers(&app).await, count, "after {days} days");
    }
    assert!(made[0] == made[1] && made[1] != made[2]);
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_has_had_its_time_is_swept_out(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let (start, body) = (app.state.clock.now(), json!({ "name": "Swept" }));
    let cookie = app.sign_in(Role::Viewer).await;
    app.form(
        "/sign-in",
        "",
        &[("email", "viewer@example.com"), ("password", "wrong")],
    )
    .await;
    create(&app, Role::Operator, "/v1/customers", &body, b"old").await;
    app.state.clock.set(start + TimeDelta::days(5));
    create(&app, Role::Operator, "/v1/customers", &body, b"new").await;
    for (days, removed) in [(0, 0), (7, 0), (8, 1), (8, 0), (91, 3), (91, 0)] {
        app.state.clock.set(start + TimeDelta::days(days));
        let swept = broom::sweep(&app.state.db, &app.state.clock).await;
        assert_eq!(swept, removed, "after {days} days");
    }
    let entries = "select count(*) from audit_entries where object_kind = 'session'";
    assert_eq!(app.count(entries).await, 1, "the log keeps who signed in");
    assert_ne!(app.page("/customers", &cookie).await.status, StatusCode::OK);
}
