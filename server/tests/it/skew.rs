//! Writers of two kinds that want the same customer at once: one archives it or its configuration, the other writes to what
//! the archive ends. Whoever comes second sees all that the first one did, and the log tells of both in their order.

use crate::{
    archivers::{
        ARCHIVE_CONFIGURATIONS, Archive, By, Console, MOVED, World, of_configuration, told,
    },
    harness::{TestApp, seed, times},
    overlaps::{DEADLOCKS, until_waiting},
};
use futures::{FutureExt, future::LocalBoxFuture};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};
use std::time::Duration;

/// What the other one comes to where the archive was first.
#[derive(Debug, Clone, Copy)]
enum Late {
    Refused(&'static str),
    /// The archive did it already.
    NothingLeft,
    Done,
}

struct Pair {
    archive: Archive,
    path: &'static str,
    body: fn(&World) -> Value,
    /// In the log.
    entry: &'static str,
    late: Late,
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn no_contract_slips_past_an_archive(pool: PgPool) {
    let create = |archive, late| Pair {
        archive,
        path: "/v1/contracts/create",
        body: new_contract,
        entry: "contract.created",
        late: Late::Refused(late),
    };
    meet(
        pool,
        &[
            create(Archive::Customer, "customer_archived"),
            create(Archive::Configuration, "invalid"),
        ],
    )
    .await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn no_invoice_slips_past_an_archive(pool: PgPool) {
    let write = |archive, body| Pair {
        archive,
        path: "/v1/invoices",
        body,
        entry: "invoice.written",
        late: Late::Refused("customer_archived"),
    };
    let void = Pair {
        archive: Archive::Customer,
        path: "/v1/invoices/void",
        body: |world| json!({ "id": world.invoice }),
        entry: "invoice.voided",
        late: Late::NothingLeft,
    };
    meet(
        pool,
        &[
            write(Archive::Customer, |world| {
                invoice(world, "new", "DRAFT", None)
            }),
            write(Archive::Customer, |world| {
                invoice(world, "draft", "FINALIZED", Some("QUEUED"))
            }),
            write(Archive::KeepingPaid, |world| {
                invoice(world, "draft", "FINALIZED", Some("PAID"))
            }),
            void,
        ],
    )
    .await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn no_configuration_slips_past_an_archive(pool: PgPool) {
    let too = |archive, late| Pair {
        archive,
        path: ARCHIVE_CONFIGURATIONS,
        body: of_configuration,
        entry: "configurations.archived",
        late,
    };
    let create = Pair {
        archive: Archive::WithConfigurations,
        path: "/v1/setCustomerBillingProviderConfigurations",
        body: new_configuration,
        entry: "configurations.created",
        late: Late::Refused("customer_archived"),
    };
    meet(
        pool,
        &[
            too(Archive::Customer, Late::Done),
            too(Archive::WithConfigurations, Late::NothingLeft),
            create,
        ],
    )
    .await;
}

fn new_contract(world: &World) -> Value {
    let through = json!({ "billing_provider_configuration_id": world.configuration });
    json!({
        "customer_id": world.customer, "starting_at": "2026-01-01T00:00:00Z", "billing_provider_configuration": through,
    })
}

fn new_configuration(world: &World) -> Value {
    let one = json!({
        "customer_id": world.customer, "billing_provider": "stripe", "delivery_method": "direct_to_billing_provider",
        "configuration": { "stripe_customer_id": "cus_2" },
    });
    json!({ "data": [one] })
}

fn invoice(world: &World, number: &str, status: &str, external: Option<&str>) -> Value {
    json!({
        "customer_id": world.customer, "contract_id": world.contract, "external_id": format!("{number} {}", world.customer),
        "starts_at": "2026-10-01T00:00:00Z", "ends_at": "2026-11-01T00:00:00Z", "lines": [], "currency": "EUR",
        "total_minor": 12_050, "status": status, "external_status": external,
    })
}

/// What the archive is told, what the other one is told, and what the log says.
type Outcome = (String, String, String);

fn where_the_archive_is_first(pair: &Pair) -> Outcome {
    let (archive, other) = (pair.archive.entry(), pair.entry);
    let (told, log) = match pair.late {
        Late::Refused(code) => (code, archive.to_owned()),
        Late::NothingLeft => ("done", archive.to_owned()),
        Late::Done => ("done", format!("{archive}, {other}")),
    };
    ("done".to_owned(), told.to_owned(), log)
}

fn where_the_other_is_first(pair: &Pair, by: By) -> Outcome {
    let (archive, other) = (pair.archive.entry(), pair.entry);
    let (told, log) = match by {
        By::Api => ("done", format!("{other}, {archive}")),
        By::Page | By::Job => (MOVED, other.to_owned()),
    };
    (told.to_owned(), "done".to_owned(), log)
}

/// Holds both up where they need what `lock` takes, and lets them go once both wait: in the order in which they came.
async fn in_order(
    app: &TestApp,
    lock: String,
    first: LocalBoxFuture<'_, String>,
    second: LocalBoxFuture<'_, String>,
) -> (String, String) {
    let mut holder = app.pool.begin().await.unwrap();
    let locked = sqlx::raw_sql(AssertSqlSafe(lock))
        .execute(&mut *holder)
        .await;
    locked.unwrap();
    let second = async {
        until_waiting(app, 1).await;
        second.await
    };
    let person = async {
        until_waiting(app, 2).await;
        holder.rollback().await.unwrap();
    };
    let (first, second, ()) = tokio::join!(first, second, person);
    (first, second)
}

async fn some_time_later(
    pause: Duration,
    first: LocalBoxFuture<'_, String>,
    second: LocalBoxFuture<'_, String>,
) -> (String, String) {
    let second = async {
        tokio::time::sleep(pause).await;
        second.await
    };
    tokio::join!(first, second)
}

/// Lets the two of each pair meet in every way, again and again.
async fn meet(pool: PgPool, pairs: &[Pair]) {
    let console = Console::new(pool).await;
    let seed = seed();
    println!("SEED={seed} begins with the same chance");
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut met, mut overtaken) = (0, 0);
    for pair in pairs {
        for n in 0..times("SKEWS", 18) {
            overtaken += usize::from(meet_once(&console, pair, n, &mut random).await);
            met += 1;
        }
        // None of them is touched again: what was broken still is.
        console.app.invariants().await;
        the_log_agrees(&console.app).await;
    }
    println!("{met} times two met, and {overtaken} times the second was first");
    // A connection tells of its deadlocks once a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let victims = console.app.count(DEADLOCKS).await;
    assert_eq!(victims, 0, "nobody was the victim of a deadlock");
}

/// Each number below 18 is another way. Answers whether the one that began second was first.
async fn meet_once(console: &Console, pair: &Pair, n: usize, random: &mut fastrand::Rng) -> bool {
    let app = &console.app;
    let world = console.world().await;
    let by = [By::Api, By::Page, By::Job][n % 3];
    let archive_begins = (n / 3).is_multiple_of(2);
    let locks = [
        // Neither has looked at anything yet.
        Some(format!(
            "select from customers where id = '{}' for update",
            world.customer
        )),
        // The first has done all, and is about to write it in the log.
        Some("lock table audit_entries in share mode".to_owned()),
        None,
    ];
    let lock = locks[n / 6 % 3].clone();
    let pause = Duration::from_millis(random.u64(0..4));

    let mut foreseen = vec![
        where_the_archive_is_first(pair),
        where_the_other_is_first(pair, by),
    ];
    let archive = console.ready(pair.archive, by, &world).await;
    let body = (pair.body)(&world);
    let other = async { told(&app.post(pair.path, &body).await) }.boxed_local();
    let (mut first, mut second) = (archive, other);
    if !archive_begins {
        std::mem::swap(&mut first, &mut second);
        foreseen.reverse();
    }
    let forced = lock.is_some();
    let (mut archive, mut other) = match lock {
        Some(lock) => in_order(app, lock, first, second).await,
        None => some_time_later(pause, first, second).await,
    };
    if !archive_begins {
        std::mem::swap(&mut archive, &mut other);
    }
    let came_to = (archive, other, console.log(&world).await);
    let found = foreseen.iter().position(|one| *one == came_to);
    assert!(
        found == Some(0) || (found == Some(1) && !forced),
        "{n}: {:?} by {by:?}, {} {body}, {pause:?} apart: {came_to:?}, not {foreseen:?}",
        pair.archive,
        pair.path,
    );
    found == Some(1)
}

/// Each row that an archive ended has one entry that says so, and no entry tells of another.
async fn the_log_agrees(app: &TestApp) {
    for (effect, rows) in [
        (
            "contract_archived",
            "select id from contracts where archived_at is not null",
        ),
        (
            "metering_stopped",
            "select id from contracts where metering_stopped_at is not null",
        ),
        (
            "configuration_detached",
            "select id from contracts where configuration_archived_at is not null",
        ),
        (
            "configuration_archived",
            "select id from billing_provider_configurations where archived_at is not null",
        ),
        (
            "invoice_voided",
            "select id from invoices where status = 'VOID'",
        ),
        (
            "paid_invoice_kept",
            "select i.id from invoices i join customers c on c.id = i.customer_id where c.archived_at is not null and i.status <> 'VOID'",
        ),
    ] {
        let told = format!(
            "select effect ->> 'id' as id, count(*) as times from audit_entries, jsonb_array_elements(effects) effect where effect ->> 'kind' = '{effect}' group by 1"
        );
        let apart = format!(
            "select count(*) from ({rows}) found full join ({told}) told on told.id = found.id::text where found.id is null or told.times is distinct from 1"
        );
        assert_eq!(app.count(apart).await, 0, "{effect}");
    }
    for (rule, sql) in [
        (
            "a contract has one entry of how it came",
            "select count(*) from contracts k full join (select object_id, count(*) as times from audit_entries where action = 'contract.created' group by 1) a on a.object_id = k.id where k.id is null or a.times is distinct from 1",
        ),
        (
            "an invoice that stands is what its last entry says",
            "select count(*) from invoices i left join (select distinct on (object_id) object_id, after from audit_entries where object_kind = 'invoice' order by object_id, id desc) a on a.object_id = i.id where i.status <> 'VOID' and a.after ->> 'status' is distinct from i.status",
        ),
    ] {
        assert_eq!(app.count(sql).await, 0, "broken: {rule}");
    }
}
