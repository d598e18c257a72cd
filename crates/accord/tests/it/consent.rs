//! What originators and holders say to each other, folded.

use crate::samples::{NOON, digest, node, party, person_id};
use attache_accord::Timestamp;
use attache_accord::act::Act;
use attache_accord::consent::{Consent, Consents, MAX_WITHDRAWN_ELSEWHERE, MAX_WORDS, Step, Unsaid};
use attache_accord::correspondence::Correspondence;
use attache_accord::particulars::Approved;

const LATER: Timestamp = Timestamp(NOON.0 + 3_600_000);

fn training() -> Approved {
    "purpose=training".parse().unwrap()
}

fn word(step: Step, to: &str) -> Consent {
    Consent { item_digest: digest(3), to: node(to), step, document: "letter 7".to_owned() }
}

fn given(until: Option<Timestamp>) -> Consent {
    word(Step::Given { what: training(), until }, "tokyo.jpn")
}

fn withdrawn(approval: u8) -> Consent {
    word(Step::Withdrawn { approval: digest(approval) }, "tokyo.jpn")
}

/// The originator's word as it stands at the holder.
fn mirrored(consent: Consent, statement: u8, signed_at: Timestamp) -> Act {
    let (party, from) = (party("KOR"), node("seoul.kor"));
    Act::ConsentMirrored { consent, party, signed_at, statement: digest(statement), notice: digest(90), from }
}

fn made(consent: Consent, statement: u8, signed_at: Timestamp) -> Act {
    Act::ConsentMade { consent, signed_at, statement: digest(statement), by: person_id("fdo-1") }
}

fn holder() -> Consents {
    let mut consents = Consents::default();
    consents.apply(NOON, &mirrored(given(Some(NOON.plus_hours(9))), 1, NOON));
    consents
}

#[test]
fn an_approval_counts_for_its_holder_and_not_for_its_giver() {
    let consents = holder();
    let [approval] = &consents.approvals(&digest(3), party("JPN"))[..] else { panic!("one approval") };
    assert!(approval.holds(party("KOR"), LATER));
    assert!(!approval.holds(party("JPN"), LATER), "another than the originator");
    assert!(!approval.holds(party("KOR"), Timestamp(NOON.0 - 1)), "approval comes beforehand");
    assert!(!approval.holds(party("KOR"), NOON.plus_hours(9)), "it lapses");
    assert_eq!(consents.approvals(&digest(3), party("KOR")), []);
    assert_eq!(consents.approvals(&digest(4), party("JPN")), [], "another item");
}

#[test]
fn a_withdrawn_approval_stands_with_its_end_and_is_withdrawn_once() {
    let mut consents = holder();
    let (theirs, from) = (party("KOR"), node("seoul.kor"));
    assert_eq!(consents.admits(&withdrawn(1), theirs, &from), Ok(()));
    assert_eq!(consents.admits(&withdrawn(2), theirs, &from), Err(Unsaid::NoApproval));
    assert_eq!(consents.admits(&withdrawn(1), party("USA"), &from), Err(Unsaid::NoApproval), "another giver");
    assert_eq!(consents.admits(&withdrawn(1), theirs, &node("busan.kor")), Err(Unsaid::NoApproval));
    // Signed on a clock that is ahead, it counts from the moment that it is here.
    consents.apply(LATER, &mirrored(withdrawn(1), 2, NOON.plus_hours(5)));
    let approval = consents.approvals(&digest(3), party("JPN")).remove(0);
    assert_eq!(approval.until, Some(LATER));
    assert!(!approval.holds(theirs, LATER));
    assert_eq!(consents.admits(&withdrawn(1), theirs, &from), Err(Unsaid::NoApproval));
}

#[test]
fn a_request_is_declined_by_the_other_side_and_once() {
    let mut consents = Consents::default();
    let founded = Act::Founded {
        node: node("seoul.kor"),
        party: party("KOR"),
        network: "demo".parse().unwrap(),
        agreement: "gsomia-2016".to_owned(),
        pack: digest(2),
        log_origin: "log.example/seoul".to_owned(),
    };
    consents.apply(NOON, &founded);
    let asked = Consent { to: node("seoul.kor"), ..word(Step::Asked { what: training() }, "seoul.kor") };
    let (party_jpn, tokyo) = (party("JPN"), node("tokyo.jpn"));
    assert_eq!(consents.admits(&asked, party_jpn, &tokyo), Ok(()));
    let (statement, notice, from) = (digest(5), digest(91), tokyo.clone());
    let act =
        Act::ConsentMirrored { consent: asked, party: party_jpn, signed_at: NOON, statement, notice, from };
    consents.apply(NOON, &act);
    let declined = word(Step::Declined { request: digest(5) }, "tokyo.jpn");
    assert_eq!(consents.admits(&declined, party_jpn, &tokyo), Err(Unsaid::NoRequest), "one's own");
    assert_eq!(consents.admits(&declined, party("KOR"), &tokyo), Ok(()));
    consents.apply(LATER, &made(declined.clone(), 6, LATER));
    assert_eq!(consents.get(&digest(5)).unwrap().ended, Some(LATER));
    assert_eq!(consents.admits(&declined, party("KOR"), &tokyo), Err(Unsaid::NoRequest));
    assert_eq!(consents.approvals(&digest(3), party_jpn), [], "to ask approves nothing");
}

