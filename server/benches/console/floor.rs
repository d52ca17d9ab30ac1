//! What the console is measured against: a bare page and bare statements, with the same SQL.

use super::{Outcome, processes::free_address, setting};
use axum::{
    Router,
    extract::State,
    response::{Html, IntoResponse},
    routing::get,
};
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, PgPool, postgres::PgPoolOptions};
use std::{
    env,
    fmt::Write,
    process::{Child, Command, Stdio},
    time::Duration,
};
use uuid::Uuid;

#[derive(Clone, Copy)]
pub(super) enum Case {
    First,
    Deep,
    Search,
    Archived,
}

impl Case {
    const ALL: [Self; 4] = [Self::First, Self::Deep, Self::Search, Self::Archived];

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::First => "/first",
            Self::Deep => "/deep",
            Self::Search => "/search",
            Self::Archived => "/archived",
        }
    }

    /// `$1` is a moment, `$2` an id, `$3` a pattern, `$4` a prefix: where the deep page begins, and what is searched.
    fn filter(self) -> &'static str {
        match self {
            Self::First => "true",
            Self::Deep => "(customer.updated_at, customer.id) < ($1, $2)",
            Self::Search => {
                "customer.id in (
                    (select id from customers where name ilike $3 limit 10001)
                    union (select id from customers where customer_key like $4 limit 10001)
                    union (select customer_id from ingest_aliases where alias like $4 limit 10001)
                )"
            }
            Self::Archived => "customer.archived_at is not null",
        }
    }

    fn sql(self) -> String {
        format!(
            "with page as (
                select customer.* from customers customer
                where ($1::timestamptz is not null and $2::uuid is not null and $3::text is not null and $4::text is not null)
                    and {}
                order by customer.updated_at desc, customer.id desc limit 51
            )
            select customer.id, customer.customer_key, customer.name, customer.archived_at, customer.updated_at,
                providers.names as providers, live.contracts as contracts, coalesce(open.amounts, '{{}}') as amounts
            from page customer
            cross join lateral (
                select coalesce(array_agg(billing_provider order by created_at, id), '{{}}') as names
                from billing_provider_configurations where customer_id = customer.id and archived_at is null
            ) providers
            cross join lateral (
                select count(*)::int as contracts, bool_or(spend_recharge_enabled) as spend,
                    bool_or(credit_recharge_enabled) as credit
                from contracts where customer_id = customer.id and archived_at is null
            ) live
            cross join lateral (
                select array_agg(currency order by currency) as currencies, array_agg(expected order by currency) as amounts
                from (
                    select currency, sum(total_minor)::bigint as expected from invoices
                    where customer_id = customer.id
                        and (status = 'DRAFT' or (status = 'FINALIZED' and external_status is distinct from 'PAID'))
                    group by currency
                ) sums
            ) open
            order by customer.updated_at desc, customer.id desc",
            self.filter()
        )
    }
}

#[derive(FromRow)]
struct Line {
    id: Uuid,
    customer_key: String,
    name: String,
    archived_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    providers: Vec<String>,
    contracts: i32,
    amounts: Vec<i64>,
}

#[derive(Clone)]
struct Bare {
    pool: PgPool,
    from: (DateTime<Utc>, Uuid),
    word: String,
}

/// The bare page as a process of its own, ended with this.
pub(super) struct Floor {
    pub(super) address: String,
    pub(super) pid: u32,
    process: Child,
}

