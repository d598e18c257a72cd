//! Passages as each of the three nodes folds them.

use crate::samples::{NOON, case, digest, dispatch, hop, item, level, marking, node, party, person_id};
use attache_accord::act::{Act, Answer, ENTRY_VERSION, Entry};
use attache_accord::consent::{Consent, Step};
use attache_accord::control::{Answerer, Control, Recall, Taken};
use attache_accord::particulars::Approved;
use attache_accord::passage::{Fate, Hop, PASSAGE_OVERDUE, Standing};
use attache_accord::view::{Ask, Unknown, View};
use attache_accord::{Network, NodeName, Timestamp};

const DAY: u64 = 24;

fn apply(view: &mut View, at: Timestamp, acts: impl IntoIterator<Item = Act>) {
    for act in acts {
        view.apply(&Entry { version: ENTRY_VERSION, at, act });
    }
}

fn founded(at: &str, of: &str, peers: &[(&str, &str)]) -> View {
    let mut view = View::new(9);
    let founded = Act::Founded {
        node: node(at),
        party: party(of),
        network: Network::Exercise,
        agreement: "tisa-2014".to_owned(),
        pack: digest(1),
        log_origin: at.to_owned(),
    };
    let peer = |(at, of): &(&str, &str)| Act::PeerAdded {
        node: node(at),
        party: party(of),
        card: digest(4),
        by: person_id("admin-1"),
    };
    apply(&mut view, NOON, std::iter::once(founded).chain(peers.iter().map(peer)));
    view
}

fn enrolled(view: &mut View) {
    let Some(enrolled) =
        crate::samples::every_act().into_iter().find(|act| matches!(act, Act::PersonEnrolled { .. }))
    else {
        panic!("a sample")
    };
    apply(view, NOON, [enrolled]);
}

fn arrived() -> [Act; 2] {
    [
        Act::ArrivalVerified {
            dispatch: dispatch(3),
            from: node("seoul.kor"),
            package: digest(8),
            item_digest: digest(5),
            size: 10,
            manifest: digest(6),
            marking: marking("KOR:II"),
            label: digest(7),
        },
        Act::Admitted {
            dispatch: dispatch(3),
            item: item(1),
            own_level: level("USA:SECRET"),
            admission: digest(9),
            by: person_id("desk-1"),
        },
    ]
}

fn requested(n: u8) -> Act {
    Act::ReleaseRequested {
        case: case(n),
        item: item(1),
        recipient: node("tokyo.jpn"),
        request: digest(20),
        by: person_id("analyst-1"),
    }
}

fn decided(n: u8, answer: Answer) -> Act {
    Act::ReleaseDecided { case: case(n), answer, decision: digest(21), by: person_id("fdo-1") }
}

fn owed() -> [Act; 2] {
    [
        Act::DispatchOwed {
            dispatch: dispatch(4),
            case: case(2),
            item: item(1),
            recipient: node("tokyo.jpn"),
            package: digest(22),
            manifest: digest(23),
            due: NOON.plus_hours(DAY),
        },
        Act::PassageOwed {
            case: case(2),
            dispatch: dispatch(4),
            origin: dispatch(3),
            consent: digest(35),
            basis: String::new(),
        },
    ]
}

fn hub() -> View {
    let mut view = founded("washington.usa", "USA", &[("seoul.kor", "KOR"), ("tokyo.jpn", "JPN")]);
    enrolled(&mut view);
    apply(&mut view, NOON, arrived());
    view
}

fn to_tell(view: &View) -> Vec<Standing> {
    view.hops_owed().map(|(_, _, standing)| standing).collect()
}

fn told(fate: Fate) -> Act {
    Act::PassageTold { hop: Hop { fate, ..hop() }, to: node("seoul.kor"), statement: digest(37) }
}

#[test]
fn the_hub_owes_the_originator_a_word_at_each_change_and_none_after_the_last() {
    let mut view = hub();
    apply(&mut view, NOON, [requested(2), decided(2, Answer::Approve)]);
    assert_eq!(to_tell(&view), []);
    apply(&mut view, NOON, owed());
    assert_eq!(to_tell(&view), [Standing::Begun]);
    apply(&mut view, NOON, [told(Fate::Begun { due: NOON.plus_hours(DAY) })]);
    assert_eq!(to_tell(&view), []);
    assert_eq!(view.correspondence.owed_to(&node("seoul.kor")), [digest(37)]);
    let late = Act::IncidentRaised { code: "I-001".to_owned(), dispatch: Some(dispatch(4)) };
    apply(&mut view, NOON, [late]);
    assert_eq!(to_tell(&view), [Standing::Overdue]);
    apply(&mut view, NOON, [told(Fate::Overdue {})]);
    let receipt =
        Act::ReceiptKept { dispatch: dispatch(4), receipt: digest(11), admitted: true, proof_due: NOON };
    apply(&mut view, NOON, [receipt]);
    assert_eq!(to_tell(&view), [Standing::Receipted]);
    apply(&mut view, NOON, [told(hop().fate)]);
    assert_eq!(to_tell(&view), []);
    assert_eq!(view.passages.open().count(), 0);
}

