//! The binary as a shell starts it: what it says, and what it ends with.

use crate::{
    bulk::{REASON, confirmed, many, pass_the_hold, preview_archive, work},
    harness::TestApp,
    kills::until,
};
use app::{auth::Role, context::Unarchive};
use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::IntoResponse,
};
use serde_json::json;
use server::{
    router,
    serve::{self, Limits},
};
use sqlx::{AssertSqlSafe, PgPool};
use std::{
    future::pending,
    io::Write,
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, spawn_blocking},
};

const PATIENCE: Duration = Duration::from_secs(60);
const HELD: &str = "select count(*) from bulk_jobs where state = 'held'";
/// What asks for a number of rows is given no terminal here.
const GO_ON: [&str; 3] = ["--yes", "--reason", REASON];

fn mothball(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mothball"));
    // Nothing but what a test says: neither its database nor a proxy.
    command.args(arguments).env_clear();
    command
}

/// What a command came to.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    fn says(&self, code: i32, parts: &[&str]) {
        let all = format!("{:?}\n{}\n{}", self.code, self.out, self.err);
        assert_eq!(self.code, Some(code), "{all}");
        for part in parts {
            assert!(all.contains(part), "{part}: {all}");
        }
    }
}

/// A server with a port for whoever comes from outside; answers its address.
async fn serving(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve::serve(listener, router, Limits::default(), pending()));
    format!("http://{address}")
}

fn router_of(app: &TestApp) -> Router {
    router::router(app.state.clone()).unwrap()
}

/// `mothball bulk …` with these rows on its standard input, by the operator's key.
fn bulk(app: &TestApp, url: &str, arguments: &[&str], rows: &[String]) -> JoinHandle<Ended> {
    let mut command = mothball(&["bulk"]);
    command
        .args(arguments)
        .args(["--file", "-", "--url", url])
        .env("MOTHBALL_API_KEY", app.key(Role::Operator))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let rows = rows.join("\n");
    spawn_blocking(move || {
        let mut started = command.spawn().unwrap();
        let mut stdin = started.stdin.take().unwrap();
        stdin.write_all(rows.as_bytes()).unwrap();
        drop(stdin);
        started.wait_with_output().unwrap().into()
    })
}

fn archive(app: &TestApp, url: &str, rows: &[String]) -> JoinHandle<Ended> {
    bulk(app, url, &[&["archive"], &GO_ON[..]].concat(), rows)
}

async fn run(app: &TestApp, sql: impl Into<String>) {
    sqlx::raw_sql(AssertSqlSafe(sql.into()))
        .execute(&app.pool)
        .await
        .unwrap();
}

/// What is seen by the first confirmation only.
fn is_first_confirmation(request: &Request, seen: &Mutex<Option<Instant>>) -> bool {
    let path = request.uri().path();
    let mut seen = seen.lock().unwrap();
    if path != "/v1/bulk-jobs" || seen.is_some() {
        return false;
    }
    *seen = Some(Instant::now());
    true
}

#[test]
fn what_is_typed_wrongly_ends_with_1_and_help_with_0() {
    let file = ["bulk", "archive", "--api-key", "x", "--file", "-"];
    for (arguments, code, said) in [
        (&["bulk", "archive", "--nonsense"][..], 1, "--nonsense"),
        (&["bulk", "archive"], 1, "--file"),
        (
            &[&file[..], &["--rows", "invoices"]].concat(),
            1,
            "invoices",
        ),
        (&["nonsense"], 1, "nonsense"),
        (&["key", "add"], 1, "--name"),
        (&["seed-demo", "--customers", "0"], 1, "0 is not in 1"),
        (&[], 1, "Usage"),
        (&["bulk"], 1, "Usage"),
        (&["--help"], 0, "Usage"),
        (&["help", "bulk"], 0, "Usage"),
        (&["--version"], 0, "mothball "),
        (&["bulk", "unarchive", "--help"], 0, "Ends with 0 when"),
    ] {
        let ended = Ended::from(mothball(arguments).output().unwrap());
        ended.says(code, &[said]);
        assert_eq!(ended.out.is_empty(), code != 0, "{arguments:?}");
    }
}

