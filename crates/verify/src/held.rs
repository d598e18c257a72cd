//! What one node brings along of destructions, be it with the life of an item or with its whole log: acts that are opened, what they
//! cite, and whose cards it is held against.
//!
//! *Absent:* what they must say.

use crate::cards::Known;
use crate::statements::{Statements, card_of};
use crate::{Node, Nodes};
use attache_accord::act::Act;
use attache_accord::ruling::Question;
use attache_accord::{NodeName, Timestamp};
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::Card;
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
}
