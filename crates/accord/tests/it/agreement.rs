//! In force is what each Party recorded, read together (Art. 21), and when a day begins.

use crate::samples::{NOON, party};
use attache_accord::agreement::{Force, Position, force};
use attache_accord::obligation::{Due, Obligation};
use attache_accord::{Party, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn parties() -> BTreeSet<Party> {
    BTreeSet::from([party("KOR"), party("JPN")])
}

fn position(of: &str, from: Option<u64>, until: Option<u64>) -> Position {
    Position { party: party(of), from: from.map(Timestamp), until: until.map(Timestamp) }
}

#[test]
fn no_recorded_position_is_not_in_force() {
    assert_eq!(force(&parties(), &[], NOON), Force::NotInForce);
}

#[test]
fn one_recorded_position_is_a_divergence() {
    assert_eq!(force(&parties(), &[position("KOR", Some(1), None)], NOON), Force::Divergent);
}

#[test]
fn two_recorded_positions_are_in_force() {
    let both = [position("KOR", Some(1), None), position("JPN", Some(1), None)];
    assert_eq!(force(&parties(), &both, NOON), Force::InForce);
}

#[test]
fn a_third_partys_position_counts_for_nothing() {
    let with_usa = [position("KOR", Some(1), None), position("USA", Some(1), None)];
    assert_eq!(force(&parties(), &with_usa, NOON), Force::Divergent);
}

#[test]
fn notice_given_leaves_the_agreement_in_force_until_its_end() {
    let noticed = [position("KOR", Some(1), Some(NOON.0 + 1)), position("JPN", Some(1), None)];
    assert_eq!(force(&parties(), &noticed, NOON), Force::InForce);
    assert_eq!(force(&parties(), &noticed, Timestamp(NOON.0 + 1)), Force::Divergent);
}

#[test]
fn a_notice_withdrawn_by_a_later_position_no_longer_ends_it() {
    let withdrawn = [
        position("KOR", Some(1), Some(NOON.0)),
        position("JPN", Some(1), None),
        position("KOR", Some(1), None),
    ];
    assert_eq!(force(&parties(), &withdrawn, NOON), Force::InForce);
}

#[test]
fn a_position_holds_from_its_first_moment() {
    assert!(position("KOR", Some(NOON.0), None).in_force(NOON));
    assert!(!position("KOR", Some(NOON.0 + 1), None).in_force(NOON));
}

#[test]
fn a_position_without_a_beginning_is_not_in_force() {
    assert!(!position("KOR", None, None).in_force(NOON));
}

#[test]
fn the_day_in_both_capitals_begins_at_fifteen_hours_utc() {
    // 22 November 2026, 15:00 UTC.
    let midnight = Timestamp(1_795_359_600_000);
    assert_eq!(midnight.civil_date(9), (2026, 11, 23));
    assert_eq!(Timestamp(midnight.0 - 1).civil_date(9), (2026, 11, 22));
    assert_eq!(midnight.to_string(), "2026-11-22T15:00:00.000Z");
}

#[test]
fn a_leap_day_is_a_day() {
    assert_eq!(Timestamp(1_709_164_800_000).civil_date(0), (2024, 2, 29));
    assert_eq!(Timestamp(1_709_251_200_000).civil_date(0), (2024, 3, 1));
}

#[test]
fn the_end_of_time_has_a_date() {
    assert!(Timestamp(u64::MAX).to_string().ends_with('Z'));
    assert_eq!(Timestamp(u64::MAX).plus_hours(1), Timestamp(u64::MAX));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn dates_never_run_back(early in 0_u64..4_000_000_000_000, later in 0_u64..4_000_000_000_000) {
        let (early, later) = (early.min(later), early.max(later));
        prop_assert!(Timestamp(early).civil_date(9) <= Timestamp(later).civil_date(9));
    }

    #[test]
    fn the_next_day_is_another_date(at in 0_u64..4_000_000_000_000) {
        prop_assert!(Timestamp(at).civil_date(9) < Timestamp(at).plus_hours(24).civil_date(9));
    }
}

#[test]
fn a_due_time_comes_back_from_its_words() {
    for due in [Due::Hours(24), Due::Days(30), Due::Immediately, Due::Promptly, Due::Open] {
        assert_eq!(due.to_string().parse(), Ok(due));
    }
}

#[test]
fn a_due_time_of_nothing_or_of_eleven_years_or_in_another_form_is_refused() {
    for text in ["0 hours", "4015 days", "+1 hours", "1 hour", "hours", "24", "01 days", "soon", ""] {
        assert!(text.parse::<Due>().is_err(), "{text:?}");
    }
}

#[test]
fn days_count_24_hours_and_words_count_none() {
    assert_eq!(Due::Days(30).hours(), Some(720));
    assert_eq!(Due::Immediately.hours(), None);
}

#[test]
fn every_obligation_comes_back_from_its_word() {
    for (duty, word) in Obligation::ALL {
        assert_eq!((word.parse(), duty.as_str()), (Ok(duty), word));
    }
    assert!("gifts".parse::<Obligation>().is_err());
}
