//! Use cases of bulk jobs. Knows no HTTP and writes no SQL.

mod chunk;
mod confirm;
mod control;
mod preview;
mod read;
mod rows;
mod run;
mod scheduled;
mod seal;

pub use confirm::{Confirming, confirm};
pub use control::{cancel, pause, resume};
pub use preview::{Asked, Wanted, again, grown, preview, retry, take, undo};
pub use read::{
    find, forget_some, items, items_to_keep, jobs, preview_of, rows_of, running, undoable,
};
pub use rows::Rows;
pub use run::advance;
pub use seal::Token;

use super::What;
use crate::{
    auth::Action,
    confirm::{Subjects, Transition},
};

impl What {
    /// The line of the permission table that the action is on.
    pub fn action(self) -> Action {
        match (self.subjects, self.transition) {
            (Subjects::Customers, Transition::Archive) => Action::ArchiveCustomers,
            (Subjects::Customers, Transition::Unarchive) => Action::UnarchiveCustomers,
            (Subjects::Configurations, Transition::Archive) => Action::ArchiveConfigurations,
            (Subjects::Configurations, Transition::Unarchive) => Action::UnarchiveConfigurations,
        }
    }
}
