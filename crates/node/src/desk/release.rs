//! The release workflow: ask, review, decide. Each is a statement that its person signed.
//!
//! *Absent:* the package, which is made once a case is approved.

use super::{Misuse, Ruled, Step, check_label, facts_digest, opened, state};
use crate::engine::Plan;
use attache_accord::act::{Act, Answer};
use attache_accord::dispatch::{Case, CaseState};
use attache_accord::item::{Item, Stage};
use attache_accord::passage::Bar;
use attache_accord::people::Role;
use attache_accord::view::{Ask, Unknown, View};
use attache_accord::{CaseId, Digest, NodeName, PersonId, Timestamp};
use attache_release::Pack;
use attache_seal::papers::{self, Decision, Request, Review};
use attache_seal::statement::Signed;

/// A person asks that an item be released.
///
/// # Errors
/// [`Misuse`] names the field. A refusal by the rules is a step.
pub fn request(view: &View, pack: &Pack, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<Request>(view, now, signed)?;
    let asked = statement.body;
    if view.dispatches.case(&asked.case).is_some() {
        return Err(state("case", "this case is open already; use a fresh id"));
    }
    check_log(view, &asked.recipient)?;
    // What was given anew after a recall or a destruction stands beside the one that is closed.
    let item = view
        .items
        .of_digest(&asked.item_digest)
        .min_by_key(|item| (view.is_closed(item), item.id))
        .ok_or_else(|| state("item digest", "no such item here"))?;
    check_label(item, &asked.label_digest)?;
    if item.controlled().is_some() {
        return Ok(barred(view, signed, item, asked.recipient, by, Bar::KeptShare));
    }
    let own = view.identity.as_ref().ok_or(Unknown::Unfounded)?.party;
    let by_hub = |node: &NodeName| {
        let party = view.peers.get(node).map(|peer| peer.party);
        party.and_then(|party| pack.terms().carrier(own, party)).is_some()
    };
    if let Stage::Admitted { from, .. } = &item.stage
        && pack.terms().hub_share_days.is_some()
        && by_hub(from)
    {
        let rule = "a hub keeps a share of its key, and this node has the other only; its originator gives it there itself";
        return Err(state("item", rule));
    }
    let is_controlled = item.marked().is_some_and(|it| it.marking.control.is_some());
    if is_controlled && pack.terms().hub_share_days.is_some() && by_hub(&asked.recipient) {
        let rule = "a hub keeps one of the two shares that a key opens with, and its originator would keep the other: mark it without control, \
                    or give it another way";
        return Err(state("recipient", rule));
    }
    let ask = Ask::Request { item: item.id, recipient: asked.recipient.clone() };
    let ruled = match Ruled::new(view, &by, ask, now) {
        Ok(ruled) => Ruled { item: Some(item.id), case: Some(asked.case), ..ruled },
        Err(unknown) => {
            let bar = unknown.bar().ok_or(unknown)?;
            return Ok(barred(view, signed, item, asked.recipient, by, bar));
        }
    };
    let requested = Act::ReleaseRequested {
        case: asked.case,
        item: item.id,
        recipient: asked.recipient,
        request: signed.digest(),
        by: by.clone(),
    };
    let mut step = ruled.step(view, pack, Some(signed), vec![requested]);
    // The last signature of its destruction may come meanwhile.
    let holding = Act::CopyReturned { item: item.id, number: 0, by }.stream();
    let version = view.version(&holding);
    step.plan.expect.push((holding, version));
    Ok(step)
}

/// Someone other than the requester looks at a case and says what they found. A review permits nothing.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn review(view: &View, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<Review>(view, now, signed)?;
    let case = waiting(view, &statement.body.case, &statement.body.request)?;
    if case.requester == by {
        return Err(state("signer", "a review is another person's, not the requester's"));
    }
    if !view.person(&by)?.has(Role::DisclosureOfficer) {
        return Err(state("signer", "a review needs the role disclosure-officer"));
    }
    let act = Act::ReleaseReviewed { case: case.id, review: signed.digest(), by };
    let mut plan = Plan::new(view, vec![act]);
    plan.paper(signed.to_bytes());
    Ok(Step { plan, ruling: None })
}

/// A second person decides a case. To approve is a question, and the rules answer it; to refuse is the person's own.
///
/// # Errors
/// [`Misuse`] names the field. A refusal by the rules is a step.
pub fn decide(view: &View, pack: &Pack, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<Decision>(view, now, signed)?;
    let decision = statement.body;
    let case = waiting(view, &decision.case, &decision.request)?;
    let item = view.item(&case.item)?;
    if item.item_digest != decision.item_digest {
        return Err(state("item digest", "the case is about another item"));
    }
    check_label(item, &decision.label_digest)?;
    if case.recipient != decision.recipient {
        return Err(state("recipient", "the case is for another node"));
    }
    check_log(view, &case.recipient)?;
    let ruled = match Ruled::new(view, &by, Ask::Release { case: case.id }, now) {
        Ok(ruled) => Ruled { item: Some(item.id), case: Some(case.id), ..ruled },
        Err(unknown) => {
            let bar = unknown.bar().filter(|_| decision.answer == papers::Answer::Approve).ok_or(unknown)?;
            return Ok(barred(view, signed, item, decision.recipient, by, bar));
        }
    };
    if facts_digest(&ruled.question) != decision.facts {
        return Err(state(
            "facts",
            "they changed since you saw them; look at the case again and decide anew",
        ));
    }
    let decided =
        |answer| Act::ReleaseDecided { case: case.id, answer, decision: signed.digest(), by: by.clone() };
    match decision.answer {
        papers::Answer::Approve => Ok(ruled.step(view, pack, Some(signed), vec![decided(Answer::Approve)])),
        papers::Answer::Refuse => {
            if !view.person(&by)?.has(Role::DisclosureOfficer) {
                return Err(state("signer", "a decision needs the role disclosure-officer"));
            }
            let mut plan = Plan::new(view, vec![decided(Answer::Refuse)]);
            plan.paper(signed.to_bytes());
            Ok(Step { plan, ruling: None })
        }
    }
}

/// Records that somebody wanted to give an item to whom it goes in no case. It is no question of the rules, and no case is opened.
fn barred(view: &View, signed: &Signed, item: &Item, recipient: NodeName, by: PersonId, bar: Bar) -> Step {
    let act = Act::PassageBarred { item: item.id, recipient, request: signed.digest(), by, bar };
    let mut plan = Plan::new(view, vec![act]);
    plan.paper(signed.to_bytes());
    Step { plan, ruling: None }
}

/// The case, if it waits for a decision and was opened by that request.
fn waiting<'a>(view: &'a View, id: &CaseId, request: &Digest) -> Result<&'a Case, Misuse> {
    let case = view.dispatches.case(id).ok_or(Unknown::Case(*id))?;
    if case.request != *request {
        return Err(state("request", "the case was opened by another request"));
    }
    match case.state {
        CaseState::Requested => Ok(case),
        _ => Err(state("case", "it is decided already")),
    }
}

/// Nothing new is begun with a node whose log showed two histories or lost entries, for nobody could say later what it received.
fn check_log(view: &View, node: &NodeName) -> Result<(), Misuse> {
    match view.logs.is_stopped(node) {
        true => Err(state(
            "recipient",
            "its log showed two histories or lost entries; the agreement office decides first (attache log status)",
        )),
        false => Ok(()),
    }
}
