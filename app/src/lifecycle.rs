//! The one state machine of everything that can be archived: in service, or out of it since a moment, by someone.

use crate::auth::Actor;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lifecycle {
    Active,
    Archived(Archived),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    pub at: DateTime<Utc>,
    pub by: Actor,
    pub reason: Option<Reason>,
}

impl Lifecycle {
    pub fn archived(&self) -> Option<&Archived> {
        match self {
            Self::Active => None,
            Self::Archived(archived) => Some(archived),
        }
    }

    pub fn is_archived(&self) -> bool {
        self.archived().is_some()
    }

    pub fn archived_at(&self) -> Option<DateTime<Utc>> {
        self.archived().map(|archived| archived.at)
    }
}

/// Why something was done, in the words of whoever did it. Between 1 and 500 characters, without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reason(String);

impl Reason {
    pub const CHARACTERS_MAX: usize = 500;
    /// What the console asks of a typed reason; the API takes shorter ones.
    pub const CHARACTERS_ASKED: usize = 10;

    /// `None` for a blank text.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        let text = text.trim();
        if text.chars().count() > Self::CHARACTERS_MAX {
            return Err(format!(
                "Shorten the reason to {} characters",
                Self::CHARACTERS_MAX
            ));
        }
        let clean: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        Ok((!clean.is_empty()).then_some(Self(clean)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_reason_is_none_and_a_long_one_is_refused() {
        assert_eq!(Reason::parse("  ").unwrap(), None);
        assert_eq!(
            Reason::parse(" churned\n").unwrap().unwrap().as_str(),
            "churned"
        );
        assert!(Reason::parse(&"x".repeat(501)).is_err());
    }
}
