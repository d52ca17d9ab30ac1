//! Archiving billing provider configurations.

use crate::harness::{TestApp, seed};
use axum::http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

const ARCHIVE: &str = "/v1/archiveCustomerBillingProviderConfigurations";

fn body(customer: &str, ids: &[&str]) -> Value {
    json!({ "customer_id": customer, "customer_billing_provider_configuration_ids": ids })
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn an_archive_stops_metering_recharges_and_the_unsent_invoice(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let customer = app.customer("Brightwater").await;
    let configuration = app.configuration(&customer, Some("brightwater")).await;
    let contract = app.contract(&customer, Some(&configuration)).await;
    let invoice = app
        .invoice(&customer, &contract, "I-1", "FINALIZED", Some("QUEUED"))
        .await;
    let answer = app
        .post(ARCHIVE, &body(&customer, &[&configuration, &configuration]))
        .await;
    assert_eq!(
        answer.json(),
        json!({ "data": body(&customer, &[&configuration]), "success": true, "error": null }),
        "the same id twice is one effect"
    );
    let contract = app
        .post(
            "/v1/contracts/get",
            &json!({ "customer_id": customer, "contract_id": contract }),
        )
        .await
        .json();
    let contract = &contract["data"];
    assert!(contract["customer_billing_provider_configuration"]["archived_at"].is_string());
    assert_eq!(
        contract["spend_threshold_configuration"]["is_enabled"],
        json!(false)
    );
    assert_eq!(
        contract["prepaid_balance_threshold_configuration"]["is_enabled"],
        json!(false)
    );
    let invoice = app
        .get(&format!("/v1/customers/{customer}/invoices/{invoice}"))
        .await
        .json();
    assert_eq!(invoice["data"]["status"], json!("FINALIZED"));
    assert_eq!(
        invoice["data"]["external_invoice"]["external_status"],
        json!("SKIPPED")
    );
    // The key is free again, and a second archive changes nothing.
    app.configuration(&customer, Some("brightwater")).await;
    let again = app.post(ARCHIVE, &body(&customer, &[&configuration])).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(
        app.count("select count(*) from audit_entries where action = 'configurations.archived'")
            .await,
        1
    );
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn one_bad_id_and_nothing_changes(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let (mine, other) = (app.customer("Mine").await, app.customer("Other").await);
    let foreign = app.configuration(&other, None).await;
    let unknown = Uuid::now_v7().to_string();
    let seed = seed();
    println!("SEED={seed} begins with the same chance");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut good = Vec::new();
    for _ in 0..4 {
        good.push(app.configuration(&mine, None).await);
    }
    for round in 0..500 {
        let before = app
            .count("select count(*) from billing_provider_configurations where archived_at is null")
            .await;
        let bad = random.usize(0..4);
        let mut ids: Vec<&str> = (0..random.usize(1..6))
            .map(|_| good[random.usize(0..good.len())].as_str())
            .collect();
        ids.extend(
            (0..bad).map(|_| [foreign.as_str(), unknown.as_str(), "no-uuid"][random.usize(0..3)]),
        );
        random.shuffle(&mut ids);
        let answer = app.post(ARCHIVE, &body(&mine, &ids)).await;
        let after = app
            .count("select count(*) from billing_provider_configurations where archived_at is null")
            .await;
        if bad > 0 {
            assert_eq!(
                (answer.status, after),
                (StatusCode::BAD_REQUEST, before),
                "round {round}: {ids:?}"
            );
            assert_eq!(answer.json()["success"], json!(false));
        } else {
            assert_eq!(
                answer.status,
                StatusCode::OK,
                "round {round}: {}",
                answer.text()
            );
            let mut left = Vec::new();
            for id in &good {
                left.push(if ids.contains(&id.as_str()) {
                    app.configuration(&mine, None).await
                } else {
                    id.clone()
                });
            }
            good = left;
        }
    }
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_is_wrong_is_named(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let customer = app.customer("Named").await;
    let unknown = Uuid::now_v7().to_string();
    for (sent, expected) in [
        (
            body(&customer, &[]),
            "customer_billing_provider_configuration_ids",
        ),
        (body(&customer, &[&unknown]), unknown.as_str()),
        (body(&unknown, &[&unknown]), unknown.as_str()),
        (body("nonsense", &[&unknown]), "customer_id"),
        (
            json!({ "customer_id": customer }),
            "customer_billing_provider_configuration_ids",
        ),
    ] {
        let answer = app.post(ARCHIVE, &sent).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{sent}");
        assert!(
            answer.text().contains(expected),
            "{sent}: {}",
            answer.text()
        );
        assert_eq!(answer.json()["error"], answer.json()["message"]);
    }
}

/// An invoice is paid through the configuration of the contract that it is on now.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn an_invoice_that_moves_to_another_contract_leaves_its_configuration(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let customer = app.customer("Moved").await;
    let [one, other] = ["one", "other"].map(Some);
    let (one, other) = (
        app.configuration(&customer, one).await,
        app.configuration(&customer, other).await,
    );
    for configuration in [&one, &other] {
        let contract = app.contract(&customer, Some(configuration)).await;
        app.invoice(&customer, &contract, "INV-1", "FINALIZED", None)
            .await;
    }
    let of = |configuration: &str| {
        format!("select count(*) from invoices where configuration_id = '{configuration}'")
    };
    assert_eq!(app.count(of(&one)).await, 0);
    assert_eq!(app.count(of(&other)).await, 1);
    app.invariants().await;
}
