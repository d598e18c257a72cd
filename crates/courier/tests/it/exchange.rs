//! Items arrive whole and once, however the connection behaves.

use crate::pipe::{Cut, Item, NOW, bytes_of, connect, dispatch, ours};
use attache_courier::frame::{Ask, Frame, Given, Witnessed};
use attache_courier::limits::{ANSWER_SECONDS, MAX_GIVEN_BYTES};
use attache_courier::{Caller, Code, Event, Listener, Misuse, Ours};
use proptest::prelude::*;

fn arrived_once(items: &[Item]) {
    for item in items {
        assert!(item.sent && item.stored == 1 && item.here == item.container, "item {}", item.number);
    }
}

#[test]
fn an_item_arrives_whole_on_one_connection() {
    let mut items = [Item::new(1, 100)];
    connect(&mut items, Cut::Never, usize::MAX);
    arrived_once(&items);
}

#[test]
fn an_item_without_a_container_needs_no_data() {
    let mut items = [Item::new(1, 0)];
    connect(&mut items, Cut::Never, usize::MAX);
    arrived_once(&items);
}

#[test]
fn cut_at_every_byte_in_both_directions_an_item_still_arrives_once() {
    let (from_caller, from_listener) = connect(&mut [Item::new(1, 60)], Cut::Never, 5);
    let cuts = (0..=from_caller).map(Cut::FromCaller).chain((0..=from_listener).map(Cut::FromListener));
    let mut resumed = 0;
    for cut in cuts {
        let mut items = [Item::new(1, 60)];
        connect(&mut items, cut, 5);
        resumed += usize::from(!items[0].here.is_empty() && items[0].here.len() < 60);
        connect(&mut items, Cut::Never, 5);
        arrived_once(&items);
    }
    assert!(resumed > 60, "the cuts must fall inside the data too, not only around it: {resumed}");
}

proptest! {
    #[test]
    fn items_side_by_side_survive_any_number_of_cuts(
        sizes in prop::collection::vec(0_usize..200, 1..8),
        cuts in prop::collection::vec((any::<bool>(), 0_usize..2000), 0..6),
        chunk in 1_usize..50,
    ) {
        let mut items: Vec<_> = sizes.iter().zip(1..).map(|(size, number)| Item::new(number, *size)).collect();
        for (caller, at) in cuts {
            connect(&mut items, if caller { Cut::FromCaller(at) } else { Cut::FromListener(at) }, chunk);
        }
        connect(&mut items, Cut::Never, chunk);
        arrived_once(&items);
    }
}

/// A caller and a listener that have greeted each other.
fn greeted() -> (Caller, Listener) {
    let mut caller = Caller::new(ours("seoul.kor", "tokyo.jpn"), NOW).unwrap();
    let mut listener = Listener::new(ours("tokyo.jpn", "seoul.kor"), NOW).unwrap();
    let hello = bytes_of(caller.poll_output().unwrap());
    assert!(matches!(listener.receive(NOW, &mut hello.as_slice()).unwrap(), Some(Event::Greeted(_))));
    let hello = bytes_of(listener.poll_output().unwrap());
    assert!(matches!(caller.receive(NOW, &mut hello.as_slice()).unwrap(), Some(Event::Greeted(_))));
    (caller, listener)
}

#[test]
fn a_receipt_goes_either_way_and_is_kept() {
    let (mut caller, mut listener) = greeted();
    listener.receipt(dispatch(1), b"signed receipt".to_vec(), NOW).unwrap();
    let bytes = bytes_of(listener.poll_output().unwrap());
    let event = caller.receive(NOW, &mut bytes.as_slice()).unwrap().unwrap();
    assert!(matches!(event, Event::Receipt { receipt, .. } if receipt == b"signed receipt"));
    caller.receipt_kept(dispatch(1)).unwrap();
    let bytes = bytes_of(caller.poll_output().unwrap());
    assert!(matches!(listener.receive(NOW, &mut bytes.as_slice()).unwrap(), Some(Event::ReceiptKept { .. })));
    assert_eq!(listener.outstanding(), 0);
}

#[test]
fn a_proof_follows_its_receipt_under_the_same_dispatch_and_only_the_caller_brings_one() {
    let (mut caller, mut listener) = greeted();
    caller.proof(dispatch(1), b"a proof".to_vec(), NOW).unwrap();
    let brought = bytes_of(caller.poll_output().unwrap());
    let event = listener.receive(NOW, &mut brought.as_slice()).unwrap().unwrap();
    assert!(matches!(event, Event::Proof { proof, .. } if proof == b"a proof"));
    assert!(listener.receipt_kept(dispatch(1)).is_err(), "no receipt waits");
    listener.proof_kept(dispatch(1)).unwrap();
    let bytes = bytes_of(listener.poll_output().unwrap());
    assert!(matches!(caller.receive(NOW, &mut bytes.as_slice()).unwrap(), Some(Event::ProofKept { .. })));
    assert_eq!(caller.outstanding(), 0);
    let trouble = caller.receive(NOW, &mut brought.as_slice()).unwrap_err();
    assert_eq!(trouble.code(), Code::OutOfTurn);
}

