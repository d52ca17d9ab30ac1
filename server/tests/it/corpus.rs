//! Malformed words in every place that a caller fills: each is refused by name or taken literally, none is a failure of ours, and
//! nothing is changed.

use crate::{harness::TestApp, strangers::TEXTS};
use app::auth::Role;
use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, StatusCode, header},
};
use serde_json::json;
use sqlx::PgPool;
use std::fmt::Write;

/// Almost ids, numbers, moments and keys; and what means something to a parser along the way.
const WORDS: [&str; 64] = [
    "0",
    "-1",
    "1.5",
    "1e400",
    "-0",
    "+1",
    "0x10",
    "1_000",
    "９９",
    "99999999999999999999",
    "9223372036854775808",
    "18446744073709551616",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "00000000-0000-0000-0000-00000000000",
    "00000000-0000-0000-0000-0000000000000",
    "00000000-0000-0000-0000-00000000000g",
    "00000000000000000000000000000000",
    "{00000000-0000-0000-0000-000000000000}",
    "urn:uuid:00000000-0000-0000-0000-000000000000",
    "0000０000-0000-0000-0000-000000000000",
    " 00000000-0000-0000-0000-000000000000",
    "00000000-0000-0000-0000-000000000000\n",
    "2026-02-30T00:00:00Z",
    "10000-01-01T00:00:00Z",
    "-0001-01-01",
    "2026-11-20T25:00:00Z",
    "2026-11-20T12:00:00",
    "2026-11-20T12:00:00+99:00",
    "24:00",
    "true",
    "TRUE",
    "null",
    "undefined",
    "[]",
    "{}",
    "\"",
    "'",
    "\\",
    "\\0",
    "%",
    "%%",
    "_",
    "*",
    ";",
    "&",
    "=",
    "#",
    "?",
    "/",
    "//",
    ".",
    "..",
    "../..",
    "..\\..",
    "/etc/passwd",
    "new",
    "bulk-create",
    "$1",
    "{id}",
    "\u{feff}",
    "\u{0}",
    "a\u{0}b",
    "\u{10ffff}",
];

/// What no text is made of, as it stands in a URL.
const RAW: [&str; 10] = [
    "%00",
    "%ff",
    "%c0%af",
    "%e2%28%a1",
    "%f0%28%8c%28",
    "%ed%a0%80",
    "%",
    "%2",
    "%zz",
    "%u0041",
];

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        let _written = write!(out, "%{byte:02x}");
        out
    })
}

fn corpus() -> Vec<String> {
    let texts = TEXTS.into_iter().chain(WORDS).map(encoded);
    let long = ["k".repeat(300), "k".repeat(4_000)];
    texts.chain(RAW.map(String::from)).chain(long).collect()
}

async fn world(app: &TestApp) -> Vec<i64> {
    let mut counts = Vec::new();
    for sql in [
        "select count(*) from customers",
        "select sum(version)::bigint from customers",
        "select count(*) from audit_entries where object_kind <> 'session'",
        "select count(*) from idempotency_keys",
    ] {
        counts.push(app.count(sql).await);
    }
    counts
}

/// Sends it as a person and as a program, and answers what came of it.
async fn send(app: &TestApp, method: &Method, uri: &str, cookie: &str) -> Option<StatusCode> {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header(header::COOKIE, cookie)
        .header("x-api-key", app.key(Role::Operator))
        .header("sec-fetch-site", "same-origin")
        .body(Body::empty())
        // What HTTP itself cannot carry does not arrive.
        .ok()?;
    Some(app.send(request).await.status)
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn in_paths(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    app.customer("Untouched").await;
    let before = world(&app).await;
    let mut sent = 0;
    for (method, head, tail) in [
        (Method::GET, "/v1/customers/", ""),
        (Method::GET, "/v1/customers/", "/invoices"),
        (Method::GET, "/api/v1/customers/", ""),
        (Method::POST, "/api/v1/customers/", "/archive"),
        (Method::POST, "/api/v1/customers/", "/unarchive"),
        (Method::GET, "/customers/", ""),
        (Method::GET, "/customers/", "/archive"),
        (Method::POST, "/customers/", "/archive"),
        (Method::GET, "/billing-configurations/", ""),
    ] {
        for word in corpus() {
            let uri = format!("{head}{word}{tail}");
            let Some(status) = send(&app, &method, &uri, &cookie).await else {
                continue;
            };
            // A confirm page without rows asks for some, and a list with a slash behind it is the list.
            let fine = status.is_client_error() || method == Method::GET && status.is_success();
            assert!(fine, "{method} {uri}: {status}");
            sent += 1;
        }
    }
    assert!(sent > 1_000, "{sent} requests");
    assert_eq!(world(&app).await, before);
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn in_queries(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    app.customer("Untouched").await;
    let before = world(&app).await;
    for (path, names) in [
        (
            "/customers",
            ["q", "sort", "after", "provider", "per", "status"],
        ),
        (
            "/customers/archive",
            ["ids", "options", "preset", "note", "number", "read"],
        ),
        (
            "/v1/customers",
            [
                "limit",
                "next_page",
                "customer_ids",
                "ingest_alias",
                "only_archived",
                "salesforce_account_ids",
            ],
        ),
        (
            "/api/v1/customers",
            [
                "page",
                "per_page",
                "search_term",
                "customer_type",
                "date_created",
                "archived",
            ],
        ),
    ] {
        for name in names {
            for word in corpus() {
                let uri = format!("{path}?{name}={word}");
                let Some(status) = send(&app, &Method::GET, &uri, &cookie).await else {
                    continue;
                };
                let fine = status.is_success() || status.is_client_error();
                assert!(fine, "{uri}: {status}");
            }
        }
    }
    assert_eq!(world(&app).await, before);
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn in_headers_and_cookies(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    app.customer("Untouched").await;
    let body = json!({ "name": "Named" });
    let before = world(&app).await;
    for word in TEXTS.into_iter().chain(WORDS) {
        let Ok(value) = HeaderValue::from_bytes(word.as_bytes()) else {
            continue;
        };
        let unknown = "/v1/customers/01890a5d-ac96-774b-bcce-b302099a8057/setName";
        let visible = word.bytes().all(|byte| byte.is_ascii_graphic());
        for (name, refused) in [
            ("if-match", None),
            (
                "idempotency-key",
                (!visible).then_some(StatusCode::BAD_REQUEST),
            ),
            ("authorization", Some(StatusCode::UNAUTHORIZED)),
        ] {
            let mut request = app.request(Method::POST, unknown, Some(&body));
            request.headers_mut().insert(name, value.clone());
            let status = app.send(request).await.status;
            let fine = match refused {
                Some(refused) => status == refused,
                None => status.is_client_error(),
            };
            assert!(fine, "{name}: {word}: {status}");
        }
        let told = [cookie.as_bytes(), b"; mothball_flash=", word.as_bytes()].concat();
        for (name, value) in [
            ("cookie", HeaderValue::from_bytes(&told)),
            ("user-agent", Ok(value.clone())),
            ("accept-encoding", Ok(value.clone())),
            ("accept-language", Ok(value.clone())),
        ] {
            let mut request = Request::get("/settings/sessions")
                .header(header::COOKIE, &cookie)
                .body(Body::empty())
                .unwrap();
            request.headers_mut().insert(name, value.unwrap());
            let answer = app.send(request).await;
            assert_eq!(answer.status, StatusCode::OK, "{name}: {word}");
        }
    }
    assert_eq!(world(&app).await, before);
    app.invariants().await;
}
