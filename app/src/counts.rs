//! How many rows each tab holds, remembered: every page of a list shows it, and counting costs more than the page.

use crate::{
    error::AppError,
    listing::{ListQuery, Tab},
    paging::{CappedCount, TabCounts},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::{Mutex as Turn, OwnedMutexGuard},
    time::timeout,
};

/// What another server of the same deployment changed is counted again after this long, as is what a bulk job does until it
/// is over.
const REMEMBERED: Duration = Duration::from_secs(15);
/// What is older than that, but not than this, is still shown while it is counted again.
const SHOWN: Duration = Duration::from_secs(30);
/// A page is shown without counts rather than late.
const PATIENCE: Duration = Duration::from_secs(2);

/// The counts of one list without filters. Forgotten whenever someone changes on this server what they count; of a bulk job
/// they are counted again at its end, and shown until then. Where they are not known one asker counts and the others wait for
/// it: beside a bulk job a count takes long.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    held: Arc<Mutex<Held>>,
    counting: Arc<Turn<()>>,
}

#[derive(Debug, Default)]
struct Held {
    /// Rises with each write.
    writes: u64,
    /// What was counted before is shown, and counted again.
    aged_at: Option<Instant>,
    counted: Option<Counted>,
}

#[derive(Debug, Clone, Copy)]
struct Counted {
    at: Instant,
    /// The writes that it knows of at least.
    writes: u64,
    counts: TabCounts,
}

impl Counts {
    fn held<T>(&self, look: impl FnOnce(&mut Held) -> T) -> T {
        look(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn forget(&self) {
        self.held(|held| held.writes += 1);
    }

    /// Has them counted again by whoever asks next, who does not wait for it.
    pub(crate) fn age(&self) {
        self.held(|held| held.aged_at = Some(Instant::now()));
    }

    fn is_old(&self, known: Counted) -> bool {
        let aged_at = self.held(|held| held.aged_at);
        known.at.elapsed() >= REMEMBERED || aged_at.is_some_and(|at| known.at <= at)
    }

    /// What may be shown to whoever asks after so many writes.
    fn known(&self, writes: u64) -> Option<Counted> {
        self.held(|held| held.counted)
            .filter(|counted| counted.writes >= writes && counted.at.elapsed() < SHOWN)
    }

    /// What is remembered, or what `count` says of each tab. [`AppError::Unavailable`] where others count for long.
    pub(crate) async fn or_count<F>(
        &self,
        count: impl Fn(ListQuery) -> F + Send + Sync + 'static,
    ) -> Result<TabCounts, AppError>
    where
        F: Future<Output = Result<CappedCount, AppError>> + Send,
    {
        let writes = self.held(|held| held.writes);
        if let Some(known) = self.known(writes) {
            if self.is_old(known)
                && let Ok(turn) = self.counting.clone().try_lock_owned()
            {
                let this = self.clone();
                // What goes wrong here shows where someone waits for it.
                tokio::spawn(async move { this.count(turn, count).await.ok() });
            }
            return Ok(known.counts);
        }
        let turn = timeout(PATIENCE, self.counting.clone().lock_owned())
            .await
            .map_err(|_| AppError::Unavailable)?;
        match self.known(writes) {
            Some(known) => Ok(known.counts),
            None => self.count(turn, count).await,
        }
    }

    async fn count<F>(
        &self,
        _turn: OwnedMutexGuard<()>,
        count: impl Fn(ListQuery) -> F,
    ) -> Result<TabCounts, AppError>
    where
        F: Future<Output = Result<CappedCount, AppError>>,
    {
        let (at, writes) = (Instant::now(), self.held(|held| held.writes));
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
        self.held(|held| held.counted = Some(Counted { at, writes, counts }));
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::{join_all, ready};
    use std::sync::atomic::{AtomicI64, Ordering};

    fn of(all: i64) -> TabCounts {
        TabCounts {
            all: CappedCount(all),
            active: CappedCount(all),
            archived: CappedCount(0),
        }
    }

    fn counted(now: i64, list: &ListQuery) -> Result<CappedCount, AppError> {
        Ok(CappedCount(match list.tab {
            Tab::All | Tab::Active => now,
            Tab::Archived => 0,
        }))
    }

    #[tokio::test]
    async fn counts_are_remembered_until_something_is_written() {
        let counts = Counts::default();
        let ask = |now: i64| counts.or_count(move |list| ready(counted(now, &list)));
        assert_eq!((ask(1).await, ask(2).await), (Ok(of(1)), Ok(of(1))));
        counts.forget();
        assert_eq!(ask(3).await, Ok(of(3)));
    }

    #[tokio::test]
    async fn what_was_counted_before_a_write_is_not_kept() {
        let counts = Counts::default();
        let writer = counts.clone();
        let count = move |list: ListQuery| {
            if list.tab == Tab::All {
                writer.forget();
            }
            ready(counted(1, &list))
        };
        assert_eq!(counts.or_count(count).await, Ok(of(1)));
        let later = counts.or_count(|list| ready(counted(2, &list)));
        assert_eq!(later.await, Ok(of(2)));
    }

    #[tokio::test]
    async fn one_counts_for_all_who_ask_at_once() {
        let counts = Counts::default();
        let often = Arc::new(AtomicI64::new(0));
        let ask = || {
            let often = often.clone();
            counts.or_count(move |list| {
                let now = often.fetch_add(1, Ordering::Relaxed);
                async move {
                    tokio::task::yield_now().await;
                    counted(now, &list)
                }
            })
        };
        let all = join_all((0..20).map(|_| ask())).await;
        assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
        assert_eq!(often.load(Ordering::Relaxed), 3, "one for each tab");
    }

    #[tokio::test]
    async fn nobody_waits_long_for_what_others_count() {
        let counts = Counts::default();
        let started = Instant::now();
        let never_ends = counts.or_count(|_| std::future::pending());
        let others = join_all((0..20).map(|_| counts.or_count(|list| ready(counted(1, &list)))));
        let told = tokio::select! {
            biased;
            _ = never_ends => unreachable!("it never ends"),
            told = others => told,
        };
        assert!(told.iter().all(|one| *one == Err(AppError::Unavailable)));
        assert!(started.elapsed() < PATIENCE * 3);
    }

    #[tokio::test]
    async fn aged_counts_are_shown_while_they_are_counted_again() {
        let counts = Counts::default();
        let since = |age: Duration| {
            let at = Instant::now().checked_sub(age).unwrap();
            let then = Counted {
                at,
                writes: 0,
                counts: of(1),
            };
            counts.held(|held| held.counted = Some(then));
        };
        let ask = |now: i64| counts.or_count(move |list| ready(counted(now, &list)));
        since(REMEMBERED);
        assert_eq!(ask(2).await, Ok(of(1)));
        while counts.known(0).unwrap().counts == of(1) {
            tokio::task::yield_now().await;
        }
        assert_eq!(ask(3).await, Ok(of(2)));
        since(SHOWN);
        assert_eq!(ask(4).await, Ok(of(4)));
        counts.age();
        assert_eq!(ask(5).await, Ok(of(4)));
        while counts.known(0).unwrap().counts == of(4) {
            tokio::task::yield_now().await;
        }
        assert_eq!(ask(6).await, Ok(of(5)));
    }
}
