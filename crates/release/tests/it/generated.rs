//! A pack as generated Cedar: each shipped pack has its golden file, and generated Cedar rules as the engine does,
//! code by code, on questions by chance.

use attache_accord::ruling::{Action, Question};
use attache_release::chance::Chance;
use attache_release::{Answer, Generated, Pack, rule};
use cedar_policy::{ActionConstraint, Effect, Policy, PolicyId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Questions of the short comparison, for each pack.
const SHORT: usize = 10_000;
/// Questions of the long one.
const LONG: usize = 10_000_000;
/// Threads of the long one.
const THREADS: usize = 2;
/// Refusals by one code with which the control is tried.
const TRIED: usize = 2_000;

/// The packs that this build ships.
fn shipped() -> Vec<(String, Pack)> {
    Pack::built_in().into_iter().map(|pack| (pack.terms().agreement.clone(), pack)).collect()
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/generated").join(name)
}

/// What the engine rules.
fn ruled(question: &Question, pack: &Pack) -> Answer {
    let outcome = rule(question, pack);
    let codes = outcome.ruling().reasons.iter().map(|reason| reason.code.clone()).collect();
    Answer { granted: outcome.is_granted(), codes }
}

/// The actions for which the pack has a permit.
fn permitted_at_all(generated: &Generated) -> BTreeSet<Action> {
    let permits: Vec<_> =
        generated.policies().policies().filter(|policy| policy.effect() == Effect::Permit).collect();
    let is_for = |policy: &Policy, action: Action| match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(uid) => AsRef::<str>::as_ref(uid.id()) == action.as_str(),
        ActionConstraint::In(uids) => {
            uids.iter().any(|uid| AsRef::<str>::as_ref(uid.id()) == action.as_str())
        }
    };
    generated.actions().filter(|action| permits.iter().any(|policy| is_for(policy, *action))).collect()
}

#[test]
fn each_shipped_pack_is_written_as_its_golden_files() {
    for (name, pack) in shipped() {
        let generated = Generated::of(&pack).unwrap();
        for (file, text) in [
            (golden(&format!("{name}.cedar")), generated.text()),
            (golden("facts.cedarschema"), generated.schema_text()),
        ] {
            if std::env::var_os("WRITE_GOLDEN").is_some() {
                std::fs::write(&file, text).unwrap();
            }
            let kept = std::fs::read_to_string(&file).unwrap();
            assert!(
                kept == text,
                "{}: write it anew with WRITE_GOLDEN=1 and read what changed",
                file.display()
            );
        }
    }
}

#[test]
fn generated_cedar_rules_as_the_engine_does_and_misses_each_rule_that_is_taken_out() {
    for (name, pack) in shipped() {
        let generated = Generated::of(&pack).unwrap();
        let mut chance = Chance::new(&pack, 2016);
        let mut refused: BTreeMap<String, Vec<Question>> = BTreeMap::new();
        let mut granted: BTreeMap<Action, usize> = BTreeMap::new();
        for _ in 0..SHORT {
            let question = chance.question();
            let answer = ruled(&question, &pack);
            assert_eq!(generated.answer(&question), answer, "{name}: {question:#?}");
            if answer.granted {
                *granted.entry(question.action).or_default() += 1;
            }
            for code in answer.codes {
                let kept = refused.entry(code).or_default();
                if kept.len() < TRIED {
                    kept.push(question.clone());
                }
            }
        }
        println!("{name}: granted {granted:?}");
        let granted: BTreeSet<Action> = granted.into_keys().collect();
        assert_eq!(
            granted,
            permitted_at_all(&generated),
            "{name}: each action with a permit is granted now and then"
        );
        let ids: Vec<PolicyId> = generated.policies().policies().map(|policy| policy.id().clone()).collect();
        for id in ids {
            let without = generated.dangerously_without(&id);
            let code = generated.code(&id).unwrap();
            let tried = refused.get(code).map(Vec::as_slice).unwrap_or_default();
            let parts = tried.iter().any(|question| without.answer(question) != ruled(question, &pack));
            assert!(parts, "{name}: {id} taken out shows in none of {} questions", tried.len());
        }
    }
}

#[test]
fn a_mutant_is_written_without_its_rule() {
    let pack = Pack::gsomia_2016().dangerously_without("R-005");
    let generated = Generated::of(&pack).unwrap();
    assert!(!generated.text().contains("@code(\"R-005\")"));
    let mut chance = Chance::new(&pack, 7);
    for _ in 0..500 {
        let question = chance.question();
        assert_eq!(generated.answer(&question), ruled(&question, &pack), "{question:#?}");
    }
}

mod long {
    use super::*;

    #[test]
    #[ignore = "ten million questions take about half an hour"]
    fn generated_cedar_rules_as_the_engine_does_on_ten_million_questions() {
        for (name, pack) in shipped() {
            let generated = Generated::of(&pack).unwrap();
            std::thread::scope(|scope| {
                for thread in 0..THREADS {
                    let (name, pack, generated) = (&name, &pack, &generated);
                    scope.spawn(move || {
                        let mut chance = Chance::new(pack, 1_000_003 * (thread as u64 + 1));
                        for _ in 0..LONG / THREADS {
                            let question = chance.question();
                            let answer = ruled(&question, pack);
                            assert_eq!(generated.answer(&question), answer, "{name}: {question:#?}");
                        }
                    });
                }
            });
            println!("{name}: {LONG} questions, no difference");
        }
    }
}
