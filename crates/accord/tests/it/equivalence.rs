//! The table of Art. 4.2, on a small copy of it and on random tables.

use crate::samples::{level, party};
use attache_accord::Level;
use attache_accord::equivalence::{Equivalence, Equivalents, LevelName, Row, Scheme};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn scheme(levels: &[(u8, &str)]) -> Scheme {
    let named = |(rank, text): &(u8, &str)| {
        (*rank, LevelName { level: level(text), name: (*text).to_owned(), reading: String::new() })
    };
    Scheme::new(levels.iter().map(named).collect())
}

fn row(english: &str, korean: &[&str], japanese: &[&str]) -> Row {
    let levels = |texts: &[&str]| texts.iter().map(|text| level(text)).collect();
    let levels = BTreeMap::from([(party("KOR"), levels(korean)), (party("JPN"), levels(japanese))]);
    Row { english: english.to_owned(), levels }
}

pub fn table() -> Equivalence {
    Equivalence {
        schemes: BTreeMap::from([
            (party("KOR"), scheme(&[(3, "KOR:I"), (2, "KOR:II"), (1, "KOR:III")])),
            (party("JPN"), scheme(&[(2, "JPN:GOKUHI"), (2, "JPN:TOKUTEI"), (1, "JPN:HI")])),
        ]),
        rows: vec![
            row("SECRET", &["KOR:II"], &["JPN:GOKUHI", "JPN:TOKUTEI"]),
            row("CONFIDENTIAL", &["KOR:III"], &["JPN:HI"]),
        ],
    }
}

fn to_japan(text: &str) -> Equivalents {
    table().equivalents(&level(text), party("JPN"))
}

#[test]
fn the_top_korean_level_has_no_japanese_equivalent() {
    assert_eq!(to_japan("KOR:I"), Equivalents::None);
}

#[test]
fn korean_secret_leaves_japan_a_choice() {
    assert_eq!(to_japan("KOR:II"), Equivalents::Choice(vec![level("JPN:GOKUHI"), level("JPN:TOKUTEI")]));
}

#[test]
fn korean_confidential_has_one_japanese_equivalent() {
    assert_eq!(to_japan("KOR:III"), Equivalents::One(level("JPN:HI")));
}

#[test]
fn both_japanese_secrets_become_the_same_korean_level() {
    for text in ["JPN:GOKUHI", "JPN:TOKUTEI"] {
        assert_eq!(table().equivalents(&level(text), party("KOR")), Equivalents::One(level("KOR:II")));
    }
}

#[test]
fn a_third_party_has_no_equivalent() {
    assert_eq!(table().equivalents(&level("KOR:II"), party("USA")), Equivalents::None);
    assert_eq!(table().equivalents(&level("USA:SECRET"), party("KOR")), Equivalents::None);
}

#[test]
fn a_clearance_of_one_party_never_covers_a_level_of_another() {
    assert!(!table().covers(&level("KOR:I"), &level("JPN:HI")));
}

#[test]
fn an_unknown_level_neither_covers_nor_is_covered() {
    assert!(!table().covers(&level("KOR:IV"), &level("KOR:III")));
    assert!(!table().covers(&level("KOR:I"), &level("KOR:IV")));
    assert!(!table().covers(&level("KOR:IV"), &level("KOR:IV")));
}

#[test]
fn a_clearance_below_the_row_does_not_clear_it() {
    assert!(!table().clears(&level("JPN:HI"), &level("KOR:II")));
}

#[test]
fn a_clearance_that_covers_each_option_clears_a_level_not_yet_chosen() {
    assert!(table().clears(&level("JPN:TOKUTEI"), &level("KOR:II")));
}

#[test]
fn nobody_abroad_is_cleared_for_a_level_without_a_row() {
    for held in ["JPN:GOKUHI", "JPN:TOKUTEI", "JPN:HI"] {
        assert!(!table().clears(&level(held), &level("KOR:I")), "{held}");
    }
}

