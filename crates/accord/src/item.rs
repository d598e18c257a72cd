//! Items held on this node, own and received, as a fold of the journal.
//!
//! *Absent:* content, titles and keys.

use crate::act::Act;
use crate::control::Control;
use crate::derivative::Contained;
use crate::id::{Digest, DispatchId, ItemId};
use crate::marking::{Level, Marking};
use crate::party::{NodeName, Party, PersonId};
use crate::shelf::{Rack, Shelf};
use minicbor::{Decode, Encode};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How far an item has come. A draft has no marking and can go nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Stage {
    /// Sealed, not yet marked.
    #[n(0)]
    Draft,
    /// Marked by this Party, its originator.
    #[n(1)]
    Marked(#[n(0)] Marked),
    /// Received and admitted: the originator's marking stands, the own level beside it.
    #[n(2)]
    Admitted {
        /// The originator's marking and label.
        #[n(0)]
        marked: Marked,
        /// The level of the holding Party.
        #[n(1)]
        own_level: Level,
        /// How it came.
        #[n(2)]
        dispatch: DispatchId,
        /// Who sent it.
        #[n(3)]
        from: NodeName,
    },
}

/// A marking with the label that carries it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Marked {
    /// The originator's marking.
    #[n(0)]
    pub marking: Marking,
    /// Digest of the bound label.
    #[n(1)]
    pub label: Digest,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Item {
    /// Its id on this node.
    #[n(0)]
    pub id: ItemId,
    /// Plaintext size in bytes.
    #[n(1)]
    pub size: u64,
    /// Digest over the encrypted segments.
    #[n(2)]
    pub item_digest: Digest,
    /// Digest of the container's manifest.
    #[n(3)]
    pub manifest: Digest,
    /// Commitment to the title; absent for what was received, whose title only an opening shows.
    #[n(4)]
    pub title: Option<Digest>,
    /// The item that this is the releasable part of.
    #[n(5)]
    pub extract_of: Option<ItemId>,
    /// Who added or admitted it.
    #[n(6)]
    pub by: PersonId,
    /// How far it has come.
    #[n(7)]
    pub stage: Stage,
    /// Index of the entry since which it bears its marking here.
    #[n(8)]
    pub marked_index: Option<u64>,
    /// Digest of the manifest that it had as a draft, with another copy of its wrapped key.
    #[n(9)]
    pub draft_manifest: Option<Digest>,
    /// Whether two people signed that it is destroyed.
    #[n(10)]
    pub is_destroyed: bool,
    /// What it is made from, where it was made from other items.
    #[n(11)]
    pub derived: Option<Derived>,
}

/// What a derivative is made from (Art. 4.3).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Derived {
    /// Its sources on this node.
    #[n(0)]
    pub sources: Vec<ItemId>,
    /// Other Parties' items that are in it, directly or through other derivatives, each with its originator.
    #[n(1)]
    pub origins: BTreeMap<Digest, Party>,
    /// Whose information it contains, at which levels.
    #[n(2)]
    pub contains: Contained,
}

impl Item {
    /// The originator's marking, unless the item is a draft.
    pub fn marked(&self) -> Option<&Marked> {
        match &self.stage {
            Stage::Draft => None,
            Stage::Marked(marked) | Stage::Admitted { marked, .. } => Some(marked),
        }
    }

    /// How its originator controls its openings here, with the dispatch by which it came and the originator's node; `None` for what
    /// is this Party's own, or opens without asking.
    pub fn controlled(&self) -> Option<(Control, &DispatchId, &NodeName)> {
        let Stage::Admitted { marked, dispatch, from, .. } = &self.stage else { return None };
        Some((marked.marking.control?, dispatch, from))
    }

    /// The level in the holding Party's own scheme.
    pub fn own_level(&self) -> Option<&Level> {
        match &self.stage {
            Stage::Draft => None,
            Stage::Marked(marked) => Some(&marked.marking.level),
            Stage::Admitted { own_level, .. } => Some(own_level),
        }
    }
}

/// An arrival that waits for a desk officer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Arrival {
    /// Its dispatch.
    #[n(0)]
    pub dispatch: DispatchId,
    /// Who sent it.
    #[n(1)]
    pub from: NodeName,
    /// Digest of the signed package statement.
    #[n(2)]
    pub package: Digest,
    /// Digest over the encrypted segments.
    #[n(3)]
    pub item_digest: Digest,
    /// Plaintext size in bytes.
    #[n(4)]
    pub size: u64,
    /// Digest of the manifest.
    #[n(5)]
    pub manifest: Digest,
    /// The originator's marking and label.
    #[n(6)]
    pub marked: Marked,
}

/// All items and waiting arrivals.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(context_bound = "Rack")]
pub struct Items {
    #[n(0)]
    items: Shelf<ItemId, Item>,
    #[n(1)]
    arrivals: BTreeMap<DispatchId, Arrival>,
    #[n(2)]
    admitted: Shelf<DispatchId, ()>,
    /// In the order in which they came, for whoever follows.
    #[n(3)]
    added: Vec<(ItemId, Option<Digest>)>,
    #[n(4)]
    destroyed: Vec<ItemId>,
    /// Each item's part below its tearline.
    #[n(5)]
    extracts: Shelf<ItemId, ItemId>,
    /// Items by the digest over their encrypted segments.
    #[n(6)]
    by_digest: Shelf<Digest, Vec<ItemId>>,
}

