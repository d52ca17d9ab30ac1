//! Billing provider configurations: how one customer is billed outside. Archiving one takes effect at once on every live
//! contract that uses it; unarchiving revives only the configuration itself.

mod model;
pub mod page;
pub mod rules;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;

pub use model::{
    Configuration, ConfigurationDetail, ConfigurationList, ConfigurationRow, ConfigurationWorld,
    DeliveryMethod, NewConfiguration, Provider, Standing, TaxProvider,
};
