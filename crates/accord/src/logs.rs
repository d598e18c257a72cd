//! Logs that did not simply grow: partners' logs that showed two histories, logs that lost entries and go on under a new origin,
//! and what a person decided on each.
//!
//! A log that goes on keeps the leaves that are left of it: entry *n* stays leaf *n*, and only what comes after is committed to under
//! the new origin.
//!
//! *Absent:* checkpoints, proofs and statements, which lie with the papers, and what a stop keeps from moving.

use crate::act::{Act, Answer};
use crate::id::Digest;
use crate::party::NodeName;
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

/// What was decided on a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Decided {
    /// Nothing yet.
    #[n(0)]
    Open,
    /// It is believed again.
    #[n(1)]
    Believed,
    /// It is not.
    #[n(2)]
    Refused,
}

impl From<Answer> for Decided {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Approve => Self::Believed,
            Answer::Refuse => Self::Refused,
        }
    }
}

/// A partner's log that showed two histories.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Forked {
    /// Digest of the last proof of it.
    #[n(0)]
    pub proof: Digest,
    /// When that was recorded.
    #[n(1)]
    pub at: Timestamp,
    /// What was decided on it.
    #[n(2)]
    pub decided: Decided,
    /// How often it was believed again: each time a history begins anew here.
    #[n(3)]
    pub believed: u64,
}

/// A partner's log that lost entries and goes on under a new origin.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Succeeded {
    /// The new origin.
    #[n(0)]
    pub origin: String,
    /// How many entries are left of the log that ended.
    #[n(1)]
    pub kept: u64,
    /// How many entries of it this node had cosigned.
    #[n(2)]
    pub cosigned: u64,
    /// The time of the last entry that is left, by its node's clock.
    #[n(3)]
    pub since: Timestamp,
    /// Digest of the signed statement.
    #[n(4)]
    pub statement: Digest,
    /// When it was recorded here.
    #[n(5)]
    pub at: Timestamp,
    /// What was decided on it.
    #[n(6)]
    pub decided: Decided,
}

/// From an entry on, the origin that the leaves of this node's log are committed to.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Stretch {
    /// The first entry.
    #[n(0)]
    pub from: u64,
    /// The origin.
    #[n(1)]
    pub origin: String,
    /// Digest of the signed statement that began it; none for the first.
    #[n(2)]
    pub statement: Option<Digest>,
}

/// The stretches of a log that began under the origin `first` and went on by `successions`: the new origin, and how many entries were
/// left. What a later one cut off is gone.
pub fn stretches<'a>(first: &str, successions: impl IntoIterator<Item = (&'a str, u64)>) -> Vec<Stretch> {
    let mut all = vec![Stretch { from: 0, origin: first.to_owned(), statement: None }];
    for (origin, kept) in successions {
        all.retain(|stretch| stretch.from < kept);
        all.push(Stretch { from: kept, origin: origin.to_owned(), statement: None });
    }
    all
}

/// The origin that the leaf at `index` is committed to.
pub fn origin_at(stretches: &[Stretch], index: u64) -> Option<&str> {
    stretches.iter().rev().find(|stretch| stretch.from <= index).map(|stretch| stretch.origin.as_str())
}

/// This node's own log, and the partners' that ever showed two histories or lost entries.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Logs {
    #[n(0)]
    forked: BTreeMap<NodeName, Forked>,
    #[n(1)]
    succeeded: BTreeMap<NodeName, Vec<Succeeded>>,
    #[n(2)]
    own: Vec<Stretch>,
}

