//! Asking before something is archived or unarchived: what will happen, why it is done, and the press of a button that
//! spells it. One form, in a dialog when the page is awake and on a page of its own when it is not.

mod dialog;
mod form;
mod request;
mod rules;
mod state;
pub mod wording;

pub use dialog::confirm_dialog;
pub use request::{ConfirmRequest, Request, Selected};
pub use rules::{
    Answered, Asked, Confirmation, Flaw, Preset, Settled, Transition, asks_number, asks_reason, flaws, reason,
};