#[test]
fn the_hub_tells_also_what_its_people_decide_against() {
    let mut view = hub();
    apply(&mut view, NOON, [requested(2), decided(2, Answer::Refuse)]);
    assert_eq!(to_tell(&view), [Standing::Refused]);
}

#[test]
fn a_received_item_goes_on_to_nobody_who_has_it_and_no_further_than_through_one_hub() {
    let mut view = hub();
    let ask = |to: &str| Ask::Request { item: item(1), recipient: node(to) };
    let by = view.roll.iter().next().unwrap().person.id.clone();
    assert!(view.question(&by, &ask("tokyo.jpn"), NOON).is_ok());
    apply(&mut view, NOON, [requested(2), decided(2, Answer::Approve)]);
    assert!(view.question(&by, &Ask::Release { case: case(2) }, NOON).is_ok());
    apply(&mut view, NOON, owed());
    let has_it = Err(Unknown::HasIt { item: item(1), party: party("JPN") });
    assert_eq!(view.question(&by, &ask("tokyo.jpn"), NOON), has_it);
    assert!(view.question(&by, &Ask::Dispatch { dispatch: dispatch(4) }, NOON).is_ok(), "its own dispatch");
    assert!(view.question(&by, &ask("seoul.kor"), NOON).is_ok(), "its originator is the floor's cause");
    let declined = Act::DispatchDeclined { dispatch: dispatch(4), code: "C-029".to_owned() };
    apply(&mut view, NOON, [declined]);
    assert!(view.question(&by, &ask("tokyo.jpn"), NOON).is_ok(), "what was declined is not there");

    let mut view = founded("washington.usa", "USA", &[("seoul.kor", "KOR"), ("tokyo.jpn", "JPN")]);
    enrolled(&mut view);
    let mut controlled = arrived();
    if let Act::ArrivalVerified { marking, .. } = &mut controlled[0] {
        marking.control = Some(Control { answerer: Answerer::Rule, until: None });
    }
    apply(&mut view, NOON, controlled);
    assert_eq!(view.question(&by, &ask("tokyo.jpn"), NOON), Err(Unknown::KeptShare(item(1))));

    let mut view = hub();
    let Some(verified) =
        crate::samples::every_act().into_iter().find(|act| matches!(act, Act::PassageVerified { .. }))
    else {
        panic!("a sample")
    };
    let Act::PassageVerified { origin, package, consent, notice, receipt, level, basis, .. } = verified
    else {
        panic!("a sample")
    };
    let dispatch = dispatch(3);
    let came = Act::PassageVerified { dispatch, origin, package, consent, notice, receipt, level, basis };
    apply(&mut view, NOON, [came]);
    assert_eq!(view.question(&by, &ask("tokyo.jpn"), NOON), Err(Unknown::PassedOn(item(1))));
}

fn given(until: Option<Timestamp>) -> Act {
    let step = Step::Given { what: Approved::ThirdParty(party("JPN")), until };
    let consent =
        Consent { item_digest: digest(5), to: node("washington.usa"), step, document: "letter 7".to_owned() };
    Act::ConsentMade { consent, signed_at: NOON, statement: digest(35), by: person_id("fdo-1") }
}

fn withdrawn() -> Act {
    let step = Step::Withdrawn { approval: digest(35) };
    let consent =
        Consent { item_digest: digest(5), to: node("washington.usa"), step, document: "letter 8".to_owned() };
    Act::ConsentMade { consent, signed_at: NOON, statement: digest(40), by: person_id("fdo-1") }
}

fn mirrored(fate: Fate) -> Act {
    Act::PassageMirrored {
        hop: Hop { fate, ..hop() },
        statement: digest(37),
        notice: digest(38),
        from: node("washington.usa"),
        basis: String::new(),
    }
}

/// Seoul, which sent the hub an item.
fn giver() -> View {
    let mut view = founded("seoul.kor", "KOR", &[("washington.usa", "USA"), ("tokyo.jpn", "JPN")]);
    let sent = Act::DispatchOwed {
        dispatch: dispatch(3),
        case: case(1),
        item: item(1),
        recipient: node("washington.usa"),
        package: digest(8),
        manifest: digest(6),
        due: NOON,
    };
    let added = Act::ItemAdded {
        item: item(1),
        size: 10,
        item_digest: digest(5),
        manifest: digest(6),
        title: digest(91),
        extract_of: None,
        by: person_id("analyst-1"),
    };
    let asked = Act::ReleaseRequested {
        case: case(1),
        item: item(1),
        recipient: node("washington.usa"),
        request: digest(20),
        by: person_id("analyst-1"),
    };
    apply(&mut view, NOON, [added, asked, decided(1, Answer::Approve), sent]);
    view
}

