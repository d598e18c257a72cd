//! What its originator recalls reaches as far as it went: also whoever a hub passed it on to, whatever the hub does about it.

use crate::control::acts;
use crate::crossing::{JAPAN, admit, approved, owed_by, person, receipted, signed, until};
use crate::holdings::{held, registrar};
use crate::nodes::{Running, Site, clock};
use crate::onward::destroyed;
use crate::passages::{AMERICA, Three, passed, said_as};
use attache_accord::act::Act;
use attache_accord::control::{Recall, Taken};
use attache_accord::dispatch::Dispatch;
use attache_accord::people::Role;
use attache_accord::view::{Ask, Unknown};
use attache_accord::{CaseId, Digest, DispatchId, ItemId};
use attache_node::desk;
use attache_node::engine::Plan;
use attache_node::fault::Failure;
use attache_node::notices::{FALSE_NOTICE, Noting, notice_id};
use attache_seal::pair::Sign as _;
use attache_seal::papers::Notice;
use std::sync::Arc;

/// A recall of what Seoul sent by `sent`.
fn back(three: &Three, sent: &Dispatch) -> Recall {
    let item_digest = held(&three.at_tokyo).item_digest;
    let document = "letter 9 (fictitious)".to_owned();
    let to = three.washington.name.clone();
    Recall { item_digest, dispatch: sent.id, to, taken: Taken::Back {}, document }
}

async fn said(running: &Running, recall: Recall) -> Result<Digest, Failure> {
    let pack = Arc::clone(&running.node.office.pack);
    let signed = signed(running, Role::DisclosureOfficer, recall);
    running.node.carry_out(|view, now| desk::recall(view, &pack, now, &signed)).await?;
    Ok(signed.digest())
}

/// Whether a person of Tokyo may open an item there, as far as it is a question at all.
fn opens(at_tokyo: &Running, item: ItemId) -> Result<(), Unknown> {
    let view = at_tokyo.node.office.view.read();
    view.question(&person(Role::DeskOfficer), &Ask::Open { item, purpose: None }, clock()).map(drop)
}

