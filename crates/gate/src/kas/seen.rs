//! Which proofs of possession were shown already: each is good once.
//!
//! *Absent:* anything that outlasts the process. A proof that was shown before a start is too old a minute after it.

use attache_accord::{Digest, Timestamp};
use attache_rewrap::limits::{MAX_PROOF_AGE_SECONDS, MAX_SKEW_SECONDS};
use attache_rewrap::proof::Proof;
use attache_seal::digest::sha256;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Most proofs that are remembered. While so many were shown within the time in which one is good, no further one counts.
const MAX_SEEN: usize = 65_536;
/// So long a proof can be good, in milliseconds: from the furthest that its time may lie ahead to its greatest age.
const GOOD_MILLIS: u64 = (MAX_PROOF_AGE_SECONDS + MAX_SKEW_SECONDS) * 1000;

/// The proofs of a while.
#[derive(Default)]
pub(super) struct Seen(Mutex<State>);

#[derive(Default)]
struct State {
    proofs: BTreeSet<Digest>,
    /// In the order in which they were shown, with when each can be forgotten.
    shown: VecDeque<(Timestamp, Digest)>,
}

impl Seen {
    /// Remembers a proof; whether it counts: it was not shown before, and there was room.
    pub(super) fn first(&self, proof: &Proof, now: Timestamp) -> bool {
        let thumbprint = proof.key.thumbprint();
        let id = sha256(&[thumbprint.as_bytes(), b"\n", proof.jti.as_bytes()]);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((_, oldest)) = state.shown.front().copied().filter(|(until, _)| *until < now) {
            state.shown.pop_front();
            state.proofs.remove(&oldest);
        }
        if state.proofs.len() >= MAX_SEEN || !state.proofs.insert(id) {
            return false;
        }
        state.shown.push_back((now.plus_millis(GOOD_MILLIS), id));
        true
    }
}
