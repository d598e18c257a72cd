//! The arrangement of 2014: three participants, of whom one is the hub.

use crate::matrix::Matrix;
use attache_accord::agreement::Effect;
use attache_release::Pack;
use std::collections::BTreeSet;

fn tisa() -> Matrix {
    Matrix { pack: Pack::tisa_2014(), folder: "release/tisa-2014", files: 2 }
}

#[test]
fn every_cell_of_the_arrangement_of_2014_is_answered_as_written() {
    tisa().is_answered_as_written();
}

#[test]
fn the_matrix_of_2014_meets_the_topics_the_hub_and_the_missing_permit() {
    let cells = tisa().cells();
    let seen: BTreeSet<&str> = cells.iter().flat_map(|cell| cell.answer.split('+')).collect();
    for code in ["permit", "R-002", "R-004", "R-005", "R-007", "R-010", "R-013", "R-024", "R-029"] {
        assert!(seen.contains(code), "{code}");
    }
}

#[test]
fn the_arrangement_of_2014_binds_nobody_takes_effect_by_deposit_and_sets_no_term() {
    let pack = Pack::tisa_2014();
    let terms = pack.terms();
    assert!(!terms.is_binding);
    assert_eq!(terms.effect, Effect::Deposit("USA".parse().unwrap()));
    assert_eq!((terms.term_years, terms.notice_days), (None, None));
    assert_eq!(terms.hub, Some("USA".parse().unwrap()));
    assert!(terms.gates.values().all(Vec::is_empty) && terms.gates.len() == 3);
    assert_eq!(terms.equivalence.row(&"USA:TOP-SECRET".parse().unwrap()), None);
}

#[test]
fn without_the_rule_of_the_hub_seoul_would_give_to_tokyo_directly() {
    let matrix = tisa();
    let without = matrix.pack.dangerously_without("R-024");
    let cells = matrix.cells();
    let cell = cells.iter().find(|cell| cell.answer == "R-024").unwrap();
    assert!(!attache_release::rule(&cell.question, &matrix.pack).is_granted());
    assert!(attache_release::rule(&cell.question, &without).is_granted(), "{}", cell.place);
}

#[test]
fn each_leg_of_the_arrangement_of_2014_has_the_agreement_of_its_two_participants() {
    let pack = Pack::tisa_2014();
    let basis =
        |one: &str, other: &str| pack.terms().basis_between(one.parse().unwrap(), other.parse().unwrap());
    assert_eq!((basis("KOR", "USA"), basis("USA", "KOR")), ("kor-usa-1987", "kor-usa-1987"));
    assert_eq!((basis("USA", "JPN"), basis("JPN", "KOR")), ("jpn-usa-2007", ""));
}
