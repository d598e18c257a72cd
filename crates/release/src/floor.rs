//! The floor: rules in code that run before any policy and that no policy can overrule (invariant 2).
//!
//! Each rule refuses for one cause only and is silent where another rule owns the cause, so that taking any
//! one of them out shows in the tests. Surviving duties (Art. 21): opening and admitting what was already
//! given go on after the agreement ends or while the Parties differ on it; asking, releasing and passing on
//! do not.
//!
//! *Absent:* roles, clearance and need-to-know of a Party's own people. Those are the pack's policies.

use crate::terms::Standing;
use attache_accord::agreement::{Force, Terms, force};
use attache_accord::equivalence::Equivalents;
use attache_accord::marking::Marking;
use attache_accord::party::Party;
use attache_accord::ruling::{Action, Question, Reason};

/// One rule of the floor.
#[derive(Debug)]
pub struct FloorRule {
    /// The stable code.
    pub code: &'static str,
    /// The article it rests on, or `product`.
    pub article: &'static str,
    /// How well that source is known.
    pub standing: Standing,
    /// The actions that it applies to.
    pub actions: &'static [Action],
    /// Whether the question satisfies the rule.
    pub(crate) holds: fn(&Question, &Terms) -> bool,
}

use Action::{Admit, Open, PassOn, Release, Request};
use Standing::{Press, Product, Verified};

const OUTWARD: &[Action] = &[Request, Release, PassOn];
const EVERY: &[Action] = &[Request, Release, Admit, Open, PassOn];

const fn floor_rule(
    code: &'static str,
    article: &'static str,
    standing: Standing,
    actions: &'static [Action],
    holds: fn(&Question, &Terms) -> bool,
) -> FloorRule {
    FloorRule { code, article, standing, actions, holds }
}

/// The whole floor, in order of code.
pub static FLOOR: [FloorRule; 12] = [
    floor_rule("R-001", "21", Verified, OUTWARD, |q, t| read_force(q, t) != Force::NotInForce),
    floor_rule("R-002", "21", Verified, OUTWARD, |q, t| read_force(q, t) != Force::Divergent),
    floor_rule("R-003", "4.1", Verified, EVERY, |q, _| q.subject.marking.is_some()),
    floor_rule("R-004", "4", Verified, EVERY, level_has_equivalent),
    floor_rule("R-005", "6(a)", Press, EVERY, no_third_party),
    floor_rule("R-006", "6(a)", Press, &[Request, Release, Admit, PassOn], originator_controls),
    floor_rule("R-007", "1", Press, &[Request, Release, Admit], releasable),
    floor_rule("R-008", "7", Verified, &[Request, Release], assured),
    floor_rule("R-009", "product", Product, &[Release], decided_by_another),
    floor_rule("R-010", "4.2", Verified, EVERY, own_level_fits),
    floor_rule("R-011", "6(e)", Verified, EVERY, asks_own_node),
    floor_rule("R-012", "product", Product, OUTWARD, names_recipient),
];

