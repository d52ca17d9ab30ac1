//! How many rows each tab holds, remembered: every page of a list shows it, and counting costs more than the page.

use crate::paging::TabCounts;
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What another server of the same deployment changed shows after this long.
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

    /// What is remembered, or what `count` says.
    pub(crate) async fn or_count<E>(
        &self,
        count: impl Future<Output = Result<TabCounts, E>>,
    ) -> Result<TabCounts, E> {
        let (writes, known) = self.held(|held| {
            let fresh = held.counts.filter(|(at, _)| at.elapsed() < REMEMBERED);
            (held.writes, fresh)
        });
        if let Some((_, counts)) = known {
            return Ok(counts);
        }
        let counts = count.await?;
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
    use crate::paging::CappedCount;
    use futures::{FutureExt, future::ready};

    fn of(all: i64) -> TabCounts {
        let all = CappedCount(all);
        TabCounts {
            all,
            active: all,
            archived: CappedCount(0),
        }
    }

    #[test]
    fn counts_are_remembered_until_something_is_written() {
        let counts = Counts::default();
        let ask = |now: i64| {
            let asked = counts.or_count(async move { Ok::<_, ()>(of(now)) });
            asked.now_or_never().unwrap().unwrap()
        };
        assert_eq!((ask(1), ask(2)), (of(1), of(1)));
        counts.forget();
        assert_eq!(ask(3), of(3));
    }

    #[test]
    fn what_was_counted_before_a_write_is_not_kept() {
        let counts = Counts::default();
        let count = async {
            counts.forget();
            ready(Ok::<_, ()>(of(1))).await
        };
        assert_eq!(counts.or_count(count).now_or_never(), Some(Ok(of(1))));
        let later = counts.or_count(ready(Ok::<_, ()>(of(2))));
        assert_eq!(later.now_or_never(), Some(Ok(of(2))));
    }
}
