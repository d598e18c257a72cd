//! What an act shows to oversight: never an item, a title or a person.

use crate::samples::{NOON, any_journal, every_act};
use attache_accord::dispatch::Dispatches;
use attache_accord::item::Items;
use attache_accord::oversight::{Context, FIELD_ACT, FIELD_DAY, shown, word};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn context<'a>(items: &'a Items, dispatches: &'a Dispatches) -> Context<'a> {
    Context { items, dispatches, agreement: "gsomia-2016", utc_offset_hours: 9 }
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
            items.apply(&entry.act);
            dispatches.apply(index, entry.at, &entry.act);
        }
    }
}
