//! Copies that are numbered and accounted for, and destruction by two people, folded.

use crate::samples::{NOON, destruction, digest, dispatch, item, node, person_id};
use attache_accord::act::Act;
use attache_accord::correspondence::Correspondence;
use attache_accord::destruction::{
    CERTIFICATE_OVERDUE, Destroyed, Destruction, Destructions, MAX_STATEMENTS, Unwitnessed,
};
use attache_accord::handling::{Fate, Handling, Holding, Holdings};
use proptest::prelude::*;

fn copied(number: u32) -> Act {
    let handling = Handling::Copied { number, keeper: person_id("desk-1") };
    Act::Handled { item: item(1), handling, question: digest(23), by: person_id("desk-1") }
}

fn returned(number: u32) -> Act {
    Act::CopyReturned { item: item(1), number, by: person_id("registrar-1") }
}

fn first(copy: Option<u32>) -> Destruction {
    let Destruction { what, .. } = destruction();
    Destruction { what: Destroyed { copy, ..what }, first: None, ..destruction() }
}

fn second(copy: Option<u32>, named: u8) -> Destruction {
    Destruction { first: Some(digest(named)), ..first(copy) }
}

fn signed(destruction: Destruction, statement: u8, by: &str) -> Act {
    Act::DestructionSigned { item: item(1), destruction, statement: digest(statement), by: person_id(by) }
}

fn after(acts: &[Act]) -> Holding {
    let mut holdings = Holdings::default();
    acts.iter().for_each(|act| holdings.apply(NOON, act));
    holdings.of(&item(1))
}

#[test]
fn each_copy_has_a_number_and_what_became_of_it() {
    let acts = [
        copied(1),
        copied(2),
        copied(3),
        returned(2),
        signed(first(Some(3)), 1, "desk-1"),
        signed(second(Some(3), 1), 2, "registrar-1"),
    ];
    let holding = after(&acts);
    let fates: Vec<Fate> = holding.copies.iter().map(|copy| copy.fate).collect();
    assert_eq!(fates, [Fate::Out, Fate::Returned(NOON), Fate::Destroyed(NOON)]);
    assert_eq!((holding.next_number(), holding.out().count()), (4, 1));
    assert_eq!(after(&acts[..5]).copy(3).unwrap().fate, Fate::Out, "one signature destroys nothing");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_copies_always_balance(steps in proptest::collection::vec((0_u8..4, 0_u32..6), 0..40)) {
        let act = |(what, number): &(u8, u32)| match what {
            0 => copied(*number),
            1 => returned(*number),
            2 => signed(first(Some(*number)), 1, "desk-1"),
            _ => signed(second(Some(*number), 1), 2, "registrar-1"),
        };
        let acts: Vec<Act> = steps.iter().map(act).collect();
        let holding = after(&acts);
        let count = |wanted: &str| holding.copies.iter().filter(|copy| copy.fate.as_str() == wanted).count();
        prop_assert_eq!(count("out") + count("returned") + count("destroyed"), holding.copies.len());
        let numbers: Vec<u32> = holding.copies.iter().map(|copy| copy.number).collect();
        prop_assert_eq!(numbers, (1..holding.next_number()).collect::<Vec<_>>());
    }
}

#[test]
fn two_people_sign_the_same_one_after_the_other() {
    let mut destructions = Destructions::default();
    let (desk, registrar) = (person_id("desk-1"), person_id("registrar-1"));
    assert_eq!(
        destructions.admits(&second(None, 1), &registrar),
        Err(Unwitnessed::First),
        "nobody signed first"
    );
    assert_eq!(destructions.admits(&first(None), &desk), Ok(()));
    destructions.apply(NOON, &signed(first(None), 1, "desk-1"));
    assert_eq!(destructions.admits(&second(None, 1), &desk), Err(Unwitnessed::SamePerson));
    assert_eq!(
        destructions.admits(&second(None, 2), &registrar),
        Err(Unwitnessed::First),
        "another statement"
    );
    let other = Destruction { means: "burned".to_owned(), ..second(None, 1) };
    assert_eq!(destructions.admits(&other, &registrar), Err(Unwitnessed::First), "other words");
    assert_eq!(
        destructions.admits(&second(Some(1), 1), &registrar),
        Err(Unwitnessed::First),
        "a copy is not the item"
    );
    assert_eq!(destructions.admits(&second(None, 1), &registrar), Ok(()));
    // A mistake in the first is signed anew.
    destructions.apply(NOON, &signed(Destruction { means: "pulped".to_owned(), ..first(None) }, 3, "desk-1"));
    assert_eq!(destructions.admits(&second(None, 1), &registrar), Err(Unwitnessed::First));
    destructions.apply(NOON, &signed(first(None), 4, "desk-1"));
    destructions.apply(NOON, &signed(second(None, 4), 5, "registrar-1"));
    assert_eq!(destructions.admits(&second(None, 4), &registrar), Err(Unwitnessed::Done));
    assert_eq!(destructions.admits(&first(None), &desk), Err(Unwitnessed::Done));
    let (one, two) = destructions.of(&first(None).what).unwrap();
    assert_eq!((one.statement, two.unwrap().statement), (digest(4), digest(5)));
    assert!(
        destructions.has(&first(None).what, &digest(5)) && !destructions.has(&first(None).what, &digest(3))
    );
}

