//! The end that listens: it weighs offers, keeps what comes, and verifies what is complete.
//!
//! *Absent:* offers of our own; those go out on the connection that we dial.

use super::again::Asker;
use super::{Conduct, Errand, Part, Then, at_length};
use crate::arrival::{Verified, Weighed};
use crate::coming::Coming;
use crate::engine::Plan;
use crate::fault::Fault;
use crate::notices::Noting;
use crate::openings::{Asking, is_unfit};
use crate::promises::Proving;
use crate::witness::{TOO_OFTEN, Witnessing};
use attache_accord::act::Act;
use attache_accord::{Digest, DispatchId, Timestamp};
use attache_courier::frame::{Offer, OpeningAnswer, Witnessed};
use attache_courier::limits::{MAX_OUTSTANDING, MAX_PACKAGE_BYTES};
use attache_courier::{Code, Event, Listening};
use attache_custody::rest::Purpose;
use attache_store::{Kept, MAX_KEPT, MAX_KEPT_BYTES, Scratch};
use std::collections::{BTreeMap, VecDeque};

/// Refused offers, notices and proofs, and reports that nothing covers, that one connection may bring. Each is recorded, so that a partner's claim to have sent something can be
/// answered; a peer that brings more than a window of them is sent away, or it could fill the journal.
pub const MAX_REFUSED_OFFERS: usize = MAX_OUTSTANDING as usize;

// The records of all exchanges that a peer may open fit, and so does a sealed package.
const _: () = assert!(MAX_KEPT as usize >= MAX_OUTSTANDING as usize);
const _: () = assert!(MAX_KEPT_BYTES >= MAX_PACKAGE_BYTES + SEALING_BYTES);
/// What sealing adds to a record, in bytes: nonce and tag.
const SEALING_BYTES: usize = 12 + 16;

/// What the listening end remembers of one connection: arrivals under way.
#[derive(Default)]
pub struct Listened {
    coming: BTreeMap<DispatchId, (Coming, Kept)>,
    /// The signed statements of what is coming, sealed, on disk: a slow partner's would add up in memory.
    statements: Option<Scratch>,
    /// Receipts that answer an offer, to be read when there is room for them.
    again: VecDeque<(DispatchId, Digest)>,
    /// The arrival that holds bytes in memory.
    held: Option<DispatchId>,
    /// Letters that are complete, with their dockets, to be read one after the other: what one says may be about what the one before
    /// it said.
    letters: VecDeque<(DispatchId, Coming, Vec<u8>)>,
    refused: usize,
    /// A log's request while what it leads to is being kept, and the answer; it asks once at a time.
    witnessing: Option<(Vec<u8>, Witnessed)>,
    /// Requests to open while their answers are being recorded; no more than the session lets the peer make.
    openings: BTreeMap<DispatchId, (Digest, Vec<u8>)>,
    /// What the partner asks for since it is missing there.
    pub(super) asker: Asker,
    /// Requests that are answered, to be read when there is room for them.
    opened: VecDeque<Digest>,
    /// Answers to reports that are on record and no longer at hand.
    noted: VecDeque<OpeningAnswer>,
    /// The answer to it, to go out when there is room.
    witnessed: Option<Witnessed>,
}

impl Listened {
    /// No longer remembers an arrival. What is durable of it stays for a later offer.
    fn let_go(&mut self, dispatch: &DispatchId) {
        if let (Some((_, kept)), Some(statements)) = (self.coming.remove(dispatch), &mut self.statements) {
            statements.forget(kept);
        }
    }
}

impl Part for Listening {
    type State = Listened;

    fn event(conduct: &mut Conduct<Self>, event: Event<'_>, now: Timestamp) -> Result<(), Fault> {
        match event {
            Event::Offered(offer) => conduct.offered(&offer, now),
            Event::Data { dispatch, bytes, .. } => conduct.came(dispatch, bytes),
            Event::Complete { dispatch } => conduct.complete(dispatch, now),
            Event::Withdrawn { dispatch } => {
                conduct.part.let_go(&dispatch);
                Ok(())
            }
            Event::Turned { dispatch, code } => {
                let from = conduct.peer.clone();
                conduct.record(vec![Act::ArrivalDeclined { dispatch, from, code: code.to_string() }]);
                Ok(())
            }
            Event::Notice { id, notice } => conduct.notice(id, &notice),
            Event::Witness { request } if conduct.office.may_ask_witness(&conduct.peer, now) => {
                conduct.witness(request, now)
            }
            Event::Witness { .. } => {
                conduct.part.witnessed = Some(Witnessed::refused(TOO_OFTEN));
                Ok(())
            }
            Event::Ask(ask) => {
                conduct.part.asker.ask = Some(ask);
                Ok(())
            }
            Event::Opening { id, request } => conduct.opening(id, request, now),
            Event::Proof { dispatch, proof } => conduct.proof(dispatch, &proof),
            _ => Ok(()),
        }
    }

