//! The invariants of the shipped packs, with controls.

use crate::solver;
use attache_accord::ruling::Action;
use attache_proof::{INVARIANTS, Permitted, Verdict, keeps, prove};
use attache_release::{Pack, rule};

#[test]
fn each_shipped_pack_keeps_its_invariants_and_permits_each_action() {
    let Some(solver) = solver() else { return };
    for pack in Pack::built_in() {
        let proof = prove(&pack, &solver).unwrap();
        assert!(proof.is_whole(), "{}: {proof:#?}", pack.terms().agreement);
        for (action, permitted) in &proof.permitted {
            match permitted {
                Permitted::Sometimes(question) => {
                    assert_eq!(question.action, *action);
                    assert!(rule(question, &pack).is_granted(), "{question:#?}");
                }
                // The arrangement of 2014 knows no visits.
                Permitted::Never => {
                    assert_eq!((pack.terms().agreement.as_str(), *action), ("tisa-2014", Action::Visit))
                }
                Permitted::NotShown(why) => panic!("{action:?}: {why}"),
            }
        }
    }
}

#[test]
fn a_pack_without_a_rule_that_keeps_an_invariant_breaks_it_by_an_example_that_the_true_pack_refuses() {
    let Some(solver) = solver() else { return };
    let shipped = Pack::gsomia_2016();
    for invariant in &INVARIANTS {
        for code in invariant.kept_by {
            let mutant = shipped.dangerously_without(code);
            let verdict = keeps(&mutant, invariant, &solver).unwrap();
            let Verdict::Broken(question) = &verdict else {
                panic!("{} without {code}: {verdict:#?}", invariant.name);
            };
            assert!(rule(question, &mutant).is_granted(), "{question:#?}");
            let refused = rule(question, &shipped);
            assert!(!refused.is_granted());
            assert!(refused.ruling().reasons.iter().any(|reason| reason.code == *code), "{refused:#?}");
        }
    }
}

mod long {
    use super::*;
    use std::path::Path;

    #[test]
    #[ignore = "a minute of the solver; the shipped packs are proved each time"]
    fn a_pack_of_two_states_that_do_not_exist_keeps_the_same_invariants() {
        let Some(solver) = solver() else { return };
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/packs/arvonia-belmark-2031");
        let proof = prove(&Pack::load(Path::new(folder)).unwrap(), &solver).unwrap();
        assert!(proof.is_whole(), "{proof:#?}");
        let never = proof.permitted.iter().filter(|(_, permitted)| matches!(permitted, Permitted::Never));
        // Its Article 7 gives contractors nothing.
        assert_eq!(never.map(|(action, _)| *action).collect::<Vec<_>>(), [Action::GiveToContractor]);
    }
}
