//! The network: connections between two sites as two queues of bytes, which move only when the world says so.
//!
//! *Absent:* order between connections, and any promise that bytes arrive.

use attache_accord::{NodeName, Timestamp};
use attache_courier::{Calling, Code, Listening, Output};
use attache_node::exchange::{Conduct, Errand};
use attache_node::fault::Failure;
use attache_node::office::Office;
use std::collections::VecDeque;
use std::sync::Arc;

/// One connection between two sites.
pub(crate) struct Wire {
    pub(crate) caller: NodeName,
    pub(crate) listener: NodeName,
    pub(crate) calling: Conduct<Calling>,
    pub(crate) listening: Conduct<Listening>,
    to_listener: VecDeque<u8>,
    to_caller: VecDeque<u8>,
    /// All that the caller ever sent, for the saboteur.
    pub(crate) recorded: Vec<u8>,
    /// All that each end was given: the caller, the listener.
    pub(crate) given: [Vec<u8>; 2],
}

/// Which end of a wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Caller,
    Listener,
}

impl Wire {
    pub(crate) fn dial(
        caller: &Arc<Office>,
        listener: &Arc<Office>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let (from, to) = (caller.identity.node.clone(), listener.identity.node.clone());
        Ok(Self {
            calling: Conduct::calling(Arc::clone(caller), to.clone(), now)?,
            listening: Conduct::listening(Arc::clone(listener), from.clone(), now)?,
            caller: from,
            listener: to,
            to_listener: VecDeque::new(),
            to_caller: VecDeque::new(),
            recorded: Vec::new(),
            given: Default::default(),
        })
    }

    pub(crate) fn site(&self, end: End) -> &NodeName {
        match end {
            End::Caller => &self.caller,
            End::Listener => &self.listener,
        }
    }

    /// Lets one end write what it wants to write, at most `frames` of them. `false` when it wrote nothing.
    pub(crate) fn write(&mut self, end: End, frames: usize, now: Timestamp) -> bool {
        let mut wrote = false;
        for _ in 0..frames {
            let output = match end {
                End::Caller => self.calling.poll_output(now),
                End::Listener => self.listening.poll_output(now),
            };
            let Some(output) = output else { break };
            wrote = true;
            let bytes = match output {
                Output::Control(bytes) => bytes,
                Output::Data { head, content } => [head.as_slice(), &content].concat(),
            };
            match end {
                End::Caller => {
                    self.recorded.extend_from_slice(&bytes);
                    self.to_listener.extend(bytes);
                }
                End::Listener => self.to_caller.extend(bytes),
            }
        }
        wrote
    }

    /// Delivers up to `count` of the bytes on their way to one end. `false` when there were none.
    pub(crate) fn deliver(&mut self, end: End, count: usize, now: Timestamp) -> bool {
        let queue = match end {
            End::Caller => &mut self.to_caller,
            End::Listener => &mut self.to_listener,
        };
        let bytes: Vec<u8> = queue.drain(..count.min(queue.len())).collect();
        match end {
            End::Caller => self.calling.received(now, &bytes),
            End::Listener => self.listening.received(now, &bytes),
        }
        self.given[end as usize].extend_from_slice(&bytes);
        !bytes.is_empty()
    }

    /// Lets one end look at the clock and at what it owes.
    pub(crate) fn tick(&mut self, end: End, now: Timestamp) {
        match end {
            End::Caller => self.calling.tick(now),
            End::Listener => self.listening.tick(now),
        }
    }

    pub(crate) fn next_errand(&mut self, end: End) -> Option<Errand> {
        match end {
            End::Caller => self.calling.next_errand(),
            End::Listener => self.listening.next_errand(),
        }
    }

    /// Bytes on their way to one end.
    pub(crate) fn underway(&self, end: End) -> usize {
        match end {
            End::Caller => self.to_caller.len(),
            End::Listener => self.to_listener.len(),
        }
    }

    /// Whether either end has closed and everything written has arrived.
    pub(crate) fn is_over(&self) -> bool {
        (self.calling.is_over() || self.listening.is_over())
            && self.to_caller.is_empty()
            && self.to_listener.is_empty()
    }

    /// Ends the connection in order.
    pub(crate) fn close(&mut self) {
        self.calling.close(Code::Finished);
        self.listening.close(Code::Finished);
    }
}

#[cfg(test)]
mod tests;
