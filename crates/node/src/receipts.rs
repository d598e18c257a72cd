//! Receipts: signed by the node for what a desk officer admitted, over the entry's leaf hash and index; and kept, once
//! verified, by the node that sent.
//!
//! *Absent:* the proof of inclusion, which follows with a published checkpoint: see `promises`.

use crate::abroad::Unsaid;
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::{Office, commitment};
use crate::succession::Stands;
use attache_accord::act::Act;
use attache_accord::dispatch::{Dispatch, Given, Progress};
use attache_accord::{Digest, DispatchId, NodeName, Timestamp};
use attache_seal::papers::{Outcome, Receipt};
use attache_seal::statement::Signed;

/// What a receipt that came leads to.
pub enum Weighing {
    /// It closes the dispatch: to be recorded.
    Keep(Plan),
    /// The same was kept before.
    Kept,
    /// It is no receipt for what was sent: a breach, to be recorded.
    False(Plan),
    /// It says that it is signed under a card that is not accepted here yet. It is brought again.
    OtherCard,
    /// Its leaf is in a log under whose name the partner's is not followed here yet. It is brought again.
    OtherLog,
}

/// Code of the breach that a false receipt is.
pub const FALSE_RECEIPT: &str = "B-001";

impl Office {
    /// Signs the receipt of an admitted dispatch.
    ///
    /// # Errors
    /// [`Fault`] when the entry cannot be read or signing fails.
    pub fn receipt(&self, dispatch: &DispatchId, given: &Given, now: Timestamp) -> Result<Plan, Fault> {
        let (_, index) = given.admitted.ok_or(Fault::Missing("admission"))?;
        let (number, own_level, origin) = {
            let view = self.view.read();
            let number = view.register.number_of(dispatch).map(str::to_owned);
            let item = given.admitted.and_then(|(item, _)| view.items.get(&item));
            let origin = view.passages.came(dispatch).map(|came| came.package);
            // Where all share through one, the originator learns by it how others mark its item.
            let own_level = self.pack.terms().hub.and_then(|_| item?.own_level().cloned());
            (number, own_level, origin)
        };
        let (register_commitment, paper) =
            commitment(vec![number.ok_or(Fault::Missing("register number"))?])?;
        let receipt = Receipt {
            dispatch: *dispatch,
            package: given.package,
            register_commitment,
            outcome: Outcome::Admitted,
            leaf_hash: self.papers.logged(index)?.leaf_hash(),
            leaf_index: index,
            log_origin: self.own_origin_at(index)?,
            proof_due: now.plus_hours(self.pack.terms().proof_due_hours),
            admission: given.admission,
            own_level,
            origin,
        };
        let signed = self.say(&self.keys.node, now, receipt)?;
        let act = Act::ReceiptOwed { dispatch: *dispatch, receipt: signed.digest() };
        let mut plan = Plan::new(&self.view.read(), vec![act]);
        plan.paper(signed.to_bytes());
        plan.papers.push((register_commitment, paper));
        Ok(plan)
    }

    /// Of what is passed on, the originator's package, which the recipient's receipt names.
    fn package_behind(&self, sent: &Dispatch) -> Option<Digest> {
        let view = self.view.read();
        let onward = view.passages.onward(&sent.case)?;
        view.dispatches.given(&onward.origin).map(|given| given.package)
    }

    /// Weighs a receipt for `dispatch` from the authenticated node `from`.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn weigh_receipt(
        &self,
        from: &NodeName,
        dispatch: &DispatchId,
        bytes: &[u8],
    ) -> Result<Weighing, Fault> {
        let view = self.view.read();
        let sent = view.dispatches.sent(dispatch).filter(|sent| sent.recipient == *from).cloned();
        let letter = view.letters.get(dispatch).cloned();
        drop(view);
        if let Some(letter) = letter {
            return self.weigh_hop_receipt(from, &letter, bytes);
        }
        let breach = || {
            // A dispatch that is not this partner's is not named: the record is about what the partner did.
            let dispatch = sent.as_ref().map(|sent| sent.id);
            let act = Act::BreachRecorded { node: from.clone(), code: FALSE_RECEIPT.to_owned(), dispatch };
            Ok(Weighing::False(Plan::new(&self.view.read(), vec![act])))
        };
        let (Some(sent), Some(held)) = (&sent, self.card_of(from)?) else { return breach() };
        let Ok(signed) = Signed::from_bytes(bytes) else { return breach() };
        if let Progress::Receipted { receipt, .. } = &sent.progress {
            // Closed by one receipt; another for the same dispatch is false.
            if *receipt == signed.digest() {
                return Ok(Weighing::Kept);
            }
            // Unless its node lost the entry since, and admitted the package anew.
            if !self.is_lost(from, &held, receipt)? {
                return breach();
            }
        }
        let (statement, card) = match self.said_by::<Receipt>(from, &signed, |card| &card.node_key)? {
            Ok(said) => said,
            Err(Unsaid::OtherCard) => return Ok(Weighing::OtherCard),
            Err(Unsaid::False) => return breach(),
        };
        let receipt = statement.body;
        let is_for_it = receipt.dispatch == *dispatch
            && receipt.package == sent.package
            && receipt.origin == self.package_behind(sent);
        if !is_for_it {
            return breach();
        }
        match self.stands(from, &card, &receipt.log_origin, receipt.leaf_index) {
            Stands::Here => {}
            Stands::Later => return Ok(Weighing::OtherLog),
            Stands::Nowhere => return breach(),
        }
        let act = Act::ReceiptKept {
            dispatch: *dispatch,
            receipt: signed.digest(),
            admitted: receipt.outcome == Outcome::Admitted,
            proof_due: receipt.proof_due,
        };
        let mut plan = Plan::new(&self.view.read(), vec![act]);
        plan.paper(signed.to_bytes());
        Ok(Weighing::Keep(plan))
    }
}
