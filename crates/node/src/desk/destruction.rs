//! Two people sign that an item, or one copy of it, is destroyed (Art. 13).
//!
//! *Absent:* the forgetting, which `node::forgetting` does once both have signed.

use super::{Misuse, Step, opened, state};
use crate::engine::Plan;
use attache_accord::Timestamp;
use attache_accord::act::Act;
use attache_accord::destruction::{Destroyed, Destruction};
use attache_accord::dispatch::{CaseState, Progress};
use attache_accord::handling::Fate;
use attache_accord::item::{Item, Stage};
use attache_accord::people::{Person, Role};
use attache_accord::view::View;
use attache_release::Pack;
use attache_seal::statement::Signed;

/// What a destruction of this item, or of one copy of it, is called at both nodes.
pub fn destroyed(item: &Item, copy: Option<u32>) -> Destroyed {
    let dispatch = match &item.stage {
        Stage::Admitted { dispatch, .. } => Some(*dispatch),
        Stage::Draft | Stage::Marked(_) => None,
    };
    Destroyed { item_digest: item.item_digest, dispatch, copy }
}

/// Records that one of the two has signed. With the second signature the item or copy counts as destroyed.
///
/// # Errors
/// [`Misuse`] names the field and what is demanded first.
pub fn destroy(view: &View, pack: &Pack, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<Destruction>(view, now, signed)?;
    let destruction = statement.body;
    let what = destruction.what;
    let mut items = view.items.of_digest(&what.item_digest);
    let item = items.find(|item| destroyed(item, what.copy) == what);
    let item = view.live(&item.ok_or_else(|| state("item digest", "no such item here"))?.id)?;
    may_witness(view.person(&by)?, item, pack, now)?;
    let originators = match &item.stage {
        Stage::Admitted { from, .. } => Some(from),
        Stage::Draft | Stage::Marked(_) => None,
    };
    if destruction.to.as_ref() != originators {
        return Err(state("to", "the node that the item came from, and none for an own item"));
    }
    let holding = view.holdings.of(&item.id);
    match what.copy {
        Some(number) => match holding.copy(number).map(|copy| copy.fate) {
            Some(Fate::Out | Fate::Returned(_)) => {}
            Some(Fate::Destroyed(_)) => return Err(state("copy", "that copy is destroyed already")),
            None => return Err(state("copy", "the item has no copy of this number")),
        },
        None => {
            if holding.copies.iter().any(|copy| !matches!(copy.fate, Fate::Destroyed(_))) {
                return Err(state(
                    "copy",
                    "the item has copies that are not destroyed; destroy each of them first",
                ));
            }
            is_settled(view, item)?;
        }
    }
    view.destructions.admits(&destruction, &by)?;
    let is_last = what.copy.is_none() && destruction.first.is_some();
    let act = Act::DestructionSigned { item: item.id, destruction, statement: signed.digest(), by };
    let mut plan = Plan::new(view, vec![act]);
    if is_last {
        // A release that is asked for or approved meanwhile is a stream of its own; but its ruling stands in this one.
        let rulings = Act::Padded {}.stream();
        let version = view.version(&rulings);
        plan.expect.push((rulings, version));
    }
    plan.paper(signed.to_bytes());
    Ok(Step { plan, ruling: None })
}

/// Whoever witnesses sees what is destroyed, so is cleared for it.
fn may_witness(person: &Person, item: &Item, pack: &Pack, now: Timestamp) -> Result<(), Misuse> {
    if !person.has(Role::Registrar) && !person.has(Role::DeskOfficer) {
        return Err(state("signer", "a destruction needs the role registrar or desk-officer"));
    }
    let table = &pack.terms().equivalence;
    let covers =
        |level| person.clearance.as_ref().is_some_and(|it| now < it.until && table.covers(&it.level, level));
    if item.own_level().is_none_or(covers) {
        Ok(())
    } else {
        Err(state("signer", "a destruction needs a clearance for the item"))
    }
}

/// What is on its way to a partner is not destroyed under its feet.
fn is_settled(view: &View, item: &Item) -> Result<(), Misuse> {
    let is_open = |state: &CaseState| matches!(state, CaseState::Requested | CaseState::Approved);
    let mut cases = view.dispatches.cases_of(&item.id);
    let mut sent = view.dispatches.sent_of(&item.id);
    if cases.any(|case| is_open(&case.state)) || sent.any(|sent| sent.progress == Progress::Owed) {
        return Err(state("item", "a release of it is under way; wait until it is refused or sent"));
    }
    let given = match &item.stage {
        Stage::Admitted { dispatch, .. } => view.dispatches.given(dispatch),
        Stage::Draft | Stage::Marked(_) => None,
    };
    if given.is_some_and(|given| given.receipt.is_none()) {
        return Err(state("item", "its receipt is not signed yet; try again in a moment"));
    }
    Ok(())
}
