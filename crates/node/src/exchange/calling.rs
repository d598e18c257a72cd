//! The end that dialled: it offers the dispatches and brings the receipts that it owes to this partner.
//!
//! *Absent:* the choice of what is owed, which the folds make.

use super::{Conduct, Errand, Part, Then, at_length};
use crate::coming::MAX_GATHERED_BYTES;
use crate::fault::Fault;
use crate::packing::Outgoing;
use crate::receipts::Weighing;
use attache_accord::act::Act;
use attache_accord::dispatch::{Dispatch, Progress};
use attache_accord::{Digest, DispatchId, Timestamp};
use attache_courier::frame::Offer;
use attache_courier::{Calling, Code, Event, Misuse};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a partner could not take now is offered again after so long, in milliseconds.
const AGAIN_MILLIS: u64 = 60_000;

/// What the calling end remembers of one connection.
#[derive(Default)]
pub struct Called {
    offered: BTreeMap<DispatchId, Outgoing>,
    brought: BTreeSet<DispatchId>,
    /// Not to be offered or brought again before that time.
    held_back: BTreeMap<DispatchId, Timestamp>,
    /// The same, the earliest first, so that what is over is found without a look at all the others.
    held_until: VecDeque<(Timestamp, DispatchId)>,
}

impl Called {
    /// The partner has answered for good on this connection. Until the record of it is durable the dispatch or receipt still
    /// counts as owed, and without the pause it would go out once more at every stir.
    fn answered(&mut self, dispatch: DispatchId, now: Timestamp) {
        self.offered.remove(&dispatch);
        self.brought.remove(&dispatch);
        let until = now.plus_millis(AGAIN_MILLIS);
        self.held_back.insert(dispatch, until);
        self.held_until.push_back((until, dispatch));
    }

    /// Lets go of what was held back long enough.
    fn release(&mut self, now: Timestamp) {
        while let Some((until, dispatch)) = self.held_until.pop_front_if(|(until, _)| *until <= now) {
            // Held back anew meanwhile, it stays.
            if self.held_back.get(&dispatch) == Some(&until) {
                self.held_back.remove(&dispatch);
            }
        }
    }
}

impl Part for Calling {
    type State = Called;

    fn event(conduct: &mut Conduct<Self>, event: Event<'_>, now: Timestamp) -> Result<(), Fault> {
        match event {
            Event::Stored { dispatch } | Event::Held { dispatch } => {
                conduct.part.answered(dispatch, now);
                conduct.stored_there(dispatch);
            }
            Event::Receipted { dispatch, receipt } => {
                conduct.part.answered(dispatch, now);
                match conduct.office.weigh_receipt(&conduct.peer, &dispatch, &receipt)? {
                    Weighing::Keep(plan) | Weighing::False(plan) => {
                        conduct.errands.push_back(Errand { plan, then: Then::Recorded });
                    }
                    Weighing::Kept => {}
                    Weighing::OtherCard => conduct.other_card(dispatch),
                }
            }
            Event::Declined { dispatch, code } => conduct.declined(dispatch, code, now),
            Event::ReceiptKept { dispatch } => {
                conduct.part.answered(dispatch, now);
                conduct.record(vec![Act::ReceiptDelivered { dispatch }]);
            }
            // Accepted needs nothing: the session asks for the bytes.
            _ => {}
        }
        Ok(())
    }

    fn bring(conduct: &mut Conduct<Self>, now: Timestamp) -> Result<(), Fault> {
        conduct.part.release(now);
        conduct.bring_receipts(now)?;
        if conduct.session.bar().is_none() { conduct.offer(now) } else { Ok(()) }
    }

    fn stored(_: &mut Conduct<Self>, _: DispatchId) {}

    fn feed(conduct: &mut Conduct<Self>, now: Timestamp) -> Result<(), Fault> {
        while let Some(want) = conduct.session.wants() {
            let Some(outgoing) = conduct.part.offered.get(&want.dispatch) else {
                return Err(Fault::Missing("container of an accepted offer"));
            };
            let is_long = conduct.is_awaited && outgoing.is_large();
            let read = at_length(is_long, || outgoing.read_at(want.offset, want.max));
            let bytes = read.map_err(|_| Fault::Missing("sealed item"))?;
            conduct.session.feed(want.dispatch, bytes, now).map_err(|_| Fault::Encoding)?;
        }
        Ok(())
    }
}

impl Conduct<Calling> {
    fn bring_receipts(&mut self, now: Timestamp) -> Result<(), Fault> {
        for (dispatch, receipt) in self.receipts_owed() {
            if !self.session.has_room() {
                return Ok(());
            }
            let bytes = self.office.papers.cited(&receipt, "receipt")?;
            self.session.receipt(dispatch, bytes, now).map_err(|_| Fault::Encoding)?;
            self.part.brought.insert(dispatch);
        }
        Ok(())
    }

    fn receipts_owed(&self) -> Vec<(DispatchId, Digest)> {
        let view = self.office.view.read();
        let owed = view.dispatches.receipts_owed_to(&self.peer);
        owed.filter(|(id, _)| !self.part.brought.contains(id) && !self.part.held_back.contains_key(id))
            .filter_map(|(id, given)| Some((*id, given.receipt?)))
            .collect()
    }

    fn offer(&mut self, now: Timestamp) -> Result<(), Fault> {
        for dispatch in self.dispatches_owed() {
            if !self.session.has_room() {
                return Ok(());
            }
            let size = self.office.view.read().items.get(&dispatch.item).map_or(0, |item| item.size);
            let is_long = self.is_awaited && size > MAX_GATHERED_BYTES;
            let outgoing = at_length(is_long, || self.office.outgoing(&dispatch))?;
            let offer = Offer {
                dispatch: dispatch.id,
                package: self.office.papers.cited(&dispatch.package, "package")?,
                package_digest: dispatch.package,
                size: outgoing.container_bytes(),
                due: dispatch.due,
            };
            match self.session.offer(offer, now) {
                Ok(()) => {
                    self.part.offered.insert(dispatch.id, outgoing);
                }
                // The same id is open for its receipt; its turn comes.
                Err(Misuse::AlreadyOpen(_)) => {}
                Err(_) => return Err(Fault::Encoding),
            }
        }
        Ok(())
    }

    fn dispatches_owed(&self) -> Vec<Dispatch> {
        let view = self.office.view.read();
        let owed = view.dispatches.owed_to(&self.peer);
        owed.filter(|d| !self.part.offered.contains_key(&d.id) && !self.part.held_back.contains_key(&d.id))
            .cloned()
            .collect()
    }

    fn stored_there(&mut self, dispatch: DispatchId) {
        let progress = self.office.view.read().dispatches.sent(&dispatch).map(|sent| sent.progress.clone());
        if progress == Some(Progress::Owed) {
            self.record(vec![Act::DispatchStored { dispatch }]);
        }
    }

    fn declined(&mut self, dispatch: DispatchId, code: Code, now: Timestamp) {
        let was_offered = self.part.offered.contains_key(&dispatch);
        self.part.answered(dispatch, now);
        tracing::warn!(peer = %self.peer, %dispatch, %code, "the partner declined");
        if was_offered && !code.row().again {
            self.record(vec![Act::DispatchDeclined { dispatch, code: code.to_string() }]);
        }
    }
}
