//! The papers of a relay: the waybill, which is all that a blind hub learns of a letter, and the hop receipt that each hub signs.
//!
//! *Absent:* what is in a letter. A waybill names its bytes and nothing of them.

use super::term;
use crate::statement::Body;
use attache_accord::party::Malformed;
use attache_accord::{Digest, DispatchId, NodeName, Timestamp};
use minicbor::{Decode, Encode};

/// Most hubs that a letter may pass. The arrangement of 2014 has one.
pub const MAX_HOPS: u8 = 2;

/// What stands on the outside of a letter, signed by its sender.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Waybill {
    /// A random number, fresh for each letter.
    #[n(0)]
    pub letter: DispatchId,
    /// From.
    #[n(1)]
    pub from: NodeName,
    /// To.
    #[n(2)]
    pub to: NodeName,
    /// The letter: the tree over its encrypted segments.
    #[n(3)]
    pub outer_digest: Digest,
    /// SHA-256 of its manifest.
    #[n(4)]
    pub manifest_digest: Digest,
    /// Length of its container, in bytes. Padded, so that it tells a size class only.
    #[n(5)]
    pub size: u64,
    /// How many hubs it may pass, 1 to [`MAX_HOPS`].
    #[n(6)]
    pub hop_limit: u8,
    /// When it must be at its recipient. A hub forwards nothing later.
    #[n(7)]
    pub due: Timestamp,
}

impl Body for Waybill {
    const NAME: &'static str = "waybill";

    fn check(&self) -> Result<(), Malformed> {
        if self.from == self.to {
            return Err(Malformed::new("to", "another node than the sender", self.to.as_str()));
        }
        if !(1..=MAX_HOPS).contains(&self.hop_limit) {
            return Err(Malformed::new("hop limit", "1 or 2", &self.hop_limit.to_string()));
        }
        Ok(())
    }
}

/// A hub says what it did with a letter. The same letter always gets the same.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HopReceipt {
    /// Digest of the signed waybill.
    #[n(0)]
    pub waybill: Digest,
    /// Digest of the hop receipt of the hub before, where one was.
    #[n(1)]
    pub previous: Option<Digest>,
    /// The code of the refusal; absent where the letter goes on.
    #[n(2)]
    pub refused: Option<String>,
    /// RFC 6962 leaf hash of the entry in the hub's log.
    #[n(3)]
    pub leaf_hash: Digest,
    /// Index of that entry.
    #[n(4)]
    pub leaf_index: u64,
    /// The hub's log.
    #[n(5)]
    pub log_origin: String,
}

impl Body for HopReceipt {
    const NAME: &'static str = "hop-receipt";

    fn check(&self) -> Result<(), Malformed> {
        self.refused.iter().try_for_each(|code| term("refused", code))?;
        term("log origin", &self.log_origin)
    }
}
