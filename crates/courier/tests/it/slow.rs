//! What a session holds for a peer that does not read, or finishes nothing that it began: little, whatever it may do.

use crate::pipe::{NOW, bytes_of, dispatch, offer, ours};
use attache_accord::DispatchId;
use attache_courier::frame::{About, Accept, Decline, Frame, Offer, Slip};
use attache_courier::limits::{
    FEED_BYTES, MAX_ANSWER_BYTES, MAX_CONTROL_BYTES, MAX_HELD_BYTES, MAX_OUTSTANDING, MAX_PACKAGE_BYTES,
    MAX_RECEIPT_BYTES,
};
use attache_courier::{Caller, Code, Event, Listener, Misuse, Ours};

fn wide(node: &str, peer: &str) -> Ours {
    Ours { window: MAX_OUTSTANDING, ..ours(node, peer) }
}

/// A caller and a listener, each with the other's Hello and nothing on its way.
fn greeted() -> (Caller, Listener) {
    let mut caller = Caller::new(wide("seoul.kor", "tokyo.jpn"), NOW).unwrap();
    let mut listener = Listener::new(wide("tokyo.jpn", "seoul.kor"), NOW).unwrap();
    let (from, to) = (bytes_of(caller.poll_output().unwrap()), bytes_of(listener.poll_output().unwrap()));
    listener.receive(NOW, &mut from.as_slice()).unwrap();
    caller.receive(NOW, &mut to.as_slice()).unwrap();
    (caller, listener)
}

fn large(number: u8) -> Offer {
    Offer { package: vec![number; MAX_PACKAGE_BYTES], ..offer(number, 10 * FEED_BYTES as u64) }
}

fn receipt(number: u8) -> Frame {
    Frame::Receipt(Slip { dispatch: dispatch(number), receipt: vec![number; MAX_RECEIPT_BYTES] })
}

fn take(session: &mut Listener, bytes: &[u8]) -> Vec<DispatchId> {
    let (mut input, mut offered) = (bytes, Vec::new());
    while let Some(event) = session.receive(NOW, &mut input).unwrap() {
        if let Event::Offered(offer) = event {
            offered.push(offer.dispatch);
        }
    }
    offered
}

/// Brings whatever the session takes: papers as large as they may be, and data.
fn bring(caller: &mut Caller, next: &mut u8) {
    while caller.has_room() {
        *next += 1;
        match *next % 2 {
            0 => caller.receipt(dispatch(*next), vec![1; MAX_RECEIPT_BYTES], NOW).unwrap(),
            _ => caller.offer(large(*next), NOW).unwrap(),
        }
    }
    while let Some(want) = caller.wants() {
        caller.feed(want.dispatch, vec![2; want.max], NOW).unwrap();
    }
}

#[test]
fn for_a_listener_that_does_not_read_no_second_paper_is_fetched() {
    let (mut caller, _) = greeted();
    let mut begun = 0;
    bring(&mut caller, &mut begun);
    assert_eq!(begun, 1, "one paper waits, and the next is not asked for");
    assert_eq!(caller.offer(large(9), NOW), Err(Misuse::QueueFull));
    assert!((MAX_PACKAGE_BYTES..=MAX_HELD_BYTES).contains(&caller.held_bytes()));
}

#[test]
fn for_a_listener_that_accepts_and_does_not_read_on_no_second_piece_is_fetched() {
    let (mut caller, _) = greeted();
    for number in 1..=64 {
        caller.offer(offer(number, 10 * FEED_BYTES as u64), NOW).unwrap();
        assert!(caller.poll_output().is_some());
        let accept = Frame::Accept(Accept { dispatch: dispatch(number), have: 0 });
        caller.receive(NOW, &mut accept.to_wire().as_slice()).unwrap();
    }
    let mut fed = 0;
    while let Some(want) = caller.wants() {
        caller.feed(want.dispatch, vec![0; want.max], NOW).unwrap();
        fed += 1;
    }
    assert_eq!(fed, 1);
    assert_eq!(caller.feed(dispatch(2), vec![0; 1], NOW), Err(Misuse::QueueFull));
    assert!((FEED_BYTES..=MAX_HELD_BYTES).contains(&caller.held_bytes()));
}

