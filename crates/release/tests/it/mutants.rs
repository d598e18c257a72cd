//! Each rule bears weight: with it the question is refused for that cause alone, without it the same question
//! is granted.

use crate::questions::{NOW, granted, kind, level, party};
use attache_accord::ruling::{Action, Question};
use attache_release::{FLOOR, Pack, rule};

/// The codes of the pack's conditions, beside the floor's.
const CONDITIONS: [&str; 4] = ["R-020", "R-021", "R-022", "R-023"];

fn changed(action: Action, change: impl Fn(&mut Question)) -> Question {
    let mut question = granted(action);
    change(&mut question);
    question
}

fn mark(question: &mut Question, change: impl Fn(&mut attache_accord::Marking)) {
    question.subject.marking.iter_mut().for_each(change);
}

/// A question that this rule alone refuses.
fn refused_by(code: &str) -> Question {
    match code {
        "R-001" => changed(Action::Release, |q| q.positions.iter_mut().for_each(|p| p.until = Some(NOW))),
        "R-002" => changed(Action::Release, |q| q.positions.truncate(1)),
        "R-004" => changed(Action::Release, |q| {
            mark(q, |m| m.level = level("KOR:I"));
            q.subject.own_level = Some(level("KOR:I"));
            q.asker.clearance.iter_mut().for_each(|c| c.level = level("KOR:I"));
        }),
        "R-005" => changed(Action::Release, |q| q.recipient.iter_mut().for_each(|r| r.party = party("USA"))),
        "R-006" => changed(Action::Release, |q| {
            mark(q, |m| m.level = level("JPN:GOKUHI"));
            q.subject.own_level = Some(level("KOR:II"));
        }),
        "R-007" => changed(Action::Release, |q| mark(q, |m| m.releasable_to.clear())),
        "R-008" => changed(Action::Release, |q| q.recipient.iter_mut().for_each(|r| r.assurances.clear())),
        "R-009" => changed(Action::Release, |q| q.requester = Some(q.asker.id.clone())),
        "R-010" => changed(Action::Admit, |q| q.chosen = None),
        "R-011" => changed(Action::Admit, |q| {
            q.asker.party = party("KOR");
            q.asker.clearance.iter_mut().for_each(|c| c.level = level("KOR:III"));
            mark(q, |m| m.level = level("KOR:III"));
            q.chosen = None;
        }),
        "R-012" => changed(Action::Release, |q| q.recipient = None),
        "R-020" => changed(Action::Open, |q| q.asker.clearance = None),
        "R-021" => changed(Action::Open, |q| q.asker.duties.clear()),
        "R-022" => changed(Action::Open, |q| q.asker.roles.clear()),
        "R-023" => changed(Action::Open, |q| {
            mark(q, |m| m.kind = kind("gossip"));
            q.asker.duties.insert(kind("gossip"));
        }),
        _ => panic!("no question for {code}"),
    }
}

fn codes(question: &Question, pack: &Pack) -> Vec<String> {
    let outcome = rule(question, pack);
    assert!(outcome.is_granted() || !outcome.ruling().reasons.is_empty(), "a refusal has a reason");
    let reasons = outcome.ruling().reasons.iter().map(|reason| reason.code.clone());
    if outcome.is_granted() { Vec::new() } else { reasons.collect() }
}

/// With the rule refused for it alone, without it granted.
fn bears_weight(code: &str, question: &Question) {
    let pack = Pack::gsomia_2016();
    assert_eq!(codes(question, &pack), [code]);
    assert_eq!(codes(question, &pack.dangerously_without(code)), [""; 0], "without {code}");
}

#[test]
fn the_top_korean_level_is_refused_only_because_it_has_no_equivalent() {
    bears_weight("R-004", &refused_by("R-004"));
}

#[test]
fn a_third_country_is_refused_only_because_it_is_a_third_party() {
    bears_weight("R-005", &refused_by("R-005"));
}

#[test]
fn passing_on_is_refused_only_for_want_of_written_consent() {
    bears_weight("R-005", &changed(Action::PassOn, |q| q.subject.third_party_consent = false));
}

#[test]
fn a_reader_without_clearance_is_refused_only_for_want_of_clearance() {
    bears_weight("R-020", &refused_by("R-020"));
}

#[test]
fn a_requester_who_decides_is_refused_only_because_two_persons_are_needed() {
    bears_weight("R-009", &refused_by("R-009"));
}

#[test]
fn every_other_rule_bears_weight_alone() {
    // Without R-003 a draft is still refused: the policies have no marking to decide on.
    for code in FLOOR.iter().map(|rule| rule.code).chain(CONDITIONS).filter(|code| *code != "R-003") {
        bears_weight(code, &refused_by(code));
    }
}

#[test]
fn a_draft_is_refused_for_want_of_a_marking() {
    let draft = changed(Action::Request, |q| (q.subject.marking, q.subject.own_level) = (None, None));
    assert_eq!(codes(&draft, &Pack::gsomia_2016()), ["R-003"]);
}

#[test]
fn an_action_that_nothing_permits_is_refused() {
    let pack = Pack::gsomia_2016().dangerously_without("R-104");
    assert_eq!(codes(&granted(Action::Open), &pack), ["R-029"]);
}
