//! What an archive may be told beyond the documents. All of it is optional, so that their clients need not know of it.

use super::body::Fields;
use app::{customers::ArchiveOptions, error::AppError, lifecycle::Reason};

/// `archive_billing_provider_configurations`, `release_ingest_aliases` and `keep_paid_invoices`, each false unless sent.
pub(super) fn archive(body: &Fields) -> Result<ArchiveOptions, AppError> {
    let on = |field: &str| body.boolean(field).map(Option::unwrap_or_default);
    Ok(ArchiveOptions {
        archive_configurations: on("archive_billing_provider_configurations")?,
        release_aliases: on("release_ingest_aliases")?,
        keep_paid_invoices: on("keep_paid_invoices")?,
    })
}

/// `reason`, for the audit log.
pub(super) fn reason(body: &Fields) -> Result<Option<Reason>, AppError> {
    let text = body.text("reason")?.unwrap_or_default();
    Reason::parse(&text).map_err(|reason| body.wrong("reason", &reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_beyond_the_documents_happens_unasked() {
        let body = Fields::parse(br#"{"id":"x"}"#).unwrap();
        assert_eq!(archive(&body).unwrap(), ArchiveOptions::default());
        assert_eq!(reason(&body).unwrap(), None);
        let body = Fields::parse(br#"{"keep_paid_invoices":true,"reason":"churned"}"#).unwrap();
        assert!(archive(&body).unwrap().keep_paid_invoices);
        assert_eq!(reason(&body).unwrap().unwrap().as_str(), "churned");
        let body = Fields::parse(br#"{"keep_paid_invoices":"yes","reason":7}"#).unwrap();
        assert!(archive(&body).is_err() && reason(&body).is_err());
    }
}
