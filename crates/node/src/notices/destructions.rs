//! A partner's words that an item of ours, or a copy of it, is destroyed there: kept as they were signed, by two people.
//!
//! *Absent:* any doubt in the deed. What is verified is who signed, and that it is about what was sent there.

use super::{Brought, Noting, head_of};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::act::Act;
use attache_accord::destruction::{Destruction, Unwitnessed};
use attache_accord::passage::Told;
use attache_accord::{Digest, DispatchId, NodeName, PersonId};
use attache_seal::papers::{Hop, Receipt};
use attache_seal::statement::Signed;
use std::ops::ControlFlow::{Break, Continue};
use std::sync::atomic::Ordering;

impl Office {
    /// Weighs one signature of a destruction that a partner's node brought.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn weigh_destruction(&self, brought: &Brought<'_>) -> Result<Noting, Fault> {
        let Brought { from, author, notice, inner, verifying, .. } = brought;
        let Ok(statement) = inner.open::<Destruction>(verifying, &self.expect(None)) else {
            return Ok(self.false_notice(from));
        };
        let (head, destruction) = (statement.head, statement.body);
        let Ok(signer) = head.signer.parse::<PersonId>() else { return Ok(self.false_notice(from)) };
        let is_passed_on = author != *from;
        let to = if is_passed_on { *from } else { &self.identity.node };
        if destruction.to.as_ref() != Some(to) || self.is_of_one_key(&destruction, &head.key)? {
            return Ok(self.false_notice(from));
        }
        let (what, digest) = (destruction.what, inner.digest());
        let is_there = match what.dispatch {
            Some(dispatch) if is_passed_on => self.was_passed(&what.item_digest, from, author, &dispatch)?,
            dispatch => {
                let view = self.view.read();
                view.sent_to(&what.item_digest, from).any(|sent| Some(sent.id) == dispatch)
            }
        };
        let view = self.view.read();
        if view.destructions.has(&what, &digest) {
            return Ok(Noting::Kept);
        }
        if !is_there {
            return Ok(Noting::Refused);
        }
        match view.destructions.admits(&destruction, &signer) {
            Ok(()) => {}
            Err(Unwitnessed::SamePerson) => {
                drop(view);
                return Ok(self.false_notice(from));
            }
            Err(_) => return Ok(Noting::Refused),
        }
        let act = Act::DestructionMirrored {
            destruction,
            signer,
            statement: digest,
            notice: notice.digest(),
            from: author.clone(),
        };
        let mut plan = Plan::new(&view, vec![act]);
        plan.paper(inner.to_bytes());
        plan.paper(notice.to_bytes());
        Ok(Noting::Keep(plan))
    }

    /// Whether that hub passed an own item on to the node `there` by that dispatch of its own, as that node's receipt says.
    fn was_passed(
        &self,
        item_digest: &Digest,
        hub: &NodeName,
        there: &NodeName,
        dispatch: &DispatchId,
    ) -> Result<bool, Fault> {
        let words: Vec<Digest> = {
            let view = self.view.read();
            let told = view.sent_to(item_digest, hub).flat_map(|sent| view.passages.told(&sent.id));
            let is_there = |told: &&Told| told.hop.recipient == *there && told.is_receipted();
            told.filter(is_there).map(|told| told.statement).collect()
        };
        for word in words {
            // The receipt came with it, and was verified then.
            let bytes = self.papers.cited(&word, "hub's word")?;
            let said = Signed::from_bytes(&bytes).and_then(|it| it.dangerously_unverified::<Hop>());
            let receipt = said.ok().and_then(|said| Signed::from_bytes(&said.body.receipt?).ok());
            let receipt = receipt.and_then(|receipt| receipt.dangerously_unverified::<Receipt>().ok());
            if receipt.is_some_and(|receipt| receipt.body.dispatch == *dispatch) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The notice in which another node brought this, where it is no word of our people: a certificate that goes on as it came.
    pub(super) fn notice_of_another(
        &self,
        statement: &Digest,
        signed: &Signed,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let Ok(said) = signed.dangerously_unverified::<Destruction>() else { return Ok(None) };
        let is_ours = {
            let view = self.view.read();
            let found = view.destructions.of(&said.body.what);
            found.is_none_or(|(first, _)| first.node.is_none())
        };
        if is_ours {
            return Ok(None);
        }
        // They are owed in the order in which they came. Of many, the next one stands behind the last, and is not looked for from the
        // beginning.
        let last = self.brought_on.load(Ordering::Relaxed);
        let mut found = self.certificate_from(statement, last)?;
        if found.is_none() && last > 0 {
            found = self.certificate_from(statement, 0)?;
        }
        let Some((index, notice)) = found else { return Ok(None) };
        self.brought_on.store(index, Ordering::Relaxed);
        self.papers.cited(&notice, "notice").map(Some)
    }

    /// Where a certificate that another node brought is recorded, from the entry `from` on, and the notice that brought it.
    fn certificate_from(&self, statement: &Digest, from: u64) -> Result<Option<(u64, Digest)>, Fault> {
        self.papers.look_through(from, |index, entry| {
            Ok(match &entry.act {
                Act::DestructionMirrored { statement: mirrored, notice, .. } if mirrored == statement => {
                    Break((index, *notice))
                }
                _ => Continue(()),
            })
        })
    }

    /// Whether the statement before was signed with this very key: two names of one person.
    fn is_of_one_key(
        &self,
        destruction: &Destruction,
        key: &attache_seal::pair::KeyId,
    ) -> Result<bool, Fault> {
        let Some(first) = &destruction.first else { return Ok(false) };
        let Some(bytes) = self.papers.get(first)? else { return Ok(false) };
        let first = Signed::from_bytes(&bytes).and_then(|first| head_of(&first));
        Ok(first.is_ok_and(|head| head.key == *key))
    }
}
