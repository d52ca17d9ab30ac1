//! Bulk jobs: what must be left alone whatever happens between preview and job, and what is said of it.

use crate::{
    bulk::{
        REASON, by, confirm, confirmed, job, many, numbered, preview, preview_archive,
        preview_shown, results, scheduled, three, work,
    },
    harness::TestApp,
};
use app::auth::Role;
use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use serde_json::{Value, json};
use server::broom;
use sqlx::{AssertSqlSafe, PgPool};
use std::time::Duration;

const ON_THE_DAY: &str = "2026-12-01T00:00:01Z";

async fn run(app: &TestApp, sql: impl Into<String>) {
    sqlx::raw_sql(AssertSqlSafe(sql.into()))
        .execute(&app.pool)
        .await
        .unwrap();
}

async fn again(app: &TestApp, preview: &Value, cookie: &str) -> String {
    let path = format!("/bulk/preview/{}", preview["id"].as_str().unwrap());
    let answer = app.form(&path, cookie, &[("do", "options")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    preview_shown(&answer)
}

/// Other options than those whose figures were read are another preview first; nothing that was typed is lost.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn options_ticked_after_reading_show_their_figures_first(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let ids = three(&app).await;
    app.configuration(&ids[0], None).await;
    let form = [
        ("action", "archive_customers"),
        ("ids", &ids[0]),
        ("ids", &ids[1]),
    ];
    let taken = app.form("/bulk/preview", &cookie, &form).await;
    let path = taken.header("location").to_owned();
    let token = |page: &str| {
        let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let read = app.page(&path, &cookie).await.text();
    let filled = async |path: &str, token: &str| {
        let form = [
            ("token", token),
            ("note", "As the owner asked for"),
            ("number", "2"),
            ("boxes", "1"),
            ("archive_configurations", "on"),
        ];
        app.form(path, &cookie, &form).await
    };
    let shown = filled(&path, &token(&read)).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = shown.text();
    for told in [
        "you changed the options",
        "configuration archived",
        "As the owner asked for",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let confirmed = "select count(*) from bulk_jobs where confirmed_at is not null";
    assert_eq!(app.count(confirmed).await, 0);
    let done = filled(&preview_shown(&shown), &token(&text)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(app.count(confirmed).await, 1);
}

/// One row grew while another shrank: in sum the job does no more than was confirmed, and waits all the same.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_scheduled_job_waits_where_one_row_grew(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let path = scheduled(&app, &preview_archive(&app, &ids).await).await;
    app.post("/v1/customers/archive", &json!({ "id": ids[0] }))
        .await;
    app.contract(&ids[1], None).await;
    app.state.clock.set(ON_THE_DAY.parse().unwrap());
    app.work().await;
    let grew = job(&app, &path).await;
    assert_eq!(
        (&grew["state"], &grew["paused_because"]),
        (&json!("paused"), &json!("effects_grew")),
        "{grew}"
    );
    // Whoever resumes it has not seen more than was confirmed, and so no more is done.
    app.post(&format!("{path}/resume"), &json!({})).await;
    app.work().await;
    assert_eq!(
        results(&app, &path).await,
        [
            "skipped already_archived",
            "failed changed_since_preview",
            "ok"
        ]
    );
    app.invariants().await;
}

/// Its figures are good for as long as the preview is.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_grace_period_that_ends_in_the_hold_is_as_it_was_counted(pool: PgPool) {
    let app = TestApp::new(pool).await;
    app.state.clock.set("2026-11-21T23:59:55Z".parse().unwrap());
    let id = app.customer("In grace").await;
    let contract = app.contract(&id, None).await;
    app.invoice(&id, &contract, "INV-1", "FINALIZED", None)
        .await;
    let asked = preview_archive(&app, &[id]).await;
    assert_eq!(asked["effects"]["never_sent"], 1, "{asked}");
    let path = confirmed(&app, &asked).await;
    work(&app).await;
    let done = job(&app, &path).await;
    assert_eq!(
        (&done["state"], &done["effects"]),
        (&json!("completed"), &asked["effects"])
    );
    let skipped = "select count(*) from invoices where external_status = 'SKIPPED'";
    assert_eq!(app.count(skipped).await, 1);
    app.invariants().await;
}

/// A grace period is over or not by the moment of the figures that a person confirmed, or of those that were counted on the day.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_grace_period_that_ends_before_the_day_is_as_it_was_counted_last(pool: PgPool) {
    let app = TestApp::new(pool).await;
    for (grows, never_sent) in [(false, 0), (true, 1)] {
        app.state.clock.set("2026-11-21T12:00:00Z".parse().unwrap());
        let ids = [
            app.customer(&format!("In grace, {grows}")).await,
            app.customer(&format!("Beside it, {grows}")).await,
        ];
        let contract = app.contract(&ids[0], None).await;
        let number = format!("INV-{grows}");
        app.invoice(&ids[0], &contract, &number, "FINALIZED", None)
            .await;
        let asked = preview_archive(&app, &ids).await;
        assert_eq!(asked["effects"]["never_sent"], 1, "{asked}");
        let path = scheduled(&app, &asked).await;
        if grows {
            app.contract(&ids[1], None).await;
        }
        app.state.clock.set(ON_THE_DAY.parse().unwrap());
        app.work().await;
        if grows {
            let resumed = app.post(&format!("{path}/resume"), &json!({})).await;
            assert_eq!(resumed.status, StatusCode::OK, "{}", resumed.text());
            app.work().await;
        }
        let done = job(&app, &path).await;
        assert_eq!(done["effects"]["never_sent"], never_sent, "{done}");
        let skipped = format!(
            "select count(*) from invoices where external_id = '{number}' and external_status = 'SKIPPED'"
        );
        assert_eq!(app.count(&skipped).await, never_sent);
    }
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn who_was_archived_again_is_not_brought_back_on_the_day(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let archived = confirmed(&app, &preview_archive(&app, &ids).await).await;
    work(&app).await;
    let undo = app
        .post(&format!("{archived}/undo"), &json!({}))
        .await
        .json()["data"]
        .clone();
    let path = scheduled(&app, &undo).await;
    for verb in ["unarchive", "archive"] {
        let body =
            json!({ "action": format!("{verb}_customers"), "selection": { "ids": ids[..1] } });
        confirmed(&app, &preview(&app, body).await).await;
        work(&app).await;
    }
    app.state.clock.set(ON_THE_DAY.parse().unwrap());
    app.work().await;
    assert_eq!(
        results(&app, &path).await,
        ["failed changed_since_preview", "ok", "ok"]
    );
    app.invariants().await;
}

/// The key that a row wants back is taken by a customer that the job knows nothing of.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn all_or_nothing_is_nothing_where_the_rules_refuse_one(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut configurations = Vec::new();
    for name in ["First", "Second"] {
        let customer = app.customer(name).await;
        let key = format!("key of {name}");
        configurations.push(app.configuration(&customer, Some(&key)).await);
    }
    let body = json!({ "action": "archive_billing_configurations", "selection": { "ids": configurations } });
    confirmed(&app, &preview(&app, body).await).await;
    work(&app).await;
    // By their keys, which only archived ones have now.
    let body = json!({
        "action": "unarchive_billing_configurations",
        "selection": { "references": ["key of First", "key of Second"] },
        "options": { "all_or_nothing": true },
    });
    let asked = preview(&app, body).await;
    assert_eq!(asked["changing"], 2, "{asked}");
    let path = confirmed(&app, &asked).await;
    let taker = app.customer("Taker").await;
    app.configuration(&taker, Some("key of First")).await;
    work(&app).await;
    let mut told = results(&app, &path).await;
    told.sort();
    assert_eq!(
        told,
        ["failed all_or_nothing", "failed uniqueness_key_taken"]
    );
    let live = "select count(*) from billing_provider_configurations where archived_at is null";
    assert_eq!(app.count(live).await, 1, "only the taker's");
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn all_or_nothing_is_not_confirmed_with_a_row_missing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    three(&app).await;
    let ids = numbered(&app, 1, 2).await;
    let body = json!({
        "action": "archive_customers",
        "selection": { "references": ["many-1", "many-2", "many-3"] },
        "options": { "all_or_nothing": true },
    });
    let asked = preview(&app, body).await;
    assert_eq!(
        (&asked["changing"], &asked["not_found"]),
        (&json!(2), &json!(["many-3"]))
    );
    let answer = confirm(&app, &asked).await;
    assert_eq!(
        (answer.status, &answer.json()["param"]),
        (StatusCode::BAD_REQUEST, &json!("all_or_nothing")),
        "{}",
        answer.text()
    );
    assert_eq!(
        app.count("select count(*) from bulk_jobs where confirmed_at is not null")
            .await,
        0
    );
    assert_eq!(ids.len(), 2);
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn an_undo_previewed_again_leaves_alone_who_was_touched(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let cookie = app.sign_in(Role::Operator).await;
    let archived = confirmed(&app, &preview_archive(&app, &ids).await).await;
    work(&app).await;
    // By a person in the console, who may preview their own again.
    let page = archived.replace("/v1/bulk-jobs", "/jobs");
    let answer = app.form(&page, &cookie, &[("do", "undo")]).await;
    let id = answer
        .header("location")
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    for verb in ["unarchive", "archive"] {
        let body =
            json!({ "action": format!("{verb}_customers"), "selection": { "ids": ids[..1] } });
        confirmed(&app, &preview(&app, body).await).await;
        work(&app).await;
    }
    let newer = again(&app, &json!({ "id": id }), &cookie).await;
    let newer = newer.rsplit('/').next().unwrap();
    let facts = format!(
        "select count(*) from bulk_job_items where job_id = '{newer}' and object_id <> '{}'",
        ids[0]
    );
    assert_eq!(app.count(facts).await, 2);
    let all = format!("select count(*) from bulk_job_items where job_id = '{newer}'");
    assert_eq!(app.count(all).await, 2, "not the one that was touched");
    let origin = format!("select count(*) from bulk_jobs where id = '{newer}' and origin = 'undo'");
    assert_eq!(app.count(origin).await, 1, "still an undo");
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_was_not_found_is_said_again(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    numbered(&app, 1, 2).await;
    let form = [
        ("action", "archive_customers"),
        ("list", "many-1\nmany-2\nnobody"),
        ("file", "customer_key\nmany-1\n"),
    ];
    let first = app.form("/bulk/preview", &cookie, &form).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text());
    let path = first.header("location").to_owned();
    let other = [("do", "options"), ("boxes", "1"), ("release_aliases", "on")];
    let options = preview_shown(&app.form(&path, &cookie, &other).await);
    assert_ne!(path, options);
    for path in [&path, &options] {
        let page = app.page(path, &cookie).await.text();
        assert!(page.contains("1 of the list not found"), "{path}: {page}");
    }
    for selection in [
        json!({ "ids": [] }),
        json!({ "references": ["nobody", "no one"] }),
        json!({ "all_matching": { "filter": { "q": "nothing" } } }),
    ] {
        let body = json!({ "action": "archive_customers", "selection": selection });
        let answer = app.post("/v1/bulk-previews", &body).await;
        assert_eq!(
            (answer.status, &answer.json()["param"]),
            (StatusCode::BAD_REQUEST, &json!("selection")),
            "{body}: {}",
            answer.text()
        );
        let named = selection["references"].is_null() || answer.text().contains("no one, nobody");
        assert!(named, "{}", answer.text());
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_a_cancelled_job_left_has_no_effects(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    app.post(&format!("{path}/cancel"), &json!({})).await;
    let items = app
        .get(&format!("{path}/items?result=cancelled"))
        .await
        .json();
    let items = items["data"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    for item in items {
        assert_eq!(
            (&item["result"], &item["effects"]["contracts_archived"]),
            (&json!("cancelled"), &json!(0)),
            "{item}"
        );
    }
    let cookie = app.sign_in(Role::Viewer).await;
    let csv = path.replace("/v1/bulk-jobs", "/jobs") + "/results.csv";
    let csv = app.page(&csv, &cookie).await.text();
    assert_eq!(csv.matches("\"cancelled\"").count(), 3, "{csv}");
    assert!(
        !csv.contains("archived\"") && !csv.contains("voided"),
        "{csv}"
    );
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_job_is_done_by_who_confirmed_it_as_they_were_then(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let body = json!({ "action": "archive_customers", "selection": { "ids": ids } });
    let asked = by(&app, Role::Viewer, Method::POST, "/v1/bulk-previews", &body)
        .await
        .json()["data"]
        .clone();
    run(
        &app,
        "update api_keys set role = 'operator' where role = 'viewer'",
    )
    .await;
    let body = json!({ "preview_token": asked["token"], "reason": REASON });
    let answer = by(&app, Role::Viewer, Method::POST, "/v1/bulk-jobs", &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    work(&app).await;
    assert_eq!(
        job(&app, answer.header("location")).await["successful_count"],
        3
    );
}

/// Whoever takes one preview after another keeps the rows of five, and what a later one came from is swept out in the end.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn previews_do_not_pile_up(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let cookie = app.sign_in(Role::Operator).await;
    let ids = numbered(&app, 1, 3).await;
    let form: Vec<(&str, &str)> = ids
        .iter()
        .map(|id| ("ids", id.as_str()))
        .chain([("action", "archive_customers")])
        .collect();
    let first = app.form("/bulk/preview", &cookie, &form).await;
    let mut path = first.header("location").to_owned();
    for _ in 0..9 {
        path = preview_shown(&app.form(&path, &cookie, &[("do", "options")]).await);
    }
    let rows = "select count(*) from bulk_job_items";
    assert_eq!(app.count(rows).await, 15);
    let late = app
        .form(first.header("location"), &cookie, &[("do", "options")])
        .await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST, "{}", late.text());
    assert!(late.text().contains("Choose them again"), "{}", late.text());
    app.state
        .clock
        .set(app.state.clock.now() + TimeDelta::days(2));
    // Each look removes the last of the chain.
    broom::sweep(&app.state.db, &app.state.clock).await;
    assert_eq!(app.count(rows).await, 0);
    assert_eq!(app.count("select count(*) from bulk_jobs").await, 0);
}

/// A statement that takes too long with many rows, and not with one.
#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_chunk_that_takes_too_long_is_done_row_by_row(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    run(
        &app,
        r#"
        create function slow() returns trigger language plpgsql as $$
        begin
            if (select count(*) from changed) > 1 then
                raise exception 'canceling statement due to statement timeout' using errcode = '57014';
            end if;
            return null;
        end $$;
        create trigger slow after update on customers referencing new table as changed for each statement execute function slow()
        "#,
    )
    .await;
    let path = confirmed(&app, &preview_archive(&app, &ids).await).await;
    work(&app).await;
    assert_eq!(results(&app, &path).await, ["ok", "ok", "ok"]);
    app.jobs_add_up().await;
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn a_chunk_that_is_broken_up_keeps_a_customers_rows_together(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut configurations = Vec::new();
    for n in 0..3 {
        let customer = app.customer(&format!("Several {n}")).await;
        for _ in 0..2 {
            configurations.push(app.configuration(&customer, None).await);
        }
    }
    let poisoned = &configurations[2];
    run(
        &app,
        format!("alter table billing_provider_configurations add constraint poison check (id <> '{poisoned}' or archived_at is null)"),
    )
    .await;
    let body = json!({ "action": "archive_billing_configurations", "selection": { "ids": configurations } });
    let path = confirmed(&app, &preview(&app, body).await).await;
    work(&app).await;
    assert_eq!(
        results(&app, &path).await,
        ["ok", "ok", "failed internal", "failed internal", "ok", "ok"]
    );
    app.invariants().await;
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn no_more_jobs_are_open_than_may_be_however_they_are_confirmed(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = many(&app, 9).await;
    for id in &ids[..4] {
        confirmed(&app, &preview_archive(&app, std::slice::from_ref(id)).await).await;
    }
    let mut previews = Vec::new();
    for id in &ids[4..] {
        previews.push(preview_archive(&app, std::slice::from_ref(id)).await);
    }
    // All of them are held where they have counted, or wait for one that has.
    run(
        &app,
        "create function hold() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1); return new; end $$;
        create trigger held before update on bulk_jobs for each row when (new.state = 'held') execute function hold()",
    )
    .await;
    let mut holder = app.pool.begin().await.unwrap();
    sqlx::raw_sql("select pg_advisory_xact_lock(1)")
        .execute(&mut *holder)
        .await
        .unwrap();
    let confirms = join_all(previews.iter().map(|preview| confirm(&app, preview)));
    let release = async {
        let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while app.count(waits).await < 5 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        holder.rollback().await.unwrap();
    };
    let (answers, ()) = tokio::join!(confirms, release);
    let accepted = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::ACCEPTED);
    assert_eq!(accepted.count(), 1);
    for refused in answers {
        assert!(
            refused.status == StatusCode::ACCEPTED || refused.json()["code"] == "limit_exceeded",
            "{}",
            refused.text()
        );
    }
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn no_job_begins_before_it_could_be_taken_back(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let ids = three(&app).await;
    let asked = preview_archive(&app, &ids).await;
    let soon = app.state.clock.now() + TimeDelta::seconds(1);
    let body = json!({ "preview_token": asked["token"], "reason": REASON, "run_at": soon });
    let answer = app.post("/v1/bulk-jobs", &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let begins: DateTime<Utc> = answer.json()["data"]["run_at"]
        .as_str()
        .and_then(|at| at.parse().ok())
        .unwrap();
    assert_eq!(begins - app.state.clock.now(), TimeDelta::seconds(10));
}
