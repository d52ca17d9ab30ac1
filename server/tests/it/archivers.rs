//! Whoever archives a customer or a configuration of it: a program, a person on a page, a job.

use crate::{
    bulk::{confirmed, preview, results},
    harness::{Answer, TestApp, limits, noon},
};
use app::{
    auth::Role,
    bulk_jobs,
    context::{Ctx, Request},
    db::Db,
};
use axum::http::StatusCode;
use chrono::TimeDelta;
use futures::{FutureExt, future::LocalBoxFuture};
use serde_json::{Value, json};
use server::state::AppState;
use sqlx::{AssertSqlSafe, PgPool, Row};

pub(crate) const ARCHIVE_CONFIGURATIONS: &str = "/v1/archiveCustomerBillingProviderConfigurations";
/// What a page and a job say of a customer that moved since they looked.
pub(crate) const MOVED: &str = "changed_since_preview";

#[derive(Debug, Clone, Copy)]
pub(crate) enum Archive {
    Customer,
    KeepingPaid,
    WithConfigurations,
    Configuration,
}

impl Archive {
    /// The option that it needs, as the API and as a form calls it.
    fn option(self) -> Option<[&'static str; 2]> {
        match self {
            Self::KeepingPaid => Some(["keep_paid_invoices"; 2]),
            Self::WithConfigurations => Some([
                "archive_billing_provider_configurations",
                "archive_configurations",
            ]),
            Self::Customer | Self::Configuration => None,
        }
    }

    /// In the log.
    pub(crate) fn entry(self) -> &'static str {
        match self {
            Self::Configuration => "configurations.archived",
            _ => "customer.archived",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum By {
    Api,
    Page,
    Job,
}

/// A customer with a configuration, a contract that bills through it, and a draft.
pub(crate) struct World {
    pub(crate) customer: String,
    pub(crate) configuration: String,
    pub(crate) contract: String,
    pub(crate) invoice: String,
}

/// A server, a person who is signed in, and the worker of another server.
pub(crate) struct Console {
    pub(crate) app: TestApp,
    cookie: String,
    worker: Ctx,
}

impl Console {
    pub(crate) async fn new(pool: PgPool) -> Self {
        let app = TestApp::new(pool).await;
        let other = AppState {
            db: Db::with_options(&app.pool.connect_options(), limits(1)),
            ..app.state.clone()
        };
        Self {
            cookie: app.sign_in(Role::Operator).await,
            worker: other.anonymous(Request::default()),
            app,
        }
    }

    pub(crate) async fn world(&self) -> World {
        let app = &self.app;
        let customer = app.customer("Wanted by two").await;
        let configuration = app.configuration(&customer, None).await;
        let contract = app.contract(&customer, Some(&configuration)).await;
        let number = format!("draft {customer}");
        World {
            invoice: app
                .invoice(&customer, &contract, &number, "DRAFT", None)
                .await,
            customer,
            configuration,
            contract,
        }
    }

    async fn advance(&self) {
        let worked = bulk_jobs::service::advance(&self.worker).await.unwrap();
        assert!(worked, "there is something to do");
    }

    /// Gets an archive ready. What this answers does it, and tells what came of it.
    pub(crate) async fn ready<'a>(
        &'a self,
        archive: Archive,
        by: By,
        world: &'a World,
    ) -> LocalBoxFuture<'a, String> {
        match by {
            By::Api => self.by_api(archive, world).boxed_local(),
            By::Page => self.by_page(archive, world).boxed_local(),
            By::Job => {
                let path = self.confirm(archive, world).await;
                async move {
                    self.advance().await;
                    let result = results(&self.app, &path).await.concat();
                    match result.as_str() {
                        "ok" => "done".to_owned(),
                        other => other.trim_start_matches("failed ").to_owned(),
                    }
                }
                .boxed_local()
            }
        }
    }

    async fn by_api(&self, archive: Archive, world: &World) -> String {
        let path = match archive {
            Archive::Configuration => ARCHIVE_CONFIGURATIONS,
            _ => "/v1/customers/archive",
        };
        let body = match (archive, archive.option()) {
            (Archive::Configuration, _) => of_configuration(world),
            (_, Some([option, _])) => json!({ "id": world.customer, option: true }),
            (_, None) => json!({ "id": world.customer }),
        };
        told(&self.app.post(path, &body).await)
    }

    async fn by_page(&self, archive: Archive, world: &World) -> String {
        let (list, id) = match archive {
            Archive::Configuration => ("billing-configurations", &world.configuration),
            _ => ("customers", &world.customer),
        };
        let mut fields = vec![
            ("ids", id.as_str()),
            ("versions", "4"),
            ("preset", "churned"),
            ("idempotency_key", id.as_str()),
        ];
        fields.extend(archive.option().map(|[_, option]| (option, "on")));
        let path = format!("/{list}/{id}/archive");
        told(&self.app.form(&path, &self.cookie, &fields).await)
    }

    /// A job whose next piece of work is the archive; answers its path.
    async fn confirm(&self, archive: Archive, world: &World) -> String {
        let (action, id) = match archive {
            Archive::Configuration => ("archive_billing_configurations", &world.configuration),
            _ => ("archive_customers", &world.customer),
        };
        let mut wish = json!({ "action": action, "selection": { "ids": [id] }, "options": {} });
        if let Some([option, _]) = archive.option() {
            wish["options"][option] = json!(true);
        }
        let clock = &self.app.state.clock;
        // Each time, or the session would end after a few thousand.
        clock.set(noon());
        let path = confirmed(&self.app, &preview(&self.app, wish).await).await;
        clock.set(noon() + TimeDelta::seconds(11));
        self.advance().await;
        path
    }

    /// What was written in the log since the world was made, in order.
    pub(crate) async fn log(&self, world: &World) -> String {
        let sql = format!(
            "select coalesce(string_agg(action, ', ' order by id), '') from (select * from audit_entries where customer_id = '{}' order by id offset 4) entries",
            world.customer
        );
        let row = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(&self.app.pool);
        row.await.unwrap().get(0)
    }
}

/// `done`, or the code of the refusal.
pub(crate) fn told(answer: &Answer) -> String {
    match answer.status {
        StatusCode::OK | StatusCode::SEE_OTHER => "done".to_owned(),
        StatusCode::UNPROCESSABLE_ENTITY if answer.text().contains("changed since") => {
            MOVED.to_owned()
        }
        status => match answer.json()["code"].as_str() {
            Some(code) => code.to_owned(),
            None => panic!("{status}: {}", answer.text()),
        },
    }
}

pub(crate) fn of_configuration(world: &World) -> Value {
    json!({
        "customer_id": world.customer, "customer_billing_provider_configuration_ids": [world.configuration],
    })
}
