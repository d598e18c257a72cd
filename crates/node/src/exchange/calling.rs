//! The end that dialled: it brings the instruments, receipts and proofs and offers the dispatches that it owes to this partner.
//!
//! *Absent:* the choice of what is owed, which the folds make.

use super::again::Again;
use super::asking::Asking;
use super::{Conduct, Errand, Part, Then, at_length};
use crate::coming::MAX_GATHERED_BYTES;
use crate::desk::{Leaving, leave};
use crate::fault::Fault;
use crate::notices::{NOTICE_REFUSED, Noted, notice_id};
use crate::openings::{Answered, Told};
use crate::packing::Outgoing;
use crate::promises::PROOF_REFUSED;
use crate::receipts::Weighing;
use crate::relay::{LETTER_CLOSED, LETTER_LATE};
use attache_accord::act::Act;
use attache_accord::dispatch::{Dispatch, Progress};
use attache_accord::letters::{self, Stand};
use attache_accord::{Digest, DispatchId, Timestamp};
use attache_courier::frame::{Offer, OpeningAnswer};
use attache_courier::limits::MAX_OUTSTANDING;
use attache_courier::{Calling, Code, Event, Misuse};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a partner could not take now is offered again after so long, in milliseconds.
const AGAIN_MILLIS: u64 = 60_000;

/// Bytes of manifests that one connection holds. What is offered beyond that is read again when its turn comes.
const MAX_MANIFEST_BYTES: usize = 8 * 1024;

/// What is to be begun.
enum Owed {
    Opening(Digest),
    Notice(Noted),
    Receipt(DispatchId, Digest),
    Proof(DispatchId),
    Dispatch(DispatchId),
    /// A letter for this partner, or for it to carry.
    Letter(DispatchId),
}

/// What is held back: a dispatch's offer and receipt, or an instrument, by its id; or the proof of a receipt, which follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Matter {
    Of(DispatchId),
    Proof(DispatchId),
    Opening(DispatchId),
}

/// What the calling end remembers of one connection.
#[derive(Default)]
pub struct Called {
    /// As it was owed at the last look, at most a window of it.
    owed: VecDeque<Owed>,
    offered: BTreeMap<DispatchId, Outgoing>,
    /// Receipts on their way: which, for a letter has two where its hub gave it up.
    brought: BTreeMap<DispatchId, Digest>,
    /// Proofs on their way.
    proving: BTreeSet<DispatchId>,
    /// The statement of ours that is on its way in a notice, if one is.
    noticed: Option<Noted>,
    /// Statements that the partner refused on this connection: a person must see to it.
    refused: BTreeSet<Digest>,
    /// What our log asks of the partner as its witness.
    pub(super) witness: Asking,
    /// What is asked of the partner since it is missing here.
    pub(super) again: Again,
    /// Requests to open that are on their way, by what their answers name.
    asking: BTreeMap<DispatchId, Digest>,
    /// Answers that are being recorded, and what their readers are told then.
    answered: BTreeMap<DispatchId, (Digest, Told, OpeningAnswer)>,
    /// Proofs that the partner refused on this connection.
    refused_proofs: BTreeSet<DispatchId>,
    /// May leave again, which is being recorded.
    clearing: BTreeSet<DispatchId>,
    /// Not to be offered or brought again before that time.
    held_back: BTreeMap<Matter, Timestamp>,
    /// The same, the earliest first, so that what is over is found without a look at all the others.
    held_until: VecDeque<(Timestamp, Matter)>,
}

impl Called {
    /// The partner has answered for good on this connection. Until the record of it is durable the dispatch or receipt still
    /// counts as owed, and without the pause it would go out once more at every stir.
    fn answered(&mut self, dispatch: DispatchId, now: Timestamp) {
        self.offered.remove(&dispatch);
        self.brought.remove(&dispatch);
        self.hold_back(Matter::Of(dispatch), now);
    }

    fn hold_back(&mut self, matter: Matter, now: Timestamp) {
        let until = now.plus_millis(AGAIN_MILLIS);
        self.held_back.insert(matter, until);
        self.held_until.push_back((until, matter));
    }

    fn holds_back(&self, matter: Matter) -> bool {
        self.held_back.contains_key(&matter)
    }

