//! Exchanges that we began: offers on their way, receipts, notices and proofs that we owe, and
//! openings that we ask for.
//!
//! *Absent:* frames and bytes. This is which answer may come now, and whose turn it is to send.

use crate::codes::Code;
use crate::limits::FEED_BYTES;
use crate::trouble::{Misuse, Trouble, breach};
use attache_accord::{DispatchId, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// A request for bytes of a container that the peer accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// The dispatch.
    pub dispatch: DispatchId,
    /// From where in the container.
    pub offset: u64,
    /// At most so many bytes, and never past the end; at least one must be fed.
    pub max: usize,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// The Offer is out.
    Offered { size: u64, withdrawn: bool },
    /// Accepted; `next` is the first byte not yet fed.
    Sending { next: u64, size: u64 },
    /// The Done is out, after the last byte if `whole`.
    Finishing { whole: bool },
    /// A Receipt is out.
    Receipt,
    /// A Notice is out.
    Notice,
    /// A Proof is out.
    Proof,
    /// An Opening is out.
    Opening,
}

#[derive(Default)]
pub(crate) struct Outbound {
    open: BTreeMap<DispatchId, (Step, Timestamp)>,
    turns: VecDeque<DispatchId>,
    /// Since when our log waits for the peer's answer.
    asked: Option<Timestamp>,
    /// Since when an Ask of ours waits for the peer's answer.
    asked_again: Option<Timestamp>,
}

