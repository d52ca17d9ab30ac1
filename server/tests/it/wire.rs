//! Server functions as the browser calls them: it can read every answer, and a browser of another build is turned away.

use crate::harness::{Answer, TestApp};
use app::{
    audit::TimelinePage,
    auth::{Role, Shell, server_fns::ReadShell},
    billing_configurations::{
        ConfigurationDetail, ConfigurationList,
        server_fns::{
            AskConfigurations, ConfirmConfigurations, CountConfigurationTabs, CountConfigurations,
            ListConfigurations, ReadConfiguration,
        },
    },
    confirm::{Asked, Confirmation, Settled, Transition},
    customers::{
        ArchiveOptions, CustomerDetail, CustomerList,
        server_fns::{
            AskCustomers, ConfirmCustomers, CountCustomerTabs, CountCustomers, ListCustomers,
            ReadCustomer, ReadTimeline, UnarchiveCustomer, UndoUnarchive,
        },
    },
    error::AppError,
    listing::ListQuery,
    paging::{CappedCount, TabCounts},
    wire::Wire,
};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use leptos::server_fn::{Decodes, Encodes};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgPool;
use uuid::Uuid;

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
    // The second is a form that is not filled in yet.
    let answers = [StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY];
    assert!(
        answers.contains(&answer.status),
        "{name}: {}",
        answer.text()
    );
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
        let timeline: TimelinePage = call(
            &app,
            &cookie,
            "read_timeline",
            ReadTimeline { id, before: None },
        )
        .await;
        assert!(!timeline.entries.is_empty());
        let filter = ListQuery::default();
        let count: CappedCount = call(
            &app,
            &cookie,
            "count_customers",
            CountCustomers {
                query: filter.clone(),
                exact: false,
            },
        )
        .await;
        assert_eq!(count.0, 1);
        let count: CappedCount = call(
            &app,
            &cookie,
            "count_configurations",
            CountConfigurations {
                query: filter,
                exact: true,
            },
        )
        .await;
        assert_eq!(count.0, 1);
        let tabs: TabCounts =
            call(&app, &cookie, "count_customer_tabs", CountCustomerTabs {}).await;
        assert_eq!(tabs.all.0, 1);
        let tabs: TabCounts = call(
            &app,
            &cookie,
            "count_configuration_tabs",
            CountConfigurationTabs {},
        )
        .await;
        assert_eq!(tabs.all.0, 1);
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
    let version: i64 = call(
        &app,
        &cookie,
        "unarchive_customer",
        UnarchiveCustomer { id },
    )
    .await;
    let _done: () = call(
        &app,
        &cookie,
        "undo_unarchive",
        UndoUnarchive { id, version },
    )
    .await;
    let confirmation = |ids: Vec<Uuid>, version| Confirmation {
        idempotency_key: format!("wire-{}", ids[0]),
        transition: Transition::Unarchive,
        ids,
        versions: vec![version],
        options,
        preset: None,
        note: String::new(),
        number: String::new(),
        read: None,
    };
    let detail: CustomerDetail = call(&app, &cookie, "read_customer", ReadCustomer { id }).await;
    for (version, done) in [(version, false), (detail.customer.version, true)] {
        let confirmation = confirmation(vec![id.0], version);
        let settled: Settled = call(
            &app,
            &cookie,
            "confirm_customers",
            ConfirmCustomers { confirmation },
        )
        .await;
        assert_eq!(matches!(settled, Settled::Done(_)), done, "{settled:?}");
    }
    let confirmation = confirmation(vec![one.0], 1);
    let settled: Settled = call(
        &app,
        &cookie,
        "confirm_configurations",
        ConfirmConfigurations { confirmation },
    )
    .await;
    assert!(matches!(settled, Settled::NotYet(_)), "{settled:?}");
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
    // Within the name of the build.
    message[10] ^= 1;
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
