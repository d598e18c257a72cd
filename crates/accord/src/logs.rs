//! Partners' logs that showed two histories, and what a person decided on each.
//!
//! *Absent:* checkpoints and proofs, which lie with the papers, and what a stop keeps from moving.

use crate::act::{Act, Answer};
use crate::id::Digest;
use crate::party::NodeName;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// What was decided on a log that showed two histories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Nothing yet.
    Open,
    /// It is believed again.
    Believed,
    /// It is not.
    Refused,
}

/// A partner's log that showed two histories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forked {
    /// Digest of the last proof of it.
    pub proof: Digest,
    /// When that was recorded.
    pub at: Timestamp,
    /// What was decided on it.
    pub decided: Decided,
    /// How often it was believed again: each time a history begins anew here.
    pub believed: u64,
}

/// The logs that ever showed two histories, by node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Logs(BTreeMap<NodeName, Forked>);

impl Logs {
    pub(crate) fn apply(&mut self, at: Timestamp, act: &Act) {
        match act {
            Act::LogForked { node, proof } => {
                let believed = self.believed(node);
                let forked = Forked { proof: *proof, at, decided: Decided::Open, believed };
                self.0.insert(node.clone(), forked);
            }
            Act::LogDecided { node, answer, .. } => {
                if let Some(forked) = self.0.get_mut(node) {
                    forked.decided = match answer {
                        Answer::Approve => Decided::Believed,
                        Answer::Refuse => Decided::Refused,
                    };
                    forked.believed += u64::from(*answer == Answer::Approve);
                }
            }
            _ => {}
        }
    }

    /// What is known of a node's log that showed two histories.
    pub fn get(&self, node: &NodeName) -> Option<&Forked> {
        self.0.get(node)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&NodeName, &Forked)> {
        self.0.iter()
    }

    /// Whether nothing more of a node's log is believed.
    pub fn is_stopped(&self, node: &NodeName) -> bool {
        self.0.get(node).is_some_and(|forked| forked.decided != Decided::Believed)
    }

    /// How often a node's log was believed again after it had shown two histories.
    pub fn believed(&self, node: &NodeName) -> u64 {
        self.0.get(node).map_or(0, |forked| forked.believed)
    }
}
