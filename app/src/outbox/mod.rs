//! Announcements of what was done, one for each audit entry, kept until they are delivered.

#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;
