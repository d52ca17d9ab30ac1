use super::*;
use crate::money::{Currency, Money};
use proptest::prelude::*;
use uuid::Uuid;

#[test]
fn every_state_says_what_may_happen_to_it() {
    for (state, possible) in [
        (
            JobState::Previewed,
            vec![
                (Event::Confirm, JobState::Held),
                (Event::Schedule, JobState::Scheduled),
                (Event::Expire, JobState::Expired),
            ],
        ),
        (JobState::Expired, vec![]),
        (
            JobState::Scheduled,
            vec![
                (Event::Begin, JobState::Running),
                (Event::Grow, JobState::Paused),
                (Event::Cancel, JobState::Cancelled),
            ],
        ),
        (
            JobState::Held,
            vec![
                (Event::Begin, JobState::Running),
                (Event::Cancel, JobState::Cancelled),
            ],
        ),
        (
            JobState::Running,
            vec![
                (Event::Pause, JobState::Paused),
                (Event::Cancel, JobState::Cancelled),
                (Event::End { failed: false }, JobState::Completed),
                (Event::End { failed: true }, JobState::CompletedWithFailures),
            ],
        ),
        (
            JobState::Paused,
            vec![
                (Event::Resume, JobState::Running),
                (Event::Cancel, JobState::Cancelled),
            ],
        ),
        (JobState::Completed, vec![]),
        (JobState::CompletedWithFailures, vec![]),
        (JobState::Cancelled, vec![]),
    ] {
        for event in Event::ALL {
            let expected = possible
                .iter()
                .find(|(known, _)| *known == event)
                .map(|(_, after)| *after);
            assert_eq!(next(state, event).ok(), expected, "{state:?} {event:?}");
        }
        assert_eq!(state.is_over(), possible.is_empty(), "{state:?}");
    }
}

#[test]
fn a_preview_is_used_once_and_says_when_it_is_too_late() {
    assert_eq!(
        next(JobState::Expired, Event::Confirm),
        Err(AppError::Refused(Refusal::PreviewExpired))
    );
    for state in [
        JobState::Held,
        JobState::Running,
        JobState::Completed,
        JobState::Cancelled,
    ] {
        assert_eq!(
            next(state, Event::Confirm),
            Err(AppError::Refused(Refusal::PreviewUsed))
        );
    }
}

proptest! {
    #[test]
    fn chunks_are_full_in_order_and_never_divide_a_customer(owners in prop::collection::vec(1..40_usize, 1..400)) {
        let mut plan = ChunkPlan::default();
        let mut sizes: Vec<usize> = Vec::new();
        for (owner, rows) in owners.iter().enumerate() {
            let owner = CustomerId(Uuid::from_u128(owner as u128));
            let places: Vec<Place> = (0..*rows).map(|_| plan.place(owner, *rows)).collect();
            prop_assert!(places.iter().all(|place| place.chunk == places[0].chunk));
            for place in places {
                let chunk = usize::try_from(place.chunk).unwrap();
                prop_assert_eq!(place.leads, chunk == sizes.len());
                if place.leads { sizes.push(0); }
                sizes[chunk] += 1;
            }
        }
        prop_assert_eq!(sizes.iter().sum::<usize>(), owners.iter().sum::<usize>());
        prop_assert!(sizes.iter().all(|size| *size <= CHUNK_ROWS));
        // None but the last has room for another customer of the largest size.
        prop_assert!(sizes.iter().rev().skip(1).all(|size| *size + 40 > CHUNK_ROWS));
    }
}

#[test]
fn a_customer_with_many_rows_and_what_is_done_whole_are_one_chunk() {
    let owner = |n: usize| CustomerId(Uuid::from_u128(n as u128));
    let mut plan = ChunkPlan::default();
    let rows = CHUNK_ROWS * 2;
    assert!((0..rows).all(|_| plan.place(owner(0), rows).chunk == 0));
    assert_eq!(plan.place(owner(1), 1).chunk, 1);
    let mut plan = ChunkPlan::whole();
    assert!((0..CHUNK_ROWS_MAX).all(|row| plan.place(owner(row), 1).chunk == 0));
}

#[test]
fn a_customer_that_no_chunk_holds_is_divided() {
    let mut plan = ChunkPlan::default();
    let rows = CHUNK_ROWS_MAX + 1;
    let last = (0..rows)
        .map(|_| plan.place(CustomerId(Uuid::nil()), rows))
        .last();
    assert_eq!(
        last,
        Some(Place {
            chunk: 1,
            leads: true
        })
    );
}

#[test]
fn more_of_anything_is_more() {
    let eur = |minor| Money {
        currency: Currency::parse("EUR").unwrap(),
        minor,
    };
    let base = Tally {
        contracts_archived: 2,
        invoices_voided: 3,
        voided: vec![eur(100)],
        ..Tally::default()
    };
    for (now, expected) in [
        (base.clone(), false),
        (
            Tally {
                contracts_archived: 1,
                ..base.clone()
            },
            false,
        ),
        (
            Tally {
                voided: vec![eur(99)],
                ..base.clone()
            },
            false,
        ),
        (
            Tally {
                voided: vec![eur(101)],
                ..base.clone()
            },
            true,
        ),
        (
            Tally {
                invoices_voided: 4,
                ..base.clone()
            },
            true,
        ),
        (
            Tally {
                aliases_released: 1,
                ..base.clone()
            },
            true,
        ),
        (
            Tally {
                invoices_voided: 2,
                paid_kept: 1,
                aliases_reserved: 1,
                ..base.clone()
            },
            false,
        ),
        (
            Tally {
                voided: vec![
                    eur(1),
                    Money {
                        currency: Currency::parse("USD").unwrap(),
                        minor: 1,
                    },
                ],
                ..base.clone()
            },
            true,
        ),
    ] {
        assert_eq!(grew(&base, &now), expected, "{now:?}");
    }
}

#[test]
fn the_time_left_is_told_when_there_is_a_pace() {
    for (processed, remaining, running, expected) in [
        (0, 100, 60, None),
        (100, 100, 2, None),
        (6_000, 4_000, 12, Some(10)),
        (6_214, 3_786, 12, Some(10)),
        (1, 999, 10, Some(9_990)),
        (10, 0, 10, Some(0)),
    ] {
        assert_eq!(
            at_pace(processed, remaining, TimeDelta::seconds(running)),
            expected,
            "{processed}"
        );
    }
}
