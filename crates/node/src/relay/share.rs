//! The share of a key that a blind hub keeps, where the agreement's terms have it keep one: how it gets to the hub beside a letter, and
//! what the hub answers when the letter's recipient is to open what is in it.
//!
//! *Absent:* the item. To the hub the letter is what is opened: its number stands where an originator has the dispatch, and the digest of
//! its sealed bytes where an originator has the item's.

use super::Way;
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use crate::stocktaking::manifest_under;
use attache_accord::act::{Act, LETTER_DECISIONS};
use attache_accord::control::Opening;
use attache_accord::letters::{Letter, Matter};
use attache_accord::{Digest, ItemId, NodeName, Timestamp};
use attache_seal::kem::KemPublic;
use attache_seal::papers::{self, OpeningAnswer};
use attache_seal::statement::Statement;

impl Office {
    /// Whether what goes between this node and `node` opens with a share that a hub keeps.
    pub(crate) fn has_hub_share(&self, node: &NodeName) -> bool {
        self.pack.terms().hub_share_days.is_some() && self.way_to(node) != Way::Direct
    }

    /// The hub that keeps a share of what goes to `to`, and the key for which that is wrapped; none where no hub keeps one.
    pub(crate) fn share_keeper(
        &self,
        to: &NodeName,
        now: Timestamp,
    ) -> Result<Option<(NodeName, KemPublic)>, Fault> {
        if !self.has_hub_share(to) {
            return Ok(None);
        }
        let Way::By(hub) = self.way_to(to) else { return Err(Fault::Missing("hub's card")) };
        let key = self.key_of_partner(&hub, now)?.ok_or(Fault::Missing("hub's card in force"))?;
        Ok(Some((hub, key)))
    }

    /// The key of a partner's card, where that is in force.
    pub(crate) fn key_of_partner(&self, node: &NodeName, now: Timestamp) -> Result<Option<KemPublic>, Fault> {
        let Some(card) = self.card_of(node)?.filter(|card| card.in_force(now)) else { return Ok(None) };
        let key = KemPublic::from_spki_der(&card.kem_key).map_err(|_| Fault::Altered("partner's card"))?;
        Ok(Some(key))
    }

    /// What a letter about `matter` has beside it for the hub `via`: the share of its package, or one that opens nothing.
    pub(super) fn share_for_hub(
        &self,
        via: &NodeName,
        matter: &Matter,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, Fault> {
        if self.pack.terms().hub_share_days.is_none() {
            return Ok(None);
        }
        if let Matter::Package(dispatch) = matter {
            let sent = self.view.read().dispatches.sent(dispatch).map(|sent| sent.manifest);
            let manifest = manifest_under(&self.papers, &sent.ok_or(Fault::Missing("dispatch"))?)?;
            if let Some(share) = manifest.hub_share() {
                return Ok(Some(share.wrapped_key_bytes().map_err(|_| Fault::Altered("wrapped key"))?));
            }
            // It is of the time before the term. Its recipient's node declines it, so that it is closed and its people are told.
            tracing::warn!(%dispatch, "a package that was made before its hub was to keep a share of its key goes without one, and is declined");
        }
        let hub = self.key_of_partner(via, now)?.ok_or(Fault::Missing("hub's card in force"))?;
        Ok(Some(self.custodian.empty_share(&hub, now)?))
    }

    /// Puts the share that came beside a letter into the record of a letter that is to be given on.
    pub(super) fn keep_hub_share(&self, share: Option<Vec<u8>>, plan: &mut Plan) {
        let Some(share) = share.filter(|_| self.pack.terms().hub_share_days.is_some()) else { return };
        let taken = plan.acts.iter_mut().find_map(|act| match act {
            Act::LetterTaken { next: Some(_), share, .. } => Some(share),
            _ => None,
        });
        if let Some(kept) = taken {
            *kept = Some(attache_seal::digest::sha256(&[&share]));
            plan.paper(share);
        }
    }

    /// The answer of this hub to a verified request of `from` about a letter, as far as there is such a letter: request and answer in
    /// one append, which stands only while its people do not stop the letter meanwhile.
    pub(crate) fn answer_of_hub(
        &self,
        from: &NodeName,
        request: &Digest,
        statement: &Statement<papers::Opening>,
        now: Timestamp,
    ) -> Result<Option<Plan>, Fault> {
        let asked = &statement.body;
        let view = self.view.read();
        let is_it = |letter: &&Letter| letter.outer_digest == asked.item_digest;
        let terms = self.pack.terms();
        let refused = match view.unopened(terms, &asked.dispatch, from, now) {
            Ok(refused) if view.letters.get(&asked.dispatch).is_some_and(|it| is_it(&it)) => refused,
            Ok(_) | Err(_) => return Ok(None),
        };
        // As the rule saw it: a stop that comes while this is signed is seen by it.
        let decisions = view.version(LETTER_DECISIONS);
        drop(view);
        let body = OpeningAnswer { request: *request, refused, until: asked.until };
        let answer = self.say(&self.keys.node, now, body)?;
        let acts = vec![
            Act::OpeningReceived {
                request: *request,
                item: ItemId(asked.dispatch.0),
                dispatch: asked.dispatch,
                from: from.clone(),
                person: asked.person.clone(),
                until: asked.until,
                under: None,
            },
            Act::OpeningDecided {
                request: *request,
                answer: answer.digest(),
                refused,
                decision: None,
                by: None,
                to: from.clone(),
            },
        ];
        let mut plan = Plan::new(&self.view.read(), acts);
        plan.expect.push((LETTER_DECISIONS.to_owned(), decisions));
        plan.paper(answer.to_bytes());
        Ok(Some(plan))
    }

    /// The share of this hub for an opening that it let be, under the key of the node that asked; `None` where custody is stricter now.
    pub(crate) fn lend_of_letter(&self, asked: &Opening, now: Timestamp) -> Result<Option<Vec<u8>>, Fault> {
        let share = self.view.read().letters.get(&asked.dispatch).and_then(|letter| letter.share);
        let share = share.ok_or(Fault::Missing("hub's share of a key"))?;
        let Some(wrapped) = self.papers.get(&share)? else { return Ok(None) };
        let Some(recipient) = self.key_of_partner(&asked.node, now)? else { return Ok(None) };
        let to = (&recipient, &asked.node);
        match self.custodian.lend_of_letter(&asked.request, to, &wrapped, now) {
            Ok(share) => Ok(Some(share)),
            Err(denied) => {
                let (to, letter) = (&asked.node, &asked.dispatch);
                tracing::warn!(%to, %letter, %denied, "custody lends no share for an opening that this hub let be");
                Ok(None)
            }
        }
    }
}
