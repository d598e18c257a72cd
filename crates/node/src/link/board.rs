//! What the operator sees of the link: one line for each partner, and how many connections it holds here.
//!
//! *Absent:* history; that is the log's.

use attache_accord::{NodeName, Timestamp};
use attache_courier::{Clocks, Greeting};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Most connections that partners hold here together.
pub const MAX_CONNECTIONS: usize = 64;
/// Most connections that one partner holds here.
pub const MAX_CONNECTIONS_OF_ONE: usize = 4;

/// A connection waits so long for the partner's older ones to end, in seconds.
const ALONE_SECONDS: u64 = 5;

/// Where the connection stands that this node dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Both Hellos crossed. A socket alone does not count.
    Connected,
    /// It is being dialled, now or after a pause.
    Dialling,
    /// This node or the other refuses the connection; a person has to act.
    Refused,
}

impl State {
    /// The word used on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Dialling => "dialling",
            Self::Refused => "refused",
        }
    }
}

/// One partner, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerStatus {
    /// The partner.
    pub node: NodeName,
    /// Where the connection stands that this node dials. What this node owes moves on that one.
    pub state: State,
    /// Why it is not connected, or why nothing is released although it is; empty when all is well.
    pub reason: String,
    /// Since when it is in that state.
    pub since: Timestamp,
    /// How far apart the clocks were at the last greeting, in milliseconds.
    pub clocks_apart_millis: Option<u64>,
    /// How many connections the partner holds here, at most [`MAX_CONNECTIONS_OF_ONE`]. What it owes moves on those.
    pub inbound: usize,
}

impl PeerStatus {
    /// Whether nothing is released to the partner because of the clocks.
    pub fn is_clock_apart(&self) -> bool {
        self.clocks_apart_millis.map(Clocks::of) == Some(Clocks::Apart)
    }
}

/// The board of one node.
#[derive(Default)]
pub(super) struct Board {
    lines: Mutex<BTreeMap<NodeName, PeerStatus>>,
    seats: Mutex<BTreeMap<NodeName, watch::Sender<Seats>>>,
}

/// The connections that one partner holds here.
#[derive(Debug, Clone, Copy, Default)]
struct Seats {
    taken: usize,
    /// Number of the newest.
    newest: u64,
    /// Number of the one that was the newest when the partner last greeted us.
    greeted: u64,
}

/// What shows whether a partner calls here.
pub(super) struct Calls(watch::Receiver<Seats>);

/// A place that a partner's connection takes here, until it is dropped.
pub(super) struct Seat {
    board: Arc<Board>,
    node: NodeName,
    number: u64,
    seats: watch::Receiver<Seats>,
}

impl Board {
    /// Shows what a greeting amounts to. Answers how the clocks stand where that has changed since the greeting before.
    pub(super) fn connected(&self, node: &NodeName, greeting: Greeting, now: Timestamp) -> Option<Clocks> {
        let barred = greeting.bars_release().map(|code| format!("nothing is released: {}", code.row().says));
        let apart = Some(greeting.clocks_apart_millis / 1000).filter(|_| greeting.clocks() != Clocks::Agree);
        let apart = apart.map(|seconds| format!("the clocks are {seconds} s apart"));
        let reason: Vec<_> = barred.into_iter().chain(apart).collect();
        self.set(node, State::Connected, reason.join("; "), now);
        let mut lines = self.lines();
        let line = lines.get_mut(node)?;
        let before = line.clocks_apart_millis.replace(greeting.clocks_apart_millis);
        let before = before.map_or(Clocks::Agree, Clocks::of);
        Some(greeting.clocks()).filter(|clocks| *clocks != before)
    }

    /// Sets the state; `since` stays where it was the same before.
    pub(super) fn set(&self, node: &NodeName, state: State, reason: String, now: Timestamp) {
        let mut lines = self.lines();
        let line = lines.entry(node.clone()).or_insert_with(|| PeerStatus {
            node: node.clone(),
            state,
            reason: String::new(),
            since: now,
            clocks_apart_millis: None,
            inbound: 0,
        });
        if line.state != state {
            line.since = now;
        }
        line.state = state;
        line.reason = reason;
    }

