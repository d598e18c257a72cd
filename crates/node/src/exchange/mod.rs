//! One connection as its node conducts it: a courier session, what the office makes of its events, and the plans that
//! must be committed before an answer goes out. Without I/O: `link` runs it over a socket, `exercise` by hand.
//!
//! ```text
//!   bytes ─► received ─► events ─► errands (plans) ─► committed by the caller ─► done ─► answers
//!   what is owed ─► tick ─► offers and receipts ─► poll_output ─► bytes
//! ```
//! *Absent:* sockets, clocks, commits. Nothing is acknowledged to the peer before its plan is durable.

mod again;
mod asking;
mod calling;
mod listening;

pub use again::ASK_PACE;
pub use listening::MAX_REFUSED_OFFERS;

use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use crate::receipts::Weighing;
use attache_accord::act::Act;
use attache_accord::{DispatchId, NodeName, Timestamp};
use attache_courier::limits::{MAX_OUTSTANDING, VERSION};
use attache_courier::{
    Calling, Clocks, Code, Event, Greeting, Listening, Ours, Output, Role, Session, Trouble,
};
use attache_store::{Committed, Conflict};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// One end of one connection with one partner.
pub struct Conduct<R: Part> {
    office: Arc<Office>,
    peer: NodeName,
    session: Session<R>,
    errands: VecDeque<Errand>,
    /// Errands given out whose outcome is still to come.
    underway: usize,
    /// Receipts that the peer brought and that wait to be recorded; no more than the session lets it bring.
    receipts: BTreeMap<DispatchId, Vec<u8>>,
    ending: Option<Code>,
    /// The time of the last look.
    clock: Timestamp,
    /// That something came under another card was said to the operator.
    is_other_card_said: bool,
    /// Whether a runtime waits for this thread, and is told before work that may take long.
    is_awaited: bool,
    part: R::State,
}

/// A plan to commit, and what to do with its outcome.
pub struct Errand {
    /// To be committed.
    pub plan: Plan,
    /// To be given to [`Conduct::done`] with the outcome.
    pub then: Then,
}

/// What follows once a plan is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Tell the sender that its package is stored.
    Stored(DispatchId),
    /// Tell the sender that its package is not taken.
    Decline(DispatchId, Code),
    /// Tell the peer that its receipt is kept.
    Kept(DispatchId),
    /// Tell the peer that its notice is kept.
    Noted(DispatchId),
    /// Answer the peer's log that asked to be witnessed.
    Witness,
    /// Tell the peer that its proof is kept.
    Proved(DispatchId),
    /// Answer the peer's request to open, or tell our reader what the peer answered.
    Opening(DispatchId),
    /// Nothing: it is for our own record.
    Recorded,
}

/// Does work that may take long, having told the runtime that waits for this thread, if one does.
fn at_length<T>(is_awaited: bool, work: impl FnOnce() -> T) -> T {
    if is_awaited { tokio::task::block_in_place(work) } else { work() }
}

/// What only one end of a connection does.
pub trait Part: Role + Sized {
    /// What that end remembers.
    type State: Default;

    /// An event that only this end sees.
    #[doc(hidden)]
    fn event(conduct: &mut Conduct<Self>, event: Event<'_>, now: Timestamp) -> Result<(), Fault>;

    /// Looks what is owed. It is brought when there is room for it.
    #[doc(hidden)]
    fn look(conduct: &mut Conduct<Self>, now: Timestamp);

    /// When this end looks again at the latest, whatever comes.
    #[doc(hidden)]
    fn wakes(_: &Conduct<Self>) -> Option<Timestamp> {
        None
    }

    /// Says that a package is stored, where this end may.
    #[doc(hidden)]
    fn stored(conduct: &mut Conduct<Self>, dispatch: DispatchId);

    /// Says that a notice is kept, where this end may.
    #[doc(hidden)]
    fn noted(conduct: &mut Conduct<Self>, id: DispatchId, is_kept: bool);

    /// Answers a log that asked to be witnessed, where this end may.
    #[doc(hidden)]
    fn witnessed(conduct: &mut Conduct<Self>, is_kept: bool) -> Result<(), Fault>;

    /// Says that a proof is kept, where this end may.
    #[doc(hidden)]
    fn proved(conduct: &mut Conduct<Self>, dispatch: DispatchId, is_kept: bool);

    /// Goes on with an opening once its answer is on record, or was not recorded.
    #[doc(hidden)]
    fn opening(conduct: &mut Conduct<Self>, id: DispatchId, is_kept: bool) -> Result<(), Fault>;

    /// Brings the next of what is owed and feeds what the peer accepted, as far as there is room: no paper and no sealed
    /// byte is read for a peer that does not take what waits already.
    #[doc(hidden)]
    fn feed(conduct: &mut Conduct<Self>, now: Timestamp) -> Result<(), Fault>;
}

impl Conduct<Calling> {
    /// The end that dialled `peer` at `now`.
    ///
    /// # Errors
    /// [`Fault`] where our own names break a limit of the protocol.
    pub fn calling(office: Arc<Office>, peer: NodeName, now: Timestamp) -> Result<Self, Fault> {
        Self::new(office, peer, now)
    }
}

impl Conduct<Listening> {
    /// The end that `peer`, authenticated as such, has dialled.
    ///
    /// # Errors
    /// [`Fault`] where our own names break a limit of the protocol.
    pub fn listening(office: Arc<Office>, peer: NodeName, now: Timestamp) -> Result<Self, Fault> {
        Self::new(office, peer, now)
    }
}

impl<R: Part> Conduct<R> {
    fn new(office: Arc<Office>, peer: NodeName, now: Timestamp) -> Result<Self, Fault> {
        let ours = Ours {
            node: office.identity.node.clone(),
            network: office.identity.network,
            agreement: office.identity.agreement.clone(),
            pack: office.pack.digest(),
            window: MAX_OUTSTANDING,
            peer: peer.clone(),
            highest: VERSION,
        };
        let session = Session::new(ours, now).map_err(|_| Fault::Encoding)?;
        Ok(Self {
            office,
            peer,
            session,
            errands: VecDeque::new(),
            underway: 0,
            receipts: BTreeMap::new(),
            ending: None,
            clock: now,
            is_other_card_said: false,
            is_awaited: false,
            part: Default::default(),
        })
    }

