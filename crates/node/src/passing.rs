//! Passing on, at the hub: what it shows the recipient of where a received item comes from, and what it tells the originator of
//! each passage.
//!
//! An onward release is an ordinary release whose item is a received one. Only what is particular to it stands here.
//!
//! *Absent:* the originator's side and the recipient's; see `notices::hops` and `chain`.

use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::act::Act;
use attache_accord::dispatch::{Case, Progress};
use attache_accord::item::{Item, Stage};
use attache_accord::particulars::Approved;
use attache_accord::passage::{Fate, Hop, Standing};
use attache_accord::view::{Ask, Unknown};
use attache_accord::{CaseId, Digest, DispatchId, NodeName, Party, Timestamp};
use attache_seal::label::LABEL_ID;
use attache_seal::papers::{self, Passage, Receipt};
use attache_seal::statement::Signed;
use attache_seal::tdf::{Assertion, Manifest};

/// The rule that refuses what its originator does not approve.
const UNAPPROVED: &str = "R-006";

/// What a package carries of a received item, and what is recorded of it.
pub(crate) struct Passing {
    chain: Assertion,
    origin: DispatchId,
    consent: Digest,
}

impl Office {
    /// What the package of a case is to show of its item's way here; `None` for an own item.
    ///
    /// # Errors
    /// [`Fault`] where no approval of the originator is in force, or this node has not given its receipt yet.
    pub(crate) fn passing(&self, case: &Case, item: &Item, now: Timestamp) -> Result<Option<Passing>, Fault> {
        let Stage::Admitted { marked, own_level, dispatch, .. } = &item.stage else { return Ok(None) };
        let (given, consent, notice) = {
            let view = self.view.read();
            let to = view.peers.get(&case.recipient).map(|peer| peer.party);
            let to = to.ok_or(Fault::Missing("partner's card"))?;
            let given = view.dispatches.given(dispatch).cloned().ok_or(Fault::Missing("arrival"))?;
            let (originator, what) = (marked.marking.originator(), Approved::ThirdParty(to));
            let mut words = view.consents.about(&item.item_digest).iter();
            let word = words.find(|word| word.approval().is_some_and(|it| it.grants(&what, originator, now)));
            let word = word.ok_or(Fault::Missing("originator's approval in force"))?;
            (given, word.statement, word.notice.ok_or(Fault::Missing("notice of an approval"))?)
        };
        let receipt = given.receipt.ok_or(Fault::Missing("own receipt for the originator"))?;
        let passage = Passage {
            package: self.papers.cited(&given.package, "package")?,
            consent: self.papers.cited(&notice, "notice")?,
            receipt: self.papers.cited(&receipt, "receipt")?,
            level: own_level.clone(),
        };
        Ok(Some(Passing { chain: passage.to_assertion()?, origin: *dispatch, consent }))
    }

    /// What closes an approved case whose originator's approval is no longer in force: no package of it may be made, and none will be
    /// under that decision.
    pub(crate) fn unfounded(&self, case: &Case, now: Timestamp) -> Option<Plan> {
        let view = self.view.read();
        let decider = case.decision.as_ref().map(|(person, _)| person)?;
        let item = view.items.get(&case.item)?;
        if item.derived.is_none() && !matches!(item.stage, Stage::Admitted { .. }) {
            // An own item rests on nobody's approval.
            return None;
        }
        let asked = view.question(decider, &Ask::Release { case: case.id }, now);
        let is_founded = match (&asked, &item.stage) {
            (Err(Unknown::Unconsented { .. }), _) => false,
            (Ok(question), Stage::Admitted { marked, .. }) => {
                let originator = marked.marking.originator();
                question.recipient.as_ref().is_some_and(|to| {
                    let what = Approved::ThirdParty(to.party);
                    question.subject.approvals.iter().any(|it| it.grants(&what, originator, now))
                })
            }
            _ => true,
        };
        if is_founded {
            return None;
        }
        tracing::warn!(case = %case.id, "an approved release is closed: what its originator approved is no longer in force");
        let act = Act::CaseClosed { case: case.id, code: UNAPPROVED.to_owned() };
        Some(Plan::new(&view, vec![act]))
    }

