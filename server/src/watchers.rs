//! Pages that hear events while they are open, so many and no more of each session.

use app::ids::SessionId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Pages of one session that hear events at once; others ask now and then. A browser has six connections to a server, and whoever
/// opens them without end takes them from nobody else.
const WATCHES_MAX: usize = 4;

/// How many pages of each session hear events.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watchers(Arc<Mutex<HashMap<Option<SessionId>, usize>>>);

impl Watchers {
    fn counts(&self) -> MutexGuard<'_, HashMap<Option<SessionId>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counted until it is dropped; `None` where there are enough.
    pub(crate) fn admit(&self, session: Option<SessionId>) -> Option<Watch> {
        let mut counts = self.counts();
        let count = counts.entry(session).or_default();
        (*count < WATCHES_MAX).then(|| {
            *count += 1;
            Watch {
                watchers: self.clone(),
                session,
            }
        })
    }
}

/// One of them.
pub(crate) struct Watch {
    watchers: Watchers,
    session: Option<SessionId>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut counts = self.watchers.counts();
        if let Some(count) = counts.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.session);
            }
        }
    }
}
