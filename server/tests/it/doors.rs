//! Every way in is in the permission table, and turns away whoever may not enter.

use crate::harness::{TestApp, noon};
use app::{
    auth::{Action, Role, service as accounts},
    ui::fetched::Needs,
};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use chrono::TimeDelta;
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

/// Who knocks, and the role that counts.
struct Principal {
    name: &'static str,
    header: (&'static str, String),
    role: Option<Role>,
}

/// Signed in as each role, with the key of each role, and all the ways of being nobody.
async fn principals(app: &TestApp) -> Vec<Principal> {
    let nobody = |name, header| Principal {
        name,
        header,
        role: None,
    };
    let mut all = vec![nobody("nobody", ("x-nobody", String::new()))];
    let idle = app.sign_in(Role::Admin).await;
    app.state.clock.set(noon() + TimeDelta::minutes(31));
    all.push(nobody("an idle session", ("cookie", idle)));
    let disabled = app.sign_in(Role::Admin).await;
    let now = app.state.clock.now();
    accounts::disable_person(&app.state.db, "admin@example.com", now)
        .await
        .unwrap();
    all.push(nobody("a disabled person", ("cookie", disabled)));
    let left = app.sign_in(Role::Operator).await;
    app.form("/sign-out", &left, &[]).await;
    all.push(nobody("someone who signed out", ("cookie", left)));
    let (_, revoked) = accounts::add_key(&app.state.db, "revoked", Role::Admin, None, now)
        .await
        .unwrap();
    accounts::revoke_key(&app.state.db, "revoked", now)
        .await
        .unwrap();
    all.push(nobody(
        "a revoked key",
        ("x-api-key", revoked.expose().to_owned()),
    ));
    all.push(nobody(
        "a made-up key",
        ("x-api-key", format!("mb_{}", "0".repeat(64))),
    ));
    for role in [Role::Viewer, Role::Operator] {
        let header = ("cookie", app.sign_in(role).await);
        all.push(Principal {
            name: role.label(),
            header,
            role: Some(role),
        });
    }
    for role in Role::ALL {
        let header = ("authorization", format!("Bearer {}", app.key(role)));
        all.push(Principal {
            name: "a key",
            header,
            role: Some(role),
        });
    }
    all
}

/// Sessions open pages, keys open the API: a door is shut to the other kind.
fn is_heard(principal: &Principal, door: &Door) -> bool {
    let session = principal.header.0 == "cookie";
    match door.dialect {
        Dialect::Page | Dialect::ServerFn => session,
        Dialect::Bearer | Dialect::Envelope => !session,
        Dialect::Plain => true,
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn each_door_lets_in_whom_the_table_says(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let principals = principals(&app).await;
    let mut cells = 0;
    // Signing in or out would change who is who.
    let doors: Vec<Door> = app
        .doors()
        .into_iter()
        .filter(|door| !door.path.starts_with("/sign-"))
        .collect();
    for door in &doors {
        for principal in &principals {
            let request = Request::builder()
                .method(&door.method)
                .uri(example(door))
                .header(principal.header.0, &principal.header.1)
                .header("sec-fetch-site", "same-origin")
                .body(Body::empty())
                .unwrap();
            let answer = app.send(request).await;
            let role = principal.role.filter(|_| is_heard(principal, door));
            let expected = match (door.action.needs(), role) {
                (Some(_), None) if door.dialect == Dialect::Page => Some(StatusCode::SEE_OTHER),
                (Some(_), None) => Some(StatusCode::UNAUTHORIZED),
                (Some(needs), Some(role)) if role < needs => Some(StatusCode::FORBIDDEN),
                _ => None,
            };
            let turned_away = [
                StatusCode::SEE_OTHER,
                StatusCode::UNAUTHORIZED,
                StatusCode::FORBIDDEN,
            ]
            .contains(&answer.status)
            .then_some(answer.status);
            let to_list = match (door.path, &door.method) {
                ("/", _) => answer.header("location") == "/customers",
                ("/bulk/preview", &Method::GET) => answer.header("location") == "/bulk",
                _ => false,
            };
            assert!(
                turned_away == expected || to_list,
                "{} {} as {}, {:?}: {} {}",
                door.method,
                door.path,
                principal.name,
                principal.role,
                answer.status,
                answer.text()
            );
            if answer.status == StatusCode::SEE_OTHER && !to_list {
                let to = answer.header("location");
                assert!(to.starts_with("/sign-in?next="), "{}: {to}", door.path);
            }
            cells += 1;
        }
    }
    assert!(cells > 400, "{cells} cells");
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_door_answers_no_method_but_its_own(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Admin).await;
    let doors = app.doors();
    for door in &doors {
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            let known = doors
                .iter()
                .any(|other| other.path == door.path && other.method == method);
            if known || door.path.contains("{*") {
                continue;
            }
            let request = Request::builder()
                .method(&method)
                .uri(example(door))
                .header(header::COOKIE, &cookie)
                .header("x-api-key", app.key(Role::Admin))
                .header("sec-fetch-site", "same-origin")
                .body(Body::empty())
                .unwrap();
            let status = app.send(request).await.status;
            assert!(
                [StatusCode::METHOD_NOT_ALLOWED, StatusCode::NOT_FOUND].contains(&status),
                "{method} {}: {status}",
                door.path
            );
        }
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
    let (awake, _) = leptos_axum::generate_route_list_with_exclusions_and_ssg_and_context(
        app::App,
        None,
        context,
    );
    let (still, _) = leptos_axum::generate_route_list_with_exclusions_and_ssg_and_context(
        app::Still,
        None,
        context,
    );
    for route in awake.into_iter().chain(still) {
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
