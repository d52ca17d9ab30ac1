//! Asking before something is archived or unarchived: what will happen, why it is done, and the press of a button that
//! spells it. One form, in a dialog when the page is awake and on a page of its own when it is not.

pub mod dialog;
mod fields;
mod form;
#[cfg(feature = "ssr")]
pub mod page;
pub mod request;
mod rules;
#[cfg(feature = "ssr")]
pub mod service;
mod state;
pub mod undo;
pub mod wording;

pub use dialog::ConfirmDialog;
#[cfg(feature = "ssr")]
pub(crate) use fields::{Wrong, number_field, reason_field};
#[cfg(feature = "ssr")]
pub use page::ConfirmPage;
pub use request::{ConfirmRequest, Confirming, Subjects};
pub use rules::{
    Answered, Asked, Confirmation, Flaw, Preset, Read, Settled, Transition, agree, asks_number,
    asks_reason, flaws, reason,
};