    /// A place for a connection of `node`.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn seat(self: &Arc<Self>, node: &NodeName) -> Result<Seat, &'static str> {
        let mut seats = self.seats();
        if seats.values().map(|seats| seats.borrow().taken).sum::<usize>() >= MAX_CONNECTIONS {
            return Err("partners hold as many connections here as they may together");
        }
        let of_one = seats.entry(node.clone()).or_default();
        if of_one.borrow().taken >= MAX_CONNECTIONS_OF_ONE {
            return Err("this partner holds as many connections here as it may");
        }
        of_one.send_modify(|seats| {
            seats.taken += 1;
            seats.newest += 1;
        });
        let number = of_one.borrow().newest;
        Ok(Seat { board: Arc::clone(self), node: node.clone(), number, seats: of_one.subscribe() })
    }

    /// The partner has greeted us on the newest of its connections.
    pub(super) fn greeted(&self, node: &NodeName) {
        if let Some(seats) = self.seats().get(node) {
            seats.send_modify(|seats| seats.greeted = seats.newest);
        }
    }

    /// Follows the connections of `node`, which may have none yet.
    pub(super) fn calls(&self, node: &NodeName) -> Calls {
        Calls(self.seats().entry(node.clone()).or_default().subscribe())
    }

    /// All lines, by node.
    pub(super) fn list(&self) -> Vec<PeerStatus> {
        let seats = self.seats();
        let taken = |node| seats.get(node).map(|seats| seats.borrow().taken).unwrap_or_default();
        self.lines().values().map(|line| PeerStatus { inbound: taken(&line.node), ..line.clone() }).collect()
    }

    fn lines(&self) -> MutexGuard<'_, BTreeMap<NodeName, PeerStatus>> {
        // Each change is one assignment, so a panic elsewhere leaves nothing half-made.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seats(&self) -> MutexGuard<'_, BTreeMap<NodeName, watch::Sender<Seats>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    /// The connection on which the partner has greeted us and which stands, by its number.
    pub(super) fn standing(&self) -> Option<u64> {
        let seats = *self.0.borrow();
        (seats.taken > 0 && seats.greeted == seats.newest).then_some(seats.newest)
    }

    /// Waits until a connection came, greeted or went.
    pub(super) async fn changed(&mut self) {
        // The sender is kept with the board.
        let _ = self.0.changed().await;
    }
}

impl Seat {
    /// Waits until the partner has dialled anew. A node keeps one connection to each partner, so the older one is dead,
    /// although nobody may have told this end: it would hold what is half here until it is given up for silence.
    pub(super) async fn superseded(&mut self) {
        let number = self.number;
        // The sender is kept with the board, and so with this seat.
        let _ = self.seats.wait_for(|seats| seats.newest > number).await;
    }

    /// Waits until the partner's older connections have let go of what is half here, which takes them a moment.
    pub(super) async fn alone(&mut self) {
        let alone = self.seats.wait_for(|seats| seats.taken <= 1);
        if timeout(Duration::from_secs(ALONE_SECONDS), alone).await.is_err() {
            tracing::warn!(peer = %self.node, "an older connection of the partner does not end");
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(seats) = self.board.seats().get(&self.node) {
            seats.send_modify(|seats| seats.taken = seats.taken.saturating_sub(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_calls_from_its_greeting_until_its_connection_ends() {
        let (board, tokyo) = (Arc::new(Board::default()), "tokyo.jpn".parse().unwrap());
        let calls = board.calls(&tokyo);
        assert_eq!(calls.standing(), None);
        let first = board.seat(&tokyo).unwrap();
        assert_eq!(calls.standing(), None, "whoever has not greeted may be turned away");
        board.greeted(&tokyo);
        assert_eq!(calls.standing(), Some(1));
        let second = board.seat(&tokyo).unwrap();
        assert_eq!(calls.standing(), None, "the older one is dead, and the newer one has not greeted");
        drop(first);
        board.greeted(&tokyo);
        assert_eq!(calls.standing(), Some(2));
        drop(second);
        assert_eq!(calls.standing(), None);
    }
}
