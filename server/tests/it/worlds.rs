//! Worlds of chance: a few customers with everything on them that a preview counts.

use crate::harness::TestApp;
use axum::http::StatusCode;
use chrono::TimeDelta;
use fastrand::Rng;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

/// What there is to choose from.
pub(crate) struct World {
    pub(crate) customers: Vec<String>,
    pub(crate) configurations: Vec<String>,
}

/// Up to three customers; `archived` is how likely each of them, and each configuration, is out of service already.
pub(crate) async fn world_of(
    app: &TestApp,
    random: &mut Rng,
    world: usize,
    archived: f64,
) -> World {
    let mut made = World {
        customers: Vec::new(),
        configurations: Vec::new(),
    };
    // Keys that nobody has. One that an archive frees is taken by the next who wants one, and then two may want it back.
    let mut free: Vec<String> = (0..2).map(|_| named(random, "key")).collect();
    for number in 0..random.usize(1..4) {
        let name = format!("World {world}, {number}");
        let aliases: Vec<String> = (0..random.usize(0..3))
            .map(|_| named(random, "alias"))
            .collect();
        let body = json!({ "name": name, "ingest_aliases": aliases });
        let customer = id(&send(app, "/v1/customers", body).await);
        notifications(app, &customer, random.usize(0..3)).await;
        let mut theirs = Vec::new();
        for _ in 0..random.usize(0..4) {
            let key = match random.u8(0..4) {
                0 => None,
                _ => free.pop(),
            };
            theirs.push((app.configuration(&customer, key.as_deref()).await, key));
        }
        for _ in 0..random.usize(0..3) {
            let through = random.choice(&theirs).map(|(id, _)| id.as_str());
            let contract = contract(app, random, &customer, through).await;
            for _ in 0..random.usize(0..4) {
                invoice(app, random, &customer, &contract).await;
            }
        }
        for (configuration, key) in theirs {
            if random.f64() < archived {
                let body = json!({ "customer_id": customer, "customer_billing_provider_configuration_ids": [configuration] });
                send(
                    app,
                    "/v1/archiveCustomerBillingProviderConfigurations",
                    body,
                )
                .await;
                free.extend(key);
            }
            made.configurations.push(configuration);
        }
        if random.f64() < archived {
            let body = json!({
                "id": customer, "archive_billing_provider_configurations": random.bool(),
                "release_ingest_aliases": random.bool(), "keep_paid_invoices": random.bool(),
            });
            send(app, "/v1/customers/archive", body).await;
        }
        made.customers.push(customer);
    }
    made
}

/// A text that no other world has.
fn named(random: &mut Rng, what: &str) -> String {
    format!("{what}-{:016x}", random.u64(..))
}

async fn send(app: &TestApp, path: &str, body: Value) -> Value {
    let answer = app.post(path, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer.json()["data"].clone()
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

/// No API makes them.
async fn notifications(app: &TestApp, customer: &str, count: usize) {
    let sql = format!(
        "insert into notifications select gen_random_uuid(), '{customer}', 'Spend', 'spend_threshold_reached', 'EUR', 1, now(), now() from generate_series(1, {count})"
    );
    let done = sqlx::raw_sql(AssertSqlSafe(sql));
    done.execute(&app.pool).await.unwrap();
}

/// With each recharge on, off, or not there.
async fn contract(
    app: &TestApp,
    random: &mut Rng,
    customer: &str,
    through: Option<&str>,
) -> String {
    let mut body = json!({
        "customer_id": customer, "name": "Enterprise", "starting_at": "2026-01-01T00:00:00Z",
        "billing_provider_configuration": through.map(|id| json!({ "billing_provider_configuration_id": id })),
    });
    for recharge in [
        "spend_threshold_configuration",
        "prepaid_balance_threshold_configuration",
    ] {
        let on = random.choice([None, Some(false), Some(true), Some(true)]);
        body[recharge] = on.flatten().map_or(Value::Null, |on| {
            json!({
                "commit": { "product_id": "018f3c1e-7a00-7000-8000-0000000000f1" }, "is_enabled": on,
                "payment_gate_config": { "payment_gate_type": "NONE" }, "threshold_amount": 100, "recharge_to_amount": 900,
            })
        });
    }
    id(&send(app, "/v1/contracts/create", body).await)
}

/// In any status, currency and amount; credit notes are below zero. A grace period is over, ends long after all is done, or
/// between a preview and its job.
async fn invoice(app: &TestApp, random: &mut Rng, customer: &str, contract: &str) {
    let now = app.state.clock.now();
    let [over, amid, ends] =
        [-86_400, 5, 86_400].map(|seconds| Some(now + TimeDelta::seconds(seconds)));
    let odd = random.choice([0, -900, 12_050]).filter(|_| random.bool());
    let external = [
        None,
        Some("QUEUED"),
        Some("PAID"),
        Some("PAID"),
        Some("SENT"),
        Some("SKIPPED"),
        Some("PAYMENT_FAILED"),
    ];
    let body = json!({
        "customer_id": customer, "contract_id": contract, "external_id": named(random, "invoice"),
        "starts_at": "2026-10-01T00:00:00Z", "ends_at": "2026-11-01T00:00:00Z", "lines": [],
        "currency": random.choice(["EUR", "USD", "JPY", "KWD"]),
        "total_minor": odd.unwrap_or(random.i64(1..5_000_000)),
        "status": random.choice(["DRAFT", "FINALIZED", "FINALIZED", "FINALIZED", "VOID"]),
        "external_status": random.choice(external),
        "grace_period_ends_at": random.choice([None, over, amid, ends]),
    });
    send(app, "/v1/invoices", body).await;
}
