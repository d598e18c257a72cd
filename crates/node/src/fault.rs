//! What can fail on our own side: disk, keys, library, or a journal that is not what it was.
//!
//! *Absent:* refusals, which are rulings, and classified words: no error here repeats a title or any content.

use crate::desk::Misuse;
use attache_accord::Digest;
use attache_accord::act::ENTRY_VERSION;
use attache_accord::figures::Uncountable;
use attache_custody::{Denied, RestError};
use attache_seal::label::LabelError;
use attache_seal::pair::SignError;
use attache_seal::tdf::TdfError;
use attache_store::StoreError;

/// Our disk, key or library failed, or our journal is not what it was.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No thread could be started.
    #[error("the sequencer's thread cannot be started: {0}")]
    Thread(std::io::Error),
    /// A certificate of the partner link cannot be made.
    #[error("link certificate: {0}")]
    Certificate(&'static str),
    /// The partner link's TLS cannot be set up.
    #[error("link: {0}")]
    Tls(#[from] rustls::Error),
    /// A row does not open.
    #[error("journal: entry {0} does not open under this node's storage key, or was altered")]
    SealedRow(u64),
    /// A row opens to something that is no entry.
    #[error("journal: entry {0} cannot be read")]
    Entry(u64),
    /// A leaf does not commit to its entry.
    #[error("journal: entry {0} is not what its leaf in the log commits to")]
    Leaf(u64),
    /// A fold in memory is not what the journal gives.
    #[error("journal: {0} is not what the journal gives when it is folded anew; start the node again")]
    Differs(&'static str),
    /// A row was written by a newer build.
    #[error(
        "journal: entry {index} is of version {found}, and this build reads up to {ENTRY_VERSION}; it stays sealed as it \
         is. Start the node with the attache that wrote it, or a newer one"
    )]
    NewerEntry {
        /// Which entry.
        index: u64,
        /// Its version.
        found: u64,
    },
    /// The rule pack is not the one in force, and not every Party has consented to it.
    #[error(
        "rule pack: {found} is not the one in force ({in_force}), and not every Party is on record with its consent. Put the \
         one in force back with attache agreement adopt, or wait for the consent"
    )]
    OtherPack {
        /// The pack at hand.
        found: Digest,
        /// The pack in force.
        in_force: Digest,
    },
    /// The rule pack counts days in another zone than the leaves of this log do.
    #[error(
        "rule pack: {found} counts days in another zone than leaf {index} of this log; utc_offset_hours in terms.toml must stay as it \
         is. Put the one in force back with attache agreement adopt"
    )]
    OtherDays {
        /// The pack at hand.
        found: Digest,
        /// The first leaf whose day is another by it.
        index: u64,
    },
    /// A sealed value does not open.
    #[error(transparent)]
    Rest(#[from] RestError),
    /// Custody could not fold an entry.
    #[error(transparent)]
    Custody(#[from] Denied),
    /// Signing failed.
    #[error("signing failed: {0}")]
    Sign(#[from] SignError),
    /// A sealed item of ours cannot be made or read.
    #[error("sealed item: {0}")]
    Tdf(#[from] TdfError),
    /// A label cannot be made.
    #[error("label: {0}")]
    Label(#[from] LabelError),
    /// Something that the journal cites is not in the store: destroyed, or lost.
    #[error("store: the {0} that the journal cites is not there")]
    Missing(&'static str),
    /// Something that the journal cites is not what it cites.
    #[error("store: the {0} is not the one that the journal cites")]
    Altered(&'static str),
    /// One item, or one arrival, is not whole.
    #[error("item {item}: {fault}")]
    OfItem {
        /// Its id; of an arrival its dispatch.
        item: String,
        /// What is wrong with it.
        fault: Box<Fault>,
    },
    /// Evidence could not be written where it was to go.
    #[error("evidence cannot be written: {0}")]
    Export(std::io::Error),
    /// What the journal's leaves show cannot be counted.
    #[error("report: {0}")]
    Uncountable(#[from] Uncountable),
    /// Encoding of our own data failed.
    #[error("encoding failed")]
    Encoding,
    /// No randomness.
    #[error("the random generator failed")]
    Randomness,
    /// The plan is larger than one command may be.
    #[error("plan: {what} are limited to {limit}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The sequencer has stopped after a fault; the node must be started anew.
    #[error("the journal has stopped after a fault; restart the node")]
    Stopped,
    /// The node was brought back from a backup, and it is not settled yet what its partners have seen of its log.
    #[error("nothing is recorded yet: {0}")]
    Unsettled(String),
    /// Too much is under way.
    #[error("{0}: the limit is reached; try again later")]
    Busy(&'static str),
}

impl Fault {
    /// Whether a write failed so that nobody knows what is durable: nothing more may be written.
    pub fn is_of_the_disk(&self) -> bool {
        matches!(self, Self::Store(StoreError::Fault { .. } | StoreError::Damaged(_) | StoreError::Poisoned))
    }

    /// Whether what is kept, or was folded, is not what was recorded: nothing more may rest on it.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Damaged(_))
                | Self::SealedRow(_)
                | Self::Entry(_)
                | Self::Leaf(_)
                | Self::Differs(_)
                | Self::Missing(_)
                | Self::Altered(_)
        )
    }

    /// Whether nothing was written for want of room, and the journal goes on.
    pub fn is_full_disk(&self) -> bool {
        matches!(self, Self::Store(StoreError::Full { .. }))
    }
}

/// Why a command was not carried out. A refusal by the rules is not among them: it is recorded and answered.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The caller erred.
    #[error(transparent)]
    Misuse(#[from] Misuse),
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}