    /// The same on a thread of a Tokio runtime of several threads: work on a large item is done so that the runtime does not
    /// wait for it. All other work is short.
    pub fn awaited(self) -> Self {
        Self { is_awaited: true, ..self }
    }

    /// Takes bytes that came at `now`, all of them. Blocks while it writes to the vault or verifies an arrival.
    pub fn received(&mut self, now: Timestamp, mut bytes: &[u8]) {
        loop {
            match self.session.receive(now, &mut bytes) {
                Ok(Some(event)) => {
                    if let Err(fault) = self.event(event, now) {
                        self.fail(&fault);
                    }
                }
                Ok(None) => return,
                Err(trouble) => return self.trouble(&trouble),
            }
        }
    }

    /// Looks what is owed, and at the clock.
    pub fn tick(&mut self, now: Timestamp) {
        if let Err(trouble) = self.session.on_time(now) {
            return self.trouble(&trouble);
        }
        if self.session.greeting().is_some() && !self.session.is_closed() {
            R::look(self, now);
        }
    }

    /// The next frame to write. It is read from the journal and the vault for the purpose, so take one only when it can
    /// be written, and after a few look whether anything came.
    pub fn poll_output(&mut self, now: Timestamp) -> Option<Output> {
        if let Err(fault) = R::feed(self, now) {
            self.fail(&fault);
        }
        self.session.poll_output()
    }

    /// The next plan to commit. Its outcome must come back by [`Self::done`].
    pub fn next_errand(&mut self) -> Option<Errand> {
        let errand = self.errands.pop_front()?;
        self.underway += 1;
        Some(errand)
    }

    /// The outcome of an errand. A conflict means that the same was recorded by another way meanwhile, or that another
    /// fact of the same dispatch came first: the word that a package is stored and its receipt come on two connections.
    pub fn done(&mut self, then: Then, outcome: &Result<Committed, Conflict>) {
        self.underway = self.underway.saturating_sub(1);
        let brought = match then {
            Then::Kept(dispatch) => self.receipts.remove(&dispatch),
            _ => None,
        };
        let (is_here, is_kept) = match then {
            Then::Stored(dispatch) => {
                let view = self.office.view.read();
                (view.dispatches.given(&dispatch).is_some() || view.letters.get(&dispatch).is_some(), false)
            }
            Then::Kept(dispatch) => {
                let view = self.office.view.read();
                let has_hop = view.letters.get(&dispatch).is_some_and(|letter| letter.hop.is_some());
                (false, has_hop || view.dispatches.is_receipted(&dispatch))
            }
            _ => (false, false),
        };
        let answered = match then {
            Then::Recorded => Ok(()),
            Then::Stored(dispatch) if is_here => return R::stored(self, dispatch),
            Then::Kept(dispatch) if is_kept => self.session.receipt_kept(dispatch),
            Then::Decline(dispatch, code) => self.session.decline(dispatch, code),
            Then::Noted(id) => return R::noted(self, id, outcome.is_ok()),
            Then::Witness => {
                if let Err(fault) = R::witnessed(self, outcome.is_ok()) {
                    self.fail(&fault);
                }
                return;
            }
            Then::Opening(id) => {
                if let Err(fault) = R::opening(self, id, outcome.is_ok()) {
                    self.fail(&fault);
                }
                return;
            }
            Then::Proved(dispatch) => return R::proved(self, dispatch, outcome.is_ok()),
            // Weighed by what is recorded now: each conflict means that the dispatch moved on, so this ends.
            Then::Kept(dispatch) => return self.weigh_again(dispatch, brought),
            // A conflict, and not because the same was recorded: it is offered again.
            Then::Stored(dispatch) => self.session.decline(dispatch, Code::NoRoom),
        };
        if answered.is_err() {
            // The connection ended meanwhile. What is recorded is answered again when it is offered again.
            tracing::debug!(recorded = outcome.is_ok(), "an answer came too late for its connection");
        }
    }

