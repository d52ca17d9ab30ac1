//! Measures a running console beside the same SQL run bare: `make bench` starts both and prints the tables.
//!
//! Times depend on the machine and its neighbours; ratios within one run can be compared. The floor is a process of its
//! own that answers with the same rows in a bare table: no session, no templates, no counts.

#![expect(
    clippy::disallowed_methods,
    reason = "settings come from scripts/bench.sh, and bare statements are what is measured against"
)]

mod bulk;
mod client;
mod floor;
mod goals;
mod processes;

use app::paging::Cursor;
use chrono::{DateTime, SecondsFormat, Utc};
use client::{Client, Load, load};
use floor::{Case, Floor};
use goals::Goals;
use processes::{Cpu, peak_memory_mb};
use sqlx::{PgPool, Row};
use std::{
    collections::BTreeSet,
    env,
    error::Error,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use uuid::Uuid;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Customers archived in one action, and how often that is repeated.
const ARCHIVES: [(usize, usize); 3] = [(1, 20), (100, 10), (1_000, 9)];
/// Each list is asked for in turns with the floor, so often and so long.
const TURNS: usize = 6;
const TURN: Duration = Duration::from_secs(1);
const REASON: &str = "Churned";
/// What can be measured, in this order.
const PARTS: [&str; 5] = ["start", "lists", "archives", "people", "jobs"];

fn main() -> Outcome<()> {
    // cargo starts a bench in its package's folder; the site is found from the workspace's.
    env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))?;
    if env::args().nth(1).as_deref() == Some("floor") {
        return floor::serve(&setting("DATABASE_URL")?);
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let pool = runtime.block_on(PgPool::connect(&setting("MIGRATE_DATABASE_URL")?))?;
    let url = setting("MOTHBALL_URL")?;
    let server: u32 = setting("MOTHBALL_SERVER_PID")?.parse()?;
    let key = setting("MOTHBALL_API_KEY")?;
    let client = Client::sign_in(&url, &setting("MOTHBALL_PASSWORD")?, key)?;
    let goals = Goals::default();
    // cargo adds flags of its own.
    let named: Vec<String> = env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    if let Some(unknown) = named.iter().find(|word| !PARTS.contains(&word.as_str())) {
        return Err(format!("{unknown} is no part: name some of {}", PARTS.join(", ")).into());
    }
    let is_on = |part: &str| named.is_empty() || named.iter().any(|word| word == part);
    if is_on("start") {
        sizes(&client, &goals)?;
        cold_start(&goals)?;
    }
    if is_on("lists") {
        lists(&runtime, &pool, &client, server, &goals)?;
    }
    if is_on("archives") {
        archives(&runtime, &pool, &client, &goals)?;
    }
    let memory = peak_memory_mb(server)?;
    println!("\nPeak memory of the server, all of the above: {memory:.0} MB");
    goals.at_most("peak memory, MB", memory, goals::MEMORY_MB);
    // Before large jobs: the database cleans up after them for minutes, and is not idle.
    if is_on("people") {
        bulk::beside_people(&runtime, &pool, &client, &goals)?;
    }
    // Named twice, it finds in memory, the second time, what a database that has long been at work would.
    let jobs = named.iter().filter(|word| *word == "jobs").count();
    for _ in 0..if named.is_empty() { 1 } else { jobs } {
        bulk::jobs(&runtime, &pool, &client, server, &goals)?;
    }
    Ok(goals.told()?)
}

fn setting(name: &str) -> Outcome<String> {
    env::var(name).map_err(|_| format!("{name} is not set: run make bench").into())
}

/// What a browser loads first, in brotli.
fn sizes(client: &Client, goals: &Goals) -> Outcome<()> {
    println!("\n## Bytes of a first load, brotli\n\n| part | KiB |\n| --- | ---: |");
    let kib = |bytes: u64| bytes as f64 / 1_024.0;
    let mut script = 0;
    let mut style = 0;
    let page = client.get("/customers", "")?;
    let page = String::from_utf8_lossy(&page);
    let loaded: BTreeSet<&str> = page
        .split('"')
        .filter(|path| path.starts_with("/pkg/"))
        .collect();
    for path in loaded {
        let bytes = fs::metadata(format!("target/site{path}.br"))?.len();
        match path.rsplit('.').next() {
            Some("wasm" | "js") => script += bytes,
            Some("css") => style += bytes,
            _ => {}
        }
    }
    println!("| WASM and JavaScript | {:.1} |", kib(script));
    println!("| stylesheet | {:.1} |", kib(style));
    let list = client.get("/customers", "Accept-Encoding: br\r\n")?;
    println!(
        "| list of customers, 50 rows | {:.1} |",
        kib(list.len() as u64)
    );
    goals.at_most("KiB of script", kib(script), goals::SCRIPT_KIB);
    goals.at_most("KiB of style", kib(style), goals::STYLE_KIB);
    goals.at_most("KiB of a list", kib(list.len() as u64), goals::LIST_KIB);
    Ok(())
}

