//! Where people are signed in, and the end of it.

use crate::harness::{PASSWORD, TestApp};
use app::auth::Role;
use axum::http::StatusCode;
use chrono::TimeDelta;
use sqlx::PgPool;
use uuid::Uuid;

const PAGE: &str = "/settings/sessions";

/// Another browser of the same person.
async fn another(app: &TestApp, role: Role) -> String {
    let email = format!("{role}@example.com");
    app.form("/sign-in", "", &[("email", &email), ("password", PASSWORD)])
        .await
        .cookie()
}

/// The ids that the page of this session offers to end.
async fn offered(app: &TestApp, cookie: &str) -> Vec<Uuid> {
    let page = app.page(PAGE, cookie).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let text = page.text();
    text.split("name=\"session\" value=\"")
        .skip(1)
        .map(|rest| rest[..36].parse().unwrap())
        .collect()
}

async fn is_alive(app: &TestApp, cookie: &str) -> bool {
    app.page("/customers", cookie).await.status == StatusCode::OK
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn one_ends_one_session_and_it_is_dead_at_once(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let here = app.sign_in(Role::Viewer).await;
    let lost = another(&app, Role::Viewer).await;
    assert!(is_alive(&app, &here).await && is_alive(&app, &lost).await);
    let [id] = offered(&app, &here).await[..] else {
        panic!("this session is not offered, the other is")
    };
    let field = id.to_string();
    for again in [false, true] {
        let answer = app.form(PAGE, &here, &[("session", &field)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.header("location"), PAGE);
        let told = format!("sessions_ended.{}", u8::from(!again));
        assert!(answer.cookie().ends_with(&told), "{}", answer.cookie());
    }
    assert!(is_alive(&app, &here).await && !is_alive(&app, &lost).await);
    assert!(offered(&app, &here).await.is_empty());
    assert_eq!(
        app.count("select count(*) from audit_entries where action = 'session.ended' and customer_id is null and actor->>'name' = 'Viewer'")
            .await,
        1
    );
    assert_eq!(
        app.count("select count(*) from audit_entries where action = 'session.started'")
            .await,
        2
    );
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn all_others_end_and_this_one_stays(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let here = app.sign_in(Role::Operator).await;
    let mut elsewhere = Vec::new();
    for _ in 0..3 {
        elsewhere.push(another(&app, Role::Operator).await);
    }
    let stranger = app.sign_in(Role::Viewer).await;
    let answer = app.form(PAGE, &here, &[("others", "on")]).await;
    assert!(
        answer.cookie().ends_with("sessions_ended.3"),
        "{}",
        answer.cookie()
    );
    for cookie in &elsewhere {
        assert!(!is_alive(&app, cookie).await);
    }
    assert!(is_alive(&app, &here).await && is_alive(&app, &stranger).await);
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn nobody_ends_a_session_of_someone_else(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let victim = app.sign_in(Role::Admin).await;
    let other_browser = another(&app, Role::Admin).await;
    let ids = [
        offered(&app, &victim).await,
        offered(&app, &other_browser).await,
    ]
    .concat();
    let stranger = app.sign_in(Role::Operator).await;
    assert!(offered(&app, &stranger).await.is_empty());
    for id in ids {
        let id = id.to_string();
        let answer = app.form(PAGE, &stranger, &[("session", &id)]).await;
        assert!(answer.cookie().ends_with("sessions_ended.0"));
    }
    assert!(is_alive(&app, &victim).await && is_alive(&app, &other_browser).await);
    for field in [("session", "1 or true"), ("session", ""), ("other", "on")] {
        let answer = app.form(PAGE, &stranger, &[field]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{field:?}");
    }
    assert!(is_alive(&app, &victim).await);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_has_run_out_is_not_shown(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let start = app.state.clock.now();
    app.sign_in(Role::Viewer).await;
    app.state.clock.set(start + TimeDelta::minutes(31));
    let here = another(&app, Role::Viewer).await;
    assert!(offered(&app, &here).await.is_empty());
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_role_that_changes_counts_at_the_next_request(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let customer = app.customer("Kept").await;
    sqlx::raw_sql("update staff set role = 'viewer'")
        .execute(&app.pool)
        .await
        .unwrap();
    let path = format!("/customers/{customer}/archive");
    assert_eq!(app.page(&path, &cookie).await.status, StatusCode::OK);
    assert_eq!(
        app.form(&path, &cookie, &[("ids", &customer)]).await.status,
        StatusCode::FORBIDDEN
    );
}