    /// The agreement that protects what goes between this Party and another; empty where the pack names none of their own.
    pub(crate) fn basis_with(&self, party: Party) -> String {
        self.pack.terms().basis_between(self.identity.party, party).to_owned()
    }

    /// Signs for the originator what became of a passage.
    ///
    /// # Errors
    /// [`Fault`] where something that it says is not here, or signing fails.
    pub fn tell(&self, case: &CaseId, now: Timestamp) -> Result<Plan, Fault> {
        let (to, mut hop, receipt) = self.hop(case)?;
        let receipt = receipt.map(|receipt| self.papers.cited(&receipt, "receipt")).transpose()?;
        if let (Fate::Receipted { level, .. }, Some(bytes)) = (&mut hop.fate, &receipt) {
            let signed = Signed::from_bytes(bytes).and_then(|it| it.dangerously_unverified::<Receipt>());
            *level = signed.map_err(|_| Fault::Altered("receipt"))?.body.own_level;
        }
        let signed = self.say(&self.keys.node, now, papers::Hop { hop: hop.clone(), receipt })?;
        let act = Act::PassageTold { hop, to, statement: signed.digest() };
        let mut plan = Plan::new(&self.view.read(), vec![act]);
        plan.paper(signed.to_bytes());
        Ok(plan)
    }

    /// What is to be told of a passage, to which node, and the receipt that goes with it.
    fn hop(&self, case: &CaseId) -> Result<(NodeName, Hop, Option<Digest>), Fault> {
        let view = self.view.read();
        let owed = view.hops_owed().find(|(owed, ..)| *owed == case);
        let (_, onward, standing) = owed.ok_or(Fault::Missing("passage"))?;
        let found = view.dispatches.case(case).ok_or(Fault::Missing("case"))?;
        let item = view.items.get(&found.item).ok_or(Fault::Missing("item of the case"))?;
        let Stage::Admitted { own_level, from, .. } = &item.stage else {
            return Err(Fault::Missing("received item"));
        };
        let given = view.dispatches.given(&onward.origin).ok_or(Fault::Missing("arrival"))?;
        let party = view.peers.get(&found.recipient).map(|peer| peer.party);
        let sent = onward.dispatch.and_then(|dispatch| view.dispatches.sent(&dispatch));
        let progress = sent.map(|sent| (&sent.progress, sent.due));
        let (fate, receipt) = match (standing, progress) {
            (Standing::Refused, _) => (Fate::Refused {}, None),
            (Standing::Begun, Some((_, due))) => (Fate::Begun { due }, None),
            (Standing::Declined, Some((Progress::Declined(code), _))) => {
                (Fate::Declined { code: code.clone() }, None)
            }
            (Standing::Overdue, _) => (Fate::Overdue {}, None),
            (Standing::Receipted, Some((Progress::Receipted { receipt, .. }, _))) => {
                (Fate::Receipted { receipt: *receipt, level: None }, Some(*receipt))
            }
            _ => return Err(Fault::Missing("dispatch of a passage")),
        };
        let hop = Hop {
            passage: *case,
            dispatch: onward.origin,
            package: given.package,
            level: own_level.clone(),
            recipient: found.recipient.clone(),
            party: party.ok_or(Fault::Missing("partner's card"))?,
            consent: onward.consent,
            fate,
        };
        Ok((from.clone(), hop, receipt))
    }
}

impl Passing {
    /// The originator's label as it was signed, and the chain beside it: another's label is not ours to sign anew.
    pub(crate) fn assertions(&self, manifest: &Manifest) -> Vec<Assertion> {
        let label = manifest.assertions.iter().filter(|assertion| assertion.id == LABEL_ID);
        label.cloned().chain([self.chain.clone()]).collect()
    }

    /// What is recorded beside the dispatch.
    pub(crate) fn act(&self, case: &Case, dispatch: DispatchId, basis: String) -> Act {
        Act::PassageOwed { case: case.id, dispatch, origin: self.origin, consent: self.consent, basis }
    }
}
