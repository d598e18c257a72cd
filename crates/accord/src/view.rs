//! The view: all folds of one journal together, and the questions that they give rise to. The node holds one
//! and custody holds another of its own, folded separately, so that neither has to believe the other.
//!
//! *Absent:* rulings. A view gathers the facts of a question; `release::rule` answers it.

use crate::act::{Act, Entry};
use crate::agreement::Position;
use crate::dispatch::Dispatches;
use crate::id::{CaseId, Digest, DispatchId, ItemId};
use crate::item::{Item, Items};
use crate::lifecycle::Lifecycle;
use crate::marking::Level;
use crate::party::{Network, NodeName, Party, PersonId};
use crate::people::{Person, Roll};
use crate::register::Register;
use crate::ruling::{Action, Assured, Question, Recipient, Subject};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Who this node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its name.
    pub node: NodeName,
    /// Its Party.
    pub party: Party,
    /// Its network.
    pub network: Network,
    /// The agreement's short name.
    pub agreement: String,
    /// Digest of the rule pack.
    pub pack: Digest,
}

/// A partner whose card was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its node.
    pub node: NodeName,
    /// Its Party.
    pub party: Party,
    /// Digest of its card.
    pub card: Digest,
    /// Digests of the cards before, in order, as far as each followed the other without a new comparison. What was signed
    /// in their time is verified under them.
    pub earlier: Vec<Digest>,
}

/// Most earlier cards of a partner that are still believed for their time; further ones are forgotten, oldest first.
pub const MAX_EARLIER_CARDS: usize = 256;

/// What is asked, by ids; the view turns it into a [`Question`] with facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// May this item be asked to go to that node?
    Request {
        /// The item.
        item: ItemId,
        /// The node.
        recipient: NodeName,
    },
    /// May this case be approved?
    Release {
        /// The case.
        case: CaseId,
    },
    /// May this arrival be admitted with that level?
    Admit {
        /// The arrival.
        dispatch: DispatchId,
        /// The level chosen, if one was.
        chosen: Option<Level>,
    },
    /// May this item be opened?
    Open {
        /// The item.
        item: ItemId,
    },
    /// May this item be passed on to that Party?
    PassOn {
        /// The item.
        item: ItemId,
        /// The Party.
        to: Party,
    },
}

/// Something named in an [`Ask`] that this node does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No such person on the roll.
    #[error("person: {0} is not on the roll")]
    Person(PersonId),
    /// No such item.
    #[error("item: no item {0} here")]
    Item(ItemId),
    /// No such case.
    #[error("case: no case {0} here")]
    Case(CaseId),
    /// No such arrival waiting.
    #[error("dispatch: no arrival {0} waits here")]
    Arrival(DispatchId),
    /// No such partner.
    #[error("recipient: no card of node {0} was added")]
    Peer(NodeName),
    /// The journal has no founding entry.
    #[error("journal: the node was never founded")]
    Unfounded,
}

/// All folds of one journal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    /// Who this node is.
    pub identity: Option<Identity>,
    /// People.
    pub roll: Roll,
    /// Items and arrivals.
    pub items: Items,
    /// Cases and dispatches.
    pub dispatches: Dispatches,
    /// The register.
    pub register: Register,
    /// Recorded positions, in order.
    pub positions: Vec<Position>,
    /// Assurances by the Party that gave them.
    pub assurances: BTreeMap<Party, Vec<Assured>>,
    /// Each Party's record about the agreement.
    pub lifecycle: Lifecycle,
    /// Partners.
    pub peers: BTreeMap<NodeName, Peer>,
    /// Number of entries folded.
    pub size: u64,
    /// Time of the last entry: no later entry is earlier.
    pub last_at: Timestamp,
    versions: BTreeMap<String, u64>,
}

impl View {
    /// An empty view that counts register years at `utc_offset_hours` east of Greenwich.
    pub fn new(utc_offset_hours: u8) -> Self {
        Self { register: Register::new(utc_offset_hours), ..Self::default() }
    }

