//! Whether what clients saw of one customer, all at once, could have been seen one after the other (Wing and Gong).

use crate::harness::{TestApp, seed, times};
use axum::http::{Method, StatusCode};
use futures::future::join_all;
use serde_json::json;
use sqlx::PgPool;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// 56 events a history, each a bit of a `u64`.
const CLIENTS: usize = 8;
const EACH: usize = 7;

/// Of the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    archived: bool,
    version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Saw {
    /// An archive, or an unarchive, that was answered with success.
    Turned {
        archived: bool,
    },
    Read(State),
}

/// What one client asked, when, and what it was told.
#[derive(Debug, Clone, Copy)]
struct Event {
    asked: Instant,
    answered: Instant,
    saw: Saw,
}

impl Event {
    /// The state after it, if it could happen in this one.
    fn happens_in(&self, state: State) -> Option<State> {
        match self.saw {
            Saw::Turned { archived } if archived == state.archived => Some(state),
            Saw::Turned { archived } => Some(State {
                archived,
                version: state.version + 1,
            }),
            Saw::Read(seen) => (seen == state).then_some(state),
        }
    }

    /// It saw what was before this state.
    fn is_too_late_in(&self, state: State) -> bool {
        matches!(self.saw, Saw::Read(seen) if seen.version < state.version)
    }
}

/// The states that some order of all events ends in. An event may come next when no other, still to come, was answered
/// before it was asked. Orders that come to the same are not tried: a read that fits may as well be next, and of those that
/// ask for the same the one that was answered first.
fn ends(history: &[Event], start: State) -> BTreeSet<State> {
    let mut history = history.to_vec();
    history.sort_by_key(|event| event.answered);
    let all = (1_u64 << history.len()) - 1;
    let (mut seen, mut ends) = (BTreeSet::new(), BTreeSet::new());
    let mut open = vec![(0_u64, start)];
    while let Some((done, state)) = open.pop() {
        if done == all {
            ends.insert(state);
            continue;
        }
        let left = || (0..history.len()).filter(|at| done & (1 << at) == 0);
        if left().any(|at| history[at].is_too_late_in(state)) {
            continue;
        }
        let first_answer = left().map(|at| history[at].answered).next();
        let next = |wish: fn(Saw) -> bool| {
            left().find(|at| {
                let event = history[*at];
                Some(event.asked) <= first_answer
                    && wish(event.saw)
                    && event.happens_in(state).is_some()
            })
        };
        let tried = match next(|saw| matches!(saw, Saw::Read(_))) {
            Some(read) => [Some(read), None],
            None => [
                next(|saw| saw == Saw::Turned { archived: true }),
                next(|saw| saw == Saw::Turned { archived: false }),
            ],
        };
        for at in tried.into_iter().flatten() {
            if let Some(after) = history[at].happens_in(state)
                && seen.insert((done | 1 << at, after))
            {
                open.push((done | 1 << at, after));
            }
        }
    }
    ends
}

#[test]
fn an_order_is_found_where_there_is_one_and_only_there() {
    let start = Instant::now();
    let event = |from: u64, to: u64, saw| Event {
        asked: start + Duration::from_millis(from),
        answered: start + Duration::from_millis(to),
        saw,
    };
    let live = State {
        archived: false,
        version: 1,
    };
    let gone = State {
        archived: true,
        version: 2,
    };
    let archive = Saw::Turned { archived: true };
    let side_by_side = [event(0, 10, archive), event(1, 9, Saw::Read(live))];
    assert_eq!(ends(&side_by_side, live), [gone].into());
    let either = [archive, Saw::Turned { archived: false }].map(|saw| event(0, 10, saw));
    let back = State {
        archived: false,
        version: 3,
    };
    assert_eq!(ends(&either, live), [gone, back].into());
    let read_too_old = [event(0, 1, archive), event(2, 3, Saw::Read(live))];
    assert!(ends(&read_too_old, live).is_empty());
    let counted_twice = [
        event(0, 10, archive),
        event(0, 10, archive),
        event(
            11,
            12,
            Saw::Read(State {
                archived: true,
                version: 3,
            }),
        ),
    ];
    assert!(ends(&counted_twice, live).is_empty());
}

#[sqlx::test(migrator = "app::db::MIGRATOR")]
async fn racing_clients_see_some_order(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let new = json!({ "customer_key": "race", "customer_type": "BUSINESS", "primary_email": "race@example.com" });
    let made = app.post("/api/v1/customers/new", &new).await.json();
    let id = made["data"]["id"].as_str().unwrap().to_owned();
    let seed = seed();
    println!("SEED={seed} asks the same questions");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut states = BTreeSet::from([read(&app, &id).await]);
    let histories = times("HISTORIES", 100);
    let mut checking = Duration::ZERO;
    for round in 0..histories {
        let clients = (0..CLIENTS).map(|_| {
            let wishes: Vec<u8> = (0..EACH).map(|_| random.u8(0..3)).collect();
            let (app, id) = (&app, &id);
            async move {
                let mut events = Vec::new();
                for wish in wishes {
                    let asked = Instant::now();
                    let saw = match wish {
                        0 => Saw::Read(read(app, id).await),
                        1 => turn(app, "archive", true).await,
                        _ => turn(app, "unarchive", false).await,
                    };
                    let answered = Instant::now();
                    events.push(Event {
                        asked,
                        answered,
                        saw,
                    });
                }
                events
            }
        });
        let history: Vec<Event> = join_all(clients).await.into_iter().flatten().collect();
        let answered = Instant::now();
        let after: BTreeSet<State> = states
            .iter()
            .flat_map(|state| ends(&history, *state))
            .collect();
        checking += answered.elapsed();
        assert!(
            !after.is_empty(),
            "round {round}, from {states:?}: {history:#?}"
        );
        states = after;
    }
    println!(
        "{histories} histories of {} events, checked in {checking:?}",
        CLIENTS * EACH
    );
    let disorder = app
        .count(
            "select count(*) from (
                select action, lag(action) over (order by (after ->> 'version')::bigint) as previous
                from audit_entries where action in ('customer.archived', 'customer.unarchived')
            ) entries where action = previous",
        )
        .await;
    assert_eq!(disorder, 0, "the log tells of turns alone");
    app.invariants().await;
}

async fn read(app: &TestApp, id: &str) -> State {
    let answer = app.get(&format!("/v1/customers/{id}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    State {
        archived: answer.json()["data"]["archived_at"].is_string(),
        version: answer.header("etag").trim_matches('"').parse().unwrap(),
    }
}

async fn turn(app: &TestApp, verb: &str, archived: bool) -> Saw {
    let path = format!("/api/v1/customers/race/{verb}");
    let answer = app.send(app.request(Method::POST, &path, None)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let told = answer.json()["data"]["archived_at"].is_string();
    assert_eq!(told, archived, "{}", answer.text());
    Saw::Turned { archived }
}
