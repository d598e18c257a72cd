//! The nearest permitted change of a refused question.

use crate::questions::{ACTIONS, NOW, any_question, granted, kind, level, party};
use attache_accord::people::Role;
use attache_accord::ruling::{Action, Question};
use attache_release::{Language, Pack, nearest, rule};
use proptest::prelude::*;

fn codes(question: &Question) -> Vec<String> {
    nearest(question, &Pack::gsomia_2016()).unwrap().into_iter().map(|change| change.code).collect()
}

#[test]
fn what_is_granted_needs_no_change() {
    for action in ACTIONS {
        assert_eq!(codes(&granted(action)), [""; 0], "{action:?}");
    }
}

#[test]
fn each_cause_is_taken_away_by_one_change_that_names_what_would_be_otherwise() {
    let mut question = granted(Action::Release);
    question.positions.clear();
    question.recipient.iter_mut().for_each(|r| r.assurances.clear());
    question.asker.roles = [Role::Analyst].into();
    let changes = nearest(&question, &Pack::gsomia_2016()).unwrap();
    let told: Vec<_> = changes
        .iter()
        .flat_map(|change| change.facts(&Pack::gsomia_2016(), Language::En))
        .map(|(before, after)| (before.matter.as_str(), before.value, after.value))
        .collect();
    let since = format!("in force since {NOW}");
    let until = NOW.plus_hours(24);
    let expected = [
        (
            "positions",
            "JPN: not in force; KOR: not in force".to_owned(),
            format!("JPN: {since}; KOR: {since}"),
        ),
        ("assurances", "none".to_owned(), format!("JPN:GOKUHI until {until}")),
        ("roles", "analyst".to_owned(), "disclosure-officer".to_owned()),
    ];
    assert_eq!(told, expected);
    assert!(rule(&changes.last().unwrap().to, &Pack::gsomia_2016()).is_granted());
}

#[test]
fn a_level_without_a_row_wants_an_extract_at_one_that_has() {
    let mut question = granted(Action::Release);
    question.subject.marking.iter_mut().for_each(|m| m.level = level("KOR:I"));
    question.subject.own_level = Some(level("KOR:I"));
    question.asker.clearance.iter_mut().for_each(|c| c.level = level("KOR:I"));
    let changes = nearest(&question, &Pack::gsomia_2016()).unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].to.subject.marking.as_ref().unwrap().level, level("KOR:II"));
}

#[test]
fn no_change_lets_a_party_release_what_another_originated_or_a_draft_or_to_a_third_party() {
    let refused: [fn(&mut Question); 3] = [
        |q| {
            q.subject.marking.iter_mut().for_each(|m| m.level = level("JPN:GOKUHI"));
            q.subject.own_level = Some(level("KOR:II"));
        },
        |q| (q.subject.marking, q.subject.own_level) = (None, None),
        |q| q.recipient.iter_mut().for_each(|r| r.party = party("USA")),
    ];
    for change in refused {
        let mut question = granted(Action::Release);
        change(&mut question);
        assert_eq!(nearest(&question, &Pack::gsomia_2016()), None);
    }
}

#[test]
fn a_wrong_kind_and_what_follows_from_it_are_both_changed() {
    let mut question = granted(Action::Open);
    question.subject.marking.iter_mut().for_each(|m| m.kind = kind("gossip"));
    question.asker.duties.clear();
    assert_eq!(codes(&question), ["R-023", "R-021"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_found_is_granted_and_each_step_takes_its_own_cause_away(question in any_question()) {
        let pack = Pack::gsomia_2016();
        let Some(changes) = nearest(&question, &pack) else { return Ok(()) };
        let last = changes.last().map_or(&question, |change| &change.to);
        prop_assert!(rule(last, &pack).is_granted());
        for change in &changes {
            let refuses = |q: &Question| {
                let ruling = rule(q, &pack).ruling().clone();
                !ruling.granted && ruling.reasons.iter().any(|reason| reason.code == change.code)
            };
            prop_assert!(refuses(&change.from) && !refuses(&change.to), "{}", change.code);
        }
    }
}
