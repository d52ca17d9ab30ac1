//! A preview says what will happen: no more, no less.

use crate::{
    bulk::{confirm, confirmed, job, preview, results, work},
    harness::{TestApp, seed, times},
    witness,
    worlds::world_of,
};
use app::{
    auth::{Actor, ActorKind, Role},
    billing_configurations,
    bulk_jobs::What,
    confirm::{Subjects, Transition},
    context::{Ctx, Request, Unarchive},
    customers::{self, ArchiveOptions},
    effects::{Outcome, Preview, Tally},
    error::AppError,
    ids::{ConfigurationId, CustomerId},
};
use fastrand::Rng;
use futures::FutureExt;
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use std::collections::BTreeMap;
use uuid::Uuid;

fn ctx(app: &TestApp) -> Ctx {
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

/// What somebody wants done to some rows of a world.
struct Wish {
    what: What,
    how: ArchiveOptions,
    all_or_nothing: bool,
    rows: Vec<Uuid>,
    /// How to try the same again, and nothing else.
    again: String,
}

async fn wish(app: &TestApp, first: u64, world: usize) -> Wish {
    let seed = first.wrapping_add(world as u64);
    let mut random = Rng::with_seed(seed);
    let what = random.choice(What::ALL).unwrap();
    let archived = match what.transition {
        Transition::Archive => 0.2,
        Transition::Unarchive => 0.6,
    };
    let made = world_of(app, &mut random, world, archived).await;
    let rows = match what.subjects {
        Subjects::Customers => made.customers,
        Subjects::Configurations => made.configurations,
    };
    let chosen = rows.iter().filter(|_| random.u8(0..5) > 0);
    let rows = chosen.map(|id| id.parse().unwrap()).collect();
    Wish {
        what,
        how: ArchiveOptions {
            archive_configurations: random.bool(),
            release_aliases: random.bool(),
            keep_paid_invoices: random.bool(),
        },
        all_or_nothing: random.u8(0..4) == 0,
        rows,
        again: format!("{} again with SEED={seed} WORLDS=1", what.as_str()),
    }
}

/// The figures of a preview as an API's answer names them.
fn figures(preview: &Preview) -> Value {
    let counts = preview.tally.counts().into_iter();
    let mut effects: Map<String, Value> = counts
        .map(|(name, count)| (name.to_owned(), json!(count)))
        .collect();
    effects.insert("voided".to_owned(), json!(preview.tally.voided));
    json!({
        "changing": preview.changes(), "skipped": preview.skipped(), "blocked": preview.blocked(),
        "effects": effects, "notifications": preview.notifications,
    })
}

/// What a witness tells when just that happens which a preview says.
fn expected(what: What, asked: &Value) -> Value {
    let customers =
        |transition| match what.subjects == Subjects::Customers && what.transition == transition {
            true => asked["changing"].clone(),
            false => json!(0),
        };
    json!({
        "effects": asked["effects"], "notifications": asked["notifications"], "otherwise": 0,
        "customers_archived": customers(Transition::Archive),
        "customers_unarchived": customers(Transition::Unarchive),
    })
}

/// The figures of all worlds together, which show what was tried.
#[derive(Default)]
struct Tried(BTreeMap<String, u64>);

impl Tried {
    fn count(&mut self, name: &str, more: u64) {
        *self.0.entry(name.to_owned()).or_default() += more;
    }

    fn add(&mut self, asked: &Value) {
        for name in ["skipped", "blocked", "notifications"] {
            self.count(name, asked[name].as_u64().unwrap());
        }
        for (name, figure) in asked["effects"].as_object().unwrap() {
            if let Some(count) = figure.as_u64() {
                self.count(name, count);
            }
        }
        for money in asked["effects"]["voided"].as_array().unwrap() {
            self.count(money["currency"].as_str().unwrap(), 1);
        }
    }
}

/// Does what was read, in one transaction.
async fn act(ctx: &Ctx, wish: &Wish, read: Vec<i64>) -> Result<Outcome, AppError> {
    let (what, how, rows) = (wish.what, wish.how, wish.rows.clone());
    ctx.write(move |tx| {
        let (rows, read) = (rows.clone(), read.clone());
        async move {
            let agree = |seen: &Preview| {
                assert!(seen.is_of(&read), "what is seen under lock was previewed");
                Ok(())
            };
            let setting = Unarchive::Allowed;
            let customers: Vec<CustomerId> = rows.iter().copied().map(CustomerId).collect();
            match (what.subjects, what.transition) {
                (Subjects::Customers, Transition::Archive) => {
                    customers::service::archive(tx, &customers, &how, agree, None).await
                }
                (Subjects::Customers, Transition::Unarchive) => {
                    customers::service::unarchive(tx, &customers, setting, agree, None).await
                }
                (Subjects::Configurations, transition) => {
                    let rows: Vec<_> = rows.into_iter().map(ConfigurationId).collect();
                    billing_configurations::service::change(
                        tx, &rows, transition, setting, agree, None,
                    )
                    .await
                }
            }
        }
        .boxed()
    })
    .await
}

async fn asked(ctx: &Ctx, wish: &Wish) -> Preview {
    let (transition, rows) = (wish.what.transition, wish.rows.iter().copied());
    let asked = match wish.what.subjects {
        Subjects::Customers => {
            let rows = rows.map(CustomerId).collect();
            customers::service::ask(ctx, rows, transition, wish.how).await
        }
        Subjects::Configurations => {
            let rows = rows.map(ConfigurationId).collect();
            billing_configurations::service::ask(ctx, rows, transition).await
        }
    };
    asked.unwrap().preview
}

/// Random worlds: what was previewed, what was answered, and what a witness saw change are the same.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_is_previewed_is_what_happens(pool: PgPool) {
    let app = TestApp::new(pool).await;
    witness::watch(&app).await;
    let ctx = ctx(&app);
    let (first, mut tried, mut done) = (seed(), Tried::default(), 0);
    println!("SEED={first} makes the same worlds");
    for world in 0..times("WORLDS", 400) {
        let wish = wish(&app, first, world).await;
        if wish.rows.is_empty() {
            continue;
        }
        let again = &wish.again;
        witness::forget(&app).await;
        let asked = asked(&ctx, &wish).await;
        assert_eq!(witness::noted(&app).await, 0, "{again}: a preview wrote");
        if asked.changes() == 0 {
            continue;
        }
        let read = asked.subjects.iter().map(|subject| subject.version);
        let outcome = act(&ctx, &wish, read.collect()).await.unwrap();
        let told = (outcome.changed.len(), outcome.skipped, outcome.blocked);
        let foreseen = (asked.changes(), asked.skipped(), asked.blocked());
        assert_eq!(told, foreseen, "{again}");
        assert_eq!(outcome.tally, asked.tally, "{again}");
        let mut rows = Tally::default();
        for changed in &outcome.changed {
            rows.add(&changed.tally);
        }
        assert_eq!(rows, asked.tally, "{again}: row by row");
        let figures = figures(&asked);
        let seen = witness::told(&app).await;
        assert_eq!(seen, expected(wish.what, &figures), "{again}");
        tried.add(&figures);
        done += 1;
    }
    assert!(done > 0, "there was something to do");
    println!("{done} previews came true: {:?}", tried.0);
    app.invariants().await;
}

