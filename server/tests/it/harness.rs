//! A server in a box: own database, fixed clock, a key and a session for each role.

use app::{
    Assets,
    auth::{Role, service as accounts},
    bulk_jobs,
    clock::Clock,
    context::{Request as Facts, Settings, Unarchive},
    db::{Db, Limits},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use chrono::{DateTime, Utc};
use http_body_util::BodyExt;
use leptos::prelude::LeptosOptions;
use serde_json::{Value, json};
use server::{doors, router, state::AppState};
use sqlx::{AssertSqlSafe, PgPool};
use std::{fmt::Debug, str::FromStr, sync::Arc, time::Duration};
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "a password for tests";

/// As a server has it, but with patience for a machine that is busy with other tests.
pub(crate) const fn limits(connections: u32) -> Limits {
    Limits {
        connections,
        patience: Duration::from_secs(60),
    }
}

/// The moment at which tests happen.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// How often a test does its random thing: `usual` times, unless the variable `name` says otherwise.
pub(crate) fn times(name: &str, usual: usize) -> usize {
    given(name).unwrap_or(usual)
}

/// Where a test's chance begins: anywhere, unless the variable `SEED` says where.
pub(crate) fn seed() -> u64 {
    given("SEED").unwrap_or_else(|| fastrand::u64(..))
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests decides, not whoever runs the server"
)]
fn given<T: FromStr<Err: Debug>>(name: &str) -> Option<T> {
    let given = std::env::var(name).ok();
    given.map(|number| number.parse().unwrap())
}

pub(crate) struct TestApp {
    pub(crate) pool: PgPool,
    pub(crate) state: AppState,
    pub(crate) router: Router,
    keys: [String; 3],
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The value of a cookie that the answer sets.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie")
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}

impl TestApp {
    pub(crate) async fn new(pool: PgPool) -> Self {
        Self::with(pool, Unarchive::Allowed).await
    }

    pub(crate) async fn with(pool: PgPool, unarchive: Unarchive) -> Self {
        let db = Db::with_options(&pool.connect_options(), limits(8));
        Self::on(pool, db, unarchive).await
    }

    /// A server with this way to its database.
    pub(crate) async fn on(pool: PgPool, db: Db, unarchive: Unarchive) -> Self {
        // What the server logs is shown where a test fails.
        let _started_already = tracing_subscriber::fmt()
            .with_env_filter("warn")
            .with_test_writer()
            .try_init();
        let state = AppState {
            db,
            clock: Clock::fixed(noon()),
            settings: Arc::new(Settings {
                unarchive,
                public_url: "http://localhost:3000".into(),
                environment: "Test".into(),
            }),
            options: LeptosOptions::builder().output_name("mothball").build(),
            assets: Assets {
                stylesheet: "/pkg/mothball.css".into(),
                script: "/pkg/mothball.js".into(),
                wasm: "/pkg/mothball.wasm".into(),
            },
            reload_port: None,
            trusted_proxies: Arc::new([]),
        };
        let mut keys = Vec::new();
        for role in Role::ALL {
            let (_, secret) = accounts::add_key(&state.db, role.as_str(), role, None, noon())
                .await
                .unwrap();
            keys.push(secret.expose().to_owned());
        }
        let keys = keys.try_into().unwrap();
        Self {
            pool,
            router: router::router(state.clone()).unwrap(),
            state,
            keys,
        }
    }

    pub(crate) fn key(&self, role: Role) -> &str {
        &self.keys[Role::ALL.iter().position(|each| *each == role).unwrap()]
    }

