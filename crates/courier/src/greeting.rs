//! Two Hellos make a greeting: the version, and the facts that decide what may move on this connection.
//!
//! *Absent:* authentication. Who the peer is was settled by mutual TLS; the Hello must only agree with it.

use crate::codes::Code;
use crate::frame::Hello;
use crate::limits::{ASK_VERSION, CLOCK_BAR_SECONDS, CLOCK_WARN_SECONDS, FIRST_VERSION};
use crate::trouble::{Trouble, breach};
use attache_accord::{Digest, Network, NodeName, Timestamp};

/// What a node says of itself, and whom it expects at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ours {
    /// Our node.
    pub node: NodeName,
    /// Our network; the peer's must be the same.
    pub network: Network,
    /// The agreement; the peer's must be the same. 1 to 64 bytes.
    pub agreement: String,
    /// Digest of our rule pack in force.
    pub pack: Digest,
    /// How many exchanges the peer may have open here, 1 to [`crate::limits::MAX_OUTSTANDING`].
    pub window: u16,
    /// The node that the connection was authenticated for.
    pub peer: NodeName,
    /// The highest protocol version to speak on this connection, 1 to [`VERSION`](crate::limits::VERSION), and all below it.
    pub highest: u16,
}

impl Ours {
    /// Our Hello at `now`.
    pub(crate) fn hello(&self, now: Timestamp) -> Hello {
        Hello {
            versions: (FIRST_VERSION..=self.highest).collect(),
            node: self.node.clone(),
            network: self.network,
            agreement: self.agreement.clone(),
            pack: self.pack,
            clock: now,
            window: self.window,
        }
    }

    /// Compares the peer's Hello, received at `now`, with ours.
    pub(crate) fn greet(&self, theirs: &Hello, now: Timestamp) -> Result<Greeting, Trouble> {
        if theirs.network != self.network {
            return breach(Code::OtherNetwork, "network");
        }
        if theirs.agreement != self.agreement {
            return breach(Code::OtherAgreement, "agreement");
        }
        if theirs.node != self.peer {
            return breach(Code::OtherNode, "node");
        }
        // Each version adds to the first, so whoever speaks a later one speaks that.
        if !theirs.versions.contains(&FIRST_VERSION) {
            return Err(Trouble::Unfit { code: Code::NoCommonVersion, what: "protocol versions" });
        }
        let spoken =
            theirs.versions.iter().filter(|version| (FIRST_VERSION..=self.highest).contains(version));
        let version = spoken.max().copied().unwrap_or(FIRST_VERSION);
        Ok(Greeting {
            version,
            same_pack: theirs.pack == self.pack,
            their_pack: theirs.pack,
            clocks_apart_millis: theirs.clock.0.abs_diff(now.0),
            window: theirs.window,
        })
    }
}

/// How far apart the clocks of the two nodes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clocks {
    /// Within [`CLOCK_WARN_SECONDS`].
    Agree,
    /// Worth a warning to the operator.
    Drift,
    /// Beyond [`CLOCK_BAR_SECONDS`]: no releases, reception goes on.
    Apart,
}

impl Clocks {
    /// Clocks that differ by so many milliseconds.
    pub fn of(apart_millis: u64) -> Self {
        match apart_millis {
            millis if millis > CLOCK_BAR_SECONDS * 1000 => Self::Apart,
            millis if millis > CLOCK_WARN_SECONDS * 1000 => Self::Drift,
            _ => Self::Agree,
        }
    }
}

/// What the two Hellos amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Greeting {
    /// The highest version that both speak.
    pub version: u16,
    /// Whether both have the same rule pack in force.
    pub same_pack: bool,
    /// The peer's rule pack.
    pub their_pack: Digest,
    /// Difference of the clocks, in milliseconds, the time on the wire included.
    pub clocks_apart_millis: u64,
    /// How many exchanges we may have open at the peer.
    pub window: u16,
}

impl Greeting {
    /// The difference of the clocks as the operator is to see it.
    pub fn clocks(&self) -> Clocks {
        Clocks::of(self.clocks_apart_millis)
    }

    /// Whether the peer knows the frames by which it is asked again for what it gave before.
    pub fn may_ask(&self) -> bool {
        self.version >= ASK_VERSION
    }

    /// Why nothing may be offered on this connection, if so. Receipts move all the same.
    pub fn bars_release(&self) -> Option<Code> {
        match self.clocks() {
            _ if !self.same_pack => Some(Code::OtherPack),
            Clocks::Apart => Some(Code::ClocksApart),
            _ => None,
        }
    }
}
