//! The partner link: real sockets and TLS under the partner protocol. A node dials each of its partners and listens for
//! them; each connection is run by `drive` for a conduct of `exchange`.
//!
//! *Absent:* what is carried and what is owed; that is `exchange`.

pub mod certificate;
pub mod standing;
pub mod tls;

mod backoff;
mod board;
mod dial;
mod drive;
mod errands;
mod inbox;
mod listen;
mod outgoing;
mod partners;
mod socket;

pub(crate) use backoff::Backoff;
pub use backoff::{FIRST_SECONDS, MAX_SECONDS};
pub use board::{MAX_CONNECTIONS, MAX_CONNECTIONS_OF_ONE, PeerStatus, State};
pub use dial::CONNECT_SECONDS;
pub use drive::{CLOCKS_AGAIN_SECONDS, CLOSING_SECONDS, LINGER_SECONDS, MAX_CONNECTION_HOURS, WRITE_SECONDS};
pub use listen::{MAX_HANDSHAKES, MAX_HANDSHAKES_OF_ONE};

use crate::fault::Fault;
use crate::node::Node;
use board::Board;
use inbox::Rooms;
use partners::Partners;
use std::sync::Arc;
use tls::Tls;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What all connections of one node share.
struct Shared {
    node: Arc<Node>,
    partners: Partners,
    tls: Tls,
    board: Arc<Board>,
    rooms: Arc<Rooms>,
}

/// The running link of one node.
pub struct Link {
    shared: Arc<Shared>,
    ends: [JoinHandle<()>; 2],
}

impl Link {
    /// Starts to dial the node's partners and to let them in through `listener`. Called within a Tokio runtime of several
    /// threads; it goes down with the node.
    ///
    /// # Errors
    /// [`Fault::Certificate`] when no partner could believe this node: its card names another link authority than its
    /// keyring holds.
    pub fn start(node: Arc<Node>, listener: TcpListener) -> Result<Self, Fault> {
        let (office, now) = (Arc::clone(&node.office), node.now());
        let tls = Tls::new(office.identity.node.clone(), Arc::clone(&office.keys), now)?;
        tls.check_own(&office.own().tls_ca, now)?;
        if !office.own().in_force(now) {
            tracing::warn!("this node's own card is not in force; partners refuse it. Issue a new card");
        }
        let shared = Arc::new(Shared {
            node,
            partners: Partners::new(office),
            tls,
            board: Arc::default(),
            rooms: Arc::default(),
        });
        let ends = [
            tokio::spawn(listen::listen(Arc::clone(&shared), listener)),
            tokio::spawn(dial::dial(Arc::clone(&shared))),
        ];
        Ok(Self { shared, ends })
    }

    /// Each partner as the operator is to see it, by name. A partner that was added a moment ago may not be there yet.
    pub fn status(&self) -> Vec<PeerStatus> {
        self.shared.board.list()
    }

    /// Waits until every connection is over, after the node was told to go down: at most [`CLOSING_SECONDS`] and
    /// [`LINGER_SECONDS`].
    pub async fn stopped(self) {
        for end in self.ends {
            if end.await.is_err() {
                tracing::error!("an end of the link had failed before the node went down");
            }
        }
    }
}
