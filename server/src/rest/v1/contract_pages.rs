//! Pages of a customer's contracts. There are few enough of them to be read at once and cut here.

use crate::rest::body::Fields;
use app::{
    contracts::Contract,
    error::AppError,
    paging::{Cursor, Start, page},
};
use chrono::{DateTime, SecondsFormat, Utc};
use std::cmp::Reverse;
use uuid::Uuid;

const PAGE_CONTRACTS_MAX: u32 = 20;

pub(super) fn limit(body: &Fields) -> Result<u32, AppError> {
    match body.integer("limit")?.map(u32::try_from) {
        None => Ok(PAGE_CONTRACTS_MAX),
        Some(Ok(limit)) if (1..=PAGE_CONTRACTS_MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(body.wrong("limit", &format!("must be from 1 to {PAGE_CONTRACTS_MAX}"))),
    }
}

pub(super) fn start(body: &Fields) -> Result<Start, AppError> {
    let cursor = body.text("cursor")?.filter(|cursor| !cursor.is_empty());
    Ok(cursor
        .map(|cursor| Cursor::parse("cursor", &cursor))
        .transpose()?
        .map_or(Start::First, Start::After))
}

/// Live contracts before archived ones, the latest start first, as the service lists them.
type Rank = (bool, Reverse<DateTime<Utc>>, Reverse<Uuid>);

fn rank(contract: &Contract) -> Rank {
    (
        contract.archived_at.is_some(),
        Reverse(contract.starting_at),
        Reverse(contract.id.0),
    )
}

fn cursor(contract: &Contract) -> Cursor {
    let standing = if contract.archived_at.is_some() {
        'a'
    } else {
        'l'
    };
    let start = contract
        .starting_at
        .to_rfc3339_opts(SecondsFormat::Micros, true);
    Cursor {
        key: format!("{standing}{start}"),
        id: contract.id.0,
    }
}

fn rank_of(cursor: &Cursor) -> Option<Rank> {
    let (archived, start) = match cursor.key.strip_prefix('a') {
        Some(start) => (true, start),
        None => (false, cursor.key.strip_prefix('l')?),
    };
    Some((archived, Reverse(start.parse().ok()?), Reverse(cursor.id)))
}

/// One page out of a customer's contracts, and the cursor of the next.
pub(super) fn page_of(
    all: Vec<Contract>,
    start: &Start,
    size: u32,
) -> Result<(Vec<Contract>, Option<String>), AppError> {
    let rest = match start {
        Start::First | Start::Before(_) => all,
        Start::After(after) => {
            let after = rank_of(after).ok_or_else(|| {
                AppError::invalid(
                    "cursor",
                    "is not a cursor of this list. Start at the first page",
                )
            })?;
            all.into_iter()
                .filter(|contract| rank(contract) > after)
                .collect()
        }
    };
    let (contracts, links) = page(rest, size, start, cursor);
    Ok((contracts, links.next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::v1::contract_view;

    #[test]
    fn pages_follow_each_other_without_gap_or_repeat() {
        let all = || -> Vec<Contract> {
            (0..5)
                .rev()
                .map(|n| contract_view::example(n, n == 0))
                .collect()
        };
        let mut all: Vec<Contract> = all();
        all.sort_by_key(rank);
        let (first, next) = page_of(all.clone(), &Start::First, 3).unwrap();
        let after = Start::After(Cursor::parse("cursor", &next.unwrap()).unwrap());
        let (second, last) = page_of(all.clone(), &after, 3).unwrap();
        assert_eq!(
            (first, second, last),
            (all[..3].to_vec(), all[3..].to_vec(), None)
        );
        let foreign = Start::After(Cursor {
            key: "Acme".into(),
            id: Uuid::nil(),
        });
        assert_eq!(
            page_of(all, &foreign, 3).unwrap_err().param(),
            Some("cursor")
        );
    }
}