/// A table of up to five Korean and five Japanese levels, in rows of random width that never cross.
fn any_table() -> impl Strategy<Value = Equivalence> {
    prop::collection::vec((1_u8..3, 1_u8..3, any::<bool>()), 1..5).prop_map(|rows| {
        let (mut korean, mut japanese, mut table) = (Vec::new(), Vec::new(), Vec::new());
        for (rank, (kor, jpn, shared)) in (1_u8..).zip(rows) {
            let names = |party: &str, n: u8| {
                (0..n).map(|i| level(&format!("{party}:L{rank}-{i}"))).collect::<Vec<_>>()
            };
            let (kor, jpn) = (names("KOR", kor), names("JPN", jpn));
            let named = |l: &Level| {
                (rank, LevelName { level: l.clone(), name: String::new(), reading: String::new() })
            };
            korean.extend(kor.iter().map(named));
            japanese.extend(jpn.iter().map(named));
            if shared {
                let levels = BTreeMap::from([(party("KOR"), kor), (party("JPN"), jpn)]);
                table.push(Row { english: format!("ROW {rank}"), levels });
            }
        }
        table.reverse();
        let schemes = [(party("KOR"), Scheme::new(korean)), (party("JPN"), Scheme::new(japanese))];
        Equivalence { schemes: schemes.into(), rows: table }
    })
}

fn levels_of(table: &Equivalence, of: &str) -> Vec<Level> {
    table.schemes[&party(of)].levels().map(|named| named.level.clone()).collect()
}

fn options(found: Equivalents) -> Vec<Level> {
    match found {
        Equivalents::None => Vec::new(),
        Equivalents::One(only) => vec![only],
        Equivalents::Choice(several) => several,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equivalence_is_by_row_alone(table in any_table()) {
        for korean in levels_of(&table, "KOR") {
            for japanese in levels_of(&table, "JPN") {
                let in_one_row = table.rows.iter().any(|row| {
                    row.levels[&party("KOR")].contains(&korean) && row.levels[&party("JPN")].contains(&japanese)
                });
                prop_assert_eq!(table.equivalents(&korean, party("JPN")).allows(&japanese), in_one_row);
            }
        }
    }

    #[test]
    fn there_and_back_never_lowers_a_level(table in any_table()) {
        let korea = &table.schemes[&party("KOR")];
        for korean in levels_of(&table, "KOR") {
            for japanese in options(table.equivalents(&korean, party("JPN"))) {
                for back in options(table.equivalents(&japanese, party("KOR"))) {
                    prop_assert!(korea.rank(&back) >= korea.rank(&korean));
                }
            }
        }
    }

    #[test]
    fn a_stricter_level_never_gets_a_looser_equivalent(table in any_table()) {
        let (korea, japan) = (&table.schemes[&party("KOR")], &table.schemes[&party("JPN")]);
        for upper in levels_of(&table, "KOR") {
            for lower in levels_of(&table, "KOR") {
                if korea.rank(&upper) < korea.rank(&lower) {
                    continue;
                }
                let ranks = |l: &Level| options(table.equivalents(l, party("JPN"))).iter().map(|o| japan.rank(o)).collect::<Vec<_>>();
                if let (Some(least), Some(most)) = (ranks(&upper).iter().min(), ranks(&lower).iter().max()) {
                    prop_assert!(least >= most);
                }
            }
        }
    }

    #[test]
    fn who_is_cleared_for_a_level_is_cleared_for_each_looser_one_that_is_shared(table in any_table()) {
        let korea = &table.schemes[&party("KOR")];
        for held in levels_of(&table, "JPN") {
            for upper in levels_of(&table, "KOR") {
                for lower in levels_of(&table, "KOR") {
                    let looser = korea.rank(&lower) <= korea.rank(&upper) && table.row(&lower).is_some();
                    prop_assert!(!(looser && table.clears(&held, &upper)) || table.clears(&held, &lower));
                }
            }
        }
    }
}
