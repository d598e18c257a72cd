//! Certificates of the partner link outside their time, shown by either end.

use crate::link::{node, sockets};
use crate::world::NOW;
use attache_accord::Timestamp;
use attache_node::link::certificate::{LEAF_BACKDATE_HOURS, LEAF_LIFE_HOURS};
use attache_node::link::tls::{Tls, Unmet};
use std::sync::Arc;

const HOUR_MILLIS: u64 = 3_600_000;

/// What a caller whose clock says `calling` and a listener whose clock says `listening` make of each other.
async fn meet(calling: Timestamp, listening: Timestamp) -> [Result<(), String>; 2] {
    let (seoul, tokyo) = (node("seoul.kor"), node("tokyo.jpn"));
    let tls = |node: &crate::link::Node, at| Tls::new(node.name.clone(), Arc::clone(&node.keys), at).unwrap();
    let (caller, listener) = (tls(&seoul, calling), tls(&tokyo, listening));
    let (dialled, accepted) = sockets().await;
    let (expected, believed) = (tokyo.standing(), vec![Arc::new(seoul.standing())]);
    let (called, answered) = tokio::join!(
        caller.dial(dialled, &expected, calling),
        listener.answer(accepted, believed, listening)
    );
    let said = |unmet: Unmet| unmet.to_string();
    [called.map(drop).map_err(said), answered.map(drop).map_err(said)]
}

#[tokio::test]
async fn a_listener_whose_certificate_has_expired_is_refused() {
    let long_ago = Timestamp(NOW.0 - (LEAF_LIFE_HOURS + 1) * HOUR_MILLIS);
    let [called, answered] = meet(NOW, long_ago).await;
    assert!(called.unwrap_err().contains("expired"));
    // By its own clock the caller's is still to come.
    assert!(answered.is_err());
}

#[tokio::test]
async fn a_certificate_whose_time_has_not_come_is_refused_by_either_end() {
    let later = NOW.plus_hours(LEAF_BACKDATE_HOURS + 1);
    let [called, _] = meet(NOW, later).await;
    assert!(called.unwrap_err().contains("not valid yet"));
    let [_, answered] = meet(later, NOW).await;
    assert!(answered.unwrap_err().contains("not valid yet"));
}

#[tokio::test]
async fn clocks_a_day_apart_still_meet_so_that_the_greeting_can_say_so() {
    for (calling, listening) in [(NOW, NOW.plus_hours(23)), (NOW.plus_hours(23), NOW)] {
        assert_eq!(meet(calling, listening).await, [Ok(()), Ok(())]);
    }
}
