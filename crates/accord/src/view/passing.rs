//! What of passages only all folds together know: which items may go on, who else is to hear of a withdrawal, and what is still
//! to be told.
//!
//! *Absent:* the rules. Whether the originator approves is `release::floor`'s question.

use super::{Unknown, View};
use crate::act::{Act, Answer};
use crate::consent::Step;
use crate::control::Recall;
use crate::dispatch::Progress;
use crate::id::{CaseId, Digest, DispatchId, ItemId};
use crate::item::{Item, Stage};
use crate::particulars::Approved;
use crate::party::{NodeName, Party};
use crate::passage::{Came, MAX_HOPS, Onward, PASSAGE_OVERDUE, Standing};
use crate::ruling::Question;
use crate::time::Timestamp;

impl View {
    /// Folds what follows from an act, done at `at`, for passages, once the other folds have it.
    pub(super) fn pass(&mut self, at: Timestamp, act: &Act) {
        match act {
            Act::ReleaseDecided { case, answer: Answer::Refuse, .. } => {
                let item = self.dispatches.case(case).and_then(|case| self.items.get(&case.item));
                if let Some(Stage::Admitted { dispatch: origin, .. }) = item.map(|item| &item.stage) {
                    let against = Onward { origin: *origin, dispatch: None, consent: None, told: None };
                    self.passages.begin(*case, against);
                }
            }
            Act::ConsentMade { consent, statement, .. } => {
                let Step::Withdrawn { approval } = &consent.step else { return };
                let approved = self.consents.get(approval).and_then(|word| word.consent.step.what());
                let Some(Approved::ThirdParty(party)) = approved else { return };
                // Whoever would be given it under that approval is told as well.
                for (node, peer) in &self.peers {
                    if peer.party == *party && *node != consent.to {
                        self.correspondence.owe(node, *statement);
                    }
                }
            }
            // It reaches as far as the item: whoever it was passed on to has the recall as well.
            Act::RecallMade { recall, statement, .. } => {
                for told in self.passages.told(&recall.dispatch).filter(|told| told.is_receipted()) {
                    self.correspondence.owe(&told.hop.recipient, *statement);
                }
            }
            // Of what came here by a hub the originator speaks by its own dispatch to that hub.
            Act::RecallMirrored { recall, statement, from, .. } => {
                let found = self.came_by_hub(recall, from).find(|(item, ..)| !self.is_closed(item));
                if let Some(dispatch) = found.map(|(_, dispatch, _)| *dispatch) {
                    self.controls.about_arrival(statement, dispatch);
                }
            }
            // Whoever gave the item to this hub has the certificate as well.
            Act::DestructionMirrored { destruction, statement, .. } => {
                let passed = destruction.what.dispatch.and_then(|dispatch| self.dispatches.sent(&dispatch));
                let onward = passed.and_then(|sent| self.passages.onward(&sent.case));
                let given = onward.and_then(|onward| self.dispatches.given(&onward.origin));
                if let Some(origin) = given.map(|given| given.to.clone()) {
                    self.correspondence.owe(&origin, *statement);
                }
            }
            Act::PassageMirrored { hop, statement, from, .. } => {
                let item_digest = self.digest_sent(&hop.dispatch);
                self.passages.mirror(at, hop, *statement, from, item_digest);
                if hop.fate.standing() == Standing::Receipted {
                    // It was recalled meanwhile.
                    for word in self.controls.about(&hop.dispatch) {
                        self.correspondence.owe(&hop.recipient, word.statement);
                    }
                }
            }
            Act::IncidentRaised { code, dispatch: Some(dispatch) } if code == PASSAGE_OVERDUE => {
                if let Some(item_digest) = self.digest_sent(dispatch) {
                    self.passages.raised(&item_digest);
                }
            }
            _ => {}
        }
    }

    /// Digest of the item that went by a dispatch of this node.
    fn digest_sent(&self, dispatch: &DispatchId) -> Option<Digest> {
        let sent = self.dispatches.sent(dispatch)?;
        self.items.get(&sent.item).map(|item| item.item_digest)
    }

