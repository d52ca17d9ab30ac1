//! `If-Match` on a customer: a write happens only to the version that its client has read.

use super::call::Call;
use app::{
    context::Ctx,
    customers,
    error::{AppError, Refusal},
    ids::CustomerId,
};

const HEADER: &str = "If-Match";

/// The version that a client wants to change, if it cares.
#[derive(Clone)]
pub(super) struct Expected {
    ctx: Ctx,
    customer: CustomerId,
    version: Option<i64>,
}

impl Call {
    pub(super) fn expected(&self, customer: CustomerId) -> Result<Expected, AppError> {
        let version = self.header(HEADER)?.map(parse).transpose()?.flatten();
        Ok(Expected {
            ctx: self.ctx.clone(),
            customer,
            version,
        })
    }
}

impl Expected {
    /// To be asked after the write and before its commit: the customer's row is locked then, so that what everyone else
    /// still sees is exactly what the write began with.
    pub(super) async fn check(&self) -> Result<(), AppError> {
        match self.version {
            Some(version)
                if customers::service::find(&self.ctx, self.customer)
                    .await?
                    .version
                    != version =>
            {
                Err(AppError::Refused(Refusal::VersionMismatch))
            }
            _ => Ok(()),
        }
    }
}

/// `"7"` or `7`; `*` is any. Proxies that compress answers make a tag weak on its way back.
fn parse(value: &[u8]) -> Result<Option<i64>, AppError> {
    let text = std::str::from_utf8(value).unwrap_or_default().trim();
    let tag = text.strip_prefix("W/").unwrap_or(text);
    let number = tag
        .strip_prefix('"')
        .and_then(|tag| tag.strip_suffix('"'))
        .unwrap_or(tag);
    match number.parse() {
        _ if text == "*" => Ok(None),
        Ok(version) if version > 0 => Ok(Some(version)),
        _ => Err(AppError::invalid(
            HEADER,
            "must be the customer's version, such as \"7\"",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_number_quoted_or_not() {
        for (value, version) in [
            ("7", Some(7)),
            ("\"7\"", Some(7)),
            ("W/\"7\"", Some(7)),
            ("*", None),
        ] {
            assert_eq!(parse(value.as_bytes()).unwrap(), version, "{value}");
        }
        for value in [
            "",
            "0",
            "-1",
            "\"7",
            "\"7\", \"8\"",
            "seven",
            "9223372036854775808",
        ] {
            assert!(parse(value.as_bytes()).is_err(), "{value}");
        }
    }
}
