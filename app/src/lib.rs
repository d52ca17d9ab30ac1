//! Everything that has meaning: domains, rules, use cases, SQL, server functions and pages. Compiles for the browser
//! (`hydrate`) and for the server (`ssr`); SQL and use cases exist only in the latter.
//!
//! One folder per domain, the same files in each: `model` (what crosses the wire), `rules` (pure decisions), `page` (what
//! people see), `server_fns` (the browser's door), `service` (use cases), `store` (all SQL). To find the archive rule, open
//! `customers/rules.rs`; its SQL is in `store/` beside it.

pub mod audit;
pub mod auth;
pub mod billing_configurations;
pub mod bulk_jobs;
pub mod confirm;
pub mod contracts;
pub mod customers;
pub mod effects;
pub mod effects_text;
pub mod error;
pub mod idempotency;
pub mod ids;
pub mod invoices;
pub mod lifecycle;
pub mod listing;
pub mod money;
pub mod notifications;
pub mod outbox;
pub mod paging;
pub mod selection;

#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
mod counts;
#[cfg(feature = "ssr")]
pub mod db;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
pub mod door;
#[cfg(feature = "ssr")]
mod search;
#[cfg(feature = "ssr")]
mod served;

pub mod frame;
pub mod routes;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
pub mod still;
pub mod ui;
pub mod wire;

pub use frame::FrameContext;
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::{Assets, Document, shell};
#[cfg(feature = "ssr")]
pub use still::{Refused, Still};