impl Items {
    /// Folds the act of entry `index`.
    pub fn apply(&mut self, index: u64, act: &Act) {
        match act {
            Act::ItemAdded { item, size, item_digest, manifest, title, extract_of, by } => {
                let added = Item {
                    id: *item,
                    size: *size,
                    item_digest: *item_digest,
                    manifest: *manifest,
                    title: Some(*title),
                    extract_of: *extract_of,
                    by: by.clone(),
                    stage: Stage::Draft,
                    marked_index: None,
                    draft_manifest: None,
                    is_destroyed: false,
                    derived: None,
                };
                self.insert(added);
            }
            Act::ItemMarked { item, marking, label, manifest, .. } => {
                // A marking is never changed in place, and what was received is not ours to mark.
                if let Some(found) = self.items.get_mut(item).filter(|found| found.stage == Stage::Draft) {
                    found.draft_manifest = Some(std::mem::replace(&mut found.manifest, *manifest));
                    found.marked_index = Some(index);
                    found.stage = Stage::Marked(Marked { marking: marking.clone(), label: *label });
                }
            }
            Act::ArrivalVerified { dispatch, from, package, item_digest, size, manifest, marking, label } => {
                let arrival = Arrival {
                    dispatch: *dispatch,
                    from: from.clone(),
                    package: *package,
                    item_digest: *item_digest,
                    size: *size,
                    manifest: *manifest,
                    marked: Marked { marking: marking.clone(), label: *label },
                };
                // The same dispatch again is a resend: it changes nothing that waits and revives nothing admitted.
                if !self.admitted.contains_key(dispatch) {
                    self.arrivals.entry(*dispatch).or_insert(arrival);
                }
            }
            Act::Admitted { dispatch, item, own_level, by, .. } => {
                self.admit(index, dispatch, item, own_level, by)
            }
            Act::ItemDerived { item, sources, contains } => {
                let origins = self.origins(sources);
                if let Some(found) = self.items.get_mut(item).filter(|found| found.stage == Stage::Draft) {
                    found.derived =
                        Some(Derived { sources: sources.clone(), origins, contains: contains.clone() });
                }
            }
            Act::DestructionSigned { item, destruction, .. } => {
                let is_whole = destruction.what.copy.is_none() && destruction.first.is_some();
                if let Some(found) = self.items.get_mut(item).filter(|_| is_whole)
                    && !std::mem::replace(&mut found.is_destroyed, true)
                {
                    self.destroyed.push(*item);
                }
            }
            _ => {}
        }
    }

    fn admit(&mut self, index: u64, dispatch: &DispatchId, item: &ItemId, own_level: &Level, by: &PersonId) {
        let Some(arrival) = self.arrivals.remove(dispatch) else { return };
        self.admitted.insert(*dispatch, ());
        let admitted = Item {
            id: *item,
            size: arrival.size,
            item_digest: arrival.item_digest,
            manifest: arrival.manifest,
            title: None,
            extract_of: None,
            by: by.clone(),
            stage: Stage::Admitted {
                marked: arrival.marked,
                own_level: own_level.clone(),
                dispatch: *dispatch,
                from: arrival.from,
            },
            marked_index: Some(index),
            draft_manifest: None,
            is_destroyed: false,
            derived: None,
        };
        self.insert(admitted);
    }

    /// The received items among these, and those that these are made from.
    fn origins(&self, sources: &[ItemId]) -> BTreeMap<Digest, Party> {
        let mut origins = BTreeMap::new();
        for source in sources.iter().filter_map(|id| self.items.get(id)) {
            if let Stage::Admitted { marked, .. } = &source.stage {
                origins.insert(source.item_digest, marked.marking.originator());
            }
            origins.extend(source.derived.iter().flat_map(|derived| derived.origins.clone()));
        }
        origins
    }

    fn insert(&mut self, item: Item) {
        let (id, title, digest, extract_of) = (item.id, item.title, item.item_digest, item.extract_of);
        if self.items.insert_new(id, item) {
            self.added.push((id, title));
            self.by_digest.change(digest, |items| items.push(id));
            if let Some(whole) = extract_of {
                self.extracts.insert_new(whole, id);
            }
        }
    }

    /// The ids of items and the commitments to their titles, in the order in which they came, without the first `count`.
    pub fn added_since(&self, count: usize) -> &[(ItemId, Option<Digest>)] {
        self.added.get(count..).unwrap_or_default()
    }

    /// The ids of destroyed items in that order, without the first `count`.
    pub fn destroyed_since(&self, count: usize) -> &[ItemId] {
        self.destroyed.get(count..).unwrap_or_default()
    }

    /// One item.
    pub fn get(&self, id: &ItemId) -> Option<&Item> {
        self.items.get(id)
    }

    /// The items whose encrypted segments have that digest.
    pub fn of_digest(&self, digest: &Digest) -> impl Iterator<Item = &Item> {
        let ids = self.by_digest.get(digest).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.items.get(id))
    }

    /// Whether an item has a tearline, and with it an extract of its own.
    pub fn has_extract(&self, id: &ItemId) -> bool {
        self.extracts.contains_key(id)
    }

    /// All items, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    /// All items, by id; what rests goes on resting.
    pub fn walk(&self) -> impl Iterator<Item = Cow<'_, Item>> {
        self.items.walk().map(|(_, item)| item)
    }

    /// An arrival that waits.
    pub fn arrival(&self, dispatch: &DispatchId) -> Option<&Arrival> {
        self.arrivals.get(dispatch)
    }

    /// All arrivals that wait.
    pub fn arrivals(&self) -> impl Iterator<Item = &Arrival> {
        self.arrivals.values()
    }
}
