//! What one node brings along of destructions and passages, be it with the life of an item or with its whole log: acts that are opened, what they
//! cite, and whose cards it is held against.
//!
//! *Absent:* what they must say.

use crate::cards::Known;
use crate::pairing::{ENDED_BEFORE, GOES_ON_AFTER};
use crate::statements::{Statements, card_of};
use crate::{Node, Nodes, tag};
use attache_accord::act::Act;
use attache_accord::ruling::Question;
use attache_accord::{Digest, NodeName, Party, Timestamp};
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::{Card, Receipt};
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_tlog::Hash;

/// An act that holds, with its place.
pub(crate) struct Told {
    pub(crate) index: u64,
    pub(crate) at: Timestamp,
    pub(crate) act: Act,
    pub(crate) leaf: Hash,
    pub(crate) question: Option<Question>,
}

/// Which key of its card a node signs a kind of statement with.
pub(crate) type KeyOf = fn(&Card) -> &VerifyingPair;

/// What one node brings along.
pub(crate) trait Held {
    /// Whose it is.
    fn known(&self) -> &Known;
    /// Its acts that are opened, in the order of its log.
    fn acts(&self) -> impl Iterator<Item = &Told>;
    /// What these cite.
    fn papers(&self) -> &Statements;
    /// The node that signed, with its card of that time; nothing where this folder cannot show it.
    fn signer(&self, node: &NodeName, head: &Head, key: KeyOf) -> Result<Option<(&Known, &Card)>, String>;
    /// The Party of a node that signed at that time, where a card of it is here.
    fn party(&self, node: &NodeName, at: Timestamp) -> Option<Party>;
    /// How many leaves of its log are here, or are counted by what is.
    fn size(&self) -> u64;
    /// Whether it brings along that it signed this receipt.
    fn signed(&self, receipt: &Digest) -> bool;
    /// Whether the leaf that a receipt of its names is the admission that it says.
    fn is_admission(&self, receipt: &Receipt) -> bool;

    /// What a node signed, under its card of that time; nothing where that is not here.
    fn opened<B: Body>(
        &self,
        node: &NodeName,
        signed: &Signed,
        key: KeyOf,
    ) -> Result<Option<Statement<B>>, String> {
        let head = signed.dangerously_unverified::<B>().map_err(|error| error.to_string())?.head;
        let Some((signer, card)) = self.signer(node, &head, key)? else { return Ok(None) };
        signed.open::<B>(key(card), &signer.expect()).map(Some).map_err(|error| error.to_string())
    }
}

/// What a receipt comes to at its signer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Weighed {
    Holds,
    /// Its log lost the admission since.
    Lost,
    NotShown(&'static str),
}

pub(crate) const NO_CARD: &str = "its signer's card is not in this folder";
pub(crate) const LOST: &str = "its signer's log lost the admission after it had signed this receipt";
pub(crate) const LATER: &str = "its admission is past the checkpoint of its signer's log";

/// Holds a receipt that was signed at `at` against its signer's own acts, as far as they are here, reach and are left: the leaf that it
/// names is the admission there. Nothing where it does not hold.
pub(crate) fn admitted(
    theirs: Option<&impl Held>,
    digest: &Digest,
    at: Timestamp,
    receipt: &Receipt,
) -> Option<Weighed> {
    let Some(theirs) = theirs else { return Some(Weighed::Holds) };
    let (known, origin, index) = (theirs.known(), receipt.log_origin.as_str(), receipt.leaf_index);
    if theirs.is_admission(receipt) {
        return Some(Weighed::Holds);
    }
    // Whoever tells of a loss cannot have signed since what only the log that ended has.
    if known.lost(origin, index).is_some_and(|one| at < one.at) {
        return Some(Weighed::Lost);
    }
    if known.ended(origin, index, at) {
        return Some(Weighed::NotShown(ENDED_BEFORE));
    }
    if theirs.signed(digest) {
        return None;
    }
    // A whole log may be here as it was before a loss.
    if known.goes_on(origin, index) {
        return Some(Weighed::NotShown(GOES_ON_AFTER));
    }
    let is_later = index >= theirs.size() && known.has(known.origin(), origin, index);
    is_later.then_some(Weighed::NotShown(LATER))
}

/// A node with its whole log, beside the others.
pub(crate) struct Whole<'n> {
    nodes: &'n Nodes,
    node: &'n Node,
    none: Statements,
}

impl<'n> Whole<'n> {
    pub(crate) fn of(nodes: &'n Nodes, node: &'n Node) -> Self {
        Self { nodes, node, none: Statements::new() }
    }
}

impl Held for Whole<'_> {
    fn known(&self) -> &Known {
        &self.node.known
    }

    fn acts(&self) -> impl Iterator<Item = &Told> {
        self.node.log.iter().flat_map(|log| &log.acts.told)
    }

    fn papers(&self) -> &Statements {
        self.node.log.as_ref().map_or(&self.none, |log| &log.acts.cited)
    }

    fn signer(&self, node: &NodeName, head: &Head, key: KeyOf) -> Result<Option<(&Known, &Card)>, String> {
        let Some(signer) = self.nodes.get(node) else { return Ok(None) };
        Ok(card_of(self.nodes, signer, head, key)?.map(|card| (&signer.known, card)))
    }

    fn party(&self, node: &NodeName, _: Timestamp) -> Option<Party> {
        self.nodes.get(node).map(|node| node.known.card.party)
    }

    fn size(&self) -> u64 {
        self.node.log.as_ref().map_or(0, |log| log.leaves.len() as u64)
    }

    fn signed(&self, receipt: &Digest) -> bool {
        self.node.papers.receipts.contains_key(receipt)
    }

    fn is_admission(&self, receipt: &Receipt) -> bool {
        let leaf = self.node.log.as_ref().and_then(|log| log.leaf(receipt.leaf_index));
        leaf.is_some_and(|leaf| {
            leaf.hash == receipt.leaf_hash.0 && leaf.is("admitted") && leaf.pair() == tag(&receipt.package)
        })
    }
}
