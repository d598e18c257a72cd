//! The floor: rules in code that run before any policy and that no policy can overrule (invariant 2).
//!
//! Each rule refuses for one cause only and is silent where another rule owns the cause, so that taking any
//! one of them out shows in the tests. Surviving duties (Art. 21): opening and admitting what was already
//! given go on after the agreement ends or while the Parties differ on it, and so do use, copies and translations of it;
//! whatever would give it to somebody new does not.
//!
//! *Absent:* roles, clearance and need-to-know of a Party's own people. Those are the pack's policies.

mod particulars;

use attache_accord::agreement::{Force, Terms, force};
use attache_accord::equivalence::Equivalents;
use attache_accord::marking::Marking;
use attache_accord::particulars::Approved;
use attache_accord::party::Party;
use attache_accord::ruling::{Action, Question};

/// One rule of the floor. The article that it rests on stands in the pack.
#[derive(Debug)]
pub struct FloorRule {
    /// The stable code.
    pub code: &'static str,
    /// The actions that it applies to.
    pub actions: &'static [Action],
    /// Whether the question satisfies the rule.
    pub(crate) holds: fn(&Question, &Terms) -> bool,
}

use Action::{
    Admit, Copy, Dispatch, Downgrade, GiveToContractor, Open, OtherPurpose, PassOn, Release, Request,
    Translate, Visit,
};

/// From one Party's hands into another's.
const OUTWARD: &[Action] = &[Request, Release, Dispatch, PassOn, Visit];
/// From the originator to the other Party.
const GIVING: &[Action] = &[Request, Release, Dispatch, Visit];
/// What the agreement's end or a dispute about it stops. What was given stays protected, and is used as it was.
const NEW_RELEASES: &[Action] = &[Request, Release, Dispatch, PassOn, Visit, GiveToContractor];
const EVERY: &[Action] = &[
    Request,
    Release,
    Dispatch,
    Admit,
    Open,
    PassOn,
    OtherPurpose,
    Downgrade,
    Copy,
    Translate,
    GiveToContractor,
    Visit,
];

const fn floor_rule(
    code: &'static str,
    actions: &'static [Action],
    holds: fn(&Question, &Terms) -> bool,
) -> FloorRule {
    FloorRule { code, actions, holds }
}

/// The whole floor, in order of code.
pub static FLOOR: [FloorRule; 27] = [
    floor_rule("R-001", NEW_RELEASES, |q, t| read_force(q, t) != Force::NotInForce),
    floor_rule("R-002", NEW_RELEASES, |q, t| read_force(q, t) != Force::Divergent),
    floor_rule("R-003", EVERY, |q, _| q.subject.marking.is_some()),
    floor_rule("R-004", EVERY, level_has_equivalent),
    floor_rule("R-005", EVERY, no_third_party),
    floor_rule("R-006", &[Request, Release, Dispatch, Admit, PassOn, Visit], originator_controls),
    floor_rule("R-007", &[Request, Release, Dispatch, Admit, Visit], releasable),
    floor_rule("R-008", GIVING, assured),
    floor_rule("R-009", &[Release, Dispatch], decided_by_another),
    floor_rule("R-010", EVERY, own_level_fits),
    floor_rule("R-011", EVERY, asks_own_node),
    floor_rule("R-012", OUTWARD, names_recipient),
    floor_rule("R-013", &[Request, Release, Dispatch, Admit, PassOn, Visit], topics_are_covered),
    floor_rule("R-014", &[OtherPurpose], particulars::purpose_is_approved),
    floor_rule("R-015", &[Downgrade], particulars::downgrade_is_notified),
    floor_rule("R-016", &[Downgrade], particulars::lower_level_corresponds),
    floor_rule("R-017", &[Copy, Translate], particulars::copy_is_needed),
    floor_rule("R-018", &[Copy, Translate], particulars::copy_is_marked),
    floor_rule("R-019", &[Translate], particulars::translator_is_cleared),
    floor_rule("R-030", &[Translate], particulars::translation_says_what_it_holds),
    floor_rule("R-031", &[GiveToContractor], particulars::facility_can_protect),
    floor_rule("R-032", &[GiveToContractor], particulars::facility_is_inspected),
    floor_rule("R-033", &[GiveToContractor], particulars::someone_is_responsible),
    floor_rule("R-034", &[GiveToContractor], particulars::staff_is_registered),
    floor_rule("R-040", &[Visit], particulars::visit_is_official),
    floor_rule("R-041", &[Visit], particulars::host_approved),
    floor_rule("R-042", &[Visit], particulars::visit_may_disclose),
];

/// The code of every rule of `rules` that refuses the question. Each agreement rests it on an article of its own.
pub(crate) fn refusals(
    rules: &[&'static FloorRule],
    question: &Question,
    terms: &Terms,
) -> Vec<&'static str> {
    rules
        .iter()
        .filter(|rule| rule.actions.contains(&question.action) && !(rule.holds)(question, terms))
        .map(|rule| rule.code)
        .collect()
}

