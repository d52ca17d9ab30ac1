//! A preview says what will happen: no more, no less.

use crate::{
    bulk::{confirmed, job, preview},
    harness::{TestApp, times},
};
use app::{
    auth::{Actor, ActorKind, Role},
    bulk_jobs,
    confirm::Transition,
    context::{Ctx, Request, Unarchive},
    customers::{self, ArchiveOptions},
    effects::{Preview, Tally},
    ids::{BulkJobId, CustomerId},
};
use chrono::TimeDelta;
use futures::FutureExt;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

pub(crate) fn ctx(app: &TestApp) -> Ctx {
    let actor = Actor {
        kind: ActorKind::Person,
        id: Uuid::nil(),
        name: "Tester".into(),
        role: Role::Operator,
    };
    Ctx {
        actor: Some(actor),
        ..app.state.anonymous(Request {
            id: "req_test".into(),
            ..Request::default()
        })
    }
}

/// What can be counted in the database of what an archive does.
pub(crate) async fn facts(app: &TestApp) -> [i64; 8] {
    [
        app.count("select count(*) from contracts where archived_at is not null")
            .await,
        app.count("select count(*) from contracts where metering_stopped_at is not null")
            .await,
        app.count("select count(*) from contracts where spend_recharge_enabled")
            .await,
        app.count("select count(*) from contracts where credit_recharge_enabled")
            .await,
        app.count("select count(*) from invoices where status = 'VOID'")
            .await,
        app.count(
            "select coalesce(sum(total_minor), 0)::bigint from invoices where status = 'VOID'",
        )
        .await,
        app.count(
            "select count(*) from billing_provider_configurations where archived_at is not null",
        )
        .await,
        app.count("select count(*) from ingest_aliases").await,
    ]
}

pub(crate) fn expected(before: [i64; 8], tally: &Tally) -> [i64; 8] {
    let n = |count: u64| i64::try_from(count).unwrap();
    [
        before[0] + n(tally.contracts_archived),
        before[1] + n(tally.metering_stopped),
        before[2] - n(tally.spend_recharges_disabled),
        before[3] - n(tally.credit_recharges_disabled),
        before[4] + n(tally.invoices_voided),
        before[5] + tally.voided.iter().map(|money| money.minor).sum::<i64>(),
        before[6] + n(tally.configurations_archived),
        before[7] - n(tally.aliases_released),
    ]
}

/// Up to three customers with all kinds of things on them.
pub(crate) async fn world_of(
    app: &TestApp,
    random: &mut fastrand::Rng,
    world: usize,
) -> Vec<CustomerId> {
    let mut ids = Vec::new();
    for number in 0..random.usize(1..4) {
        let customer = app.customer(&format!("World {world}, {number}")).await;
        let mut configurations = Vec::new();
        for _ in 0..random.usize(0..3) {
            configurations.push(app.configuration(&customer, None).await);
        }
        for _ in 0..random.usize(0..3) {
            let through = random.choice(&configurations).map(String::as_str);
            let contract = app.contract(&customer, through).await;
            for invoice in 0..random.usize(0..3) {
                let status = *random.choice(&["DRAFT", "FINALIZED", "VOID"]).unwrap();
                let external = *random
                    .choice(&[None, Some("PAID"), Some("QUEUED"), Some("SENT")])
                    .unwrap();
                app.invoice(
                    &customer,
                    &contract,
                    &format!("{contract}-{invoice}"),
                    status,
                    external,
                )
                .await;
            }
        }
        if random.bool() {
            let aliases = json!({ "ingest_aliases": [format!("alias-{customer}")] });
            app.post(
                &format!("/v1/customers/{customer}/setIngestAliases"),
                &aliases,
            )
            .await;
        }
        if !configurations.is_empty() && random.u8(0..4) == 0 {
            let body = json!({ "customer_id": customer, "customer_billing_provider_configuration_ids": [configurations[0]] });
            app.post("/v1/archiveCustomerBillingProviderConfigurations", &body)
                .await;
        }
        if random.u8(0..6) == 0 {
            app.post("/v1/customers/archive", &json!({ "id": customer }))
                .await;
        }
        ids.push(CustomerId(Uuid::parse_str(&customer).unwrap()));
    }
    ids
}

fn options(random: &mut fastrand::Rng) -> ArchiveOptions {
    ArchiveOptions {
        archive_configurations: random.bool(),
        release_aliases: random.bool(),
        keep_paid_invoices: random.bool(),
    }
}

/// 500 random worlds of up to three customers: what was previewed, what was answered, and what changed are the same.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_is_previewed_is_what_happens(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ctx = ctx(&app);
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for world in 0..500 {
        let ids = world_of(&app, &mut random, world).await;
        let how = options(&mut random);
        let asked = customers::service::ask(&ctx, ids.clone(), Transition::Archive, how)
            .await
            .unwrap();
        let before = facts(&app).await;
        let read: Vec<i64> = asked
            .preview
            .subjects
            .iter()
            .map(|subject| subject.version)
            .collect();
        let outcome = ctx
            .write(move |tx| {
                let (ids, read) = (ids.clone(), read.clone());
                async move {
                    let agree = |seen: &Preview| {
                        assert!(seen.is_of(&read), "what is seen under lock was previewed");
                        Ok(())
                    };
                    customers::service::archive(tx, &ids, &how, agree, None).await
                }
                .boxed()
            })
            .await
            .unwrap();
        assert_eq!(outcome.tally, asked.preview.tally, "world {world}");
        assert_eq!(
            outcome.changed.len(),
            asked.preview.changes(),
            "world {world}"
        );
        assert_eq!(
            facts(&app).await,
            expected(before, &asked.preview.tally),
            "world {world}"
        );
    }
    app.invariants().await;
}

