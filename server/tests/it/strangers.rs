//! What nobody should send, and somebody does.

use crate::harness::TestApp;
use app::auth::Role;
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use serde_json::json;
use sqlx::PgPool;
use std::collections::BTreeSet;

pub(crate) const TEXTS: [&str; 60] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "{{constructor.constructor('alert(1)')()}}",
    "javascript:alert(1)",
    "' or 1=1 --",
    "'; drop table customers; --",
    "100%",
    "under_score",
    "back\\slash",
    "\u{202e}evil",
    "zero\u{200b}width",
    "🦋🦋🦋",
    "é",
    "e\u{301}",
    "عربي",
    "NaN",
    "-0",
    "null",
    "undefined",
    "=1+1",
    "${7*7}",
    "#{7*7}",
    "</script><script>alert(1)</script>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<iframe src=javascript:alert(1)>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<math><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<template><script>alert(1)</script></template>",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<form action=//evil.example><input name=a>",
    "<textarea></textarea><script>alert(1)</script>",
    "<title></title><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "\" onfocus=\"alert(1)\" autofocus=\"",
    "`onmouseover=alert(1)`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "\\u003cscript\\u003ealert(1)",
    "\\x3cscript\\x3ealert(1)",
    "];alert(1);//",
    "\"];alert(1);//",
    "a\u{2028}alert(1)",
    "a\u{2029}alert(1)",
    "<script/x>alert(1)</script>",
    "<SCRIPT>alert(1)</SCRIPT>",
    "<scr<script>ipt>alert(1)</script>",
    "--><img src=x onerror=alert(1)>",
    "<<script>alert(1)//<</script>",
];

