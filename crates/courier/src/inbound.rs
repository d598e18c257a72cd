//! Exchanges that the peer began: offers that we weigh and receive, and receipts, notices, proofs and requests to open
//! that it brings.
//!
//! An exchange keeps its place in the window until our last answer has left the queue: before that an honest peer
//! cannot know that it is over, so one that acts as if it were is caught, and answers cannot pile up.
//!
//! *Absent:* content. Bytes pass by; only their place is checked.

use crate::codes::Code;
use crate::trouble::{Misuse, Trouble, breach};
use attache_accord::{DispatchId, Timestamp};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Offered; the node has not answered.
    Weighing { size: u64 },
    /// Accepted; `next` is the first byte that is missing.
    Receiving { next: u64, size: u64 },
    /// Done came after the last byte; the node verifies.
    Storing,
    /// Declined while data was coming. It is passed over until Done; `told`: the Decline has left the queue.
    Draining { next: u64, size: u64, told: bool },
    /// A receipt came; the node has not answered.
    Keeping,
    /// A notice came; the node has not answered.
    Noting,
    /// A proof came; the node has not answered.
    Proving,
    /// An opening is asked for; the node has not answered.
    Asking,
    /// Answered for good; the answer has not left the queue.
    Ended,
}

/// What a Done means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Complete,
    Withdrawn,
    Drained,
}

#[derive(Default)]
pub(crate) struct Inbound {
    open: BTreeMap<DispatchId, Step>,
    /// When data, or leave to send it, was last given.
    moved_at: Timestamp,
    /// A Witness waits for its answer, or that answer has not left the queue.
    is_asked: bool,
    /// An Ask waits for its answer, or that answer has not left the queue.
    is_asked_again: bool,
}

impl Inbound {
    pub(crate) fn offer(&mut self, dispatch: DispatchId, size: u64, window: u16) -> Result<(), Trouble> {
        self.begin(dispatch, Step::Weighing { size }, window)
    }

    pub(crate) fn receipt(&mut self, dispatch: DispatchId, window: u16) -> Result<(), Trouble> {
        self.begin(dispatch, Step::Keeping, window)
    }

    pub(crate) fn notice(&mut self, id: DispatchId, window: u16) -> Result<(), Trouble> {
        self.begin(id, Step::Noting, window)
    }

    /// A log asks to be witnessed: one request at a time, beside the window.
    pub(crate) fn witness(&mut self) -> Result<(), Trouble> {
        if self.is_asked {
            return breach(Code::OutOfTurn, "a Witness before the last was answered");
        }
        self.is_asked = true;
        Ok(())
    }

    /// Whether a Witness waits for its answer.
    pub(crate) fn is_asked(&self) -> bool {
        self.is_asked
    }

    /// The answer has left the queue.
    pub(crate) fn witnessed(&mut self) {
        self.is_asked = false;
    }

    /// The peer asks for what was before: one request at a time, beside the window.
    pub(crate) fn ask(&mut self) -> Result<(), Trouble> {
        if self.is_asked_again {
            return breach(Code::OutOfTurn, "an Ask before the last was answered");
        }
        self.is_asked_again = true;
        Ok(())
    }

    /// Whether an Ask waits for its answer.
    pub(crate) fn is_asked_again(&self) -> bool {
        self.is_asked_again
    }

    /// The answer has left the queue.
    pub(crate) fn given(&mut self) {
        self.is_asked_again = false;
    }

    pub(crate) fn proof(&mut self, dispatch: DispatchId, window: u16) -> Result<(), Trouble> {
        self.begin(dispatch, Step::Proving, window)
    }

    pub(crate) fn opening(&mut self, id: DispatchId, window: u16) -> Result<(), Trouble> {
        self.begin(id, Step::Asking, window)
    }

    fn begin(&mut self, dispatch: DispatchId, step: Step, window: u16) -> Result<(), Trouble> {
        if self.open.contains_key(&dispatch) {
            return breach(Code::OutOfTurn, "an exchange begun twice");
        }
        if self.open.len() >= usize::from(window) {
            return breach(Code::WindowExceeded, "an Offer, a Receipt, a Notice, a Proof or an Opening");
        }
        self.open.insert(dispatch, step);
        Ok(())
    }

    fn step(&self, dispatch: DispatchId) -> Result<Step, Trouble> {
        match self.open.get(&dispatch) {
            Some(step) => Ok(*step),
            None => breach(Code::NoSuchExchange, "data or Done"),
        }
    }

    /// A data frame of `length` bytes at `offset` begins.
    pub(crate) fn data_begins(&self, dispatch: DispatchId, offset: u64, length: u64) -> Result<(), Trouble> {
        match self.step(dispatch)? {
            Step::Receiving { next, size } | Step::Draining { next, size, .. } => {
                if offset != next || length > size - next {
                    return breach(Code::WrongOffset, "data");
                }
                Ok(())
            }
            _ => breach(Code::OutOfTurn, "data"),
        }
    }

