//! What time it is. Writes take the database's time, read once by the transaction's first statement; tests fix it.

use chrono::{DateTime, Utc};
use std::sync::{Arc, RwLock};

#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    Database,
    Fixed(Arc<RwLock<DateTime<Utc>>>),
}

impl Clock {
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(RwLock::new(at)))
    }

    /// Moves a fixed clock; the database's cannot be moved.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Self::Fixed(now) = self {
            *now.write().expect("no holder of the clock panics") = at;
        }
    }

    pub fn fixed_now(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Database => None,
            Self::Fixed(now) => Some(*now.read().expect("no holder of the clock panics")),
        }
    }

    /// For reading and showing only. What is written carries the transaction's own time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine for the time"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        self.fixed_now().unwrap_or_else(Utc::now)
    }
}
