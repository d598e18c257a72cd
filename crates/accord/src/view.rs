//! The view: all folds of one journal together, and the questions that they give rise to. The node holds one
//! and custody holds another of its own, folded separately, so that neither has to believe the other.
//!
//! *Absent:* rulings. A view gathers the facts of a question; `release::rule` answers it.

mod asking;
mod passing;
mod shares;

pub use asking::{Ask, Asked};
pub use shares::share_ends;

use crate::act::{Act, Answer, Entry};
use crate::agreement::Position;
use crate::clients::Clients;
use crate::consent::Consents;
use crate::control::Controls;
use crate::correspondence::Correspondence;
use crate::destruction::Destructions;
use crate::dispatch::{Dispatch, Dispatches};
use crate::handling::Holdings;
use crate::id::{CaseId, Digest, DispatchId, ItemId};
use crate::item::{Item, Items};
use crate::letters::Letters;
use crate::lifecycle::Lifecycle;
use crate::logs::Logs;
use crate::mandate::Mandates;
use crate::particulars::{Approved, Purpose};
use crate::party::{Network, NodeName, Party, PersonId};
use crate::passage::{Bar, Passages};
use crate::people::{Person, Roll};
use crate::register::Register;
use crate::ruling::Assured;
use crate::shelf::{Rack, Shelf, Torn};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

/// Who this node is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Identity {
    /// Its name.
    #[n(0)]
    pub node: NodeName,
    /// Its Party.
    #[n(1)]
    pub party: Party,
    /// Its network.
    #[n(2)]
    pub network: Network,
    /// The agreement's short name.
    #[n(3)]
    pub agreement: String,
    /// Digest of the rule pack.
    #[n(4)]
    pub pack: Digest,
}

/// A partner whose card was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Peer {
    /// Its node.
    #[n(0)]
    pub node: NodeName,
    /// Its Party.
    #[n(1)]
    pub party: Party,
    /// Digest of its card.
    #[n(2)]
    pub card: Digest,
    /// Digests of the cards before, in order, as far as each followed the other without a new comparison. What was signed
    /// in their time is verified under them.
    #[n(3)]
    pub earlier: Vec<Digest>,
    /// Since when it is a partner here, whichever of its cards came first.
    #[n(4)]
    pub since: Timestamp,
}

/// Most earlier cards of a partner that are still believed for their time; further ones are forgotten, oldest first.
pub const MAX_EARLIER_CARDS: usize = 256;

/// So much earlier than a partner's clock says that it lost what it was told is that brought again, in milliseconds: a day.
const CLOCKS_APART_MILLIS: u64 = 24 * 3_600_000;

