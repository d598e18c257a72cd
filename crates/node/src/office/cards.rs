//! Cards: the partners', by the day, and this node's own.
//!
//! *Absent:* acceptance of cards; that is a person's act.

use super::Office;
use crate::engine::Plan;
use crate::fault::Fault;
use attache_accord::act::Act;
use attache_accord::view::MAX_EARLIER_CARDS;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_seal::papers::Card;
use attache_seal::statement::Signed;
use std::collections::BTreeSet;
use std::sync::PoisonError;

impl Office {
    /// A partner's accepted card, whether or not it is in force; `None` for a node that was never accepted.
    ///
    /// # Errors
    /// When the store fails or the card is not the one accepted.
    pub fn card_of(&self, node: &NodeName) -> Result<Option<Card>, Fault> {
        let Some(digest) = self.view.read().peers.get(node).map(|peer| peer.card) else { return Ok(None) };
        let known = self.cards.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let (_, card) = self.kept_card(&digest)?;
        let held: BTreeSet<Digest> = self.view.read().peers.values().map(|peer| peer.card).collect();
        let mut cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        // A card that another took the place of, or that was revoked, goes.
        cards.retain(|digest, _| held.contains(digest));
        cards.insert(digest, card.clone());
        Ok(Some(card))
    }

    /// The card of this node, or as [`Self::card_of`] a partner's.
    ///
    /// # Errors
    /// As there.
    pub fn card_of_any(&self, node: &NodeName) -> Result<Option<Card>, Fault> {
        if *node == self.identity.node { Ok(Some(self.own().clone())) } else { self.card_of(node) }
    }

    /// The accepted card of each partner, as it was signed.
    ///
    /// # Errors
    /// As [`Self::card_of`].
    pub(crate) fn partners_cards(&self) -> Result<Vec<Signed>, Fault> {
        let accepted: Vec<Digest> = self.view.read().peers.values().map(|peer| peer.card).collect();
        accepted.iter().map(|digest| Ok(self.kept_card(digest)?.0)).collect()
    }

    /// The card under which a partner's statement of the time `at` is verified: the accepted one, or from before its time
    /// the one that it followed, and so on. Cards that a person compared anew, or revoked, have none before them.
    ///
    /// # Errors
    /// As [`Self::card_of`].
    pub fn card_at(&self, node: &NodeName, at: Timestamp) -> Result<Option<Card>, Fault> {
        // Nearly everything is of the time of the accepted card, which is at hand.
        match self.card_of(node)? {
            Some(card) if card.not_before <= at => Ok(Some(card).filter(|card| card.in_force(at))),
            _ => Ok(self.both_at(node, at)?.map(|(_, card)| card)),
        }
    }

    /// As [`Self::card_at`], of this node too, and as it was signed.
    ///
    /// # Errors
    /// As [`Self::card_of`].
    pub fn signed_card_at(&self, node: &NodeName, at: Timestamp) -> Result<Option<Signed>, Fault> {
        if self.identity.node != *node {
            return Ok(self.both_at(node, at)?.map(|(signed, _)| signed));
        }
        let mut own = std::iter::once(self.card.clone()).chain(self.earlier_cards()?);
        let begun = |signed: &Signed| {
            signed.dangerously_unverified::<Card>().is_ok_and(|card| card.body.not_before <= at)
        };
        Ok(own.find(begun))
    }

    fn both_at(&self, node: &NodeName, at: Timestamp) -> Result<Option<(Signed, Card)>, Fault> {
        let Some(peer) = self.view.read().peers.get(node).cloned() else { return Ok(None) };
        for digest in std::iter::once(&peer.card).chain(peer.earlier.iter().rev()) {
            let (signed, card) = self.kept_card(digest)?;
            if card.not_before <= at {
                return Ok(Some((signed, card)).filter(|(_, card)| card.in_force(at)));
            }
        }
        Ok(None)
    }

    /// A card that the journal cites, and what it says.
    fn kept_card(&self, digest: &Digest) -> Result<(Signed, Card), Fault> {
        let altered = || Fault::Altered("card");
        let signed = Signed::from_bytes(&self.papers.cited(digest, "card")?).map_err(|_| altered())?;
        if signed.digest() != *digest {
            return Err(altered());
        }
        // Accepted, or made here, when it was recorded; the digest says that it is still that one.
        let card = Card::dangerously_self_signed(&signed, &self.expect(None)).map_err(|_| altered())?.body;
        Ok((signed, card))
    }

    /// The cards that this node showed before the one of now, newest first, as far as they were recorded.
    ///
    /// # Errors
    /// When the store fails or a card is not the one recorded.
    pub fn earlier_cards(&self) -> Result<Vec<Signed>, Fault> {
        let mut cards = Vec::new();
        let mut previous = self.own.previous;
        while let Some(digest) = previous.filter(|_| cards.len() < MAX_EARLIER_CARDS) {
            if self.papers.get(&digest)?.is_none() {
                break;
            }
            let (signed, card) = self.kept_card(&digest)?;
            previous = card.previous;
            cards.push(signed);
        }
        Ok(cards)
    }

    /// Records that the card of now took the place of the one before, and so on back through `earlier` (newest first), as
    /// far as this journal does not know it yet. `None` where it knows all of it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn show_cards(&self, earlier: &[Signed]) -> Result<Option<Plan>, Fault> {
        let mut acts = Vec::new();
        let mut papers = Vec::new();
        for signed in std::iter::once(&self.card).chain(earlier).take(MAX_EARLIER_CARDS) {
            let card = signed.digest();
            if self.papers.get(&card)?.is_some() {
                break;
            }
            let shown = signed.dangerously_unverified::<Card>().map_err(|_| Fault::Altered("card"))?.body;
            acts.extend(shown.previous.map(|previous| Act::CardShown { card, previous }));
            papers.push(signed.to_bytes());
        }
        if acts.is_empty() {
            return Ok(None);
        }
        acts.reverse();
        let mut plan = Plan::new(&self.view.read(), acts);
        for paper in papers {
            plan.paper(paper);
        }
        Ok(Some(plan))
    }
}