    /// Lets go of what was held back long enough.
    fn release(&mut self, now: Timestamp) {
        while let Some((until, matter)) = self.held_until.pop_front_if(|(until, _)| *until <= now) {
            // Held back anew meanwhile, it stays.
            if self.held_back.get(&matter) == Some(&until) {
                self.held_back.remove(&matter);
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
                    Weighing::Kept | Weighing::OtherLog => {}
                    Weighing::OtherCard => conduct.other_card(dispatch),
                }
            }
            Event::Declined { dispatch, code } => conduct.declined(dispatch, code, now),
            Event::ReceiptKept { dispatch } => {
                let brought = conduct.part.brought.get(&dispatch).copied();
                conduct.part.answered(dispatch, now);
                conduct.kept_there(dispatch, brought);
            }
            Event::Witnessed(answer) => conduct.witnessed_there(answer, now)?,
            Event::Given(given) => conduct.given_there(given, now)?,
            Event::ProofKept { dispatch } => {
                conduct.part.proving.remove(&dispatch);
                conduct.part.hold_back(Matter::Proof(dispatch), now);
                conduct.record(vec![Act::ProofDelivered { dispatch }]);
            }
            Event::OpeningAnswered(answer) => conduct.opening_answered(answer, now)?,
            Event::NoticeKept { id } => {
                if let Some(noted) = conduct.part.noticed.take_if(|noted| notice_id(&noted.digest()) == id) {
                    conduct.part.answered(id, now);
                    let to = conduct.peer.clone();
                    conduct.record(vec![noted.delivered(to)]);
                }
            }
            // Of anything else that is accepted the session asks for the bytes.
            // Where all of a letter's bytes are there already, its recipient says what became of it.
            Event::Accepted { dispatch, .. }
                if conduct.was_asked_about(&dispatch, now)
                    && conduct.session.withdraw(dispatch, now).is_ok() =>
            {
                conduct.give_up(dispatch, LETTER_LATE, now);
            }
            _ => {}
        }
        Ok(())
    }

    fn look(conduct: &mut Conduct<Self>, now: Timestamp) {
        conduct.part.release(now);
        match conduct.owed() {
            Ok(owed) => conduct.part.owed = owed,
            Err(fault) => conduct.fail(&fault),
        }
    }

    fn wakes(conduct: &Conduct<Self>) -> Option<Timestamp> {
        conduct.part.again.wakes(conduct.clock)
    }

    fn stored(_: &mut Conduct<Self>, _: DispatchId) {}

    fn noted(_: &mut Conduct<Self>, _: DispatchId, _: bool) {}

    fn witnessed(_: &mut Conduct<Self>, _: bool) -> Result<(), Fault> {
        Ok(())
    }

    fn proved(_: &mut Conduct<Self>, _: DispatchId, _: bool) {}

    fn opening(conduct: &mut Conduct<Self>, id: DispatchId, is_kept: bool) -> Result<(), Fault> {
        match conduct.part.answered.remove(&id) {
            Some((request, told, _)) if is_kept => conduct.office.answer_kept(&request, told),
            // A conflict means that it was recalled, or answered by another connection, in this moment.
            Some((request, _, answer)) => {
                return conduct.weigh_opening_answer(request, answer, conduct.clock);
            }
            None => {}
        }
        Ok(())
    }

    fn feed(conduct: &mut Conduct<Self>, now: Timestamp) -> Result<(), Fault> {
        conduct.clock = now;
        conduct.ask_witness(now)?;
        conduct.ask_again(now)?;
        while conduct.session.has_room()
            && let Some(owed) = conduct.part.owed.pop_front()
        {
            match owed {
                Owed::Opening(request) => conduct.bring_opening(request, now)?,
                Owed::Notice(noted) => conduct.bring_notice(noted, now)?,
                Owed::Receipt(dispatch, receipt) => conduct.bring_receipt(dispatch, &receipt, now)?,
                Owed::Proof(dispatch) => conduct.bring_proof(dispatch, now)?,
                Owed::Dispatch(dispatch) => conduct.offer(&dispatch, now)?,
                Owed::Letter(letter) => conduct.offer_letter(&letter, now)?,
            }
        }
        while let Some(want) = conduct.session.wants() {
            let Some(outgoing) = conduct.part.offered.get(&want.dispatch) else {
                return Err(Fault::Missing("container of an accepted offer"));
            };
            let bytes = conduct.office.read_outgoing(outgoing, want.offset, want.max)?;
            conduct.session.feed(want.dispatch, bytes, now).map_err(|_| Fault::Encoding)?;
        }
        Ok(())
    }
}

