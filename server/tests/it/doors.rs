//! Every way in is in the permission table, and turns away whoever may not enter.

use crate::harness::TestApp;
use app::{
    auth::{Action, Role},
    ui::fetched::Needs,
};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use leptos::prelude::provide_context;
use server::doors::{Dialect, Door};
use sqlx::PgPool;
use std::collections::BTreeSet;

/// The door's path with something where its parameters are.
fn example(door: &Door) -> String {
    door.path
        .split('/')
        .map(|part| {
            if part.starts_with('{') {
                "00000000-0000-7000-8000-000000000000"
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn nobody_in_particular_enters_only_where_anybody_may(pool: PgPool) {
    let app = TestApp::new(pool).await;
    for door in app
        .doors()
        .iter()
        .filter(|door| door.action.needs().is_some())
    {
        let request = Request::builder()
            .method(&door.method)
            .uri(example(door))
            .body(Body::empty())
            .unwrap();
        let answer = app.send(request).await;
        let expected = if door.dialect == Dialect::Page {
            StatusCode::SEE_OTHER
        } else {
            StatusCode::UNAUTHORIZED
        };
        assert_eq!(answer.status, expected, "{} {}", door.method, door.path);
        if door.dialect == Dialect::Page {
            assert!(
                answer.header("location").starts_with("/sign-in?next="),
                "{}",
                door.path
            );
        }
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_viewer_is_refused_wherever_an_operator_is_needed(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Viewer).await;
    for door in app
        .doors()
        .into_iter()
        .filter(|door| !door.path.starts_with("/sign-"))
    {
        let request = Request::builder()
            .method(&door.method)
            .uri(example(&door))
            .header(header::COOKIE, &cookie)
            .header("x-api-key", app.key(Role::Viewer))
            .header("sec-fetch-site", "same-origin")
            .body(Body::empty())
            .unwrap();
        let answer = app.send(request).await;
        let refused = answer.status == StatusCode::FORBIDDEN;
        assert_eq!(
            refused,
            door.action.needs() > Some(Role::Viewer),
            "{} {}: {} {}",
            door.method,
            door.path,
            answer.status,
            answer.text()
        );
    }
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn every_server_function_is_a_door_and_none_answers_get(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let doors: BTreeSet<&str> = app
        .doors()
        .iter()
        .filter(|door| door.dialect == Dialect::ServerFn)
        .map(|door| door.path)
        .collect();
    let functions: BTreeSet<&str> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, method)| {
            assert_eq!(method, Method::POST, "{path} answers {method}");
            path
        })
        .collect();
    assert!(functions.len() > 10, "the server functions are linked in");
    assert_eq!(doors, functions);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn every_page_of_the_console_is_a_door(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let doors: BTreeSet<String> = app
        .doors()
        .iter()
        .filter(|door| door.dialect == Dialect::Page && door.method == Method::GET)
        .map(|door| door.path.to_owned())
        .collect();
    let context = || provide_context(Needs::default());
    let (routes, _) = leptos_axum::generate_route_list_with_exclusions_and_ssg_and_context(
        app::App,
        None,
        context,
    );
    for route in routes {
        let path = route.path().to_owned();
        // One route with a tab as its parameter is four doors.
        assert!(
            doors.contains(&path) || path == "/customers/{id}/{tab}",
            "{path} has no door"
        );
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn no_door_that_changes_something_answers_get(pool: PgPool) {
    let app = TestApp::new(pool).await;
    for door in app.doors().iter().filter(|door| door.method == Method::GET) {
        let harmless = matches!(
            door.action,
            Action::Anything | Action::SignIn | Action::Read | Action::Preview
        );
        assert!(harmless, "GET {} is for {:?}", door.path, door.action);
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn every_answer_carries_the_headers_that_keep_it_safe(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    for door in app.doors() {
        let request = Request::builder()
            .method(&door.method)
            .uri(example(&door))
            .header(header::COOKIE, &cookie)
            .header("x-api-key", app.key(Role::Operator))
            .body(Body::empty())
            .unwrap();
        let answer = app.send(request).await;
        let path = door.path;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'none'"),
            "{path}"
        );
        assert!(answer.header("request-id").starts_with("req_"), "{path}");
    }
}
