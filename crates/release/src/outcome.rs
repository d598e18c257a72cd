//! What a ruling lets its caller do: nothing after a refusal, and after a grant make the one permit that
//! moves a key.
//!
//! *Absent:* a public way to make a [`Granted`] other than [`rule`](crate::rule), and any use of `Result`:
//! `?` cannot swallow a refusal.

use attache_accord::party::Party;
use attache_accord::ruling::{Action, Ruling};
use attache_accord::{Digest, Timestamp};

/// Longest that a permit lives after its question, in hours. Whoever needs it later asks again.
pub const MAX_PERMIT_HOURS: u64 = 24;

/// The answer to a question. Both kinds are recorded.
#[derive(Debug)]
#[must_use = "a ruling is recorded, whichever way it went"]
pub enum Outcome {
    /// It may be done.
    Granted(Granted),
    /// It may not.
    Refused(Refused),
}

impl Outcome {
    /// The ruling, to be recorded.
    pub fn ruling(&self) -> &Ruling {
        match self {
            Self::Granted(granted) => granted.ruling(),
            Self::Refused(refused) => refused.ruling(),
        }
    }

    /// Whether it may be done.
    pub fn is_granted(&self) -> bool {
        matches!(self, Self::Granted(_))
    }
}

/// A grant: the only thing from which a [`Permit`] is made. It is consumed by that, so one grant makes one
/// permit.
#[derive(Debug)]
#[must_use = "a grant that is not recorded moves nothing"]
pub struct Granted {
    pub(crate) ruling: Ruling,
    pub(crate) item_digest: Digest,
    pub(crate) recipient: Option<Party>,
    pub(crate) at: Timestamp,
}

impl Granted {
    /// The ruling, to be recorded before anything moves.
    pub fn ruling(&self) -> &Ruling {
        &self.ruling
    }

    /// Digest of the sealed item that it is about.
    pub fn item_digest(&self) -> Digest {
        self.item_digest
    }

    /// When it was asked for.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The Party that the item goes to, for a release or a passing on.
    pub fn recipient(&self) -> Option<Party> {
        self.recipient
    }
}

/// A refusal, with its reasons in the ruling.
#[derive(Debug)]
#[must_use = "a refusal is recorded and shown with its reasons"]
pub struct Refused {
    pub(crate) ruling: Ruling,
}

impl Refused {
    /// The ruling, to be recorded.
    pub fn ruling(&self) -> &Ruling {
        &self.ruling
    }
}

/// Leave to move the content key of one item to one key, on one recorded ruling. Custody checks it and the
/// inclusion of its entry, and rules again on its own view of the facts (invariant 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    ruling: Ruling,
    entry_index: u64,
    item_digest: Digest,
    recipient_key: Digest,
    expires: Timestamp,
}

impl Permit {
    /// The permit that `granted` makes once its ruling stands in the journal at `entry_index`, for the key
    /// with digest `recipient_key`. It expires at `expires`, or [`MAX_PERMIT_HOURS`] after the question if
    /// that is sooner.
    ///
    /// None for actions that move no key: asking, what happens within the Party, and a dispatch, whose key moved when its
    /// package was made.
    pub fn new(
        granted: Granted,
        entry_index: u64,
        recipient_key: Digest,
        expires: Timestamp,
    ) -> Option<Self> {
        let moves =
            matches!(granted.ruling.action, Action::Release | Action::Admit | Action::Open | Action::PassOn);
        moves.then(|| Self::made(granted, entry_index, recipient_key, expires))
    }

    /// The same for one opening of what a dispatch took to a recipient, which its originator rules on as on the dispatch itself:
    /// the originator's share of the key moves once more. None for another action.
    pub fn of_opening(
        granted: Granted,
        entry_index: u64,
        recipient_key: Digest,
        expires: Timestamp,
    ) -> Option<Self> {
        let is_asked = granted.ruling.action == Action::Dispatch;
        is_asked.then(|| Self::made(granted, entry_index, recipient_key, expires))
    }

    /// The same for a copy that is sealed for the node's own key access service, which opens nothing by itself. None for another
    /// action.
    pub fn of_copy(
        granted: Granted,
        entry_index: u64,
        recipient_key: Digest,
        expires: Timestamp,
    ) -> Option<Self> {
        let is_asked = granted.ruling.action == Action::Copy;
        is_asked.then(|| Self::made(granted, entry_index, recipient_key, expires))
    }

    fn made(granted: Granted, entry_index: u64, recipient_key: Digest, expires: Timestamp) -> Self {
        let expires = expires.min(granted.at.plus_hours(MAX_PERMIT_HOURS));
        Self { ruling: granted.ruling, entry_index, item_digest: granted.item_digest, recipient_key, expires }
    }

    /// The ruling that it rests on.
    pub fn ruling(&self) -> &Ruling {
        &self.ruling
    }

    /// Index of the journal entry that holds the ruling.
    pub fn entry_index(&self) -> u64 {
        self.entry_index
    }

    /// Digest of the sealed item whose key may move.
    pub fn item_digest(&self) -> Digest {
        self.item_digest
    }

    /// Digest of the key that it may be wrapped for.
    pub fn recipient_key(&self) -> Digest {
        self.recipient_key
    }

    /// When it lapses.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Whether it still holds at `at`.
    pub fn is_live(&self, at: Timestamp) -> bool {
        at < self.expires
    }
}