impl Conduct<Calling> {
    /// What our people signed for the partner first, since rulings over there depend on it, then receipts and what they promised,
    /// then dispatches unless something bars them.
    fn owed(&self) -> Result<VecDeque<Owed>, Fault> {
        if !self.office.settling.is_settled() {
            return Ok(VecDeque::new());
        }
        // A reader waits for the answer.
        let openings = self.office.openings_for(&self.peer).into_iter().filter(|request| {
            let id = notice_id(request);
            let is_under_way = self.part.asking.contains_key(&id) || self.part.answered.contains_key(&id);
            !is_under_way && !self.part.holds_back(Matter::Opening(id))
        });
        let openings = openings.map(Owed::Opening);
        let notice = self.part.noticed.is_none().then(|| {
            let part = &self.part;
            let is_held_back = |digest: &Digest| part.holds_back(Matter::Of(notice_id(digest)));
            self.office.owed_word(&self.peer, |digest| part.refused.contains(digest), is_held_back)
        });
        let notice = notice.flatten();
        let proofs = self.office.proofs_owed_to(&self.peer)?;
        let (view, part) = (self.office.view.read(), &self.part);
        let waits = |id: &DispatchId| !part.holds_back(Matter::Of(*id));
        let proofs = proofs.into_iter().filter(|id| {
            let is_under_way = part.proving.contains(id) || part.holds_back(Matter::Proof(*id));
            !is_under_way && !part.refused_proofs.contains(id)
        });
        let receipts = view.dispatches.receipts_owed_to(&self.peer);
        let receipts = receipts
            .filter(|(id, _)| !part.brought.contains_key(id) && waits(id))
            .filter_map(|(id, given)| Some(Owed::Receipt(*id, given.receipt?)));
        let is_free =
            self.session.bar().is_none() && !view.logs.is_stopped(&self.peer) && !self.office.is_held();
        let dispatches = view.dispatches.owed_to(&self.peer).filter(|_| is_free);
        let dispatches = dispatches
            .filter(|dispatch| !part.offered.contains_key(&dispatch.id) && waits(&dispatch.id))
            .filter(|dispatch| !(dispatch.is_barred && part.clearing.contains(&dispatch.id)))
            .map(|dispatch| Owed::Dispatch(dispatch.id));
        let notice = notice.map(Owed::Notice).into_iter();
        let proofs = proofs.map(Owed::Proof);
        let hops = view
            .letters
            .hops_owed_to(&self.peer)
            .filter(|(id, _)| !part.brought.contains_key(id) && waits(id));
        let hops = hops.map(|(id, hop)| Owed::Receipt(id, hop));
        let letters = view.letters.owed_to(&self.peer).map(|letter| letter.id);
        let may_offer = self.session.bar().is_none();
        let letters = letters.filter(|id| may_offer && !part.offered.contains_key(id) && waits(id));
        let letters = letters.map(Owed::Letter);
        Ok(openings
            .chain(notice)
            .chain(receipts)
            .chain(hops)
            .chain(letters)
            .chain(proofs)
            .chain(dispatches)
            .take(MAX_OUTSTANDING.into())
            .collect())
    }

    fn bring_notice(&mut self, noted: Noted, now: Timestamp) -> Result<(), Fault> {
        let statement = noted.digest();
        let bytes = self.office.notice(&statement, now)?;
        self.session.notice(notice_id(&statement), bytes, now).map_err(|_| Fault::Encoding)?;
        self.part.noticed = Some(noted);
        Ok(())
    }

    fn bring_opening(&mut self, request: Digest, now: Timestamp) -> Result<(), Fault> {
        let (id, bytes) = (notice_id(&request), self.office.papers.cited(&request, "request to open")?);
        self.session.opening(id, bytes, now).map_err(|_| Fault::Encoding)?;
        self.part.asking.insert(id, request);
        Ok(())
    }

    fn opening_answered(&mut self, answer: OpeningAnswer, now: Timestamp) -> Result<(), Fault> {
        let id = answer.id;
        let Some(request) = self.part.asking.remove(&id) else { return Ok(()) };
        // Until its record is durable it still counts as owed, where no reader waits.
        self.part.hold_back(Matter::Opening(id), now);
        self.weigh_opening_answer(request, answer, now)
    }

    fn weigh_opening_answer(
        &mut self,
        request: Digest,
        answer: OpeningAnswer,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let id = answer.id;
        match self.office.weigh_opening_answer(&self.peer, &request, answer.clone(), now)? {
            Answered::Keep(plan, told) => {
                self.part.answered.insert(id, (request, told, answer));
                self.errands.push_back(Errand { plan, then: Then::Opening(id) });
            }
            Answered::Kept => self.office.openings.tell(&request, Told::Over),
            Answered::False(plan) => {
                self.errands.push_back(Errand { plan, then: Then::Recorded });
                self.office.openings.tell(&request, Told::Declined(Code::Refused));
            }
        }
        Ok(())
    }

