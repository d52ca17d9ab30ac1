//! Reads the query of a URL. An empty value is as good as none.

use super::body;
use app::{
    error::AppError,
    paging::{Cursor, PAGE_ROWS_MAX, Start},
};
use chrono::{DateTime, Utc};
use std::{ops::RangeInclusive, str::FromStr};

/// Items that one filter may name.
const ITEMS_MAX: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Result<Self, AppError> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes())
            .map(|(field, value)| (field.into_owned(), value.into_owned()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        match pairs.iter().find(|(_, value)| value.contains('\0')) {
            Some((field, _)) => Err(AppError::invalid(field, "must not contain NUL characters")),
            None => Ok(Self(pairs)),
        }
    }

    pub(super) fn text(&self, field: &str) -> Result<Option<&str>, AppError> {
        let mut values = self.values(field);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(AppError::invalid(field, "must be given once")),
            (value, None) => Ok(value),
        }
    }

    /// Items joined by commas, or repeated: clients write both.
    pub(super) fn texts(&self, field: &str) -> Result<Option<Vec<&str>>, AppError> {
        let items: Vec<&str> = self
            .values(field)
            .flat_map(|value| value.split(','))
            .filter(|item| !item.is_empty())
            .collect();
        if items.len() > ITEMS_MAX {
            return Err(AppError::invalid(
                field,
                format!("must name at most {ITEMS_MAX}"),
            ));
        }
        Ok((!items.is_empty()).then_some(items))
    }

    pub(super) fn parsed<T>(
        &self,
        field: &str,
        parse: impl Fn(&str, &str) -> Result<T, AppError>,
    ) -> Result<Option<T>, AppError> {
        self.text(field)?.map(|text| parse(field, text)).transpose()
    }

    pub(super) fn word<T: FromStr<Err = String>>(
        &self,
        field: &str,
    ) -> Result<Option<T>, AppError> {
        self.parsed(field, |field, text| {
            text.parse()
                .map_err(|reason: String| AppError::invalid(field, reason))
        })
    }

    pub(super) fn time(&self, field: &str) -> Result<Option<DateTime<Utc>>, AppError> {
        self.parsed(field, body::time)
    }

    /// In any case: one client writes `True`.
    pub(super) fn boolean(&self, field: &str) -> Result<Option<bool>, AppError> {
        self.parsed(field, |field, text| {
            match text.to_ascii_lowercase().as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(AppError::invalid(field, "must be true or false")),
            }
        })
    }

    pub(super) fn number(
        &self,
        field: &str,
        range: RangeInclusive<u32>,
        otherwise: u32,
    ) -> Result<u32, AppError> {
        let number = self.parsed(field, |field, text| match text.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => Err(AppError::invalid(
                field,
                format!("must be from {} to {}", range.start(), range.end()),
            )),
        })?;
        Ok(number.unwrap_or(otherwise))
    }

    /// Rows of a page, by `limit`.
    pub(super) fn limit(&self) -> Result<u32, AppError> {
        self.number("limit", 1..=PAGE_ROWS_MAX, PAGE_ROWS_MAX)
    }

    /// Where the page starts, by `next_page`.
    pub(super) fn start(&self) -> Result<Start, AppError> {
        Ok(self
            .parsed("next_page", Cursor::parse)?
            .map_or(Start::First, Start::After))
    }

    fn values(&self, field: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == field)
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_arrive_joined_or_repeated() {
        for text in ["a=1%2C2", "a=1,2", "a=1&a=2", "a=1&b=3&a=2,"] {
            assert_eq!(
                Query::parse(text).unwrap().texts("a").unwrap(),
                Some(vec!["1", "2"]),
                "{text}"
            );
        }
        for text in ["", "a=", "b=1"] {
            assert_eq!(
                Query::parse(text).unwrap().texts("a").unwrap(),
                None,
                "{text}"
            );
        }
        assert!(
            Query::parse(&"a=1&".repeat(101))
                .unwrap()
                .texts("a")
                .is_err()
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let query = Query::parse("n=0&b=maybe&t=noon&twice=1&twice=2&True=True&plus=a+b").unwrap();
        assert!(query.number("n", 1..=9, 5).is_err());
        assert!(query.boolean("b").is_err());
        assert!(query.time("t").is_err());
        assert!(query.text("twice").is_err());
        assert_eq!(query.boolean("True").unwrap(), Some(true));
        assert_eq!(query.text("plus").unwrap(), Some("a b"));
        assert!(Query::parse("a=%00").is_err());
    }
}