impl Logs {
    /// Folds entry number `index`.
    pub(crate) fn apply(&mut self, index: u64, at: Timestamp, act: &Act) {
        match act {
            Act::Founded { log_origin, .. } => {
                self.own = vec![Stretch { from: 0, origin: log_origin.clone(), statement: None }];
            }
            Act::LogSucceeded { origin, statement, .. } => {
                self.own.push(Stretch { from: index, origin: origin.clone(), statement: Some(*statement) });
            }
            Act::SuccessionShown { node, origin, kept, cosigned, since, statement, .. } => {
                let succeeded = Succeeded {
                    origin: origin.clone(),
                    kept: *kept,
                    cosigned: *cosigned,
                    since: *since,
                    statement: *statement,
                    at,
                    decided: Decided::Open,
                };
                self.succeeded.entry(node.clone()).or_default().push(succeeded);
            }
            Act::SuccessionDecided { node, statement, answer, .. } => {
                let of_node = self.succeeded.get_mut(node).into_iter().flatten();
                for succeeded in of_node.filter(|succeeded| succeeded.statement == *statement) {
                    succeeded.decided = (*answer).into();
                }
            }
            Act::LogForked { node, proof } => {
                let believed = self.believed(node);
                let forked = Forked { proof: *proof, at, decided: Decided::Open, believed };
                self.forked.insert(node.clone(), forked);
            }
            Act::LogDecided { node, answer, .. } => {
                if let Some(forked) = self.forked.get_mut(node) {
                    forked.decided = (*answer).into();
                    forked.believed += u64::from(*answer == Answer::Approve);
                }
            }
            _ => {}
        }
    }

    /// What is known of a node's log that showed two histories.
    pub fn get(&self, node: &NodeName) -> Option<&Forked> {
        self.forked.get(node)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&NodeName, &Forked)> {
        self.forked.iter()
    }

    /// Whether nothing more of a node's log is believed: it showed two histories, or goes on under an origin on which nobody
    /// has decided to follow it.
    pub fn is_stopped(&self, node: &NodeName) -> bool {
        self.has_forked(node) || self.awaits_decision(node)
    }

    /// Whether a node's log showed two histories and is not believed again.
    pub fn has_forked(&self, node: &NodeName) -> bool {
        self.forked.get(node).is_some_and(|forked| forked.decided != Decided::Believed)
    }

    /// Whether a node's log says that it goes on under an origin that is not followed here.
    pub fn awaits_decision(&self, node: &NodeName) -> bool {
        self.succeeded(node).last().is_some_and(|last| last.decided != Decided::Believed)
    }

    /// How often a node's log was believed again after it had shown two histories.
    pub fn believed(&self, node: &NodeName) -> u64 {
        self.forked.get(node).map_or(0, |forked| forked.believed)
    }

    /// The successions that a node's log showed here, in order.
    pub fn succeeded(&self, node: &NodeName) -> &[Succeeded] {
        self.succeeded.get(node).map(Vec::as_slice).unwrap_or_default()
    }

    /// The successions of a node's log that are followed here, in order: each new origin, and how many entries were left.
    pub fn followed_all(&self, node: &NodeName) -> Vec<(String, u64)> {
        let followed = self.succeeded(node).iter().filter(|one| one.decided == Decided::Believed);
        followed.map(|one| (one.origin.clone(), one.kept)).collect()
    }

    /// The succession by which a node's log goes on that is followed here.
    pub fn followed(&self, node: &NodeName) -> Option<&Succeeded> {
        self.succeeded(node).iter().rev().find(|succeeded| succeeded.decided == Decided::Believed)
    }

    /// The origins under which this node's own log grew, in order.
    pub fn own(&self) -> &[Stretch] {
        &self.own
    }

    /// The origin that the own leaf at `index` is committed to; none before the founding entry.
    pub fn origin_at(&self, index: u64) -> Option<&str> {
        origin_at(&self.own, index)
    }

    /// The stretches of a node's log, which began under the origin `first`, as far as its successions are followed here.
    pub fn stretches(&self, node: &NodeName, first: &str) -> Vec<Stretch> {
        let followed = self.succeeded(node).iter().filter(|one| one.decided == Decided::Believed);
        stretches(first, followed.map(|one| (one.origin.as_str(), one.kept)))
    }

    /// How many entries were left when the own log last went on under a new origin; 0 where it never did.
    pub fn last_kept(&self) -> u64 {
        self.own.last().map_or(0, |stretch| stretch.from)
    }
}
