//! All SQL on bulk jobs and their rows.

mod forget;
mod items;
mod reading;
mod turns;
mod writing;

pub(super) use forget::{expire_all_but, forgotten, remove, remove_items, with_results};
pub(super) use items::{
    NewItem, add_items, ids_of, items, mark_reappraised, moved, rows_of, untouched,
    untouched_count, waiting_rows,
};
pub(super) use reading::{Seal, at_work, find, find_named, list, lock, open_jobs, seal};
pub(super) use turns::{
    Chunk, break_up, chunk, claim, savepoint, settle, to_savepoint, wait_for_locks_as_ever,
    wait_for_locks_briefly,
};
pub(super) use writing::{Step, add_results, insert, note_counted, set_figures, step};

use crate::{db::defect, effects::Tally, error::AppError};
use serde_json::{Map, Value, json};
use sqlx::types::Json;

/// A document as the database keeps it.
type Document = Json<Value>;

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, AppError> {
    serde_json::from_value(value).map_err(|error| defect(&error))
}

/// Only what is not zero, so that fifty thousand rows stay small.
fn sparse(tally: &Tally) -> Value {
    let counts = tally.counts().into_iter().filter(|(_, count)| *count > 0);
    let mut map: Map<String, Value> = counts
        .map(|(name, count)| (name.to_owned(), json!(count)))
        .collect();
    if !tally.voided.is_empty() {
        map.insert("voided".into(), json!(tally.voided));
    }
    Value::Object(map)
}
