//! Bulk jobs: what the console shows of them, and what a worker sees of who looks.

use crate::{
    bulk::{confirm, confirmed, job, many, preview, preview_archive, preview_shown, three, work},
    bulk_forms::page_of,
    harness::TestApp,
};
use app::auth::Role;
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};
use tower::ServiceExt;
use uuid::Uuid;

/// What comes between the first `from` and the next `to`.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from} in {text}"));
    rest.split_once(to).map_or(rest, |(part, _)| part)
}

async fn archive(app: &TestApp, ids: &[String]) -> String {
    let path = confirmed(app, &preview_archive(app, ids).await).await;
    work(app).await;
    path
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_is_not_there_is_answered_with_404(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    for path in ["/jobs", "/bulk/preview"] {
        let path = format!("{path}/019a0000-0000-7000-8000-000000000001");
        let page = app.page(&path, &cookie).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text().contains("Job not found"), "{path}");
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn an_id_is_the_same_however_it_is_written(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let id = three(&app).await.remove(0);
    let written = [id.clone(), id.to_uppercase(), id.replace('-', "")];
    let body = json!({ "action": "archive_customers", "selection": { "references": written } });
    let preview = preview(&app, body).await;
    assert_eq!(
        (&preview["changing"], &preview["not_found_count"]),
        (&json!(1), &json!(0)),
        "{preview}"
    );
}

/// One customer's key, or id, is another's alias: whoever wrote it meant one of them, and nobody knows which.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_text_that_names_two_customers_names_none(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = many(&app, 3).await;
    let other = app.customer("Other").await;
    let path = format!("/v1/customers/{other}/setIngestAliases");
    let aliases = json!({ "ingest_aliases": ["many-1", ids[1]] });
    assert_eq!(app.post(&path, &aliases).await.status, StatusCode::OK);
    let list = ["many-1", "many-3", &ids[1]];
    let body = json!({ "action": "archive_customers", "selection": { "references": list } });
    let asked = preview(&app, body).await;
    assert_eq!(
        (
            &asked["changing"],
            &asked["ambiguous_count"],
            &asked["not_found_count"]
        ),
        (&json!(1), &json!(2), &json!(0)),
        "{asked}"
    );
    assert_eq!(asked["ambiguous"], json!([ids[1], "many-1"]));
    let path = confirmed(&app, &asked).await;
    work(&app).await;
    assert_eq!(job(&app, &path).await["successful_count"], 1);
    let archived = "select count(*) from customers where archived_at is not null";
    let meant = format!("{archived} and customer_key = 'many-3'");
    assert_eq!((app.count(archived).await, app.count(meant).await), (1, 1));

    let cookie = app.sign_in(Role::Operator).await;
    let list = "many-1\nmany-2";
    let form = [("action", "archive_customers"), ("list", list)];
    let answer = app.form("/bulk/preview", &cookie, &form).await;
    let page = app.page(answer.header("location"), &cookie).await.text();
    assert!(page.contains("1 of the list name several rows"), "{page}");
}

/// Archived configurations may have had the same uniqueness key, one after the other.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_key_that_two_archived_configurations_had_names_none(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let customer = app.customer("Keyed").await;
    for key in ["twice", "twice", "once"] {
        let id = app.configuration(&customer, Some(key)).await;
        let body =
            json!({ "customer_id": customer, "customer_billing_provider_configuration_ids": [id] });
        app.post("/v1/archiveCustomerBillingProviderConfigurations", &body)
            .await;
    }
    let asked = preview(
        &app,
        json!({ "action": "unarchive_billing_configurations", "selection": { "references": ["once", "twice"] } }),
    )
    .await;
    assert_eq!(
        (
            &asked["changing"],
            &asked["ambiguous_count"],
            &asked["ambiguous"]
        ),
        (&json!(1), &json!(1), &json!(["twice"])),
        "{asked}"
    );
    confirmed(&app, &asked).await;
    work(&app).await;
    let live = "select count(*) from billing_provider_configurations where archived_at is null";
    let meant = format!("{live} and uniqueness_key = 'once'");
    assert_eq!((app.count(live).await, app.count(meant).await), (1, 1));
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_job_is_small_however_many_rows_its_selection_leaves_out(pool: PgPool) {
    let app = TestApp::new(pool).await;
    three(&app).await;
    let except: Vec<String> = (0..50_000).map(|_| Uuid::now_v7().to_string()).collect();
    let mut form = vec![("matching", "archive_customers")];
    form.extend(except.iter().map(|id| ("except", id.as_str())));
    let cookie = app.sign_in(Role::Operator).await;
    let taken = app
        .form("/bulk/preview?status=active", &cookie, &form)
        .await;
    let path = taken.header("location").to_owned();
    let page = app.page(&path, &cookie).await.text();
    let chosen = "that match status active, except 50,000";
    assert!(page.contains(chosen), "{page}");
    let again = app.form(&path, &cookie, &[("do", "options")]).await;
    assert_ne!(preview_shown(&again), path);
    assert!(again.text().contains(chosen), "{}", again.text());
    let bytes = "select max(pg_column_size(bulk_jobs.*))::bigint from bulk_jobs";
    assert!(app.count(bytes).await < 2_000);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn keys_that_are_freed_are_told_and_blocked_rows_come_first(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let customer = app.customer("Keyed").await;
    let kept = app.configuration(&customer, None).await;
    let keyed = app.configuration(&customer, Some("one")).await;
    let list = format!("{kept}\n{keyed}");
    let taken = async |action: &str| {
        let form = [("action", action), ("list", list.as_str())];
        let answer = app.form("/bulk/preview", &cookie, &form).await;
        answer.header("location").to_owned()
    };
    let path = taken("archive_billing_configurations").await;
    let page = app.page(&path, &cookie).await.text();
    assert!(page.contains("1 uniqueness key freed"), "{page}");

    let body =
        json!({ "action": "archive_billing_configurations", "selection": { "ids": [keyed] } });
    confirmed(&app, &preview(&app, body).await).await;
    work(&app).await;
    app.configuration(&customer, Some("one")).await;
    let path = taken("unarchive_billing_configurations").await;
    let page = app.page(&format!("{path}?rows=left"), &cookie).await.text();
    let rows = between(&page, "id=\"rows\"", "</table>");
    let blocked = rows
        .find("belongs to")
        .or_else(|| rows.find("uniqueness key"));
    let skipped = rows.find("Already active");
    assert!(blocked.is_some() && blocked < skipped, "{rows}");
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn notifications_are_those_of_rows_that_change(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let ids = three(&app).await;
    archive(&app, &ids[..1]).await;
    for id in &ids {
        let notification = format!(
            "insert into notifications select gen_random_uuid(), '{id}', 'Spend', 'spend_threshold_reached', 'EUR', 1, now(), now()"
        );
        let done = sqlx::raw_sql(AssertSqlSafe(notification));
        done.execute(&app.pool).await.unwrap();
    }
    let list = ids.join("\n");
    let form = [("action", "unarchive_customers"), ("list", list.as_str())];
    let answer = app.form("/bulk/preview", &cookie, &form).await;
    let path = format!("{}?rows=notifications", answer.header("location"));
    let page = app.page(&path, &cookie).await.text();
    let rows = between(&page, "id=\"rows\"", "</table>");
    assert!(rows.contains("Bulk 0"), "{rows}");
    assert!(!rows.contains("Bulk 1"), "it is active already: {rows}");
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn an_undo_that_moved_says_what_changed(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let ids = three(&app).await;
    let done = archive(&app, &ids).await;
    let page = done.replace("/v1/bulk-jobs", "/jobs");
    let undo = app.form(&page, &cookie, &[("do", "undo")]).await;
    let undo = undo.header("location");
    let page = app.page(undo, &cookie).await.text();
    let token = between(&page, "name=\"token\" value=\"", "\"").to_owned();
    let press = async || {
        let form = [("token", token.as_str()), ("number", "3")];
        app.form(undo, &cookie, &form).await
    };
    let touch = async |ids: &[String]| {
        let body = json!({ "action": "unarchive_customers", "selection": { "ids": ids } });
        confirmed(&app, &preview(&app, body).await).await;
        work(&app).await;
    };
    touch(&ids[..1]).await;
    let answer = press().await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let text = answer.text();
    assert!(text.contains("1 figure changed"), "{text}");
    // What changed stays in sight where a figure's rows are looked at.
    let row =
        between(&text, &format!("{}?", preview_shown(&answer)), "#rows").replace("&amp;", "&");
    let opened = format!("{}?{row}", preview_shown(&answer));
    let text = app.page(&opened, &cookie).await.text();
    assert!(text.contains("Counted again: 1 figure changed"), "{text}");

    touch(&ids[1..]).await;
    let answer = press().await;
    assert_eq!(
        answer.status,
        StatusCode::CONFLICT,
        "nothing is left to undo"
    );
    assert!(answer.text().contains("changed"), "{}", answer.text());
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn an_undo_of_which_nothing_is_left_is_a_conflict(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let done = archive(&app, &ids[..1]).await;
    let undo = app.post(&format!("{done}/undo"), &json!({})).await;
    let undo = undo.json()["data"].clone();
    let body = json!({ "action": "unarchive_customers", "selection": { "ids": ids[..1] } });
    let other = confirmed(&app, &preview(&app, body).await).await;
    work(&app).await;
    assert_eq!(job(&app, &other).await["state"], "completed");
    let answer = confirm(&app, &undo).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
    assert_eq!(answer.json()["code"], "changed_since_preview");
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn an_undo_says_how_many_rows_it_finds(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let ids = three(&app).await;
    let page = archive(&app, &ids).await.replace("/v1/bulk-jobs", "/jobs");
    let mut told = Vec::new();
    for touched in &ids {
        let text = app.page(&page, &cookie).await.text();
        told.push(between(&text, "Undo what can be undone (", ")").to_owned());
        let body = json!({ "action": "unarchive_customers", "selection": { "ids": [touched] } });
        confirmed(&app, &preview(&app, body).await).await;
        work(&app).await;
    }
    assert_eq!(told, ["3", "2", "1"]);
    let text = app.page(&page, &cookie).await.text();
    assert!(!text.contains("Undo what can be undone"), "{text}");
    let refused = app.form(&page, &cookie, &[("do", "undo")]).await;
    let sentence = "The job has no rows that nobody has touched since.";
    assert!(refused.text().contains(sentence), "{}", refused.text());
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn every_row_of_a_figure_can_be_seen(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    many(&app, 250).await;
    let all = [("matching", "archive_customers")];
    let taken = app.form("/bulk/preview", &cookie, &all).await;
    let mut path = format!("{}?rows=changing", taken.header("location"));
    let mut told = Vec::new();
    let mut rows = 0;
    loop {
        let page = app.page(&path, &cookie).await.text();
        let shown = between(&page, "id=\"rows\"", "</section>");
        told.push(between(shown, "aria-label=\"", "\"").to_owned());
        rows += shown.matches("scope=\"row\"").count();
        let Some((before, _)) = shown.split_once(">Later rows") else {
            break;
        };
        let way = before.rsplit_once("href=\"").unwrap().1;
        path = between(way, "", "#rows").replace("&amp;", "&");
    }
    assert_eq!(
        told,
        ["The first 100 rows", "Rows 101 to 200", "Rows 201 to 250"]
    );
    assert_eq!(rows, 250);
}

/// What a worker gives way to, and rests for.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn every_request_is_noticed(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Viewer).await;
    let served = app.state.db.served_since_now();
    app.page("/customers", &cookie).await;
    assert!(served.anyone());
    let served = app.state.db.served_since_now();
    assert!(!served.anyone());
    app.get("/v1/customers").await;
    assert!(served.anyone());
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn so_many_pages_of_a_session_hear_events_and_no_more(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    let events = format!("{}/events", page_of(&path));
    let opened = async |cookie: &str| {
        let asked = Request::get(&events).header(header::COOKIE, cookie);
        let router = app.router.clone();
        router
            .oneshot(asked.body(Body::empty()).unwrap())
            .await
            .unwrap()
    };
    let cookie = app.sign_in(Role::Operator).await;
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(opened(&cookie).await);
    }
    assert!(open.iter().all(|page| page.status() == StatusCode::OK));
    assert_eq!(opened(&cookie).await.status(), StatusCode::NO_CONTENT);
    let another = app.sign_in(Role::Viewer).await;
    assert_eq!(opened(&another).await.status(), StatusCode::OK);
    open.pop();
    assert_eq!(opened(&cookie).await.status(), StatusCode::OK);
}