    fn bring_receipt(&mut self, dispatch: DispatchId, receipt: &Digest, now: Timestamp) -> Result<(), Fault> {
        let bytes = self.office.papers.cited(receipt, "receipt")?;
        match self.session.receipt(dispatch, bytes, now) {
            Ok(()) => {
                self.part.brought.insert(dispatch, *receipt);
                Ok(())
            }
            // The same id is open for its offer; its turn comes.
            Err(Misuse::AlreadyOpen(_)) => Ok(()),
            Err(_) => Err(Fault::Encoding),
        }
    }

    fn bring_proof(&mut self, dispatch: DispatchId, now: Timestamp) -> Result<(), Fault> {
        // A witness takes a proof under a checkpoint that it has cosigned only; its turn comes with the answer.
        if self.session.is_asking() {
            return Ok(());
        }
        match self.session.proof(dispatch, self.office.proof(&dispatch)?, now) {
            Ok(()) => {
                self.part.proving.insert(dispatch);
                Ok(())
            }
            // The same id is open for its receipt; its turn comes.
            Err(Misuse::AlreadyOpen(_)) => Ok(()),
            Err(_) => Err(Fault::Encoding),
        }
    }

    fn offer(&mut self, dispatch: &DispatchId, now: Timestamp) -> Result<(), Fault> {
        let sent = self.office.view.read().dispatches.sent(dispatch).cloned();
        // Another connection may have seen to it since the look.
        let Some(sent) = sent.filter(|sent| sent.progress == Progress::Owed) else { return Ok(()) };
        if !self.may_leave(&sent, now) {
            return Ok(());
        }
        let size = self.office.view.read().items.get(&sent.item).map_or(0, |item| item.size);
        let is_long = self.is_awaited && size > MAX_GATHERED_BYTES;
        let outgoing = at_length(is_long, || self.office.outgoing(&sent))?;
        let offer = Offer {
            dispatch: sent.id,
            package: self.office.papers.cited(&sent.package, "package")?,
            package_digest: sent.package,
            size: outgoing.container_bytes(),
            due: sent.due,
        };
        self.put(offer, outgoing, now)
    }

    fn offer_letter(&mut self, id: &DispatchId, now: Timestamp) -> Result<(), Fault> {
        let letter = self.office.view.read().letters.get(id).cloned();
        // Another connection may have seen to it since the look.
        let Some(letter) = letter.filter(|letter| letter.stand == Stand::Owed) else { return Ok(()) };
        // What this node only carries may be there, and the word of that have been lost: its recipient is asked before it is given up.
        if letter.due <= now && letter.previous.is_none() {
            self.give_up(*id, LETTER_LATE, now);
            return Ok(());
        }
        if let Some(letters::Matter::Package(dispatch)) = letter.matter {
            let sent = self.office.view.read().dispatches.sent(&dispatch).cloned();
            let Some(sent) = sent.filter(|sent| sent.progress == Progress::Owed) else {
                self.give_up(*id, LETTER_CLOSED, now);
                return Ok(());
            };
            let is_held = self.office.view.read().logs.is_stopped(&letter.to) || self.office.is_held();
            // Written before, it is ruled on once more, as a package is that goes by itself.
            if is_held || !self.may_leave(&sent, now) {
                self.part.hold_back(Matter::Of(*id), now);
                return Ok(());
            }
        }
        match at_length(self.is_awaited, || self.office.letter_offer(id))? {
            Some((offer, outgoing)) => self.put(offer, outgoing, now),
            None => Ok(()),
        }
    }

    /// Whether a letter was offered to learn only whether its recipient has it: whoever does not is not given it any more.
    fn was_asked_about(&self, letter: &DispatchId, now: Timestamp) -> bool {
        let view = self.office.view.read();
        view.letters.get(letter).is_some_and(|letter| letter.due <= now && letter.previous.is_some())
    }

    /// A letter that will never be given on.
    fn give_up(&mut self, letter: DispatchId, code: &str, now: Timestamp) {
        tracing::warn!(peer = %self.peer, %letter, code, "a letter is given up");
        self.part.hold_back(Matter::Of(letter), now);
        self.record(vec![Act::LetterPassed { letter, given_up: Some(code.to_owned()) }]);
    }

    fn put(&mut self, offer: Offer, mut outgoing: Outgoing, now: Timestamp) -> Result<(), Fault> {
        let id = offer.dispatch;
        match self.session.offer(offer, now) {
            Ok(()) => {
                let held: usize = self.part.offered.values().map(Outgoing::held_bytes).sum();
                if held + outgoing.held_bytes() > MAX_MANIFEST_BYTES {
                    outgoing.lay_down();
                }
                self.part.offered.insert(id, outgoing);
                Ok(())
            }
            // The same id is open for its receipt; its turn comes.
            Err(Misuse::AlreadyOpen(_)) => Ok(()),
            Err(_) => Err(Fault::Encoding),
        }
    }

