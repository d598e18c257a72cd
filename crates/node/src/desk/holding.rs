//! What a Party does with what it receives: admit what arrived, and open it.
//!
//! *Absent:* keys. An opening is ruled and recorded here; custody unwraps afterwards.

use super::{Misuse, Ruled, Step, opened, state};
use attache_accord::act::Act;
use attache_accord::item::Item;
use attache_accord::view::{Ask, Unknown, View};
use attache_accord::{ItemId, PersonId, Timestamp};
use attache_release::{Granted, Pack, question_digest};
use attache_seal::papers::Admission;
use attache_seal::statement::Signed;

/// A desk officer admits an arrival with the own level beside the originator's (Art. 4.2). `item` is its fresh id here.
///
/// # Errors
/// [`Misuse`] names the field. A refusal by the rules is a step.
pub fn admit(
    view: &View,
    pack: &Pack,
    now: Timestamp,
    signed: &Signed,
    item: ItemId,
) -> Result<Step, Misuse> {
    let (by, statement) = opened::<Admission>(view, now, signed)?;
    let Admission { dispatch, package, own_level } = statement.body;
    let arrival = view.items.arrival(&dispatch).ok_or(Unknown::Arrival(dispatch))?;
    if arrival.package != package {
        return Err(state("package", "the arrival came with another package"));
    }
    if view.items.get(&item).is_some() {
        return Err(state("item", "this id is taken; use a fresh one"));
    }
    let ask = Ask::Admit { dispatch, chosen: Some(own_level.clone()) };
    let ruled = Ruled::new(view, &by, ask, now)?;
    let admitted = Act::Admitted { dispatch, item, own_level, admission: signed.digest(), by };
    Ok(ruled.step(view, pack, Some(signed), vec![admitted]))
}

/// What is asked about an opening for what its reader says that it is. Where the marking names purposes that is one of the agreement's;
/// else it is the reader's words, which no rule reads.
fn opening(view: &View, item: ItemId, purpose: &str) -> Result<Ask, Misuse> {
    let marked = view.items.get(&item).and_then(Item::marked);
    let names_some = marked.is_some_and(|marked| !marked.marking.purposes.is_empty());
    let purpose = Some(purpose).filter(|purpose| names_some && !purpose.is_empty());
    let purpose = purpose.map(str::parse).transpose();
    let purpose = purpose.map_err(|_| {
        state(
            "purpose",
            "its marking names purposes, so a code of the rule pack, such as early-warning; or none",
        )
    })?;
    Ok(Ask::Open { item, purpose })
}

/// What is ruled on when `by` would open an item. Where it was not given for that purpose it is its use for that one, so that the
/// refusal is on record with its reason and with whoever asked.
pub(super) fn ruled_opening(
    view: &View,
    by: &PersonId,
    item: ItemId,
    purpose: &str,
    now: Timestamp,
) -> Result<Ruled, Misuse> {
    let ruled = match Ruled::new(view, by, opening(view, item, purpose)?, now) {
        Err(Unknown::OtherPurpose { item, purpose }) => {
            Ruled::new(view, by, Ask::OtherPurpose { item, purpose }, now)
        }
        ruled => ruled,
    };
    Ok(Ruled { item: Some(item), ..ruled? })
}

/// Someone asks to open an item, for a purpose where one is said. Granted, the opening is recorded in the same append as its ruling, before any key
/// is unwrapped.
///
/// # Errors
/// [`Misuse`] names the field. A refusal by the rules is a step.
pub fn open(
    view: &View,
    pack: &Pack,
    now: Timestamp,
    by: &PersonId,
    item: ItemId,
    purpose: &str,
) -> Result<Step, Misuse> {
    Ok(open_at_once(view, pack, now, by, item, purpose)?.0)
}

/// The same with the grant, for whoever opens it as soon as that is on record.
pub(crate) fn open_at_once(
    view: &View,
    pack: &Pack,
    now: Timestamp,
    by: &PersonId,
    item: ItemId,
    purpose: &str,
) -> Result<(Step, Option<Granted>), Misuse> {
    if view.items.get(&item).is_some_and(|item| item.controlled().is_some()) {
        return Err(state(
            "item",
            "its originator consents to each opening; it is asked when a reader opens it",
        ));
    }
    let ruled = ruled_opening(view, by, item, purpose, now)?;
    let act = Act::Opened { item, question: question_digest(&ruled.question), by: by.clone() };
    Ok(ruled.step_and_grant(view, pack, None, vec![act]))
}
