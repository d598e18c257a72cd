//! A partner's recalls of what it gave: kept as they were signed, and in force from the moment at which they are here.
//!
//! *Absent:* the refusal of what is asked afterwards, which is the view's and custody's.

use super::{Brought, Noting};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::act::Act;
use attache_accord::control::{MAX_WORDS, Recall};
use attache_accord::item::Stage;
use attache_accord::view::View;
use attache_accord::{Digest, DispatchId, NodeName, Party};

impl Office {
    /// Weighs a recall that a partner's node brought.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn weigh_recall(&self, brought: &Brought<'_>) -> Result<Noting, Fault> {
        let Ok(opened) = brought.inner.open::<Recall>(&brought.verifying, &self.expect(None)) else {
            return Ok(self.false_notice(brought.from));
        };
        let (recall, signed_at, digest) = (opened.body, opened.head.at, brought.inner.digest());
        let view = self.view.read();
        if view.controls.get(&digest).is_some() {
            return Ok(Noting::Kept);
        }
        let held = held(&view, &recall.dispatch, brought.from);
        let is_theirs = recall.to == self.identity.node
            && held
                .is_none_or(|(item, originator)| item == recall.item_digest && originator == brought.party);
        if !is_theirs {
            drop(view);
            return Ok(self.false_notice(brought.from));
        }
        // What is not here, and what is recalled over and over, is told by one answer.
        if held.is_none() || view.controls.about(&recall.dispatch).len() >= MAX_WORDS {
            return Ok(Noting::Refused);
        }
        let (notice, from) = (brought.notice.digest(), brought.from.clone());
        let act = Act::RecallMirrored { recall, signed_at, statement: digest, notice, from };
        let mut plan = Plan::new(&view, vec![act]);
        plan.paper(brought.inner.to_bytes());
        plan.paper(brought.notice.to_bytes());
        Ok(Noting::Keep(plan))
    }
}

/// The item that came from a node by a dispatch, admitted or waiting, and its originator.
fn held(view: &View, dispatch: &DispatchId, from: &NodeName) -> Option<(Digest, Party)> {
    if let Some(arrival) = view.items.arrival(dispatch).filter(|arrival| arrival.from == *from) {
        return Some((arrival.item_digest, arrival.marked.marking.originator()));
    }
    let admitted = view.dispatches.given(dispatch)?.admitted.as_ref()?;
    let item = view.items.get(&admitted.0)?;
    match &item.stage {
        Stage::Admitted { marked, from: sender, .. } if sender == from => {
            Some((item.item_digest, marked.marking.originator()))
        }
        _ => None,
    }
}
