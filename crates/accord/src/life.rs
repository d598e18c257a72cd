//! The life of one item at one node: which acts of the journal are about it, directly or by a case or a dispatch of it.
//!
//! *Absent:* the item's life at the other node, where it bears another id; the two meet in the package.

use crate::act::Act;
use crate::id::{CaseId, DispatchId, ItemId};
use crate::passage::Hop;
use std::collections::BTreeSet;

/// An item with the cases and dispatches that are its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    item: ItemId,
    cases: BTreeSet<CaseId>,
    dispatches: BTreeSet<DispatchId>,
}

impl Life {
    /// The life of `item`, of which nothing is known yet.
    pub fn new(item: ItemId) -> Self {
        Self { item, cases: BTreeSet::new(), dispatches: BTreeSet::new() }
    }

    /// The item.
    pub fn item(&self) -> ItemId {
        self.item
    }

    /// Learns from an act which cases and dispatches are the item's. An arrival is known to be it only by its admission, so every
    /// act must be learned before one is looked up.
    pub fn learn(&mut self, act: &Act) {
        match act {
            Act::ReleaseRequested { case, item, .. } if *item == self.item => {
                self.cases.insert(*case);
            }
            Act::DispatchOwed { dispatch, item, .. } | Act::Admitted { dispatch, item, .. }
                if *item == self.item =>
            {
                self.dispatches.insert(*dispatch);
            }
            _ => {}
        }
    }

    /// Whether an act is about the item.
    pub fn has(&self, act: &Act) -> bool {
        match act {
            Act::ItemAdded { item, .. }
            | Act::ItemDerived { item, .. }
            | Act::ItemMarked { item, .. }
            | Act::ReleaseRequested { item, .. }
            | Act::KeyMoved { item, .. }
            | Act::DispatchOwed { item, .. }
            | Act::Admitted { item, .. }
            | Act::Opened { item, .. }
            | Act::Handled { item, .. }
            | Act::CopyReturned { item, .. }
            | Act::CopySealed { item, .. }
            | Act::DestructionSigned { item, .. }
            | Act::PassageBarred { item, .. }
            | Act::Ruled { item: Some(item), .. } => *item == self.item,
            Act::ReleaseReviewed { case, .. }
            | Act::ReleaseDecided { case, .. }
            | Act::CaseClosed { case, .. }
            | Act::PassageOwed { case, .. }
            | Act::PassageTold { hop: Hop { passage: case, .. }, .. } => self.cases.contains(case),
            Act::DispatchStored { dispatch }
            | Act::DispatchDeclined { dispatch, .. }
            | Act::ReceiptKept { dispatch, .. }
            | Act::ProofKept { dispatch, .. }
            | Act::ArrivalVerified { dispatch, .. }
            | Act::ReceiptOwed { dispatch, .. }
            | Act::ReceiptDelivered { dispatch }
            | Act::ProofDelivered { dispatch }
            | Act::PassageVerified { dispatch, .. }
            | Act::PassageMirrored { hop: Hop { dispatch, .. }, .. }
            | Act::BreachRecorded { dispatch: Some(dispatch), .. }
            | Act::IncidentRaised { dispatch: Some(dispatch), .. } => self.dispatches.contains(dispatch),
            Act::DestructionMirrored { destruction, .. } => {
                destruction.what.dispatch.is_some_and(|dispatch| self.dispatches.contains(&dispatch))
            }
            _ => false,
        }
    }
}
