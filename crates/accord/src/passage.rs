//! Passages: what one Party received and, on its originator's written approval, passed on to another Party of the agreement, as a
//! fold of the journal. Three nodes know of one passage: the hub, which passes on; the recipient, which is shown the whole
//! chain; and the originator, which the hub tells what became of it.
//!
//! ```text
//!   originator ── its package ──► hub ── the hub's package, with the chain ──► recipient
//!              ◄── hops, with the recipient's receipt ──      ◄── receipt ──
//! ```
//! *Absent:* permission. That is an approval by the originator, which `release::floor` looks at whenever something moves.

use crate::act::Act;
use crate::consent::Step;
use crate::id::{CaseId, Digest, DispatchId};
use crate::marking::Level;
use crate::particulars::Approved;
use crate::party::{NodeName, Party};
use crate::shelf::{Rack, Shelf};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};

/// Most times that an item goes from one node to another: by its originator, and by one hub. What came through a hub is passed on
/// no further, so a chain has an end and no loop.
pub const MAX_HOPS: usize = 2;
/// Code of the incident that it is when nobody says what became of a passage, or it failed.
pub const PASSAGE_OVERDUE: &str = "I-014";
/// Most hops that are kept of what one dispatch of the originator led to. A hub that says more is refused.
pub const MAX_TOLD: usize = 256;

/// What became of a passage, as the hub tells its originator.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Fate {
    /// The hub's own people decided against it.
    #[n(0)]
    #[cbor(map)]
    Refused {},
    /// The package is made and goes out.
    #[n(1)]
    #[cbor(map)]
    Begun {
        /// When the recipient's receipt is due at the hub.
        #[n(0)]
        due: Timestamp,
    },
    /// The recipient's node did not take it.
    #[n(2)]
    #[cbor(map)]
    Declined {
        /// Its code.
        #[n(0)]
        code: String,
    },
    /// No receipt came in time.
    #[n(3)]
    #[cbor(map)]
    Overdue {},
    /// The recipient gave a receipt.
    #[n(4)]
    #[cbor(map)]
    Receipted {
        /// Digest of the signed receipt.
        #[n(0)]
        receipt: Digest,
        /// The level that the recipient gave the item, as its receipt says.
        #[n(1)]
        level: Option<Level>,
    },
}

impl Fate {
    /// The word used in commands and leaves.
    pub fn as_str(&self) -> &'static str {
        self.standing().as_str()
    }

    /// What it amounts to.
    pub fn standing(&self) -> Standing {
        match self {
            Self::Refused {} => Standing::Refused,
            Self::Begun { .. } => Standing::Begun,
            Self::Declined { .. } => Standing::Declined,
            Self::Overdue {} => Standing::Overdue,
            Self::Receipted { .. } => Standing::Receipted,
        }
    }
}

/// Why a received item goes to a Party in no case, whatever the rules say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Bar {
    /// That Party has it.
    #[n(0)]
    HasIt,
    /// It came through a hub, and is passed on no further.
    #[n(1)]
    PassedOn,
    /// Its originator keeps a share of its key.
    #[n(2)]
    KeptShare,
}

impl Bar {
    /// The word used in commands and leaves.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HasIt => "has it",
            Self::PassedOn => "passed on already",
            Self::KeptShare => "originator control",
        }
    }

    /// What is said of it.
    pub fn says(self) -> &'static str {
        match self {
            Self::HasIt => {
                "recipient: its Party has the item already, and an item is not passed on to a Party that has it"
            }
            Self::PassedOn => "item: it came through a hub already, and what did is passed on no further",
            Self::KeptShare => {
                "item: it is under its originator's control, which keeps a share of its key; it is passed on to nobody. Ask the originator for one without such control"
            }
        }
    }
}

/// Where a passage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Standing {
    /// Decided against.
    #[n(0)]
    Refused,
    /// Under way.
    #[n(1)]
    Begun,
    /// Not taken.
    #[n(2)]
    Declined,
    /// Late.
    #[n(3)]
    Overdue,
    /// Receipted.
    #[n(4)]
    Receipted,
}

impl Standing {
    /// The word used in commands and leaves.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Begun => "begun",
            Self::Declined => "declined",
            Self::Overdue => "overdue",
            Self::Receipted => "receipted",
        }
    }

    /// Whether nothing else can come of it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Refused | Self::Declined | Self::Receipted)
    }

    /// Whether this may be told after `before`.
    pub fn follows(self, before: Self) -> bool {
        !before.is_final() && self != before && self != Self::Refused && self != Self::Begun
    }
}

