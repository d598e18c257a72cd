//! Letters at a hub that keeps a share of a key of each: a person there stops the openings of what is in one, or lets them go on.
//!
//! *Absent:* the way of the letter, which goes on, and what is in it.

use super::{Misuse, Step, opened, state};
use crate::engine::Plan;
use attache_accord::act::{self, Act};
use attache_accord::people::Role;
use attache_accord::view::{Unknown, View};
use attache_accord::{DispatchId, Timestamp};
use attache_seal::papers::{Answer, OpeningDecision};
use attache_seal::statement::Signed;

/// A person of a hub stops the openings of what is in a letter that it carried, or lets them go on. The decision names the letter by the
/// digest of its waybill.
///
/// # Errors
/// [`Misuse`] names the field and what is demanded first.
pub fn decide_letter(
    view: &View,
    now: Timestamp,
    letter: &DispatchId,
    signed: &Signed,
) -> Result<Step, Misuse> {
    let (by, statement) = opened::<OpeningDecision>(view, now, signed)?;
    if !view.person(&by)?.has(Role::DisclosureOfficer) {
        return Err(state("signer", "a decision about a letter needs the role disclosure-officer"));
    }
    let found = view.letters.get(letter).ok_or(Unknown::Dispatch(*letter))?;
    if statement.body.request != found.waybill {
        return Err(state("statement", "the decision is about another letter"));
    }
    if found.share.is_none() {
        return Err(state(
            "letter",
            "this node keeps no share of a key of it, so nobody here lets it be opened",
        ));
    }
    let stops = statement.body.answer == Answer::Refuse;
    if view.letters.is_stopped(found) == stops {
        return Err(state("letter", if stops { "it is stopped already" } else { "it is not stopped" }));
    }
    let answer = if stops { act::Answer::Refuse } else { act::Answer::Approve };
    let act = Act::LetterDecided { letter: *letter, statement: signed.digest(), answer, by };
    let mut plan = Plan::new(view, vec![act]);
    plan.paper(signed.to_bytes());
    Ok(Step { plan, ruling: None })
}