    /// Ends in order: what is queued goes out, then the Close.
    pub fn close(&mut self, code: Code) {
        if self.session.close(code).is_err() {
            tracing::debug!(%code, "not a code to close with");
        }
    }

    /// When [`Self::tick`] must be called at the latest.
    pub fn deadline(&self) -> Option<Timestamp> {
        let at = self.session.deadline()?;
        Some(R::wakes(self).map_or(at, |wakes| wakes.min(at)))
    }

    /// Whether the connection is over, once what [`Self::poll_output`] still gives is written and the errands are done.
    pub fn is_over(&self) -> bool {
        self.session.is_closed() && self.errands.is_empty() && self.underway == 0
    }

    /// What the two Hellos amount to, once the peer's is here.
    pub fn greeting(&self) -> Option<Greeting> {
        self.session.greeting()
    }

    /// Why the connection is over, where the peer or the protocol ended it and not this node by its own will.
    pub fn ending(&self) -> Option<Code> {
        self.ending
    }

    fn event(&mut self, event: Event<'_>, now: Timestamp) -> Result<(), Fault> {
        match event {
            Event::Greeted(greeting) => {
                self.greeted(greeting);
                R::look(self, now);
                Ok(())
            }
            Event::Receipt { dispatch, receipt } => self.receipt(dispatch, &receipt),
            Event::Closed { code } => {
                tracing::info!(peer = %self.peer, %code, "the partner closed the connection");
                self.ending = Some(code);
                Ok(())
            }
            other => R::event(self, other, now),
        }
    }

    fn greeted(&self, greeting: Greeting) {
        if greeting.clocks() != Clocks::Agree {
            let millis = greeting.clocks_apart_millis;
            // Said aloud once by whoever runs the link: while they differ, a connection is made anew again and again.
            tracing::debug!(peer = %self.peer, millis, "the partner's clock differs");
        }
        if !greeting.same_pack {
            tracing::warn!(peer = %self.peer, "the partner rules by another pack; nothing is released to it");
        }
    }

    /// A receipt that the peer brought by itself and that waits for an answer.
    fn receipt(&mut self, dispatch: DispatchId, bytes: &[u8]) -> Result<(), Fault> {
        match self.office.weigh_receipt(&self.peer, &dispatch, bytes)? {
            Weighing::Keep(plan) => {
                self.receipts.insert(dispatch, bytes.to_vec());
                self.errands.push_back(Errand { plan, then: Then::Kept(dispatch) });
            }
            Weighing::False(plan) => {
                self.errands.push_back(Errand { plan, then: Then::Decline(dispatch, Code::Refused) });
            }
            // It waits for this answer: its event came just now.
            Weighing::Kept => drop(self.session.receipt_kept(dispatch)),
            Weighing::OtherCard => {
                self.other_card(dispatch);
                let _ = self.session.decline(dispatch, Code::OtherCard);
            }
            Weighing::OtherLog => drop(self.session.decline(dispatch, Code::LogSucceeded)),
        }
        Ok(())
    }

    /// Something came under a key that the partner's accepted card does not name. Said once for a connection: the partner
    /// brings it again each minute.
    fn other_card(&mut self, dispatch: DispatchId) {
        if !std::mem::replace(&mut self.is_other_card_said, true) {
            let next = "signed under a card that is not accepted here; ask the partner for its new card";
            tracing::warn!(peer = %self.peer, %dispatch, next);
        }
    }

    fn weigh_again(&mut self, dispatch: DispatchId, receipt: Option<Vec<u8>>) {
        let weighed = match receipt {
            Some(receipt) => self.receipt(dispatch, &receipt),
            None => Err(Fault::Missing("receipt that was weighed")),
        };
        if let Err(fault) = weighed {
            self.fail(&fault);
        }
    }

    /// Records an incident that is not about one dispatch.
    pub fn raise(&mut self, code: &str) {
        self.record(vec![Act::IncidentRaised { code: code.to_owned(), dispatch: None }]);
    }

    /// The same, unless it was raised within a day.
    fn raise_daily(&mut self, code: &str, now: Timestamp) {
        let plan = self.office.daily(code, now);
        self.errands.extend(plan.map(|plan| Errand { plan, then: Then::Recorded }));
    }

    fn record(&mut self, acts: Vec<Act>) {
        let plan = Plan::new(&self.office.view.read(), acts);
        self.errands.push_back(Errand { plan, then: Then::Recorded });
    }

    fn trouble(&mut self, trouble: &Trouble) {
        tracing::warn!(peer = %self.peer, %trouble, "the connection ended");
        self.ending = Some(trouble.code());
        if matches!(trouble, Trouble::Breach { .. }) {
            let code = trouble.code().to_string();
            self.record(vec![Act::BreachRecorded { node: self.peer.clone(), code, dispatch: None }]);
        }
    }

    /// Our own failure: the connection ends in order, and what was owed stays owed.
    fn fail(&mut self, fault: &Fault) {
        tracing::error!(peer = %self.peer, %fault, "the connection ends for a fault of our own");
        self.office.suspect(fault);
        self.close(Code::GoingAway);
    }
}
