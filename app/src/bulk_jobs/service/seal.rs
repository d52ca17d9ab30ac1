//! The token of a preview: what one must hold to confirm it.

use crate::{
    auth::ActorKind,
    bulk_jobs::{Job, store::Seal},
    error::AppError,
    ids::{BulkJobId, SessionId},
};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Names a preview, and proves that it was given to whoever took it: its second half is a digest of a number that only the
/// server knows, of the person and their session, and of everything that was shown. Whatever of these is another makes another
/// token.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub(super) job: BulkJobId,
    digest: [u8; 32],
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token of {}", self.job)
    }
}

impl Token {
    /// As it is given out in a session; an API key has none.
    pub(super) fn of(job: &Job, seal: &Seal, session: Option<SessionId>) -> Self {
        let mut hash = Sha256::new();
        let kind: &[u8] = match job.actor.kind {
            ActorKind::Person => b"person",
            ActorKind::ApiKey => b"api_key",
        };
        let flags = [
            job.options.archive.archive_configurations,
            job.options.archive.release_aliases,
            job.options.archive.keep_paid_invoices,
            job.options.all_or_nothing,
        ]
        .map(u8::from);
        let session = session.map_or(Uuid::nil(), |session| session.0);
        let parts: [&[u8]; 8] = [
            &seal.nonce,
            job.id.0.as_bytes(),
            kind,
            job.actor.id.as_bytes(),
            session.as_bytes(),
            job.what.as_str().as_bytes(),
            &flags,
            &seal.content_hash,
        ];
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self {
            job: job.id,
            digest: hash.finalize().into(),
        }
    }

    /// The preview that it names.
    pub fn preview(&self) -> BulkJobId {
        self.job
    }

    /// Whether the two are one, in a time that tells nothing.
    pub(super) fn is(&self, other: &Self) -> bool {
        let differing = self
            .digest
            .iter()
            .zip(&other.digest)
            .fold(0, |differing, (ours, theirs)| differing | (ours ^ theirs));
        self.job == other.job && differing == 0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.job.0.simple())?;
        self.digest
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Token {
    type Err = AppError;

    fn from_str(text: &str) -> Result<Self, AppError> {
        parse(text).ok_or_else(|| {
            AppError::invalid(
                "preview_token",
                "is not the token of a preview of yours. Preview again",
            )
        })
    }
}

fn parse(text: &str) -> Option<Token> {
    let (job, digest) = text.split_once('.')?;
    if job.len() != 32 || digest.len() != 64 || !digest.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digest.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Token {
        job: BulkJobId(Uuid::try_parse(job).ok()?),
        digest: bytes,
    })
}
