//! Release cases and dispatches as folds: what was asked, what was decided, what is owed to whom.
//!
//! "Owed" is the whole outbox: after a crash the node folds its journal and carries on with what is owed.
//!
//! *Absent:* sending. That is `node::sender`.

mod promises;

pub use promises::{PROMISE_BROKEN, Promise};

use crate::act::{Act, Answer};
use crate::id::{CaseId, Digest, DispatchId, ItemId};
use crate::letters::HOP_REFUSED;
use crate::oversight::admitting;
use crate::party::{NodeName, PersonId};
use crate::passage::PASSAGE_OVERDUE;
use crate::ruling::Action;
use crate::shelf::{Rack, Shelf};
use crate::time::Timestamp;
use crate::view::{Ask, Asked};
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;

/// Code of the incident that an overdue receipt is.
pub const RECEIPT_OVERDUE: &str = "I-001";

/// Code of the incident that it is when a partner's log lost entries, once and for each dispatch of which it lost something.
pub const LOG_LOST: &str = "I-012";

/// Where a release case stands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum CaseState {
    /// Asked for; waits for a second person.
    #[n(0)]
    Requested,
    /// Refused by the second person.
    #[n(1)]
    Refused,
    /// Approved; the package is owed.
    #[n(2)]
    Approved,
    /// The package was made.
    #[n(3)]
    Dispatched(#[n(0)] DispatchId),
    /// No package is made any more, by this rule.
    #[n(4)]
    Closed(#[n(0)] String),
}

/// One release case.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Case {
    /// Its id.
    #[n(0)]
    pub id: CaseId,
    /// The item.
    #[n(1)]
    pub item: ItemId,
    /// The node to receive it.
    #[n(2)]
    pub recipient: NodeName,
    /// Digest of the signed request.
    #[n(3)]
    pub request: Digest,
    /// Who asked.
    #[n(4)]
    pub requester: PersonId,
    /// When it was asked.
    #[n(5)]
    pub requested_at: Timestamp,
    /// Reviews so far: who, and the digest of the signed review.
    #[n(6)]
    pub reviews: Vec<(PersonId, Digest)>,
    /// The decision: who, and the digest of the signed decision.
    #[n(7)]
    pub decision: Option<(PersonId, Digest)>,
    /// Index of the entry that granted the release.
    #[n(8)]
    pub ruling_index: Option<u64>,
    /// Where it stands.
    #[n(9)]
    pub state: CaseState,
    /// The article of that ruling; empty before it.
    #[n(10)]
    pub article: String,
}

/// Where a dispatch stands at the sender.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Progress {
    /// To be sent.
    #[n(0)]
    Owed,
    /// Stored by the partner; waits for the receipt.
    #[n(1)]
    Stored,
    /// Declined by the partner with a code.
    #[n(2)]
    Declined(#[n(0)] String),
    /// Closed by a verified receipt.
    #[n(3)]
    Receipted {
        /// Digest of the signed receipt.
        #[n(0)]
        receipt: Digest,
        /// When inclusion in the partner's log is to be proved.
        #[n(1)]
        proof_due: Timestamp,
    },
}

/// One dispatch, at the sender.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Dispatch {
    /// Its id, the same at both ends.
    #[n(0)]
    pub id: DispatchId,
    /// Its case.
    #[n(1)]
    pub case: CaseId,
    /// The item.
    #[n(2)]
    pub item: ItemId,
    /// The node to receive it.
    #[n(3)]
    pub recipient: NodeName,
    /// Digest of the signed package statement.
    #[n(4)]
    pub package: Digest,
    /// Digest of the manifest made for the recipient.
    #[n(5)]
    pub manifest: Digest,
    /// When the receipt is due.
    #[n(6)]
    pub due: Timestamp,
    /// Where it stands.
    #[n(7)]
    pub progress: Progress,
    /// Whether lateness was already raised as an incident.
    #[n(8)]
    pub incident: bool,
    /// Whether its receipt's leaf was proved to be in the partner's log.
    #[n(9)]
    pub promise: Promise,
    /// Whether the last ruling on record says that it may not leave: then it stays owed and is not offered.
    #[n(10)]
    pub is_barred: bool,
}

/// A receipt that this node gave, at the receiver.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Given {
    /// The package it answers.
    #[n(0)]
    pub package: Digest,
    /// Who sent the package.
    #[n(1)]
    pub to: NodeName,
    /// The item and index of the admission entry, once admitted.
    #[n(2)]
    pub admitted: Option<(ItemId, u64)>,
    /// Digest of the officer's signed admission.
    #[n(3)]
    pub admission: Option<Digest>,
    /// Digest of the signed receipt, once signed.
    #[n(4)]
    pub receipt: Option<Digest>,
    /// Whether the sender has kept it.
    #[n(5)]
    pub delivered: bool,
    /// Whether the sender has kept the proof that its leaf is in this node's log.
    #[n(6)]
    pub is_proved: bool,
    /// The article of the ruling that granted the admission; empty before it.
    #[n(7)]
    pub article: String,
}

