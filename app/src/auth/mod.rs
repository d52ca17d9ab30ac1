//! Who may do what: people with sessions, machines with API keys, three roles, and one table of permissions.

mod model;
pub mod page;
pub mod policy;
#[cfg(feature = "ssr")]
mod rules;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;

pub use model::{Actor, ActorKind, Ending, Flash, LiveSession, OwnSessions, Role, Shell};
pub use policy::Action;
