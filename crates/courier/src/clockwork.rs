//! When patience ends. Time is an argument; nothing here waits.
//!
//! *Absent:* the wall clock, and the comparison of the two nodes' clocks (`greeting.rs`).

use crate::codes::Code;
use crate::limits::{
    ANSWER_SECONDS, FRAME_SECONDS, HELLO_SECONDS, IDLE_SECONDS, PING_SECONDS, STALL_SECONDS,
};
use crate::trouble::Trouble;
use attache_accord::Timestamp;

/// The times that a session keeps.
pub(crate) struct Pulse {
    began_at: Timestamp,
    heard_at: Timestamp,
    /// When the control frame that is half here began.
    frame_since: Option<Timestamp>,
    greeted: bool,
    /// A Ping of ours is unanswered.
    pub(crate) pinged: bool,
}

/// What a session waits for beside the peer's sign of life.
pub(crate) struct Waits {
    /// For an answer, since.
    pub(crate) answer: Option<Timestamp>,
    /// For data, since.
    pub(crate) data: Option<Timestamp>,
}

fn after(since: Timestamp, seconds: u64) -> Timestamp {
    since.plus_millis(seconds * 1000)
}

impl Pulse {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { began_at: now, heard_at: now, frame_since: None, greeted: false, pinged: false }
    }

    pub(crate) fn heard(&mut self, now: Timestamp) {
        self.heard_at = now;
    }

    pub(crate) fn greeted(&mut self) {
        self.greeted = true;
    }

    /// Whether a control frame is half here now.
    pub(crate) fn amid(&mut self, amid: bool, now: Timestamp) {
        self.frame_since = amid.then(|| self.frame_since.unwrap_or(now));
    }

    /// A whole control frame came, so that the next may take its own time.
    pub(crate) fn whole(&mut self) {
        self.frame_since = None;
    }

    fn limits(&self, waits: &Waits) -> [(Option<Timestamp>, &'static str); 5] {
        [
            ((!self.greeted).then(|| after(self.began_at, HELLO_SECONDS)), "no Hello"),
            (Some(after(self.heard_at, IDLE_SECONDS)), "silence"),
            (self.frame_since.map(|since| after(since, FRAME_SECONDS)), "a frame begun and not finished"),
            (waits.answer.map(|since| after(since, ANSWER_SECONDS)), "no answer"),
            (waits.data.map(|since| after(since, STALL_SECONDS)), "no data"),
        ]
    }

    fn ping_at(&self) -> Option<Timestamp> {
        (self.greeted && !self.pinged).then(|| after(self.heard_at, PING_SECONDS))
    }

    /// When to look again at the latest.
    pub(crate) fn deadline(&self, waits: &Waits) -> Option<Timestamp> {
        self.limits(waits).iter().filter_map(|(limit, _)| *limit).chain(self.ping_at()).min()
    }

    /// Whether a Ping is due at `now`.
    pub(crate) fn on_time(&self, waits: &Waits, now: Timestamp) -> Result<bool, Trouble> {
        match self.limits(waits).iter().find(|(limit, _)| limit.is_some_and(|limit| now >= limit)) {
            Some((_, what)) => Err(Trouble::Fault { code: Code::TooLate, what }),
            None => Ok(self.ping_at().is_some_and(|at| now >= at)),
        }
    }
}
