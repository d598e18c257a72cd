//! The Party root in the hands of several: any `threshold` of its custodians together sign with it, fewer learn nothing
//! of it (Shamir's scheme over GF(256), by the crate `blahaj`).
//!
//! *Absent:* files and passphrases. Each share is sealed as a key file under its custodian's own lock.

use attache_seal::pair::{KeyId, Sign as _, SigningPair};
use blahaj::Sharks;
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::keyring::{KeyringError, signing_pair};

/// The kind under which a share's key file is sealed.
pub const SHARE_KIND: &str = "root-share";
/// Most custodians of one root.
pub const MAX_CUSTODIANS: usize = 16;
/// Fewest who together are the root: with one there would be no ceremony.
pub const MIN_THRESHOLD: u8 = 2;

/// Why a root is not split or put together.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// The numbers do not make a ceremony.
    #[error("threshold: from {MIN_THRESHOLD} to the number of custodians, who are at most {MAX_CUSTODIANS}")]
    Numbers,
    /// Not a share, or of another build's form.
    #[error("share: this is not a share of a Party root")]
    Form,
    /// Shares of different ceremonies, or of different roots.
    #[error("share: number {0} is of another ceremony than the first one")]
    Other(u8),
    /// One share twice.
    #[error("share: number {0} is given twice")]
    Twice(u8),
    /// Not enough of them.
    #[error("share: {given} are given, the root needs {threshold}")]
    TooFew {
        /// How many.
        given: usize,
        /// How many it takes.
        threshold: u8,
    },
    /// What they make is not the root that they name.
    #[error("share: together they are not the root that they name; one was altered")]
    NotTheRoot,
    /// The root itself.
    #[error(transparent)]
    Root(#[from] KeyringError),
}

/// A share as its key file seals it. Wiped when dropped.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
#[cbor(map)]
struct Share {
    #[cbor(n(0), with = "minicbor::bytes")]
    ceremony: [u8; 16],
    #[n(1)]
    threshold: u8,
    #[cbor(n(2), with = "minicbor::bytes")]
    root: [u8; 32],
    /// Number and value.
    #[cbor(n(3), with = "minicbor::bytes")]
    value: Vec<u8>,
}

impl Share {
    fn number(&self) -> u8 {
        self.value.first().copied().unwrap_or_default()
    }
}

/// Splits a root into as many shares as it has custodians.
///
/// # Errors
/// [`CeremonyError::Numbers`]; or a library that failed.
pub fn split(
    root: &SigningPair,
    threshold: u8,
    custodians: usize,
) -> Result<Vec<Zeroizing<Vec<u8>>>, CeremonyError> {
    if custodians > MAX_CUSTODIANS || !(usize::from(MIN_THRESHOLD)..=custodians).contains(&threshold.into()) {
        return Err(CeremonyError::Numbers);
    }
    let mut ceremony = [0; 16];
    aws_lc_rs::rand::fill(&mut ceremony).map_err(|_| KeyringError::Library("randomness"))?;
    let KeyId(id) = root.verifying().key_id();
    let dealt = Sharks(threshold).dealer(root.to_seed_bytes().as_slice()).take(custodians);
    dealt
        .map(|share| {
            let share = Share { ceremony, threshold, root: id, value: Vec::from(&share) };
            minicbor::to_vec(&share).map(Zeroizing::new).map_err(|_| CeremonyError::Form)
        })
        .collect()
}

/// Puts the root together from opened shares.
///
/// # Errors
/// [`CeremonyError`] names the share.
pub fn combine(shares: &[Zeroizing<Vec<u8>>]) -> Result<SigningPair, CeremonyError> {
    let shares: Vec<Share> = shares
        .iter()
        .map(|bytes| minicbor::decode(bytes).map_err(|_| CeremonyError::Form))
        .collect::<Result<_, _>>()?;
    let first = shares.first().ok_or(CeremonyError::TooFew { given: 0, threshold: MIN_THRESHOLD })?;
    let mut numbers = BTreeSet::new();
    for share in &shares {
        let is_alike = (share.ceremony, share.threshold, share.root, share.value.len())
            == (first.ceremony, first.threshold, first.root, first.value.len());
        if !is_alike {
            return Err(CeremonyError::Other(share.number()));
        }
        if !numbers.insert(share.number()) {
            return Err(CeremonyError::Twice(share.number()));
        }
    }
    let threshold = first.threshold;
    if shares.len() < usize::from(threshold) {
        return Err(CeremonyError::TooFew { given: shares.len(), threshold });
    }
    let dealt: Vec<blahaj::Share> = shares
        .iter()
        .map(|share| blahaj::Share::try_from(share.value.as_slice()).map_err(|_| CeremonyError::Form))
        .collect::<Result<_, _>>()?;
    let seeds =
        Sharks(threshold).recover(&dealt).map(Zeroizing::new).map_err(|_| CeremonyError::NotTheRoot)?;
    let root = signing_pair(&seeds)?;
    if root.verifying().key_id() != KeyId(first.root) {
        return Err(CeremonyError::NotTheRoot);
    }
    Ok(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_three_of_five_are_the_root_and_no_two_are() {
        let root = SigningPair::generate().unwrap();
        let shares = split(&root, 3, 5).unwrap();
        for a in 0..5 {
            for b in a + 1..5 {
                let two = [shares[a].clone(), shares[b].clone()];
                assert!(matches!(combine(&two), Err(CeremonyError::TooFew { given: 2, threshold: 3 })));
                for c in b + 1..5 {
                    let three = [shares[c].clone(), shares[a].clone(), shares[b].clone()];
                    assert_eq!(combine(&three).unwrap().verifying(), root.verifying());
                }
            }
        }
        assert_eq!(combine(&shares).unwrap().verifying(), root.verifying());
    }

    #[test]
    fn two_shares_that_claim_to_suffice_do_not_make_the_root() {
        let root = SigningPair::generate().unwrap();
        let lowered = split(&root, 3, 5).unwrap().into_iter().take(2).map(|bytes| {
            let mut share: Share = minicbor::decode(&bytes).unwrap();
            share.threshold = 2;
            Zeroizing::new(minicbor::to_vec(&share).unwrap())
        });
        assert!(matches!(combine(&lowered.collect::<Vec<_>>()), Err(CeremonyError::NotTheRoot)));
    }

    #[test]
    fn shares_that_do_not_belong_together_are_named() {
        let root = SigningPair::generate().unwrap();
        let (one, other) = (split(&root, 2, 3).unwrap(), split(&root, 2, 3).unwrap());
        let mixed = [one[0].clone(), other[1].clone()];
        assert!(matches!(combine(&mixed), Err(CeremonyError::Other(2))));
        let twice = [one[2].clone(), one[2].clone()];
        assert!(matches!(combine(&twice), Err(CeremonyError::Twice(3))));
        for (threshold, custodians) in [(1, 3), (4, 3), (2, 1), (2, MAX_CUSTODIANS + 1)] {
            assert!(matches!(split(&root, threshold, custodians), Err(CeremonyError::Numbers)));
        }
    }
}
