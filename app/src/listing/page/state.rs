//! What a list remembers beside its URL: which rows are ticked, and what to say about them.

use crate::{
    billing_configurations::server_fns::count_configurations,
    confirm::request::{Confirming, Subjects},
    customers::server_fns::count_customers,
    error::AppError,
    listing::{ListQuery, SortKey},
    ui::{
        announce::Announcer,
        selection::{Full, IDS_MAX, Row, Selection},
        toast::Toasts,
        waiting::Patience,
    },
};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::{hooks::use_location, location::Url};

/// What a list is a list of.
pub struct Kind {
    pub subjects: Subjects,
    /// `Customers`, as the heading.
    pub title: &'static str,
    /// `customer` and `customers`, within a sentence.
    pub nouns: (&'static str, &'static str),
    /// What can be searched.
    pub placeholder: &'static str,
    pub sorts: &'static [SortKey],
    /// How a first row comes about.
    pub first_use: &'static str,
}

impl Kind {
    /// `1 customer`, `12 customers`.
    pub fn some(&self, count: usize) -> String {
        let noun = if count == 1 {
            self.nouns.0
        } else {
            self.nouns.1
        };
        format!("{} {noun}", crate::money::group_thousands(count as u64))
    }
}

/// Handles to the state of one list. Copied into every part of it.
#[derive(Clone, Copy)]
pub struct ListState {
    pub kind: &'static Kind,
    pub query: Memo<ListQuery>,
    pub selection: RwSignal<Selection>,
    /// How many rows match, where all of them are selected and they have been counted.
    pub matching: RwSignal<Option<i64>>,
    /// The browser waits for a preview of everything that matches.
    pub counting: RwSignal<bool>,
    /// What was ticked before the filter changed.
    pub cleared: RwSignal<Option<Selection>>,
    /// What went wrong with something done at once, without a dialog.
    pub problem: RwSignal<Option<AppError>>,
    pub patience: Patience,
    pub confirming: Confirming,
    pub announcer: Announcer,
    pub toasts: Toasts,
    pub root: NodeRef<html::Div>,
    page: RwSignal<Vec<Row>>,
}

/// The router's own map of the query is decoded twice: `100%25` would be looked for as `100%`.
fn of_url(kind: &Kind, search: &str) -> ListQuery {
    let search = search.trim_start_matches('?');
    ListQuery::from_params(kind.sorts, |name| {
        let mut fields = search.rsplit('&').filter_map(|field| field.split_once('='));
        let (_, value) = fields.find(|(key, _)| *key == name)?;
        Some(Url::unescape(&value.replace('+', " ")))
    })
}

impl ListState {
    pub fn new(kind: &'static Kind) -> Self {
        let location = use_location();
        let (path, search) = (location.pathname, location.search);
        // On the way to another page the URL is no longer this list's.
        let query = Memo::new(move |before: Option<&ListQuery>| match before {
            Some(before) if path.with(|path| path != kind.subjects.path()) => before.clone(),
            _ => search.with(|search| of_url(kind, search)),
        });
        let state = Self {
            kind,
            query,
            selection: RwSignal::new(Selection::default()),
            matching: RwSignal::new(None),
            counting: RwSignal::new(false),
            cleared: RwSignal::new(None),
            problem: RwSignal::new(None),
            patience: Patience::watch(),
            confirming: Confirming::expect(),
            announcer: Announcer::expect(),
            toasts: Toasts::expect(),
            root: NodeRef::new(),
            page: RwSignal::new(Vec::new()),
        };
        state.clear_when_the_filter_changes();
        state
    }

    /// What narrows the list: the query without order and place.
    pub fn filter(&self) -> Memo<ListQuery> {
        let query = self.query;
        Memo::new(move |_| query.with(narrowed))
    }

    /// The rows that are shown now.
    pub fn page(&self) -> Vec<Row> {
        self.page.get_untracked()
    }

    /// Calls for the boxes to be brought in line whenever the rows or the selection change.
    pub fn track(&self) {
        self.page.track();
        self.selection.track();
    }

    pub fn show(&self, rows: Vec<Row>) {
        self.selection.maybe_update(|selection| {
            let before = selection.clone();
            selection.refresh(&rows);
            *selection != before
        });
        self.page.set(rows);
    }

    /// Changes the selection; a full one says so.
    pub fn select(&self, change: impl FnOnce(&mut Selection) -> Result<(), Full>) {
        let mut done = Ok(());
        self.selection.update(|selection| done = change(selection));
        self.cleared.set(None);
        if done.is_err() {
            self.announcer.alert(format!(
                "At most {} can be selected",
                self.kind.some(IDS_MAX)
            ));
        }
    }

    pub fn clear(&self) {
        self.selection.set(Selection::default());
    }

    /// Selects everything that the list matches, and counts it.
    pub fn select_all_matching(self) {
        self.matching.set(None);
        self.selection.set(Selection::all_matching());
        let filter = self.query.with_untracked(narrowed);
        spawn_local(async move {
            let counted = match self.kind.subjects {
                Subjects::Customers => count_customers(filter.clone(), true).await,
                Subjects::Configurations => count_configurations(filter.clone(), true).await,
            };
            // The list may be gone by now, or show something else.
            if self.query.try_with_untracked(narrowed) == Some(filter) {
                self.matching.set(counted.ok().map(|count| count.0));
            }
        });
    }

    pub fn restore(&self) {
        if let Some(selection) = self.cleared.get_untracked() {
            self.announcer
                .say(format!("{} selected", self.kind.some(selection.len())));
            self.selection.set(selection);
            self.cleared.set(None);
        }
    }

    fn clear_when_the_filter_changes(self) {
        let filter = self.filter();
        Effect::new(move |before: Option<ListQuery>| {
            let now = filter.get();
            if before.is_some_and(|before| before != now)
                && self.selection.with_untracked(|all| !all.is_empty())
            {
                let selection = self.selection.get_untracked();
                // All that match is another set under another filter, and cannot be had back.
                if selection.is_all() {
                    self.announcer.say("Selection cleared.");
                } else {
                    self.announcer
                        .say(format!("Selection of {} cleared.", selection.len()));
                    self.cleared.set(Some(selection));
                }
                self.matching.set(None);
                self.clear();
            }
            now
        });
    }
}

/// What narrows a list: its query without order and place.
fn narrowed(query: &ListQuery) -> ListQuery {
    let plain = ListQuery::default();
    query.with(|query| (query.sort, query.per_page) = (plain.sort, plain.per_page))
}
