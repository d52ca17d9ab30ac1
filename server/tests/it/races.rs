//! Many at once.

use crate::harness::{Answer, TestApp, limits};
use app::{context::Unarchive, db::Db};
use axum::http::{Method, StatusCode};
use futures::{StreamExt, future::join_all, stream::FuturesUnordered};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// 50 clients send the same request with the same key at once, for 200 keys: creates, archives, unarchives, and archives of
/// configurations.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn one_key_is_one_effect(pool: PgPool) {
    let app = TestApp::new(pool).await;
    for key in 0..50 {
        let new = json!({ "customer_key": format!("key-{key}"), "customer_type": "BUSINESS", "primary_email": "key@example.com" });
        let made = app.post("/api/v1/customers/new", &new).await.json();
        let customer = made["data"]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{made}"));
        let configuration = app.configuration(customer, None).await;
        let of_customer = json!({ "customer_id": customer, "customer_billing_provider_configuration_ids": [configuration] });
        let unarchive = format!("/api/v1/customers/key-{key}/unarchive");
        for (path, body) in [
            (
                "/v1/customers",
                json!({ "name": format!("Made by key {key}") }),
            ),
            (
                "/v1/archiveCustomerBillingProviderConfigurations",
                of_customer,
            ),
            ("/v1/customers/archive", json!({ "id": customer })),
            (unarchive.as_str(), json!({})),
        ] {
            let before = app.count("select count(*) from audit_entries").await;
            same_request_by_many(&app, path, &body, &format!("{key} {path}")).await;
            let after = app.count("select count(*) from audit_entries").await;
            assert_eq!(after - before, 1, "{path} {key} is one effect");
        }
    }
    assert_eq!(app.count("select count(*) from customers").await, 100);
    app.invariants().await;
}

async fn same_request_by_many(app: &TestApp, path: &str, body: &Value, key: &str) {
    let answers = join_all((0..50).map(|_| {
        let mut request = app.request(Method::POST, path, Some(body));
        let key = key.replace(['/', ' '], "-").parse().unwrap();
        request.headers_mut().insert("idempotency-key", key);
        app.send(request)
    }))
    .await;
    let (done, rest): (Vec<Answer>, Vec<Answer>) = answers
        .into_iter()
        .partition(|answer| answer.status == StatusCode::OK);
    assert!(
        !done.is_empty() && done.iter().all(|answer| answer.bytes == done[0].bytes),
        "{key}"
    );
    for answer in rest {
        assert!(
            answer.status == StatusCode::CONFLICT && answer.text().contains("still running"),
            "{key}: {} {}",
            answer.status,
            answer.text()
        );
    }
}

/// 2,000 writers leave before they are answered: nothing is half-done and no connection is left inside a transaction.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn clients_that_leave_leave_nothing_behind(pool: PgPool) {
    let db = Db::with_options(&pool.connect_options(), limits(CONNECTIONS));
    let app = TestApp::on(pool, db, Unarchive::Allowed).await;
    let customers = with_contracts(&app).await;
    leave(&app, &customers, 2_000, Duration::from_millis(50), 7).await;
    for n in 0..5_000 {
        let answer = app.get("/v1/customers?limit=1").await;
        assert_eq!(answer.status, StatusCode::OK, "{n}: {}", answer.text());
    }
    settled(&app).await;
}

/// The same when the database is far away: many leave while a transaction is being begun.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn clients_that_leave_a_far_database_leave_nothing_behind(pool: PgPool) {
    let customers = with_contracts(&TestApp::new(pool.clone()).await).await;
    let near = pool.connect_options();
    let address = format!("{}:{}", near.get_host(), near.get_port());
    let port = far_away(address, Duration::from_millis(200)).await;
    let far = (*near).clone().host("127.0.0.1").port(port);
    let db = Db::with_options(&far, limits(CONNECTIONS));
    let app = TestApp::on(pool, db, Unarchive::Allowed).await;
    // Who comes first has to wait until there are connections.
    leave(&app, &customers, 8, Duration::from_secs(20), 0).await;
    // A forgotten connection is found while it lies idle, not once the next writer has taken it.
    for seed in 0..10 {
        leave(&app, &customers, 8, Duration::from_secs(1), seed).await;
        settled(&app).await;
    }
    for _ in 0..10 {
        let answer = app.get("/v1/customers?limit=1").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
}

const CONNECTIONS: u32 = 4;

async fn with_contracts(app: &TestApp) -> Vec<String> {
    join_all((0..20).map(async |n| {
        let customer = app.customer(&format!("Leaving {n}")).await;
        app.contract(&customer, None).await;
        customer
    }))
    .await
}

/// Each goes at some moment before `patience` is over.
async fn leave(app: &TestApp, customers: &[String], times: usize, patience: Duration, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut running = FuturesUnordered::new();
    for n in 0..times {
        let customer = &customers[n % customers.len()];
        let request = if random.bool() {
            app.request(
                Method::POST,
                "/v1/customers/archive",
                Some(&json!({ "id": customer })),
            )
        } else {
            app.request(
                Method::POST,
                &format!("/v1/customers/{customer}/setName"),
                Some(&json!({ "name": n.to_string() })),
            )
        };
        let patience = patience.mul_f64(random.f64());
        running.push(async move {
            let _left = tokio::time::timeout(patience, app.send(request)).await;
        });
        if running.len() >= 20 {
            running.next().await;
        }
    }
    while running.next().await.is_some() {}
}

/// What was begun goes on without its client; it is over once nobody holds a transaction.
async fn settled(app: &TestApp) {
    let forgotten = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%' and state_change < now() - interval '1 second'";
    let busy = "select count(*) from pg_stat_activity where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()";
    let mut quiet = 0;
    for _ in 0..600 {
        // Asked all the time: in the end the database itself ends a transaction that nobody goes on with.
        assert_eq!(app.count(forgotten).await, 0, "nobody goes on with it");
        quiet = if app.count(busy).await == 0 {
            quiet + 1
        } else {
            0
        };
        if quiet == 30 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(quiet, 30, "what was begun ends");
    app.invariants().await;
}

/// A way to `address` on which everything that is said takes `delay` to arrive; answers its port.
async fn far_away(address: String, delay: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(&address).await else {
                return;
            };
            let ((mut hear, mut answer), (mut back, mut say)) =
                (near.into_split(), far.into_split());
            tokio::spawn(async move {
                let mut words = vec![0; 64 * 1_024];
                while let Ok(count @ 1..) = hear.read(&mut words).await {
                    tokio::time::sleep(delay).await;
                    if say.write_all(&words[..count]).await.is_err() {
                        return;
                    }
                }
            });
            tokio::spawn(async move { tokio::io::copy(&mut back, &mut answer).await });
        }
    });
    port
}
