//! The process: sockets, cookies, REST, forms, the worker, the broom and the command line. No SQL and no rules: those are in `app`.

pub mod broom;
pub mod bulk;
pub mod cli;
pub mod config;
pub mod doors;
mod forms;
pub mod live;
pub mod pages;
mod references;
mod render;
pub mod rest;
pub mod router;
pub mod serve;
pub mod session;
pub mod state;
pub mod telemetry;
mod watchers;
pub mod worker;