/// What a job does is what its kept preview foresees, of all rows and of each.
async fn is_done_as_foreseen(app: &TestApp, wish: &Wish, asked: &Value) {
    let again = &wish.again;
    let path = confirmed(app, asked).await;
    // The entry in the audit log, and its announcement.
    assert_eq!(witness::noted(app).await, 2, "{again}: done in the hold");
    let rows = format!(
        "select hashtextextended(string_agg(position || tally::text, ' ' order by position), 0) from bulk_job_items where job_id = '{}'",
        asked["id"].as_str().unwrap()
    );
    let foreseen = app.count(&rows).await;
    work(app).await;
    let seen = witness::told(app).await;
    assert_eq!(seen, expected(wish.what, asked), "{again}");
    assert_eq!(app.count(&rows).await, foreseen, "{again}: row by row");
    let told = job(app, &path).await;
    for (name, foreseen) in [
        ("state", &json!("completed")),
        ("successful_count", &asked["changing"]),
        ("failed_count", &json!(0)),
        ("foreseen", &asked["effects"]),
        ("effects", &asked["effects"]),
    ] {
        assert_eq!(&told[name], foreseen, "{again}: {name} of {told}");
    }
    let results = results(app, &path).await;
    for (result, figure) in [
        ("ok", "changing"),
        ("skipped already_", "skipped"),
        ("skipped uniqueness_key_taken", "blocked"),
    ] {
        let count = results.iter().filter(|one| one.starts_with(result)).count();
        assert_eq!(asked[figure], count, "{again}: {figure} of {results:?}");
    }
    assert_eq!(asked["item_count"], results.len(), "{again}");
}

/// Random worlds again: what a kept preview foresees is what a witness sees its job do.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_a_kept_preview_foresees_is_what_its_job_does(pool: PgPool) {
    let app = TestApp::new(pool).await;
    witness::watch(&app).await;
    let (first, mut tried, mut done, mut refused) = (seed(), Tried::default(), 0, 0);
    println!("SEED={first} makes the same worlds");
    for world in 0..times("WORLDS", 100) {
        let wish = wish(&app, first, world).await;
        if wish.rows.is_empty() {
            continue;
        }
        let body = json!({
            "action": wish.what.as_str(),
            "selection": { "ids": wish.rows },
            "options": {
                "archive_billing_provider_configurations": wish.how.archive_configurations,
                "release_ingest_aliases": wish.how.release_aliases,
                "keep_paid_invoices": wish.how.keep_paid_invoices,
                "all_or_nothing": wish.all_or_nothing,
            },
        });
        let again = &wish.again;
        witness::forget(&app).await;
        let asked = preview(&app, body).await;
        assert_eq!(witness::noted(&app).await, 0, "{again}: a preview wrote");
        if asked["changing"] == 0 || (wish.all_or_nothing && asked["blocked"] != 0) {
            let answer = confirm(&app, &asked).await;
            assert!(
                answer.status.is_client_error(),
                "{again}: {}",
                answer.text()
            );
            assert_eq!(witness::noted(&app).await, 0, "{again}: refused, and done");
            refused += 1;
            continue;
        }
        is_done_as_foreseen(&app, &wish, &asked).await;
        tried.add(&asked);
        done += 1;
    }
    assert!(done > 0, "there was something to do");
    println!(
        "{done} jobs did what their previews foresaw, {refused} were refused: {:?}",
        tried.0
    );
    app.jobs_add_up().await;
    app.invariants().await;
}

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
