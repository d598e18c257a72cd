//! What is done with an item beyond opening it, and what becomes of its copies. Each is a question; granted, what is done is
//! recorded in the same append as its ruling.
//!
//! *Absent:* the doing. Copies are made and handed over by people; the node answers, numbers and keeps account.

use super::{Misuse, Ruled, Step, state};
use crate::engine::Plan;
use attache_accord::act::Act;
use attache_accord::handling::{Fate, Handling, MAX_COPIES};
use attache_accord::people::Role;
use attache_accord::view::{Ask, View};
use attache_accord::{ItemId, PersonId, Timestamp};
use attache_release::{Pack, question_digest};

/// Someone asks to handle an item. A copy or translation must ask for the item's next number.
///
/// # Errors
/// [`Misuse`] names the field, also where the ask is not about handling. A refusal by the rules is a step.
pub fn handle(view: &View, pack: &Pack, now: Timestamp, by: &PersonId, ask: Ask) -> Result<Step, Misuse> {
    let handled = Handling::of(&ask, by);
    let (item, handling) = handled.ok_or_else(|| state("action", "it has a command of its own"))?;
    if let Ask::Copy { copy, .. } | Ask::Translate { copy, .. } = &ask {
        let next = view.holdings.of(&item).next_number();
        if copy.number != next {
            return Err(state(
                "number",
                "copies and translations are numbered one after the other; ask for the next",
            ));
        }
        if next > MAX_COPIES {
            return Err(state("number", "an item has at most 1000 copies and translations"));
        }
    }
    let ruled = Ruled { item: Some(item), ..Ruled::new(view, by, ask, now)? };
    let question = question_digest(&ruled.question);
    let act = Act::Handled { item, handling, question, by: by.clone() };
    Ok(ruled.step(view, pack, None, vec![act]))
}

/// The registrar takes a copy back.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn take_back(view: &View, by: &PersonId, item: ItemId, number: u32) -> Result<Step, Misuse> {
    if !view.person(by)?.has(Role::Registrar) {
        return Err(state("signer", "a copy comes back to the registrar"));
    }
    view.item(&item)?;
    match view.holdings.of(&item).copy(number).map(|copy| copy.fate) {
        Some(Fate::Out) => {}
        Some(_) => return Err(state("number", "that copy is accounted for already")),
        None => return Err(state("number", "the item has no copy of this number")),
    }
    let act = Act::CopyReturned { item, number, by: by.clone() };
    Ok(Step { plan: Plan::new(view, vec![act]), ruling: None })
}
