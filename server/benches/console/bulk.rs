//! Bulk jobs: their time beside bare statements, how it grows, what they take of memory, and what people notice of them.

use super::{
    Outcome, REASON, active,
    client::{self, Client, Load},
    floor,
    goals::{self, Goals},
    median,
    processes::{begin_new_peak, peak_memory_mb},
};
use serde_json::json;
use sqlx::PgPool;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// Customers of a job that is measured in turns with the bare statements, and how often.
const IN_TURNS: [(usize, usize); 2] = [(1_000, 3), (10_000, 2)];
const LARGEST: usize = 50_000;
/// The job that people work beside, and how often.
const BESIDE: usize = 10_000;
const BESIDE_TURNS: usize = 2;
const IDLE: Duration = Duration::from_secs(10);
const LIST: &str = "/customers";
const LOOK: Duration = Duration::from_millis(50);
/// A job waits ten seconds before it begins.
const PATIENCE: Duration = Duration::from_mins(10);

struct Took {
    preview: Duration,
    /// From its begin to its end.
    job: Duration,
}

impl Took {
    fn per_row(&self, rows: usize) -> f64 {
        ms(self.job) / rows as f64
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

pub(super) fn jobs(
    runtime: &Runtime,
    pool: &PgPool,
    client: &Client,
    server: u32,
    goals: &Goals,
) -> Outcome<()> {
    let customers: i64 =
        runtime.block_on(sqlx::query_scalar("select count(*) from customers").fetch_one(pool))?;
    println!(
        "\n## Bulk jobs, of {customers} customers\n\n| customers | ms a row | bare statements | ratio | preview, ms | memory, + MiB |\n| ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    runtime.block_on(sqlx::raw_sql("create table if not exists bench_results (id uuid primary key, name text not null, state text not null, tally jsonb, ended_at timestamptz)").execute(pool))?;
    let mut smallest = f64::MAX;
    for (count, repeats) in IN_TURNS {
        let (mut ours, mut previews, mut bare) = (Vec::new(), Vec::new(), Vec::new());
        let before = begin_new_peak(server)?;
        for _ in 0..repeats {
            let took = archived(runtime, pool, client, count)?;
            ours.push(took.job);
            previews.push(took.preview);
            let ids = some(runtime, pool, count)?;
            // A job finds its rows in memory, as its preview left them.
            runtime.block_on(floor::read(pool, &ids))?;
            let started = Instant::now();
            runtime.block_on(floor::archive_with_results(pool, &ids, REASON))?;
            bare.push(started.elapsed());
        }
        let took = Took {
            preview: median(&mut previews),
            job: median(&mut ours),
        };
        let bare = ms(median(&mut bare)) / count as f64;
        let ratio = took.per_row(count) / bare;
        goals.at_most(&format!("a job of {count}"), ratio, goals::JOB_RATIO);
        smallest = smallest.min(took.per_row(count));
        told(
            count,
            &took,
            &format!("{bare:.3} | {ratio:.2}"),
            server,
            before,
            goals,
        )?;
    }
    let left: i64 = runtime.block_on(
        sqlx::query_scalar("select count(*) from customers where archived_at is null")
            .fetch_one(pool),
    )?;
    if left < LARGEST as i64 {
        println!("\nToo few customers are left for a job of {LARGEST}.");
        return Ok(());
    }
    let before = begin_new_peak(server)?;
    let took = archived(runtime, pool, client, LARGEST)?;
    told(LARGEST, &took, "|", server, before, goals)?;
    let growth = took.per_row(LARGEST) / smallest;
    println!("\nA row of the largest job takes {growth:.2} times as long as one of the smallest.");
    goals.at_most("growth of a job", growth, goals::GROWTH_RATIO);
    Ok(())
}

fn told(
    count: usize,
    took: &Took,
    bare: &str,
    server: u32,
    before: f64,
    goals: &Goals,
) -> Outcome<()> {
    let more = peak_memory_mb(server)? - before;
    goals.at_most(&format!("memory of a job of {count}"), more, goals::JOB_MIB);
    println!(
        "| {count} | {:.3} | {bare} | {:.0} | {more:.0} |",
        took.per_row(count),
        ms(took.preview)
    );
    Ok(())
}

/// What twenty people notice of a job who look at the list meanwhile.
pub(super) fn beside_people(
    runtime: &Runtime,
    pool: &PgPool,
    client: &Client,
    goals: &Goals,
) -> Outcome<()> {
    println!(
        "\n## A list, 50 times a second, beside a job\n\n| | p50 ms | p99 ms |\n| --- | ---: | ---: |"
    );
    let look = |goes_on: &(dyn Fn() -> bool + Sync)| {
        client::people(&client.address, LIST, &client.cookie, goes_on)
    };
    let (mut idle, mut busy) = (Load::default(), Load::default());
    // In turns, as lists are measured. The first to look counts the tabs for all.
    for _ in 0..BESIDE_TURNS {
        client.get(LIST, "")?;
        let until = Instant::now() + IDLE;
        idle.add(look(&|| Instant::now() < until)?);
        let job = confirmed(client, &some(runtime, pool, BESIDE)?)?.1;
        let wait_until = |wanted: fn(&str) -> bool| runtime.block_on(wait_until(pool, job, wanted));
        wait_until(begun)?;
        let over = AtomicBool::new(false);
        let load = thread::scope(|scope| -> Outcome<Load> {
            let looking = scope.spawn(|| look(&|| !over.load(Ordering::Relaxed)));
            let ended = wait_until(is_over);
            over.store(true, Ordering::Relaxed);
            ended?;
            looking.join().map_err(|_| "a client failed")?
        })?;
        busy.add(load);
    }
    for (name, load) in [("idle", &idle), ("beside a job", &busy)] {
        println!(
            "| {name} | {:.1} | {:.1} |",
            load.percentile(50),
            load.percentile(99)
        );
    }
    let ratio = busy.percentile(99) / idle.percentile(99);
    let rows = (BESIDE * BESIDE_TURNS) as f64 / busy.seconds();
    println!(
        "\nThe jobs did {rows:.0} rows a second meanwhile; p99 is {ratio:.1} times that of an idle server."
    );
    goals.at_most("p99 beside a job, of idle", ratio, goals::STARVED_RATIO);
    goals.at_most(
        "p99 beside a job, ms",
        busy.percentile(99),
        goals::STARVED_MS,
    );
    goals.at_least(
        "rows a second of a job beside people",
        rows,
        goals::JOB_ROWS,
    );
    Ok(())
}

fn some(runtime: &Runtime, pool: &PgPool, count: usize) -> Outcome<Vec<Uuid>> {
    let rows = runtime.block_on(active(pool, count))?;
    Ok(rows.into_iter().map(|(id, _)| id).collect())
}

/// Previews and confirms; answers how long the preview took, and the job.
fn confirmed(client: &Client, ids: &[Uuid]) -> Outcome<(Duration, Uuid)> {
    let started = Instant::now();
    let preview = client.api(
        "/v1/bulk-previews",
        Some(&json!({ "action": "archive_customers", "selection": { "ids": ids } })),
    )?;
    let took = started.elapsed();
    let job = client.api(
        "/v1/bulk-jobs",
        Some(&json!({ "preview_token": preview["token"], "reason": REASON })),
    )?;
    Ok((
        took,
        job["id"].as_str().ok_or("the job has no id")?.parse()?,
    ))
}

fn archived(runtime: &Runtime, pool: &PgPool, client: &Client, count: usize) -> Outcome<Took> {
    let (preview, id) = confirmed(client, &some(runtime, pool, count)?)?;
    runtime.block_on(wait_until(pool, id, begun))?;
    let begun = Instant::now();
    runtime.block_on(wait_until(pool, id, is_over))?;
    let job = begun.elapsed();
    let told = client.api(&format!("/v1/bulk-jobs/{id}"), None)?;
    if told["successful_count"] != json!(count) {
        return Err(format!("a job did not do all of its rows: {told}").into());
    }
    Ok(Took { preview, job })
}

fn begun(state: &str) -> bool {
    state != "held"
}

fn is_over(state: &str) -> bool {
    !matches!(state, "held" | "running")
}

/// Asks the database, which costs the server nothing.
async fn wait_until(pool: &PgPool, job: Uuid, wanted: fn(&str) -> bool) -> Outcome<()> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let state: String = sqlx::query_scalar("select state from bulk_jobs where id = $1")
            .bind(job)
            .fetch_one(pool)
            .await?;
        if wanted(&state) {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
    Err("a job does not come to its end".into())
}
