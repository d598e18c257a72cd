//! What is said of a node's log: that it lost entries which others had cosigned, or which it had itself promised, and goes on under a new
//! origin.
//!
//! *Absent:* checkpoints and cosignatures, which are notes and signed with keys that sign nothing else.

use super::{MAX_LIST, term};
use crate::statement::Body;
use attache_accord::party::Malformed;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_tlog::Origin;
use minicbor::{Decode, Encode};

/// The last head of a log that one witness cosigned.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SeenLog {
    /// The witness.
    #[n(0)]
    pub by: NodeName,
    /// The size of its last checkpoint of that log.
    #[n(1)]
    pub size: u64,
    /// The root of that checkpoint.
    #[n(2)]
    pub root: Digest,
}

/// A person answers for it that their node's log lost entries which others had cosigned, or which the node had itself promised: what is
/// left of it, what they had seen, and under which origin it goes on. The new log has the leaves that are left, and grows from there.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LogSuccession {
    /// The node.
    #[n(0)]
    pub node: NodeName,
    /// The origin of the log that ended.
    #[n(1)]
    pub previous: String,
    /// The new origin: the same with the next number.
    #[n(2)]
    pub origin: String,
    /// How many entries are left.
    #[n(3)]
    pub size: u64,
    /// The root over them.
    #[n(4)]
    pub root: Digest,
    /// The time of the last of them.
    #[n(5)]
    pub since: Timestamp,
    /// What each witness had cosigned last of the log that ended, in the order of their names.
    #[n(6)]
    pub seen: Vec<SeenLog>,
    /// How the entries were lost, in the person's words.
    #[n(7)]
    pub reason: String,
    /// Behind the last entry that something names which the node had itself signed, such as a receipt; absent where that is no more than
    /// witnesses had cosigned.
    #[n(8)]
    pub promised: Option<u64>,
}

impl LogSuccession {
    /// The entries that were cosigned and are lost: the first, and the first behind them.
    pub fn lost(&self) -> (u64, u64) {
        (self.size, self.seen.iter().map(|seen| seen.size).fold(self.size, u64::max))
    }

    /// The entries that were cosigned or promised and are lost: the first, and the first behind them.
    pub fn missed(&self) -> (u64, u64) {
        let (from, behind) = self.lost();
        (from, self.promised.unwrap_or(behind).max(behind))
    }

    /// What a witness is said to have cosigned last.
    pub fn seen_by(&self, node: &NodeName) -> Option<&SeenLog> {
        self.seen.iter().find(|seen| seen.by == *node)
    }
}

impl Body for LogSuccession {
    const NAME: &'static str = "log-succession";

    fn check(&self) -> Result<(), Malformed> {
        term("previous origin", &self.previous)?;
        term("reason", &self.reason)?;
        let next = Origin::new(&self.previous).ok().and_then(|previous| previous.next());
        if next.is_none_or(|next| next.as_str() != self.origin) {
            return Err(Malformed::new("origin", "the previous one with the next number", &self.origin));
        }
        if self.seen.len() > MAX_LIST || !self.seen.is_sorted_by(|one, other| one.by < other.by) {
            return Err(Malformed::new("seen", "at most 32 witnesses, each once, in order", ""));
        }
        let (from, behind) = self.lost();
        if let Some(promised) = self.promised.filter(|promised| *promised <= behind) {
            return Err(Malformed::new("promised", "more than was cosigned", &promised.to_string()));
        }
        if from >= self.missed().1 || self.seen_by(&self.node).is_some() {
            return Err(Malformed::new("seen", "more than is left, by another node", &behind.to_string()));
        }
        Ok(())
    }
}
