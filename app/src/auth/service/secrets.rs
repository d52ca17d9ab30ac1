//! Passwords, tokens and keys: what is told once and kept as a hash.

use crate::{db::defect, error::AppError};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use tokio::sync::Semaphore;

pub const PASSWORD_CHARACTERS_MIN: usize = 10;
pub(super) const PASSWORD_BYTES_MAX: usize = 1_024;
/// Hashing takes 19 MiB and a core; no more than this many run at once.
const HASHES_AT_ONCE: usize = 2;

pub(super) static HASHING: Semaphore = Semaphore::const_new(HASHES_AT_ONCE);

/// A secret of 256 bits, in hexadecimal. Its `Debug` says nothing.
pub struct Secret(String);

impl Secret {
    pub(super) fn random() -> Result<Self, AppError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| defect(&error))?;
        let mut text = String::with_capacity(64);
        for byte in bytes {
            write!(text, "{byte:02x}").map_err(|error| defect(&error))?;
        }
        Ok(Self(text))
    }

    /// The same, recognizable by how it begins.
    pub(super) fn prefixed(&self, prefix: &str) -> Self {
        Self(format!("{prefix}{}", self.0))
    }

    /// To be shown or sent, once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

pub(super) fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

fn argon2() -> Result<Argon2<'static>, AppError> {
    let params = Params::new(19 * 1_024, 2, 1, None).map_err(|error| defect(&error))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

pub(super) async fn hash(password: String) -> Result<String, AppError> {
    let _turn = HASHING.acquire().await.map_err(|error| defect(&error))?;
    tokio::task::spawn_blocking(move || {
        argon2()?
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| defect(&error))
    })
    .await
    .map_err(|error| defect(&error))?
}

/// Takes as long for an unknown person as for a known one. Call it with a place of [`HASHING`].
pub(super) async fn verify(password: String, stored: Option<String>) -> Result<bool, AppError> {
    tokio::task::spawn_blocking(move || {
        let Some(stored) = stored else {
            let _as_long = argon2()?.hash_password(password.as_bytes());
            return Ok(false);
        };
        let parsed = PasswordHash::new(&stored).map_err(|error| defect(&error))?;
        Ok(argon2()?
            .verify_password(password.as_bytes(), &parsed)
            .is_ok())
    })
    .await
    .map_err(|error| defect(&error))?
}

pub(super) fn password_is_long(password: &str) -> Result<(), AppError> {
    if password.chars().count() < PASSWORD_CHARACTERS_MIN {
        return Err(AppError::invalid(
            "password",
            format!("must be at least {PASSWORD_CHARACTERS_MIN} characters"),
        ));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(AppError::invalid(
            "password",
            format!("must be at most {PASSWORD_BYTES_MAX} bytes"),
        ));
    }
    Ok(())
}