impl Floor {
    pub(super) fn start(id: Uuid, at: DateTime<Utc>, word: &str) -> Outcome<Self> {
        let address = free_address()?;
        let process = Command::new(env::current_exe()?)
            .arg("floor")
            .env("FLOOR_ADDRESS", &address)
            .env("FLOOR_ID", id.to_string())
            .env("FLOOR_AT", at.to_rfc3339())
            .env("FLOOR_WORD", word)
            .stdout(Stdio::null())
            .spawn()?;
        let floor = Self {
            address,
            pid: process.id(),
            process,
        };
        super::client::wait_for(&floor.address, Case::First.path(), Duration::from_secs(10))?;
        Ok(floor)
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}

#[tokio::main]
pub(super) async fn serve(url: &str) -> Outcome<()> {
    let state = Bare {
        pool: PgPoolOptions::new()
            .max_connections(16)
            .connect(url)
            .await?,
        from: (setting("FLOOR_AT")?.parse()?, setting("FLOOR_ID")?.parse()?),
        word: setting("FLOOR_WORD")?,
    };
    let router = Case::ALL.into_iter().fold(Router::new(), |router, case| {
        let sql: &'static str = case.sql().leak();
        router.route(case.path(), get(move |state| page(state, case, sql)))
    });
    let listener = tokio::net::TcpListener::bind(setting("FLOOR_ADDRESS")?).await?;
    axum::serve(listener, router.with_state(state)).await?;
    Ok(())
}

async fn page(
    State(bare): State<Bare>,
    case: Case,
    sql: &'static str,
) -> Result<impl IntoResponse, String> {
    let lines: Vec<Line> = sqlx::query_as(sql)
        // As the console does: a plan for any pattern at all reads whole tables.
        .persistent(!matches!(case, Case::Search))
        .bind(bare.from.0)
        .bind(bare.from.1)
        .bind(format!("%{}%", bare.word))
        .bind(format!("{}%", bare.word))
        .fetch_all(&bare.pool)
        .await
        .map_err(|error| error.to_string())?;
    let mut html = String::from("<!DOCTYPE html><table>");
    for line in lines.iter().take(50) {
        write!(
            html,
            "<tr><td><a href=\"/customers/{}\">{}</a><td>{}<td>{}<td>{}<td>{}<td>{:?}<td>{}",
            line.id,
            line.name,
            line.customer_key,
            if line.archived_at.is_some() {
                "Archived"
            } else {
                "Active"
            },
            line.providers.join(", "),
            line.contracts,
            line.amounts,
            line.updated_at,
        )
        .map_err(|error| error.to_string())?;
    }
    Ok(Html(html))
}

/// Everything that an archive of these customers looks at.
pub(super) async fn read(pool: &PgPool, ids: &[Uuid]) -> Outcome<()> {
    for chunk in ids.chunks(1_000) {
        sqlx::query(
            "select count(customer), count(contract), count(invoice), count(configuration), count(alias)
             from customers customer
             left join contracts contract on contract.customer_id = customer.id
             left join invoices invoice on invoice.customer_id = contract.customer_id and invoice.contract_id = contract.id
             left join billing_provider_configurations configuration on configuration.customer_id = customer.id
             left join ingest_aliases alias on alias.customer_id = customer.id
             where customer.id = any($1)",
        )
        .bind(chunk)
        .execute(pool)
        .await?;
    }
    Ok(())
}

/// The same archive as statements, in one transaction.
pub(super) async fn archive(pool: &PgPool, ids: &[Uuid], reason: &str) -> Outcome<()> {
    let mut transaction = pool.begin().await?;
    statements(&mut transaction, ids, reason).await?;
    transaction.commit().await?;
    Ok(())
}

/// The same archive with a result for each row, a transaction for each 1,000 customers.
pub(super) async fn archive_with_results(pool: &PgPool, ids: &[Uuid], reason: &str) -> Outcome<()> {
    for chunk in ids.chunks(1_000) {
        let mut transaction = pool.begin().await?;
        statements(&mut transaction, chunk, reason).await?;
        sqlx::query(
            "insert into bench_results (id, name, state, tally, ended_at)
             select customers.id, name, 'ok', coalesce(tally, '{}'), now()
             from customers
             left join (
                select customer_id, jsonb_object_agg(kind, number) as tally
                from (select customer_id, kind, count(*) as number from done group by customer_id, kind) counts
                group by customer_id
             ) tallies on tallies.customer_id = customers.id
             where customers.id = any($1)",
        )
        .bind(chunk)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// Lock, four updates, audit entries with their effects, outbox events.
async fn statements(db: &mut PgConnection, ids: &[Uuid], reason: &str) -> Outcome<()> {
    const STATEMENTS: [&str; 7] = [
        "select id from customers where id = any($1) and $2::text is not null order by id for update",
        "create temporary table done on commit drop as
         select contract.customer_id, contract.id, 'contract_archived' as kind, contract.name, 0::bigint as minor, '' as currency
         from contracts contract where customer_id = any($1) and archived_at is null and $2::text is not null
         union all
         select invoice.customer_id, invoice.id, 'invoice_voided', invoice.external_id, invoice.total_minor, invoice.currency
         from invoices invoice where customer_id = any($1) and status <> 'VOID'",
        "update customers set archived_at = now(), archived_by = '{\"kind\": \"person\"}', archive_reason = $2, updated_at = now(),
            version = version + 1
         where id = any($1) and archived_at is null",
        "update contracts set ending_before = greatest(starting_at, least(ending_before, now())), archived_at = now(),
            metering_stopped_at = coalesce(metering_stopped_at, now()),
            spend_recharge_enabled = case when spend_recharge_enabled then false else spend_recharge_enabled end,
            credit_recharge_enabled = case when credit_recharge_enabled then false else credit_recharge_enabled end,
            updated_at = now()
         where customer_id = any($1) and archived_at is null and $2::text is not null",
        "update invoices set status = 'VOID', voided_at = now(), updated_at = now(),
            external_status = case when grace_period_ends_at > now() then 'SKIPPED' else external_status end
         where customer_id = any($1) and status <> 'VOID' and $2::text is not null",
        "insert into audit_entries (id, customer_id, at, actor, role, action, object_kind, object_id, reason, request_id, before, after, effects)
         select gen_random_uuid(), customers.id, now(), '{\"kind\": \"person\"}', 'operator', 'customer.archived', 'customer', customers.id, $2,
            'bench', jsonb_build_object('archived', null, 'version', version - 1),
            jsonb_build_object('archived', jsonb_build_object('at', archived_at, 'by', archived_by), 'version', version),
            coalesce(effects.all, '[]')
         from customers
         left join (
            select customer_id, jsonb_agg(to_jsonb(done) - 'customer_id') as all from done group by customer_id
         ) effects on effects.customer_id = customers.id
         where customers.id = any($1)",
        "insert into outbox_events (id, audit_entry_id, customer_id, kind, created_at)
         select gen_random_uuid(), id, customer_id, action, now() from audit_entries
         where customer_id = any($1) and at = now() and $2::text is not null",
    ];
    for statement in STATEMENTS {
        sqlx::query(statement)
            .bind(ids)
            .bind(reason)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}
