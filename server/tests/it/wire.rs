//! Server functions as the browser calls them: it can read every answer, and a browser of another build is turned away.

use crate::harness::{Answer, TestApp};
use app::{
    auth::{Role, Shell, server_fns::ReadShell},
    billing_configurations::{
        ConfigurationDetail, ConfigurationList,
        server_fns::{AskConfigurations, ListConfigurations, ReadConfiguration},
    },
    confirm::{Asked, Transition},
    customers::{
        ArchiveOptions, CustomerDetail, CustomerList,
        server_fns::{AskCustomers, ListCustomers, ReadCustomer, UnarchiveCustomer},
    },
    error::AppError,
    listing::ListQuery,
    wire::Wire,
};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use leptos::server_fn::{Decodes, Encodes};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgPool;

async fn ask(app: &TestApp, cookie: &str, name: &str, message: Vec<u8>) -> Answer {
    let request = Request::post(format!("/fn/{name}"))
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(message))
        .unwrap();
    app.send(request).await
}

async fn call<T: DeserializeOwned>(
    app: &TestApp,
    cookie: &str,
    name: &str,
    arguments: impl Serialize,
) -> T {
    let message = Wire::encode(&arguments).unwrap();
    let answer = ask(app, cookie, name, message.to_vec()).await;
    assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text());
    Wire::decode(answer.bytes.into()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn the_browser_can_read_every_answer(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let customer = app.customer("Readable Ltd").await;
    let configuration = app.configuration(&customer, Some("one")).await;
    let contract = app.contract(&customer, Some(&configuration)).await;
    app.invoice(&customer, &contract, "INV-1", "FINALIZED", Some("PAID"))
        .await;
    let (id, one) = (customer.parse().unwrap(), configuration.parse().unwrap());
    let options = ArchiveOptions::default();
    let transition = Transition::Archive;

    let shell: Shell = call(&app, &cookie, "read_shell", ReadShell {}).await;
    assert_eq!(shell.actor.role, Role::Operator);
    for archived in [false, true] {
        if archived {
            app.post(
                "/v1/customers/archive",
                &serde_json::json!({ "id": customer }),
            )
            .await;
        }
        let query = ListQuery::default();
        let list: CustomerList = call(
            &app,
            &cookie,
            "list_customers",
            ListCustomers {
                query: query.clone(),
            },
        )
        .await;
        assert_eq!(list.rows.len(), 1);
        let list: ConfigurationList = call(
            &app,
            &cookie,
            "list_configurations",
            ListConfigurations { query },
        )
        .await;
        assert_eq!(list.rows.len(), 1);
        let detail: CustomerDetail =
            call(&app, &cookie, "read_customer", ReadCustomer { id }).await;
        assert_eq!(detail.customer.lifecycle.is_archived(), archived);
        assert_eq!((detail.contracts.len(), detail.invoices.len()), (1, 1));
        let detail: ConfigurationDetail = call(
            &app,
            &cookie,
            "read_configuration",
            ReadConfiguration { id: one },
        )
        .await;
        assert!(detail.provider_fields.contains("cus_1"));
        let ids = vec![id];
        let asked: Asked = call(
            &app,
            &cookie,
            "ask_customers",
            AskCustomers {
                ids,
                transition,
                options,
            },
        )
        .await;
        assert_eq!(asked.preview.changes(), usize::from(!archived));
        let ids = vec![one];
        let asked: Asked = call(
            &app,
            &cookie,
            "ask_configurations",
            AskConfigurations { ids, transition },
        )
        .await;
        assert_eq!(asked.preview.subjects.len(), 1);
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn who_is_turned_away_is_told_why_and_nothing_happens(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let customer = app.customer("Stale Ltd").await;
    app.post(
        "/v1/customers/archive",
        &serde_json::json!({ "id": customer }),
    )
    .await;
    let id = customer.parse().unwrap();
    let mut message = Wire::encode(&UnarchiveCustomer { id }).unwrap().to_vec();
    message[0] ^= 1;
    let answer = ask(&app, &cookie, "unarchive_customer", message).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let error: AppError = Wire::decode(answer.bytes.into()).unwrap();
    assert_eq!(error, AppError::Outdated);
    let message = Wire::encode(&UnarchiveCustomer { id }).unwrap().to_vec();
    let viewer = app.sign_in(Role::Viewer).await;
    let needs = Role::Operator;
    for (cookie, refusal) in [
        ("", AppError::SignInRequired),
        (&*viewer, AppError::Forbidden { needs }),
    ] {
        let answer = ask(&app, cookie, "unarchive_customer", message.clone()).await;
        assert_eq!(answer.status.as_u16(), refusal.status());
        let error: AppError = Wire::decode(answer.bytes.into()).unwrap();
        assert_eq!(error, refusal);
    }
    let archived = "select count(*) from customers where archived_at is not null";
    assert_eq!(app.count(archived).await, 1);
}
