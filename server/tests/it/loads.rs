//! Pages for many at once, on several threads: nobody waits for ever, fails, or sees what belongs to someone else.

use crate::harness::TestApp;
use app::auth::Role;
use axum::http::StatusCode;
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{runtime, task::JoinSet, time::timeout};

const CLIENTS: usize = 12;
const PAGES_EACH: usize = 30;

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn every_page_comes_and_is_the_one_who_asked_s(pool: PgPool) {
    let options = pool.connect_options();
    let all = move || {
        let threads = runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .enable_all()
            .build()
            .unwrap();
        threads.block_on(async move {
            let pool = PgPoolOptions::new()
                .connect_with((*options).clone())
                .await
                .unwrap();
            let app = Arc::new(TestApp::new(pool).await);
            let customer = app.customer("Crowded Ltd").await;
            let configuration = app.configuration(&customer, None).await;
            app.contract(&customer, Some(&configuration)).await;
            let mut cookies = Vec::new();
            for role in Role::ALL {
                cookies.push((role, app.sign_in(role).await));
            }
            let mut clients = JoinSet::new();
            for client in 0..CLIENTS {
                let (role, cookie) = cookies[client % cookies.len()].clone();
                let (app, customer) = (app.clone(), customer.clone());
                clients.spawn(async move { visit(&app, &customer, role, &cookie, client).await });
            }
            while let Some(done) = clients.join_next().await {
                done.unwrap();
            }
        });
    };
    tokio::task::spawn_blocking(all).await.unwrap();
}

async fn visit(app: &TestApp, customer: &str, role: Role, cookie: &str, client: usize) {
    let paths = [
        "/customers".to_owned(),
        format!("/customers/{customer}"),
        "/billing-configurations?q=Crowded".to_owned(),
        format!("/customers/{customer}/timeline"),
        format!("/customers/{customer}/archive"),
    ];
    // Everyone signs in under the name of their role.
    let strangers: Vec<String> = Role::ALL
        .into_iter()
        .filter(|other| *other != role)
        .map(|other| format!("truncate\">{}<", other.label()))
        .collect();
    for round in 0..PAGES_EACH {
        let path = &paths[(client + round) % paths.len()];
        let page = timeout(Duration::from_secs(20), app.page(path, cookie))
            .await
            .unwrap_or_else(|_| panic!("{path} did not come"));
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let text = page.text();
        assert!(text.contains("Crowded Ltd"), "{path} has its data");
        assert!(
            text.contains(&format!("truncate\">{}<", role.label())),
            "{path} greets the {role}"
        );
        for stranger in &strangers {
            assert!(
                !text.contains(stranger),
                "{path} of the {role} greets another"
            );
        }
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn no_nonce_comes_twice(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut nonces = BTreeSet::new();
    for _ in 0..10_000 {
        let page = app.page("/sign-in", "").await;
        let policy = page.header("content-security-policy");
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next());
        assert!(
            nonces.insert(nonce.unwrap().to_owned()),
            "a nonce came twice"
        );
    }
}
