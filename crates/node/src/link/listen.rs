//! The connections that partners make: let in, bounded, and answered.
//!
//! *Absent:* words for whoever is refused; the reason is for this side's log.

use super::Shared;
use super::drive::{Drive, End, down};
use super::socket;
use super::standing::Standing;
use super::tls::Unmet;
use crate::exchange::Conduct;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::sleep;
use tokio_rustls::server::TlsStream;

/// Most handshakes under way. They have no part in [`super::MAX_CONNECTIONS`]: strangers cannot take partners' places. A
/// further caller takes the place of the one that has waited longest: an honest handshake is over long before its turn to
/// go, so that strangers who only wait cannot keep partners out.
pub const MAX_HANDSHAKES: usize = 64;
/// Most handshakes under way from one address, so that one stranger leaves room for others.
pub const MAX_HANDSHAKES_OF_ONE: usize = 8;
/// Pause after the system could not accept a connection, in milliseconds: it lacks something that must come back first.
const ACCEPT_PAUSE_MILLIS: u64 = 100;

/// Lets partners in until the node goes down.
pub(super) async fn listen(link: Arc<Shared>, listener: TcpListener) {
    let mut shutdown = link.node.shutdown();
    let doorstep = Arc::new(Doorstep::default());
    let mut callers = JoinSet::new();
    while !*shutdown.borrow() {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => {
                    if let Some(knock) = doorstep.knock(from) {
                        callers.spawn(answer(Arc::clone(&link), stream, knock));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    sleep(Duration::from_millis(ACCEPT_PAUSE_MILLIS)).await;
                }
            },
            Some(_) = callers.join_next() => {}
            () = down(&mut shutdown) => {}
        }
    }
    drop(listener);
    while callers.join_next().await.is_some() {}
}

/// Answers one caller, from its handshake to its end.
async fn answer(link: Arc<Shared>, stream: TcpStream, knock: Knock) {
    let from = knock.from;
    let mut shutdown = link.node.shutdown();
    let met = tokio::select! {
        met = meet(&link, stream) => met,
        () = down(&mut shutdown) => return,
        // Said once for each address, and not for each of a flood.
        () = knock.displaced.notified() => return tracing::debug!(%from, "a caller gave way to a newer one"),
    };
    drop(knock);
    match met {
        Ok((stream, peer)) => converse(&link, from, stream, peer).await,
        Err(unmet) => tracing::warn!(%from, reason = %unmet, "a caller was refused"),
    }
}

async fn meet(link: &Shared, stream: TcpStream) -> Result<(TlsStream<TcpStream>, Arc<Standing>), Unmet> {
    let now = link.node.now();
    socket::set(&stream).map_err(Unmet::Broken)?;
    let partners = block_in_place(|| link.partners.all(now));
    link.tls.answer(stream, partners, now).await
}

async fn converse(link: &Arc<Shared>, from: SocketAddr, stream: TlsStream<TcpStream>, peer: Arc<Standing>) {
    // What it brings could not be recorded; it brings it again.
    if !link.node.office.settling.is_settled() {
        return tracing::info!(%from, peer = %peer.node, "a partner was turned away: this node still asks what was seen of its log");
    }
    let mut seat = match link.board.seat(&peer.node) {
        Ok(seat) => seat,
        Err(reason) => return tracing::warn!(%from, peer = %peer.node, reason, "a partner was turned away"),
    };
    seat.alone().await;
    let office = Arc::clone(&link.node.office);
    let node = peer.node.clone();
    let conduct = match Conduct::listening(office, node.clone(), link.node.now()) {
        Ok(conduct) => conduct.awaited(),
        Err(fault) => return tracing::error!(%from, peer = %node, %fault, "a partner cannot be answered"),
    };
    let end = tokio::select! {
        (end, _) = Drive::new(link, peer, conduct).run(stream) => end,
        () = seat.superseded() => End::Lost("the partner has dialled anew".into()),
    };
    match end {
        // The conduct has said why.
        End::Closed(_) => {}
        End::Refused(reason) | End::Lost(reason) => {
            tracing::info!(%from, peer = %node, reason, "the partner's connection is lost");
        }
        End::Ours(fault) => {
            tracing::error!(%from, peer = %node, %fault, "a connection had to end");
            link.node.office.suspect(&fault);
        }
    }
}

/// Callers whose handshake is under way, in the order in which they came.
#[derive(Default)]
struct Doorstep {
    waiting: Mutex<BTreeMap<u64, Waiting>>,
}

struct Waiting {
    from: IpAddr,
    /// Told when a newer caller takes the place.
    displaced: Arc<Notify>,
}

/// One caller on the doorstep, until it is dropped.
struct Knock {
    doorstep: Arc<Doorstep>,
    number: u64,
    from: SocketAddr,
    displaced: Arc<Notify>,
}

impl Doorstep {
    fn knock(self: &Arc<Self>, from: SocketAddr) -> Option<Knock> {
        let mut waiting = self.waiting();
        let of_one = waiting.values().filter(|one| one.from == from.ip()).count() + 1;
        if of_one > MAX_HANDSHAKES_OF_ONE {
            return None;
        }
        // Said at the last one that is let in: a flood then writes no more lines than it gets handshakes.
        if of_one == MAX_HANDSHAKES_OF_ONE {
            tracing::warn!(from = %from.ip(), "as many handshakes as one address may have; further ones are dropped");
        }
        if waiting.len() >= MAX_HANDSHAKES
            && let Some((_, oldest)) = waiting.pop_first()
        {
            oldest.displaced.notify_one();
        }
        let number = waiting.last_key_value().map_or(0, |(last, _)| last + 1);
        let displaced = Arc::new(Notify::new());
        waiting.insert(number, Waiting { from: from.ip(), displaced: Arc::clone(&displaced) });
        Some(Knock { doorstep: Arc::clone(self), number, from, displaced })
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u64, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Knock {
    fn drop(&mut self) {
        let mut waiting = self.doorstep.waiting();
        // The number may be another's by now, where this one was displaced.
        if waiting.get(&self.number).is_some_and(|one| Arc::ptr_eq(&one.displaced, &self.displaced)) {
            waiting.remove(&self.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(number: usize) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, (number / MAX_HANDSHAKES_OF_ONE) as u8], 1000 + number as u16))
    }

    #[tokio::test]
    async fn on_a_full_doorstep_a_further_caller_takes_the_place_of_who_waited_longest() {
        let doorstep = Arc::new(Doorstep::default());
        let mut knocks: Vec<_> =
            (0..MAX_HANDSHAKES).map(|number| doorstep.knock(caller(number)).unwrap()).collect();
        let further = doorstep.knock(caller(MAX_HANDSHAKES)).unwrap();
        let oldest = knocks.remove(0);
        oldest.displaced.notified().await;
        assert_eq!(doorstep.waiting().len(), MAX_HANDSHAKES);
        drop(oldest);
        assert_eq!(doorstep.waiting().len(), MAX_HANDSHAKES, "its place is taken already");
        drop((knocks, further));
        assert!(doorstep.waiting().is_empty());
    }

    #[test]
    fn one_address_displaces_nobody_with_more_than_its_own() {
        let doorstep = Arc::new(Doorstep::default());
        let knocks: Vec<_> =
            (0..MAX_HANDSHAKES_OF_ONE).map(|number| doorstep.knock(caller(number)).unwrap()).collect();
        assert!(doorstep.knock(caller(0)).is_none());
        drop(knocks);
        assert!(doorstep.knock(caller(0)).is_some());
    }
}