    pub(crate) fn doors(&self) -> Vec<doors::Door> {
        doors::all(&self.state)
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    /// A request to the API by the operator's key.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Request<Body> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(
                header::AUTHORIZATION,
                format!("Bearer {}", self.key(Role::Operator)),
            )
            .header(header::CONTENT_TYPE, "application/json");
        request
            .body(body.map_or(Body::empty(), |body| Body::from(body.to_string())))
            .unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path, Some(body)))
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path, None)).await
    }

    /// Signs a person of this role in and answers the cookie.
    pub(crate) async fn sign_in(&self, role: Role) -> String {
        let email = format!("{role}@example.com");
        let _known_already = accounts::add_person(
            &self.state.db,
            &email,
            role.label(),
            role,
            PASSWORD.into(),
            noon(),
        )
        .await;
        self.form("/sign-in", "", &[("email", &email), ("password", PASSWORD)])
            .await
            .cookie()
    }

    pub(crate) async fn page(&self, path: &str, cookie: &str) -> Answer {
        self.send(
            Request::get(path)
                .header(header::COOKIE, cookie)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    pub(crate) async fn form(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body.finish()))
            .unwrap();
        self.send(request).await
    }

    /// A customer with nothing on it; answers its id.
    pub(crate) async fn customer(&self, name: &str) -> String {
        let answer = self.post("/v1/customers", &json!({ "name": name })).await;
        answer.json()["data"]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{}", answer.text()))
            .to_owned()
    }

    pub(crate) async fn configuration(
        &self,
        customer: &str,
        uniqueness_key: Option<&str>,
    ) -> String {
        let one = json!({
            "customer_id": customer, "billing_provider": "stripe", "delivery_method": "direct_to_billing_provider",
            "configuration": { "stripe_customer_id": "cus_1" }, "uniqueness_key": uniqueness_key,
        });
        let answer = self
            .post(
                "/v1/setCustomerBillingProviderConfigurations",
                &json!({ "data": [one] }),
            )
            .await;
        answer.json()["data"][0]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{}", answer.text()))
            .to_owned()
    }

    /// A contract with both recharges on, billed through `configuration`.
    pub(crate) async fn contract(&self, customer: &str, configuration: Option<&str>) -> String {
        let gate = json!({ "payment_gate_type": "NONE" });
        let commit = json!({ "product_id": "018f3c1e-7a00-7000-8000-0000000000f1" });
        let answer = self
            .post(
                "/v1/contracts/create",
                &json!({
                    "customer_id": customer, "name": "Enterprise", "starting_at": "2026-01-01T00:00:00Z",
                    "billing_provider_configuration": configuration.map(|id| json!({ "billing_provider_configuration_id": id })),
                    "spend_threshold_configuration": {
                        "commit": commit, "is_enabled": true, "payment_gate_config": gate, "threshold_amount": 5000
                    },
                    "prepaid_balance_threshold_configuration": {
                        "commit": commit, "is_enabled": true, "payment_gate_config": gate, "threshold_amount": 100,
                        "recharge_to_amount": 900
                    },
                }),
            )
            .await;
        answer.json()["data"]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{}", answer.text()))
            .to_owned()
    }

    pub(crate) async fn invoice(
        &self,
        customer: &str,
        contract: &str,
        external_id: &str,
        status: &str,
        external: Option<&str>,
    ) -> String {
        let answer = self
            .post(
                "/v1/invoices",
                &json!({
                    "customer_id": customer, "contract_id": contract, "external_id": external_id,
                    "starts_at": "2026-10-01T00:00:00Z", "ends_at": "2026-11-01T00:00:00Z", "lines": [], "currency": "EUR",
                    "total_minor": 12_050, "status": status, "external_status": external,
                    "grace_period_ends_at": "2026-11-22T00:00:00Z",
                }),
            )
            .await;
        answer.json()["data"]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{}", answer.text()))
            .to_owned()
    }

    /// Does the next piece of work of any job; answers whether there was some.
    pub(crate) async fn advance(&self) -> bool {
        let ctx = self.state.anonymous(Facts::default());
        bulk_jobs::service::advance(&ctx).await.unwrap()
    }

    /// Lets a worker do all there is to do.
    pub(crate) async fn work(&self) {
        while self.advance().await {}
    }

    pub(crate) async fn count(&self, sql: impl Into<String>) -> i64 {
        sqlx::raw_sql(AssertSqlSafe(sql.into()))
            .fetch_one(&self.pool)
            .await
            .map(|row| sqlx::Row::get(&row, 0))
            .unwrap()
    }

    /// What holds once every job is over: each row has one result, and what the job counts is what its rows and the audit log say.
    pub(crate) async fn jobs_add_up(&self) {
        for (rule, sql) in [
            (
                "every job is over, and no row of one waits",
                "select (select count(*) from bulk_jobs where state in ('scheduled', 'held', 'running', 'paused')) + (select count(*) from bulk_job_items i join bulk_jobs j on j.id = i.job_id where j.confirmed_at is not null and (i.state = 'pending' or i.turn is not null))",
            ),
            (
                "the counters are of all rows",
                "select count(*) from bulk_jobs where confirmed_at is not null and ok + skipped + failed <> total",
            ),
            (
                "the counters are of what the rows say",
                "select count(*) from bulk_jobs j where confirmed_at is not null and array[ok, skipped, failed] <> (select array[count(*) filter (where i.state = 'ok'), count(*) filter (where i.state = 'skipped'), count(*) filter (where i.state = 'failed')]::int[] from bulk_job_items i where i.job_id = j.id)",
            ),
            (
                "a customer of whom a job changed something has one entry of it, and no other has one",
                "select count(*) from (select i.job_id, i.customer_id, case j.subjects when 'customers' then 'customer.' else 'configurations.' end || j.transition || 'd' as action, case j.subjects when 'customers' then count(*) else 1 end as count from bulk_job_items i join bulk_jobs j on j.id = i.job_id where i.state = 'ok' group by 1, 2, 3, j.subjects) i full join (select job_id, customer_id, action, count(*) from audit_entries where job_id is not null and customer_id is not null group by 1, 2, 3) a using (job_id, customer_id, action) where i.count is distinct from 1 or a.count is distinct from 1",
            ),
            (
                "a job ends once",
                "select count(*) from (select id from bulk_jobs where confirmed_at is not null) j full join (select object_id, count(*) from audit_entries where action = 'bulk_job.ended' group by 1) a on a.object_id = j.id where j.id is null or a.count is distinct from 1",
            ),
            (
                "the effects are of what the rows say",
                "select count(*) from bulk_jobs j, unnest(array['contracts_archived', 'invoices_voided', 'spend_recharges_disabled']) effect where confirmed_at is not null and coalesce((done->>effect)::int, 0) <> (select coalesce(sum((tally->>effect)::int), 0) from bulk_job_items i where i.job_id = j.id and i.state = 'ok')",
            ),
        ] {
            assert_eq!(self.count(sql).await, 0, "broken: {rule}");
        }
    }

    /// What holds after every test: nothing half-archived, one outbox row and one entry for each change, nobody idle inside a
    /// transaction.
    pub(crate) async fn invariants(&self) {
        for (rule, sql) in [
            (
                "an archived customer has no live contract",
                "select count(*) from customers c join contracts k on k.customer_id = c.id where c.archived_at is not null and k.archived_at is null",
            ),
            (
                "an archived customer has no open invoice",
                "select count(*) from customers c join invoices i on i.customer_id = c.id where c.archived_at is not null and (i.status = 'DRAFT' or (i.status = 'FINALIZED' and i.external_status is distinct from 'PAID'))",
            ),
            (
                "an archived contract never charges",
                "select count(*) from contracts where archived_at is not null and (spend_recharge_enabled or credit_recharge_enabled)",
            ),
            (
                "an archived configuration has no metering contract and no recharge on",
                "select count(*) from billing_provider_configurations p join contracts k on k.configuration_id = p.id where p.archived_at is not null and k.archived_at is null and (k.metering_stopped_at is null or k.spend_recharge_enabled or k.credit_recharge_enabled)",
            ),
            (
                "every entry is announced once",
                "select count(*) from audit_entries a full join outbox_events o on o.audit_entry_id = a.id where a.id is null or o.id is null",
            ),
            (
                "a version counts the changes",
                "select count(*) from customers c where version <> (select count(*) from audit_entries a where a.customer_id = c.id)",
            ),
            (
                "nobody is idle in a transaction",
                "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%' and state_change < now() - interval '1 second'",
            ),
        ] {
            assert_eq!(self.count(sql).await, 0, "broken: {rule}");
        }
    }
}
