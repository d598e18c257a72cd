//! What its originator controls opens while every Party holds the agreement to be in force, and not otherwise: neither by a consent
//! of the moment nor by an earlier one. And no earlier consent outlives what the originator said of the item since.

use crate::control::{Scene, acts, consented, count, graceful, opened, raised};
use crate::crossing::{JAPAN, KOREA, admit, person, receipted, released, until};
use crate::leaving::holds_until;
use crate::nodes::{Running, clock, is};
use attache_accord::act::Act;
use attache_accord::control::{Taken, Unopened};
use attache_accord::people::Role;
use attache_accord::{Digest, DispatchId, ItemId, Timestamp};
use attache_node::link::State;
use attache_node::openings::{Asking, NotOpened, Opened};
use std::fs;
use std::sync::Arc;

async fn open(running: &Running, item: ItemId) -> Result<Opened, NotOpened> {
    running.node.open_item(&person(Role::DeskOfficer), item, "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_on_either_side_counts_at_the_next_opening_of_what_is_controlled_and_of_nothing_else() {
    let scene = graceful().await;
    released(&scene.at_seoul, &KOREA, 2, 100, &scene.tokyo.name).await;
    admit(&scene.at_tokyo, &JAPAN, 1).await;
    receipted(&scene.at_seoul, 2).await;
    let plain = {
        let view = scene.at_tokyo.node.office.view.read();
        view.items.iter().map(|item| item.id).find(|item| *item != scene.item).unwrap()
    };
    scene.opens().await;
    holds_until(&scene.at_seoul, "KOR", Some(clock())).await;
    let why = scene.open().await.err().unwrap();
    assert!(matches!(why, NotOpened::Originator(Unopened::Rules)), "{why}");
    holds_until(&scene.at_seoul, "KOR", None).await;
    scene.opens().await;
    holds_until(&scene.at_tokyo, "JPN", Some(clock())).await;
    assert!(matches!(scene.open().await, Err(NotOpened::NotInForce)));
    assert_eq!((count(&scene.at_tokyo, opened), count(&scene.at_seoul, consented)), (2, 2));
    // What was given without such control is used as it was.
    open(&scene.at_tokyo, plain).await.unwrap();
    holds_until(&scene.at_tokyo, "JPN", None).await;
    scene.opens().await;
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_ends_what_an_earlier_consent_serves_for_while_the_originator_is_away() {
    let scene = graceful().await;
    scene.opens().await;
    let Scene { tokyo, at_seoul, at_tokyo, item, dispatch, .. } = scene;
    at_seoul.stop().await;
    at_tokyo.shows(is(State::Dialling)).await;
    open(&at_tokyo, item).await.unwrap();
    let file = tokyo.shares().join(dispatch.to_string());
    let kept = fs::read(&file).unwrap();
    let custodian = &at_tokyo.node.office.custodian;
    // By an end that is still to come it serves until then.
    holds_until(&at_tokyo, "KOR", Some(clock().plus_hours(2))).await;
    assert!(custodian.kept_share(&dispatch, clock().plus_hours(1)).is_some());
    assert!(custodian.kept_share(&dispatch, clock().plus_hours(2)).is_none());
    holds_until(&at_tokyo, "KOR", Some(clock())).await;
    assert!(custodian.kept_share(&dispatch, clock()).is_none());
    assert!(matches!(open(&at_tokyo, item).await, Err(NotOpened::NotInForce)));
    until(|| tokyo.resting().is_empty().then_some(())).await;
    assert_eq!(count(&at_tokyo, opened), 2);
    at_tokyo.stop().await;
    // Whoever puts the file back has nothing by it.
    fs::write(&file, kept).unwrap();
    let at_tokyo = tokyo.start().await;
    assert!(tokyo.resting().is_empty());
    holds_until(&at_tokyo, "KOR", None).await;
    assert!(
        matches!(open(&at_tokyo, item).await, Err(NotOpened::Unreachable)),
        "its originator is asked anew"
    );
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_an_opening_at_a_time_when_the_agreement_was_not_in_force_is_an_incident() {
    let scene = graceful().await;
    scene.opens().await;
    let consent = acts(&scene.at_seoul).iter().find_map(|act| match act {
        Act::OpeningDecided { answer, .. } => Some(*answer),
        _ => None,
    });
    let under: Option<Digest> = consent;
    let (now, ended) = (clock(), clock().plus_hours(1));
    let reported = |at| {
        let Asking::Answer(plan, _) = scene.weigh_at(&scene.asked(at, under), at) else {
            panic!("unanswered")
        };
        plan.acts.iter().any(raised)
    };
    assert!(!reported(now.plus_hours(2)));
    holds_until(&scene.at_seoul, "JPN", Some(ended)).await;
    assert!(!reported(now) && reported(now.plus_hours(2)));
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_level_ends_what_an_earlier_consent_serves_for_also_where_its_share_was_left_behind() {
    let scene = graceful().await;
    scene.opens().await;
    let (file, before) = (scene.tokyo.shares().join(scene.dispatch.to_string()), clock());
    let kept = fs::read(&file).unwrap();
    let custodian = Arc::clone(&scene.at_tokyo.node.office.custodian);
    let (consent, share) = custodian.kept_share(&scene.dispatch, before).unwrap();
    let statement = scene.recall(Taken::ToLevel { level: "KOR:III".parse().unwrap() }).await.unwrap();
    until(|| scene.at_tokyo.node.office.view.read().controls.get(&statement).map(|_| ())).await;
    until(|| scene.tokyo.resting().is_empty().then_some(())).await;
    // It came between the record of the consent and the keeping of its share.
    custodian.keep_share(scene.dispatch, consent, share, None, before).unwrap();
    assert!(custodian.kept_share(&scene.dispatch, clock()).is_none() && scene.tokyo.resting().is_empty());
    let Scene { tokyo, at_seoul, at_tokyo, item, dispatch, .. } = scene;
    at_seoul.stop().await;
    at_tokyo.stop().await;
    // It came before the file was removed, and the node was killed.
    fs::write(&file, kept).unwrap();
    let at_tokyo = tokyo.start().await;
    assert!(at_tokyo.node.office.custodian.kept_share(&dispatch, clock()).is_none());
    assert!(tokyo.resting().is_empty());
    assert!(matches!(open(&at_tokyo, item).await, Err(NotOpened::Unreachable)));
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_was_lent_by_an_earlier_consent_ends_none_of_a_later() {
    let scene = graceful().await;
    scene.opens().await;
    let custodian = Arc::clone(&scene.at_tokyo.node.office.custodian);
    let (consent, share) = custodian.kept_share(&scene.dispatch, clock()).unwrap();
    let earlier = Timestamp(clock().0 - 60_000);
    custodian.keep_share(DispatchId([9; 16]), consent, share, None, earlier).unwrap();
    assert!(custodian.kept_share(&scene.dispatch, clock()).is_some());
    assert_eq!(scene.tokyo.resting().len(), 1);
    scene.stop().await;
}
