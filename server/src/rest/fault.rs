//! Why a request to the API fails, and what there is to say about it in either dialect.

use app::error::{AppError, Refusal};
use serde_json::{Map, Value, json};

const RETRY_SECONDS: u16 = 2;
const RETRY_SIGN_IN_SECONDS: u16 = 15 * 60;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    App(AppError),
    /// Required fields that are absent, all of them.
    Missing(Vec<&'static str>),
}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl Fault {
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::App(error) => error.status(),
            Self::Missing(_) => 400,
        }
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::App(error) => error.code(),
            Self::Missing(_) => "invalid",
        }
    }

    pub(super) fn param(&self) -> Option<&str> {
        match self {
            Self::App(error) => error.param(),
            Self::Missing(fields) => fields.first().copied(),
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::App(error) => error.to_string(),
            Self::Missing(fields) => format!("{}: is required", fields.join(", ")),
        }
    }

    /// The reasons, field by field.
    pub(super) fn fields(&self) -> Map<String, Value> {
        let one = |field: &str, reason: &str| Map::from_iter([(field.to_owned(), json!([reason]))]);
        match self {
            Self::App(AppError::Invalid { field, reason }) => one(field, reason),
            Self::App(AppError::Refused(Refusal::CustomerKeyTaken { .. })) => {
                one("customer_key", "must be unique")
            }
            Self::App(error) => error
                .param()
                .map(|field| one(field, &error.to_string()))
                .unwrap_or_default(),
            Self::Missing(fields) => fields
                .iter()
                .map(|field| ((*field).to_owned(), json!(["is required"])))
                .collect(),
        }
    }

    /// Seconds after which the same request may succeed.
    pub(super) fn retry_after(&self) -> Option<u16> {
        match self {
            Self::App(
                AppError::Unavailable | AppError::TooSlow | AppError::Locked | AppError::Contended,
            ) => Some(RETRY_SECONDS),
            Self::App(AppError::Refused(Refusal::IdempotencyInFlight)) => Some(RETRY_SECONDS),
            Self::App(AppError::Refused(Refusal::TooManyAttempts)) => Some(RETRY_SIGN_IN_SECONDS),
            _ => None,
        }
    }
}