/// Art. 21, as each Party has recorded it; this code never decides who is right. An own affair needs no agreement.
fn read_force(question: &Question, terms: &Terms) -> Force {
    if question.subject.marking.as_ref().is_some_and(|marking| is_own_affair(question, marking)) {
        return Force::InForce;
    }
    force(&terms.parties, &question.positions, question.at)
}

/// Whether a Party asks about its own item and nothing leaves it: that is its own affair, not the agreement's.
fn is_own_affair(question: &Question, marking: &Marking) -> bool {
    let stays =
        matches!(question.action, Open | OtherPurpose | Downgrade | Copy | Translate | GiveToContractor);
    stays && marking.originator() == question.holder
}

/// The marking of an item of the other Party, which the agreement protects here. Of a draft or of an own item there is nothing
/// to say.
fn received(question: &Question) -> Option<&Marking> {
    question.subject.marking.as_ref().filter(|marking| !is_own_affair(question, marking))
}

/// Whether the originator approved something in writing, beforehand, that is still good.
fn approved(question: &Question, marking: &Marking, what: impl Fn(&Approved) -> bool) -> bool {
    let mut approvals = question.subject.approvals.iter();
    approvals.any(|approval| approval.holds(marking.originator(), question.at) && what(&approval.approved))
}

/// The Party that the item would reach, or has reached, across the border.
fn far_side(question: &Question) -> Option<Party> {
    match question.action {
        Request | Release | Dispatch | PassOn | Visit => question.recipient.as_ref().map(|r| r.party),
        _ => Some(question.holder),
    }
}

/// Art. 4: a level without a row is not shared.
fn level_has_equivalent(question: &Question, terms: &Terms) -> bool {
    let Some(marking) = received(question) else { return true };
    let Some(row) = terms.equivalence.row(&marking.level) else { return false };
    // A recipient outside the agreement has no column; that is R-005's cause.
    far_side(question)
        .filter(|party| terms.parties.contains(party))
        .is_none_or(|party| row.levels.get(&party).is_some_and(|levels| !levels.is_empty()))
}

/// Art. 6(a): nothing for third parties, as asker, as host, as recipient or as contractor, except a received item that its
/// originator let go to that very one in writing. A contractor is of the Party that gives: only that Party answers for it.
fn no_third_party(question: &Question, terms: &Terms) -> bool {
    let is_party = |party: &Party| terms.parties.contains(party);
    let let_go = |party: Party| {
        // A draft is R-003's cause, an own item that is passed on R-006's.
        let received = question.subject.marking.as_ref().filter(|m| m.originator() != question.holder);
        received.is_none_or(|m| approved(question, m, |what| *what == Approved::ThirdParty(party)))
    };
    let recipient = question.recipient.as_ref().map(|recipient| recipient.party);
    let stays_between = match question.action {
        Request | Release | Dispatch | Visit => recipient.is_none_or(|party| is_party(&party)),
        // Passing on to nobody, or to oneself, is R-012's cause.
        PassOn => recipient.is_none_or(|party| party == question.holder || let_go(party)),
        GiveToContractor => {
            let contractor = question.contractor.as_ref().map(|contractor| contractor.party);
            contractor.is_none_or(|party| party == question.holder || let_go(party))
        }
        _ => true,
    };
    is_party(&question.holder) && is_party(&question.asker.party) && stays_between
}

/// Art. 6(a): the originator alone gives; a received item moves only by passing on, or among more than two Parties to a further
/// one that its originator let it go to; and nobody admits their own marking from abroad as if it had been given to them.
fn originator_controls(question: &Question, terms: &Terms) -> bool {
    let Some(marking) = &question.subject.marking else { return true };
    let own = marking.originator() == question.holder;
    match question.action {
        PassOn | Admit => !own,
        Visit => own,
        _ => own || let_go_to_further_party(question, marking, terms),
    }
}

/// Whether a received item would go from one Party to another, neither of which made it, as its originator approved in writing.
fn let_go_to_further_party(question: &Question, marking: &Marking, terms: &Terms) -> bool {
    let Some(to) = question.recipient.as_ref().map(|recipient| recipient.party) else { return false };
    let (holder, originator) = (question.holder, marking.originator());
    let are_parties = [to, holder, originator].iter().all(|party| terms.parties.contains(party));
    are_parties
        && to != holder
        && to != originator
        && approved(question, marking, |what| *what == Approved::ThirdParty(to))
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
        (None, Request | Release | Dispatch | Visit) => true,
        // What came from the partner is not used before it is admitted.
        (None, _) => marking.originator() == question.holder,
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

/// Art. 1: an agreement on some topics covers these and no others. What does not say its topics is on none of them.
fn topics_are_covered(question: &Question, terms: &Terms) -> bool {
    let Some(marking) = &question.subject.marking else { return true };
    let named = !marking.topics.is_empty() && marking.topics.is_subset(&terms.topics);
    terms.topics.is_empty() || named
}
