//! Notifications: thresholds watched for a customer. The evaluator skips archived customers; an archive edits none of them,
//! so unarchiving brings them back as they were.

#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;
