//! A clock that is wrong: nothing is released while two clocks differ too much, what is owed in return still comes, and all of
//! it goes on once the clock is right, without a hand on either node.

use crate::crossing::{JAPAN, KOREA, admit, befriended, receipted, released};
use crate::nodes::{PATIENCE_SECONDS, Running, Site, clock, is, site, site_since};
use attache_accord::Timestamp;
use attache_accord::act::Act;
use attache_accord::dispatch::Progress;
use attache_node::chores::{CLOCK_BEHIND, CLOCKS_APART};
use attache_node::link::State;
use attache_seal::papers::Assurance;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

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
        let says = "nothing is released: the clocks differ too much to release; the clocks are 1";
        assert!(status.reason.starts_with(says) && status.is_clock_apart(), "{}", status.reason);
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

const HOUR: u64 = 3_600_000;
const TEN_YEARS: u64 = 10 * 365 * 24 * HOUR;

/// A clock for the test of each number, as far from the true one as its place here says: ahead, behind, or standing at a time.
static SET: [[AtomicU64; 3]; 4] = [const { [const { AtomicU64::new(0) }; 3] }; 4];

fn set<const TEST: usize>() -> Timestamp {
    let [ahead, behind, stands] = SET[TEST].each_ref().map(|set| set.load(Ordering::Relaxed));
    if stands > 0 { Timestamp(stands) } else { Timestamp(clock().0 + ahead - behind) }
}

/// Seoul with the true clock, and Tokyo with that of a test; one item has crossed.
async fn scene(set: fn() -> Timestamp) -> (Site, Site, Running, Running) {
    // Founded two hours ago: before its card is in force a node meets nobody.
    let since = Timestamp(clock().0 - 2 * HOUR);
    let seoul = site_since("seoul.kor", "KOR", since).await;
    let mut tokyo = site_since("tokyo.jpn", "JPN", since).await;
    tokyo.clock = set;
    let (at_seoul, at_tokyo) = befriended(&seoul, &tokyo).await;
    released(&at_seoul, &KOREA, 1, 1_000, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    (seoul, tokyo, at_seoul, at_tokyo)
}

fn entries(running: &Running) -> Vec<(Timestamp, Act)> {
    let entries = running.node.office.papers.entries(0, 1024).unwrap();
    entries.into_iter().map(|(_, entry)| (entry.at, entry.act)).collect()
}

/// How often an incident was recorded, in a journal in which time never goes back.
fn incidents(running: &Running, sought: &str) -> usize {
    let entries = entries(running);
    assert!(entries.is_sorted_by_key(|(at, _)| *at), "an entry is earlier than the one before it");
    let is_it = |act: &Act| matches!(act, Act::IncidentRaised { code, .. } if code == sought);
    entries.iter().filter(|(_, act)| is_it(act)).count()
}

async fn until(what: &str, there: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(PATIENCE_SECONDS);
    while !there() {
        assert!(Instant::now() < end, "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Tokyo's clock is an hour off and Seoul meets it so; then it is right again.
async fn jumps<const TEST: usize>(place: usize) {
    let (seoul, tokyo, at_seoul, at_tokyo) = scene(set::<TEST>).await;
    at_seoul.stop().await;
    SET[TEST][place].store(HOUR, Ordering::Relaxed);
    let at_seoul = seoul.start().await;
    for running in [&at_seoul, &at_tokyo] {
        let status =
            running.shows(|status| status.state == State::Connected && status.is_clock_apart()).await;
        assert!(status.reason.starts_with("nothing is released"), "{}", status.reason);
        until("the incident", || incidents(running, CLOCKS_APART) == 1).await;
    }
    released(&at_seoul, &KOREA, 2, 1_000, &tokyo.name).await;
    let office = &at_tokyo.node.office;
    let (desk, last) = ("desk-officer-1".parse().unwrap(), office.view.read().last_at);
    let said = office.assure(at_tokyo.node.now(), &desk, "exercise", clock().plus_hours(24)).unwrap();
    assert!(
        said.dangerously_unverified::<Assurance>().unwrap().head.at >= last,
        "signed before the last entry"
    );
    assert!(office.view.read().items.arrivals().next().is_none(), "the second was let go");

    SET[TEST][place].store(0, Ordering::Relaxed);
    for running in [&at_seoul, &at_tokyo] {
        running.shows(|status| status.state == State::Connected && status.reason.is_empty()).await;
    }
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 2).await;
    // Set back, it stands before what was recorded while it was ahead, or it stood so for as long as it was behind.
    until("the own incident", || incidents(&at_tokyo, CLOCK_BEHIND) == 1).await;
    for running in [&at_seoul, &at_tokyo] {
        assert_eq!(incidents(running, CLOCKS_APART), 1, "once for the fault, though the link was made anew");
    }
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_an_hour_ahead_and_back_is_on_record_once_and_signs_nothing_earlier() {
    jumps::<0>(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_an_hour_back_and_ahead_is_on_record_once_and_signs_nothing_earlier() {
    jumps::<1>(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_ten_years_ahead_meets_nobody_and_records_nothing_and_all_goes_on_when_it_is_right() {
    let (seoul, _tokyo, at_seoul, at_tokyo) = scene(set::<2>).await;
    at_seoul.stop().await;
    released(&at_tokyo, &JAPAN, 9, 1_000, &seoul.name).await;
    until("the package", || at_tokyo.node.office.view.read().dispatches.owed_to(&seoul.name).count() == 1)
        .await;
    let recorded = entries(&at_tokyo).len();
    SET[2][0].store(TEN_YEARS, Ordering::Relaxed);
    let at_seoul = seoul.start().await;
    let status = at_tokyo.shows(is(State::Refused)).await;
    assert!(status.reason.contains("check the clock"), "{}", status.reason);
    // By that clock the receipt is long overdue. Long enough for the node to look for what is owed.
    sleep(Duration::from_secs(6)).await;
    assert!(at_seoul.link.status().iter().all(|status| status.state != State::Connected));
    assert_eq!(entries(&at_tokyo).len(), recorded, "dated ten years ahead");

    SET[2][0].store(0, Ordering::Relaxed);
    admit(&at_seoul, &KOREA, 1).await;
    receipted(&at_tokyo, 1).await;
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_clock_stands_still_items_cross_and_no_entry_goes_back() {
    let (seoul, tokyo, at_seoul, at_tokyo) = scene(set::<3>).await;
    SET[3][2].store(clock().0, Ordering::Relaxed);
    released(&at_seoul, &KOREA, 2, 100_000, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 2).await;
    SET[3][2].store(0, Ordering::Relaxed);
    released(&at_tokyo, &JAPAN, 9, 100_000, &seoul.name).await;
    admit(&at_seoul, &KOREA, 1).await;
    receipted(&at_tokyo, 1).await;
    for running in [&at_seoul, &at_tokyo] {
        assert_eq!((incidents(running, CLOCKS_APART), incidents(running, CLOCK_BEHIND)), (0, 0));
    }
    at_seoul.stop().await;
    at_tokyo.stop().await;
}
