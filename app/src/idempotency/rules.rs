//! What is a key.

use crate::error::AppError;

/// 1 to 255 visible ASCII characters, made up by the client for one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    pub const CHARACTERS_MAX: usize = 255;

    pub fn parse(text: &[u8]) -> Result<Self, AppError> {
        match std::str::from_utf8(text) {
            Ok(key)
                if (1..=Self::CHARACTERS_MAX).contains(&key.len())
                    && key.bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                Ok(Self(key.to_owned()))
            }
            _ => Err(AppError::invalid(
                "Idempotency-Key",
                "must be 1 to 255 visible ASCII characters",
            )),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_and_visible() {
        for bad in ["", " ", "a b", "\0", "é", "🦋", &"k".repeat(256)] {
            assert!(IdempotencyKey::parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(IdempotencyKey::parse(b"\xff").is_err());
        assert_eq!(
            IdempotencyKey::parse("k".repeat(255).as_bytes())
                .unwrap()
                .as_str()
                .len(),
            255
        );
    }
}
