//! The register: every item that left or came, with its number, as a fold of the journal.
//!
//! Numbers are given in journal order without gaps: `KOR-C-2026-000001` (control number, on approval of a
//! release) and `JPN-R-2026-000001` (register number, on admission), counted per Party's civil year.
//!
//! *Absent:* titles. A register entry points to the item; its title is sealed elsewhere.

use crate::act::{Act, Answer};
use crate::destruction::Destruction;
use crate::handling::Handling;
use crate::id::{CaseId, DispatchId, ItemId};
use crate::marking::Level;
use crate::party::{NodeName, Party, PersonId};
use crate::shelf::{Rack, Shelf};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

/// Which way an entry went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Direction {
    /// Released by this Party.
    #[n(0)]
    Out,
    /// Received from the partner.
    #[n(1)]
    In,
}

/// What happened to a registered item.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Movement {
    /// Sent under a dispatch.
    #[n(0)]
    Sent(#[n(0)] DispatchId),
    /// The partner's receipt came.
    #[n(1)]
    Receipted,
    /// Opened by someone.
    #[n(2)]
    Opened(#[n(0)] PersonId),
    /// Handled otherwise.
    #[n(3)]
    Handled(#[n(0)] Handling, #[n(1)] PersonId),
    /// A copy came back to the registry.
    #[n(4)]
    Returned(#[n(0)] u32, #[n(1)] PersonId),
    /// A person signed that it, or that copy of it, is destroyed; true for the second one.
    #[n(5)]
    Destroyed(#[n(0)] Option<u32>, #[n(1)] bool, #[n(2)] PersonId),
    /// The same at the partner's node.
    #[n(6)]
    DestroyedThere(#[n(0)] Option<u32>, #[n(1)] bool, #[n(2)] PersonId),
}

/// One entry of the register.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Registered {
    /// Control number (out) or register number (in).
    #[n(0)]
    pub number: String,
    /// Which way it went.
    #[n(1)]
    pub direction: Direction,
    /// The item on this node.
    #[n(2)]
    pub item: ItemId,
    /// The partner's node.
    #[n(3)]
    pub partner: Option<NodeName>,
    /// The own level given on admission.
    #[n(4)]
    pub own_level: Option<Level>,
    /// When it was entered.
    #[n(5)]
    pub entered_at: Timestamp,
    /// Index of the entry that entered it.
    #[n(6)]
    pub index: u64,
    /// What happened since, in order.
    #[n(7)]
    pub movements: Vec<(Timestamp, Movement)>,
}

/// The register of one node.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(context_bound = "Rack")]
pub struct Register {
    #[n(0)]
    party: Option<Party>,
    #[n(1)]
    utc_offset_hours: u8,
    #[n(2)]
    counts: BTreeMap<(char, i64), u64>,
    #[n(3)]
    entries: Shelf<String, Registered>,
    #[n(4)]
    by_case: Shelf<CaseId, String>,
    #[n(5)]
    by_dispatch: Shelf<DispatchId, String>,
    #[n(6)]
    received: Shelf<ItemId, String>,
    /// What each case asks for; none once it is decided, so that a case gets one number at most.
    #[n(7)]
    case_items: Shelf<CaseId, Option<(ItemId, NodeName)>>,
    #[n(8)]
    senders: BTreeMap<DispatchId, NodeName>,
}

impl Register {
    /// An empty register that counts years at `utc_offset_hours` east of Greenwich.
    pub fn new(utc_offset_hours: u8) -> Self {
        Self { utc_offset_hours, ..Self::default() }
    }

    /// Folds the act of entry `index`, done at `at`.
    pub fn apply(&mut self, index: u64, at: Timestamp, act: &Act) {
        match act {
            Act::Founded { party, .. } => self.party = Some(*party),
            Act::ReleaseRequested { case, item, recipient, .. } => {
                self.case_items.insert_new(*case, Some((*item, recipient.clone())));
            }
            Act::ReleaseDecided { case, answer, .. } => {
                let asked = self.case_items.get_mut(case).and_then(Option::take);
                if let Some(asked) = asked.filter(|_| *answer == Answer::Approve) {
                    self.enter_out(index, at, case, asked);
                }
            }
            Act::DispatchOwed { dispatch, case, .. } => {
                if let Some(number) = self.by_case.get(case).cloned() {
                    self.by_dispatch.insert(*dispatch, number.clone());
                    self.move_entry(&number, at, Movement::Sent(*dispatch));
                }
            }
            Act::ReceiptKept { dispatch, .. } => {
                if let Some(number) = self.by_dispatch.get(dispatch).cloned() {
                    self.move_entry(&number, at, Movement::Receipted);
                }
            }
            Act::ArrivalVerified { dispatch, from, .. } if !self.by_dispatch.contains_key(dispatch) => {
                self.senders.entry(*dispatch).or_insert_with(|| from.clone());
            }
            Act::Admitted { dispatch, item, own_level, .. } => {
                self.enter_in(index, at, dispatch, item, own_level)
            }
            Act::Opened { item, by, .. } => {
                self.move_received(item, at, Movement::Opened(by.clone()));
            }
            Act::Handled { item, handling, by, .. } => {
                self.move_received(item, at, Movement::Handled(handling.clone(), by.clone()));
            }
            Act::CopyReturned { item, number, by } => {
                self.move_received(item, at, Movement::Returned(*number, by.clone()));
            }
            Act::DestructionSigned { item, destruction: Destruction { what, first, .. }, by, .. } => {
                self.move_received(item, at, Movement::Destroyed(what.copy, first.is_some(), by.clone()));
            }
            Act::DestructionMirrored { destruction: Destruction { what, first, .. }, signer, .. } => {
                let number = what.dispatch.and_then(|dispatch| self.by_dispatch.get(&dispatch)).cloned();
                if let Some(number) = number {
                    let there = Movement::DestroyedThere(what.copy, first.is_some(), signer.clone());
                    self.move_entry(&number, at, there);
                }
            }
            _ => {}
        }
    }

    fn enter_out(&mut self, index: u64, at: Timestamp, case: &CaseId, asked: (ItemId, NodeName)) {
        let (item, partner) = asked;
        let number = self.next_number('C', at);
        self.by_case.insert(*case, number.clone());
        self.insert(number, Direction::Out, item, Some(partner), None, at, index);
    }

    fn enter_in(
        &mut self,
        index: u64,
        at: Timestamp,
        dispatch: &DispatchId,
        item: &ItemId,
        own_level: &Level,
    ) {
        // Removed, so that a dispatch is registered once, and never without a verified arrival.
        let Some(sender) = self.senders.remove(dispatch) else { return };
        let number = self.next_number('R', at);
        self.by_dispatch.insert(*dispatch, number.clone());
        self.received.insert(*item, number.clone());
        self.insert(number, Direction::In, *item, Some(sender), Some(own_level.clone()), at, index);
    }

    #[expect(clippy::too_many_arguments, reason = "one argument a column of the register")]
    fn insert(
        &mut self,
        number: String,
        direction: Direction,
        item: ItemId,
        partner: Option<NodeName>,
        own_level: Option<Level>,
        entered_at: Timestamp,
        index: u64,
    ) {
        let movements = Vec::new();
        let key = number.clone();
        self.entries.insert(
            key,
            Registered { number, direction, item, partner, own_level, entered_at, index, movements },
        );
    }

    fn next_number(&mut self, series: char, at: Timestamp) -> String {
        let (year, _, _) = at.civil_date(self.utc_offset_hours);
        let count = self.counts.entry((series, year)).or_default();
        *count += 1;
        let party = self.party.map(|p| p.to_string()).unwrap_or_default();
        format!("{party}-{series}-{year}-{count:06}")
    }

    fn move_received(&mut self, item: &ItemId, at: Timestamp, movement: Movement) {
        if let Some(number) = self.received.get(item).cloned() {
            self.move_entry(&number, at, movement);
        }
    }

    fn move_entry(&mut self, number: &String, at: Timestamp, movement: Movement) {
        if let Some(entry) = self.entries.get_mut(number) {
            entry.movements.push((at, movement));
        }
    }

    /// The entry with a number.
    pub fn get(&self, number: &str) -> Option<&Registered> {
        self.entries.get(&number.to_owned())
    }

    /// The control number of an approved case.
    pub fn control_number(&self, case: &CaseId) -> Option<&str> {
        self.by_case.get(case).map(String::as_str)
    }

    /// The number under which a dispatch is registered here: control number at the sender, register number at
    /// the receiver.
    pub fn number_of(&self, dispatch: &DispatchId) -> Option<&str> {
        self.by_dispatch.get(dispatch).map(String::as_str)
    }

    /// The register number of a received item.
    pub fn received_number(&self, item: &ItemId) -> Option<&str> {
        self.received.get(item).map(String::as_str)
    }

    /// All entries, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Registered> {
        self.entries.values()
    }
}
