//! Rules on what a question is about beside an item: another purpose, a lower level, a copy, a translation, a contractor, a
//! visit. They bind what was received. What a Party does with its own items is its own affair, except to show them to
//! visitors.
//!
//! *Absent:* whether what was ascertained is true. An officer states it, and it stands in the record.

use super::{approved, received};
use attache_accord::agreement::Terms;
use attache_accord::marking::{Level, Marking};
use attache_accord::particulars::Approved;
use attache_accord::people::Clearance;
use attache_accord::ruling::Question;

/// Art. 6(c): no other purpose without the originator's prior written approval of that very one.
pub(super) fn purpose_is_approved(question: &Question, _: &Terms) -> bool {
    let Some(marking) = received(question) else { return true };
    question.purpose.as_ref().is_some_and(|purpose| {
        approved(question, marking, |what| matches!(what, Approved::OtherPurpose(other) if other == purpose))
    })
}

/// Art. 6(g): a level changes by its originator's written notice, and by nothing else.
pub(super) fn downgrade_is_notified(question: &Question, _: &Terms) -> bool {
    received(question)
        .is_none_or(|marking| approved(question, marking, |what| matches!(what, Approved::Downgrade(_))))
}

/// Art. 6(g) with 4.2: the level chosen is one that the table gives for the level that the originator notified, and for an own
/// item a lower one of the own scheme. Without a notice there is nothing to compare, and R-015 refuses.
pub(super) fn lower_level_corresponds(question: &Question, terms: &Terms) -> bool {
    let Some(marking) = &question.subject.marking else { return true };
    let Some(chosen) = &question.chosen else { return false };
    if received(question).is_none() {
        let (covers, level) = (|held, needed| terms.equivalence.covers(held, needed), &marking.level);
        return covers(level, chosen) && !covers(chosen, level);
    }
    let gives = |level: &Level| {
        level.party() == marking.originator()
            && terms.equivalence.equivalents(level, question.holder).allows(chosen)
    };
    let corresponds = |what: &Approved| matches!(what, Approved::Downgrade(level) if gives(level));
    !downgrade_is_notified(question, terms) || approved(question, marking, corresponds)
}

/// Art. 14, 15: no more copies than the official need calls for.
pub(super) fn copy_is_needed(question: &Question, _: &Terms) -> bool {
    received(question).is_none() || question.copy.is_some_and(|copy| (1..=copy.needed).contains(&copy.number))
}

/// Art. 14, 15: every original marking stands on the copy. No copy at all is R-017's cause.
pub(super) fn copy_is_marked(question: &Question, _: &Terms) -> bool {
    received(question).is_none() || question.copy.is_none_or(|copy| copy.is_marked)
}

/// Art. 15: a translator is cleared for the item.
pub(super) fn translator_is_cleared(question: &Question, terms: &Terms) -> bool {
    let Some(marking) = received(question) else { return true };
    question.translation.as_ref().is_some_and(|translation| {
        let translator = &translation.translator;
        translator.party == question.holder
            && translator.clearance.as_ref().is_some_and(|held| clears(held, question, marking, terms))
    })
}

/// Art. 15: a translation says in its own language whose classified information it holds. No translation at all is R-019's
/// cause.
pub(super) fn translation_says_what_it_holds(question: &Question, _: &Terms) -> bool {
    received(question).is_none() || question.translation.as_ref().is_none_or(|it| it.has_notation)
}

/// Art. 16: the facility can protect information of that level. A question about no contractor is refused here.
pub(super) fn facility_can_protect(question: &Question, terms: &Terms) -> bool {
    let Some(marking) = received(question) else { return true };
    question.contractor.as_ref().is_some_and(|contractor| {
        let cleared = contractor.cleared.as_ref();
        cleared.is_some_and(|held| clears(held, question, marking, terms))
    })
}

/// Art. 16(g): it was inspected, and the inspection has not lapsed.
pub(super) fn facility_is_inspected(question: &Question, _: &Terms) -> bool {
    let Some(contractor) = question.contractor.as_ref().filter(|_| received(question).is_some()) else {
        return true;
    };
    contractor.inspected_until.is_some_and(|until| question.at < until)
}

/// Art. 16(j): an individual is named as responsible.
pub(super) fn someone_is_responsible(question: &Question, _: &Terms) -> bool {
    let Some(contractor) = question.contractor.as_ref().filter(|_| received(question).is_some()) else {
        return true;
    };
    contractor.responsible.is_some()
}

/// Art. 16(i): everyone with access there is cleared, briefed and registered.
pub(super) fn staff_is_registered(question: &Question, _: &Terms) -> bool {
    let Some(contractor) = question.contractor.as_ref().filter(|_| received(question).is_some()) else {
        return true;
    };
    contractor.is_staff_registered
}

/// Art. 8: a visit is for an official purpose. A question about no visit is R-041's.
pub(super) fn visit_is_official(question: &Question, _: &Terms) -> bool {
    question.visit.as_ref().is_none_or(|visit| visit.is_official)
}

/// Art. 8: the host alone approves, and for the days of the visit.
pub(super) fn host_approved(question: &Question, _: &Terms) -> bool {
    question
        .visit
        .as_ref()
        .is_some_and(|visit| visit.approved_by == Some(question.holder) && question.at < visit.until)
}

/// Art. 8: nothing above the highest level that the host told the facility to disclose.
pub(super) fn visit_may_disclose(question: &Question, terms: &Terms) -> bool {
    let (Some(visit), Some(marking)) = (&question.visit, &question.subject.marking) else { return true };
    // What is not the host's own is R-006's cause, and a level of no scheme R-004's.
    if marking.originator() != question.holder || terms.equivalence.row(&marking.level).is_none() {
        return true;
    }
    visit.highest.as_ref().is_some_and(|highest| terms.equivalence.covers(highest, &marking.level))
}

/// Whether a clearance is live and covers the level that the item has for its holder.
fn clears(held: &Clearance, question: &Question, marking: &Marking, terms: &Terms) -> bool {
    let covers = match &question.subject.own_level {
        Some(own) => terms.equivalence.covers(&held.level, own),
        None => terms.equivalence.clears(&held.level, &marking.level),
    };
    question.at < held.until && covers
}