/// Random worlds again: what a kept preview foresees of each row and of all is what its job does.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_a_kept_preview_foresees_is_what_its_job_does(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ctx = ctx(&app);
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut jobs = 0;
    for world in 0..times("WORLDS", 100) {
        let ids = world_of(&app, &mut random, world).await;
        let how = options(&mut random);
        let body = json!({
            "action": "archive_customers",
            "selection": { "ids": ids },
            "options": {
                "archive_billing_provider_configurations": how.archive_configurations,
                "release_ingest_aliases": how.release_aliases,
                "keep_paid_invoices": how.keep_paid_invoices,
                "all_or_nothing": random.bool(),
            },
        });
        let asked = preview(&app, body).await;
        if asked["changing"] == 0 {
            continue;
        }
        let before = facts(&app).await;
        let path = confirmed(&app, &asked).await;
        assert_eq!(
            facts(&app).await,
            before,
            "world {world}: not during the hold"
        );
        let foreseen = app.count(ROWS).await;
        let now = app.state.clock.now();
        app.state.clock.set(now + TimeDelta::seconds(11));
        app.work().await;
        let told = job(&app, &path).await;
        assert_eq!(
            (&told["state"], &told["successful_count"], &told["effects"]),
            (&json!("completed"), &asked["changing"], &asked["effects"]),
            "world {world}: {told}"
        );
        assert_eq!(app.count(ROWS).await, foreseen, "world {world}: row by row");
        let id = BulkJobId(Uuid::parse_str(asked["id"].as_str().unwrap()).unwrap());
        let done = bulk_jobs::service::find(&ctx, id).await.unwrap();
        assert_eq!(done.done, done.foreseen, "world {world}");
        assert_eq!(
            facts(&app).await,
            expected(before, &done.foreseen),
            "world {world}"
        );
        jobs += 1;
    }
    assert!(jobs > 0, "there was something to do");
    println!("{jobs} jobs did what their previews foresaw");
    app.jobs_add_up().await;
    app.invariants().await;
}

/// The effects of every row of every job, as one number: foreseen before a job is done, told afterwards.
const ROWS: &str = "select hashtextextended(string_agg(job_id::text || position || tally::text, ' ' order by job_id, position), 0) from bulk_job_items";

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_moved_since_the_preview_is_not_touched(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let customer = app.customer("Moving").await;
    let fields = [
        ("ids", customer.as_str()),
        ("versions", "1"),
        ("preset", "churned"),
        ("idempotency_key", "k-1"),
    ];
    app.post(
        &format!("/v1/customers/{customer}/setName"),
        &json!({ "name": "Moved" }),
    )
    .await;
    let path = format!("/customers/{customer}/archive");
    let answer = app.form(&path, &cookie, &fields).await;
    assert_eq!(answer.status.as_u16(), 422);
    assert!(answer.text().contains("changed since"), "{}", answer.text());
    assert_eq!(
        app.count("select count(*) from customers where archived_at is not null")
            .await,
        0
    );
    let current = [
        ("ids", customer.as_str()),
        ("versions", "2"),
        ("preset", "churned"),
        ("idempotency_key", "k-1"),
    ];
    for attempt in ["the first submit", "a double submit"] {
        let answer = app.form(&path, &cookie, &current).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, format!("/customers/{customer}").as_str()),
            "{attempt}"
        );
    }
    assert_eq!(
        app.count("select count(*) from audit_entries where action = 'customer.archived'")
            .await,
        1
    );
    assert_eq!(Unarchive::Allowed, app.state.settings.unarchive);
    app.invariants().await;
}

/// Without a script nothing counts anew when an option is ticked: the figures that were read are not those of the option.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn an_option_ticked_after_reading_shows_its_figures_first(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let customer = app.customer("Optional").await;
    app.configuration(&customer, None).await;
    let path = format!("/customers/{customer}/archive");
    let page = app.page(&path, &cookie).await.text();
    let field = |name: &str| {
        let from = page.find(&format!("name=\"{name}\" value=\"")).unwrap();
        let value = page[from..].split('"').nth(3).unwrap();
        value.replace("&quot;", "\"").replace("&amp;", "&")
    };
    let (versions, key, read) = (field("versions"), field("idempotency_key"), field("read"));
    let fields = [
        ("ids", customer.as_str()),
        ("versions", &versions),
        ("idempotency_key", &key),
        ("preset", "churned"),
        ("keep_paid_invoices", "on"),
        ("archive_configurations", "on"),
    ];
    let mut first = fields.to_vec();
    first.push(("read", &read));
    let answer = app.form(&path, &cookie, &first).await;
    assert_eq!(answer.status.as_u16(), 422);
    let told = answer.text();
    assert!(
        told.contains("changed since") && told.contains("configuration archived"),
        "{told}"
    );
    assert_eq!(app.form(&path, &cookie, &fields).await.status.as_u16(), 303);
    app.invariants().await;
}
