//! What people see of customers: the list, and one customer.

pub mod aside;
pub mod detail;
pub mod list;
pub mod overview;
pub mod standing;

pub use detail::CustomerPage;
pub use list::CustomersPage;
