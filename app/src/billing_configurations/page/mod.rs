//! What people see of billing provider configurations: the list, one configuration, and what is confirmed about some.

pub mod confirm;
pub mod detail;
pub mod list;
pub mod table;

pub use confirm::ConfirmConfigurationsPage;
pub use detail::ConfigurationPage;
pub use list::ConfigurationsPage;
