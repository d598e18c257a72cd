//! Compiled rules answer as the engine does, code by code; what is not recognised is the engine's to answer.

use crate::permit::pack_with;
use attache_accord::ruling::{Action, Question};
use attache_release::chance::Chance;
use attache_release::{Answer, Compiled, Pack, rule};

/// Questions of the short comparison, for each pack.
const SHORT: usize = 10_000;
/// Questions of the long one, for each pack.
const LONG: usize = 10_000_000;

/// Compares engine and tables on questions by chance.
fn compare(pack: &Pack, compiled: &Compiled, questions: usize, seed: u64) {
    let mut chance = Chance::new(pack, seed);
    for _ in 0..questions {
        let question = chance.question();
        let answer = compiled.answer(&compiled.decide(&question));
        assert_eq!(answer, ruled(&question, pack), "{}: {question:#?}", pack.version());
    }
}

fn ruled(question: &Question, pack: &Pack) -> Answer {
    let outcome = rule(question, pack);
    let codes = outcome.ruling().reasons.iter().map(|reason| reason.code.clone()).collect();
    Answer { granted: outcome.is_granted(), codes }
}

#[test]
fn tables_answer_as_the_engine_does() {
    for pack in Pack::built_in() {
        let compiled = Compiled::of(&pack).unwrap();
        assert!(compiled.unrecognised().is_empty(), "{:?}", compiled.unrecognised());
        compare(&pack, &compiled, SHORT, 41);
    }
}

#[test]
fn a_situation_answers_for_each_label_as_the_engine_does() {
    for pack in Pack::built_in() {
        let compiled = Compiled::of(&pack).unwrap();
        let mut chance = Chance::new(&pack, 59);
        for _ in 0..200 {
            let situation = chance.question();
            let prepared = compiled.situation(situation.clone());
            for _ in 0..20 {
                let label = chance.question().subject;
                let Some(marking) = label.marking else { continue };
                let mut question = situation.clone();
                question.subject.marking = Some(marking.clone());
                question.subject.own_level = label.own_level.clone();
                let decision = prepared.decide(&marking, label.own_level.as_ref());
                assert_eq!(compiled.answer(&decision), ruled(&question, &pack), "{question:#?}");
            }
        }
    }
}

#[test]
fn tables_of_a_pack_without_a_rule_answer_as_that_pack_does() {
    for code in ["R-003", "R-005", "R-008", "R-010", "R-020", "R-022", "R-104"] {
        let pack = Pack::gsomia_2016().dangerously_without(code);
        compare(&pack, &Compiled::of(&pack).unwrap(), 1_000, 43);
    }
}

#[test]
fn a_policy_of_a_form_that_is_not_recognised_leaves_its_actions_to_the_engine_and_no_other() {
    let odd =
        "permit (principal, action == Action::\"open\", resource) when { resource.kind like \"hum*\" };";
    let pack = pack_with(odd);
    let compiled = Compiled::of(&pack).unwrap();
    let left: Vec<Action> = compiled.unrecognised().keys().copied().collect();
    assert_eq!(left, [Action::Open]);
    compare(&pack, &compiled, 4_000, 47);
}

mod long {
    use super::*;

    #[test]
    #[ignore = "ten million questions for each pack take about ten minutes"]
    fn tables_answer_as_the_engine_does_on_ten_million_questions() {
        std::thread::scope(|scope| {
            for pack in Pack::built_in() {
                scope.spawn(move || {
                    compare(&pack, &Compiled::of(&pack).unwrap(), LONG, 53);
                    println!("{}: {LONG} questions, no difference", pack.terms().agreement);
                });
            }
        });
    }
}
