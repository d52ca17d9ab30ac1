//! Regions that wait for their data.

use super::fetched::region;
use leptos::prelude::*;
use std::time::Duration;

/// Shorter waits show nothing: the old content stays.
const PATIENCE: Duration = Duration::from_secs(1);

/// A region that reads what was fetched. What was there before stays while it is fetched anew.
pub fn waiting(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    region(Box::new(view), None)
}

/// The same, with `patience` told how the waiting goes.
pub fn waiting_with(patience: Patience, view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    region(Box::new(view), Some(patience.waits))
}

/// Whether a region waits, and whether it has waited so long that it should show it.
#[derive(Clone, Copy)]
pub struct Patience {
    waits: RwSignal<bool>,
    lost: RwSignal<bool>,
}

impl Patience {
    /// Starts to watch; once in each page that waits.
    pub fn watch() -> Self {
        let patience = Self {
            waits: RwSignal::new(false),
            lost: RwSignal::new(false),
        };
        Effect::new(move || {
            if patience.waits.get() {
                if let Ok(timer) = set_timeout_with_handle(move || patience.lose(), PATIENCE) {
                    on_cleanup(move || timer.clear());
                }
            } else {
                patience.lost.set(false);
            }
        });
        patience
    }

    /// For `aria-busy`.
    pub fn waits(self) -> bool {
        self.waits.get()
    }

    /// True after a second of waiting: time for a skeleton.
    pub fn is_lost(self) -> bool {
        self.lost.get()
    }

    fn lose(self) {
        if self.waits.try_get_untracked() == Some(true) {
            self.lost.set(true);
        }
    }
}