/// Something named in an [`Ask`] that this node does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No such person on the roll.
    #[error("person: {0} is not on the roll")]
    Person(PersonId),
    /// No such item.
    #[error("item: no item {0} here")]
    Item(ItemId),
    /// It was here, and two people destroyed it.
    #[error("item: {0} was destroyed, and two people signed that; see attache register show")]
    Destroyed(ItemId),
    /// Its originator took it back.
    #[error(
        "item: its originator has recalled it, and only a new release undoes that; see attache item show"
    )]
    Recalled(DispatchId),
    /// Its originator let nobody open it any longer than until now.
    #[error("item: its originator let it be opened until {0}, which has passed; ask for a new release")]
    Expired(Timestamp),
    /// Whoever's information a derivative contains has not approved that it goes there, or is used for that.
    #[error(
        "consent: {item} contains information of {originator}, which has not approved {what} for it in writing; see attache approval ask"
    )]
    Unconsented {
        /// The derivative.
        item: ItemId,
        /// Whose information it contains.
        originator: Party,
        /// What that originator would have to approve.
        what: Approved,
    },
    /// It was given for other purposes, and its originator has not approved this one.
    #[error(
        "purpose: {item} was not given for {purpose}, and its originator has not approved that in writing; see attache item show and attache approval ask"
    )]
    OtherPurpose {
        /// The item.
        item: ItemId,
        /// What it would be opened for.
        purpose: Purpose,
    },
    /// It came through a hub, and is passed on no further.
    #[error("item: {0} came through a hub already, and what did is passed on no further")]
    PassedOn(ItemId),
    /// Its originator keeps a share of its key, which it lends to whoever it gave the item to and to nobody further.
    #[error(
        "item: {0} is under its originator's control, which keeps a share of its key; it is passed on to nobody"
    )]
    KeptShare(ItemId),
    /// The Party that it would be passed on to has it.
    #[error("recipient: {item} is with {party} already, and is not passed on to a Party that has it")]
    HasIt {
        /// The item.
        item: ItemId,
        /// The Party.
        party: Party,
    },
    /// No such case.
    #[error("case: no case {0} here")]
    Case(CaseId),
    /// No such dispatch.
    #[error("dispatch: this node sent no {0}")]
    Dispatch(DispatchId),
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
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(context_bound = "Rack")]
pub struct View {
    /// Who this node is.
    #[n(0)]
    pub identity: Option<Identity>,
    /// People.
    #[n(1)]
    pub roll: Roll,
    /// Items and arrivals.
    #[n(2)]
    pub items: Items,
    /// Cases and dispatches.
    #[n(3)]
    pub dispatches: Dispatches,
    /// The register.
    #[n(4)]
    pub register: Register,
    /// Digests of the rule packs that were in force here, in order; the last one is.
    #[n(5)]
    pub packs: Vec<Digest>,
    /// Recorded positions, in order.
    #[n(6)]
    pub positions: Vec<Position>,
    /// Assurances by the Party that gave them.
    #[n(7)]
    pub assurances: BTreeMap<Party, Vec<Assured>>,
    /// Each Party's record about the agreement.
    #[n(8)]
    pub lifecycle: Lifecycle,
    /// What oversight bodies may see.
    #[n(9)]
    pub mandates: Mandates,
    /// What originators and holders said about what is approved of an item.
    #[n(10)]
    pub consents: Consents,
    /// What was done with items, and their copies.
    #[n(11)]
    pub holdings: Holdings,
    /// What was destroyed, here and at partners' nodes.
    #[n(12)]
    pub destructions: Destructions,
    /// Signed statements for partners' nodes.
    #[n(13)]
    pub correspondence: Correspondence,
    /// Machine clients, and keys taken over from foreign ones.
    #[n(14)]
    pub clients: Clients,
    /// Partners.
    #[n(15)]
    pub peers: BTreeMap<NodeName, Peer>,
    /// Letters by way of a hub.
    #[n(24)]
    pub letters: Letters,
    /// The own log's origins, and partners' logs that showed two histories or lost entries.
    #[n(16)]
    pub logs: Logs,
    /// When an incident that is about no dispatch was raised last, by its code.
    #[n(17)]
    pub raised: BTreeMap<String, Timestamp>,
    /// Number of entries folded.
    #[n(18)]
    pub size: u64,
    /// Time of the last entry: no later entry is earlier.
    #[n(19)]
    pub last_at: Timestamp,
    #[n(20)]
    versions: Shelf<String, u64>,
    /// What was passed on.
    #[n(21)]
    pub passages: Passages,
    /// What originators took back, and openings that need their consent.
    #[n(22)]
    pub controls: Controls,
    #[cbor(skip)]
    torn: Torn,
}

impl Unknown {
    /// Why a received item cannot go on, where that is what is wrong. To ask for it is on record all the same.
    pub fn bar(&self) -> Option<Bar> {
        match self {
            Self::HasIt { .. } => Some(Bar::HasIt),
            Self::PassedOn(_) => Some(Bar::PassedOn),
            Self::KeptShare(_) => Some(Bar::KeptShare),
            _ => None,
        }
    }
}

impl View {
    /// An empty view that counts register years at `utc_offset_hours` east of Greenwich.
    pub fn new(utc_offset_hours: u8) -> Self {
        Self { register: Register::new(utc_offset_hours), ..Self::default() }
    }

    /// Ends the machine clients of whoever is enrolled with another key, as that ends their sessions: whoever had the old key may have
    /// added them.
    fn end_clients_of_old_key(&mut self, act: &Act) {
        let Act::PersonEnrolled { person, verifying, .. } = act else { return };
        if self.roll.get(&person.id).is_some_and(|held| held.verifying != *verifying) {
            self.clients.end_all_of(&person.id);
        }
    }

    /// A second receipt counts only of a node whose log lost entries and is followed since.
    fn open_what_was_lost(&mut self, act: &Act) {
        let Act::ReceiptKept { dispatch, .. } = act else { return };
        let recipient = self.dispatches.sent(dispatch).map(|sent| sent.recipient.clone());
        if recipient.is_some_and(|node| self.logs.followed(&node).is_some()) {
            self.dispatches.open_again(dispatch);
        }
    }

