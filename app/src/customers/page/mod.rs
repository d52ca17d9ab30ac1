//! What people see of customers: the list, one customer, and what is confirmed about some.

pub mod aside;
pub mod confirm;
pub mod detail;
pub mod list;
pub mod overview;
pub mod standing;

pub use confirm::{ConfirmCustomersPage, ConfirmDialog};
pub use detail::CustomerPage;
pub use list::CustomersPage;
