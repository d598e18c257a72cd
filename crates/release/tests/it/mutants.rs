//! Each rule bears weight: with it the question is refused for that cause alone, without it the same question
//! is granted.

use crate::questions::{COPY, NOW, approval, granted, kind, level, party};
use attache_accord::particulars::{Approval, Approved, Contractor, Reproduction, Visit};
use attache_accord::ruling::{Action, Question};
use attache_release::{FLOOR, Pack, rule};
use std::collections::BTreeSet;

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

fn contracted(change: impl Fn(&mut Contractor)) -> Question {
    changed(Action::GiveToContractor, |q| q.contractor.iter_mut().for_each(&change))
}

fn visited(change: impl Fn(&mut Visit)) -> Question {
    changed(Action::Visit, |q| q.visit.iter_mut().for_each(&change))
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
        "R-014" => changed(Action::OtherPurpose, |q| q.purpose = Some("training".parse().unwrap())),
        "R-015" => changed(Action::Downgrade, |q| q.subject.approvals.clear()),
        "R-016" => changed(Action::Downgrade, |q| q.chosen = Some(level("JPN:TOKUTEI"))),
        "R-017" => changed(Action::Copy, |q| q.copy = Some(Reproduction { number: 3, ..COPY })),
        "R-018" => changed(Action::Copy, |q| q.copy = Some(Reproduction { is_marked: false, ..COPY })),
        "R-019" => changed(Action::Translate, |q| q.translation = None),
        "R-030" => changed(Action::Translate, |q| {
            q.translation.iter_mut().for_each(|translation| translation.has_notation = false);
        }),
        "R-031" => contracted(|contractor| contractor.cleared.iter_mut().for_each(|c| c.until = NOW)),
        "R-032" => contracted(|contractor| contractor.inspected_until = None),
        "R-033" => contracted(|contractor| contractor.responsible = None),
        "R-034" => contracted(|contractor| contractor.is_staff_registered = false),
        "R-040" => visited(|visit| visit.is_official = false),
        "R-041" => visited(|visit| visit.approved_by = Some(party("JPN"))),
        "R-042" => visited(|visit| visit.highest = Some(level("KOR:III"))),
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
    bears_weight("R-005", &changed(Action::PassOn, |q| q.subject.approvals.clear()));
}

#[test]
fn an_approval_for_one_third_party_is_none_for_another() {
    let other = Approved::ThirdParty(party("GBR"));
    bears_weight("R-005", &changed(Action::PassOn, |q| q.subject.approvals = vec![approval(other.clone())]));
}

#[test]
fn an_approval_by_anyone_but_the_originator_or_after_its_end_or_given_later_is_none() {
    let changes: [fn(&mut Approval); 3] =
        [|a| a.from = party("JPN"), |a| a.until = Some(NOW), |a| a.given = NOW.plus_millis(1)];
    for (action, code) in
        [(Action::PassOn, "R-005"), (Action::OtherPurpose, "R-014"), (Action::Downgrade, "R-015")]
    {
        for change in changes {
            bears_weight(code, &changed(action, |q| q.subject.approvals.iter_mut().for_each(change)));
        }
    }
}

#[test]
fn a_contractor_of_another_country_is_a_third_party() {
    let abroad = |contractor: &mut Contractor| contractor.party = party("USA");
    bears_weight("R-005", &contracted(abroad));
    let mut allowed = contracted(abroad);
    allowed.subject.approvals = vec![approval(Approved::ThirdParty(party("USA")))];
    assert_eq!(codes(&allowed, &Pack::gsomia_2016()), [""; 0]);
}

#[test]
fn a_package_whose_agreement_ended_after_its_release_does_not_leave() {
    let end = |q: &mut Question| q.positions.iter_mut().for_each(|p| p.until = Some(NOW));
    bears_weight("R-001", &changed(Action::Dispatch, end));
}

#[test]
fn an_item_without_a_topic_stays_where_the_agreement_is_bound_to_topics() {
    let pack = crate::pack::load_changed("terms.toml", |text| {
        let (before, topics) = text.split_once("[topics]").unwrap();
        let bound = topics.replacen("codes = []", "codes = [\"dprk-missile\", \"dprk-nuclear\"]", 1);
        assert_ne!(bound, topics);
        format!("{before}[topics]{bound}")
    });
    let pack = pack.unwrap();
    let about = |topics: &[&str]| {
        let topics: BTreeSet<_> = topics.iter().map(|topic| topic.parse().unwrap()).collect();
        changed(Action::Release, |q| mark(q, |m| m.topics = topics.clone()))
    };
    for topics in [&[][..], &["piracy"], &["dprk-missile", "piracy"]] {
        assert_eq!(codes(&about(topics), &pack), ["R-013"], "{topics:?}");
        assert_eq!(codes(&about(topics), &pack.dangerously_without("R-013")), [""; 0], "{topics:?}");
    }
    assert_eq!(codes(&about(&["dprk-missile", "dprk-nuclear"]), &pack), [""; 0]);
    assert_eq!(codes(&about(&[]), &Pack::gsomia_2016()), [""; 0]);
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
    // Without R-003 a draft is still refused: the policies have no marking to decide on. R-013 needs another pack.
    let elsewhere = |code: &&str| ["R-003", "R-013"].contains(code);
    for code in FLOOR.iter().map(|rule| rule.code).chain(CONDITIONS).filter(|code| !elsewhere(code)) {
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
