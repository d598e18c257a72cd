//! What a report counts, and what the public is told of it.

use crate::samples::{NOON, any_journal};
use attache_accord::dispatch::Dispatches;
use attache_accord::figures::{Counted, Figures, Rows, TABLES, Uncountable};
use attache_accord::item::Items;
use attache_accord::oversight::{
    Context, FIELD_ACT, FIELD_ARTICLE, FIELD_DIRECTION, FIELD_DUE, FIELD_KIND, FIELD_LEVEL, FIELD_OUTCOME,
    FIELDS, shown,
};
use attache_accord::suppression::{LEAST_HIDING, Told, suppressed};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn leaf<'a>(values: &[(usize, &'a str)]) -> [&'a str; FIELDS] {
    let mut leaf = [""; FIELDS];
    values.iter().for_each(|(field, value)| leaf[*field] = value);
    leaf
}

fn all() -> BTreeSet<u8> {
    (0..15).collect()
}

fn rows<'a>(figures: &'a Figures, name: &str) -> Option<&'a Rows> {
    figures.tables().find(|(table, _)| table.name == name).map(|(_, rows)| rows)
}

#[test]
fn exchanges_are_counted_by_direction_kind_and_level_and_by_the_article_where_the_leaf_shows_it() {
    let mut figures = Figures::new(&all());
    let sent = [
        (FIELD_ACT, "dispatch owed"),
        (FIELD_DIRECTION, "out"),
        (FIELD_KIND, "humint"),
        (FIELD_LEVEL, "KOR:II"),
    ];
    let under = [&sent[..], &[(FIELD_ARTICLE, "1")]].concat();
    for values in [&sent[..], &under, &[(FIELD_ACT, "dispatch stored"), (FIELD_DIRECTION, "out")]] {
        figures.count(&leaf(values)).unwrap();
    }
    let expected = Rows::from([(["out", "humint", "KOR:II"].map(str::to_owned).to_vec(), 2)]);
    let of = |article: &str| [article, "out", "humint", "KOR:II"].map(str::to_owned).to_vec();
    assert_eq!(rows(&figures, "exchanges-by-article"), Some(&Rows::from([(of("1"), 1), (of(""), 1)])));
    assert_eq!((rows(&figures, "exchanges"), figures.leaves()), (Some(&expected), 3));
}

#[test]
fn an_incident_with_a_due_status_is_counted_among_incidents_only() {
    let mut figures = Figures::new(&all());
    for act in ["incident raised", "receipt kept"] {
        figures.count(&leaf(&[(FIELD_ACT, act), (FIELD_DUE, "late"), (FIELD_OUTCOME, "I-001")])).unwrap();
    }
    let late = Rows::from([(["receipt kept", "late"].map(str::to_owned).to_vec(), 1)]);
    assert_eq!(rows(&figures, "due"), Some(&late));
    assert_eq!(rows(&figures, "incidents").unwrap().values().sum::<u64>(), 1);
    let overdue = Rows::from([(["I-001", ""].map(str::to_owned).to_vec(), 1)]);
    assert_eq!(rows(&figures, "overdue"), Some(&overdue));
}

#[test]
fn a_figure_that_no_opened_field_gives_is_not_told_as_zero() {
    let figures = Figures::new(&[0, 6].into());
    let names: Vec<&str> = figures.tables().map(|(table, _)| table.name).collect();
    assert_eq!(names, ["acts"]);
    assert_eq!(Figures::new(&all()).tables().count(), TABLES.len());
}

#[test]
fn no_act_is_counted_in_two_tables_for_the_public() {
    let acts: Vec<&str> = TABLES
        .iter()
        .filter(|table| table.is_public)
        .flat_map(|table| match table.counted {
            Counted::Only(acts) | Counted::Late(acts) => acts.to_vec(),
            // What it counts is what shows a due status.
            Counted::DueBut(_) => vec!["dispatch stored", "dispatch declined", "receipt kept"],
            Counted::All => panic!("{} counts every act", table.name),
        })
        .collect();
    assert_eq!(acts.len(), acts.iter().collect::<BTreeSet<_>>().len());
}

