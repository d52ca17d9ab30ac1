//! Contracts: terms of one customer over time, with the two threshold recharges, and the configuration they bill through.

mod model;
pub mod page;
pub mod rules;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;

pub use model::{Attachment, Contract, LiveContract, NewContract, Recharge, title};
