//! What a page asks to be confirmed, and what it hears when that is done. Pages write the request; the dialog answers it.

use super::Transition;
use crate::ui::{announce::Announcer, toast::Toasts};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the ids of a request are ids of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subjects {
    Customers,
    Configurations,
}

impl Subjects {
    /// Where their pages are.
    pub fn path(self) -> &'static str {
        match self {
            Self::Customers => "/customers",
            Self::Configurations => "/billing-configurations",
        }
    }

    /// `customer` for one, `customers` for any other number.
    pub fn noun(self, count: usize) -> &'static str {
        match (self, count) {
            (Self::Customers, 1) => "customer",
            (Self::Customers, _) => "customers",
            (Self::Configurations, 1) => "configuration",
            (Self::Configurations, _) => "configurations",
        }
    }
}

/// Something that a person wants done, to be shown with its effects first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmRequest {
    pub subjects: Subjects,
    pub transition: Transition,
    pub ids: Vec<Uuid>,
}

impl ConfirmRequest {
    /// The page that asks the same without a script.
    pub fn href(&self) -> String {
        let (path, verb) = (self.subjects.path(), self.transition.as_str());
        match self.ids.as_slice() {
            [id] => format!("{path}/{id}/{verb}"),
            ids => {
                let query: Vec<String> = ids.iter().map(|id| format!("ids={id}")).collect();
                format!("{path}/{verb}?{}", query.join("&"))
            }
        }
    }
}

/// The one open request, and the number of those that were done. Provided to every page.
#[derive(Clone, Copy)]
pub struct Confirming {
    pub open: RwSignal<Option<ConfirmRequest>>,
    /// Rises whenever something was done: resources that read it fetch anew.
    settled: RwSignal<u32>,
    toasts: Toasts,
    announcer: Announcer,
}

impl Confirming {
    pub fn provide(toasts: Toasts, announcer: Announcer) -> Self {
        let confirming = Self {
            open: RwSignal::new(None),
            settled: RwSignal::new(0),
            toasts,
            announcer,
        };
        provide_context(confirming);
        confirming
    }

    pub fn expect() -> Self {
        expect_context()
    }

    pub fn ask(self, subjects: Subjects, transition: Transition, ids: Vec<Uuid>) {
        self.open.set(Some(ConfirmRequest {
            subjects,
            transition,
            ids,
        }));
    }

    pub fn cancel(self) {
        self.open.set(None);
    }

    /// Closes the request as done, says so, and lets pages fetch anew.
    pub fn done(self, sentence: impl Into<String>) {
        self.open.set(None);
        self.settled.update(|count| *count += 1);
        self.toasts.show(sentence, None);
    }

    /// Something changed without a dialog.
    pub fn changed(self) {
        self.settled.update(|count| *count += 1);
    }

    /// Nothing was done; says why.
    pub fn failed(self, sentence: impl Into<String>) {
        self.announcer.alert(sentence);
    }

    /// For the key of a resource.
    pub fn settled(self) -> u32 {
        self.settled.get()
    }
}
