//! Invoices: one contract's bill for one period. They are brought in from outside, shown, and voided; Mothball sends none.

mod model;
pub mod page;
pub mod rules;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod store;

pub use model::{ExternalStatus, Invoice, InvoiceStatus, NewInvoice, StandingInvoice};
