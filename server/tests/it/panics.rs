//! A handler that panics: whoever asked is told so, with an incident to name, and the server goes on.

use crate::harness::TestApp;
use app::{auth::Action, error::AppError, wire::Wire};
use axum::{
    body::{Body, Bytes},
    http::{Method, Request, StatusCode},
    routing::get,
};
use http_body_util::BodyExt;
use leptos::server_fn::Decodes;
use serde_json::Value;
use server::{
    doors::{Dialect, Door},
    router,
};
use sqlx::PgPool;
use tower::ServiceExt;

async fn panics() {
    panic!("of a test");
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_panic_is_told_in_the_dialect_of_the_path(pool: PgPool) {
    let state = TestApp::new(pool).await.state;
    let paths = ["/v1/panic", "/api/panic", "/fn/panic", "/panic"];
    let doors = paths.map(|path| {
        let (action, dialect) = (Action::Anything, Dialect::of(path));
        Door::new(Method::GET, path, action, dialect, get(panics))
    });
    let router = router::behind(doors.into(), state).unwrap();
    let mut bodies = Vec::new();
    for path in paths {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(answer.headers().contains_key("request-id"), "{path}");
        let body: Bytes = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(!String::from_utf8_lossy(&body).contains("of a test"));
        bodies.push(body);
    }
    let [bearer, envelope, server_fn, page] = &bodies[..] else {
        panic!("four answers")
    };
    let json = |body: &Bytes| serde_json::from_slice::<Value>(body).unwrap();
    assert_eq!(json(bearer)["code"], "internal");
    assert_eq!(json(envelope)["statusCode"], 500);
    let told = <Wire as Decodes<AppError>>::decode(server_fn.clone());
    assert!(matches!(told, Ok(AppError::Internal { .. })), "{told:?}");
    assert!(String::from_utf8_lossy(page).contains("This did not work"));
}
