//! Witnesses outside: bodies that cosign this node's log by C2SP tlog-witness over HTTP and are no partners. Each is asked at every beat,
//! from where it stands; one that is away delays nothing else, and is asked from there when it is back.
//!
//! *Absent:* partners, who are asked on their connection (`exchange::asking`), and a witness of others' logs, which the node is to its
//! partners only.

mod call;
mod fetch;
mod worker;

pub use call::{CALL_SECONDS, CONNECT_SECONDS, Called, Caller};
pub use fetch::Fetcher;
pub(crate) use worker::ask;

use attache_tlog::VerifierKey;
use std::fmt;

/// Most witnesses outside.
pub const MAX_OUTSIDE: usize = 8;
/// Most keys of one: Ed25519, ML-DSA-44, and as many more while it changes them.
pub const MAX_OUTSIDE_KEYS: usize = 4;

/// A witness outside, as the configuration names it.
#[derive(Debug, Clone)]
pub struct Outside {
    keys: Vec<VerifierKey>,
    caller: Caller,
}

/// Why a witness outside cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAWitness {
    /// What it signs carries no time, or its keys bear several names, or there are none or too many.
    #[error("1 to {MAX_OUTSIDE_KEYS} keys of a cosigner, all of one name, and one of them Ed25519")]
    Keys,
    /// Where it is reached.
    #[error(
        "an address such as http://192.0.2.7:7090, or https:// with the certificates that it is believed under"
    )]
    Url,
    /// Its certificates.
    #[error("certificates in PEM")]
    Roots,
}

impl Outside {
    /// A witness with these keys, reached by `caller`.
    ///
    /// # Errors
    /// [`NotAWitness::Keys`].
    pub fn new(keys: Vec<VerifierKey>, caller: Caller) -> Result<Self, NotAWitness> {
        let name = keys.first().map(VerifierKey::name).ok_or(NotAWitness::Keys)?;
        let are_one = keys.iter().all(|key| key.name() == name && key.kind().is_timed());
        let has_ed25519 = keys.iter().any(|key| key.kind() == attache_tlog::KeyKind::Ed25519Cosigner);
        if !are_one || !has_ed25519 || keys.len() > MAX_OUTSIDE_KEYS {
            return Err(NotAWitness::Keys);
        }
        Ok(Self { keys, caller })
    }

    /// The name that its cosignatures bear.
    pub fn name(&self) -> &str {
        self.keys.first().map(VerifierKey::name).unwrap_or_default()
    }

    /// Its keys.
    pub fn keys(&self) -> &[VerifierKey] {
        &self.keys
    }
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
