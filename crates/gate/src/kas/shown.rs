//! Access tokens of this node that were shown before: the signature of each is verified once. Everything else is looked at each time,
//! its time and its client's credential among it, so none lasts longer by being kept here.
//!
//! *Absent:* tokens that do not verify, so no stranger takes room, and those of a provider outside.

use attache_accord::Digest;
use attache_rewrap::token::{SignedToken, TokenKey};
use attache_seal::digest::sha256;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most tokens that are remembered, some hundred bytes each. One more, and all of them are verified anew.
const MAX_SHOWN: usize = 4_096;

/// Tokens whose signature was verified, by their digest.
#[derive(Default)]
pub(super) struct Shown(Mutex<BTreeMap<Digest, Arc<SignedToken>>>);

impl Shown {
    /// The token, where `key` signed it.
    pub(super) fn signed(&self, key: &TokenKey, token: &str) -> Option<Arc<SignedToken>> {
        let digest = sha256(&[token.as_bytes()]);
        let shown = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signed) = shown().get(&digest) {
            return Some(Arc::clone(signed));
        }
        let signed = Arc::new(key.signed(token)?);
        let mut shown = shown();
        if shown.len() >= MAX_SHOWN {
            shown.clear();
        }
        shown.insert(digest, Arc::clone(&signed));
        Some(signed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_accord::Timestamp;
    use attache_rewrap::limits::TOKEN_LIFE_SECONDS;
    use attache_rewrap::token::Bearer;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

    const ISSUER: &str = "https://node/auth";
    const ORIGIN: &str = "https://node";

    fn key() -> TokenKey {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        TokenKey::from_pkcs8_der(key.to_pkcs8v1().unwrap().as_ref()).unwrap()
    }

    #[test]
    fn a_token_that_is_remembered_ends_in_its_time_and_one_of_another_key_is_not_taken() {
        let (own, other, shown) = (key(), key(), Shown::default());
        let now = Timestamp(1_700_000_000_000);
        let bearer = Bearer { client: "laptop-1".into(), credential: "mark".into(), thumbprint: None };
        let token = own.issue(ISSUER, ORIGIN, &bearer, now).unwrap();
        let said = |audience: &str, at| shown.signed(&own, &token)?.bearer(ISSUER, audience, at);
        for _ in 0..2 {
            assert_eq!(said(ORIGIN, now), Some(bearer.clone()));
            assert_eq!(said("https://other", now), None);
            assert_eq!(said(ORIGIN, Timestamp(now.0 + TOKEN_LIFE_SECONDS * 1_000)), None);
        }
        let foreign = other.issue(ISSUER, ORIGIN, &bearer, now).unwrap();
        let altered = format!("{}{}", token, "A");
        assert!(shown.signed(&own, &foreign).is_none());
        assert!(shown.signed(&own, &altered).is_none());
        assert_eq!(shown.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn tokens_that_are_remembered_have_a_bound() {
        let (key, shown) = (key(), Shown::default());
        let now = Timestamp(1_700_000_000_000);
        let bearer = Bearer { client: "laptop-1".into(), credential: "mark".into(), thumbprint: None };
        let token = || key.issue(ISSUER, ORIGIN, &bearer, now).unwrap();
        let one = shown.signed(&key, &token()).unwrap();
        let full = (0..MAX_SHOWN).map(|at| (sha256(&[&at.to_be_bytes()]), Arc::clone(&one)));
        shown.0.lock().unwrap().extend(full);
        assert!(shown.signed(&key, &token()).is_some());
        assert_eq!(shown.0.lock().unwrap().len(), 1);
    }
}