fn late(view: &View, hours: u64) -> usize {
    view.passages.overdue(NOON.plus_hours(hours), DAY).count()
}

#[test]
fn an_originator_expects_a_word_for_each_approval_until_the_last_one_comes() {
    let mut view = giver();
    apply(&mut view, NOON, [given(None)]);
    assert_eq!((late(&view, 47), late(&view, 48)), (0, 1), "each hop has its time");
    apply(&mut view, NOON.plus_hours(12), [mirrored(Fate::Begun { due: NOON.plus_hours(30) })]);
    assert_eq!((late(&view, 53), late(&view, 54)), (0, 1));
    apply(&mut view, NOON, [mirrored(hop().fate)]);
    assert_eq!(late(&view, 1000), 0);
    let told: Vec<_> = view.passages.told(&dispatch(3)).map(|told| told.hop.fate.standing()).collect();
    assert_eq!(told, [Standing::Receipted], "the last word counts");
}

#[test]
fn a_hub_that_says_something_is_expected_of_it_no_later_and_of_no_less() {
    let mut view = giver();
    apply(&mut view, NOON, [given(None), mirrored(Fate::Begun { due: Timestamp(u64::MAX) })]);
    assert_eq!((late(&view, 47), late(&view, 48)), (0, 1), "due at the end of time");

    // Two passages under one approval: the second one's outcome is to be told as well.
    let other = |fate| {
        let Act::PassageMirrored { hop, statement, notice, from, basis } = mirrored(fate) else {
            panic!("a hop")
        };
        Act::PassageMirrored { hop: Hop { passage: case(9), ..hop }, statement, notice, from, basis }
    };
    apply(&mut view, NOON, [mirrored(hop().fate), other(Fate::Begun { due: NOON })]);
    assert_eq!(late(&view, 24), 1, "nothing was expected any more under its approval");
    apply(&mut view, NOON, [other(Fate::Declined { code: "C-029".to_owned() })]);
    assert_eq!(late(&view, 1000), 0);

    // A refusal is about its own item.
    let mut view = giver();
    let mut of_another = given(None);
    if let Act::ConsentMade { consent, statement, .. } = &mut of_another {
        (consent.item_digest, *statement) = (digest(77), digest(78));
    }
    let mut refused = mirrored(Fate::Refused {});
    if let Act::PassageMirrored { hop, .. } = &mut refused {
        hop.consent = None;
    }
    apply(&mut view, NOON, [given(None), of_another, refused]);
    assert_eq!(late(&view, 48), 1);
}

#[test]
fn nothing_is_expected_of_an_approval_that_ended_before_anything_began() {
    let mut view = giver();
    apply(&mut view, NOON, [given(Some(NOON.plus_hours(40)))]);
    assert_eq!(late(&view, 48), 0, "it lapsed");
    apply(&mut view, NOON.plus_hours(12), [mirrored(Fate::Begun { due: NOON.plus_hours(30) }), withdrawn()]);
    assert_eq!(late(&view, 54), 1, "what began is to be told");
    let mut view = founded("seoul.kor", "KOR", &[("washington.usa", "USA"), ("tokyo.jpn", "JPN")]);
    apply(&mut view, NOON, [given(None), withdrawn()]);
    assert_eq!(late(&view, 48), 0);
    assert_eq!(view.correspondence.owed_to(&node("tokyo.jpn")), [digest(40)], "Tokyo hears of it as well");
    assert_eq!(view.correspondence.owed_to(&node("washington.usa")), [digest(35), digest(40)]);
}

#[test]
fn what_was_raised_once_is_not_raised_again() {
    let mut view = giver();
    apply(&mut view, NOON, [given(None)]);
    assert_eq!(late(&view, 48), 1);
    let raised = Act::IncidentRaised { code: PASSAGE_OVERDUE.to_owned(), dispatch: Some(dispatch(3)) };
    apply(&mut view, NOON, [raised]);
    assert_eq!(late(&view, 1000), 0);
    assert!(!view.dispatches.sent(&dispatch(3)).unwrap().incident, "the first hop is not late for that");
}

#[test]
fn a_last_word_is_followed_by_no_other_and_no_word_by_itself() {
    let all =
        [Standing::Refused, Standing::Begun, Standing::Declined, Standing::Overdue, Standing::Receipted];
    for before in all {
        for after in all {
            let open = matches!(before, Standing::Begun | Standing::Overdue);
            let comes = matches!(after, Standing::Declined | Standing::Overdue | Standing::Receipted);
            assert_eq!(after.follows(before), open && comes && before != after, "{before:?} {after:?}");
        }
    }
}