/// Cases, dispatches and receipts of one node.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(context_bound = "Rack")]
pub struct Dispatches {
    #[n(0)]
    cases: Shelf<CaseId, Case>,
    #[n(1)]
    out: Shelf<DispatchId, Dispatch>,
    #[n(2)]
    given: Shelf<DispatchId, Given>,
    #[n(3)]
    approved: BTreeSet<CaseId>,
    #[n(4)]
    unreceipted: BTreeSet<DispatchId>,
    #[n(5)]
    to_send: BTreeSet<DispatchId>,
    #[n(6)]
    to_sign: BTreeSet<DispatchId>,
    #[n(7)]
    to_deliver: BTreeSet<DispatchId>,
    /// Receipted here, the proof not here.
    #[n(8)]
    promised: BTreeSet<DispatchId>,
    /// Delivered, and still to be proved.
    #[n(9)]
    to_prove: BTreeSet<DispatchId>,
    #[n(10)]
    declined: u64,
    #[n(11)]
    receipted: u64,
    /// The cases about each item.
    #[n(12)]
    by_item: Shelf<ItemId, Vec<CaseId>>,
    /// Sent, and lost there, by the word of the partner whose log lost it.
    #[n(13)]
    lost: BTreeSet<DispatchId>,
}

impl Dispatches {
    /// Folds the act of entry `index`, done at `at`.
    pub fn apply(&mut self, index: u64, at: Timestamp, act: &Act) {
        self.apply_promise(at, act);
        match act {
            Act::ReleaseRequested { case, item, recipient, request, by } => {
                let asked = Case {
                    id: *case,
                    item: *item,
                    recipient: recipient.clone(),
                    request: *request,
                    requester: by.clone(),
                    requested_at: at,
                    reviews: Vec::new(),
                    decision: None,
                    ruling_index: None,
                    state: CaseState::Requested,
                    article: String::new(),
                };
                if self.cases.insert_new(*case, asked) {
                    self.by_item.change(*item, |cases| cases.push(*case));
                }
            }
            Act::ReleaseReviewed { case, review, by } => {
                if let Some(found) = self.cases.get_mut(case) {
                    found.reviews.push((by.clone(), *review));
                }
            }
            Act::Ruled { ruling, case: Some(case), .. }
                if ruling.action == Action::Release && ruling.granted =>
            {
                // What comes behind the package changes nothing about how that was permitted.
                let is_open = |found: &&mut Case| !matches!(found.state, CaseState::Dispatched(_));
                if let Some(found) = self.cases.get_mut(case).filter(is_open) {
                    found.ruling_index = Some(index);
                    ruling.article().clone_into(&mut found.article);
                }
            }
            Act::Ruled { ruling, asked: Some(Asked { ask: Ask::Dispatch { dispatch }, .. }), .. } => {
                if let Some(found) = self.out.get_mut(dispatch) {
                    found.is_barred = !ruling.granted;
                }
            }
            Act::ReleaseDecided { case, answer, decision, by } => {
                self.decide(case, *answer, (by.clone(), *decision));
            }
            Act::CaseClosed { case, code } => {
                if let Some(found) = self.cases.get_mut(case).filter(|_| self.approved.remove(case)) {
                    found.state = CaseState::Closed(code.clone());
                }
            }
            Act::DispatchOwed { .. } => self.owe(act),
            Act::DispatchStored { dispatch } => self.advance(dispatch, Progress::Stored),
            Act::DispatchDeclined { dispatch, code } => {
                self.advance(dispatch, Progress::Declined(code.clone()))
            }
            Act::ReceiptKept { dispatch, receipt, proof_due, .. } => {
                self.advance(dispatch, Progress::Receipted { receipt: *receipt, proof_due: *proof_due });
            }
            Act::IncidentRaised { code, dispatch: Some(dispatch) } => {
                if code == LOG_LOST && self.out.contains_key(dispatch) {
                    self.lost.insert(*dispatch);
                }
                // A letter in vain may be followed by another.
                let is_late = ![PROMISE_BROKEN, PASSAGE_OVERDUE, HOP_REFUSED].contains(&code.as_str());
                if let Some(found) = self.out.get_mut(dispatch).filter(|_| is_late) {
                    found.incident = true;
                }
            }
            _ => self.apply_incoming(index, act),
        }
    }

