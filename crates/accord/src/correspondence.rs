//! Correspondence: signed words of the own people that partners' nodes are to have, and which they have, as a fold of the
//! journal. A Party's instruments have a chain of their own; see `lifecycle`.
//!
//! *Absent:* what the words say.

use crate::act::Act;
use crate::destruction::Destruction;
use crate::id::Digest;
use crate::party::NodeName;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

/// What is owed to each node, in the order in which it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Correspondence {
    #[n(0)]
    owed: BTreeMap<NodeName, Vec<Digest>>,
}

impl Correspondence {
    /// Folds one act.
    pub fn apply(&mut self, act: &Act) {
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
            }
            _ => {}
        }
    }

    /// A statement for a node, behind what it is owed already, unless that is among it.
    pub(crate) fn owe(&mut self, node: &NodeName, statement: Digest) {
        let owed = self.owed.entry(node.clone()).or_default();
        if !owed.contains(&statement) {
            owed.push(statement);
        }
    }

    /// The signed statements that a node does not have yet, in order.
    pub fn owed_to(&self, node: &NodeName) -> &[Digest] {
        self.owed.get(node).map(Vec::as_slice).unwrap_or_default()
    }
}
