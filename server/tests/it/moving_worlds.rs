//! Worlds that move while a bulk job is previewed, held and done: nothing outside the preview is ever touched, and nothing in it
//! that is not as it was previewed.

use crate::{
    bulk::{confirm, job, preview},
    harness::{TestApp, seed, times},
    witness,
    worlds::world_of,
};
use app::ids::BulkJobId;
use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The name that the customers of a world have in common.
fn common(world: usize) -> String {
    format!("World {world},")
}

async fn succeeded(app: &TestApp, path: &str, body: serde_json::Value) -> bool {
    app.post(path, &body).await.status == StatusCode::OK
}

/// Adds customers that match, and changes some of those that there are; answers the ids of all that it touched.
async fn move_some(
    app: &TestApp,
    random: &mut fastrand::Rng,
    world: usize,
    ids: &[String],
) -> BTreeSet<String> {
    let mut touched = BTreeSet::new();
    for n in 0..random.usize(0..4) {
        touched.insert(app.customer(&format!("{} added {n}", common(world))).await);
    }
    for _ in 0..random.usize(0..4) {
        let Some(id) = random.choice(ids) else { break };
        let done = match random.u8(0..4) {
            0 => {
                let name = format!("{} renamed {}", common(world), random.u64(..));
                let path = format!("/v1/customers/{id}/setName");
                succeeded(app, &path, json!({ "name": name })).await
            }
            1 => {
                let found = app.get(&format!("/v1/customers/{id}")).await.json();
                found["data"]["archived_at"].is_null()
                    && succeeded(app, "/v1/customers/archive", json!({ "id": id })).await
            }
            2 => {
                let path = format!("/v1/customers/{id}/invoices?limit=100");
                let found = app.get(&path).await.json();
                let invoices = found["data"].as_array().cloned().unwrap_or_default();
                match invoices.iter().find(|each| each["status"] != "VOID") {
                    Some(open) => {
                        succeeded(app, "/v1/invoices/void", json!({ "id": open["id"] })).await
                    }
                    None => false,
                }
            }
            _ => {
                let found = app.get(&format!("/v1/customers/{id}")).await.json();
                let lives = found["data"]["archived_at"].is_null();
                if lives {
                    app.contract(id, None).await;
                }
                lives
            }
        };
        if done {
            touched.insert(id.clone());
        }
    }
    touched
}

/// How many customers a job archived, and how many of them are among these.
async fn archived_by(app: &TestApp, job: BulkJobId, these: &BTreeSet<String>) -> (i64, i64) {
    let these: Vec<String> = these.iter().map(|id| format!("'{id}'")).collect();
    let these = format!("array[{}]::uuid[]", these.join(","));
    let sql = format!(
        "select count(*), count(*) filter (where customer_id = any({these})) from audit_entries where job_id = '{job}' and action = 'customer.archived'"
    );
    let row = sqlx::raw_sql(AssertSqlSafe(sql))
        .fetch_one(&app.pool)
        .await
        .unwrap();
    (row.get(0), row.get(1))
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn what_moved_is_shown_again_or_left_alone(pool: PgPool) {
    let app = TestApp::new(pool).await;
    witness::watch(&app).await;
    let seed = seed();
    println!("SEED={seed} makes the same worlds");
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut refused, mut left_alone, mut done) = (0, 0, 0);
    for world in 0..times("MOVES", 60) {
        // Nobody may be left of the others, and a selection of nobody is refused.
        let mut ids = vec![app.customer(&format!("{} alive", common(world))).await];
        for _ in 0..3 {
            let some = world_of(&app, &mut random, world, 0.2).await;
            ids.extend(some.customers);
        }
        let asked = preview(
            &app,
            json!({
                "action": "archive_customers",
                "selection": { "all_matching": { "filter": { "q": common(world), "status": "active" } } },
            }),
        )
        .await;
        let id = BulkJobId(Uuid::parse_str(asked["id"].as_str().unwrap()).unwrap());
        let mut touched = match random.bool() {
            true => move_some(&app, &mut random, world, &ids).await,
            false => BTreeSet::new(),
        };
        witness::forget(&app).await;
        let answer = confirm(&app, &asked).await;
        let moved = touched.iter().any(|id| ids.contains(id));
        if answer.status == StatusCode::CONFLICT {
            assert!(moved, "world {world}: nothing moved: {}", answer.text());
            app.work().await;
            assert_eq!(
                witness::noted(&app).await,
                0,
                "world {world}: refused, and done"
            );
            refused += 1;
            continue;
        }
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        // What was archived already when the preview was taken may move as it likes.
        touched.extend(move_some(&app, &mut random, world, &ids).await);
        witness::forget(&app).await;
        let now = app.state.clock.now();
        app.state.clock.set(now + TimeDelta::seconds(11));
        app.work().await;
        let told = job(&app, &format!("/v1/bulk-jobs/{id}")).await;
        let seen = witness::told(&app).await;
        assert_eq!(
            (
                &seen["effects"],
                &seen["customers_archived"],
                &seen["otherwise"]
            ),
            (&told["effects"], &told["successful_count"], &json!(0)),
            "world {world}: it did what it tells"
        );
        let (archived, strange) = archived_by(&app, id, &touched).await;
        assert_eq!(strange, 0, "world {world}: it archived what had moved");
        assert_eq!(told["successful_count"], archived, "world {world}");
        assert_eq!(
            asked["item_count"], told["total"],
            "world {world}: no row more"
        );
        left_alone += usize::from(told["failed_count"] != 0);
        done += 1;
    }
    println!(
        "{done} jobs were done, {left_alone} of them left some rows alone, {refused} were refused"
    );
    assert!(refused > 0 && left_alone > 0, "the worlds moved");
    app.jobs_add_up().await;
    app.invariants().await;
}
