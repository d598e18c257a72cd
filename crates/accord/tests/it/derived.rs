//! A derivative on record: what is in it, and to whom it may go only with each originator's word.

use crate::samples::{NOON, digest, dispatch, item, level, marking, node, party, person_id};
use attache_accord::act::{Act, ENTRY_VERSION, Entry};
use attache_accord::consent::{Consent, Step};
use attache_accord::derivative::Contained;
use attache_accord::particulars::Contractor;
use attache_accord::people::Person;
use attache_accord::view::{Ask, Unknown, View};
use attache_accord::{Digest, ItemId, Timestamp};

fn apply(view: &mut View, acts: impl IntoIterator<Item = Act>) {
    for act in acts {
        view.apply(&Entry { version: ENTRY_VERSION, at: NOON, act });
    }
}

fn of_korea() -> Contained {
    Contained::from([(party("KOR"), [level("KOR:II")].into())])
}

fn made(n: u8, from: ItemId) -> Vec<Act> {
    let by = person_id("analyst-1");
    let added = Act::ItemAdded {
        item: item(n),
        size: 10,
        item_digest: digest(n),
        manifest: digest(90),
        title: digest(91),
        extract_of: None,
        by: by.clone(),
    };
    let derived = Act::ItemDerived { item: item(n), sources: vec![from], contains: of_korea() };
    let marked = Act::ItemMarked {
        item: item(n),
        marking: marking("USA:SECRET"),
        label: digest(92),
        manifest: digest(93),
        by,
    };
    vec![added, derived, marked]
}

/// The hub's node: what Seoul sent is in a derivative, and that is in another.
fn hub() -> View {
    let mut view = View::new(9);
    let peer = |at: &str, of: &str| Act::PeerAdded {
        node: node(at),
        party: party(of),
        card: digest(4),
        by: person_id("admin-1"),
    };
    let member = Person {
        id: person_id("fdo-1"),
        party: party("USA"),
        roles: Default::default(),
        clearance: None,
        duties: Default::default(),
    };
    apply(
        &mut view,
        [
            Act::Founded {
                node: node("hub.usa"),
                party: party("USA"),
                network: "demo".parse().unwrap(),
                agreement: "tisa-2014".to_owned(),
                pack: digest(2),
                log_origin: "log.example/hub".to_owned(),
            },
            Act::PersonEnrolled { person: member, verifying: vec![1].into(), by: None },
            peer("tokyo.jpn", "JPN"),
            peer("seoul.kor", "KOR"),
            Act::ArrivalVerified {
                dispatch: dispatch(1),
                from: node("seoul.kor"),
                package: digest(5),
                item_digest: digest(1),
                size: 10,
                manifest: digest(6),
                marking: marking("KOR:II"),
                label: digest(7),
            },
            Act::Admitted {
                dispatch: dispatch(1),
                item: item(1),
                own_level: level("USA:SECRET"),
                admission: digest(8),
                by: person_id("fdo-1"),
            },
        ],
    );
    apply(&mut view, made(2, item(1)));
    apply(&mut view, made(3, item(2)));
    view
}

fn to(view: &View, what: ItemId, recipient: &str) -> Result<(), Unknown> {
    let ask = Ask::Request { item: what, recipient: node(recipient) };
    view.question(&person_id("fdo-1"), &ask, NOON).map(|_| ())
}

fn unconsented(item: ItemId, what: &str) -> Unknown {
    Unknown::Unconsented { item, originator: party("KOR"), what: what.parse().unwrap() }
}

fn given_to(view: &View, what: ItemId, of: &str) -> Result<(), Unknown> {
    let contractor = Contractor {
        facility: "plant-3".parse().unwrap(),
        party: party(of),
        cleared: None,
        inspected_until: None,
        responsible: None,
        is_staff_registered: true,
    };
    let ask = Ask::GiveToContractor { item: what, contractor };
    view.question(&person_id("fdo-1"), &ask, NOON).map(|_| ())
}

