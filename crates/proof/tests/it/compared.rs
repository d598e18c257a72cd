//! Two versions of a pack, compared.

use crate::solver;
use attache_accord::ruling::Action;
use attache_proof::{Change, compare};
use attache_release::{Pack, rule};

#[test]
fn a_pack_permits_nothing_that_itself_refuses() {
    let Some(solver) = solver() else { return };
    let pack = Pack::gsomia_2016();
    for compared in compare(&pack, &pack, &solver).unwrap() {
        assert!(matches!(compared.more, Change::Nothing), "{compared:#?}");
        assert!(matches!(compared.less, Change::Nothing), "{compared:#?}");
    }
}

#[test]
fn a_rule_that_an_amendment_drops_is_shown_by_an_example_for_the_actions_that_it_was_for() {
    let Some(solver) = solver() else { return };
    let old = Pack::gsomia_2016();
    let new = old.dangerously_without("R-008");
    for compared in compare(&old, &new, &solver).unwrap() {
        assert!(matches!(compared.less, Change::Nothing), "{compared:#?}");
        match (compared.action, &compared.more) {
            (
                Action::Request | Action::Release | Action::Dispatch | Action::Visit,
                Change::Permits(example),
            ) => {
                let (question, granted, refused) = example.as_ref();
                assert!(granted.granted && !refused.granted);
                assert_eq!(refused.reasons.len(), 1);
                assert_eq!(refused.reasons[0].code, "R-008");
                assert!(rule(question, &new).is_granted() && !rule(question, &old).is_granted());
            }
            (_, Change::Nothing) => {}
            (action, change) => panic!("{action:?}: {change:#?}"),
        }
    }
}
