//! The list of customers in the envelope dialect, by numbered pages with exact counts, as its documented answer has them.

use super::{customer_view::view, envelope};
use crate::rest::{
    answer::ok,
    body,
    call::{Answered, Call},
    query::Query,
};
use app::{
    customers::{service, service::EnvelopeFilter},
    error::AppError,
};
use chrono::{NaiveDate, Utc};
use serde_json::{Value, json};

const PAGE_CUSTOMERS: u32 = 25;
const PAGE_CUSTOMERS_MAX: u32 = 100;
const PAGES_MAX: u32 = 1_000;

pub(super) async fn list(call: Call) -> Answered {
    let query = call.query()?;
    let page = query.number("page", 1..=PAGES_MAX, 1)?;
    let size = query.number("per_page", 1..=PAGE_CUSTOMERS_MAX, PAGE_CUSTOMERS)?;
    let (found, total) = service::list_numbered(&call.ctx, &filter(&query)?, page, size).await?;
    let data = found.iter().map(view).collect();
    ok(&envelope(
        200,
        "Customers retrieved successfully",
        page_meta(page, size, total),
        data,
    ))
}

fn filter(query: &Query) -> Result<EnvelopeFilter, AppError> {
    Ok(EnvelopeFilter {
        search: query.text("search_term")?.map(str::to_owned),
        customer_type: query.word("customer_type")?,
        created_on: query.parsed("date_created", day)?,
        archived: match query
            .text("archived")?
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            None | Some("false") => Some(false),
            Some("true") => Some(true),
            Some("all") => None,
            Some(_) => return Err(AppError::invalid("archived", "must be true, false or all")),
        },
    })
}

/// A day of UTC, or the one that a moment falls on.
fn day(field: &str, text: &str) -> Result<NaiveDate, AppError> {
    let moment = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    body::time(field, &moment)
        .map(|moment| moment.with_timezone(&Utc).date_naive())
        .map_err(|_| AppError::invalid(field, "must be a day such as 2026-11-01"))
}

fn page_meta(page: u32, size: u32, total: i64) -> Value {
    let (page, size) = (i64::from(page), i64::from(size));
    let pages = (total + size - 1) / size;
    json!({
        "current_page": page,
        "total_pages": pages,
        "total_count": total,
        "limit_value": size,
        "next_page": (page < pages).then_some(page + 1),
        "prev_page": (page > 1 && page <= pages).then_some(page - 1),
        "first_page?": page == 1,
        "last_page?": page == pages,
        "out_of_range?": page > pages,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_count_from_one() {
        let meta = |page, total| {
            let meta = page_meta(page, 2, total);
            [
                "next_page",
                "prev_page",
                "first_page?",
                "last_page?",
                "out_of_range?",
            ]
            .map(|field| meta[field].clone())
        };
        let (yes, no, none) = (json!(true), json!(false), Value::Null);
        assert_eq!(
            meta(1, 3),
            [json!(2), none.clone(), yes.clone(), no.clone(), no.clone()]
        );
        assert_eq!(
            meta(2, 3),
            [none.clone(), json!(1), no.clone(), yes.clone(), no.clone()]
        );
        assert_eq!(meta(9, 3), [none.clone(), none, no.clone(), no, yes]);
    }

    #[test]
    fn a_day_is_a_date_or_a_moment_of_it() {
        let expected = "2026-11-01".parse().unwrap();
        for text in [
            "2026-11-01",
            "2026-11-01T23:00:00Z",
            "2026-11-02T01:00:00+02:00",
        ] {
            assert_eq!(day("date_created", text), Ok(expected), "{text}");
        }
        assert!(day("date_created", "yesterday").is_err());
    }
}
