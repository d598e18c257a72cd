//! Acts of destructions, and of what was passed on, with what was signed about them, in evidence where rulings are asked for: they name by
//! pseudonym who signed, and items by their digest or id.
//!
//! *Absent:* titles and content, which none of these acts has, and what an act says of anything else.

use super::json;
use crate::fault::Fault;
use crate::office::Office;
use crate::papers::Papers;
use attache_accord::act::Act;
use attache_accord::{Digest, DispatchId, ItemId, PersonId};
use data_encoding::HEXLOWER;
use serde::Serialize;
use std::collections::BTreeSet;

/// One act: what opens field 15 of its leaf.
#[derive(Serialize)]
pub(super) struct OpenedAct {
    index: u64,
    /// Salt of field 15, whose value is the digest of the event.
    salt: String,
    event: String,
}

impl OpenedAct {
    pub(super) fn of(papers: &Papers, index: u64) -> Result<Self, Fault> {
        let logged = papers.logged(index)?;
        let (salt, event) = (HEXLOWER.encode(&logged.opened.salt), HEXLOWER.encode(&logged.event));
        Ok(Self { index, salt, event })
    }
}

/// What a log says of destructions and passages.
#[derive(Default)]
pub(super) struct Acts {
    indices: BTreeSet<u64>,
    papers: BTreeSet<Digest>,
    /// Own people who signed, whose keys stand in the acts by which they were enrolled.
    signers: BTreeSet<PersonId>,
    /// Approvals that passages rest on, to be joined by the notices in which they came.
    consents: BTreeSet<Digest>,
    /// By which items came and went that were passed on, or that a hub passed on.
    dispatches: BTreeSet<DispatchId>,
    /// Own items that a hub passed on.
    items: BTreeSet<ItemId>,
}

impl Acts {
    pub(super) fn note(&mut self, index: u64, act: &Act) {
        let (papers, consent) = (papers_of(act), approval_of(act));
        if !papers.is_empty() || consent.is_some() {
            self.indices.insert(index);
            self.papers.extend(papers);
            self.consents.extend(consent);
        }
        match act {
            Act::DestructionSigned { by, .. } => drop(self.signers.insert(by.clone())),
            Act::PassageOwed { dispatch, origin, .. } => self.dispatches.extend([*dispatch, *origin]),
            Act::PassageVerified { dispatch, .. } => drop(self.dispatches.insert(*dispatch)),
            Act::PassageMirrored { hop, .. } => drop(self.dispatches.insert(hop.dispatch)),
            _ => {}
        }
    }

    /// Whether what they say rests on this act of before.
    fn rest_on(&self, act: &Act) -> bool {
        match act {
            Act::PersonEnrolled { person, .. } => self.signers.contains(&person.id),
            Act::DispatchOwed { dispatch, .. } | Act::ArrivalVerified { dispatch, .. } => {
                self.dispatches.contains(dispatch)
            }
            Act::ItemAdded { item, .. } => self.items.contains(item),
            _ => false,
        }
    }
}

/// What was signed of which an act of a destruction or a passage speaks, beside an approval.
pub(super) fn papers_of(act: &Act) -> Vec<Digest> {
    match act {
        Act::DestructionSigned { statement, .. } => vec![*statement],
        Act::DestructionMirrored { statement, notice, .. }
        | Act::PassageMirrored { statement, notice, .. } => vec![*statement, *notice],
        Act::PassageVerified { package, consent, notice, receipt, .. } => {
            vec![*package, *consent, *notice, *receipt]
        }
        Act::PassageTold { statement, .. } => vec![*statement],
        _ => Vec::new(),
    }
}

/// The approval that an act of a passage rests on, where the act does not name the notice in which it came.
pub(super) fn approval_of(act: &Act) -> Option<Digest> {
    match act {
        Act::PassageOwed { consent, .. } => Some(*consent),
        Act::PassageMirrored { hop, .. } => hop.consent,
        _ => None,
    }
}

impl Office {
    /// Those of approvals, and the notices in which they came here.
    pub(super) fn approvals(&self, consents: &BTreeSet<Digest>) -> BTreeSet<Digest> {
        let view = self.view.read();
        let notices = consents.iter().filter_map(|consent| view.consents.get(consent)?.notice);
        notices.chain(consents.iter().copied()).collect()
    }

    /// Opens these acts and those that they rest on, and writes what they cite; how many statements.
    pub(super) fn acts(
        &self,
        mut acts: Acts,
        size: u64,
        put: &mut impl FnMut(&str, &[u8]) -> Result<(), Fault>,
    ) -> Result<usize, Fault> {
        let node = &self.identity.node;
        if acts.indices.is_empty() {
            return Ok(0);
        }
        acts.papers.append(&mut self.approvals(&acts.consents));
        {
            let view = self.view.read();
            let sent = acts.dispatches.iter().filter_map(|dispatch| view.dispatches.sent(dispatch));
            acts.items.extend(sent.map(|sent| sent.item));
        }
        let mut before = Vec::new();
        self.each_below(size, &mut |index, act| before.extend(acts.rest_on(act).then_some(index)))?;
        acts.indices.extend(before);
        for index in acts.indices {
            put(&format!("{node}/acts/{index}.json"), &json(&OpenedAct::of(&self.papers, index)?)?)?;
        }
        for digest in &acts.papers {
            put(&format!("{node}/cited/{digest}.cbor"), &self.papers.cited(digest, "statement")?)?;
        }
        Ok(acts.papers.len())
    }
}
