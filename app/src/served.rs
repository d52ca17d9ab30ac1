//! Who is being served just now. A worker gives way to them, a statement at a time: a page that waits for a processor takes
//! twice as long, a job of hours does not care.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};

/// Each time, whoever is being served: a job goes on beside people who never stop asking.
const PATIENCE: Duration = Duration::from_millis(20);

/// The requests that this process is answering.
#[derive(Debug, Clone, Default)]
pub(crate) struct Served(Arc<Requests>);

#[derive(Debug, Default)]
struct Requests {
    begun: AtomicU64,
    open: AtomicU32,
    none_left: Notify,
}

/// One request, until it is dropped.
#[derive(Debug)]
pub struct Request(Arc<Requests>);

impl Drop for Request {
    fn drop(&mut self) {
        if self.0.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.none_left.notify_waiters();
        }
    }
}

/// A moment, as of which it is known who was served.
#[derive(Debug)]
pub struct Since {
    requests: Arc<Requests>,
    begun: u64,
    /// Somebody was being served already.
    amid: bool,
}

impl Since {
    /// Whether anybody was being served then, has been since, or is.
    pub fn anyone(&self) -> bool {
        self.amid || self.begun != self.requests.begun.load(Ordering::Acquire)
    }
}

impl Served {
    pub(crate) fn one_more(&self) -> Request {
        self.0.open.fetch_add(1, Ordering::AcqRel);
        self.0.begun.fetch_add(1, Ordering::AcqRel);
        Request(self.0.clone())
    }

    pub(crate) fn since_now(&self) -> Since {
        Since {
            begun: self.0.begun.load(Ordering::Acquire),
            amid: self.0.open.load(Ordering::Acquire) > 0,
            requests: self.0.clone(),
        }
    }

    /// Waits until nobody is being served, but not for long.
    pub(crate) async fn give_way(&self) {
        let nobody = async {
            loop {
                let none_left = self.0.none_left.notified();
                if self.0.open.load(Ordering::Acquire) == 0 {
                    return;
                }
                none_left.await;
            }
        };
        // Over either way: nobody is left, or it has waited long enough.
        let _nobody_or_not = timeout(PATIENCE, nobody).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use std::time::Instant;

    #[tokio::test]
    async fn a_worker_waits_for_whoever_is_being_served() {
        let served = Served::default();
        assert_eq!(served.give_way().now_or_never(), Some(()));
        let (one, other) = (served.one_more(), served.one_more());
        let mut worker = std::pin::pin!(served.give_way());
        assert_eq!(worker.as_mut().now_or_never(), None);
        drop(one);
        assert_eq!(worker.as_mut().now_or_never(), None, "one is left");
        drop(other);
        assert_eq!(worker.as_mut().now_or_never(), Some(()));
    }

    #[test]
    fn whoever_is_served_then_or_since_is_noticed() {
        let served = Served::default();
        let quiet = served.since_now();
        assert!(!quiet.anyone());
        let slow = served.one_more();
        assert!(quiet.anyone(), "it has begun");
        let amid = served.since_now();
        assert!(amid.anyone(), "it goes on");
        drop(slow);
        assert!(amid.anyone(), "it went on");
        assert!(!served.since_now().anyone(), "it is over");
    }

    #[tokio::test]
    async fn a_worker_goes_on_beside_someone_who_never_ends() {
        let served = Served::default();
        let _never_ends = served.one_more();
        let started = Instant::now();
        served.give_way().await;
        assert!(started.elapsed() >= PATIENCE);
    }
}
