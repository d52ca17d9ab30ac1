//! What a list shows, in words.

use super::{ListQuery, Tab};
use crate::ui::time;

/// `“acme”, status active, provider Stripe, created from 2 Nov 2026`; empty where it is not filtered.
pub fn filter(list: &ListQuery) -> String {
    let mut words = Vec::new();
    if !list.search.is_empty() {
        words.push(format!("“{}”", list.search));
    }
    if list.tab != Tab::All {
        words.push(format!("status {}", list.tab.label().to_lowercase()));
    }
    let provider = list.provider.map(|provider| provider.label());
    words.extend(provider.map(|provider| format!("provider {provider}")));
    let from = list.created_from.map(time::day);
    words.extend(from.map(|day| format!("created from {day}")));
    let to = list.created_to.map(time::day);
    words.extend(to.map(|day| format!("created to {day}")));
    words.join(", ")
}
