//! The permission table. Every route and server function names one of these actions, and whoever may not do it is refused
//! before anything else happens.

use super::Role;
use crate::error::AppError;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Health, assets, the sign-in page: what anyone may ask for.
    Anything,
    SignIn,
    Read,
    /// End sessions that one has opened oneself.
    EndOwnSessions,
    /// Ask what an action would do. Changes nothing.
    Preview,
    CreateCustomers,
    EditCustomers,
    ArchiveCustomers,
    UnarchiveCustomers,
    CreateConfigurations,
    ArchiveConfigurations,
    UnarchiveConfigurations,
    CreateContracts,
    WriteInvoices,
    VoidInvoices,
}

impl Action {
    /// The least role that may do it; `None` where nobody needs to be signed in.
    pub fn needs(self) -> Option<Role> {
        match self {
            Self::Anything | Self::SignIn => None,
            Self::Read | Self::EndOwnSessions | Self::Preview => Some(Role::Viewer),
            Self::CreateCustomers
            | Self::EditCustomers
            | Self::ArchiveCustomers
            | Self::UnarchiveCustomers
            | Self::CreateConfigurations
            | Self::ArchiveConfigurations
            | Self::UnarchiveConfigurations
            | Self::CreateContracts
            | Self::WriteInvoices
            | Self::VoidInvoices => Some(Role::Operator),
        }
    }
}

/// Default deny: nobody without a role may do anything that needs one.
pub fn may(role: Option<Role>, action: Action) -> Result<(), AppError> {
    match (action.needs(), role) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(AppError::SignInRequired),
        (Some(needs), Some(role)) if role >= needs => Ok(()),
        (Some(needs), Some(_)) => Err(AppError::Forbidden { needs }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_reads_and_previews_and_changes_nothing() {
        for (action, allowed) in [
            (Action::Read, true),
            (Action::Preview, true),
            (Action::ArchiveCustomers, false),
            (Action::UnarchiveCustomers, false),
            (Action::ArchiveConfigurations, false),
            (Action::VoidInvoices, false),
        ] {
            assert_eq!(
                may(Some(Role::Viewer), action).is_ok(),
                allowed,
                "{action:?}"
            );
            assert!(may(Some(Role::Operator), action).is_ok(), "{action:?}");
        }
    }

    #[test]
    fn nobody_in_particular_may_only_sign_in() {
        assert!(may(None, Action::SignIn).is_ok());
        assert_eq!(may(None, Action::Read), Err(AppError::SignInRequired));
    }
}
