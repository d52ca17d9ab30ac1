use crate::ids::SessionId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// What one may do, from least to most. Each role includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads and previews.
    Viewer,
    /// Also archives, unarchives, creates, edits and voids.
    Operator,
    /// Also manages staff, keys and settings.
    Admin,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// As shown to people: `Operator`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Operator => "Operator",
            Self::Admin => "Admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| "the role must be viewer, operator or admin".to_owned())
    }
}

/// Who did something. The name is the one they had then, so that history stays readable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    pub kind: ActorKind,
    pub id: Uuid,
    pub name: String,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    Person,
    ApiKey,
}

impl Actor {
    /// As shown in timelines: `Demo operator`, or `API key ci-provision`.
    pub fn label(&self) -> String {
        match self.kind {
            ActorKind::Person => self.name.clone(),
            ActorKind::ApiKey => format!("API key {}", self.name),
        }
    }
}

/// The live sessions of one person, the latest used first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSessions {
    pub sessions: Vec<LiveSession>,
    /// The one that asks.
    pub asking: Option<SessionId>,
    pub now: DateTime<Utc>,
}

/// A session that has neither ended nor run out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSession {
    pub id: SessionId,
    pub created_at: DateTime<Utc>,
    /// To the minute: uses are noted that often.
    pub last_seen_at: DateTime<Utc>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// Which of one's sessions to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    One(SessionId),
    /// All but the one that asks.
    Others,
}

/// What every page of the console shows around its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shell {
    pub actor: Actor,
    /// `Production`, `Sandbox`, or what the operator calls this deployment.
    pub environment: String,
    pub may_archive: bool,
    pub unarchive_allowed: bool,
    /// What the form before this page did, told once.
    pub flash: Option<Flash>,
}

/// What a form did, carried over its redirect. A closed set: nothing else is ever shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flash {
    CustomersArchived(u32),
    CustomersUnarchived(u32),
    ConfigurationsArchived(u32),
    ConfigurationsUnarchived(u32),
    SessionsEnded(u32),
}

impl Flash {
    pub fn sentence(self) -> String {
        let some =
            |count: u32, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        match self {
            Self::CustomersArchived(count) => format!("{} archived", some(count, "customer")),
            Self::CustomersUnarchived(count) => format!("{} unarchived", some(count, "customer")),
            Self::ConfigurationsArchived(count) => {
                format!("{} archived", some(count, "configuration"))
            }
            Self::ConfigurationsUnarchived(count) => {
                format!("{} unarchived", some(count, "configuration"))
            }
            Self::SessionsEnded(count) => format!("{} ended", some(count, "session")),
        }
    }

    /// In a cookie: `customers_archived.3`.
    pub fn encode(self) -> String {
        let (word, count) = match self {
            Self::CustomersArchived(count) => ("customers_archived", count),
            Self::CustomersUnarchived(count) => ("customers_unarchived", count),
            Self::ConfigurationsArchived(count) => ("configurations_archived", count),
            Self::ConfigurationsUnarchived(count) => ("configurations_unarchived", count),
            Self::SessionsEnded(count) => ("sessions_ended", count),
        };
        format!("{word}.{count}")
    }

    pub fn decode(text: &str) -> Option<Self> {
        let (word, count) = text.split_once('.')?;
        let count = count.parse().ok()?;
        match word {
            "customers_archived" => Some(Self::CustomersArchived(count)),
            "customers_unarchived" => Some(Self::CustomersUnarchived(count)),
            "configurations_archived" => Some(Self::ConfigurationsArchived(count)),
            "configurations_unarchived" => Some(Self::ConfigurationsUnarchived(count)),
            "sessions_ended" => Some(Self::SessionsEnded(count)),
            _ => None,
        }
    }
}
