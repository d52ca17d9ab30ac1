//! Reads the fields of a JSON body. Whatever does not fit is named as the client spelled it: `data[0].customer_id`.

use app::{customers::rules::holds_nul, error::AppError};
use chrono::{DateTime, Datelike, SubsecRound, Utc};
use serde_json::{Map, Value};
use std::{ops::RangeInclusive, str::FromStr};
use uuid::Uuid;

/// Years that a moment may lie in; the database would take more, and clients' calendars would not.
const YEARS: RangeInclusive<i32> = 1900..=2200;

/// A JSON object, and where in the body it stands. A null is as good as absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fields {
    at: String,
    map: Map<String, Value>,
}

impl Fields {
    pub(super) fn parse(body: &[u8]) -> Result<Self, AppError> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| AppError::invalid("body", not_json(&error)))?;
        let Value::Object(map) = value else {
            return Err(AppError::invalid("body", "must be a JSON object"));
        };
        match map
            .iter()
            .find(|(field, value)| field.contains('\0') || holds_nul(value))
        {
            Some((field, _)) => Err(AppError::invalid(
                field.replace('\0', ""),
                "must not contain NUL characters",
            )),
            None => Ok(Self {
                at: String::new(),
                map,
            }),
        }
    }

    pub(super) fn map(&self) -> &Map<String, Value> {
        &self.map
    }

    pub(super) fn into_map(self) -> Map<String, Value> {
        self.map
    }

    /// Whether the field was sent, as null too.
    pub(super) fn has(&self, field: &str) -> bool {
        self.map.contains_key(field)
    }

    /// Refuses fields that are not in `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), AppError> {
        match self
            .map
            .keys()
            .find(|field| !known.contains(&field.as_str()))
        {
            Some(field) => Err(self.wrong(field, "is not a field of this request")),
            None => Ok(()),
        }
    }

    /// A field that must be there: `body.need("id", Fields::uuid)`.
    pub(super) fn need<T>(
        &self,
        field: &str,
        read: impl Fn(&Self, &str) -> Result<Option<T>, AppError>,
    ) -> Result<T, AppError> {
        read(self, field)?.ok_or_else(|| self.wrong(field, "is required"))
    }

    pub(super) fn text(&self, field: &str) -> Result<Option<String>, AppError> {
        self.read(field, "must be text", |value| {
            value.as_str().map(str::to_owned)
        })
    }

    pub(super) fn boolean(&self, field: &str) -> Result<Option<bool>, AppError> {
        self.read(field, "must be true or false", Value::as_bool)
    }

    pub(super) fn number(&self, field: &str) -> Result<Option<f64>, AppError> {
        self.read(field, "must be a number", Value::as_f64)
    }

    pub(super) fn integer(&self, field: &str) -> Result<Option<i64>, AppError> {
        self.read(
            field,
            "must be a whole number of at most 64 bits",
            Value::as_i64,
        )
    }

    pub(super) fn uuid(&self, field: &str) -> Result<Option<Uuid>, AppError> {
        self.text(field)?
            .map(|text| uuid(&self.name(field), &text))
            .transpose()
    }

    pub(super) fn time(&self, field: &str) -> Result<Option<DateTime<Utc>>, AppError> {
        self.text(field)?
            .map(|text| time(&self.name(field), &text))
            .transpose()
    }

    /// A word of a closed set.
    pub(super) fn word<T: FromStr<Err = String>>(
        &self,
        field: &str,
    ) -> Result<Option<T>, AppError> {
        self.text(field)?
            .map(|text| {
                text.parse()
                    .map_err(|reason: String| self.wrong(field, &reason))
            })
            .transpose()
    }

    pub(super) fn object(&self, field: &str) -> Result<Option<Self>, AppError> {
        let map = self.read(field, "must be an object", |value| {
            value.as_object().cloned()
        })?;
        Ok(map.map(|map| Self {
            at: self.name(field),
            map,
        }))
    }

    pub(super) fn objects(&self, field: &str) -> Result<Option<Vec<Self>>, AppError> {
        self.items(field, |name, value| match value {
            Value::Object(map) => Ok(Self {
                at: name,
                map: map.clone(),
            }),
            _ => Err(AppError::invalid(name, "must be an object")),
        })
    }

    pub(super) fn texts(&self, field: &str) -> Result<Option<Vec<String>>, AppError> {
        self.items(field, |name, value| match value {
            Value::String(text) => Ok(text.clone()),
            _ => Err(AppError::invalid(name, "must be text")),
        })
    }

    pub(super) fn uuids(&self, field: &str) -> Result<Option<Vec<Uuid>>, AppError> {
        self.items(field, |name, value| match value {
            Value::String(text) => uuid(&name, text),
            _ => Err(AppError::invalid(name, "must be a UUID")),
        })
    }

    /// An object whose values are all text.
    pub(super) fn labels(&self, field: &str) -> Result<Map<String, Value>, AppError> {
        let map = self.object(field)?.unwrap_or_default();
        match map.map.iter().find(|(_, value)| !value.is_string()) {
            Some((label, _)) => Err(map.wrong(label, "must be text")),
            None => Ok(map.map),
        }
    }

    pub(super) fn wrong(&self, field: &str, reason: &str) -> AppError {
        AppError::invalid(self.name(field), reason)
    }

    fn items<T>(
        &self,
        field: &str,
        item: impl Fn(String, &Value) -> Result<T, AppError>,
    ) -> Result<Option<Vec<T>>, AppError> {
        let Some(values) = self.read(field, "must be a list", |value| value.as_array().cloned())?
        else {
            return Ok(None);
        };
        let name = |place: usize| format!("{}[{place}]", self.name(field));
        values
            .iter()
            .enumerate()
            .map(|(place, value)| item(name(place), value))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn read<T>(
        &self,
        field: &str,
        reason: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, AppError> {
        match self.map.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value)
                .map(Some)
                .ok_or_else(|| self.wrong(field, reason)),
        }
    }

    fn name(&self, field: &str) -> String {
        if self.at.is_empty() {
            field.to_owned()
        } else {
            format!("{}.{field}", self.at)
        }
    }
}

/// The hyphenated form only, in either case.
pub(super) fn uuid(field: &str, text: &str) -> Result<Uuid, AppError> {
    match Uuid::try_parse(text) {
        Ok(id) if text.len() == 36 => Ok(id),
        _ => Err(AppError::invalid(field, "must be a UUID")),
    }
}

/// RFC 3339 with any offset, kept as precisely as the database does.
pub(super) fn time(field: &str, text: &str) -> Result<DateTime<Utc>, AppError> {
    let wrong = || {
        AppError::invalid(
            field,
            "must be an RFC 3339 time such as 2026-11-01T00:00:00Z, from 1900 to 2200",
        )
    };
    let time = DateTime::parse_from_rfc3339(text)
        .map_err(|_| wrong())?
        .to_utc()
        .trunc_subsecs(6);
    if YEARS.contains(&time.year()) {
        Ok(time)
    } else {
        Err(wrong())
    }
}

fn not_json(error: &serde_json::Error) -> String {
    match (error.line(), error.column()) {
        (0 | 1, 0) => "is not JSON".to_owned(),
        (line, column) => format!("is not JSON: see line {line}, column {column}"),
    }
}

#[cfg(test)]
#[path = "body_tests.rs"]
mod tests;