fn used(view: &View, what: ItemId, purpose: &str) -> Result<(), Unknown> {
    let ask = Ask::OtherPurpose { item: what, purpose: purpose.parse().unwrap() };
    view.question(&person_id("fdo-1"), &ask, NOON).map(|_| ())
}

fn said(step: Step, about: Digest, statement: u8) -> Act {
    Act::ConsentMirrored {
        consent: Consent { item_digest: about, to: node("hub.usa"), step, document: "letter 7".to_owned() },
        party: party("KOR"),
        signed_at: Timestamp(0),
        statement: digest(statement),
        notice: digest(95),
        from: node("seoul.kor"),
    }
}

#[test]
fn what_contains_anothers_information_goes_on_only_with_that_ones_word() {
    let mut view = hub();
    let given = |what: &str| Step::Given { what: what.parse().unwrap(), until: None };
    let missing = |it| Err(unconsented(it, "third-party=JPN"));
    for it in [item(2), item(3)] {
        assert_eq!(to(&view, it, "tokyo.jpn"), missing(it), "directly, or through another derivative");
        assert_eq!(to(&view, it, "seoul.kor"), Ok(()), "its originator has it already");
    }
    apply(
        &mut view,
        [
            said(given("third-party=JPN"), digest(3), 10),
            said(given("third-party=GBR"), digest(1), 11),
            said(given("purpose=training"), digest(1), 12),
        ],
    );
    assert_eq!(
        to(&view, item(3), "tokyo.jpn"),
        missing(item(3)),
        "of another item, for another, of another thing"
    );
    apply(&mut view, [said(given("third-party=JPN"), digest(1), 13)]);
    assert_eq!(to(&view, item(3), "tokyo.jpn"), Ok(()));
    apply(&mut view, [said(Step::Withdrawn { approval: digest(13) }, digest(1), 14)]);
    assert_eq!(to(&view, item(3), "tokyo.jpn"), missing(item(3)), "withdrawn");
}

#[test]
fn no_contractor_of_another_party_and_no_other_purpose_without_the_word_of_whose_it_is() {
    let mut view = hub();
    let given = |what: &str| Step::Given { what: what.parse().unwrap(), until: None };
    for it in [item(2), item(3)] {
        for of in ["JPN", "GBR", "KOR"] {
            assert_eq!(given_to(&view, it, of), Err(unconsented(it, &format!("third-party={of}"))));
        }
        assert_eq!(given_to(&view, it, "USA"), Ok(()), "the holder's own contractor is no third party");
        assert_eq!(used(&view, it, "training"), Err(unconsented(it, "purpose=training")));
    }
    apply(&mut view, [said(given("third-party=JPN"), digest(1), 10)]);
    assert_eq!(given_to(&view, item(3), "JPN"), Ok(()));
    assert_eq!(used(&view, item(3), "training"), Err(unconsented(item(3), "purpose=training")));
    apply(&mut view, [said(given("purpose=training"), digest(1), 11)]);
    assert_eq!(used(&view, item(3), "training"), Ok(()));
    assert_eq!(used(&view, item(3), "inquiry"), Err(unconsented(item(3), "purpose=inquiry")));
    apply(&mut view, [said(Step::Withdrawn { approval: digest(11) }, digest(1), 12)]);
    assert_eq!(used(&view, item(3), "training"), Err(unconsented(item(3), "purpose=training")), "withdrawn");
}

#[test]
fn a_derivative_keeps_whose_items_are_in_it_and_is_no_draft_any_more() {
    let mut view = hub();
    let origins = |view: &View| view.item(&item(3)).unwrap().derived.clone().unwrap().origins;
    assert_eq!(origins(&view), [(digest(1), party("KOR"))].into());
    let late = Act::ItemDerived { item: item(3), sources: vec![], contains: Contained::new() };
    apply(&mut view, [late]);
    assert_eq!(origins(&view).len(), 1, "what is marked stays as it is");
    assert_eq!(view.item(&item(2)).unwrap().derived.as_ref().unwrap().contains, of_korea());
}