/// What the hub tells the originator of one passage.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Hop {
    /// The passage: the case under which the hub's people decided it.
    #[n(0)]
    pub passage: CaseId,
    /// The dispatch by which the hub received the item.
    #[n(1)]
    pub dispatch: DispatchId,
    /// Digest of the originator's signed package.
    #[n(2)]
    pub package: Digest,
    /// The hub's own level for the item.
    #[n(3)]
    pub level: Level,
    /// The node that it is passed on to.
    #[n(4)]
    pub recipient: NodeName,
    /// The Party of that node.
    #[n(5)]
    pub party: Party,
    /// Digest of the signed approval that it rests on; none where it was decided against.
    #[n(6)]
    pub consent: Option<Digest>,
    /// What became of it.
    #[n(7)]
    pub fate: Fate,
}

/// A passage at the hub.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Onward {
    /// The dispatch by which the item came.
    #[n(0)]
    pub origin: DispatchId,
    /// The dispatch by which it goes on; none where that was decided against.
    #[n(1)]
    pub dispatch: Option<DispatchId>,
    /// Digest of the signed approval that it rests on.
    #[n(2)]
    pub consent: Option<Digest>,
    /// What its originator was told last.
    #[n(3)]
    pub told: Option<Standing>,
}

/// A passage at the recipient: where the item came from in truth.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Came {
    /// The originator's node.
    #[n(0)]
    pub origin: NodeName,
    /// Digest of the originator's signed package.
    #[n(1)]
    pub package: Digest,
    /// Digest of the originator's signed approval.
    #[n(2)]
    pub consent: Digest,
    /// Digest of the hub's receipt for the originator.
    #[n(3)]
    pub receipt: Digest,
    /// The hub's own level for the item.
    #[n(4)]
    pub level: Level,
}

/// A passage at the originator, as the hub told it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Told {
    /// What it said last.
    #[n(0)]
    pub hop: Hop,
    /// Digest of that signed statement.
    #[n(1)]
    pub statement: Digest,
    /// The hub.
    #[n(2)]
    pub from: NodeName,
    /// When it was recorded.
    #[n(3)]
    pub at: Timestamp,
}

impl Told {
    /// Whether its recipient has it, as that one's receipt says.
    pub fn is_receipted(&self) -> bool {
        self.hop.fate.standing() == Standing::Receipted
    }
}

/// An approval under which the originator expects to be told of a passage.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Awaited {
    /// The item.
    #[n(0)]
    pub item_digest: Digest,
    /// The hub.
    #[n(1)]
    pub hub: NodeName,
    /// The Party that it may go to.
    #[n(2)]
    pub party: Party,
    /// Since when: the approval, and once the passage has begun, the record of that here.
    #[n(3)]
    pub since: Timestamp,
    /// When the approval lapses.
    #[n(4)]
    pub until: Option<Timestamp>,
    /// When the recipient's receipt is due at the hub, once the passage has begun.
    #[n(5)]
    pub due: Option<Timestamp>,
}

/// All passages that one node knows of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(context_bound = "Rack")]
pub struct Passages {
    #[n(0)]
    onward: Shelf<CaseId, Onward>,
    /// Those of which there may be something to tell.
    #[n(1)]
    open: BTreeSet<CaseId>,
    #[n(2)]
    came: Shelf<DispatchId, Came>,
    #[n(3)]
    told: Shelf<DispatchId, BTreeMap<CaseId, Told>>,
    #[n(4)]
    awaited: BTreeMap<Digest, Awaited>,
    /// What has begun and has had no outcome yet.
    #[n(5)]
    begun: BTreeMap<CaseId, Awaited>,
}