    /// Whether a received item may go on to the recipient of a question at all: once, and to nobody who has it. To its originator
    /// is the floor's cause.
    pub(super) fn may_pass(
        &self,
        item: &Item,
        by: Option<&DispatchId>,
        question: &Question,
    ) -> Result<(), Unknown> {
        let Stage::Admitted { marked, dispatch, from, .. } = &item.stage else { return Ok(()) };
        let to = question.recipient.as_ref().map(|recipient| recipient.party);
        let Some(to) = to.filter(|to| *to != marked.marking.originator()) else { return Ok(()) };
        if marked.marking.control.is_some() {
            return Err(Unknown::KeptShare(item.id));
        }
        let hops = 1 + usize::from(self.passages.came(dispatch).is_some());
        if hops >= MAX_HOPS {
            return Err(Unknown::PassedOn(item.id));
        }
        let is_of = |node: &NodeName| self.peers.get(node).is_some_and(|peer| peer.party == to);
        let mut sent = self.dispatches.all_sent().filter(|sent| sent.item == item.id);
        let has_it = sent.any(|sent| {
            Some(&sent.id) != by && !matches!(sent.progress, Progress::Declined(_)) && is_of(&sent.recipient)
        });
        if has_it || is_of(from) { Err(Unknown::HasIt { item: item.id, party: to }) } else { Ok(()) }
    }

    /// The node and Party of an item's originator, for what was received here: whoever sent it, or whoever had given it to the hub
    /// that passed it on.
    pub fn origin_of<'a>(&'a self, item: &'a Item) -> Option<(&'a NodeName, Party)> {
        let Stage::Admitted { marked, dispatch, from, .. } = &item.stage else { return None };
        let node = self.passages.came(dispatch).map_or(from, |came| &came.origin);
        Some((node, marked.marking.originator()))
    }

    /// Whether an item of this digest was admitted here whose originator's node is that one.
    pub fn originates_from(&self, item_digest: &Digest, node: &NodeName) -> bool {
        let mut held = self.items.of_digest(item_digest);
        held.any(|item| self.origin_of(item).is_some_and(|(origin, _)| origin == node))
    }

    /// What came here by the hub that a recall names, of an item that the node `from` had given to that hub: the item, the dispatch by
    /// which it came, and how. Of those that may be opened there is one at most, since no second one is taken beside it.
    pub fn came_by_hub<'a>(
        &'a self,
        recall: &'a Recall,
        from: &'a NodeName,
    ) -> impl Iterator<Item = (&'a Item, &'a DispatchId, &'a Came)> {
        self.items.of_digest(&recall.item_digest).filter_map(move |item| {
            let Stage::Admitted { dispatch, from: hub, .. } = &item.stage else { return None };
            let came = self.passages.came(dispatch)?;
            (*hub == recall.to && came.origin == *from).then_some((item, dispatch, came))
        })
    }

    /// Whether an item was passed on to here by that package of its originator's.
    pub fn came_by(&self, item: &Item, package: &Digest) -> bool {
        let Stage::Admitted { dispatch, .. } = &item.stage else { return false };
        self.passages.came(dispatch).is_some_and(|came| came.package == *package)
    }

    /// Whether an item was destroyed, or received and then recalled: nobody opens it any more.
    pub fn is_closed(&self, item: &Item) -> bool {
        let is_recalled = match &item.stage {
            Stage::Admitted { dispatch, .. } => self.controls.recalled(dispatch).is_some(),
            _ => false,
        };
        item.is_destroyed || is_recalled
    }

    /// Whether a hub has passed an own item of this digest on to that node, which receipted it.
    pub fn passed_to(&self, item_digest: &Digest, node: &NodeName) -> bool {
        let is_it = |item: &ItemId| self.items.get(item).is_some_and(|item| item.item_digest == *item_digest);
        let mut sent = self.dispatches.all_sent().filter(|sent| is_it(&sent.item));
        sent.any(|sent| {
            self.passages.told(&sent.id).any(|told| told.hop.recipient == *node && told.is_receipted())
        })
    }

    /// Passages of this hub whose originator is to be told how they stand.
    pub fn hops_owed(&self) -> impl Iterator<Item = (&CaseId, &Onward, Standing)> {
        self.passages.open().filter_map(|(case, onward)| {
            let stands = self.stands(onward)?;
            (onward.told != Some(stands)).then_some((case, onward, stands))
        })
    }

    fn stands(&self, onward: &Onward) -> Option<Standing> {
        let Some(dispatch) = onward.dispatch else { return Some(Standing::Refused) };
        let sent = self.dispatches.sent(&dispatch)?;
        Some(match sent.progress {
            Progress::Receipted { .. } => Standing::Receipted,
            Progress::Declined(_) => Standing::Declined,
            _ if sent.incident => Standing::Overdue,
            _ => Standing::Begun,
        })
    }
}