/// Every rule of `rules` that refuses the question.
pub(crate) fn refusals(rules: &[&'static FloorRule], question: &Question, terms: &Terms) -> Vec<Reason> {
    rules
        .iter()
        .filter(|rule| rule.actions.contains(&question.action) && !(rule.holds)(question, terms))
        .map(|rule| Reason { code: rule.code.to_owned(), article: rule.article.to_owned() })
        .collect()
}

/// Art. 21, as each Party has recorded it; this code never decides who is right.
fn read_force(question: &Question, terms: &Terms) -> Force {
    force(&terms.parties, &question.positions, question.at)
}

/// The Party that the item would reach, or has reached, across the border.
fn far_side(question: &Question) -> Option<Party> {
    match question.action {
        Request | Release | PassOn => question.recipient.as_ref().map(|r| r.party),
        Admit | Open => Some(question.holder),
    }
}

/// Art. 4: a level without a row is not shared. A Party's own people reading its own item is its own affair.
fn level_has_equivalent(question: &Question, terms: &Terms) -> bool {
    let Some(marking) = &question.subject.marking else { return true };
    let own = marking.originator() == question.holder;
    if own && question.action == Open {
        return true;
    }
    let Some(row) = terms.equivalence.row(&marking.level) else { return false };
    // A recipient outside the agreement has no column; that is R-005's cause.
    far_side(question)
        .filter(|party| terms.parties.contains(party))
        .is_none_or(|party| row.levels.get(&party).is_some_and(|levels| !levels.is_empty()))
}

/// Art. 6(a): nothing for third parties, as asker, as host or as recipient, except a received item that its
/// originator let pass on in writing.
fn no_third_party(question: &Question, terms: &Terms) -> bool {
    let is_party = |party: &Party| terms.parties.contains(party);
    let stays_between = match question.action {
        Request | Release => question.recipient.as_ref().is_none_or(|r| is_party(&r.party)),
        PassOn => question.subject.third_party_consent,
        Admit | Open => true,
    };
    is_party(&question.holder) && is_party(&question.asker.party) && stays_between
}

/// Art. 6(a), 6(c): the originator alone releases; a received item moves only by passing on; and nobody
/// admits their own marking from abroad as if it had been given to them.
fn originator_controls(question: &Question, _: &Terms) -> bool {
    let Some(marking) = &question.subject.marking else { return true };
    let own = marking.originator() == question.holder;
    match question.action {
        Request | Release => own,
        PassOn | Admit => !own,
        Open => true,
    }
}

/// Art. 1: no duty to provide; the originator's marking says who may have it.
fn releasable(question: &Question, terms: &Terms) -> bool {
    let Some(marking) = &question.subject.marking else { return true };
    far_side(question)
        .filter(|party| terms.parties.contains(party) && *party != marking.originator())
        .is_none_or(|party| marking.releasable_to.contains(&party))
}

/// Art. 7: before its people receive, the recipient's Party assures their clearance.
fn assured(question: &Question, terms: &Terms) -> bool {
    let (Some(marking), Some(recipient)) = (&question.subject.marking, &question.recipient) else {
        return true;
    };
    if !terms.parties.contains(&recipient.party) {
        return true;
    }
    recipient
        .assurances
        .iter()
        .filter(|assured| assured.expires > question.at && assured.level.party() == recipient.party)
        .any(|assured| covers_or_rowless(&assured.level, marking, terms))
}

/// Whether an assured level covers the item. Without a row there is nothing to compare, and R-004 refuses.
fn covers_or_rowless(held: &attache_accord::Level, marking: &Marking, terms: &Terms) -> bool {
    terms.equivalence.row(&marking.level).is_none() || terms.equivalence.clears(held, &marking.level)
}

/// The requester never decides; and where nobody is recorded as requester, two persons cannot be shown.
fn decided_by_another(question: &Question, _: &Terms) -> bool {
    question.requester.as_ref().is_some_and(|requester| *requester != question.asker.id)
}

/// Art. 4.2: the holder's own level stands beside the originator's, is one that the table allows, and is
/// chosen by a person where the table leaves a choice.
fn own_level_fits(question: &Question, terms: &Terms) -> bool {
    let Some(marking) = &question.subject.marking else { return true };
    let table = terms.equivalence.equivalents(&marking.level, question.holder);
    let given = match question.action {
        Admit => question.chosen.as_ref(),
        _ => question.subject.own_level.as_ref(),
    };
    match (given, question.action) {
        // Without a row there is nothing to choose from, and R-004 refuses.
        _ if table == Equivalents::None => true,
        (Some(level), _) => table.allows(level),
        (None, Admit) => matches!(table, Equivalents::One(_)),
        // What came from the partner is neither opened nor passed on before it is admitted.
        (None, Open | PassOn) => marking.originator() == question.holder,
        (None, Request | Release) => true,
    }
}

/// Art. 6(e): a facility's registry holds its own people. A third party is R-005's cause.
fn asks_own_node(question: &Question, terms: &Terms) -> bool {
    question.asker.party == question.holder || !terms.parties.contains(&question.asker.party)
}

/// What moves has somewhere else to go.
fn names_recipient(question: &Question, _: &Terms) -> bool {
    question.recipient.as_ref().is_some_and(|recipient| recipient.party != question.holder)
}
