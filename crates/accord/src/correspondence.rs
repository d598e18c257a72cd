//! Correspondence: signed words of the own people that partners' nodes are to have, and which they have, as a fold of the
//! journal. A Party's instruments have a chain of their own; see `lifecycle`.
//!
//! *Absent:* what the words say.

use crate::act::Act;
use crate::destruction::Destruction;
use crate::id::Digest;
use crate::party::NodeName;
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

/// What is owed to each node, in the order in which it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Correspondence {
    #[n(0)]
    owed: BTreeMap<NodeName, Vec<Digest>>,
    /// What each node has, and since when.
    #[n(1)]
    delivered: BTreeMap<NodeName, Vec<(Timestamp, Digest)>>,
}

impl Correspondence {
    /// Folds one act, done at `at`.
    pub fn apply(&mut self, at: Timestamp, act: &Act) {
        match act {
            Act::ConsentMade { consent, statement, .. } => {
                self.owe(&consent.to, *statement);
            }
            Act::DestructionSigned { destruction: Destruction { to: Some(to), .. }, statement, .. } => {
                self.owe(to, *statement);
            }
            Act::PassageTold { to, statement, .. } => self.owe(to, *statement),
            Act::RecallMade { recall, statement, .. } => self.owe(&recall.to, *statement),
            Act::StatementDelivered { statement, to } => {
                if let Some(owed) = self.owed.get_mut(to) {
                    owed.retain(|digest| digest != statement);
                }
                self.delivered.entry(to.clone()).or_default().push((at, *statement));
            }
            _ => {}
        }
    }

    /// Owes a node again what it has had since `since`, before what it is owed already: it may have lost it.
    pub(crate) fn bring_again(&mut self, node: &NodeName, since: Timestamp) {
        let Some(delivered) = self.delivered.get_mut(node) else { return };
        let again = delivered.extract_if(.., |(at, _)| *at >= since).map(|(_, statement)| statement);
        let mut owed: Vec<Digest> = again.collect();
        let still = self.owed.entry(node.clone()).or_default();
        owed.append(still);
        *still = owed;
    }

    /// A statement for a node, behind what it is owed already, unless that is among it.
    pub(crate) fn owe(&mut self, node: &NodeName, statement: Digest) {
        let owed = self.owed.entry(node.clone()).or_default();
        if !owed.contains(&statement) {
            owed.push(statement);
        }
    }

    /// When a node had a statement, as far as it is not brought there again.
    pub fn delivered_at(&self, node: &NodeName, statement: &Digest) -> Option<Timestamp> {
        let delivered = self.delivered.get(node)?;
        delivered.iter().find(|(_, digest)| digest == statement).map(|(at, _)| *at)
    }

    /// The signed statements that a node does not have yet, in order.
    pub fn owed_to(&self, node: &NodeName) -> &[Digest] {
        self.owed.get(node).map(Vec::as_slice).unwrap_or_default()
    }
}
