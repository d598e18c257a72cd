//! A clock that is wrong: nothing is released while two clocks differ too much, what is owed in return still comes, and all of
//! it goes on once the clock is right, without a hand on either node.

use crate::crossing::{JAPAN, KOREA, admit, befriended, receipted, released};
use crate::nodes::{clock, is, site};
use attache_accord::Timestamp;
use attache_accord::dispatch::Progress;
use attache_node::link::State;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::sleep;

/// How far Tokyo's clock is ahead, in milliseconds.
static AHEAD: AtomicU64 = AtomicU64::new(0);
const TWO_MINUTES: u64 = 120_000;

fn ahead() -> Timestamp {
    clock().plus_millis(AHEAD.load(Ordering::Relaxed))
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_clock_is_two_minutes_off_receipts_come_and_nothing_is_released() {
    let (seoul, mut tokyo) = (site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await);
    tokyo.clock = ahead;
    let (at_seoul, at_tokyo) = befriended(&seoul, &tokyo).await;
    released(&at_seoul, &KOREA, 1, 1_000, &tokyo.name).await;
    let seoul_sent = |number: usize| {
        let view = at_seoul.node.office.view.read();
        view.dispatches.all_sent().nth(number).map(|sent| sent.progress.clone())
    };
    while seoul_sent(0) != Some(Progress::Stored) {
        sleep(Duration::from_millis(20)).await;
    }
    at_tokyo.stop().await;
    AHEAD.store(TWO_MINUTES, Ordering::Relaxed);
    let at_tokyo = tokyo.start().await;
    for running in [&at_seoul, &at_tokyo] {
        let apart = |millis: Option<u64>| millis.is_some_and(|millis| millis > 60_000);
        let status = running.shows(|s| s.state == State::Connected && apart(s.clocks_apart_millis)).await;
        assert_eq!(status.reason, "nothing is released: the clocks differ too much to release");
    }
    released(&at_seoul, &KOREA, 2, 1_000, &tokyo.name).await;
    // What Tokyo owes for the first still comes.
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    let owed = at_seoul.node.office.view.read().dispatches.owed_to(&tokyo.name).count();
    let arrivals = at_tokyo.node.office.view.read().items.arrivals().count();
    assert!(owed <= 1 && arrivals == 0, "the second was not let go");
    let waits = || at_seoul.node.office.view.read().dispatches.owed_to(&tokyo.name).count() == 1;
    while !waits() {
        sleep(Duration::from_millis(20)).await;
    }

    AHEAD.store(0, Ordering::Relaxed);
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 2).await;
    let status = at_seoul.shows(is(State::Connected)).await;
    assert_eq!(status.reason, "");
    at_seoul.stop().await;
    at_tokyo.stop().await;
}