#[test]
fn silence_is_first_asked_after_and_then_given_up() {
    let (mut caller, _) = greeted();
    let ping_at = caller.deadline().unwrap();
    caller.on_time(ping_at).unwrap();
    assert!(caller.poll_output().is_some(), "a Ping goes out");
    let end = caller.deadline().unwrap();
    assert_eq!(caller.on_time(end).unwrap_err().code(), Code::TooLate);
    assert!(caller.is_closed() && caller.poll_output().is_some(), "a Close waits");
}

#[test]
fn clocks_a_minute_apart_bar_offers_and_nothing_else() {
    let mut caller = Caller::new(ours("seoul.kor", "tokyo.jpn"), NOW).unwrap();
    let mut late = Listener::new(ours("tokyo.jpn", "seoul.kor"), NOW.plus_millis(61_000)).unwrap();
    let hello = bytes_of(late.poll_output().unwrap());
    caller.receive(NOW, &mut hello.as_slice()).unwrap();
    assert_eq!(caller.bar(), Some(Code::ClocksApart));
    assert!(caller.offer(crate::pipe::offer(1, 1), NOW).is_err());
    assert!(caller.receipt(dispatch(1), b"signed receipt".to_vec(), NOW).is_ok());
}

#[test]
fn a_log_is_witnessed_beside_a_full_window_and_asks_once_at_a_time() {
    let (mut caller, mut listener) = greeted();
    for number in 1..=8 {
        caller.notice(dispatch(number), b"signed notice".to_vec(), NOW).unwrap();
    }
    assert_eq!(caller.notice(dispatch(9), b"signed notice".to_vec(), NOW), Err(Misuse::WindowFull));
    caller.witness(b"old 0".to_vec(), NOW).unwrap();
    assert_eq!(caller.witness(b"old 0".to_vec(), NOW), Err(Misuse::AskedAlready));
    assert_eq!(listener.witnessed(Witnessed::refused(404)), Err(Misuse::NotAsked));
    let mut asked = Vec::new();
    while let Some(output) = caller.poll_output() {
        if let Some(Event::Witness { request }) =
            listener.receive(NOW, &mut bytes_of(output).as_slice()).unwrap()
        {
            asked.push(request);
        }
    }
    assert_eq!(asked, [b"old 0"]);
    for answer in [Witnessed::refused(409), Witnessed::refused(200), Witnessed::cosigned(Vec::new())] {
        assert_eq!(listener.witnessed(answer), Err(Misuse::OutsideLimit("witness answer")));
    }
    listener.witnessed(Witnessed::stands_at(7)).unwrap();
    let bytes = bytes_of(listener.poll_output().unwrap());
    let event = caller.receive(NOW, &mut bytes.as_slice()).unwrap().unwrap();
    assert!(matches!(event, Event::Witnessed(Witnessed { status: 409, size: Some(7), lines: None })));
    caller.witness(b"old 7".to_vec(), NOW).unwrap();
}

#[test]
fn a_log_that_waits_too_long_for_its_witness_gives_the_connection_up() {
    let (mut caller, _) = greeted();
    caller.witness(b"old 0".to_vec(), NOW).unwrap();
    let last = NOW.plus_millis(ANSWER_SECONDS * 1000);
    // The peer gives signs of life all the while.
    let mut at = NOW;
    while at < last {
        assert_eq!(caller.on_time(at), Ok(()));
        while caller.poll_output().is_some() {}
        at = at.plus_millis(30_000);
        assert_eq!(caller.receive(at, &mut Frame::Ping.to_wire().as_slice()), Ok(None));
    }
    assert_eq!(caller.on_time(last).unwrap_err().code(), Code::TooLate);
}

#[test]
fn a_peer_of_version_one_is_never_asked_for_what_it_had_before() {
    let ask = Ask { dispatch: None, since: Some(NOW) };
    for (theirs, version) in [(1, 1), (2, 2)] {
        let mut caller = Caller::new(ours("seoul.kor", "tokyo.jpn"), NOW).unwrap();
        let there = Ours { highest: theirs, ..ours("tokyo.jpn", "seoul.kor") };
        let mut listener = Listener::new(there, NOW).unwrap();
        listener.receive(NOW, &mut bytes_of(caller.poll_output().unwrap()).as_slice()).unwrap();
        caller.receive(NOW, &mut bytes_of(listener.poll_output().unwrap()).as_slice()).unwrap();
        let greeting = caller.greeting().unwrap();
        assert_eq!((greeting.version, greeting.may_ask()), (version, version == 2));
        let asked = caller.ask(ask, NOW);
        if version == 1 {
            assert_eq!(asked, Err(Misuse::OutsideLimit("ask")));
            continue;
        }
        assert_eq!(caller.ask(ask, NOW), Err(Misuse::AskedAlready), "one at a time");
        let wire = bytes_of(caller.poll_output().unwrap());
        let came = listener.receive(NOW, &mut wire.as_slice()).unwrap();
        assert_eq!(came, Some(Event::Ask(ask)));
        listener.given(Given::new(Some(vec![7; MAX_GIVEN_BYTES]), true)).unwrap();
        let wire = bytes_of(listener.poll_output().unwrap());
        let given = caller.receive(NOW, &mut wire.as_slice()).unwrap();
        assert_eq!(given, Some(Event::Given(Given::new(Some(vec![7; MAX_GIVEN_BYTES]), true))));
        assert!(!caller.is_asking_again());
        assert_eq!(listener.given(Given::new(None, false)), Err(Misuse::NotAsked), "it is answered");
    }
}