/// From the start of the process to the first page.
fn cold_start(goals: &Goals) -> Outcome<()> {
    let deps = env::current_exe()?;
    let binary = deps
        .parent()
        .and_then(Path::parent)
        .map(|folder| folder.join("mothball"))
        .ok_or("the server is not beside the bench")?;
    let mut times = Vec::new();
    for _ in 0..5 {
        let address = processes::free_address()?;
        let started = Instant::now();
        let mut server = Command::new(&binary)
            .arg("serve")
            .env("LEPTOS_SITE_ADDR", &address)
            .env("MOTHBALL_PUBLIC_URL", format!("http://{address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let answered = client::wait_for(&address, "/sign-in", Duration::from_secs(10));
        times.push(started.elapsed());
        server.kill()?;
        server.wait()?;
        answered?;
    }
    let took = median(&mut times).as_secs_f64() * 1_000.0;
    println!(
        "\nCold start to first page, median of {}: {took:.0} ms",
        times.len()
    );
    goals.at_most("cold start, ms", took, goals::COLD_START_MS);
    Ok(())
}

fn lists(
    runtime: &tokio::runtime::Runtime,
    pool: &PgPool,
    client: &Client,
    server: u32,
    goals: &Goals,
) -> Outcome<()> {
    let deep = runtime.block_on(deep(pool))?;
    let at = deep.1.to_rfc3339_opts(SecondsFormat::Micros, true);
    let after = Cursor {
        key: at,
        id: deep.0,
    }
    .encode();
    let word = deep.2.split_whitespace().next().unwrap_or("a").to_owned();
    let cases = [
        (
            Case::First,
            "first page".to_owned(),
            "/customers".to_owned(),
        ),
        (
            Case::Deep,
            "deep page".to_owned(),
            format!("/customers?after={after}"),
        ),
        (
            Case::Search,
            format!("search “{word}”"),
            format!("/customers?q={word}"),
        ),
        (
            Case::Archived,
            "archived".to_owned(),
            "/customers?status=archived".to_owned(),
        ),
    ];
    let floor = Floor::start(deep.0, deep.1, &word)?;
    println!(
        "\n## Lists, 50 rows, 8 connections\n\n| page | CPU ms, web + database | floor | ratio | requests/s | p50 ms | p99 ms | floor p50 | p99 |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for (case, name, path) in cases {
        let (mut ours, mut bare) = (Measured::default(), Measured::default());
        // In turns: a machine that is shared runs at another speed in the next second. The first turn warms both up.
        for turn in 0..=TURNS {
            let theirs = measured(&floor.address, case.path(), "", floor.pid)?;
            let own = measured(&client.address, &path, &client.cookie, server)?;
            if turn > 0 {
                bare.add(theirs);
                ours.add(own);
            }
        }
        let ratio = ours.cpu_ms() / bare.cpu_ms();
        goals.at_most(&name, ratio, goals::LIST_RATIO);
        println!(
            "| {name} | {:.2} | {:.2} | {:.1} | {:.0} | {:.1} | {:.1} | {:.1} | {:.1} |",
            ours.cpu_ms(),
            bare.cpu_ms(),
            ratio,
            ours.load.per_second(),
            ours.load.percentile(50),
            ours.load.percentile(99),
            bare.load.percentile(50),
            bare.load.percentile(99),
        );
    }
    Ok(())
}

/// Loads, with the CPU time that they cost.
#[derive(Default)]
struct Measured {
    load: Load,
    cpu: Duration,
}

impl Measured {
    fn add(&mut self, more: Self) {
        self.load.add(more.load);
        self.cpu += more.cpu;
    }

    /// Of one request.
    fn cpu_ms(&self) -> f64 {
        self.cpu.as_secs_f64() * 1_000.0 / self.load.requests() as f64
    }
}

fn measured(address: &str, path: &str, cookie: &str, pid: u32) -> Outcome<Measured> {
    let before = Cpu::now(pid)?;
    let load = load(address, path, cookie, TURN)?;
    let cpu = Cpu::now(pid)?.since(&before);
    Ok(Measured { load, cpu })
}

/// A customer in the middle of the list.
async fn deep(pool: &PgPool) -> Outcome<(Uuid, DateTime<Utc>, String)> {
    let row = sqlx::query(
        "select id, updated_at, name from customers order by updated_at desc, id desc
         offset (select count(*) / 2 from customers) limit 1",
    )
    .fetch_one(pool)
    .await?;
    Ok((row.get(0), row.get(1), row.get(2)))
}

fn archives(
    runtime: &tokio::runtime::Runtime,
    pool: &PgPool,
    client: &Client,
    goals: &Goals,
) -> Outcome<()> {
    println!(
        "\n## Archiving in one action\n\n| customers | ms, median | bare statements | ratio |\n| ---: | ---: | ---: | ---: |"
    );
    for (count, repeats) in ARCHIVES {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        // The first round warms both up.
        for round in 0..=repeats {
            let rows = runtime.block_on(active(pool, count))?;
            let body = client::archive_form(&rows);
            let started = Instant::now();
            client.post("/customers/archive", &body)?;
            let took = started.elapsed();
            let rows = runtime.block_on(active(pool, count))?;
            let ids: Vec<Uuid> = rows.into_iter().map(|(id, _)| id).collect();
            let started = Instant::now();
            runtime.block_on(floor::archive(pool, &ids, REASON))?;
            if round > 0 {
                ours.push(took);
                bare.push(started.elapsed());
            }
        }
        let (ours, bare) = (median(&mut ours), median(&mut bare));
        let ratio = ours.as_secs_f64() / bare.as_secs_f64();
        goals.at_most(&format!("archiving {count}"), ratio, goals::ARCHIVE_RATIO);
        println!(
            "| {count} | {:.1} | {:.1} | {ratio:.2} |",
            ours.as_secs_f64() * 1_000.0,
            bare.as_secs_f64() * 1_000.0,
        );
    }
    Ok(())
}

/// Active customers from all over the table, with their versions.
async fn active(pool: &PgPool, count: usize) -> Outcome<Vec<(Uuid, i64)>> {
    let rows = sqlx::query_as(
        "select id, version from customers where archived_at is null order by random() limit $1",
    )
    .bind(count as i64)
    .fetch_all(pool)
    .await?;
    if rows.len() < count {
        return Err("too few active customers are left: start with a fresh database".into());
    }
    Ok(rows)
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
