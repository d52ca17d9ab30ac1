//! Sessions as their owner sees them: where one signed in, when, and which of them is this one.

use crate::ids::SessionId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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
    pub opened_at: DateTime<Utc>,
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

impl Ending {
    /// Of `live`, those that are meant. `asking` stays: its way out is to sign out.
    pub(super) fn of(self, live: &[LiveSession], asking: Option<SessionId>) -> Vec<SessionId> {
        live.iter()
            .map(|session| session.id)
            .filter(|id| Some(*id) != asking)
            .filter(|id| match self {
                Self::One(one) => *id == one,
                Self::Others => true,
            })
            .collect()
    }
}

/// Words that browsers and systems leave in a user agent, the telling before the general: each claims to be those below it.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// `Firefox on Linux`: enough for people to know their own again.
pub(super) fn device(user_agent: Option<&str>) -> String {
    let Some(agent) = user_agent else {
        return "Unknown browser".to_owned();
    };
    let known = |table: &[(&str, &'static str)]| {
        table
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn session(number: u128) -> LiveSession {
        LiveSession {
            id: SessionId(Uuid::from_u128(number)),
            opened_at: DateTime::UNIX_EPOCH,
            last_seen_at: DateTime::UNIX_EPOCH,
            ip: None,
            user_agent: None,
        }
    }

    #[test]
    fn a_session_does_not_end_itself() {
        let live = [session(1), session(2), session(3)];
        let id = |number| SessionId(Uuid::from_u128(number));
        for (ending, ended) in [
            (Ending::Others, vec![id(1), id(3)]),
            (Ending::One(id(3)), vec![id(3)]),
            (Ending::One(id(2)), vec![]),
            (Ending::One(id(9)), vec![]),
        ] {
            assert_eq!(ending.of(&live, Some(id(2))), ended, "{ending:?}");
        }
    }

    #[test]
    fn people_know_their_devices_again() {
        for (agent, told) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 \
                 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 \
                 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile \
                 Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "curl"),
            ("<script>alert(1)</script>", "Unknown browser"),
            ("", "Unknown browser"),
        ] {
            assert_eq!(device(Some(agent)), told, "{agent}");
        }
        assert_eq!(device(None), "Unknown browser");
    }
}
