//! What waits for the socket: whole frames in order, counted, so that a peer that does not read cannot make us
//! remember more than it may owe.
//!
//! *Absent:* priorities. A Done must not overtake its data, and an answer not its question.

use crate::limits::{DATA_HEAD_BYTES, QUEUE_ROOM_BYTES};
use attache_accord::DispatchId;
use std::collections::VecDeque;

/// One whole frame to write.
#[derive(Clone, PartialEq, Eq)]
pub enum Output {
    /// A control frame with its length.
    Control(Vec<u8>),
    /// A data frame: write `head`, then `content`, best in one vectored write.
    Data {
        /// Length, mark, dispatch id and offset.
        head: [u8; 4 + DATA_HEAD_BYTES],
        /// The bytes that were fed.
        content: Vec<u8>,
    },
}

impl Output {
    /// Bytes on the wire.
    pub fn len(&self) -> usize {
        match self {
            Self::Control(bytes) => bytes.len(),
            Self::Data { head, content } => head.len() + content.len(),
        }
    }

    /// Never: a frame has at least its length.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Output({} bytes)", self.len())
    }
}

/// What becomes true when a frame leaves the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Nothing,
    /// This was the last answer in an exchange that the peer began.
    Answered(DispatchId),
    Pong,
    /// This was the answer to the peer's Witness.
    Witnessed,
    /// This was the answer to the peer's Ask.
    Given,
}

#[derive(Default)]
pub(crate) struct Queue {
    frames: VecDeque<(Output, Mark)>,
    bytes: usize,
}

impl Queue {
    pub(crate) fn push(&mut self, output: Output, mark: Mark) {
        self.bytes += output.len();
        self.frames.push_back((output, mark));
    }

    pub(crate) fn pop(&mut self) -> Option<(Output, Mark)> {
        let (output, mark) = self.frames.pop_front()?;
        self.bytes -= output.len();
        if self.frames.is_empty() {
            // The room that many answers once took.
            self.frames = VecDeque::new();
        }
        Some((output, mark))
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn held_bytes(&self) -> usize {
        self.bytes
    }

    /// Whether a frame that may be long is taken in.
    pub(crate) fn has_room(&self) -> bool {
        self.bytes <= QUEUE_ROOM_BYTES
    }
}
