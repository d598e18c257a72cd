//! What an oversight body may see, and when no longer.

use crate::samples::{digest, mandate, person_id};
use attache_accord::CivilDay;
use attache_accord::act::Act;
use attache_accord::mandate::{Mandate, Mandates, Outside, Uncosigned};

fn day(text: &str) -> CivilDay {
    text.parse().unwrap()
}

/// The mandates after these acts, of which the first is entry 7.
fn folded(acts: &[Act]) -> Mandates {
    let mut mandates = Mandates::default();
    (7..).zip(acts).for_each(|(index, act)| mandates.apply(index, act));
    mandates
}

fn given() -> Act {
    Act::MandateGiven { mandate: mandate(), statement: digest(1), by: person_id("office-1") }
}

fn ended() -> Act {
    Act::MandateEnded { mandate: digest(1), statement: digest(2), by: person_id("office-1") }
}

fn asked(mandates: &Mandates, inspector: &str, from: &str, until: &str) -> Result<(), Outside> {
    mandates.get(&digest(1)).unwrap().reaches(&person_id(inspector), day(from), day(until))
}

#[test]
fn a_mandate_reaches_its_days_and_no_day_more() {
    let mandates = folded(&[given()]);
    for (from, until, reached) in [
        ("2026-01-01", "2026-12-31", Ok(())),
        ("2026-06-01", "2026-06-01", Ok(())),
        ("2025-12-31", "2026-12-31", Err(Outside::Period)),
        ("2026-01-01", "2027-01-01", Err(Outside::Period)),
        ("2026-06-02", "2026-06-01", Err(Outside::Period)),
    ] {
        assert_eq!(asked(&mandates, "inspector-1", from, until), reached, "{from} {until}");
    }
}

#[test]
fn a_mandate_is_for_those_whom_it_names() {
    let mandates = folded(&[given()]);
    assert_eq!(asked(&mandates, "inspector-2", "2026-01-01", "2026-01-31"), Ok(()));
    assert_eq!(asked(&mandates, "inspector-3", "2026-01-01", "2026-01-31"), Err(Outside::Inspector));
}

#[test]
fn a_mandate_that_has_ended_reaches_nothing_and_stays_on_record() {
    let mandates = folded(&[given(), ended(), ended()]);
    assert_eq!(asked(&mandates, "inspector-1", "2026-01-01", "2026-01-31"), Err(Outside::Ended));
    let kept = mandates.get(&digest(1)).unwrap();
    assert_eq!((kept.index, kept.ended), (7, Some(8)));
}

#[test]
fn a_mandate_given_twice_under_one_statement_does_not_begin_again() {
    let mandates = folded(&[given(), ended(), given()]);
    assert_eq!(mandates.iter().count(), 1);
    assert_eq!(asked(&mandates, "inspector-1", "2026-01-01", "2026-01-31"), Err(Outside::Ended));
}

#[test]
fn no_mandate_opens_what_commits_to_the_whole_act() {
    let wrong = Mandate { fields: (0..16).collect(), ..mandate() };
    assert!(wrong.check().unwrap_err().to_string().contains("field 15"));
}

#[test]
fn a_mandate_without_the_act_or_the_day_could_show_nothing_complete() {
    for without in [0, 6] {
        let fields = (0..15).filter(|field| *field != without).collect();
        assert!(Mandate { fields, ..mandate() }.check().is_err(), "{without}");
    }
    assert_eq!(Mandate { fields: [0, 6].into(), ..mandate() }.check(), Ok(()));
}

#[test]
fn a_mandate_says_for_whom_from_when_to_when_and_on_what_it_rests() {
    let nobody = Mandate { inspectors: Default::default(), ..mandate() };
    let many = (0..17).map(|n| person_id(&format!("inspector-{n}"))).collect();
    let crowd = Mandate { inspectors: many, ..mandate() };
    let backwards = Mandate { until: day("2025-12-31"), ..mandate() };
    let baseless = Mandate { basis: " ".to_owned(), ..mandate() };
    let nameless = Mandate { body: String::new(), ..mandate() };
    let odd = Mandate { body_ja: Some("a\nb".to_owned()), ..mandate() };
    assert_eq!(mandate().check(), Ok(()));
    for wrong in [nobody, crowd, backwards, baseless, nameless, odd] {
        assert!(wrong.check().is_err(), "{wrong:?}");
    }
}

fn made(report: u8, public: Option<u8>) -> Act {
    Act::ReportMade {
        mandate: digest(1),
        from: day("2026-01-01"),
        until: day("2026-01-31"),
        report: digest(report),
        public: public.map(digest),
        by: person_id("inspector-1"),
    }
}

fn cosigned(report: u8, by: &str) -> Act {
    Act::ReportCosigned {
        report: digest(report),
        public: digest(report + 1),
        statement: digest(50),
        notice: digest(51),
        by: person_id(by),
    }
}

#[test]
fn those_whom_a_mandate_names_cosign_its_reports_for_the_public_each_of_them_once() {
    let asked = |mandates: &Mandates, public: u8, by: &str| {
        mandates.cosignable(&digest(public), &person_id(by)).copied()
    };
    let mandates = folded(&[given(), made(10, Some(11)), made(20, None)]);
    assert_eq!(asked(&mandates, 11, "inspector-1"), Ok(digest(10)));
    assert_eq!(asked(&mandates, 21, "inspector-1"), Err(Uncosigned::Unknown));
    assert_eq!(asked(&mandates, 11, "inspector-3"), Err(Uncosigned::Unknown));
    let mandates = folded(&[given(), made(10, Some(11)), cosigned(10, "inspector-1")]);
    assert_eq!(asked(&mandates, 11, "inspector-1"), Err(Uncosigned::Twice));
    assert_eq!(asked(&mandates, 11, "inspector-2"), Ok(digest(10)));
    let mandates = folded(&[given(), made(10, Some(11)), ended()]);
    assert_eq!(asked(&mandates, 11, "inspector-1"), Err(Uncosigned::Ended));
}

#[test]
fn reports_for_the_public_stand_newest_first_with_those_who_cosigned_them() {
    let mandates = folded(&[
        given(),
        made(30, Some(31)),
        made(10, Some(11)),
        made(20, None),
        cosigned(30, "inspector-2"),
    ]);
    let told: Vec<_> =
        mandates.public().map(|(report, made)| (*report, made.index, made.cosigned.len())).collect();
    assert_eq!(told, [(digest(10), 9, 0), (digest(30), 8, 1)]);
}