    fn noted(conduct: &mut Conduct<Self>, id: DispatchId, is_kept: bool) {
        // A conflict means that the record moved on by another connection: it is brought again, and weighed anew.
        let answered = match is_kept {
            true => conduct.session.notice_kept(id),
            false => conduct.session.decline(id, Code::NoRoom),
        };
        if answered.is_err() {
            tracing::debug!("an answer came too late for its connection");
        }
    }

    fn witnessed(conduct: &mut Conduct<Self>, is_kept: bool) -> Result<(), Fault> {
        match conduct.part.witnessing.take() {
            Some((_, answer)) if is_kept => {
                conduct.part.witnessed = Some(answer);
                Ok(())
            }
            // It asked by another connection too: where that one left off, this one goes on.
            Some((request, _)) => conduct.witness(request, conduct.clock),
            None => Ok(()),
        }
    }

    fn proved(conduct: &mut Conduct<Self>, dispatch: DispatchId, is_kept: bool) {
        // A conflict means that another connection brought one: it is brought again, and was kept before.
        let answered = match is_kept {
            true => conduct.session.proof_kept(dispatch),
            false => conduct.session.decline(dispatch, Code::NoRoom),
        };
        if answered.is_err() {
            tracing::debug!("an answer came too late for its connection");
        }
    }

    fn opening(conduct: &mut Conduct<Self>, id: DispatchId, is_kept: bool) -> Result<(), Fault> {
        match conduct.part.openings.remove(&id) {
            Some((request, _)) if is_kept => {
                conduct.part.opened.push_back(request);
                Ok(())
            }
            // It came by another connection too, or was recalled meanwhile: weighed by what is recorded now.
            Some((_, bytes)) => conduct.opening(id, bytes, conduct.clock),
            None => Ok(()),
        }
    }

    fn look(_: &mut Conduct<Self>, _: Timestamp) {}

    fn stored(conduct: &mut Conduct<Self>, dispatch: DispatchId) {
        if let Err(fault) = conduct.office.forget_partial(&dispatch) {
            // It is tidied away at the next start.
            tracing::warn!(%fault, "what is left of an arrival stays for now");
        }
        if conduct.session.stored(dispatch).is_err() {
            tracing::debug!("an answer came too late for its connection");
        }
    }

    fn feed(conduct: &mut Conduct<Self>, now: Timestamp) -> Result<(), Fault> {
        conduct.clock = now;
        conduct.read_letters(now)?;
        if conduct.session.takes_paper()
            && let Some(answer) = conduct.part.witnessed.take()
        {
            conduct.session.witnessed(answer).map_err(|_| Fault::Encoding)?;
        }
        conduct.give_again(now)?;
        while conduct.session.takes_paper()
            && let Some(request) = conduct.part.opened.pop_front()
        {
            let answer = conduct.office.opening_answer(&request, now)?;
            conduct.session.answer_opening(answer).map_err(|_| Fault::Encoding)?;
        }
        while conduct.session.takes_paper()
            && let Some(answer) = conduct.part.noted.pop_front()
        {
            conduct.session.answer_opening(answer).map_err(|_| Fault::Encoding)?;
        }
        while conduct.session.takes_paper()
            && let Some((dispatch, receipt)) = conduct.part.again.pop_front()
        {
            let receipt = conduct.office.papers.cited(&receipt, "receipt")?;
            conduct.session.receipted(dispatch, receipt).map_err(|_| Fault::Encoding)?;
        }
        Ok(())
    }
}

impl Conduct<Listening> {
    fn offered(&mut self, offer: &Offer, now: Timestamp) -> Result<(), Fault> {
        let dispatch = offer.dispatch;
        let answered = match self.office.weigh(&self.peer, offer, now)? {
            Weighed::Take(coming) => {
                let have = coming.durable();
                self.remember(dispatch, *coming, &offer.package)?;
                self.session.accept(dispatch, have, now)
            }
            Weighed::Held => self.session.held(dispatch),
            Weighed::Receipted(receipt) => {
                self.part.again.push_back((dispatch, receipt));
                Ok(())
            }
            Weighed::Turned(plan, code) => {
                if self.has_patience() {
                    self.errands.push_back(Errand { plan, then: Then::Decline(dispatch, code) });
                }
                return Ok(());
            }
            Weighed::Declined(Code::Refused) => {
                self.refused(dispatch);
                return Ok(());
            }
            Weighed::Declined(code) => {
                if code == Code::OtherCard {
                    self.other_card(dispatch);
                }
                self.session.decline(dispatch, code)
            }
            Weighed::Contradicted => {
                let trouble = self.session.contradicts(dispatch).map_err(|_| Fault::Encoding)?;
                self.trouble(&trouble);
                Ok(())
            }
        };
        if answered.is_err() {
            // More is durable here than was offered now: what is here belongs to another container.
            self.part.let_go(&dispatch);
            self.office.forget_partial(&dispatch)?;
            let _ = self.session.decline(dispatch, Code::NoRoom);
        }
        Ok(())
    }

