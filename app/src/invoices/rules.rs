//! What an invoice is allowed to be, and what is still to be sent or paid. Pure.

use super::{ExternalStatus, InvoiceStatus, NewInvoice, StandingInvoice};
use crate::error::AppError;
use chrono::{DateTime, Utc};

pub const LINES_MAX: usize = 1_000;
pub const EXTERNAL_ID_CHARACTERS_MAX: usize = 255;

/// Still to be sent: not VOID, not yet with the provider, and its grace period has not ended.
pub fn in_grace_period(
    status: InvoiceStatus,
    external: Option<ExternalStatus>,
    ends_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> bool {
    status != InvoiceStatus::Void
        && matches!(external, None | Some(ExternalStatus::Queued))
        && ends_at.is_some_and(|ends_at| ends_at > now)
}

/// Money is still expected: a draft, or finalized and not paid.
pub fn is_open(status: InvoiceStatus, external: Option<ExternalStatus>) -> bool {
    match status {
        InvoiceStatus::Draft => true,
        InvoiceStatus::Finalized => external != Some(ExternalStatus::Paid),
        InvoiceStatus::Void => false,
    }
}

impl StandingInvoice {
    pub fn in_grace_period(&self, now: DateTime<Utc>) -> bool {
        in_grace_period(
            self.status,
            self.external_status,
            self.grace_period_ends_at,
            now,
        )
    }

    /// Finalized, and paid at the provider. A draft is not paid whatever the provider says.
    pub fn is_paid(&self) -> bool {
        self.status == InvoiceStatus::Finalized
            && self.external_status == Some(ExternalStatus::Paid)
    }
}

pub fn check(invoice: &NewInvoice) -> Result<(), AppError> {
    let length = invoice.external_id.chars().count();
    if length == 0
        || length > EXTERNAL_ID_CHARACTERS_MAX
        || invoice.external_id.chars().any(char::is_control)
    {
        return Err(AppError::invalid(
            "external_id",
            "must be 1 to 255 characters without control characters",
        ));
    }
    if invoice.ends_at < invoice.starts_at {
        return Err(AppError::invalid("ends_at", "must not be before starts_at"));
    }
    if invoice.lines.len() > LINES_MAX {
        return Err(AppError::invalid(
            "lines",
            format!("must have at most {LINES_MAX} items"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_unsent_and_not_void_is_in_its_grace_period() {
        let now = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(100);
        let later = Some(now + chrono::TimeDelta::seconds(1));
        for (status, external, ends_at, expected) in [
            (InvoiceStatus::Draft, None, later, true),
            (
                InvoiceStatus::Finalized,
                Some(ExternalStatus::Queued),
                later,
                true,
            ),
            (
                InvoiceStatus::Finalized,
                Some(ExternalStatus::Sent),
                later,
                false,
            ),
            (
                InvoiceStatus::Finalized,
                Some(ExternalStatus::Paid),
                later,
                false,
            ),
            (InvoiceStatus::Void, None, later, false),
            (InvoiceStatus::Draft, None, Some(now), false),
            (InvoiceStatus::Draft, None, None, false),
        ] {
            assert_eq!(
                in_grace_period(status, external, ends_at, now),
                expected,
                "{status:?} {external:?}"
            );
        }
    }

    #[test]
    fn a_paid_or_void_invoice_is_not_open() {
        assert!(is_open(InvoiceStatus::Draft, None));
        assert!(is_open(
            InvoiceStatus::Finalized,
            Some(ExternalStatus::Sent)
        ));
        assert!(!is_open(
            InvoiceStatus::Finalized,
            Some(ExternalStatus::Paid)
        ));
        assert!(!is_open(InvoiceStatus::Void, None));
    }
}
