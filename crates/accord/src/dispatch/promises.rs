//! What receipts promise: that the leaf of the admission is proved to be in the receiver's log once a checkpoint counts it. Who
//! gave a receipt owes that proof; who got one waits for it until it is due.
//!
//! *Absent:* the proof itself, which the node makes and verifies.

use super::{Dispatch, Dispatches, Given, Progress};
use crate::act::Act;
use crate::id::{Digest, DispatchId};
use crate::party::NodeName;
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::ops::Bound;

/// Code of the incident that a receipt is whose promised proof was not here when it was due.
pub const PROMISE_BROKEN: &str = "I-006";

/// How the promise of a receipt stands at the node that sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Promise {
    /// Due later, or not looked at yet.
    #[n(0)]
    Waits,
    /// Not here when it was due: an incident, until it comes.
    #[n(1)]
    Broken,
    /// Proved in time.
    #[n(2)]
    Proved(#[n(0)] Digest),
    /// Proved, after it was raised as broken or past its due time.
    #[n(3)]
    ProvedLate(#[n(0)] Digest),
}

impl Promise {
    /// The word for it in every document.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Broken => "broken",
            Self::Proved(_) => "proved",
            Self::ProvedLate(_) => "proved late",
        }
    }

    /// Digest of the proof, where there is one.
    pub fn proof(&self) -> Option<Digest> {
        match self {
            Self::Proved(proof) | Self::ProvedLate(proof) => Some(*proof),
            Self::Waits | Self::Broken => None,
        }
    }
}

impl Dispatches {
    pub(super) fn apply_promise(&mut self, at: Timestamp, act: &Act) {
        match act {
            Act::ProofKept { dispatch, proof } => {
                let Some(found) = self.out.get_mut(dispatch) else { return };
                let Progress::Receipted { proof_due, .. } = found.progress else { return };
                // The first proof stays: a later one says the same of a larger tree.
                if found.promise.proof().is_some() {
                    return;
                }
                found.promise = match found.promise {
                    Promise::Waits if at <= proof_due => Promise::Proved(*proof),
                    _ => Promise::ProvedLate(*proof),
                };
                self.promised.remove(dispatch);
            }
            Act::IncidentRaised { code, dispatch: Some(dispatch) } if code == PROMISE_BROKEN => {
                if let Some(found) = self.out.get_mut(dispatch).filter(|sent| sent.promise == Promise::Waits)
                {
                    found.promise = Promise::Broken;
                }
            }
            Act::ProofDelivered { dispatch } => {
                self.to_prove.remove(dispatch);
                if let Some(found) = self.given.get_mut(dispatch) {
                    found.is_proved = true;
                }
            }
            _ => {}
        }
    }

    /// Receipts whose promised proof was due by `now`, is not here, and is no incident yet.
    pub fn broken_promises(&self, now: Timestamp) -> impl Iterator<Item = &Dispatch> {
        let late = move |sent: &&Dispatch| match sent.progress {
            Progress::Receipted { proof_due, .. } => sent.promise == Promise::Waits && proof_due < now,
            _ => false,
        };
        self.promised.iter().filter_map(|id| self.out.get(id)).filter(late)
    }

    /// Receipts of `node` whose promised proof is not here, due or not, behind the dispatch `after`.
    pub fn unproved<'a>(
        &'a self,
        node: &'a NodeName,
        after: Option<DispatchId>,
    ) -> impl Iterator<Item = DispatchId> + 'a {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let promised = self.promised.range((from, Bound::Unbounded));
        promised.filter(|id| self.out.get(id).is_some_and(|sent| sent.recipient == *node)).copied()
    }

    /// Receipts that `node` has and whose leaf, below `size`, is still to be proved to it, with that leaf's index.
    pub fn proofs_owed_to<'a>(
        &'a self,
        node: &'a NodeName,
        size: u64,
    ) -> impl Iterator<Item = (&'a DispatchId, u64)> {
        let given = self.to_prove.iter().filter_map(|id| self.given.get_key_value(id));
        given.filter(move |(_, given)| given.to == *node).filter_map(move |(id, Given { admitted, .. })| {
            let (_, index) = (*admitted)?;
            (index < size).then_some((id, index))
        })
    }

    /// Whether any receipt that `node` has is still to be proved to it.
    pub fn owes_proof_to(&self, node: &NodeName) -> bool {
        self.proofs_owed_to(node, u64::MAX).next().is_some()
    }
}
