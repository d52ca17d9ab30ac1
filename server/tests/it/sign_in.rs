//! Sessions, keys, and what they never give away.

use crate::harness::{PASSWORD, TestApp};
use app::auth::{Role, service as accounts};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn each_sign_in_is_a_new_session_and_ends_the_old_one(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let first = app.sign_in(Role::Operator).await;
    assert_eq!(first.len(), "mothball=".len() + 64);
    let form = [("email", "operator@example.com"), ("password", PASSWORD)];
    let second = app.form("/sign-in", &first, &form).await;
    assert!(
        second
            .header("set-cookie")
            .ends_with("HttpOnly; SameSite=Lax"),
        "{}",
        second.header("set-cookie")
    );
    assert_ne!(second.cookie(), first);
    assert_eq!(
        app.page("/customers", &first).await.status,
        StatusCode::SEE_OTHER,
        "the old token is dead"
    );
    assert_eq!(
        app.page("/customers", &second.cookie()).await.status,
        StatusCode::OK
    );
    app.form("/sign-out", &second.cookie(), &[]).await;
    assert_eq!(
        app.page("/customers", &second.cookie()).await.status,
        StatusCode::SEE_OTHER
    );
    // A token that someone else made up is not adopted.
    let fixed = format!("mothball={}", "0".repeat(64));
    assert_ne!(app.form("/sign-in", &fixed, &form).await.cookie(), fixed);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_session_ends_when_idle(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Viewer).await;
    app.state.clock.set("2026-11-20T12:29:00Z".parse().unwrap());
    assert_eq!(app.page("/customers", &cookie).await.status, StatusCode::OK);
    app.state.clock.set("2026-11-20T12:58:00Z".parse().unwrap());
    assert_eq!(
        app.page("/customers", &cookie).await.status,
        StatusCode::OK,
        "it was used 29 minutes ago"
    );
    app.state.clock.set("2026-11-20T13:28:01Z".parse().unwrap());
    assert_eq!(
        app.page("/customers", &cookie).await.status,
        StatusCode::SEE_OTHER
    );
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_session_in_use_ends_after_half_a_day(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let start = app.state.clock.now();
    let cookie = app.sign_in(Role::Viewer).await;
    for minutes in (20..12 * 60).step_by(20) {
        app.state.clock.set(start + TimeDelta::minutes(minutes));
        let status = app.page("/customers", &cookie).await.status;
        assert_eq!(status, StatusCode::OK, "after {minutes} minutes");
    }
    app.state.clock.set(start + TimeDelta::hours(12));
    assert_eq!(
        app.page("/customers", &cookie).await.status,
        StatusCode::SEE_OTHER
    );
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_wrong_password_says_no_more_than_that(pool: PgPool) {
    let app = TestApp::new(pool).await;
    app.sign_in(Role::Viewer).await;
    for email in ["viewer@example.com", "nobody@example.com"] {
        let answer = app
            .form(
                "/sign-in",
                "",
                &[
                    ("email", email),
                    ("password", "wrong"),
                    ("next", "//evil.example"),
                ],
            )
            .await;
        assert_eq!(
            answer.header("location"),
            "/sign-in?refused=wrong_password&next=%2Fcustomers",
            "{email}"
        );
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn guessing_has_to_wait(pool: PgPool) {
    let app = TestApp::new(pool).await;
    app.sign_in(Role::Viewer).await;
    for _ in 0..10 {
        app.form(
            "/sign-in",
            "",
            &[("email", "viewer@example.com"), ("password", "wrong")],
        )
        .await;
    }
    let answer = app
        .form(
            "/sign-in",
            "",
            &[("email", "viewer@example.com"), ("password", PASSWORD)],
        )
        .await;
    assert!(
        answer
            .header("location")
            .contains("refused=too_many_attempts")
    );
    app.state.clock.set("2026-11-20T12:15:01Z".parse().unwrap());
    let answer = app
        .form(
            "/sign-in",
            "",
            &[("email", "viewer@example.com"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(answer.header("location"), "/customers");
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_disabled_person_and_a_revoked_key_are_out_at_once(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    accounts::disable_person(&app.state.db, "operator@example.com", app.state.clock.now())
        .await
        .unwrap();
    assert_eq!(
        app.page("/customers", &cookie).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(app.get("/v1/customers").await.status, StatusCode::OK);
    accounts::revoke_key(&app.state.db, "operator", app.state.clock.now())
        .await
        .unwrap();
    assert_eq!(
        app.get("/v1/customers").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn secrets_are_stored_as_hashes_only(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let token = cookie.split_once('=').unwrap().1.to_owned();
    let page = app.page("/customers", &cookie).await.text();
    let dump: String = sqlx::raw_sql(
        "select coalesce((select string_agg(k::text, ' ') from api_keys k), '')
            || coalesce((select string_agg(s::text, ' ') from sessions s), '')
            || coalesce((select string_agg(p::text, ' ') from staff p), '')",
    )
    .fetch_one(&app.pool)
    .await
    .map(|row| sqlx::Row::get(&row, 0))
    .unwrap();
    for secret in [token.as_str(), app.key(Role::Operator), PASSWORD] {
        assert!(!dump.contains(secret) && !page.contains(secret));
    }
    let debug = format!(
        "{:?}",
        accounts::add_key(
            &app.state.db,
            "debug",
            Role::Viewer,
            None,
            app.state.clock.now()
        )
        .await
    );
    assert!(debug.contains("Secret(…)"), "{debug}");
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_form_of_a_stranger_does_nothing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let customer = app.customer("Target").await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        for path in [
            "/sign-in",
            "/sign-out",
            "/customers/archive",
            "/fn/unarchive_customer",
            "/v1/customers/archive",
        ] {
            let mut request = app.request(Method::POST, path, Some(&json!({ "id": customer })));
            request
                .headers_mut()
                .insert("cookie", cookie.parse().unwrap());
            request
                .headers_mut()
                .insert("host", "localhost:3000".parse().unwrap());
            request.headers_mut().insert(name, value.parse().unwrap());
            assert_eq!(
                app.send(request).await.status,
                StatusCode::FORBIDDEN,
                "{path} from {value}"
            );
        }
    }
    assert_eq!(
        app.page("/customers", &cookie).await.status,
        StatusCode::OK,
        "nobody was signed out"
    );
    assert_eq!(
        app.count("select count(*) from customers where archived_at is not null")
            .await,
        0
    );
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_key_ends_when_its_time_is_over(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let soon = app.state.clock.now() + TimeDelta::days(1);
    let (_, secret) = accounts::add_key(
        &app.state.db,
        "for a day",
        Role::Viewer,
        Some(soon),
        app.state.clock.now(),
    )
    .await
    .unwrap();
    for (at, status) in [
        (soon - TimeDelta::seconds(1), StatusCode::OK),
        (soon, StatusCode::UNAUTHORIZED),
    ] {
        app.state.clock.set(at);
        let request = Request::get("/v1/customers")
            .header("x-api-key", secret.expose())
            .body(Body::empty())
            .unwrap();
        assert_eq!(app.send(request).await.status, status, "{at}");
    }
    let told = accounts::keys(&app.state.db).await.unwrap();
    let key = told.iter().find(|key| key.name == "for a day").unwrap();
    assert!(key.last_used_at.is_some() && !secret.expose().ends_with(&key.prefix));
    assert!(!format!("{told:?}").contains(secret.expose()));
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn guesses_sent_all_at_once_are_counted(pool: PgPool) {
    let app = TestApp::new(pool).await;
    app.sign_in(Role::Viewer).await;
    let wrong = [("email", "viewer@example.com"), ("password", "wrong")];
    join_all((0..40).map(|_| app.form("/sign-in", "", &wrong))).await;
    let tried = app.count("select count(*) from sign_in_failures").await;
    // Two are looked at side by side, and do not see each other.
    assert!((10..=11).contains(&tried), "{tried} were tried");
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_password_that_is_being_changed_opens_nothing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    app.sign_in(Role::Viewer).await;
    let mut random = fastrand::Rng::with_seed(3);
    for round in 0..20 {
        let new = format!("password number {round}");
        let old = match round {
            0 => PASSWORD.to_owned(),
            _ => format!("password number {}", round - 1),
        };
        let form = [("email", "viewer@example.com"), ("password", old.as_str())];
        let late = Duration::from_millis(random.u64(0..60));
        let change = async {
            tokio::time::sleep(late).await;
            let now = app.state.clock.now();
            accounts::set_password(&app.state.db, form[0].1, new.clone(), now)
                .await
                .unwrap();
        };
        tokio::join!(app.form("/sign-in", "", &form), change);
        let alive = "select count(*) from sessions where ended_at is null";
        assert_eq!(app.count(alive).await, 0, "round {round}, {late:?}");
        sqlx::raw_sql("delete from sign_in_failures")
            .execute(&app.pool)
            .await
            .unwrap();
    }
}
