//! Archiving and unarchiving customers.

use crate::harness::TestApp;
use app::context::Unarchive;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use sqlx::PgPool;

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn archiving_ends_contracts_and_voids_every_invoice(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let customer = app.customer("Halvorsen").await;
    let configuration = app.configuration(&customer, Some("halvorsen")).await;
    let contract = app.contract(&customer, Some(&configuration)).await;
    for (number, status, external) in [
        ("I-1", "DRAFT", None),
        ("I-2", "FINALIZED", Some("QUEUED")),
        ("I-3", "FINALIZED", Some("PAID")),
    ] {
        app.invoice(&customer, &contract, number, status, external)
            .await;
    }
    let answer = app
        .post("/v1/customers/archive", &json!({ "id": customer }))
        .await;
    assert_eq!(
        (answer.status, answer.json()["data"]["id"].as_str()),
        (StatusCode::OK, Some(customer.as_str()))
    );

    let contract = app
        .post(
            "/v1/contracts/get",
            &json!({ "customer_id": customer, "contract_id": contract }),
        )
        .await
        .json();
    let contract = &contract["data"];
    assert_eq!(
        contract["spend_threshold_configuration"]["is_enabled"],
        json!(false)
    );
    assert_eq!(
        contract["prepaid_balance_threshold_configuration"]["is_enabled"],
        json!(false)
    );
    assert!(contract["archived_at"].is_string());
    assert!(
        contract["current"]["ending_before"]
            .as_str()
            .is_some_and(|end| end.starts_with("2026-11-21T00:00:00"))
    );
    let invoices = app
        .get(&format!("/v1/customers/{customer}/invoices"))
        .await
        .json();
    let statuses: Vec<(&str, &str)> = invoices["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["status"].as_str().unwrap(),
                one["external_invoice"]["external_status"]
                    .as_str()
                    .unwrap_or("-"),
            )
        })
        .collect();
    assert_eq!(
        statuses,
        [("VOID", "SKIPPED"), ("VOID", "SKIPPED"), ("VOID", "PAID")]
    );
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn archiving_twice_keeps_the_first_stamp(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let customer = app.customer("Twice").await;
    let first = app
        .post("/v1/customers/archive", &json!({ "id": customer }))
        .await;
    let stamp =
        app.get(&format!("/v1/customers/{customer}")).await.json()["data"]["archived_at"].clone();
    app.state.clock.set("2026-11-25T00:00:00Z".parse().unwrap());
    let second = app
        .post("/v1/customers/archive", &json!({ "id": customer }))
        .await;
    assert_eq!(
        (second.status, &second.bytes),
        (StatusCode::OK, &first.bytes)
    );
    assert!(stamp.is_string());
    assert_eq!(
        app.get(&format!("/v1/customers/{customer}")).await.json()["data"]["archived_at"],
        stamp
    );
    assert_eq!(
        app.count("select count(*) from audit_entries where action = 'customer.archived'")
            .await,
        1
    );
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn unarchiving_revives_nothing_but_the_customer(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let customer = app.customer("Back").await;
    let key = customer_key(&app, &customer).await;
    let contract = app.contract(&customer, None).await;
    app.invoice(&customer, &contract, "I-1", "DRAFT", None)
        .await;
    app.post("/v1/customers/archive", &json!({ "id": customer }))
        .await;
    let answer = app
        .send(app.request(
            Method::POST,
            &format!("/api/v1/customers/{key}/unarchive"),
            None,
        ))
        .await;
    let body = answer.json();
    assert_eq!(
        (
            body["statusCode"].clone(),
            body["data"]["archived_at"].clone()
        ),
        (json!(200), Value::Null)
    );
    assert_eq!(body["message"], json!("Customer unarchived successfully"));
    assert_eq!(
        app.count("select count(*) from contracts where archived_at is null")
            .await,
        0
    );
    assert_eq!(
        app.count("select count(*) from invoices where status <> 'VOID'")
            .await,
        0
    );
    // A customer in service is left as it is.
    let again = app
        .send(app.request(
            Method::POST,
            &format!("/api/v1/customers/{key}/unarchive"),
            None,
        ))
        .await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(
        app.count("select count(*) from audit_entries where action = 'customer.unarchived'")
            .await,
        1
    );
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn where_unarchive_is_forbidden_what_is_archived_stays_so(pool: PgPool) {
    let app = TestApp::with(pool, Unarchive::Forbidden).await;
    let customer = app.customer("Strict").await;
    let key = customer_key(&app, &customer).await;
    let unarchive = format!("/api/v1/customers/{key}/unarchive");
    assert_eq!(
        app.send(app.request(Method::POST, &unarchive, None))
            .await
            .status,
        StatusCode::OK
    );
    app.post("/v1/customers/archive", &json!({ "id": customer }))
        .await;
    let refused = app.send(app.request(Method::POST, &unarchive, None)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.text().contains("switched off"),
        "{}",
        refused.text()
    );
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn an_archived_customer_is_viewed_and_not_edited(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let customer = app.customer("Shelved").await;
    app.post("/v1/customers/archive", &json!({ "id": customer }))
        .await;
    assert_eq!(
        app.get(&format!("/v1/customers/{customer}")).await.status,
        StatusCode::OK
    );
    for (path, body) in [
        (
            format!("/v1/customers/{customer}/setName"),
            json!({ "name": "New" }),
        ),
        (
            format!("/v1/customers/{customer}/setIngestAliases"),
            json!({ "ingest_aliases": ["a"] }),
        ),
        (
            "/v1/contracts/create".to_owned(),
            json!({ "customer_id": customer, "starting_at": "2026-01-01T00:00:00Z" }),
        ),
    ] {
        let answer = app.post(&path, &body).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (StatusCode::BAD_REQUEST, Some("customer_archived")),
            "{path}"
        );
    }
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn an_alias_moves_from_the_living_and_not_from_the_archived(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let (one, two) = (app.customer("One").await, app.customer("Two").await);
    let set = |id: &str| format!("/v1/customers/{id}/setIngestAliases");
    let answer = app
        .post(&set(&one), &json!({ "ingest_aliases": ["usage", "usage"] }))
        .await;
    assert_eq!(
        (
            answer.status,
            answer.bytes.len(),
            answer.header("content-type")
        ),
        (StatusCode::OK, 0, "")
    );
    assert_eq!(
        app.post(&set(&two), &json!({ "ingest_aliases": ["usage"] }))
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        app.count("select count(*) from audit_entries where action = 'customer.aliases_set'")
            .await,
        3
    );
    app.post("/v1/customers/archive", &json!({ "id": two }))
        .await;
    let refused = app
        .post(&set(&one), &json!({ "ingest_aliases": ["usage"] }))
        .await;
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (StatusCode::CONFLICT, Some("ingest_alias_taken"))
    );
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_retried_write_is_answered_byte_for_byte(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let send = |body: Value| {
        let mut request: Request<_> = app.request(Method::POST, "/v1/customers", Some(&body));
        request
            .headers_mut()
            .insert("idempotency-key", header::HeaderValue::from_static("k-1"));
        app.send(request)
    };
    let first = send(json!({ "name": "Once" })).await;
    let second = send(json!({ "name": "Once" })).await;
    assert_eq!((second.status, &second.bytes), (first.status, &first.bytes));
    assert_eq!(
        (
            first.header("idempotent-replayed"),
            second.header("idempotent-replayed")
        ),
        ("", "true")
    );
    assert_eq!(
        send(json!({ "name": "Other" })).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(app.count("select count(*) from customers").await, 1);
    app.state.clock.set("2026-11-28T12:00:01Z".parse().unwrap());
    assert_eq!(
        send(json!({ "name": "After a week" })).await.status,
        StatusCode::OK
    );
    app.invariants().await;
}

async fn customer_key(app: &TestApp, id: &str) -> String {
    let list = app.get("/api/v1/customers").await.json();
    let found = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == json!(id))
        .unwrap();
    found["customer_key"].as_str().unwrap().to_owned()
}
