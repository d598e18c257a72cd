//! The end that listens: it weighs offers, keeps what comes, and verifies what is complete.
//!
//! *Absent:* offers of our own; those go out on the connection that we dial.

use super::{Conduct, Errand, Part, Then, at_length};
use crate::arrival::{Verified, Weighed};
use crate::coming::Coming;
use crate::engine::Plan;
use crate::fault::Fault;
use attache_accord::act::Act;
use attache_accord::{DispatchId, Timestamp};
use attache_courier::frame::Offer;
use attache_courier::limits::MAX_OUTSTANDING;
use attache_courier::{Code, Event, Listening};
use std::collections::BTreeMap;

/// Refused offers that one connection may bring. Each is recorded, so that a partner's claim to have sent something can be
/// answered; a peer that brings more than a window of them is sent away, or it could fill the journal.
pub const MAX_REFUSED_OFFERS: usize = MAX_OUTSTANDING as usize;

/// What the listening end remembers of one connection: arrivals under way.
#[derive(Default)]
pub struct Listened {
    coming: BTreeMap<DispatchId, Coming>,
    /// The one of them that holds bytes in memory.
    held: Option<DispatchId>,
    refused: usize,
}

impl Part for Listening {
    type State = Listened;

    fn event(conduct: &mut Conduct<Self>, event: Event<'_>, now: Timestamp) -> Result<(), Fault> {
        match event {
            Event::Offered(offer) => conduct.offered(&offer, now),
            Event::Data { dispatch, bytes, .. } => conduct.came(dispatch, bytes),
            Event::Complete { dispatch } => conduct.complete(dispatch),
            Event::Withdrawn { dispatch } => {
                // What is durable of it stays for a later offer.
                conduct.part.coming.remove(&dispatch);
                Ok(())
            }
            Event::Turned { dispatch, code } => {
                let from = conduct.peer.clone();
                conduct.record(vec![Act::ArrivalDeclined { dispatch, from, code: code.to_string() }]);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn bring(_: &mut Conduct<Self>, _: Timestamp) -> Result<(), Fault> {
        Ok(())
    }

    fn stored(conduct: &mut Conduct<Self>, dispatch: DispatchId) {
        if let Err(fault) = conduct.office.forget_partial(&dispatch) {
            // It is tidied away at the next start.
            tracing::warn!(%fault, "what is left of an arrival stays for now");
        }
        if conduct.session.stored(dispatch).is_err() {
            tracing::debug!("an answer came too late for its connection");
        }
    }

    fn feed(_: &mut Conduct<Self>, _: Timestamp) -> Result<(), Fault> {
        Ok(())
    }
}

impl Conduct<Listening> {
    fn offered(&mut self, offer: &Offer, now: Timestamp) -> Result<(), Fault> {
        let dispatch = offer.dispatch;
        let answered = match self.office.weigh(&self.peer, offer, now)? {
            Weighed::Take(coming) => {
                let have = coming.durable();
                self.part.coming.insert(dispatch, *coming);
                self.session.accept(dispatch, have, now)
            }
            Weighed::Held => self.session.held(dispatch),
            Weighed::Receipted(receipt) => self.session.receipted(dispatch, receipt),
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
            self.part.coming.remove(&dispatch);
            self.office.forget_partial(&dispatch)?;
            let _ = self.session.decline(dispatch, Code::NoRoom);
        }
        Ok(())
    }

    /// Records that an offer is refused, and answers once that is done.
    fn refused(&mut self, dispatch: DispatchId) {
        self.part.refused += 1;
        if self.part.refused > MAX_REFUSED_OFFERS {
            tracing::warn!(peer = %self.peer, "more refused offers than one connection may bring; it is closed");
            return self.close(Code::GoingAway);
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
            && let Some(coming) = self.part.coming.get_mut(&held)
        {
            coming.put_down(self.office.vault.as_ref())?;
        }
        let Some(coming) = self.part.coming.get_mut(&dispatch) else { return Ok(()) };
        if coming.is_large() {
            return at_length(self.is_awaited, || coming.append(bytes));
        }
        self.part.held = Some(dispatch);
        coming.append(bytes)
    }

    fn complete(&mut self, dispatch: DispatchId) -> Result<(), Fault> {
        let Some(coming) = self.part.coming.remove(&dispatch) else { return Ok(()) };
        let verified = match coming.is_large() {
            true => at_length(self.is_awaited, || self.office.verify_arrival(coming)),
            false => self.office.verify_arrival(coming),
        };
        let errand = match verified? {
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