#[test]
fn a_caller_that_offers_everything_reads_nothing_and_finishes_nothing_costs_under_the_limit() {
    let (_, mut listener) = greeted();
    // Half of what it may open it offers, and sends nothing of it; the other half are receipts of ours that it brings.
    for number in 1..=64_u8 {
        let frame = if number % 2 == 0 { receipt(number) } else { Frame::Offer(large(number)) };
        for offered in take(&mut listener, &frame.to_wire()) {
            listener.accept(offered, 0, NOW).unwrap();
            listener.decline(offered, Code::NoRoom).unwrap();
        }
        if number % 2 == 0 {
            listener.receipt_kept(dispatch(number)).unwrap();
        }
    }
    // We owe it receipts too, and it began one more frame, as long as a frame may be.
    let mut owed = 100;
    while listener.has_room() {
        owed += 1;
        listener.receipt(dispatch(owed), vec![1; MAX_RECEIPT_BYTES], NOW).unwrap();
    }
    assert!(owed > 100, "at least one fits");
    let Frame::Offer(last) = Frame::Offer(large(99)) else { unreachable!() };
    let wire = Frame::Offer(last).to_wire();
    take(&mut listener, &wire[..wire.len() - 1]);
    let held = listener.held_bytes();
    assert!((2 * MAX_PACKAGE_BYTES..=MAX_HELD_BYTES).contains(&held), "{held}");
}

#[test]
fn an_answer_that_carries_a_receipt_waits_until_there_is_room_for_it() {
    let (_, mut listener) = greeted();
    let offers: Vec<u8> = (1..=64).flat_map(|number| Frame::Offer(offer(number, 1)).to_wire()).collect();
    let mut waiting: Vec<DispatchId> = take(&mut listener, &offers);
    let (mut rounds, mut most) = (0, 0);
    while let Some(next) = waiting.last().copied() {
        rounds += 1;
        while listener.takes_paper()
            && let Some(dispatch) = waiting.pop()
        {
            listener.receipted(dispatch, vec![3; MAX_RECEIPT_BYTES]).unwrap();
        }
        assert!(waiting.is_empty() || listener.receipted(next, vec![3; 10]).is_err());
        most = most.max(listener.held_bytes());
        while listener.poll_output().is_some() {}
    }
    assert_eq!((rounds, listener.held_bytes()), (64, 0), "a peer that reads gets all of them");
    assert!((MAX_RECEIPT_BYTES..=MAX_HELD_BYTES).contains(&most));
}

#[test]
fn a_frame_that_is_announced_takes_no_room_before_its_bytes_come() {
    let (_, mut listener) = greeted();
    let wire = Frame::Offer(large(1)).to_wire();
    for (came, byte) in wire[..wire.len() - 1].iter().enumerate() {
        take(&mut listener, &[*byte]);
        assert!(listener.held_bytes() <= 2 * (came + 1) && listener.held_bytes() <= MAX_CONTROL_BYTES);
    }
    assert_eq!(
        take(&mut listener, &wire[wire.len() - 1..]),
        [dispatch(1)],
        "and it is taken when it is whole"
    );
    assert_eq!(listener.held_bytes(), 0);
}

#[test]
fn before_its_hello_a_peer_costs_no_more_than_a_hello() {
    let mut listener = Listener::new(wide("tokyo.jpn", "seoul.kor"), NOW).unwrap();
    let wire = Frame::Offer(large(1)).to_wire();
    assert!(listener.receive(NOW, &mut wire.as_slice()).is_err());
    assert!(listener.held_bytes() < 64, "{}", listener.held_bytes());
}

#[test]
fn every_answer_without_a_paper_is_as_short_as_the_limit_says() {
    let about = About { dispatch: dispatch(9) };
    for frame in [
        Frame::Accept(Accept { dispatch: dispatch(9), have: u64::MAX }),
        Frame::Decline(Decline { dispatch: dispatch(9), code: Code::Withdrawn }),
        Frame::Held(about),
        Frame::Done(about),
        Frame::Stored(about),
        Frame::ReceiptKept(about),
    ] {
        assert!(frame.to_wire().len() <= MAX_ANSWER_BYTES, "{frame:?}");
    }
}
