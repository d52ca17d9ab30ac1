//! Who may do what: people with sessions, machines with API keys, three roles, and one table of permissions.

mod model;
pub mod page;
pub mod policy;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod session;
#[cfg(feature = "ssr")]
mod store;

pub use model::{Actor, ActorKind, Flash, Role, Shell};
pub use policy::Action;
#[cfg(feature = "ssr")]
pub use session::{Ending, LiveSession, OwnSessions};
