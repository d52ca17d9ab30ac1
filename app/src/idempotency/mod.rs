//! Makes a retried write safe: the first answer is stored in the write's own transaction and replayed to whoever asks again
//! with the same key. Errors are never stored, so a failed attempt may be repeated.

mod rules;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;

pub use rules::IdempotencyKey;