impl Outbound {
    pub(crate) fn count(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn offer(&mut self, dispatch: DispatchId, size: u64, now: Timestamp) -> Result<(), Misuse> {
        self.begin(dispatch, Step::Offered { size, withdrawn: false }, now)
    }

    pub(crate) fn receipt(&mut self, dispatch: DispatchId, now: Timestamp) -> Result<(), Misuse> {
        self.begin(dispatch, Step::Receipt, now)
    }

    pub(crate) fn notice(&mut self, id: DispatchId, now: Timestamp) -> Result<(), Misuse> {
        self.begin(id, Step::Notice, now)
    }

    /// Our log asks to be witnessed, once at a time.
    pub(crate) fn witness(&mut self, now: Timestamp) -> Result<(), Misuse> {
        if self.asked.is_some() {
            return Err(Misuse::AskedAlready);
        }
        self.asked = Some(now);
        Ok(())
    }

    /// Whether our log waits for the peer's answer.
    pub(crate) fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// A Witnessed came.
    pub(crate) fn witnessed(&mut self) -> Result<(), Trouble> {
        match self.asked.take() {
            Some(_) => Ok(()),
            None => breach(Code::NoSuchExchange, "a Witnessed that answers nothing"),
        }
    }

    /// Asks for what was before, once at a time.
    pub(crate) fn ask(&mut self, now: Timestamp) -> Result<(), Misuse> {
        if self.asked_again.is_some() {
            return Err(Misuse::AskedAlready);
        }
        self.asked_again = Some(now);
        Ok(())
    }

    /// Whether an Ask waits for the peer's answer.
    pub(crate) fn is_asking_again(&self) -> bool {
        self.asked_again.is_some()
    }

    /// A Given came.
    pub(crate) fn given(&mut self) -> Result<(), Trouble> {
        match self.asked_again.take() {
            Some(_) => Ok(()),
            None => breach(Code::NoSuchExchange, "a Given that answers nothing"),
        }
    }

    pub(crate) fn proof(&mut self, dispatch: DispatchId, now: Timestamp) -> Result<(), Misuse> {
        self.begin(dispatch, Step::Proof, now)
    }

    pub(crate) fn opening(&mut self, id: DispatchId, now: Timestamp) -> Result<(), Misuse> {
        self.begin(id, Step::Opening, now)
    }

    fn begin(&mut self, dispatch: DispatchId, step: Step, now: Timestamp) -> Result<(), Misuse> {
        if self.open.contains_key(&dispatch) {
            return Err(Misuse::AlreadyOpen(dispatch));
        }
        self.open.insert(dispatch, (step, now));
        Ok(())
    }

    fn step(&self, dispatch: DispatchId) -> Result<Step, Trouble> {
        match self.open.get(&dispatch) {
            Some((step, _)) => Ok(*step),
            None => breach(Code::NoSuchExchange, "an answer"),
        }
    }

    /// An Accept came. Whether a Done is to go out at once: nothing is missing, or we withdrew meanwhile.
    pub(crate) fn accepted(
        &mut self,
        dispatch: DispatchId,
        have: u64,
        now: Timestamp,
    ) -> Result<bool, Trouble> {
        let Step::Offered { size, withdrawn } = self.step(dispatch)? else {
            return breach(Code::OutOfTurn, "Accept");
        };
        if have > size {
            return breach(Code::WrongOffset, "an Accept of more than was offered");
        }
        let at_once = withdrawn || have == size;
        let step = match at_once {
            true => Step::Finishing { whole: have == size },
            false => Step::Sending { next: have, size },
        };
        if !at_once {
            self.turns.push_back(dispatch);
        }
        self.open.insert(dispatch, (step, now));
        Ok(at_once)
    }

    /// A Decline came. Whether a Done is owed, so that the peer knows where our data ends.
    pub(crate) fn declined(&mut self, dispatch: DispatchId) -> Result<bool, Trouble> {
        let step = self.step(dispatch)?;
        self.end(dispatch);
        Ok(matches!(step, Step::Sending { .. }))
    }

    /// A Held or a Receipted came.
    pub(crate) fn had_before(&mut self, dispatch: DispatchId) -> Result<(), Trouble> {
        let fits = matches!(self.step(dispatch)?, Step::Offered { .. });
        self.finish(dispatch, fits, "Held or Receipted")
    }

    /// A Stored came.
    pub(crate) fn stored(&mut self, dispatch: DispatchId) -> Result<(), Trouble> {
        let fits = matches!(self.step(dispatch)?, Step::Finishing { whole: true });
        self.finish(dispatch, fits, "Stored")
    }

    /// A ReceiptKept came.
    pub(crate) fn kept(&mut self, dispatch: DispatchId) -> Result<(), Trouble> {
        let fits = matches!(self.step(dispatch)?, Step::Receipt);
        self.finish(dispatch, fits, "ReceiptKept")
    }

    /// A NoticeKept came.
    pub(crate) fn notice_kept(&mut self, id: DispatchId) -> Result<(), Trouble> {
        let fits = matches!(self.step(id)?, Step::Notice);
        self.finish(id, fits, "NoticeKept")
    }

    /// A ProofKept came.
    pub(crate) fn proof_kept(&mut self, dispatch: DispatchId) -> Result<(), Trouble> {
        let fits = matches!(self.step(dispatch)?, Step::Proof);
        self.finish(dispatch, fits, "ProofKept")
    }

    /// An OpeningAnswer came.
    pub(crate) fn opening_answered(&mut self, id: DispatchId) -> Result<(), Trouble> {
        let fits = matches!(self.step(id)?, Step::Opening);
        self.finish(id, fits, "OpeningAnswer")
    }

    fn finish(&mut self, dispatch: DispatchId, fits: bool, what: &'static str) -> Result<(), Trouble> {
        if !fits {
            return breach(Code::OutOfTurn, what);
        }
        self.end(dispatch);
        Ok(())
    }

    fn end(&mut self, dispatch: DispatchId) {
        self.open.remove(&dispatch);
        self.turns.retain(|turn| *turn != dispatch);
    }

    /// The exchange whose turn it is.
    pub(crate) fn wants(&self) -> Option<Want> {
        let dispatch = *self.turns.front()?;
        match self.open.get(&dispatch) {
            Some((Step::Sending { next, size }, _)) => {
                let max = usize::try_from(size - next).unwrap_or(usize::MAX).min(FEED_BYTES);
                Some(Want { dispatch, offset: *next, max })
            }
            _ => None,
        }
    }

    /// `length` more bytes go out. Their offset, and whether they were the last.
    pub(crate) fn feed(
        &mut self,
        dispatch: DispatchId,
        length: usize,
        now: Timestamp,
    ) -> Result<(u64, bool), Misuse> {
        let Some((Step::Sending { next, size }, _)) = self.open.get(&dispatch).copied() else {
            return Err(Misuse::NotWaiting(dispatch));
        };
        if length == 0 || length > FEED_BYTES || length as u64 > size - next {
            return Err(Misuse::OutsideLimit("bytes fed"));
        }
        let after = next + length as u64;
        let last = after == size;
        self.turns.retain(|turn| *turn != dispatch);
        let step = match last {
            true => Step::Finishing { whole: true },
            false => Step::Sending { next: after, size },
        };
        if !last {
            self.turns.push_back(dispatch);
        }
        self.open.insert(dispatch, (step, now));
        Ok((next, last))
    }

    /// We withdraw an offer. Whether a Done is to go out now.
    pub(crate) fn withdraw(&mut self, dispatch: DispatchId, now: Timestamp) -> Result<bool, Misuse> {
        match self.open.get(&dispatch).copied() {
            Some((Step::Offered { size, .. }, since)) => {
                self.open.insert(dispatch, (Step::Offered { size, withdrawn: true }, since));
                Ok(false)
            }
            Some((Step::Sending { .. }, _)) => {
                self.turns.retain(|turn| *turn != dispatch);
                self.open.insert(dispatch, (Step::Finishing { whole: false }, now));
                Ok(true)
            }
            _ => Err(Misuse::NotWaiting(dispatch)),
        }
    }

    /// Since when we have waited longest for an answer.
    pub(crate) fn waiting_since(&self) -> Option<Timestamp> {
        let waits = self.open.values().filter(|(step, _)| !matches!(step, Step::Sending { .. }));
        waits.map(|(_, since)| *since).chain(self.asked).chain(self.asked_again).min()
    }
}
