//! A package whose release was ruled on is ruled on once more when it leaves.

use crate::crossing::{JAPAN, KOREA, admit, owed_by, receipted, released, two};
use crate::nodes::{Running, administrator, clock, is};
use attache_accord::Timestamp;
use attache_accord::act::{Act, Entry};
use attache_accord::agreement::Position;
use attache_accord::dispatch::Progress;
use attache_accord::ruling::Action;
use attache_node::engine::Plan;
use attache_node::link::State;
use std::time::Duration;
use tokio::time::sleep;

async fn korea_holds_until(running: &Running, until: Option<Timestamp>) {
    holds_until(running, "KOR", until).await;
}

/// `running` records that a Party holds the agreement to be in force until then.
pub async fn holds_until(running: &Running, party: &str, until: Option<Timestamp>) {
    let position = Position { party: party.parse().unwrap(), from: Some(Timestamp(0)), until };
    let act =
        Act::PositionRecorded { position, basis: "note 2 (fictitious)".to_owned(), by: administrator() };
    let plan = Plan::new(&running.node.office.view.read(), vec![act]);
    running.node.commit(plan).await.unwrap().unwrap();
}

/// Whether each ruling on a dispatch that is on record permits it, and the codes of its reasons.
fn rulings(running: &Running) -> Vec<(bool, String)> {
    let office = &running.node.office;
    let size = office.view.read().size;
    let entries = (0..size).map(|index| office.papers.entry(index).unwrap().unwrap());
    let told = |entry: Entry| match entry.act {
        Act::Ruled { ruling, .. } if ruling.action == Action::Dispatch => {
            let codes: Vec<_> = ruling.reasons.iter().map(|reason| reason.code.clone()).collect();
            Some((ruling.granted, codes.join("+")))
        }
        _ => None,
    };
    entries.filter_map(told).collect()
}

async fn ruled(running: &Running, count: usize) -> Vec<(bool, String)> {
    crate::crossing::until(|| Some(rulings(running)).filter(|found| found.len() == count)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_stays_owed_while_the_agreement_is_not_in_force_and_leaves_when_it_is_again() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    at_tokyo.stop().await;
    at_seoul.shows(is(State::Dialling)).await;
    released(&at_seoul, &KOREA, 1, 100_000, &tokyo.name).await;
    owed_by(&at_seoul, 1).await;
    korea_holds_until(&at_seoul, Some(clock())).await;

    let at_tokyo = tokyo.start().await;
    let refused = (false, "R-002".to_owned());
    assert_eq!(ruled(&at_seoul, 1).await, std::slice::from_ref(&refused));
    at_tokyo.stop().await;
    at_seoul.shows(is(State::Dialling)).await;
    let at_tokyo = tokyo.start().await;
    at_seoul.shows(is(State::Connected)).await;
    // Long enough for an offer, if one were made.
    sleep(Duration::from_millis(500)).await;
    assert_eq!(owed_by(&at_seoul, 1).await[0].progress, Progress::Owed);
    assert_eq!(at_tokyo.node.office.view.read().items.arrivals().count(), 0);
    assert_eq!(
        rulings(&at_seoul),
        std::slice::from_ref(&refused),
        "recorded once, however often it was its turn"
    );

    at_tokyo.stop().await;
    at_seoul.shows(is(State::Dialling)).await;
    korea_holds_until(&at_seoul, None).await;
    let at_tokyo = tokyo.start().await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    assert_eq!(rulings(&at_seoul), [refused, (true, "R-106".to_owned())]);
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_leaves_as_it_was_released_adds_nothing_to_the_record() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100_000, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    assert_eq!(rulings(&at_seoul), []);
    at_seoul.stop().await;
    at_tokyo.stop().await;
}
