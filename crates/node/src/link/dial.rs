//! The connections that this node makes: one to each partner, kept, and made again when lost. What this node owes moves
//! on these.
//!
//! *Absent:* partners who are barred; they are shown to the operator with the reason, and looked at again.

use super::Shared;
use super::backoff::{Backoff, FIRST_SECONDS};
use super::board::State;
use super::drive::{Drive, End, down};
use super::socket;
use super::standing::{Barred, Standing};
use super::tls::Unmet;
use crate::exchange::Conduct;
use attache_accord::{Digest, NodeName};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::{sleep, timeout};
use tokio_rustls::client::TlsStream;

/// A partner's endpoint must take a connection so soon, in seconds.
pub const CONNECT_SECONDS: u64 = 10;
/// Between two looks whether there is a new reason to dial there are so many milliseconds at least.
const LOOK_MILLIS: u64 = 50;

/// How one attempt came out.
struct Attempt {
    state: State,
    reason: String,
    /// How long the connection stood.
    lasted: Duration,
}

impl Attempt {
    fn failed(state: State, reason: impl ToString) -> Self {
        Self { state, reason: reason.to_string(), lasted: Duration::ZERO }
    }

    fn unmet(endpoint: &str, unmet: &Unmet) -> Self {
        let state = match unmet {
            Unmet::Slow | Unmet::Broken(_) => State::Dialling,
            Unmet::Refused(_) | Unmet::Ours(_) => State::Refused,
        };
        Self::failed(state, format_args!("{endpoint}: {unmet}"))
    }

    fn ended(end: End) -> Self {
        match end {
            End::Closed(None) => Self::failed(State::Dialling, "closed by this node"),
            End::Closed(Some(code)) => {
                let row = code.row();
                let state = if row.again { State::Dialling } else { State::Refused };
                Self::failed(state, format_args!("{code}: {}", row.says))
            }
            End::Refused(reason) => Self::failed(State::Refused, reason),
            End::Lost(why) => Self::failed(State::Dialling, why),
            End::Ours(fault) => Self::failed(State::Dialling, fault),
        }
    }
}

/// Keeps a connection to each partner, old and new, until the node goes down.
pub(super) async fn dial(link: Arc<Shared>) {
    let (mut nudge, mut shutdown) = (link.node.nudge(), link.node.shutdown());
    let mut known = BTreeSet::new();
    let mut kept = JoinSet::new();
    while !*shutdown.borrow() {
        nudge.mark_unchanged();
        for node in link.partners.names() {
            if known.insert(node.clone()) {
                kept.spawn(keep(Arc::clone(&link), node));
            }
        }
        tokio::select! {
            _ = nudge.changed() => {}
            () = down(&mut shutdown) => {}
        }
    }
    while kept.join_next().await.is_some() {}
}

/// Keeps the connection to one partner.
async fn keep(link: Arc<Shared>, node: NodeName) {
    let mut shutdown = link.node.shutdown();
    let mut backoff = Backoff::new();
    let mut said = String::new();
    link.board.set(&node, State::Dialling, String::new(), link.node.now());
    while !*shutdown.borrow() {
        let before = Asks::of(&link, &node);
        let Attempt { state, reason, lasted } = attempt(&link, &node).await;
        // Once, and not at each attempt that fails in the same way.
        if said != reason || !lasted.is_zero() {
            tracing::warn!(peer = %node, state = state.as_str(), %reason, "not connected to the partner");
            said.clone_from(&reason);
        }
        link.board.set(&node, state, reason, link.node.now());
        let before = before.still(&Asks::of(&link, &node));
        tokio::select! {
            () = pause(&link, &node, &before, backoff.after(lasted)) => {}
            () = down(&mut shutdown) => {}
        }
    }
}

/// Dials the partner's endpoints in order; the first that greets is kept to its end.
async fn attempt(link: &Arc<Shared>, node: &NodeName) -> Attempt {
    let now = link.node.now();
    let peer = match block_in_place(|| link.partners.standing(node, now)) {
        Ok(peer) => peer,
        Err(Barred::Fault(fault)) => return Attempt::failed(State::Dialling, fault),
        Err(barred) => return Attempt::failed(State::Refused, barred),
    };
    let mut shutdown = link.node.shutdown();
    let mut last = Attempt::failed(State::Refused, "its card names no endpoint; ask for a new card");
    for endpoint in &peer.endpoints {
        last = tokio::select! {
            reached = reach(link, &peer, endpoint) => match reached {
                Ok(stream) => converse(link, &peer, stream).await,
                Err(unmet) => Attempt::unmet(endpoint, &unmet),
            },
            () = down(&mut shutdown) => return Attempt::failed(State::Dialling, "the node is going down"),
        };
        if !last.lasted.is_zero() {
            break;
        }
    }
    last
}