    fn decide(&mut self, case: &CaseId, answer: Answer, decision: (PersonId, Digest)) {
        // Decided once: a later decision neither reopens a refusal nor owes a second package.
        let Some(found) = self.cases.get_mut(case).filter(|c| c.state == CaseState::Requested) else {
            return;
        };
        found.decision = Some(decision);
        found.state = match answer {
            Answer::Approve => CaseState::Approved,
            Answer::Refuse => CaseState::Refused,
        };
        if answer == Answer::Approve {
            self.approved.insert(*case);
        }
    }

    fn owe(&mut self, act: &Act) {
        let Act::DispatchOwed { dispatch, case, item, recipient, package, manifest, due } = act else {
            return;
        };
        // Nothing is owed without an approval, and an approval owes one package.
        if self.out.contains_key(dispatch) || !self.approved.remove(case) {
            return;
        }
        let owed = Dispatch {
            id: *dispatch,
            case: *case,
            item: *item,
            recipient: recipient.clone(),
            package: *package,
            manifest: *manifest,
            due: *due,
            progress: Progress::Owed,
            incident: false,
            promise: Promise::Waits,
            is_barred: false,
        };
        self.out.insert(*dispatch, owed);
        self.to_send.insert(*dispatch);
        self.unreceipted.insert(*dispatch);
        if let Some(found) = self.cases.get_mut(case) {
            found.state = CaseState::Dispatched(*dispatch);
        }
    }

    fn advance(&mut self, dispatch: &DispatchId, progress: Progress) {
        let Some(found) = self.out.get_mut(dispatch) else { return };
        // A late "stored" or "declined" never reopens what a receipt closed, nor "stored" what was declined.
        let closed = matches!(found.progress, Progress::Receipted { .. });
        let declined = matches!(found.progress, Progress::Declined(_)) && progress == Progress::Stored;
        if closed || declined {
            return;
        }
        self.to_send.remove(dispatch);
        if matches!(progress, Progress::Receipted { .. } | Progress::Declined(_)) {
            self.unreceipted.remove(dispatch);
        }
        if matches!(progress, Progress::Receipted { .. }) {
            self.promised.insert(*dispatch);
        }
        // Counted here, since whoever counts them all would wake all that rests.
        self.declined -= u64::from(matches!(found.progress, Progress::Declined(_)));
        self.declined += u64::from(matches!(progress, Progress::Declined(_)));
        self.receipted += u64::from(matches!(progress, Progress::Receipted { .. }));
        found.progress = progress;
    }

    /// Another receipt takes the place of the one that a dispatch has, for its node lost the entry behind that.
    pub(crate) fn open_again(&mut self, dispatch: &DispatchId) {
        self.reopen(dispatch, Progress::Stored);
    }

    /// What `node` had receipted and lost is sent again, except where the item `is_gone` here.
    pub(crate) fn bring_again(&mut self, node: &NodeName, is_gone: impl Fn(&ItemId) -> bool) {
        let sent = self.lost.iter().filter_map(|id| self.out.get(id)).filter(|sent| sent.recipient == *node);
        let sent: Vec<_> = sent.map(|sent| (sent.id, sent.item)).collect();
        for (dispatch, item) in sent {
            self.lost.remove(&dispatch);
            if !is_gone(&item) {
                self.reopen(&dispatch, Progress::Owed);
            }
        }
    }

    fn reopen(&mut self, dispatch: &DispatchId, progress: Progress) {
        let Some(found) = self.out.get_mut(dispatch) else { return };
        if !matches!(found.progress, Progress::Receipted { .. }) {
            return;
        }
        if progress == Progress::Owed {
            self.to_send.insert(*dispatch);
        }
        self.unreceipted.insert(*dispatch);
        self.promised.remove(dispatch);
        self.receipted -= 1;
        (found.progress, found.promise) = (progress, Promise::Waits);
    }

