//! Items arrive whole and once, however the connection behaves.

use crate::pipe::{Cut, Item, NOW, bytes_of, connect, dispatch, ours};
use attache_courier::{Caller, Code, Event, Listener};
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