    /// Rules once more, on the facts of now. A package that may not leave stays owed and is looked at again after a pause; one
    /// that may again waits until that is on record.
    fn may_leave(&mut self, sent: &Dispatch, now: Timestamp) -> bool {
        let leaving = leave(&self.office.view.read(), &self.office.pack, now, sent);
        match leaving {
            Ok(Leaving::Goes) => {
                self.part.clearing.remove(&sent.id);
                return true;
            }
            Ok(Leaving::Stays) => self.part.hold_back(Matter::Of(sent.id), now),
            Ok(Leaving::Changed { plan, is_granted }) => {
                if is_granted {
                    self.part.clearing.insert(sent.id);
                } else {
                    tracing::warn!(peer = %self.peer, dispatch = %sent.id, "the rules keep back a package that was released");
                    self.part.hold_back(Matter::Of(sent.id), now);
                }
                self.errands.push_back(Errand { plan, then: Then::Recorded });
            }
            Err(misuse) => {
                tracing::warn!(peer = %self.peer, dispatch = %sent.id, %misuse, "a package cannot be ruled on and stays");
                self.part.hold_back(Matter::Of(sent.id), now);
            }
        }
        false
    }

    fn notice_declined(&mut self, statement: Digest, code: Code, now: Timestamp) {
        tracing::warn!(peer = %self.peer, %statement, %code, "the partner did not take a signed statement of ours");
        self.part.answered(notice_id(&statement), now);
        if !code.row().again {
            self.part.refused.insert(statement);
            self.raise(NOTICE_REFUSED);
        }
    }

    fn proof_declined(&mut self, dispatch: DispatchId, code: Code, now: Timestamp) {
        tracing::warn!(peer = %self.peer, %dispatch, %code, "the partner did not take a proof of ours");
        self.part.hold_back(Matter::Proof(dispatch), now);
        if !code.row().again {
            self.part.refused_proofs.insert(dispatch);
            self.raise_daily(PROOF_REFUSED, now);
        }
    }

    /// The partner has the receipt that it was brought.
    fn kept_there(&mut self, dispatch: DispatchId, brought: Option<Digest>) {
        let hop = self.office.view.read().letters.get(&dispatch).map(|letter| letter.hop);
        match hop {
            None => self.record(vec![Act::ReceiptDelivered { dispatch }]),
            Some(hop) if hop == brought => self.record(vec![Act::HopDelivered { letter: dispatch }]),
            // Another was signed meanwhile, which is still to be brought.
            Some(_) => {}
        }
    }

    fn stored_there(&mut self, dispatch: DispatchId) {
        if self.office.view.read().letters.get(&dispatch).is_some() {
            return self.record(vec![Act::LetterPassed { letter: dispatch, given_up: None }]);
        }
        let progress = self.office.view.read().dispatches.sent(&dispatch).map(|sent| sent.progress.clone());
        if progress == Some(Progress::Owed) {
            self.record(vec![Act::DispatchStored { dispatch }]);
        }
    }

    fn declined(&mut self, dispatch: DispatchId, code: Code, now: Timestamp) {
        let noticed = self.part.noticed.take_if(|noted| notice_id(&noted.digest()) == dispatch);
        if let Some(noted) = noticed {
            return self.notice_declined(noted.digest(), code, now);
        }
        if let Some(request) = self.part.asking.remove(&dispatch) {
            tracing::info!(peer = %self.peer, %request, %code, "the partner has no answer to a request to open");
            // Whoever opens it again asks again; what was opened without asking is told again after a pause.
            let is_report = self.office.view.read().controls.untold(&self.peer).any(|told| *told == request);
            if is_report {
                self.part.hold_back(Matter::Opening(dispatch), now);
            }
            return self.office.openings.tell(&request, Told::Declined(code));
        }
        if self.part.proving.remove(&dispatch) {
            return self.proof_declined(dispatch, code, now);
        }
        let was_offered = self.part.offered.contains_key(&dispatch);
        self.part.answered(dispatch, now);
        tracing::warn!(peer = %self.peer, %dispatch, %code, "the partner declined");
        if !was_offered || code.row().again {
            return;
        }
        // What a hub refuses by rule it says in its receipt as well, with the reason.
        if self.office.view.read().letters.get(&dispatch).is_some() {
            self.give_up(dispatch, &code.to_string(), now);
        } else {
            self.record(vec![Act::DispatchDeclined { dispatch, code: code.to_string() }]);
        }
    }
}
