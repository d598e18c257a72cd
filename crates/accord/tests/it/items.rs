//! Items: a marking is never changed in place (invariant 1), and an arrival becomes one item.

use crate::samples::{added, admitted, any_journal, arrival, dispatch, item, level, marked, marking};
use attache_accord::act::Act;
use attache_accord::item::{Item, Items, Stage};
use attache_accord::view::View;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn fold(acts: &[Act]) -> Items {
    let mut items = Items::default();
    (0..).zip(acts).for_each(|(index, act)| items.apply(index, act));
    items
}

#[test]
fn a_draft_has_no_marking() {
    assert!(fold(&[added(1)]).get(&item(1)).unwrap().marked().is_none());
}

#[test]
fn a_marking_is_never_changed_in_place() {
    let items = fold(&[added(1), marked(1, "KOR:II"), marked(1, "KOR:III")]);
    assert_eq!(items.get(&item(1)).unwrap().own_level(), Some(&level("KOR:II")));
}

#[test]
fn adding_an_item_again_does_not_make_it_a_draft() {
    let items = fold(&[added(1), marked(1, "KOR:II"), added(1)]);
    assert_eq!(items.get(&item(1)).unwrap().own_level(), Some(&level("KOR:II")));
}

#[test]
fn what_was_received_is_not_ours_to_mark() {
    let items = fold(&[arrival(1), admitted(1, 1), marked(1, "KOR:III")]);
    let found = items.get(&item(1)).unwrap();
    assert!(matches!(found.stage, Stage::Admitted { .. }));
    assert_eq!(found.marked().unwrap().marking, marking("KOR:II"));
}

#[test]
fn the_originators_marking_stands_beside_the_own_level() {
    let items = fold(&[arrival(1), admitted(1, 1)]);
    let found = items.get(&item(1)).unwrap();
    assert_eq!(found.own_level(), Some(&level("JPN:TOKUTEI")));
    assert_eq!(found.marked().unwrap().marking.level, level("KOR:II"));
}

#[test]
fn nothing_is_admitted_that_was_not_verified() {
    assert_eq!(fold(&[admitted(1, 1)]).iter().count(), 0);
}

#[test]
fn a_resend_does_not_wait_again_once_it_is_admitted() {
    let items = fold(&[arrival(1), admitted(1, 1), arrival(1)]);
    assert!(items.arrival(&dispatch(1)).is_none());
}

#[test]
fn a_dispatch_becomes_one_item() {
    let items = fold(&[arrival(1), admitted(1, 1), arrival(1), admitted(1, 2)]);
    assert_eq!(items.iter().count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_a_marking_stays_as_it_was_first_written(journal in any_journal()) {
        let (mut items, mut first) = (Items::default(), BTreeMap::new());
        for (index, entry) in (0..).zip(&journal) {
            items.apply(index, &entry.act);
            for found in items.iter() {
                if let Some(marked) = found.marked() {
                    prop_assert_eq!(first.entry(found.id).or_insert_with(|| marked.clone()), &marked.clone());
                }
            }
        }
    }

    #[test]
    fn what_is_found_by_digest_extract_and_item_is_what_a_look_at_all_finds(journal in any_journal()) {
        let mut view = View::new(9);
        journal.iter().for_each(|entry| view.apply(entry));
        for item in view.items.iter() {
            let same = |other: &&Item| other.item_digest == item.item_digest;
            let found: BTreeSet<_> = view.items.of_digest(&item.item_digest).map(|found| found.id).collect();
            prop_assert_eq!(found, view.items.iter().filter(same).map(|found| found.id).collect());
            let has_extract = view.items.iter().any(|other| other.extract_of == Some(item.id));
            prop_assert_eq!(view.items.has_extract(&item.id), has_extract);
        }
        for sent in view.dispatches.all_sent() {
            let found: Vec<_> = view.dispatches.sent_of(&sent.item).map(|found| found.id).collect();
            // An item may go under a case that was asked about another only where the journal is nonsense, as these are.
            let case = view.dispatches.case(&sent.case).unwrap();
            prop_assert_eq!(case.item == sent.item, found.contains(&sent.id));
        }
    }
}