async fn reach(link: &Shared, peer: &Standing, endpoint: &str) -> Result<TlsStream<TcpStream>, Unmet> {
    let connecting = timeout(Duration::from_secs(CONNECT_SECONDS), TcpStream::connect(endpoint));
    let stream = connecting.await.map_err(|_| Unmet::Slow)?.map_err(Unmet::Broken)?;
    socket::set(&stream).map_err(Unmet::Broken)?;
    link.tls.dial(stream, peer, link.node.now()).await
}

async fn converse(link: &Arc<Shared>, peer: &Arc<Standing>, stream: TlsStream<TcpStream>) -> Attempt {
    let office = Arc::clone(&link.node.office);
    match Conduct::calling(office, peer.node.clone(), link.node.now()) {
        Ok(conduct) => {
            let (end, lasted) = Drive::new(link, Arc::clone(peer), conduct.awaited()).run(stream).await;
            Attempt { lasted, ..Attempt::ended(end) }
        }
        Err(fault) => Attempt::failed(State::Dialling, fault),
    }
}

/// Waits before the next attempt, less long when there is a new reason to make it, and never under a second.
async fn pause(link: &Shared, node: &NodeName, before: &Asks, pause: Duration) {
    let (mut nudge, mut calls) = (link.node.nudge(), link.board.calls(node));
    let shortened = async {
        sleep(Duration::from_secs(FIRST_SECONDS)).await;
        while !Asks::of(link, node).more_than(before) {
            tokio::select! {
                stirred = nudge.changed() => if stirred.is_err() { return },
                () = calls.changed() => {}
            }
            // A node that records much is looked at no more often.
            sleep(Duration::from_millis(LOOK_MILLIS)).await;
        }
    };
    // Either way the pause is over.
    let _ = timeout(pause, shortened).await;
}

/// What makes it worth to dial a partner.
#[derive(Clone, Copy)]
struct Asks {
    owed: usize,
    card: Option<Digest>,
    /// The connection on which the partner calls here, so that it is up.
    call: Option<u64>,
}

impl Asks {
    fn of(link: &Shared, node: &NodeName) -> Self {
        let call = link.board.calls(node).standing();
        let view = link.node.office.view.read();
        let owed = view.dispatches.owed_to(node).count() + view.dispatches.receipts_owed_to(node).count();
        Self { owed, card: view.peers.get(node).map(|peer| peer.card), call }
    }

    /// What was asked before an attempt and is still asked after it, which may have delivered some of it.
    fn still(self, after: &Self) -> Self {
        Self { owed: self.owed.min(after.owed), ..self }
    }

    /// What was owed before is no reason to dial more often than the pauses say, nor is a call that an attempt was made for:
    /// two nodes of which one refuses the other would dial every second for ever.
    fn more_than(&self, before: &Self) -> bool {
        self.owed > before.owed || self.card != before.card || self.call > before.call
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKS: Asks = Asks { owed: 2, card: None, call: Some(3) };

    #[test]
    fn a_partner_that_calls_is_dialled_once_for_each_call() {
        assert!(ASKS.more_than(&Asks { call: None, ..ASKS }));
        assert!(ASKS.more_than(&Asks { call: Some(2), ..ASKS }));
        assert!(!ASKS.more_than(&ASKS));
        assert!(!Asks { call: None, ..ASKS }.more_than(&ASKS), "it hung up");
    }

    #[test]
    fn what_comes_to_be_owed_after_as_much_was_delivered_is_a_new_reason_to_dial() {
        let delivered = ASKS.still(&Asks { owed: 0, ..ASKS });
        assert!(Asks { owed: 1, ..ASKS }.more_than(&delivered));
        assert!(!ASKS.more_than(&ASKS.still(&Asks { owed: 5, ..ASKS })));
    }
}