    fn apply_incoming(&mut self, index: u64, act: &Act) {
        match act {
            Act::ArrivalVerified { dispatch, from, package, .. } => {
                let given = Given {
                    package: *package,
                    to: from.clone(),
                    admitted: None,
                    admission: None,
                    receipt: None,
                    delivered: false,
                    is_proved: false,
                    article: String::new(),
                };
                self.given.insert_new(*dispatch, given);
            }
            Act::Ruled { .. } => {
                if let Some((dispatch, ruling)) = admitting(act)
                    && let Some(found) = self.given.get_mut(dispatch).filter(|g| g.admitted.is_none())
                {
                    ruling.article().clone_into(&mut found.article);
                }
            }
            Act::Admitted { dispatch, item, admission, .. } => {
                // Once in the register, however often the package came.
                if let Some(found) = self.given.get_mut(dispatch).filter(|g| g.admitted.is_none()) {
                    found.admitted = Some((*item, index));
                    found.admission = Some(*admission);
                    self.to_sign.insert(*dispatch);
                }
            }
            Act::ReceiptOwed { dispatch, receipt } => {
                // A resend gets the same receipt.
                if let Some(found) = self.given.get_mut(dispatch).filter(|g| g.receipt.is_none()) {
                    found.receipt = Some(*receipt);
                    self.to_sign.remove(dispatch);
                    self.to_deliver.insert(*dispatch);
                }
            }
            Act::ReceiptDelivered { dispatch } => {
                if let Some(found) = self.given.get_mut(dispatch).filter(|g| g.receipt.is_some()) {
                    // Told again after the proof, it promises nothing new.
                    if !std::mem::replace(&mut found.delivered, true) {
                        self.to_prove.insert(*dispatch);
                    }
                    self.to_deliver.remove(dispatch);
                }
            }
            _ => {}
        }
    }

    /// One case.
    pub fn case(&self, id: &CaseId) -> Option<&Case> {
        self.cases.get(id)
    }

    /// All cases.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    /// The cases about an item.
    pub fn cases_of(&self, item: &ItemId) -> impl Iterator<Item = &Case> {
        let ids = self.by_item.get(item).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.cases.get(id))
    }

    /// The dispatches of an item.
    pub fn sent_of(&self, item: &ItemId) -> impl Iterator<Item = &Dispatch> {
        self.cases_of(item).filter_map(|case| match &case.state {
            CaseState::Dispatched(dispatch) => self.out.get(dispatch),
            _ => None,
        })
    }

    /// One dispatch that this node sent.
    pub fn sent(&self, id: &DispatchId) -> Option<&Dispatch> {
        self.out.get(id)
    }

    /// Whether a receipt closed a dispatch that this node sent.
    pub fn is_receipted(&self, id: &DispatchId) -> bool {
        self.out.get(id).is_some_and(|sent| matches!(sent.progress, Progress::Receipted { .. }))
    }

    /// All dispatches that this node sent.
    pub fn all_sent(&self) -> impl Iterator<Item = &Dispatch> {
        self.out.values()
    }

    /// What this node gave, or will give, for an arrival.
    pub fn given(&self, id: &DispatchId) -> Option<&Given> {
        self.given.get(id)
    }

    /// All arrivals with what was given for them.
    pub fn all_given(&self) -> impl Iterator<Item = (&DispatchId, &Given)> {
        self.given.iter()
    }

    /// Cases approved whose package is still to be made.
    pub fn packages_owed(&self) -> impl Iterator<Item = &Case> {
        self.approved.iter().filter_map(|id| self.cases.get(id))
    }

    /// Dispatches still to be sent to `node`.
    pub fn owed_to<'a>(&'a self, node: &'a NodeName) -> impl Iterator<Item = &'a Dispatch> {
        self.to_send.iter().filter_map(|id| self.out.get(id)).filter(move |d| d.recipient == *node)
    }

    /// Admissions whose receipt is still to be signed.
    pub fn receipts_to_sign(&self) -> impl Iterator<Item = (&DispatchId, &Given)> {
        self.to_sign.iter().filter_map(|id| self.given.get_key_value(id))
    }

    /// Receipts still to be delivered to `node`.
    pub fn receipts_owed_to<'a>(
        &'a self,
        node: &'a NodeName,
    ) -> impl Iterator<Item = (&'a DispatchId, &'a Given)> {
        self.to_deliver
            .iter()
            .filter_map(|id| self.given.get_key_value(id))
            .filter(move |(_, g)| g.to == *node)
    }

    /// Dispatches without a receipt whose due time has passed.
    pub fn late(&self, now: Timestamp) -> impl Iterator<Item = &Dispatch> {
        self.unreceipted.iter().filter_map(|id| self.out.get(id)).filter(move |sent| sent.due <= now)
    }

    /// Those which no incident names yet.
    pub fn overdue(&self, now: Timestamp) -> impl Iterator<Item = &Dispatch> {
        self.late(now).filter(|sent| !sent.incident)
    }

    /// How many dispatches are to be sent, are stored by the partner, were declined, and are closed by a receipt.
    pub fn counts(&self) -> [u64; 4] {
        let (open, owed) = (self.unreceipted.len() as u64, self.to_send.len() as u64);
        [owed, open.saturating_sub(owed), self.declined, self.receipted]
    }
}