    fn remember(&mut self, dispatch: DispatchId, coming: Coming, statement: &[u8]) -> Result<(), Fault> {
        let about = coming.package().as_bytes();
        let sealed = self.office.papers.rest().seal(Purpose::Paper, about, statement)?;
        let statements = match &mut self.part.statements {
            Some(statements) => statements,
            none => none.insert(self.office.vault.scratch()?),
        };
        let kept = statements.keep(&sealed)?;
        self.part.coming.insert(dispatch, (coming, kept));
        Ok(())
    }

    /// The signed statement of an arrival that is no longer coming.
    fn statement(&mut self, coming: &Coming, kept: Kept) -> Result<Vec<u8>, Fault> {
        let statements = self.part.statements.as_mut().ok_or(Fault::Missing("statement of an arrival"))?;
        let sealed = statements.take(kept)?;
        let about = coming.package().as_bytes();
        Ok(self.office.papers.rest().open(Purpose::Paper, about, &sealed)?.to_vec())
    }

    /// The partner's log asks to be witnessed.
    fn witness(&mut self, request: Vec<u8>, now: Timestamp) -> Result<(), Fault> {
        match self.office.weigh_head(&self.peer, &request, now)? {
            Witnessing::Answer(answer) => self.part.witnessed = Some(answer),
            Witnessing::Keep(plan, answer) => {
                self.part.witnessing = Some((request, answer));
                self.errands.push_back(Errand { plan, then: Then::Witness });
            }
        }
        Ok(())
    }

    /// What the partner's people signed for us.
    fn notice(&mut self, id: DispatchId, notice: &[u8]) -> Result<(), Fault> {
        let refuse = |plan| Errand { plan, then: Then::Decline(id, Code::Refused) };
        let answered = match self.office.weigh_notice(&self.peer, &id, notice)? {
            Noting::Keep(plan) => {
                self.errands.push_back(Errand { plan, then: Then::Noted(id) });
                Ok(())
            }
            Noting::Kept => self.session.notice_kept(id),
            Noting::Contested(plan) => {
                tracing::error!(peer = %self.peer, "two instruments for one place of the partner's record; both are kept as evidence");
                if self.has_patience() {
                    self.errands.push_back(refuse(plan));
                }
                Ok(())
            }
            Noting::False(plan) => {
                tracing::warn!(peer = %self.peer, "a notice was not signed as its partner signs, or does not continue its record");
                if self.has_patience() {
                    self.errands.push_back(refuse(plan));
                }
                Ok(())
            }
            Noting::Refused => self.session.decline(id, Code::Refused),
            Noting::Early => self.session.decline(id, Code::NoRoom),
            Noting::OtherCard => {
                self.other_card(id);
                self.session.decline(id, Code::OtherCard)
            }
        };
        // It waits for this answer: its event came just now.
        answered.map_err(|_| Fault::Encoding)
    }

    /// What the partner proves of a receipt that it gave.
    fn proof(&mut self, dispatch: DispatchId, proof: &[u8]) -> Result<(), Fault> {
        let answered = match self.office.weigh_proof(&self.peer, &dispatch, proof)? {
            Proving::Keep(plan) => {
                self.errands.push_back(Errand { plan, then: Then::Proved(dispatch) });
                Ok(())
            }
            Proving::Kept => self.session.proof_kept(dispatch),
            Proving::Early => self.session.decline(dispatch, Code::NoRoom),
            Proving::Unknown => self.session.decline(dispatch, Code::Refused),
            Proving::False(plan) => {
                if self.has_patience() {
                    self.errands.push_back(Errand { plan, then: Then::Decline(dispatch, Code::Refused) });
                }
                Ok(())
            }
        };
        // It waits for this answer: its event came just now.
        answered.map_err(|_| Fault::Encoding)
    }