/// What Tokyo makes of a recall that a node brings as its people's.
fn weighed(three: &Three, from: &Site, at: &Running, recall: Recall) -> Noting {
    let key = from.keyring().node;
    let inner = said_as(at, "fdo-1", &key, clock(), recall);
    let notice = Notice { statement: inner.to_bytes(), verifying: key.verifying().clone() };
    let notice = said_as(at, from.name.as_str(), &key, clock(), notice);
    let id = notice_id(&inner.digest());
    three.at_tokyo.node.office.weigh_notice(&from.name, &id, &notice.to_bytes()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_seoul_recalls_is_closed_at_tokyo_as_well_also_while_washington_is_away() {
    let (three, sent, _) = passed().await;
    let item = held(&three.at_tokyo).id;
    assert_eq!(opens(&three.at_tokyo, item), Ok(()));
    let recall = back(&three, &sent);
    let refused = said(&three.at_washington, recall.clone()).await.unwrap_err();
    assert!(matches!(refused, Failure::Misuse(_)), "the hub recalls nothing: {refused}");

    let Three { at_washington, .. } = three;
    at_washington.stop().await;
    let statement = said(&three.at_seoul, recall).await.unwrap();
    let at_tokyo = &three.at_tokyo.node.office;
    until(|| at_tokyo.view.read().controls.get(&statement).map(|_| ())).await;
    let closed = opens(&three.at_tokyo, item);
    assert!(matches!(closed, Err(Unknown::Recalled(_))), "{closed:?}");
    let office = &three.at_seoul.node.office;
    let had = |node: &Site| office.view.read().correspondence.delivered_at(&node.name, &statement);
    until(|| had(&three.tokyo)).await;
    assert_eq!(had(&three.washington), None);
    let at_washington = three.washington.start().await;
    until(|| had(&three.washington)).await;
    for at in [at_washington, three.at_seoul, three.at_tokyo] {
        at.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_seoul_gives_anew_after_a_recall_opens_at_tokyo_until_that_is_recalled() {
    let (three, first, _) = passed().await;
    let old = held(&three.at_tokyo).id;
    let statement = said(&three.at_seoul, back(&three, &first)).await.unwrap();
    let at_tokyo = &three.at_tokyo.node.office;
    for at in [&three.at_tokyo, &three.at_washington] {
        until(|| at.node.office.view.read().controls.get(&statement).map(|_| ())).await;
    }

    let (again, onward) = (CaseId([0x91; 16]), CaseId([0x92; 16]));
    approved(&three.at_seoul, first.item, again, &three.washington.name).await;
    admit(&three.at_washington, &AMERICA, 1).await;
    let at_hub = {
        let view = three.at_washington.node.office.view.read();
        let held = view.items.iter().find(|item| !view.is_closed(item)).unwrap();
        held.id
    };
    receipted(&three.at_seoul, 2).await;
    approved(&three.at_washington, at_hub, onward, &three.tokyo.name).await;
    admit(&three.at_tokyo, &JAPAN, 1).await;
    let new = at_tokyo.view.read().items.iter().find(|item| item.id != old).unwrap().id;
    assert!(opens(&three.at_tokyo, new).is_ok() && opens(&three.at_tokyo, old).is_err());

    let all = owed_by(&three.at_seoul, 2).await;
    let second = all.into_iter().find(|sent| sent.id != first.id).unwrap();
    let statement = said(&three.at_seoul, back(&three, &second)).await.unwrap();
    until(|| at_tokyo.view.read().controls.get(&statement).map(|_| ())).await;
    assert!(opens(&three.at_tokyo, new).is_err());
    three.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_of_what_came_by_the_hub_counts_from_its_originator_and_for_its_own_dispatch_only() {
    let (three, sent, _) = passed().await;
    let honest = back(&three, &sent);
    let of = |change: &dyn Fn(&mut Recall)| {
        let mut recall = honest.clone();
        change(&mut recall);
        recall
    };
    let by_seoul = |recall: Recall| weighed(&three, &three.seoul, &three.at_seoul, recall);
    assert!(matches!(by_seoul(honest.clone()), Noting::Keep(_)), "the control");
    let breach = |what: &str, noting: Noting| {
        let Noting::False(plan) = noting else { panic!("{what}") };
        let breach = matches!(&plan.acts[..], [Act::BreachRecorded { code, .. }] if code == FALSE_NOTICE);
        assert!(breach, "{what}");
    };
    let by_hub = weighed(&three, &three.washington, &three.at_washington, honest.clone());
    breach("the hub's own word", by_hub);
    breach("for a node that is no hub", by_seoul(of(&|it| it.to = three.seoul.name.clone())));
    let unknown = by_seoul(of(&|it| it.dispatch = DispatchId([9; 16])));
    assert!(matches!(unknown, Noting::Refused), "of another dispatch to the hub");
    let unknown = by_seoul(of(&|it| it.item_digest = Digest([9; 32])));
    assert!(matches!(unknown, Noting::Refused), "of another item");
    three.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_closes_what_opens_at_tokyo_also_where_a_copy_by_the_same_package_is_destroyed() {
    let (three, sent, _) = passed().await;
    let recall = back(&three, &sent);
    let by_seoul = || weighed(&three, &three.seoul, &three.at_seoul, recall.clone());
    registrar(&three.at_tokyo, &JAPAN).await;
    let old = held(&three.at_tokyo);
    destroyed(&three, &old).await;
    assert!(matches!(by_seoul(), Noting::Kept), "nothing is left to close");

    // A build before this one took it under another dispatch.
    let office = &three.at_tokyo.node.office;
    let again = DispatchId([0x34; 16]);
    let came = acts(&three.at_tokyo).into_iter().filter_map(|mut act| match &mut act {
        Act::ArrivalVerified { dispatch, .. } | Act::PassageVerified { dispatch, .. } => {
            *dispatch = again;
            Some(act)
        }
        _ => None,
    });
    let plan = Plan::new(&office.view.read(), came.collect());
    three.at_tokyo.node.commit(plan).await.unwrap().unwrap();
    admit(&three.at_tokyo, &JAPAN, 1).await;
    let new = office.view.read().items.iter().find(|item| item.id != old.id).unwrap().id;
    assert_eq!(opens(&three.at_tokyo, new), Ok(()));
    let Noting::Keep(plan) = by_seoul() else { panic!("it is not recorded") };
    three.at_tokyo.node.commit(plan).await.unwrap().unwrap();
    let closed = opens(&three.at_tokyo, new);
    assert!(matches!(closed, Err(Unknown::Recalled(_))), "{closed:?}");
    three.end().await;
}