#[test]
fn values_and_rows_are_bounded() {
    let mut figures = Figures::new(&all());
    let long = "x".repeat(257);
    for wrong in [long.as_str(), "a\nb"] {
        assert_eq!(figures.clone().count(&leaf(&[(FIELD_ACT, wrong)])), Err(Uncountable::Value));
    }
    let counted = (0..70_000).try_for_each(|n| figures.count(&leaf(&[(FIELD_ACT, &format!("act {n}"))])));
    assert_eq!(counted, Err(Uncountable::Rows));
}

#[test]
fn a_small_count_is_not_told_and_cannot_be_worked_out_from_the_total() {
    let (count, left_out) = (Told::Count, Told::Suppressed);
    for (counts, below, told, total) in [
        (vec![9, 12], 3, vec![count(9), count(12)], count(21)),
        // 21 - 12 - 7 would be the small one, so the total goes with it.
        (vec![2, 12, 7], 3, vec![left_out, count(12), count(7)], left_out),
        (vec![3, 3, 2], 3, vec![count(3), count(3), left_out], left_out),
        (vec![1, 1, 8], 3, vec![left_out, left_out, count(8)], left_out),
        (vec![2], 3, vec![left_out], left_out),
        (vec![1, 1], 3, vec![left_out, left_out], left_out),
        (vec![], 3, vec![], count(0)),
        (vec![1, 2], 1, vec![count(1), count(2)], count(3)),
    ] {
        assert_eq!(suppressed(&counts, below), (told, total), "{counts:?}");
    }
}

/// Every vector of this many counts up to `most`.
fn vectors(parts: usize, most: u64) -> Vec<Vec<u64>> {
    (0..parts).fold(vec![vec![]], |vectors: Vec<Vec<u64>>, _| {
        let longer = |vector: Vec<u64>| (1..=most).map(move |count| [vector.clone(), vec![count]].concat());
        vectors.into_iter().flat_map(longer).collect()
    })
}

#[test]
fn whoever_knows_the_rule_cannot_turn_it_round() {
    const MOST: u64 = 7;
    for (below, parts) in (LEAST_HIDING..=5).flat_map(|below| (0..=4).map(move |parts| (below, parts))) {
        let mut possible: Vec<(_, Vec<BTreeSet<u64>>)> = Vec::new();
        for counts in vectors(parts, MOST) {
            let told = suppressed(&counts, below);
            let found = possible.iter().position(|(other, _)| *other == told).unwrap_or_else(|| {
                possible.push((told, vec![BTreeSet::new(); parts]));
                possible.len() - 1
            });
            possible[found].1.iter_mut().zip(&counts).for_each(|(values, count)| {
                values.insert(*count);
            });
        }
        for ((told, total), values) in possible {
            for (told, values) in told.iter().zip(values) {
                let hidden: BTreeSet<u64> = (1..below).collect();
                let shown = format!("below {below}: {told:?} of {total:?} is one of {values:?}");
                assert!(*told != Told::Suppressed || (values == hidden && values.len() > 1), "{shown}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_act_is_counted_once_among_all_acts(journal in any_journal()) {
        let (mut items, mut dispatches, mut figures) = (Items::default(), Dispatches::default(), Figures::new(&all()));
        for (index, entry) in (0..).zip(journal.iter()) {
            let context = Context { items: &items, dispatches: &dispatches, beside: &[], looking_back: None, agreement: "gsomia-2016", utc_offset_hours: 9 };
            let fields = shown(&entry.act, entry.at, context).fields;
            prop_assert_eq!(figures.count(&fields.each_ref().map(String::as_str)), Ok(()));
            items.apply(index, &entry.act);
            dispatches.apply(index, entry.at, &entry.act);
        }
        prop_assert_eq!(rows(&figures, "acts").unwrap().values().sum::<u64>(), journal.len() as u64);
        prop_assert!(journal.iter().all(|entry| entry.at >= NOON));
    }
}