    /// `length` bytes of it came. Whether the node is to have them.
    pub(crate) fn data(&mut self, dispatch: DispatchId, length: u64, now: Timestamp) -> bool {
        self.moved_at = now;
        match self.open.get_mut(&dispatch) {
            Some(Step::Receiving { next, .. }) => {
                *next += length;
                true
            }
            Some(Step::Draining { next, .. }) => {
                *next += length;
                false
            }
            _ => false,
        }
    }

    pub(crate) fn done(&mut self, dispatch: DispatchId) -> Result<Done, Trouble> {
        match self.step(dispatch)? {
            Step::Receiving { next, size } if next == size => {
                self.open.insert(dispatch, Step::Storing);
                Ok(Done::Complete)
            }
            Step::Receiving { .. } => {
                self.open.insert(dispatch, Step::Ended);
                Ok(Done::Withdrawn)
            }
            Step::Draining { told: true, .. } => {
                self.open.remove(&dispatch);
                Ok(Done::Drained)
            }
            Step::Draining { .. } => {
                self.open.insert(dispatch, Step::Ended);
                Ok(Done::Drained)
            }
            _ => breach(Code::OutOfTurn, "Done"),
        }
    }

    /// The node accepts and has `have` bytes.
    pub(crate) fn accept(&mut self, dispatch: DispatchId, have: u64, now: Timestamp) -> Result<(), Misuse> {
        match self.open.get(&dispatch).copied() {
            Some(Step::Weighing { size }) if have > size => Err(Misuse::OutsideLimit("bytes had")),
            Some(Step::Weighing { size }) => {
                self.moved_at = now;
                self.open.insert(dispatch, Step::Receiving { next: have, size });
                Ok(())
            }
            _ => Err(Misuse::NotWaiting(dispatch)),
        }
    }

    /// The node declines whatever this is.
    pub(crate) fn decline(&mut self, dispatch: DispatchId) -> Result<(), Misuse> {
        let step = match self.open.get(&dispatch).copied() {
            Some(
                Step::Weighing { .. }
                | Step::Storing
                | Step::Keeping
                | Step::Noting
                | Step::Proving
                | Step::Asking,
            ) => Step::Ended,
            Some(Step::Receiving { next, size }) => Step::Draining { next, size, told: false },
            _ => return Err(Misuse::NotWaiting(dispatch)),
        };
        self.open.insert(dispatch, step);
        Ok(())
    }

    /// The node answers an Offer with what was before.
    pub(crate) fn had_before(&mut self, dispatch: DispatchId) -> Result<(), Misuse> {
        let fits = matches!(self.open.get(&dispatch), Some(Step::Weighing { .. }));
        self.finish(dispatch, fits)
    }

    pub(crate) fn stored(&mut self, dispatch: DispatchId) -> Result<(), Misuse> {
        let fits = matches!(self.open.get(&dispatch), Some(Step::Storing));
        self.finish(dispatch, fits)
    }

    pub(crate) fn kept(&mut self, dispatch: DispatchId) -> Result<(), Misuse> {
        let fits = matches!(self.open.get(&dispatch), Some(Step::Keeping));
        self.finish(dispatch, fits)
    }

    pub(crate) fn notice_kept(&mut self, id: DispatchId) -> Result<(), Misuse> {
        let fits = matches!(self.open.get(&id), Some(Step::Noting));
        self.finish(id, fits)
    }

    pub(crate) fn proof_kept(&mut self, dispatch: DispatchId) -> Result<(), Misuse> {
        let fits = matches!(self.open.get(&dispatch), Some(Step::Proving));
        self.finish(dispatch, fits)
    }

    pub(crate) fn opening_answered(&mut self, id: DispatchId) -> Result<(), Misuse> {
        let fits = matches!(self.open.get(&id), Some(Step::Asking));
        self.finish(id, fits)
    }

    fn finish(&mut self, dispatch: DispatchId, fits: bool) -> Result<(), Misuse> {
        if !fits {
            return Err(Misuse::NotWaiting(dispatch));
        }
        self.open.insert(dispatch, Step::Ended);
        Ok(())
    }

    /// Whether an Offer of this dispatch waits for the node.
    pub(crate) fn is_weighing(&self, dispatch: DispatchId) -> bool {
        matches!(self.open.get(&dispatch), Some(Step::Weighing { .. }))
    }

    /// The last answer in this exchange has left the queue.
    pub(crate) fn answered(&mut self, dispatch: DispatchId) {
        match self.open.get_mut(&dispatch) {
            Some(Step::Draining { told, .. }) => *told = true,
            Some(Step::Ended) => {
                self.open.remove(&dispatch);
            }
            _ => {}
        }
    }

    /// With data expected: since when none has come.
    pub(crate) fn starved_since(&self) -> Option<Timestamp> {
        let expects = |step: &Step| matches!(step, Step::Receiving { .. } | Step::Draining { .. });
        self.open.values().any(expects).then_some(self.moved_at)
    }
}