    /// The partner asks to open what went there, or tells that it did.
    fn opening(&mut self, id: DispatchId, bytes: Vec<u8>, now: Timestamp) -> Result<(), Fault> {
        let answered = match self.office.weigh_opening(&self.peer, &id, &bytes, now)? {
            Asking::Answer(plan, _) if is_unfit(&plan) && !self.has_patience() => return Ok(()),
            Asking::Answer(plan, request) => {
                self.part.openings.insert(id, (request, bytes));
                self.errands.push_back(Errand { plan, then: Then::Opening(id) });
                Ok(())
            }
            Asking::Answered(request) => {
                self.part.opened.push_back(request);
                Ok(())
            }
            Asking::Noted(answer) => {
                self.part.noted.push_back(answer);
                Ok(())
            }
            Asking::Wait(plan) => {
                self.errands.push_back(Errand { plan, then: Then::Decline(id, Code::AwaitsPerson) });
                Ok(())
            }
            Asking::Waits => self.session.decline(id, Code::AwaitsPerson),
            Asking::Declined(code) => self.session.decline(id, code),
            Asking::False(plan) => {
                if self.has_patience() {
                    self.errands.push_back(Errand { plan, then: Then::Decline(id, Code::Refused) });
                }
                Ok(())
            }
            Asking::OtherCard => {
                self.other_card(id);
                self.session.decline(id, Code::OtherCard)
            }
        };
        // It waits for this answer: its event came just now.
        answered.map_err(|_| Fault::Encoding)
    }

    /// Whether the peer may bring one more thing that is refused.
    fn has_patience(&mut self) -> bool {
        self.part.refused += 1;
        if self.part.refused > MAX_REFUSED_OFFERS {
            tracing::warn!(peer = %self.peer, "more was refused than one connection may bring; it is closed");
            self.close(Code::GoingAway);
            return false;
        }
        true
    }

    /// Records that an offer is refused, and answers once that is done.
    fn refused(&mut self, dispatch: DispatchId) {
        if !self.has_patience() {
            return;
        }
        let code = Code::Refused;
        tracing::warn!(peer = %self.peer, %dispatch, %code, "an offer was not signed as its partner signs");
        let act = Act::ArrivalDeclined { dispatch, from: self.peer.clone(), code: code.to_string() };
        let plan = Plan::new(&self.office.view.read(), vec![act]);
        self.errands.push_back(Errand { plan, then: Then::Decline(dispatch, code) });
    }

    /// Takes bytes of an arrival. A small one comes in one frame, so another's bytes before its end say that the peer does
    /// not send as we do: then it goes to a file, so that a slow peer has no more than one of them in memory.
    fn came(&mut self, dispatch: DispatchId, bytes: &[u8]) -> Result<(), Fault> {
        if let Some(held) = self.part.held.take_if(|held| *held != dispatch)
            && let Some((coming, _)) = self.part.coming.get_mut(&held)
        {
            coming.put_down(&self.office, &self.peer, &held)?;
        }
        let Some((coming, _)) = self.part.coming.get_mut(&dispatch) else { return Ok(()) };
        if coming.is_large() {
            return at_length(self.is_awaited, || coming.append(bytes));
        }
        self.part.held = Some(dispatch);
        coming.append(bytes)
    }

    fn complete(&mut self, dispatch: DispatchId, now: Timestamp) -> Result<(), Fault> {
        let Some((mut coming, kept)) = self.part.coming.remove(&dispatch) else { return Ok(()) };
        let statement = self.statement(&coming, kept)?;
        let is_busy = self.underway > 0 || !self.errands.is_empty() || !self.part.letters.is_empty();
        if is_busy && coming.is_letter() {
            coming.put_down(&self.office, &self.peer, &dispatch)?;
            self.part.letters.push_back((dispatch, coming, statement));
            return Ok(());
        }
        self.verify(dispatch, coming, statement, now)
    }

    /// Reads the next letter that waits, once everything before it is recorded.
    fn read_letters(&mut self, now: Timestamp) -> Result<(), Fault> {
        if self.underway == 0
            && self.errands.is_empty()
            && let Some((dispatch, coming, statement)) = self.part.letters.pop_front()
        {
            self.verify(dispatch, coming, statement, now)?;
        }
        Ok(())
    }

    fn verify(
        &mut self,
        dispatch: DispatchId,
        coming: Coming,
        statement: Vec<u8>,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let is_long = self.is_awaited && coming.is_large();
        let errand = match at_length(is_long, || self.office.verify_arrival(coming, statement, now))? {
            Verified::Taken(plan) => Errand { plan, then: Then::Stored(dispatch) },
            Verified::Discarded(plan, code) => {
                tracing::warn!(peer = %self.peer, %dispatch, %code, "an arrival was not what its package states");
                Errand { plan, then: Then::Decline(dispatch, code) }
            }
        };
        self.errands.push_back(errand);
        Ok(())
    }
}
