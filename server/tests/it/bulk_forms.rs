//! Bulk jobs by form: nothing that was typed is lost, and what comes next is told.

use crate::{
    bulk::{REASON, confirm, confirmed, job, many, preview, preview_archive, three, work},
    harness::{Answer, TestApp},
};
use app::auth::Role;
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use chrono::TimeDelta;
use serde_json::json;
use sqlx::PgPool;

const ON_THE_DAY: &str = "2026-12-01T00:00:01Z";

/// From the page where a list is pasted or uploaded, as a browser sends it.
async fn listed(app: &TestApp, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    const EDGE: &str = "edge-of-a-part";
    let parts: String = fields
        .iter()
        .map(|(name, value)| {
            format!(
                "--{EDGE}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
        })
        .collect();
    let request = Request::post("/bulk/preview")
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "same-origin")
        .header(header::REFERER, "http://localhost:3000/bulk")
        .header(
            header::CONTENT_TYPE,
            format!("multipart/form-data; boundary={EDGE}"),
        )
        .body(Body::from(format!("{parts}--{EDGE}--\r\n")))
        .unwrap();
    app.send(request).await
}

/// Where the console shows a job of the API.
pub(crate) fn page_of(path: &str) -> String {
    path.replace("/v1/bulk-jobs/", "/jobs/")
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_refused_list_is_shown_again(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    for (list, file) in [("nobody\nno <one>", ""), ("", "nobody\nno <one>")] {
        let form = [
            ("action", "unarchive_customers"),
            ("list", list),
            ("file", file),
        ];
        let refused = listed(&app, &cookie, &form).await;
        let text = refused.text();
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{text}");
        for kept in [
            "nobody\nno &lt;one&gt;</textarea>",
            "value=\"unarchive_customers\" checked",
            "<title>Error: From a list",
        ] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
    }
    let table = "key,name\nfirst,\"First\nsecond,Second";
    let refused = listed(&app, &cookie, &[("list", table)]).await.text();
    assert!(
        refused.contains("opens a quotation mark in line 2"),
        "{refused}"
    );
    let again = app.page("/bulk/preview", &cookie).await;
    assert_eq!(again.header("location"), "/bulk");
}

/// Whoever was signed out meanwhile comes back to the page that they sent, not to where it was sent to.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn signing_in_leads_back_to_the_page_of_a_form(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let sent = listed(&app, "", &[("list", "acme")]).await;
    assert_eq!(sent.header("location"), "/sign-in?next=%2Fbulk");
    let from_list = Request::post("/bulk/preview?status=active")
        .header("sec-fetch-site", "same-origin")
        .header(
            header::REFERER,
            "http://localhost:3000/customers?status=active",
        )
        .body(Body::empty())
        .unwrap();
    let sent = app.send(from_list).await;
    assert_eq!(
        sent.header("location"),
        "/sign-in?next=%2Fcustomers%3Fstatus%3Dactive"
    );
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_grew_is_previewed_again_in_place_of_the_job(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let asked = preview_archive(&app, &ids).await;
    let early = app.post("/v1/bulk-jobs", &json!({ "preview_token": asked["token"], "reason": REASON, "run_at": "2026-12-01T00:00:00Z" })).await;
    let path = early.header("location").to_owned();
    let again = format!("{path}/preview-again");
    let refused = app.post(&again, &json!({})).await;
    assert_eq!(refused.json()["code"], "job_state", "{}", refused.text());
    app.contract(&ids[1], None).await;
    app.state.clock.set(ON_THE_DAY.parse().unwrap());
    app.work().await;
    let cookie = app.sign_in(Role::Operator).await;
    let page = page_of(&path);
    let shown = app.form(&page, &cookie, &[("do", "again")]).await;
    let shown = app.page(shown.header("location"), &cookie).await.text();
    assert!(shown.contains("Counted again: "), "{shown}");
    let newer = app.post(&again, &json!({})).await.json()["data"].clone();
    assert_eq!(newer["effects"]["contracts_archived"], 4, "{newer}");
    assert_eq!(job(&app, &path).await["state"], "paused");
    let instead = confirmed(&app, &newer).await;
    assert_eq!(job(&app, &path).await["state"], "cancelled");
    work(&app).await;
    assert_eq!(job(&app, &instead).await["successful_count"], 3);
    app.invariants().await;
}

/// What was confirmed is previewed again by nobody: its rows are the job's.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_used_preview_is_not_counted_again(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let ids = many(&app, 2).await;
    let form = [
        ("action", "archive_customers"),
        ("ids", ids[0].as_str()),
        ("ids", ids[1].as_str()),
    ];
    let taken = app.form("/bulk/preview", &cookie, &form).await;
    let path = taken.header("location").to_owned();
    let page = app.page(&path, &cookie).await.text();
    let (_, token) = page.split_once("name=\"token\" value=\"").unwrap();
    let token = token.split_once('"').unwrap().0;
    let sent = [
        ("token", token),
        ("note", REASON),
        ("number", "2"),
        ("boxes", "1"),
        ("keep_paid_invoices", "on"),
    ];
    let done = app.form(&path, &cookie, &sent).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let again = app.form(&path, &cookie, &[("do", "options")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text());
    assert_eq!(app.count("select count(*) from bulk_jobs").await, 1);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn an_undo_tells_what_stays(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let ids = three(&app).await;
    app.configuration(&ids[0], Some("one")).await;
    let asked = preview(&app, json!({ "action": "archive_customers", "selection": { "ids": ids }, "options": { "archive_billing_provider_configurations": true } })).await;
    let path = confirm(&app, &asked).await.header("location").to_owned();
    work(&app).await;
    let one = json!({ "action": "unarchive_customers", "selection": { "ids": [ids[2]] } });
    confirmed(&app, &preview(&app, one).await).await;
    work(&app).await;
    let page = page_of(&path);
    let undo = app.form(&page, &cookie, &[("do", "undo")]).await;
    let text = app.page(undo.header("location"), &cookie).await.text();
    for told in [
        "2 customers that nobody has touched since; 1 changed since, and stays as it is",
        "3 invoices, 3 contracts, 6 recharges and 1 configuration.",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

/// A page that looks by itself keeps nobody signed in.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_page_that_stands_open_is_no_person(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let ids = three(&app).await;
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    let page = page_of(&path);
    let start = app.state.clock.now();
    let look = || {
        Request::get(&page)
            .header(header::COOKIE, &cookie)
            .header("x-asked-by-page", "1")
            .body(Body::empty())
            .unwrap()
    };
    for minutes in [10, 20, 29] {
        app.state.clock.set(start + TimeDelta::minutes(minutes));
        assert_eq!(app.send(look()).await.status, StatusCode::OK);
    }
    app.state.clock.set(start + TimeDelta::minutes(31));
    assert_eq!(app.send(look()).await.status, StatusCode::SEE_OTHER);
}