    /// Folds entry number `self.size`.
    pub fn apply(&mut self, entry: &Entry) {
        let (index, at, act) = (self.size, entry.at, &entry.act);
        self.roll.apply(act);
        self.items.apply(act);
        self.register.apply(index, at, act);
        self.dispatches.apply(index, at, act);
        self.positions.extend(self.lifecycle.apply(act));
        match act {
            Act::Founded { node, party, network, agreement, pack, .. } => {
                self.identity = Some(Identity {
                    node: node.clone(),
                    party: *party,
                    network: *network,
                    agreement: agreement.clone(),
                    pack: *pack,
                });
            }
            // A card that two people compared begins anew: those before may have been revoked.
            Act::PeerAdded { node, party, card, .. } => {
                let peer = Peer { node: node.clone(), party: *party, card: *card, earlier: Vec::new() };
                self.peers.insert(node.clone(), peer);
            }
            Act::PeerSucceeded { node, party, card, previous, .. } => {
                let mut earlier = self.peers.remove(node).map(|peer| peer.earlier).unwrap_or_default();
                if earlier.len() >= MAX_EARLIER_CARDS {
                    earlier.remove(0);
                }
                earlier.push(*previous);
                let peer = Peer { node: node.clone(), party: *party, card: *card, earlier };
                self.peers.insert(node.clone(), peer);
            }
            Act::PeerRevoked { node, .. } => {
                self.peers.remove(node);
            }
            Act::PositionRecorded { position, .. } => self.positions.push(*position),
            Act::AssuranceRecorded { party, assured, .. } => {
                self.assurances.entry(*party).or_default().push(assured.clone());
            }
            _ => {}
        }
        *self.versions.entry(act.stream()).or_default() += 1;
        self.size += 1;
        self.last_at = self.last_at.max(at);
    }

    /// How many entries a stream has.
    pub fn version(&self, stream: &str) -> u64 {
        self.versions.get(stream).copied().unwrap_or_default()
    }

    /// Gathers the facts of what `by` asks at `at`.
    ///
    /// # Errors
    /// What was named and is not here.
    pub fn question(&self, by: &PersonId, ask: &Ask, at: Timestamp) -> Result<Question, Unknown> {
        let identity = self.identity.as_ref().ok_or(Unknown::Unfounded)?;
        let asker = self.person(by)?.clone();
        let blank = |action, subject| Question {
            action,
            at,
            holder: identity.party,
            asker,
            subject,
            recipient: None,
            requester: None,
            chosen: None,
            positions: self.positions.clone(),
        };
        match ask {
            Ask::Request { item, recipient } => {
                let subject = subject(self.item(item)?);
                Ok(Question {
                    recipient: Some(self.recipient(recipient)?),
                    ..blank(Action::Request, subject)
                })
            }
            Ask::Release { case } => {
                let case = self.dispatches.case(case).ok_or(Unknown::Case(*case))?;
                let subject = subject(self.item(&case.item)?);
                let recipient = Some(self.recipient(&case.recipient)?);
                let requester = Some(case.requester.clone());
                Ok(Question { recipient, requester, ..blank(Action::Release, subject) })
            }
            Ask::Admit { dispatch, chosen } => {
                let arrival = self.items.arrival(dispatch).ok_or(Unknown::Arrival(*dispatch))?;
                let subject = Subject {
                    item_digest: arrival.item_digest,
                    marking: Some(arrival.marked.marking.clone()),
                    own_level: None,
                    third_party_consent: false,
                };
                Ok(Question { chosen: chosen.clone(), ..blank(Action::Admit, subject) })
            }
            Ask::Open { item } => Ok(blank(Action::Open, subject(self.item(item)?))),
            Ask::PassOn { item, to } => {
                let subject = subject(self.item(item)?);
                let recipient = Recipient { party: *to, node: None, assurances: self.assured(to) };
                Ok(Question { recipient: Some(recipient), ..blank(Action::PassOn, subject) })
            }
        }
    }

    /// Someone on the roll.
    ///
    /// # Errors
    /// If there is no such person.
    pub fn person(&self, id: &PersonId) -> Result<&Person, Unknown> {
        self.roll.get(id).map(|e| &e.person).ok_or_else(|| Unknown::Person(id.clone()))
    }

    /// An item here.
    ///
    /// # Errors
    /// If there is no such item.
    pub fn item(&self, id: &ItemId) -> Result<&Item, Unknown> {
        self.items.get(id).ok_or(Unknown::Item(*id))
    }

    fn recipient(&self, node: &NodeName) -> Result<Recipient, Unknown> {
        let peer = self.peers.get(node).ok_or_else(|| Unknown::Peer(node.clone()))?;
        Ok(Recipient { party: peer.party, node: Some(node.clone()), assurances: self.assured(&peer.party) })
    }

    fn assured(&self, party: &Party) -> Vec<Assured> {
        self.assurances.get(party).cloned().unwrap_or_default()
    }
}

fn subject(item: &Item) -> Subject {
    Subject {
        item_digest: item.item_digest,
        marking: item.marked().map(|m| m.marking.clone()),
        own_level: item.own_level().cloned(),
        third_party_consent: false,
    }
}
