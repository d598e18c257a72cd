//! What partners' nodes signed, opened under the card of the time that a statement claims: it may have been under way while its
//! signer changed its keys.
//!
//! *Absent:* what a statement says, and which Party may say it.

use crate::fault::Fault;
use crate::office::Office;
use attache_accord::NodeName;
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::Card;
use attache_seal::statement::{Body, Head, Signed, Statement};

/// Why a statement is not believed.
pub(crate) enum Unsaid {
    /// It is not that node's.
    False,
    /// It says that it is signed under a card that is not accepted here yet.
    OtherCard,
}

/// A statement with the card under which it holds.
pub(crate) type Said<B> = (Statement<B>, Card);

impl Office {
    /// A statement that must be `node`'s, under the key that `key` picks of its card.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub(crate) fn said_by<B: Body>(
        &self,
        node: &NodeName,
        signed: &Signed,
        key: fn(&Card) -> &VerifyingPair,
    ) -> Result<Result<Said<B>, Unsaid>, Fault> {
        let unsaid = |why| Ok(Err(why));
        let Ok(claimed) = signed.dangerously_unverified::<B>() else { return unsaid(Unsaid::False) };
        let Some(held) = self.card_of(node)? else { return unsaid(Unsaid::False) };
        if is_of_a_later_card(&held, &claimed.head) {
            return unsaid(Unsaid::OtherCard);
        }
        let Some(card) = self.card_at(node, claimed.head.at)? else { return unsaid(Unsaid::False) };
        let opened = signed.open::<B>(key(&card), &self.expect(None));
        let theirs = opened.ok().filter(|statement| statement.head.signer == node.as_str());
        Ok(theirs.map(|statement| (statement, card)).ok_or(Unsaid::False))
    }

    /// The same of whichever node it says that it is.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub(crate) fn said_by_its_signer<B: Body>(
        &self,
        signed: &Signed,
        key: fn(&Card) -> &VerifyingPair,
    ) -> Result<Result<Said<B>, Unsaid>, Fault> {
        let claimed = signed.dangerously_unverified::<B>();
        match claimed.ok().and_then(|claimed| claimed.head.signer.parse().ok()) {
            Some(node) => self.said_by(&node, signed, key),
            None => Ok(Err(Unsaid::False)),
        }
    }
}

/// Whether a statement says that it is signed with a key that the accepted card does not name, in that card's time: then a
/// later card may name it. Nothing is believed for that; it is only not called false yet.
fn is_of_a_later_card(held: &Card, claimed: &Head) -> bool {
    let known = [&held.root, &held.node_key, &held.label_key];
    claimed.at >= held.not_before && known.iter().all(|key| key.key_id() != claimed.key)
}
