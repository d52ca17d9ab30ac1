//! What the search box of a list means, as SQL. Each branch finds its rows on an index of its own and stops at the page.

use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// Matches found by one branch of a search, at most, where they are shown. A search that finds more wants more letters.
pub(crate) const MATCHES_SHOWN_MAX: i64 = 10_001;
/// Shorter words are looked for at the start of names only: they hold no trigram to find them in the middle by.
const TRIGRAM_CHARACTERS: usize = 3;

/// Whether a query with this search may stay prepared. Before long PostgreSQL plans one that does for any text at all, and then reads
/// whole tables: it is by the text that it sees which index LIKE can use.
pub(crate) fn stays_prepared(text: &str) -> bool {
    text.is_empty()
}

/// `text` as a LIKE pattern that matches what starts with it, literally.
pub(crate) fn prefix(text: &str) -> String {
    format!("{}%", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_")
}

/// Pushes a subquery of the ids of the customers that a search finds, up to `most` by each branch. A UUID is an id, and may
/// be a key or an alias as well. The query must not stay prepared ([`stays_prepared`]).
pub(crate) fn push_matches(query: &mut QueryBuilder<Postgres>, text: &str, most: i64) {
    if text.contains('@') {
        query
            .push("select id from customers where lower(primary_email) like ")
            .push_bind(prefix(&text.to_lowercase()));
        query.push(" limit ").push_bind(most);
        return;
    }
    if let Ok(id) = Uuid::try_parse(text) {
        query
            .push("(select id from customers where id = ")
            .push_bind(id);
    } else if text.chars().count() >= TRIGRAM_CHARACTERS {
        query
            .push("(select id from customers where name ilike ")
            .push_bind(format!("%{}%", escaped(text)));
    } else {
        query
            .push("(select id from customers where lower(name) like ")
            .push_bind(prefix(&text.to_lowercase()));
    }
    query.push(" limit ").push_bind(most);
    query
        .push(") union (select id from customers where customer_key like ")
        .push_bind(prefix(text));
    query.push(" limit ").push_bind(most);
    query
        .push(") union (select customer_id from ingest_aliases where alias like ")
        .push_bind(prefix(text));
    query.push(" limit ").push_bind(most).push(")");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_letters() {
        assert_eq!(prefix(r"50%_\"), r"50\%\_\\%");
    }
}
