//! Customers: who is billed. A customer can be taken out of service, with all that follows from it, and brought back alone.

mod model;
pub mod page;
pub mod rules;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;

pub use model::{
    ArchiveOptions, Customer, CustomerDetail, CustomerEdit, CustomerList, CustomerRow,
    CustomerType, CustomerWorld, NewCustomer, Profile, SetUpAgain,
};
