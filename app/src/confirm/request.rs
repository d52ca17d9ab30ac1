//! How a page asks for the confirm dialog, without knowing it.

use super::Transition;
use leptos::prelude::*;
use uuid::Uuid;

/// What the rows of a selection are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selected {
    Customers,
    Configurations,
}

impl Selected {
    /// Where their pages live.
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

/// Rows that someone wants to archive or unarchive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub noun: Selected,
    pub transition: Transition,
    pub ids: Vec<Uuid>,
}

impl Request {
    /// The page that asks the same without JavaScript.
    pub fn href(&self) -> String {
        let (path, verb) = (self.noun.path(), self.transition.as_str());
        match self.ids.as_slice() {
            [id] => format!("{path}/{id}/{verb}"),
            ids => {
                let query: Vec<String> = ids.iter().map(|id| format!("ids={id}")).collect();
                format!("{path}/{verb}?{}", query.join("&"))
            }
        }
    }
}

/// Provided once around all pages. Setting `open` shows the dialog; `settled` counts what was done, so that a list or a
/// page that reads it loads anew.
#[derive(Debug, Clone, Copy)]
pub struct ConfirmRequest {
    pub open: RwSignal<Option<Request>>,
    pub settled: RwSignal<u32>,
}

impl ConfirmRequest {
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(None),
            settled: RwSignal::new(0),
        }
    }

    pub fn ask(self, noun: Selected, transition: Transition, ids: Vec<Uuid>) {
        self.open.set(Some(Request {
            noun,
            transition,
            ids,
        }));
    }
}

impl Default for ConfirmRequest {
    fn default() -> Self {
        Self::new()
    }
}
