//! How many rows each tab holds, remembered: every page of a list shows it, and counting costs more than the page.

use crate::{
    listing::{ListQuery, Tab},
    paging::{CappedCount, TabCounts},
};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What another server of the same deployment changed shows after this long, as does what a bulk job does until it is over.
const REMEMBERED: Duration = Duration::from_secs(30);

/// The counts of one list without filters. Forgotten whenever this server writes.
#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    /// Rises with each write, so that what was counted before one is not kept after it.
    writes: u64,
    counts: Option<(Instant, TabCounts)>,
}

impl Counts {
    fn held<T>(&self, look: impl FnOnce(&mut Held) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn forget(&self) {
        self.held(|held| {
            held.writes += 1;
            held.counts = None;
        });
    }

    /// What is remembered, or what `count` says of each tab.
    pub(crate) async fn or_count<E, F>(
        &self,
        count: impl Fn(ListQuery) -> F,
    ) -> Result<TabCounts, E>
    where
        F: Future<Output = Result<CappedCount, E>>,
    {
        let (writes, known) = self.held(|held| {
            let fresh = held.counts.filter(|(at, _)| at.elapsed() < REMEMBERED);
            (held.writes, fresh)
        });
        if let Some((_, counts)) = known {
            return Ok(counts);
        }
        let on = |tab| {
            count(ListQuery {
                tab,
                ..ListQuery::default()
            })
        };
        let counts = TabCounts {
            all: on(Tab::All).await?,
            active: on(Tab::Active).await?,
            archived: on(Tab::Archived).await?,
        };
        self.held(|held| {
            if held.writes == writes {
                held.counts = Some((Instant::now(), counts));
            }
        });
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, future::ready};
    use std::cell::Cell;

    fn of(all: i64) -> TabCounts {
        TabCounts {
            all: CappedCount(all),
            active: CappedCount(all),
            archived: CappedCount(0),
        }
    }

    fn counted(now: i64, list: &ListQuery) -> Result<CappedCount, ()> {
        Ok(CappedCount(match list.tab {
            Tab::All | Tab::Active => now,
            Tab::Archived => 0,
        }))
    }

    #[test]
    fn counts_are_remembered_until_something_is_written() {
        let counts = Counts::default();
        let ask = |now: i64| {
            let asked = counts.or_count(|list| ready(counted(now, &list)));
            asked.now_or_never().unwrap().unwrap()
        };
        assert_eq!((ask(1), ask(2)), (of(1), of(1)));
        counts.forget();
        assert_eq!(ask(3), of(3));
    }

    #[test]
    fn what_was_counted_before_a_write_is_not_kept() {
        let counts = Counts::default();
        let written = Cell::new(false);
        let count = |list: ListQuery| {
            if !written.replace(true) {
                counts.forget();
            }
            ready(counted(1, &list))
        };
        assert_eq!(counts.or_count(count).now_or_never(), Some(Ok(of(1))));
        let later = counts.or_count(|list| ready(counted(2, &list)));
        assert_eq!(later.now_or_never(), Some(Ok(of(2))));
    }
}