/// Seoul's recall of what went to the hub.
fn recall(taken: Taken) -> Recall {
    let (item_digest, document) = (digest(5), "letter 9 (fictitious)".to_owned());
    Recall { item_digest, dispatch: dispatch(3), to: node("washington.usa"), taken, document }
}

fn recall_made(n: u8, taken: Taken) -> Act {
    Act::RecallMade { recall: recall(taken), signed_at: NOON, statement: digest(n), by: person_id("fdo-1") }
}

#[test]
fn a_recall_goes_to_whoever_the_hub_passed_the_item_on_to_once_it_shows_the_receipt() {
    let mut view = giver();
    apply(&mut view, NOON, [given(None), mirrored(Fate::Begun { due: NOON })]);
    apply(&mut view, NOON, [recall_made(60, Taken::ToLevel { level: level("KOR:III") })]);
    let (hub, tokyo) = (node("washington.usa"), node("tokyo.jpn"));
    assert_eq!(view.correspondence.owed_to(&hub), [digest(35), digest(60)]);
    assert_eq!(view.correspondence.owed_to(&tokyo), [], "nobody knows yet whether it is there");
    apply(&mut view, NOON, [mirrored(hop().fate)]);
    assert_eq!(view.correspondence.owed_to(&tokyo), [digest(60)], "said before the receipt came");
    apply(&mut view, NOON, [recall_made(61, Taken::Back {})]);
    assert_eq!(view.correspondence.owed_to(&tokyo), [digest(60), digest(61)], "and after it");
    let had = |to: &NodeName| Act::StatementDelivered { statement: digest(61), to: to.clone() };
    apply(&mut view, NOON, [had(&tokyo)]);
    let told = |view: &View| view.controls.get(&digest(61)).unwrap().delivered_at;
    assert_eq!(told(&view), None, "the hub does not have it because Tokyo does");
    apply(&mut view, NOON, [had(&hub)]);
    assert_eq!(told(&view), Some(NOON));
}

#[test]
fn what_came_by_the_hub_is_closed_by_its_originators_recall_of_what_the_hub_was_given() {
    let mut view = founded("tokyo.jpn", "JPN", &[("seoul.kor", "KOR"), ("washington.usa", "USA")]);
    enrolled(&mut view);
    let came = |n: u8| {
        let mut acts = arrived();
        if let [
            Act::ArrivalVerified { dispatch: by, from, .. },
            Act::Admitted { dispatch: admitted, item: id, .. },
        ] = &mut acts
        {
            (*by, *admitted, *id, *from) = (dispatch(n), dispatch(n), item(n), node("washington.usa"));
        }
        let [arrived, admitted] = acts;
        let verified = Act::PassageVerified {
            dispatch: dispatch(n),
            origin: node("seoul.kor"),
            package: digest(8),
            consent: digest(35),
            notice: digest(36),
            receipt: digest(37),
            level: level("USA:SECRET"),
            basis: String::new(),
        };
        [arrived, verified, admitted]
    };
    apply(&mut view, NOON, came(4));
    let opens = |view: &View, n: u8| {
        let by = view.roll.iter().next().unwrap().person.id.clone();
        view.question(&by, &Ask::Open { item: item(n), purpose: None }, NOON).map(drop)
    };
    assert_eq!(opens(&view, 4), Ok(()));
    let recalled = |n: u8, from: &str, taken: Taken| Act::RecallMirrored {
        recall: recall(taken),
        signed_at: NOON,
        statement: digest(n),
        notice: digest(90),
        from: node(from),
    };
    apply(&mut view, NOON, [recalled(60, "washington.usa", Taken::Back {})]);
    assert_eq!(opens(&view, 4), Ok(()), "the hub is no originator");
    apply(&mut view, NOON, [recalled(61, "seoul.kor", Taken::ToLevel { level: level("KOR:III") })]);
    assert_eq!(view.controls.level(&dispatch(4)), Some(&level("KOR:III")));
    assert_eq!(opens(&view, 4), Ok(()));
    apply(&mut view, NOON, [recalled(62, "seoul.kor", Taken::Back {})]);
    assert_eq!(opens(&view, 4), Err(Unknown::Recalled(dispatch(4))));
    assert_eq!(view.controls.about(&dispatch(4)).len(), 2);
    assert_eq!(view.controls.get(&digest(62)).unwrap().recall.dispatch, dispatch(3), "as it was signed");
    apply(&mut view, NOON, came(7));
    assert_eq!((opens(&view, 7), opens(&view, 4).is_err()), (Ok(()), true), "what is given anew opens");
}
