//! What a list shows, as its URL says it: search, tab, filters, sort and place. Pure, and the same in browser and server.

pub mod page;
pub mod wording;

use crate::{
    billing_configurations::Provider,
    error::AppError,
    paging::{Cursor, PAGE_ROWS, PAGE_ROWS_MAX, PAGE_SIZES, Start},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Longer searches are cut: nothing that people look for is longer.
pub const SEARCH_CHARACTERS_MAX: usize = 200;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tab {
    #[default]
    All,
    Active,
    Archived,
}

impl Tab {
    pub const ALL: [Self; 3] = [Self::All, Self::Active, Self::Archived];

    /// In URLs; the default tab is not named there.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Active => "Active",
            Self::Archived => "Archived",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SortKey {
    Name,
    Provider,
    Created,
    Updated,
}

impl SortKey {
    pub const CUSTOMERS: [Self; 3] = [Self::Name, Self::Created, Self::Updated];
    pub const CONFIGURATIONS: [Self; 3] = [Self::Provider, Self::Created, Self::Updated];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Provider => "provider",
            Self::Created => "created",
            Self::Updated => "updated",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    pub key: SortKey,
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self {
            key: SortKey::Updated,
            descending: true,
        }
    }
}

impl Sort {
    fn to_param(self) -> String {
        format!(
            "{}{}",
            if self.descending { "-" } else { "" },
            self.key.as_str()
        )
    }
}

/// The state of a list. Everything in it is in the URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListQuery {
    pub search: String,
    pub tab: Tab,
    pub provider: Option<Provider>,
    /// First day, UTC, inclusive.
    pub created_from: Option<NaiveDate>,
    /// Last day, UTC, inclusive.
    pub created_to: Option<NaiveDate>,
    pub sort: Sort,
    pub per_page: u32,
    pub after: Option<String>,
    pub before: Option<String>,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            search: String::new(),
            tab: Tab::All,
            provider: None,
            created_from: None,
            created_to: None,
            sort: Sort::default(),
            per_page: PAGE_ROWS,
            after: None,
            before: None,
        }
    }
}

