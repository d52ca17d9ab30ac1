//! One action on many rows: archiving or unarchiving customers or configurations, as many as fifty thousand at once. It
//! begins as a preview, which names every row and counts every effect; once a person has confirmed it, workers do it a chunk
//! at a time, and each row gets a result.

mod model;
#[cfg(feature = "ssr")]
pub mod page;
mod pill;
pub mod rules;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;
pub mod wording;

pub use model::{
    Counters, Figure, Item, ItemPage, ItemResult, ItemState, Job, JobList, JobOptions, JobState,
    Origin, PausedBecause, Results, What,
};
pub use pill::pill;
