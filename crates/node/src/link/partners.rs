//! Which partners may be dialled or let in now. Read anew at each dial and each caller, so that a partner that was just
//! added counts without a restart, and one whose card ran out no longer does.
//!
//! *Absent:* the rule itself; that is `standing`.

use super::standing::{Barred, Standing};
use crate::office::Office;
use attache_accord::view::Peer;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_seal::papers::Card;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The partners of one node.
pub(super) struct Partners {
    office: Arc<Office>,
    /// Cards that were read and verified, by node, with the digest that they were read under: an unknown caller must
    /// not make us verify signatures.
    cards: Mutex<BTreeMap<NodeName, (Digest, Arc<Card>)>>,
    /// What they amounted to at the last look, shared by all connections, which would else hold a copy of all of it each.
    standings: Mutex<BTreeMap<NodeName, Arc<Standing>>>,
}

impl Partners {
    pub(super) fn new(office: Arc<Office>) -> Self {
        Self { office, cards: Mutex::default(), standings: Mutex::default() }
    }

    /// Everyone whose card was accepted, in force or not, and with whom messages do not go by a hub.
    pub(super) fn names(&self) -> Vec<NodeName> {
        let view = self.office.view.read();
        let direct = view.peers.values().filter(|peer| !self.office.goes_by_hub(peer.party));
        direct.map(|peer| peer.node.clone()).collect()
    }

    /// The standing of one partner. May read from disk.
    pub(super) fn standing(&self, node: &NodeName, now: Timestamp) -> Result<Arc<Standing>, Barred> {
        if *node == self.office.identity.node {
            return Err(Barred::Ourselves);
        }
        let peer = self.office.view.read().peers.get(node).cloned().ok_or(Barred::NoCard)?;
        if self.office.goes_by_hub(peer.party) {
            return Err(Barred::ByHub(peer.party));
        }
        let card = self.card(&peer)?;
        let standing = Standing::of(&peer, &card, &self.office.pack.terms().parties, now)?;
        let mut standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = standings.get(node).filter(|known| known.card == standing.card) {
            return Ok(Arc::clone(known));
        }
        let standing = Arc::new(standing);
        standings.insert(node.clone(), Arc::clone(&standing));
        Ok(standing)
    }

    /// All who may be let in now. May read from disk.
    pub(super) fn all(&self, now: Timestamp) -> Vec<Arc<Standing>> {
        // Why someone is barred is shown by the dialler, once, and not again for each caller.
        self.names().iter().filter_map(|node| self.standing(node, now).ok()).collect()
    }

    /// Whether the card that let `peer` in is still the one accepted, and in force.
    pub(super) fn still(&self, peer: &Standing, now: Timestamp) -> bool {
        now < peer.until
            && self.office.view.read().peers.get(&peer.node).is_some_and(|found| found.card == peer.card)
    }

    fn card(&self, peer: &Peer) -> Result<Arc<Card>, Barred> {
        let known = self.cards.lock().unwrap_or_else(PoisonError::into_inner).get(&peer.node).cloned();
        if let Some((_, card)) = known.filter(|(digest, _)| *digest == peer.card) {
            return Ok(card);
        }
        let card = Arc::new(self.office.card_of(&peer.node)?.ok_or(Barred::NoCard)?);
        let mut cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        cards.insert(peer.node.clone(), (peer.card, Arc::clone(&card)));
        Ok(card)
    }
}