/// More rows than one page of the API that need nothing stand before them.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn blocked_rows_are_named_with_their_reason(pool: PgPool) {
    let app = TestApp::with(pool, Unarchive::Forbidden).await;
    let ids = many(&app, 145).await;
    confirmed(&app, &preview_archive(&app, &ids[120..]).await).await;
    work(&app).await;
    let rows: Vec<String> = (1..=145).map(|n| format!("many-{n}")).collect();
    let url = serving(router_of(&app)).await;
    let dry = bulk(&app, &url, &["unarchive", "--dry-run"], &rows);
    let dry = dry.await.unwrap();
    dry.says(
        2,
        &[
            "25  rows are blocked",
            "120  rows are already so",
            "blocked: many-121 (019a0000-0000-7000-8000-000000000079): Unarchive is switched off in this deployment\n",
            "blocked: and 5 more\n",
        ],
    );
    assert_eq!(dry.err.matches("blocked: many-").count(), 20, "{}", dry.err);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_changed_since_the_preview_is_told_and_not_gone_on_with(pool: PgPool) {
    let app = Arc::new(TestApp::new(pool).await);
    let ids = many(&app, 3).await;
    let seen = Arc::new(Mutex::new(None));
    let (inside, moved) = (app.clone(), ids[0].clone());
    let moving = from_fn(move |request: Request, next: Next| {
        let (app, id) = (inside.clone(), moved.clone());
        let first = is_first_confirmation(&request, &seen);
        async move {
            if first {
                let contract = app.contract(&id, None).await;
                app.invoice(&id, &contract, "INV-1", "DRAFT", None).await;
            }
            next.run(request).await
        }
    });
    let url = serving(router_of(&app).layer(moving)).await;
    let ended = archive(&app, &url, &ids).await.unwrap();
    ended.says(
        1,
        &[
            "contracts archived: was 0, is now 1\n",
            "voided: was EUR 0.00, is now EUR 120.50\n",
            "Run it again",
        ],
    );
    assert!(!ended.err.contains("rows change:"), "{}", ended.err);
    let confirmed = "select count(*) from bulk_jobs where confirmed_at is not null";
    assert_eq!(app.count(confirmed).await, 0);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn failed_rows_are_named_with_their_reason(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = many(&app, 30).await;
    let url = serving(router_of(&app)).await;
    let command = archive(&app, &url, &ids);
    until(&app, "the job is held", PATIENCE, HELD).await;
    run(
        &app,
        "update customers set version = version + 1 where customer_key not in ('many-1', 'many-2')",
    )
    .await;
    work(&app).await;
    let ended = command.await.unwrap();
    let id = app.get("/v1/bulk-jobs").await.json()["data"][0]["id"].clone();
    let page = format!("{url}/jobs/{}", id.as_str().unwrap());
    ended.says(
        2,
        &[
            "completed with failures: 2 done, 0 skipped, 28 failed",
            "failed: many-3 (019a0000-0000-7000-8000-000000000003): Changed since the preview, and so left as it was\n",
            "failed: and 8 more\n",
            &format!("{page}, as a file {page}/results.csv\n"),
        ],
    );
    assert_eq!(ended.err.matches("failed: many-").count(), 20);
}

/// It commits, and is away for longer than a person would wait; the answer was lost.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_confirmation_outlives_a_restart_of_the_server(pool: PgPool) {
    const AWAY: Duration = Duration::from_secs(5);
    let app = TestApp::new(pool).await;
    let ids = many(&app, 3).await;
    let died = Arc::new(Mutex::new(None));
    let restarting = from_fn(move |request: Request, next: Next| {
        let first = is_first_confirmation(&request, &died);
        let since: Option<Instant> = *died.lock().unwrap();
        async move {
            if first {
                next.run(request).await;
            } else if since.is_none_or(|since| since.elapsed() > AWAY) {
                return next.run(request).await;
            }
            // As a proxy answers before a server that is away.
            StatusCode::BAD_GATEWAY.into_response()
        }
    });
    let url = serving(router_of(&app).layer(restarting)).await;
    let command = archive(&app, &url, &ids);
    until(&app, "the job is held", PATIENCE, HELD).await;
    work(&app).await;
    command.await.unwrap().says(0, &["completed: 3 done"]);
    assert_eq!(app.count("select count(*) from bulk_jobs").await, 1);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_job_that_a_person_stops_ends_with_3(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let url = serving(router_of(&app)).await;
    let path = async || {
        let jobs = app.get("/v1/bulk-jobs").await.json();
        format!("/v1/bulk-jobs/{}", jobs["data"][0]["id"].as_str().unwrap())
    };

    let ids = many(&app, 3).await;
    let cancelled = archive(&app, &url, &ids);
    until(&app, "the job is held", PATIENCE, HELD).await;
    app.post(&format!("{}/cancel", path().await), &json!({}))
        .await;
    cancelled
        .await
        .unwrap()
        .says(3, &["cancelled: 0 done, 0 skipped, 0 failed, 3 left"]);

    let paused = archive(&app, &url, &ids);
    until(&app, "the job is held", PATIENCE, HELD).await;
    pass_the_hold(&app);
    assert!(app.advance().await, "it begins");
    app.post(&format!("{}/pause", path().await), &json!({}))
        .await;
    paused.await.unwrap().says(
        3,
        &["paused: 0 done", "until someone resumes or cancels it"],
    );
}