#[test]
fn a_partner_signs_no_more_than_so_many_statements_about_one_item() {
    let mut destructions = Destructions::default();
    for number in 0..MAX_STATEMENTS {
        let act = Act::DestructionMirrored {
            destruction: first(Some(number as u32)),
            signer: person_id("desk-1"),
            statement: digest(number as u8),
            notice: digest(90),
            from: node("tokyo.jpn"),
        };
        destructions.apply(NOON, &act);
    }
    let desk = person_id("desk-1");
    assert_eq!(destructions.admits(&first(None), &desk), Err(Unwitnessed::TooMany));
    let elsewhere = Destroyed { dispatch: Some(dispatch(9)), ..first(None).what };
    assert_eq!(destructions.admits(&Destruction { what: elsewhere, ..first(None) }, &desk), Ok(()));
}

#[test]
fn a_certificate_goes_to_the_originator_and_that_of_an_own_item_nowhere() {
    let mut correspondence = Correspondence::default();
    correspondence.apply(NOON, &signed(first(None), 1, "desk-1"));
    correspondence.apply(NOON, &signed(Destruction { to: None, ..first(None) }, 2, "desk-1"));
    assert_eq!(correspondence.owed_to(&node("seoul.kor")), [digest(1)]);
}

#[test]
fn a_certificate_that_the_originator_does_not_have_in_time_is_late_once() {
    let overdue = |acts: &[Act], hours: u64| {
        let mut destructions = Destructions::default();
        acts.iter().for_each(|act| destructions.apply(NOON, act));
        destructions.overdue(720, NOON.plus_hours(hours)).collect::<Vec<_>>()
    };
    let dispatch = destruction().what.dispatch.unwrap();
    let delivered =
        |statement: u8| Act::StatementDelivered { statement: digest(statement), to: node("seoul.kor") };
    let (one, two) = (signed(first(None), 1, "desk-1"), signed(second(None, 1), 2, "registrar-1"));
    assert!(overdue(std::slice::from_ref(&one), 9_999).is_empty(), "nothing is destroyed by one signature");
    let both = [one.clone(), two.clone()];
    assert!(overdue(&both, 719).is_empty());
    assert_eq!(overdue(&both, 720), [dispatch]);
    // One half may be there before the other is signed.
    let half = [one.clone(), delivered(1), two.clone()];
    assert_eq!(overdue(&half, 720), [dispatch]);
    assert!(overdue(&[one.clone(), delivered(1), two.clone(), delivered(2)], 720).is_empty());
    assert!(overdue(&[one.clone(), two.clone(), delivered(2), delivered(1)], 720).is_empty());
    let raised = Act::IncidentRaised { code: CERTIFICATE_OVERDUE.to_owned(), dispatch: Some(dispatch) };
    assert!(overdue(&[one, two, raised], 9_999).is_empty());
    let own = |destruction: Destruction| Destruction { to: None, ..destruction };
    let own = [signed(own(first(None)), 1, "desk-1"), signed(own(second(None, 1)), 2, "registrar-1")];
    assert!(overdue(&own, 9_999).is_empty(), "that of an own item goes nowhere");
}

#[test]
fn what_says_too_much_or_nothing_is_no_destruction() {
    assert!(destruction().check().is_ok());
    for means in ["", "  ", "burned\nand pulped", &"x".repeat(129)] {
        assert!(Destruction { means: means.to_owned(), ..destruction() }.check().is_err(), "{means:?}");
    }
    assert!(Destruction { document: String::new(), ..destruction() }.check().is_err());
}
