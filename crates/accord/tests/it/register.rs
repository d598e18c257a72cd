//! The register: each number once, in order, without gaps.

use crate::samples::{
    NOON, admitted, any_journal, arrival, case, decided, dispatch, founded, item, opened, owed, receipt_kept,
    requested,
};
use attache_accord::Timestamp;
use attache_accord::act::{Act, Answer};
use attache_accord::register::{Direction, Register};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn fold(acts: &[(Timestamp, Act)]) -> Register {
    let mut register = Register::new(9);
    for (index, (at, act)) in (0..).zip(acts) {
        register.apply(index, *at, act);
    }
    register
}

fn at_noon(acts: &[Act]) -> Register {
    fold(&acts.iter().map(|act| (NOON, act.clone())).collect::<Vec<_>>())
}

#[test]
fn an_approval_gives_a_control_number() {
    let register = at_noon(&[founded("KOR"), requested(1, 1), decided(1, Answer::Approve)]);
    assert_eq!(register.control_number(&case(1)), Some("KOR-C-2026-000001"));
}

#[test]
fn a_refusal_gives_none() {
    let register = at_noon(&[founded("KOR"), requested(1, 1), decided(1, Answer::Refuse)]);
    assert_eq!(register.iter().count(), 0);
}

#[test]
fn a_refused_case_gets_no_number_later() {
    let register =
        at_noon(&[founded("KOR"), requested(1, 1), decided(1, Answer::Refuse), decided(1, Answer::Approve)]);
    assert_eq!(register.iter().count(), 0);
}

#[test]
fn a_case_approved_twice_has_one_number() {
    let approve = decided(1, Answer::Approve);
    let register = at_noon(&[founded("KOR"), requested(1, 1), approve.clone(), requested(1, 1), approve]);
    assert_eq!(register.iter().count(), 1);
}

#[test]
fn an_admission_gives_a_register_number() {
    let register = at_noon(&[founded("JPN"), arrival(1), admitted(1, 7)]);
    assert_eq!(register.received_number(&item(7)), Some("JPN-R-2026-000001"));
}

#[test]
fn a_dispatch_received_twice_is_registered_once() {
    let register = at_noon(&[founded("JPN"), arrival(1), admitted(1, 7), arrival(1), admitted(1, 8)]);
    assert_eq!(register.number_of(&dispatch(1)), Some("JPN-R-2026-000001"));
    assert_eq!(register.iter().count(), 1);
}

#[test]
fn an_admission_without_an_arrival_is_not_registered() {
    assert_eq!(at_noon(&[founded("JPN"), admitted(1, 7)]).iter().count(), 0);
}

#[test]
fn numbers_start_anew_with_the_civil_year_of_both_capitals() {
    // 31 December 2026, 15:00 UTC: midnight in Seoul and Tokyo.
    let new_year = Timestamp(1_798_729_200_000);
    let acts = [
        (NOON, founded("JPN")),
        (NOON, arrival(1)),
        (NOON, arrival(2)),
        (Timestamp(new_year.0 - 1), admitted(1, 1)),
        (new_year, admitted(2, 2)),
    ];
    let register = fold(&acts);
    let numbers: Vec<&str> = register.iter().map(|entry| entry.number.as_str()).collect();
    assert_eq!(numbers, ["JPN-R-2026-000001", "JPN-R-2027-000001"]);
}

#[test]
fn an_entry_keeps_what_happened_to_it() {
    let approve = decided(1, Answer::Approve);
    let out = at_noon(&[founded("KOR"), requested(1, 1), approve, owed(1, 1), receipt_kept(1)]);
    assert_eq!(out.iter().next().unwrap().movements.len(), 2);
    let received = at_noon(&[founded("JPN"), arrival(1), admitted(1, 1), opened(1), opened(1)]);
    assert_eq!(received.iter().next().unwrap().movements.len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_have_no_gaps_and_follow_the_journal(journal in any_journal()) {
        let mut register = Register::new(9);
        register.apply(0, NOON, &founded("KOR"));
        for (index, entry) in (1..).zip(journal.iter()) {
            register.apply(index, entry.at, &entry.act);
        }
        let mut series: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
        for entry in register.iter() {
            let (name, count) = entry.number.rsplit_once('-').unwrap();
            series.entry(name.to_owned()).or_default().push((count.parse().unwrap(), entry.index));
        }
        for (name, numbers) in series {
            let counts: Vec<u64> = numbers.iter().map(|(count, _)| *count).collect();
            prop_assert_eq!(counts, (1..=numbers.len() as u64).collect::<Vec<_>>(), "{}", name);
            prop_assert!(numbers.windows(2).all(|pair| pair[0].1 < pair[1].1), "{}", name);
        }
    }

    #[test]
    fn a_case_and_a_dispatch_have_one_number_each(journal in any_journal()) {
        let mut register = Register::new(9);
        for (index, entry) in (0..).zip(journal.iter()) {
            register.apply(index, entry.at, &entry.act);
        }
        let out = register.iter().filter(|entry| entry.direction == Direction::Out).count();
        let with_number = (1..=3).filter(|n| register.control_number(&case(*n)).is_some()).count();
        prop_assert_eq!(out, with_number);
        prop_assert!(register.iter().filter(|entry| entry.direction == Direction::In).count() <= 3);
    }
}
