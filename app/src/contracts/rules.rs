//! When an archived contract ends, and what a new one must look like. Pure.

use super::{LiveContract, NewContract};
use crate::error::AppError;
use chrono::{DateTime, Days, NaiveTime, Utc};

/// An archived contract ends with the current UTC day: never before it started, never later than it would have.
pub fn end_when_archived(contract: &LiveContract, now: DateTime<Utc>) -> DateTime<Utc> {
    let tomorrow = next_utc_day(now);
    contract
        .ending_before
        .map_or(tomorrow, |end| end.min(tomorrow))
        .max(contract.starting_at)
}

/// The first moment of the next UTC day.
pub fn next_utc_day(now: DateTime<Utc>) -> DateTime<Utc> {
    now.date_naive()
        .checked_add_days(Days::new(1))
        .unwrap_or(now.date_naive())
        .and_time(NaiveTime::MIN)
        .and_utc()
}

pub fn check(contract: &NewContract) -> Result<(), AppError> {
    match contract.ending_before {
        Some(end) if end <= contract.starting_at => Err(AppError::invalid(
            "ending_before",
            "must be after starting_at",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ContractId, CustomerId};
    use uuid::Uuid;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn contract(starting_at: &str, ending_before: Option<&str>) -> LiveContract {
        LiveContract {
            id: ContractId(Uuid::nil()),
            customer_id: CustomerId(Uuid::nil()),
            name: None,
            starting_at: at(starting_at),
            ending_before: ending_before.map(at),
            configuration_id: None,
            configuration_archived: false,
            metering_stopped: false,
            spend_recharge_enabled: None,
            credit_recharge_enabled: None,
        }
    }

    #[test]
    fn an_archived_contract_ends_with_the_current_day() {
        let now = at("2026-11-20T14:03:22Z");
        for (start, end, expected) in [
            ("2026-01-01T00:00:00Z", None, "2026-11-21T00:00:00Z"),
            (
                "2026-01-01T00:00:00Z",
                Some("2027-01-01T00:00:00Z"),
                "2026-11-21T00:00:00Z",
            ),
            (
                "2026-01-01T00:00:00Z",
                Some("2026-06-01T00:00:00Z"),
                "2026-06-01T00:00:00Z",
            ),
            ("2027-03-01T00:00:00Z", None, "2027-03-01T00:00:00Z"),
            (
                "2027-03-01T00:00:00Z",
                Some("2028-03-01T00:00:00Z"),
                "2027-03-01T00:00:00Z",
            ),
        ] {
            assert_eq!(
                end_when_archived(&contract(start, end), now),
                at(expected),
                "{start} {end:?}"
            );
        }
    }

    #[test]
    fn the_day_is_utc_at_the_edges_of_months_and_years() {
        assert_eq!(
            next_utc_day(at("2026-12-31T23:59:59Z")),
            at("2027-01-01T00:00:00Z")
        );
        assert_eq!(
            next_utc_day(at("2028-02-28T00:00:00Z")),
            at("2028-02-29T00:00:00Z")
        );
    }
}
