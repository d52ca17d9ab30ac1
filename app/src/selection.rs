//! Which rows an action is for: some that were named, or all that a list shows and its next pages would show.

use crate::listing::ListQuery;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Rows of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    Ids(BTreeSet<Uuid>),
    /// By whatever people call them: ids, keys, aliases.
    References(BTreeSet<String>),
    AllMatching {
        filter: Filter,
        /// Matching rows that are not meant.
        except: BTreeSet<Uuid>,
    },
}

/// How rows were chosen, as it is kept beside them: however many they are, it is small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SelectionSummary {
    Named,
    AllMatching {
        filter: Filter,
        /// How many matching rows were not meant.
        except: u64,
    },
}

impl Selection {
    pub fn summary(&self) -> SelectionSummary {
        match self {
            Self::Ids(_) | Self::References(_) => SelectionSummary::Named,
            Self::AllMatching { filter, except } => SelectionSummary::AllMatching {
                filter: filter.clone(),
                except: except.len() as u64,
            },
        }
    }
}

/// References that name no row, or more than one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unresolved {
    /// The first of them.
    pub not_found: Vec<String>,
    pub not_found_count: u64,
    /// The first of them.
    pub ambiguous: Vec<String>,
    pub ambiguous_count: u64,
}

impl Unresolved {
    /// References that are kept of each kind.
    pub const KEPT_MAX: usize = 1_000;
    /// Of each, longer than any key or alias.
    const KEPT_CHARACTERS_MAX: usize = 255;

    pub fn of(not_found: Vec<String>, ambiguous: Vec<String>) -> Self {
        let (missing, unclear) = (not_found.len() as u64, ambiguous.len() as u64);
        let first = |mut all: Vec<String>| {
            all.truncate(Self::KEPT_MAX);
            for reference in &mut all {
                if let Some((end, _)) = reference.char_indices().nth(Self::KEPT_CHARACTERS_MAX) {
                    reference.truncate(end);
                }
            }
            all
        };
        Self {
            not_found: first(not_found),
            not_found_count: missing,
            ambiguous: first(ambiguous),
            ambiguous_count: unclear,
        }
    }
}

/// A list without its order and without its place: what decides whether a row is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(String, String)>", into = "Vec<(String, String)>")]
pub struct Filter(ListQuery);

impl Filter {
    pub fn of(list: &ListQuery) -> Self {
        let plain = ListQuery::default();
        Self(ListQuery {
            sort: plain.sort,
            per_page: plain.per_page,
            after: None,
            before: None,
            ..list.clone()
        })
    }

    pub fn as_list(&self) -> &ListQuery {
        &self.0
    }
}

/// As URLs write lists.
impl From<Vec<(String, String)>> for Filter {
    fn from(params: Vec<(String, String)>) -> Self {
        let list = ListQuery::from_params(&[], |name| {
            let found = params.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        });
        Self::of(&list)
    }
}

impl From<Filter> for Vec<(String, String)> {
    fn from(filter: Filter) -> Self {
        let params = filter.0.to_params().into_iter();
        params
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::{SortKey, Tab};

    #[test]
    fn a_filter_forgets_order_and_place_and_nothing_else() {
        let list = ListQuery::from_params(&SortKey::CUSTOMERS, |name| {
            let value = match name {
                "q" => "a & b",
                "status" => "active",
                "provider" => "stripe",
                "created_from" => "2026-01-01",
                "sort" => "name",
                "after" => "00ff",
                "per" => "25",
                _ => return None,
            };
            Some(value.to_owned())
        });
        let filter = Filter::of(&list);
        assert_eq!(
            (
                filter.0.tab,
                filter.0.search.as_str(),
                filter.0.after.clone(),
                filter.0.per_page
            ),
            (Tab::Active, "a & b", None, ListQuery::default().per_page)
        );
        let json = serde_json::to_string(&filter).unwrap();
        assert_eq!(serde_json::from_str::<Filter>(&json).unwrap(), filter);
    }
}
