//! Proof of possession (DPoP, RFC 9449): that whoever shows an access token also holds the key that it is bound to.
//!
//! *Absent:* the memory of proofs that were seen, which is the listener's, and nonces: a proof is good for a minute and once.

use crate::jws::{Jwk, Jws};
use crate::limits::{MAX_PROOF_AGE_SECONDS, MAX_SKEW_SECONDS, MAX_TOKEN_BYTES};
use attache_accord::Timestamp;
use attache_seal::digest::sha256;
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

/// Longest number of a proof, in bytes.
const MAX_JTI_BYTES: usize = 128;

/// What a proof must be about.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The method, `POST`.
    pub method: &'a str,
    /// Where the service is reached: scheme, host and port.
    pub origin: &'a str,
    /// The path. Two SDKs prove only this, and not the whole address.
    pub path: &'a str,
    /// The access token that comes with it; none at the token endpoint.
    pub token: Option<&'a str>,
}

/// A proof that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The key.
    pub key: Jwk,
    /// Its number, to be seen once by whoever knows the key by its thumbprint.
    pub jti: String,
    /// From when on it is good for nothing any more, whoever shows it.
    pub until: Timestamp,
}

#[derive(Deserialize)]
struct Claims {
    htm: String,
    htu: String,
    iat: f64,
    jti: String,
    #[serde(default)]
    ath: Option<String>,
}

impl Proof {
    /// Reads the proof for `call` at `now`; `None` whatever is wrong with it.
    pub fn read(text: &str, call: Call<'_>, now: Timestamp) -> Option<Self> {
        let jws = Jws::parse(text, MAX_TOKEN_BYTES)?;
        if jws.header.typ.as_deref() != Some("dpop+jwt") {
            return None;
        }
        let key = Jwk::read(jws.header.jwk.as_ref()?)?;
        if !jws.is_signed_by(&key) {
            return None;
        }
        let claims: Claims = serde_json::from_slice(&jws.payload).ok()?;
        // Query and fragment are no part of it (RFC 9449, 4.3).
        let address = claims.htu.split(['?', '#']).next().unwrap_or_default();
        let is_here = address == call.path || address.strip_prefix(call.origin) == Some(call.path);
        let age = now.seconds() as f64 - claims.iat;
        let is_timely = age <= MAX_PROOF_AGE_SECONDS as f64 && age >= -(MAX_SKEW_SECONDS as f64);
        let hash = call.token.map(|token| BASE64URL_NOPAD.encode(sha256(&[token.as_bytes()]).as_bytes()));
        let fits = claims.htm == call.method
            && is_here
            && is_timely
            && (hash.is_none() || claims.ath == hash)
            && (1..=MAX_JTI_BYTES).contains(&claims.jti.len());
        if !fits {
            return None;
        }
        // A second more, for ours are whole ones. What fits is near to now, so nothing is cut off and nothing overflows.
        let until = Timestamp((claims.iat.ceil() as u64 + MAX_PROOF_AGE_SECONDS + 1) * 1000);
        Some(Self { key, jti: claims.jti, until })
    }
}
