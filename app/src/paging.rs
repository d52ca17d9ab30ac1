//! Keyset paging: a page starts after a row, not after a number of rows, and costs the same however deep it is.

use crate::error::AppError;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Rows on a page, at most.
pub const PAGE_ROWS_MAX: u32 = 100;
/// What a page of the console may show.
pub const PAGE_SIZES: [u32; 3] = [25, 50, 100];
pub const PAGE_ROWS: u32 = 50;
/// Counts stop here: beyond it a list says "10,000+".
pub const COUNT_MAX: i64 = 10_000;
/// Where an exact number is asked for, counting stops here: it is more than any job may hold.
pub const EXACT_MAX: i64 = 1_000_000;

/// The sort key and id of the row at a page's edge. Opaque to clients; whatever they change in it is refused or finds other
/// rows, never an error of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The sort key, as the store wrote it.
    pub key: String,
    pub id: Uuid,
}

impl Cursor {
    /// Hexadecimal, so that it survives every URL and every client.
    pub fn encode(&self) -> String {
        let mut out = String::with_capacity(32 + self.key.len() * 2);
        for byte in self.id.as_bytes().iter().chain(self.key.as_bytes()) {
            out.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        }
        out
    }

    pub fn decode(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .chars()
            .map(|c| c.to_digit(16).map(|digit| digit as u8))
            .collect::<Option<_>>()?;
        if !digits.len().is_multiple_of(2) || digits.len() > 2_048 {
            return None;
        }
        let bytes: Vec<u8> = digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect();
        let (id, key) = bytes.split_at_checked(16)?;
        let key = String::from_utf8(key.to_vec()).ok()?;
        (!key.contains('\0')).then_some(Self {
            key,
            id: Uuid::from_slice(id).ok()?,
        })
    }

    /// For doors: a cursor that was not made by us names its field.
    pub fn parse(field: &str, text: &str) -> Result<Self, AppError> {
        Self::decode(text).ok_or_else(|| {
            AppError::invalid(
                field,
                "is not a cursor of this list. Start at the first page",
            )
        })
    }
}

/// Where a page starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Start {
    #[default]
    First,
    After(Cursor),
    Before(Cursor),
}

/// The way to the pages beside this one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageLinks {
    pub previous: Option<String>,
    pub next: Option<String>,
    /// Whether this is the first page, the only one whose rows can be numbered.
    pub first: bool,
}

/// Makes a page of up to `size` rows out of `size + 1` fetched in reading direction (backwards when `start` is `Before`).
pub fn page<T>(
    mut fetched: Vec<T>,
    size: u32,
    start: &Start,
    cursor: impl Fn(&T) -> Cursor,
) -> (Vec<T>, PageLinks) {
    let more = fetched.len() > size as usize;
    fetched.truncate(size as usize);
    let backwards = matches!(start, Start::Before(_));
    if backwards {
        fetched.reverse();
    }
    let (has_previous, has_next) = match start {
        Start::First => (false, more),
        Start::After(_) => (true, more),
        Start::Before(_) => (more, true),
    };
    let links = PageLinks {
        previous: fetched
            .first()
            .filter(|_| has_previous)
            .map(|row| cursor(row).encode()),
        next: fetched
            .last()
            .filter(|_| has_next)
            .map(|row| cursor(row).encode()),
        first: !has_previous,
    };
    (fetched, links)
}

/// A count that stops at [`COUNT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CappedCount(pub i64);

impl CappedCount {
    /// A number that stopped at nothing, as it is told.
    pub fn exactly(count: i64) -> String {
        crate::money::group_thousands(count.unsigned_abs())
    }

    /// `12,408` below the cap, `10,000+` above it.
    pub fn label(self) -> String {
        if self.0 > COUNT_MAX {
            format!(
                "{}+",
                crate::money::group_thousands(COUNT_MAX.unsigned_abs())
            )
        } else {
            crate::money::group_thousands(self.0.unsigned_abs())
        }
    }
}

/// The counts on the tabs of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabCounts {
    pub all: CappedCount,
    pub active: CappedCount,
    pub archived: CappedCount,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(key: &str) -> Cursor {
        Cursor {
            key: key.into(),
            id: Uuid::from_u128(7),
        }
    }

    #[test]
    fn a_cursor_survives_the_way_to_the_browser_and_back() {
        for key in ["", "Ångström & Söhne", "2026-11-20T14:03:22.123456Z"] {
            assert_eq!(Cursor::decode(&cursor(key).encode()), Some(cursor(key)));
        }
    }

    #[test]
    fn a_made_up_cursor_is_refused() {
        for text in [
            "",
            "zz",
            "abc",
            "00",
            &"f".repeat(40),
            &"0".repeat(4_000),
            "é",
        ] {
            assert_eq!(Cursor::decode(text), None, "{text}");
        }
    }

    #[test]
    fn pages_know_their_neighbours() {
        let at = |n: &u32| cursor(&n.to_string());
        let (rows, links) = page(vec![1, 2, 3], 2, &Start::First, at);
        assert_eq!(
            (rows, links.first, links.next.is_some()),
            (vec![1, 2], true, true)
        );
        let (rows, links) = page(vec![3], 2, &Start::After(cursor("2")), at);
        assert_eq!(
            (rows, links.previous.is_some(), links.next.is_some()),
            (vec![3], true, false)
        );
        let (rows, links) = page(vec![2, 1], 2, &Start::Before(cursor("3")), at);
        assert_eq!(
            (rows, links.first, links.next.is_some()),
            (vec![1, 2], true, true)
        );
    }

    #[test]
    fn counts_stop_at_the_cap() {
        assert_eq!(CappedCount(12).label(), "12");
        assert_eq!(CappedCount(10_000).label(), "10,000");
        assert_eq!(CappedCount(10_001).label(), "10,000+");
    }
}
