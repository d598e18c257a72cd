//! What a peer must not send: each is a breach with its code, and none is a panic.

use crate::pipe::{NOW, bytes_of, dispatch, offer, ours};
use attache_accord::Network;
use attache_courier::frame::{About, Accept, Close, Decline, Frame, Slip};
use attache_courier::limits::MAX_HELD_BYTES;
use attache_courier::{Caller, Code, Listener, Ours, Trouble};
use proptest::prelude::*;

fn about() -> About {
    About { dispatch: dispatch(9) }
}

fn slip() -> Slip {
    Slip { dispatch: dispatch(9), receipt: vec![1] }
}

/// A listener whose peer has said Hello, or not yet.
fn listener(greeted: bool) -> Listener {
    let mut listener = Listener::new(ours("tokyo.jpn", "seoul.kor"), NOW).unwrap();
    if greeted {
        listener.receive(NOW, &mut hello(ours("seoul.kor", "tokyo.jpn")).as_slice()).unwrap();
    }
    listener
}

fn hello(of: Ours) -> Vec<u8> {
    bytes_of(Caller::new(of, NOW).unwrap().poll_output().unwrap())
}

fn breach(mut session: Listener, bytes: &[u8]) -> Code {
    let mut input = bytes;
    loop {
        match session.receive(NOW, &mut input) {
            Ok(Some(_)) => {}
            Ok(None) => panic!("it was taken"),
            Err(trouble) => {
                assert!(matches!(trouble, Trouble::Breach { .. } | Trouble::Unfit { .. }));
                assert!(session.is_closed());
                return trouble.code();
            }
        }
    }
}

#[test]
fn no_frame_but_hello_may_come_first() {
    for frame in
        [Frame::Offer(offer(1, 1)), Frame::Done(about()), Frame::Receipt(slip()), Frame::Ping, Frame::Pong]
    {
        assert_eq!(breach(listener(false), &frame.to_wire()), Code::OutOfTurn, "{frame:?}");
    }
}

#[test]
fn frames_about_nothing_open_are_breaches() {
    let (accept, decline) =
        (Accept { dispatch: dispatch(9), have: 0 }, Decline { dispatch: dispatch(9), code: Code::Refused });
    for frame in [
        Frame::Accept(accept),
        Frame::Decline(decline),
        Frame::Held(about()),
        Frame::Receipted(slip()),
        Frame::Done(about()),
        Frame::Stored(about()),
        Frame::ReceiptKept(about()),
    ] {
        assert_eq!(breach(listener(true), &frame.to_wire()), Code::NoSuchExchange, "{frame:?}");
    }
    assert_eq!(breach(listener(true), &Frame::Pong.to_wire()), Code::OutOfTurn);
    assert_eq!(breach(listener(true), &hello(ours("seoul.kor", "tokyo.jpn"))), Code::OutOfTurn);
}

#[test]
fn a_hello_of_another_node_network_or_agreement_ends_it() {
    let seoul = || ours("seoul.kor", "tokyo.jpn");
    let node = Ours { node: "busan.kor".parse().unwrap(), ..seoul() };
    let network = Ours { network: Network::Live, ..seoul() };
    let agreement = Ours { agreement: "other-2020".into(), ..seoul() };
    assert_eq!(breach(listener(false), &hello(node)), Code::OtherNode);
    assert_eq!(breach(listener(false), &hello(network)), Code::OtherNetwork);
    assert_eq!(breach(listener(false), &hello(agreement)), Code::OtherAgreement);
}

#[test]
fn only_the_caller_offers() {
    let mut caller = Caller::new(ours("seoul.kor", "tokyo.jpn"), NOW).unwrap();
    let hello = bytes_of(Listener::new(ours("tokyo.jpn", "seoul.kor"), NOW).unwrap().poll_output().unwrap());
    caller.receive(NOW, &mut hello.as_slice()).unwrap();
    let trouble = caller.receive(NOW, &mut Frame::Offer(offer(1, 1)).to_wire().as_slice()).unwrap_err();
    assert_eq!(trouble.code(), Code::OutOfTurn);
}

#[test]
fn more_offers_than_the_window_and_an_offer_twice_are_breaches() {
    let many: Vec<u8> = (1..=9).flat_map(|number| Frame::Offer(offer(number, 1)).to_wire()).collect();
    assert_eq!(breach(listener(true), &many), Code::WindowExceeded);
    let twice = Frame::Offer(offer(1, 1)).to_wire().repeat(2);
    assert_eq!(breach(listener(true), &twice), Code::OutOfTurn);
}

#[test]
fn a_length_above_its_limit_is_refused_before_the_bytes_come() {
    let mut session = listener(true);
    let huge = [u32::MAX.to_be_bytes().as_slice(), &[0x82, 0x02]].concat();
    assert_eq!(session.receive(NOW, &mut huge.as_slice()).unwrap_err().code(), Code::Oversize);
    assert!(session.held_bytes() <= MAX_HELD_BYTES);
}

#[test]
fn every_frame_has_one_form() {
    for frame in [
        Frame::Offer(offer(1, 7)),
        Frame::Accept(Accept { dispatch: dispatch(1), have: 3 }),
        Frame::Receipt(slip()),
        Frame::Ping,
        Frame::Close(Close { code: Code::Finished }),
    ] {
        let wire = frame.to_wire();
        assert_eq!(Frame::from_bytes(&wire[4..]).unwrap(), frame);
        let longer = [&wire[4..], &[0]].concat();
        assert_eq!(Frame::from_bytes(&longer).unwrap_err().code(), Code::Malformed, "a byte after the end");
        assert!(Frame::from_bytes(&wire[4..wire.len() - 1]).is_err(), "a byte missing");
    }
    // The number 3 as two bytes says the same and is refused.
    let short = Frame::Accept(Accept { dispatch: dispatch(1), have: 3 }).to_wire();
    let long = [&short[4..short.len() - 1], &[0x18, 0x03]].concat();
    assert_eq!(Frame::from_bytes(&long).unwrap_err().code(), Code::Malformed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]
    #[test]
    fn random_bytes_never_panic_and_never_pile_up(bytes in prop::collection::vec(any::<u8>(), 0..120), greeted: bool) {
        let mut session = listener(greeted);
        let mut input = bytes.as_slice();
        while let Ok(Some(_)) = session.receive(NOW, &mut input) {}
        prop_assert!(session.held_bytes() <= MAX_HELD_BYTES);
    }
}