    /// Folds entry number `self.size`.
    pub fn apply(&mut self, entry: &Entry) {
        let (index, at, act) = (self.size, entry.at, &entry.act);
        self.end_clients_of_old_key(act);
        self.roll.apply(act);
        self.items.apply(index, act);
        self.register.apply(index, at, act);
        self.clients.apply(act);
        self.open_what_was_lost(act);
        self.dispatches.apply(index, at, act);
        self.mandates.apply(index, act);
        self.consents.apply(at, act);
        self.controls.apply(index, at, act);
        self.correspondence.apply(at, act);
        self.passages.apply(at, act);
        self.pass(at, act);
        if let Some(own) = &self.identity {
            self.letters.apply(index, at, &own.node, act);
        }
        self.holdings.apply(at, act);
        self.destructions.apply(at, act);
        self.positions.extend(self.lifecycle.apply(act));
        self.logs.apply(index, at, act);
        match act {
            Act::Founded { node, party, network, agreement, pack, .. } => {
                self.identity = Some(Identity {
                    node: node.clone(),
                    party: *party,
                    network: *network,
                    agreement: agreement.clone(),
                    pack: *pack,
                });
                self.packs.push(*pack);
            }
            Act::PackAdopted { pack, .. } => {
                if let Some(identity) = &mut self.identity {
                    identity.pack = *pack;
                }
                self.packs.push(*pack);
            }
            // A card that two people compared begins anew: those before may have been revoked.
            Act::PeerAdded { node, party, card, .. } => {
                let peer =
                    Peer { node: node.clone(), party: *party, card: *card, earlier: Vec::new(), since: at };
                let is_new = self.peers.insert(node.clone(), peer).is_none();
                for statement in self.logs.own().iter().filter_map(|stretch| stretch.statement) {
                    if is_new {
                        self.correspondence.owe(node, statement);
                    }
                }
            }
            Act::PeerSucceeded { node, party, card, previous, .. } => {
                let before = self.peers.remove(node);
                let since = before.as_ref().map_or(at, |peer| peer.since);
                let mut earlier = before.map(|peer| peer.earlier).unwrap_or_default();
                if earlier.len() >= MAX_EARLIER_CARDS {
                    earlier.remove(0);
                }
                earlier.push(*previous);
                let peer = Peer { node: node.clone(), party: *party, card: *card, earlier, since };
                self.peers.insert(node.clone(), peer);
            }
            Act::IncidentRaised { code, dispatch: None } => {
                self.raised.insert(code.clone(), at);
            }
            // Whoever cosigned what is lost must know, and whoever follows the log later.
            Act::LogSucceeded { statement, .. } => {
                for peer in self.peers.keys() {
                    self.correspondence.owe(peer, *statement);
                }
            }
            // It lost what it was told since; what it has is brought in vain and does no harm.
            Act::SuccessionDecided { node, answer: Answer::Approve, .. } => {
                let since = self.logs.followed(node).map_or(at, |followed| followed.since);
                self.correspondence.bring_again(node, since.minus_millis(CLOCKS_APART_MILLIS));
                self.lifecycle.bring_again(node);
                let is_gone = |item: &ItemId| self.items.get(item).is_none_or(|item| item.is_destroyed);
                self.dispatches.bring_again(node, is_gone);
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
        self.versions.change(act.stream(), |version| *version += 1);
        self.size += 1;
        self.last_at = self.last_at.max(at);
    }

    /// Tells by `torn` from here on whether anything of it that rests could not be read.
    #[must_use]
    pub fn resting(self, torn: Torn) -> Self {
        Self { torn, ..self }
    }

    /// Whether something that rests could not be read. Then nothing may be recorded on this view.
    pub fn is_torn(&self) -> bool {
        self.torn.is_so()
    }

    /// How many entries a stream has.
    pub fn version(&self, stream: &str) -> u64 {
        self.versions.get(&stream.to_owned()).copied().unwrap_or_default()
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

    /// An item here that is not destroyed.
    ///
    /// # Errors
    /// If there is none, or there was.
    pub fn live(&self, id: &ItemId) -> Result<&Item, Unknown> {
        let item = self.item(id)?;
        if item.is_destroyed { Err(Unknown::Destroyed(*id)) } else { Ok(item) }
    }

    /// The originator of the item with this digest, held here or waiting; none where there is no such item.
    pub fn originator(&self, item_digest: &Digest) -> Option<Party> {
        let held = self.items.of_digest(item_digest).next();
        let held = held.and_then(Item::marked).map(|marked| marked.marking.originator());
        held.or_else(|| {
            let waiting = self.items.arrivals().find(|arrival| arrival.item_digest == *item_digest);
            waiting.map(|arrival| arrival.marked.marking.originator())
        })
    }

    /// The packages with this item that went, or are to go, to that node.
    pub fn sent_to<'a>(
        &'a self,
        item_digest: &'a Digest,
        node: &'a NodeName,
    ) -> impl Iterator<Item = &'a Dispatch> {
        let sent = self.items.of_digest(item_digest).flat_map(|item| self.dispatches.sent_of(&item.id));
        sent.filter(move |sent| sent.recipient == *node)
    }
}
