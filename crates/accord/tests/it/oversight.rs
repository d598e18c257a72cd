//! What an act shows to oversight: never an item, a title or a person.

use crate::samples::{
    NOON, added, admitted, any_journal, arrival, decided, dispatch, every_act, marked, opened, owed,
    receipt_kept, requested, ruled,
};
use attache_accord::act::{Act, Answer};
use attache_accord::dispatch::Dispatches;
use attache_accord::item::Items;
use attache_accord::oversight::{Context, FIELD_ACT, FIELD_DAY, shown, word};
use attache_accord::ruling::Action;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn context<'a>(items: &'a Items, dispatches: &'a Dispatches) -> Context<'a> {
    Context { items, dispatches, looking_back: None, agreement: "gsomia-2016", utc_offset_hours: 9 }
}

#[test]
fn every_act_has_its_own_word() {
    let words: BTreeSet<&str> = every_act().iter().map(word).collect();
    let kinds: BTreeSet<_> =
        every_act().iter().map(std::mem::discriminant).map(|kind| format!("{kind:?}")).collect();
    assert_eq!(words.len(), kinds.len());
}

#[test]
fn every_act_shows_its_word_and_its_day() {
    for act in every_act() {
        let fields = shown(&act, NOON, context(&Items::default(), &Dispatches::default())).fields;
        assert_eq!((fields[FIELD_ACT].as_str(), fields[FIELD_DAY].as_str()), (word(&act), "2026-11-23"));
    }
}

/// What is asked of a draft comes before its marking, one arrival is admitted twice, and one receipt is given after all.
fn exchanges() -> Vec<Act> {
    let digest = crate::samples::digest(20);
    vec![
        added(1),
        ruled(1, Action::Request, false),
        marked(1, "KOR:II"),
        marked(1, "KOR:III"),
        ruled(1, Action::Request, true),
        requested(1, 1),
        arrival(3),
        ruled(1, Action::Release, true),
        decided(1, Answer::Approve),
        owed(1, 1),
        Act::DispatchStored { dispatch: dispatch(1) },
        admitted(3, 3),
        admitted(3, 4),
        Act::ReceiptOwed { dispatch: dispatch(3), receipt: digest },
        receipt_kept(1),
        opened(3),
        opened(4),
        Act::ReceiptDelivered { dispatch: dispatch(3) },
        Act::ProofKept { dispatch: dispatch(1), proof: digest },
        Act::ProofDelivered { dispatch: dispatch(3) },
    ]
}

#[test]
fn looking_back_an_act_shows_what_it_showed_when_it_was_done() {
    let (mut items, mut dispatches) = (Items::default(), Dispatches::default());
    let mut then = Vec::new();
    for (index, act) in (0..).zip(&exchanges()) {
        then.push(shown(act, NOON, context(&items, &dispatches)));
        items.apply(index, act);
        dispatches.apply(index, NOON, act);
    }
    for ((index, act), then) in (0..).zip(&exchanges()).zip(then) {
        let now = Context { looking_back: Some(index), ..context(&items, &dispatches) };
        assert_eq!(shown(act, NOON, now), then, "{index}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_field_names_a_person_an_item_or_a_caveat(journal in any_journal()) {
        let (mut items, mut dispatches) = (Items::default(), Dispatches::default());
        for (index, entry) in (0..).zip(journal.iter()) {
            let fields = shown(&entry.act, entry.at, context(&items, &dispatches)).fields;
            for secret in ["fdo-", "analyst-1", "desk-1", "reader-1", "admin-1", "출처", "0101", "0202", "0303"] {
                prop_assert!(fields.iter().all(|field| !field.contains(secret)), "{} in {:?}", secret, fields);
            }
            items.apply(index, &entry.act);
            dispatches.apply(index, entry.at, &entry.act);
        }
    }
}

#[test]
fn the_acts_of_a_release_case_belong_to_it_and_no_other_act_does() {
    let mut dispatches = Dispatches::default();
    let case =
        |act: &Act, dispatches: &Dispatches| shown(act, NOON, context(&Items::default(), dispatches)).case;
    for act in [requested(1, 1), decided(1, Answer::Approve), owed(1, 1)] {
        assert_eq!(case(&act, &dispatches), Some(crate::samples::case(1)), "{}", word(&act));
        dispatches.apply(0, NOON, &act);
    }
    for act in [receipt_kept(1), Act::DispatchStored { dispatch: dispatch(1) }] {
        assert_eq!(case(&act, &dispatches), Some(crate::samples::case(1)), "{}", word(&act));
    }
    for act in [added(1), marked(1, "KOR:II"), Act::Padded {}, Act::DispatchStored { dispatch: dispatch(2) }]
    {
        assert_eq!(case(&act, &dispatches), None, "{}", word(&act));
    }
}
