//! A partner's recalls of what it gave, to this node or to the hub that passed it on to here: kept as they were signed, and in force from
//! the moment at which they are here.
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
use attache_seal::papers::Package;
use attache_seal::statement::Signed;

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
        let about = match recall.to == self.identity.node {
            true => about(&self.view.read(), &recall, brought),
            false => self.about_passed_on(&recall, brought)?,
        };
        let view = self.view.read();
        if view.controls.get(&digest).is_some() {
            return Ok(Noting::Kept);
        }
        match about {
            // What is not here, and what is recalled over and over, is told by one answer.
            About::Ours(dispatch) if view.controls.about(&dispatch).len() < MAX_WORDS => {}
            About::Ours(_) | About::Nothing => return Ok(Noting::Refused),
            About::Closed => return Ok(Noting::Kept),
            About::NotTheirs => {
                drop(view);
                return Ok(self.false_notice(brought.from));
            }
        }
        let (notice, from) = (brought.notice.digest(), brought.from.clone());
        let act = Act::RecallMirrored { recall, signed_at, statement: digest, notice, from };
        let mut plan = Plan::new(&view, vec![act]);
        plan.paper(brought.inner.to_bytes());
        plan.paper(brought.notice.to_bytes());
        Ok(Noting::Keep(plan))
    }

    /// What a recall for a hub is about: of what went from there to the hub, what was passed on to here.
    fn about_passed_on(&self, recall: &Recall, brought: &Brought<'_>) -> Result<About, Fault> {
        let passed: Vec<(bool, DispatchId, Digest)> = {
            let view = self.view.read();
            let originator = view.originator(&recall.item_digest);
            let is_theirs = originator.is_none_or(|originator| originator == brought.party);
            // The hub's card may be revoked here; what came by it is recalled all the same.
            let (hub, named) = (self.pack.terms().hub, view.peers.get(&recall.to));
            let is_hub = hub.is_some_and(|hub| named.is_none_or(|peer| peer.party == hub));
            if !is_theirs || !is_hub {
                return Ok(About::NotTheirs);
            }
            let passed = view.came_by_hub(recall, brought.from);
            passed.map(|(item, dispatch, came)| (view.is_closed(item), *dispatch, came.package)).collect()
        };
        let mut about = About::Nothing;
        for (is_closed, dispatch, package) in passed {
            // The same item may go to the hub more than once; the originator's package says by which dispatch this one did.
            let package = self.papers.cited(&package, "package")?;
            let package = Signed::from_bytes(&package).and_then(|it| it.dangerously_unverified::<Package>());
            if package.map_err(|_| Fault::Altered("package"))?.body.dispatch == recall.dispatch {
                if !is_closed {
                    return Ok(About::Ours(dispatch));
                }
                // One that opens may have come by the same package after it: earlier builds took that.
                about = About::Closed;
            }
        }
        Ok(about)
    }
}

/// What a recall is about.
enum About {
    /// What came here by this dispatch.
    Ours(DispatchId),
    /// What came here and is destroyed or recalled: nothing is left to close.
    Closed,
    /// Nothing that is here.
    Nothing,
    /// What its bringer cannot recall: a breach.
    NotTheirs,
}

/// What a recall for this node is about.
fn about(view: &View, recall: &Recall, brought: &Brought<'_>) -> About {
    match held(view, &recall.dispatch, brought.from) {
        None => About::Nothing,
        Some(held) if held == (recall.item_digest, brought.party) => About::Ours(recall.dispatch),
        Some(_) => About::NotTheirs,
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
