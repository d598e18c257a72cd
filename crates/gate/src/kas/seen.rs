//! Which proofs of possession were shown already: each is good once.
//!
//! *Absent:* anything that outlasts the process. A proof that was shown before a start is too old a minute after it.

use attache_accord::{Digest, PersonId, Timestamp};
use attache_rewrap::limits::{MAX_PROOF_AGE_SECONDS, MAX_SKEW_SECONDS};
use attache_rewrap::proof::Proof;
use attache_seal::digest::sha256;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Most proofs that are remembered. While so many were shown within the time in which one is good, no further one counts.
const MAX_SEEN: usize = 65_536;
/// Most of them that are one person's machine clients', so that nobody's clients stop all others'.
const MAX_SEEN_OF_ONE: usize = MAX_SEEN / 8;
/// So long a proof can be good, in milliseconds: from the furthest that its time may lie ahead to its greatest age.
const GOOD_MILLIS: u64 = (MAX_PROOF_AGE_SECONDS + MAX_SKEW_SECONDS) * 1000;

/// The proofs of a while.
#[derive(Default)]
pub(super) struct Seen(Mutex<State>);

#[derive(Default)]
struct State {
    proofs: BTreeSet<Digest>,
    /// In the order in which they were shown, with when each can be forgotten.
    shown: VecDeque<(Timestamp, Digest, PersonId)>,
    /// How many of them are whose.
    held: BTreeMap<PersonId, usize>,
}

impl Seen {
    /// Remembers a proof of a client of `person`; whether it counts: it was not shown before, and there was room.
    pub(super) fn first(&self, proof: &Proof, person: &PersonId, now: Timestamp) -> bool {
        let thumbprint = proof.key.thumbprint();
        let id = sha256(&[thumbprint.as_bytes(), b"\n", proof.jti.as_bytes()]);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while state.shown.front().is_some_and(|(until, ..)| *until < now) {
            let Some((_, oldest, whose)) = state.shown.pop_front() else { break };
            state.proofs.remove(&oldest);
            if let Some(held) = state.held.get_mut(&whose) {
                *held = held.saturating_sub(1);
            }
        }
        state.held.retain(|_, held| *held > 0);
        let held = state.held.get(person).copied().unwrap_or_default();
        if held >= MAX_SEEN_OF_ONE || state.proofs.len() >= MAX_SEEN || !state.proofs.insert(id) {
            return false;
        }
        state.held.insert(person.clone(), held + 1);
        state.shown.push_back((now.plus_millis(GOOD_MILLIS), id, person.clone()));
        true
    }
}
