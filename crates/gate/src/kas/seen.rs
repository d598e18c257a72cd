//! Which proofs of possession were shown already: each is good once.
//!
//! *Absent:* anything that outlasts the process. A proof that was shown before a start is too old a minute after it.

use attache_accord::{PersonId, Timestamp};
use attache_rewrap::proof::Proof;
use attache_seal::digest::sha256;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Most proofs that are remembered, about a hundred bytes each. While so many are good still, no further one counts: from clients
/// whose clocks are right that is 4,000 requests a second.
const MAX_SEEN: usize = 1 << 18;
/// Most of them that are one person's machine clients', so that nobody's clients stop all others'.
const MAX_SEEN_OF_ONE: usize = MAX_SEEN / 8;
/// Bytes of a digest by which a proof is known again.
const ID_BYTES: usize = 16;

/// The proofs that could be shown again.
#[derive(Default)]
pub(super) struct Seen(Mutex<State>);

#[derive(Default)]
struct State {
    /// Until when each is good, which one it is, and whose.
    shown: BTreeMap<(Timestamp, [u8; ID_BYTES]), PersonId>,
    /// How many of them are whose.
    held: BTreeMap<PersonId, usize>,
}

impl State {
    fn forget(&mut self, now: Timestamp) {
        while let Some(oldest) = self.shown.first_entry().filter(|oldest| oldest.key().0 < now) {
            let whose = oldest.remove();
            let held = self.held.get(&whose).copied().unwrap_or_default();
            match held.saturating_sub(1) {
                0 => _ = self.held.remove(&whose),
                left => _ = self.held.insert(whose, left),
            }
        }
    }
}

impl Seen {
    /// Remembers a proof of a client of `person`; whether it counts: it was not shown before, and there was room.
    pub(super) fn first(&self, proof: &Proof, person: &PersonId, now: Timestamp) -> bool {
        let thumbprint = proof.key.thumbprint();
        let digest = sha256(&[thumbprint.as_bytes(), b"\n", proof.jti.as_bytes()]);
        let Some(id) = digest.as_bytes().first_chunk::<ID_BYTES>() else { return false };
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.forget(now);
        let held = state.held.get(person).copied().unwrap_or_default();
        // The same proof has the same time, so it stands in the same place.
        let place = (proof.until, *id);
        if held >= MAX_SEEN_OF_ONE || state.shown.len() >= MAX_SEEN || state.shown.contains_key(&place) {
            return false;
        }
        state.shown.insert(place, person.clone());
        state.held.insert(person.clone(), held + 1);
        true
    }
}
