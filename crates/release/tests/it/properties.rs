//! What holds for every question.

use crate::permit::pack_with;
use crate::questions::any_question;
use crate::second;
use attache_accord::Timestamp;
use attache_accord::agreement::Position;
use attache_accord::ruling::{Action, Question};
use attache_release::{FLOOR, Pack, rule};
use proptest::prelude::*;

/// A condition that a policy may set, in the pack's vocabulary.
fn any_condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "true",
        "context.clearance_live",
        "!context.clearance_covers",
        "principal.roles.contains(\"analyst\")",
        "principal.party == resource.originator",
        "resource.kind == \"humint\"",
        "principal.duties.contains(resource.kind)",
        "context.kinds_agreed.contains(resource.kind)",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 8, 2, |inner| {
        (inner.clone(), prop::sample::select(vec!["&&", "||"]), inner)
            .prop_map(|(a, op, b)| format!("({a} {op} {b})"))
    })
}

/// A permit as broad as any, or narrowed by an action and a condition.
fn any_permit() -> impl Strategy<Value = String> {
    let action = prop::sample::select(vec![
        "action",
        "action == Action::\"release\"",
        "action == Action::\"pass-on\"",
    ]);
    (action, prop::option::of(any_condition())).prop_map(|(action, condition)| {
        let when = condition.map(|c| format!(" when {{ {c} }}")).unwrap_or_default();
        format!("permit (principal, {action}, resource){when};")
    })
}

fn floor_codes(question: &Question, pack: &Pack) -> Vec<String> {
    let codes =
        rule(question, pack).ruling().reasons.iter().map(|reason| reason.code.clone()).collect::<Vec<_>>();
    codes.into_iter().filter(|code| FLOOR.iter().any(|rule| rule.code == code)).collect()
}

/// Whether it is permitted with the agreement in force for every Party, and once it has ended for each.
fn before_and_after_the_end(question: &Question) -> (bool, bool) {
    let granted = |until| {
        let held = |name: &str| Position { party: name.parse().unwrap(), from: Some(Timestamp(0)), until };
        let positions = vec![held("KOR"), held("JPN")];
        rule(&Question { positions, ..question.clone() }, &Pack::gsomia_2016()).is_granted()
    };
    (granted(None), granted(Some(question.at)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rules_agree_with_the_agreement_written_a_second_time(question in any_question()) {
        let outcome = rule(&question, &Pack::gsomia_2016());
        prop_assert_eq!(outcome.is_granted(), second::permits(&question), "{:?}", outcome.ruling().reasons);
    }

    #[test]
    fn a_question_that_a_floor_rule_refuses_is_never_granted(question in any_question()) {
        let pack = Pack::gsomia_2016();
        let outcome = rule(&question, &pack);
        prop_assert!(!outcome.is_granted() || floor_codes(&question, &pack).is_empty());
    }

    #[test]
    fn the_same_question_gets_the_same_ruling(question in any_question()) {
        let pack = Pack::gsomia_2016();
        let (first, second) = (rule(&question, &pack), rule(&question, &pack));
        prop_assert_eq!(first.ruling(), second.ruling());
    }

    #[test]
    fn the_end_of_the_agreement_permits_nothing_that_was_refused_before(question in any_question()) {
        let (before, after) = before_and_after_the_end(&question);
        prop_assert!(before || !after, "{:?} is permitted only after the end", question.action);
    }

    #[test]
    fn the_end_of_the_agreement_takes_nothing_from_what_was_given(question in any_question()) {
        let stops = [Action::Request, Action::Release, Action::Dispatch, Action::PassOn, Action::Visit, Action::GiveToContractor];
        let (before, after) = before_and_after_the_end(&question);
        prop_assert!(before == after || stops.contains(&question.action), "{:?}", question.action);
    }

    #[test]
    fn no_table_and_no_choice_lowers_what_a_reader_must_be_cleared_to(question in any_question()) {
        if !rule(&question, &Pack::gsomia_2016()).is_granted() || question.action == Action::Dispatch {
            return Ok(());
        }
        let marking = question.subject.marking.as_ref().unwrap();
        let held = question.asker.clearance.as_ref().and_then(|held| second::rank(&held.level));
        prop_assert!(held >= second::rank(&marking.level), "{held:?} for {}", marking.level);
        // Whatever own level stands beside the originator's, or is chosen on admission, is of the same row.
        let own = match question.action {
            Action::Admit => &question.chosen,
            _ => &question.subject.own_level,
        };
        if let Some(own) = own {
            let is_own = marking.originator() == question.holder;
            prop_assert!(is_own || second::row(own) == second::row(&marking.level), "{own} for {}", marking.level);
        }
    }

    #[test]
    fn a_refusal_always_has_a_reason_that_readers_have_a_text_for(question in any_question()) {
        let pack = Pack::gsomia_2016();
        let outcome = rule(&question, &pack);
        prop_assert!(!outcome.ruling().reasons.is_empty());
        for reason in &outcome.ruling().reasons {
            prop_assert!(pack.reason_text(&reason.code, attache_release::Language::Ko).is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_policy_permits_what_the_floor_forbids(
        permit in any_permit(),
        questions in prop::collection::vec(any_question(), 64),
    ) {
        let (shipped, widened) = (Pack::gsomia_2016(), pack_with(&permit));
        for question in &questions {
            let refused = floor_codes(question, &shipped);
            prop_assert_eq!(&floor_codes(question, &widened), &refused);
            prop_assert!(refused.is_empty() || !rule(question, &widened).is_granted(), "{}", permit);
        }
    }
}
