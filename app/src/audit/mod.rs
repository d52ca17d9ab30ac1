//! The audit log: one entry for each customer that an action changed, written in that action's own transaction and never
//! edited. It is also what a customer's timeline shows.

mod model;
pub mod page;
pub mod rules;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
pub(crate) mod stored;

pub use model::{ChangeKind, Entry, ObjectKind, TimelinePage};
