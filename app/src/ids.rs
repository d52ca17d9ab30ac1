//! Ids that cannot be mixed up. Each is a UUID v7 on the wire and in the database.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

id!(/// Who is billed.
    CustomerId);
id!(/// Terms of one customer over time.
    ContractId);
id!(/// One invoice of a contract.
    InvoiceId);
id!(/// How one customer is billed outside.
    ConfigurationId);
id!(/// A threshold watched for a customer.
    NotificationId);
id!(/// One line of the audit log.
    AuditEntryId);
id!(/// One action on many rows, from its preview on.
    BulkJobId);
id!(/// A person who may sign in.
    StaffId);
id!(/// One sign-in of a person, until it ends.
    SessionId);
id!(/// A machine's credential.
    ApiKeyId);