impl Passages {
    /// Folds one act, done at `at`.
    pub fn apply(&mut self, at: Timestamp, act: &Act) {
        match act {
            Act::PassageOwed { case, dispatch, origin, consent, .. } => {
                let onward = Onward {
                    origin: *origin,
                    dispatch: Some(*dispatch),
                    consent: Some(*consent),
                    told: None,
                };
                self.begin(*case, onward);
            }
            Act::PassageTold { hop, .. } => {
                let standing = hop.fate.standing();
                if let Some(onward) = self.onward.get_mut(&hop.passage) {
                    onward.told = Some(standing);
                }
                if standing.is_final() {
                    self.open.remove(&hop.passage);
                }
            }
            Act::PassageVerified { dispatch, origin, package, consent, receipt, level, .. } => {
                let came = Came {
                    origin: origin.clone(),
                    package: *package,
                    consent: *consent,
                    receipt: *receipt,
                    level: level.clone(),
                };
                self.came.insert_new(*dispatch, came);
            }
            Act::ConsentMade { consent, signed_at, statement, .. } => match &consent.step {
                Step::Given { what: Approved::ThirdParty(party), until } => {
                    let awaited = Awaited {
                        item_digest: consent.item_digest,
                        hub: consent.to.clone(),
                        party: *party,
                        since: at.max(*signed_at),
                        until: *until,
                        due: None,
                    };
                    self.awaited.insert(*statement, awaited);
                }
                // What has begun is to be told.
                Step::Withdrawn { approval } => drop(self.awaited.remove(approval)),
                _ => {}
            },
            _ => {}
        }
    }

    /// The hub's people decided on a passage of what came by `origin`, or against it.
    pub(crate) fn begin(&mut self, case: CaseId, onward: Onward) {
        self.onward.insert_new(case, onward);
        self.open.insert(case);
    }

    /// That nobody told of it was raised: it is not raised again.
    pub(crate) fn raised(&mut self, item_digest: &Digest) {
        self.awaited.retain(|_, awaited| awaited.item_digest != *item_digest);
        self.begun.retain(|_, awaited| awaited.item_digest != *item_digest);
    }

    /// The hub `from` told what became of a passage of the item of this digest. Each passage that began is to have its outcome, whether
    /// or not anything was expected still under its approval.
    pub(crate) fn mirror(
        &mut self,
        at: Timestamp,
        hop: &Hop,
        statement: Digest,
        from: &NodeName,
        item_digest: Option<Digest>,
    ) {
        match &hop.consent {
            Some(consent) => drop(self.awaited.remove(consent)),
            None => self.awaited.retain(|_, it| {
                it.hub != *from || it.party != hop.party || Some(it.item_digest) != item_digest
            }),
        }
        match (&hop.fate, item_digest) {
            (Fate::Begun { due }, Some(item_digest)) => {
                let awaited = Awaited {
                    item_digest,
                    hub: from.clone(),
                    party: hop.party,
                    since: at,
                    until: None,
                    due: Some(*due),
                };
                self.begun.insert(hop.passage, awaited);
            }
            _ => drop(self.begun.remove(&hop.passage)),
        }
        let told = Told { hop: hop.clone(), statement, from: from.clone(), at };
        self.told.change(hop.dispatch, |of| drop(of.insert(hop.passage, told)));
    }

    /// A passage at the hub.
    pub fn onward(&self, case: &CaseId) -> Option<&Onward> {
        self.onward.get(case)
    }

    /// Passages at the hub of which there may be something to tell.
    pub fn open(&self) -> impl Iterator<Item = (&CaseId, &Onward)> {
        self.open.iter().filter_map(|case| self.onward.get_key_value(case))
    }

    /// How what arrived by that dispatch was passed on to this node; none for what came from its originator.
    pub fn came(&self, dispatch: &DispatchId) -> Option<&Came> {
        self.came.get(dispatch)
    }

    /// What the originator was told of passages of what it sent by that dispatch.
    pub fn told(&self, dispatch: &DispatchId) -> impl Iterator<Item = &Told> {
        self.told.get(dispatch).into_iter().flat_map(BTreeMap::values)
    }

    /// What it was told of one.
    pub fn told_of(&self, dispatch: &DispatchId, passage: &CaseId) -> Option<&Told> {
        self.told.get(dispatch)?.get(passage)
    }

    /// The passages of which the originator should have been told by now, where each hop may take so many hours. When something is due
    /// is the hub's own word, and counts as far as it is no later than an honest one's can be.
    pub fn overdue(&self, now: Timestamp, hours: u64) -> impl Iterator<Item = &Awaited> {
        self.awaited.values().chain(self.begun.values()).filter(move |awaited| {
            let lapsed = awaited.due.is_none() && awaited.until.is_some_and(|until| until <= now);
            let latest = awaited.since.plus_hours(hours);
            let hop = awaited.due.map_or(latest, |due| due.min(latest));
            !lapsed && hop.plus_hours(hours) <= now
        })
    }
}
