//! Originator control at the desk: a reader's own Party rules first; the originator's rules, or its person, consent; and a person
//! of the originator takes back what was given.
//!
//! *Absent:* the answer to the other node, which the node signs, and keys.

use super::holding::ruled_opening;
use super::{Misuse, Ruled, Step, opened, state};
use crate::engine::Plan;
use attache_accord::act::Act;
use attache_accord::control::{MAX_WORDS, Opening, Taken};
use attache_accord::dispatch::{Dispatch, Progress};
use attache_accord::people::Role;
use attache_accord::view::{Ask, Unknown, View};
use attache_accord::{DispatchId, ItemId, PersonId, Timestamp};
use attache_release::Pack;
use attache_seal::papers::OpeningDecision;
use attache_seal::statement::Signed;

/// Someone asks to open an item whose originator consents to each opening. What the own Party rules is recorded; nothing opens yet.
///
/// # Errors
/// [`Misuse`] names the field. A refusal by the rules is a step.
pub fn ask_to_open(
    view: &View,
    pack: &Pack,
    now: Timestamp,
    by: &PersonId,
    item: ItemId,
    purpose: &str,
) -> Result<Step, Misuse> {
    let ruled = ruled_opening(view, by, item, purpose, now)?;
    Ok(ruled.step(view, pack, None, Vec::new()))
}

/// The originator's rules on whether what went by a dispatch may be opened there now, on the facts of now.
///
/// # Errors
/// [`Unknown::Recalled`], [`Unknown::Expired`], or what is not here. A refusal by the rules is a step.
pub(crate) fn consent(
    view: &View,
    pack: &Pack,
    now: Timestamp,
    by: &PersonId,
    sent: &Dispatch,
) -> Result<Step, Unknown> {
    let ask = Ask::Opening { dispatch: sent.id };
    let ruled = Ruled { item: Some(sent.item), case: Some(sent.case), ..Ruled::new(view, by, ask, now)? };
    Ok(ruled.step(view, pack, None, Vec::new()))
}

/// A person's decision about a partner's request to open, and the request that it is about.
///
/// # Errors
/// [`Misuse`] names the field.
pub(crate) fn decided<'a>(
    view: &'a View,
    now: Timestamp,
    signed: &Signed,
) -> Result<(PersonId, OpeningDecision, &'a Opening), Misuse> {
    let (by, statement) = opened::<OpeningDecision>(view, now, signed)?;
    if !view.person(&by)?.has(Role::DisclosureOfficer) {
        return Err(state("signer", "a decision about an opening needs the role disclosure-officer"));
    }
    let asked = view.controls.opening(&statement.body.request).filter(|asked| !asked.is_own);
    let asked = asked.ok_or_else(|| state("request", "no request to open of this digest waits here"))?;
    if asked.answer.is_some() {
        return Err(state("request", "it is answered already"));
    }
    if asked.until <= now {
        return Err(state("request", "it is over; its reader asks again"));
    }
    Ok((by, statement.body, asked))
}

/// Records a recall, or another level, which goes to the partner's node by itself and counts from here on.
///
/// # Errors
/// [`Misuse`] names the field and what is demanded first.
pub fn recall(view: &View, pack: &Pack, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<attache_accord::control::Recall>(view, now, signed)?;
    let recall = statement.body;
    if !view.person(&by)?.has(Role::DisclosureOfficer) {
        return Err(state("signer", "a recall needs the role disclosure-officer"));
    }
    let sent = view.dispatches.sent(&recall.dispatch).ok_or(Unknown::Dispatch(recall.dispatch))?;
    let item = view.item(&sent.item)?;
    if sent.recipient != recall.to || item.item_digest != recall.item_digest {
        return Err(state("dispatch", "it took another item, or to another node"));
    }
    let own = view.identity.as_ref().ok_or(Unknown::Unfounded)?.party;
    if item.marked().map(|marked| marked.marking.originator()) != Some(own) {
        return Err(state("item digest", "only its originator recalls it; ask the originator instead"));
    }
    // Before it has the item it could not know what this is about, and would refuse it.
    if !matches!(sent.progress, Progress::Stored | Progress::Receipted { .. }) {
        return Err(state("dispatch", "that node has not stored it; there is nothing to take back yet"));
    }
    if view.controls.recalled(&recall.dispatch).is_some() {
        return Err(state("dispatch", "it is recalled already; only a new release undoes that"));
    }
    if view.controls.about(&recall.dispatch).len() >= MAX_WORDS {
        return Err(state("dispatch", "at most 64 recalls about one dispatch are kept"));
    }
    if let Taken::ToLevel { level } = &recall.taken
        && (level.party() != own || pack.terms().equivalence.name(level).is_none())
    {
        return Err(state("level", "a level of this Party's own scheme, such as KOR:II"));
    }
    let (signed_at, statement) = (statement.head.at, signed.digest());
    let mut plan = Plan::new(view, vec![Act::RecallMade { recall, signed_at, statement, by }]);
    plan.paper(signed.to_bytes());
    Ok(Step { plan, ruling: None })
}

/// The stream that every consent about a dispatch stands against: none is given in the moment in which it is recalled.
pub(crate) fn recalls_of(dispatch: &DispatchId) -> String {
    format!("recall/{dispatch}")
}
