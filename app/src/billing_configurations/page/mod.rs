//! What people see of billing provider configurations: the list, and one configuration.

pub mod detail;
pub mod list;
pub mod table;

pub use detail::ConfigurationPage;
pub use list::ConfigurationsPage;