impl ListQuery {
    /// Reads URL parameters. What makes no sense is left out rather than refused: a link from an old mail still opens.
    pub fn from_params(sorts: &[SortKey], param: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &str| {
            param(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let sort = given("sort").and_then(|text| {
            let (descending, name) = text
                .strip_prefix('-')
                .map_or((false, text.as_str()), |name| (true, name));
            sorts
                .iter()
                .find(|key| key.as_str() == name)
                .map(|key| Sort {
                    key: *key,
                    descending,
                })
        });
        Self {
            search: given("q")
                .map(|text| {
                    text.chars()
                        .filter(|c| *c != '\0')
                        .take(SEARCH_CHARACTERS_MAX)
                        .collect()
                })
                .unwrap_or_default(),
            tab: given("status")
                .and_then(|text| Tab::ALL.into_iter().find(|tab| tab.as_str() == text))
                .unwrap_or_default(),
            provider: given("provider").and_then(|text| text.parse().ok()),
            created_from: given("created_from").and_then(|text| day(&text)),
            created_to: given("created_to").and_then(|text| day(&text)),
            sort: sort.unwrap_or_default(),
            per_page: given("per")
                .and_then(|text| text.parse().ok())
                .filter(|per| PAGE_SIZES.contains(per))
                .unwrap_or(PAGE_ROWS),
            after: given("after"),
            before: given("before"),
        }
    }

    /// As a URL would have it: a server function is sent whatever its client likes.
    pub fn checked(&self, sorts: &[SortKey]) -> Self {
        let params = self.to_params();
        Self::from_params(sorts, |name| {
            let found = params.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| value.clone())
        })
    }

    /// The URL parameters, without those that are as they would be anyway.
    pub fn to_params(&self) -> Vec<(&'static str, String)> {
        let plain = Self::default();
        let mut params = Vec::new();
        let mut push =
            |name, value: Option<String>| params.extend(value.map(|value| (name, value)));
        push("q", (!self.search.is_empty()).then(|| self.search.clone()));
        push(
            "status",
            (self.tab != plain.tab).then(|| self.tab.as_str().to_owned()),
        );
        push(
            "provider",
            self.provider.map(|provider| provider.as_str().to_owned()),
        );
        push("created_from", self.created_from.map(|day| day.to_string()));
        push("created_to", self.created_to.map(|day| day.to_string()));
        push(
            "sort",
            (self.sort != plain.sort).then(|| self.sort.to_param()),
        );
        push(
            "per",
            (self.per_page != plain.per_page).then(|| self.per_page.to_string()),
        );
        push("after", self.after.clone());
        push("before", self.before.clone());
        params
    }

    /// The link to this state under `path`.
    pub fn href(&self, path: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.to_params() {
            query.append_pair(name, &value);
        }
        match query.finish() {
            empty if empty.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// The same list from its first page on, with `change` made to it.
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut query = Self {
            after: None,
            before: None,
            ..self.clone()
        };
        change(&mut query);
        query
    }

    /// The same page sorted by `key`; a second time turns the order round.
    pub fn sorted_by(&self, key: SortKey) -> Self {
        let descending = if self.sort.key == key {
            !self.sort.descending
        } else {
            key_starts_descending(key)
        };
        self.with(|query| query.sort = Sort { key, descending })
    }

    /// Whether anything beside the tab narrows the list.
    pub fn is_filtered(&self) -> bool {
        !self.search.is_empty()
            || self.provider.is_some()
            || self.created_from.is_some()
            || self.created_to.is_some()
    }

    pub fn rows(&self) -> u32 {
        self.per_page.clamp(1, PAGE_ROWS_MAX)
    }

    pub fn start(&self) -> Result<Start, AppError> {
        match (&self.after, &self.before) {
            (Some(after), _) => Cursor::parse("after", after).map(Start::After),
            (None, Some(before)) => Cursor::parse("before", before).map(Start::Before),
            (None, None) => Ok(Start::First),
        }
    }
}

/// Names read from A; moments read from the newest.
fn key_starts_descending(key: SortKey) -> bool {
    matches!(key, SortKey::Created | SortKey::Updated)
}

/// A day that every database can hold.
fn day(text: &str) -> Option<NaiveDate> {
    let day: NaiveDate = text.parse().ok()?;
    let year = chrono::Datelike::year(&day);
    (1900..=2200).contains(&year).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn read(text: &str) -> ListQuery {
        let pairs: HashMap<String, String> = form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        ListQuery::from_params(&SortKey::CUSTOMERS, |name| pairs.get(name).cloned())
    }

    #[test]
    fn the_url_is_the_state() {
        for text in [
            "",
            "q=a+%26+b%25",
            "status=archived&provider=stripe&created_from=2026-01-01&created_to=2026-02-01&sort=name&per=25",
            "sort=-created&after=00ff",
            "before=00ff",
        ] {
            let query = read(text);
            let href = query.href("/customers");
            assert_eq!(
                read(href.split_once('?').map_or("", |(_, query)| query)),
                query,
                "{text}"
            );
        }
        assert_eq!(read("").href("/customers"), "/customers");
    }

    #[test]
    fn nonsense_in_a_url_is_left_out() {
        let query =
            read("status=gone&provider=paypal&created_from=99999-01-01&sort=provider&per=7&q=%00");
        assert_eq!(query, ListQuery::default());
    }

    #[test]
    fn sorting_twice_turns_round_and_starts_over() {
        let query = read("after=00ff").sorted_by(SortKey::Name);
        assert_eq!(
            (query.sort, query.after.clone()),
            (
                Sort {
                    key: SortKey::Name,
                    descending: false
                },
                None
            )
        );
        assert!(query.sorted_by(SortKey::Name).sort.descending);
    }
}