/// What of these texts would be alive if it came through as it is.
const LIVE: [&str; 12] = [
    "<script>alert(1)",
    "<SCRIPT>",
    "<img src=x",
    "<svg onload",
    "<svg/onload",
    "<iframe src=j",
    "<body onload",
    "<details open ontoggle",
    "<base href=//",
    "<meta http-equiv=refresh",
    "<object data=j",
    "<form action=//",
];

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn stored_text_is_shown_and_never_runs(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    for text in TEXTS {
        let customer = app.customer(text).await;
        app.configuration(&customer, None).await;
        let found = app.get(&format!("/v1/customers/{customer}")).await.json();
        assert_eq!(found["data"]["name"], json!(text));
        for path in [
            format!("/customers/{customer}"),
            format!("/customers/{customer}/archive"),
        ] {
            let page = app.page(&path, &cookie).await;
            assert_eq!(page.status, StatusCode::OK, "{path} of {text}");
            let page = page.text();
            for live in LIVE {
                let at = page.find(live).map(|at| {
                    page[at.saturating_sub(60)..]
                        .chars()
                        .take(120)
                        .collect::<String>()
                });
                assert_eq!(at, None, "{path} of {text}");
            }
        }
    }
    for path in ["/customers?per=100", "/billing-configurations?per=100"] {
        let list = app.page(path, &cookie).await.text();
        for live in LIVE {
            assert!(!list.contains(live), "{live} in {path}");
        }
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_search_takes_wildcards_literally(pool: PgPool) {
    const NAMES: [&str; 5] = [
        "Plain Ltd",
        "100% Wool",
        "100%25 Cotton",
        "under_score Inc",
        "back\\slash",
    ];
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Viewer).await;
    for name in NAMES {
        app.customer(name).await;
    }
    for (search, hits) in [
        ("%25", vec![]),
        ("100%25", vec!["100% Wool", "100%25 Cotton"]),
        ("100%2525", vec!["100%25 Cotton"]),
        ("r_s", vec!["under_score Inc"]),
        ("k%5Cs", vec!["back\\slash"]),
        ("___", vec![]),
        ("LAIN", vec!["Plain Ltd"]),
        ("%27%20or%201=1", vec![]),
    ] {
        let page = app
            .page(&format!("/customers?q={search}"), &cookie)
            .await
            .text();
        for name in NAMES {
            let shown = page.contains(&format!("<bdi>{name}<"));
            assert_eq!(shown, hits.contains(&name), "{search} and {name}");
        }
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_search_finds_an_id_and_an_alias_that_looks_like_one(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Viewer).await;
    let alias = "0190e8b0-7a00-7000-8000-0000000000aa";
    let answer = app
        .post(
            "/v1/customers",
            &json!({ "name": "Aliased", "ingest_aliases": [alias] }),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let plain = app.customer("Plain").await;
    for (search, name, other) in [
        (plain.as_str(), "Plain", "Aliased"),
        (alias, "Aliased", "Plain"),
    ] {
        let found = app
            .get(&format!("/api/v1/customers?search_term={search}"))
            .await;
        assert_eq!(found.json()["meta"]["total_count"], json!(1), "{search}");
        let page = app
            .page(&format!("/customers?q={search}"), &cookie)
            .await
            .text();
        assert!(page.contains(&format!("<bdi>{name}<")), "{search}");
        assert!(!page.contains(&format!("<bdi>{other}<")), "{search}");
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn malformed_requests_are_refused_by_name_and_change_nothing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let bodies: [&[u8]; 32] = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\"id\"",
        b"{\"id\":null}",
        b"{\"id\":1}",
        b"{\"id\":\"\"}",
        b"{\"id\":\"not-a-uuid\"}",
        b"{\"id\":\"00000000-0000-0000-0000-00000000000\"}",
        b"\xef\xbb\xbf{\"id\":1e400}",
        b"{\"id\":\"\\u0000\"}",
        b"{\"id\":\"\xff\xfe\"}",
        b"{\"id\":{\"a\":[[[[[[[[[[1]]]]]]]]]]}}",
        b"{\"id\":true}",
        b"{\"id\":[]}",
        b"{\"id\":NaN}",
        b"{\"id\":-0}",
        b"{\"id\":\"{00000000-0000-0000-0000-000000000000\"}",
        b"{\"id\":\"00000000-0000-0000-0000-000000000000\",}",
        b"{'id':'00000000-0000-0000-0000-000000000000'}",
        b"{\"id\":\"' or 1=1 --\"}",
        b"{\"id\":\"%\"}",
        b"{\"id\":\"\xc0\xaf\"}",
        b"{\"id\":\"\\ud800\"}",
        b"{\"id\":\"\xf0\x9f\xa6\x8b\"}",
        b"{\"id\":\"../../etc/passwd\"}",
        b"{\"customer_id\":\"10000-01-01T00:00:00Z\"}",
        b"\"",
        b"{}{}",
        b"1",
        b"true",
    ];
    let paths = [
        "/v1/customers/archive",
        "/v1/invoices/void",
        "/v1/customers",
        "/v1/contracts/create",
        "/v1/contracts/list",
        "/v1/archiveCustomerBillingProviderConfigurations",
        "/v1/setCustomerBillingProviderConfigurations",
        "/v1/invoices",
        "/v1/getCustomerBillingProviderConfigurations",
        "/v1/contracts/get",
        "/v1/customers/01890a5d-ac96-774b-bcce-b302099a8057/setName",
        "/v1/customers/01890a5d-ac96-774b-bcce-b302099a8057/setIngestAliases",
        "/api/v1/customers/new",
    ];
    for path in paths {
        for body in bodies {
            let mut request = app.request(Method::POST, path, None);
            *request.body_mut() = Body::from(body.to_vec());
            let answer = app.send(request).await;
            assert_eq!(
                answer.status,
                StatusCode::BAD_REQUEST,
                "{path} {:?}: {}",
                String::from_utf8_lossy(body),
                answer.text()
            );
            assert!(answer.json()["message"].is_string());
        }
    }
    let long = format!("/v1/customers/{}", "a".repeat(4_000));
    for path in [
        "/v1/customers/%2F",
        "/v1/customers/..%2f..",
        "/v1/customers/%00",
        "/v1/customers/%ff",
        &long,
        "/api/v1/customers/%00",
        "/api/v1/customers/%ff",
        "/v1/customers?limit=0",
        "/v1/customers?limit=NaN",
        "/v1/customers?next_page=zz",
        "/v1/customers?customer_ids=x",
    ] {
        let answer = app.get(path).await;
        assert!(
            answer.status.is_client_error(),
            "{path}: {} {}",
            answer.status,
            answer.text()
        );
    }
    // Whether the request says how long it is or not.
    for (bytes, told) in [(300 << 10, false), (300 << 10, true), (5 << 20, true)] {
        let mut huge = app.request(Method::POST, "/v1/customers", None);
        *huge.body_mut() = Body::from(vec![b' '; bytes]);
        if told {
            let headers = huge.headers_mut();
            headers.insert(header::CONTENT_LENGTH, bytes.into());
        }
        let answer = app.send(huge).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.json()["code"], "body_too_large");
        assert!(answer.header("request-id").starts_with("req_"));
    }
    assert_eq!(app.count("select count(*) from audit_entries").await, 0);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_crafted_link_shows_nobodys_words(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Viewer).await;
    for path in [
        "/sign-in?refused=You+have+won",
        "/customers?__err=WW91IGhhdmUgd29u&__path=/x",
        "/customers?status=You+have+won",
        "/customers?sort=You+have+won&after=You+have+won",
    ] {
        let page = app.page(path, &cookie).await;
        assert!(page.status.as_u16() < 500, "{path}");
        assert!(!page.text().contains("You have won"), "{path}");
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn every_page_has_a_policy_with_a_nonce_of_its_own(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Viewer).await;
    let mut nonces = BTreeSet::new();
    for _ in 0..200 {
        let page = app.page("/customers", &cookie).await;
        let policy = page.header("content-security-policy").to_owned();
        for part in [
            "default-src 'none'",
            "'strict-dynamic'",
            "'wasm-unsafe-eval'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        let nonce = policy
            .split("script-src 'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        let text = page.text();
        for script in text.split("<script").skip(1) {
            assert!(
                script
                    .split('>')
                    .next()
                    .is_some_and(|tag| tag.contains(&nonce)),
                "a script has no nonce: {script:.80}"
            );
        }
        assert!(
            !text.contains(" style=\"") && !text.contains(" onclick="),
            "no inline styles or handlers"
        );
        assert!(nonces.insert(nonce), "a nonce came twice");
    }
}