#[test]
fn a_party_says_no_more_than_so_much_about_an_item_but_can_always_withdraw() {
    let mut consents = Consents::default();
    let (theirs, from) = (party("KOR"), node("seoul.kor"));
    for number in 0..MAX_WORDS {
        assert_eq!(consents.admits(&given(None), theirs, &from), Ok(()), "{number}");
        consents.apply(NOON, &mirrored(given(None), number as u8, NOON));
    }
    assert_eq!(consents.admits(&given(None), theirs, &from), Err(Unsaid::TooMany));
    assert_eq!(consents.admits(&given(None), party("JPN"), &from), Ok(()), "the other side has its own room");
    assert_eq!(consents.admits(&withdrawn(0), theirs, &from), Ok(()));
}

/// A withdrawal of an approval that another node was given.
fn elsewhere(item: u8, by: &str, from: &str) -> Act {
    let mut act = mirrored(Consent { item_digest: digest(item), ..withdrawn(1) }, 2, NOON);
    if let Act::ConsentMirrored { party: party_of, from: brings, .. } = &mut act {
        (*party_of, *brings) = (party(by), node(from));
    }
    act
}

#[test]
fn nobody_fills_an_originators_room_to_withdraw_or_withdraws_for_it() {
    let mut consents = Consents::default();
    let (kor, seoul, hub) = (party("KOR"), node("seoul.kor"), node("washington.usa"));
    let is_withdrawn =
        |consents: &Consents| consents.is_withdrawn(&digest(3), &digest(1), kor, &node("seoul.kor"));
    for _ in 0..MAX_WORDS {
        assert!(consents.has_room_elsewhere(&digest(3), party("USA"), &hub));
        consents.apply(NOON, &elsewhere(3, "USA", "washington.usa"));
    }
    assert!(!consents.has_room_elsewhere(&digest(3), party("USA"), &hub));
    assert!(consents.has_room_elsewhere(&digest(3), kor, &seoul));
    consents.apply(NOON, &elsewhere(3, "KOR", "busan.kor"));
    assert!(!is_withdrawn(&consents), "not by its giver's node");
    consents.apply(NOON, &elsewhere(3, "KOR", "seoul.kor"));
    assert!(is_withdrawn(&consents));

    for number in MAX_WORDS as u64..MAX_WITHDRAWN_ELSEWHERE {
        consents.apply(NOON, &elsewhere((100 + number % 100) as u8, "USA", "washington.usa"));
    }
    assert!(!consents.has_room_elsewhere(&digest(4), party("USA"), &hub), "about items that never come");
    assert!(consents.has_room_elsewhere(&digest(4), kor, &seoul));
}

#[test]
fn what_is_signed_for_a_node_is_owed_to_it_until_it_has_it() {
    let mut correspondence = Correspondence::default();
    correspondence.apply(NOON, &made(given(None), 1, NOON));
    correspondence.apply(NOON, &made(withdrawn(1), 2, NOON));
    correspondence.apply(NOON, &mirrored(given(None), 3, NOON));
    let (tokyo, seoul) = (node("tokyo.jpn"), node("seoul.kor"));
    assert_eq!(correspondence.owed_to(&tokyo), [digest(1), digest(2)]);
    assert_eq!(correspondence.owed_to(&seoul), [], "what came is not owed back");
    correspondence.apply(NOON, &Act::StatementDelivered { statement: digest(1), to: seoul });
    assert_eq!(correspondence.owed_to(&tokyo).len(), 2, "delivered elsewhere");
    correspondence.apply(NOON, &Act::StatementDelivered { statement: digest(1), to: tokyo.clone() });
    assert_eq!(correspondence.owed_to(&tokyo), [digest(2)]);
}

#[test]
fn what_is_approved_is_typed_and_shown_alike() {
    for text in ["third-party=USA", "purpose=training", "downgrade=KOR:III"] {
        assert_eq!(text.parse::<Approved>().unwrap().to_string(), text);
    }
    for text in ["", "third-party", "third-party=usa", "purpose=", "downgrade=III", "other=1"] {
        assert!(text.parse::<Approved>().is_err(), "{text}");
    }
}
