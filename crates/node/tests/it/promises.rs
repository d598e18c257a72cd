//! What a receipt promises is proved with the next checkpoint, over a real link and across an absence; what proves nothing is a
//! breach, and what is late an incident until it comes.

use crate::crossing::{JAPAN, KOREA, admit, receipted, released, two, until};
use crate::nodes::{Running, clock};
use attache_accord::act::Act;
use attache_accord::dispatch::{Dispatch, PROMISE_BROKEN, Promise};
use attache_accord::{DispatchId, NodeName};
use attache_node::chores::Chores;
use attache_node::promises::{FALSE_PROOF, Proving};
use attache_node::witness::Witnessing;
use attache_tlog::{AddCheckpoint, ProofFile};

fn sent(running: &Running) -> Vec<Dispatch> {
    running.node.office.view.read().dispatches.all_sent().cloned().collect()
}

/// Waits until every receipt here is proved, and gives how.
async fn proved(running: &Running) -> Vec<Promise> {
    until(|| {
        let promises: Vec<Promise> = sent(running).iter().map(|sent| sent.promise).collect();
        promises.iter().all(|promise| promise.proof().is_some()).then_some(promises)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_proved_with_the_next_checkpoint_also_to_a_sender_that_was_away() {
    let (seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    until(|| at_tokyo.node.office.view.read().dispatches.owes_proof_to(&seoul.name).then_some(())).await;
    assert_eq!(sent(&at_seoul)[0].promise, Promise::Waits, "no checkpoint counts the admission yet");
    at_seoul.stop().await;
    at_tokyo.node.publish().await.unwrap();
    let at_seoul = seoul.start().await;
    assert!(matches!(proved(&at_seoul).await[..], [Promise::Proved(_)]));
    let dispatch = sent(&at_seoul)[0].id;
    let delivered = || at_tokyo.node.office.view.read().dispatches.given(&dispatch).unwrap().is_proved;
    until(|| delivered().then_some(())).await;
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_counts_for_its_own_receipt_and_under_its_own_log_only() {
    let (seoul, tokyo, at_seoul, at_tokyo) = two().await;
    for id in 1..=2 {
        released(&at_seoul, &KOREA, id, 100, &tokyo.name).await;
    }
    admit(&at_tokyo, &JAPAN, 2).await;
    receipted(&at_seoul, 2).await;
    let (here, there) = (&at_seoul.node.office, &at_tokyo.node.office);
    let ids: Vec<DispatchId> = sent(&at_seoul).iter().map(|sent| sent.id).collect();
    // Made by hand, so that nothing of it is brought over the link meanwhile.
    let head = there.papers.head().unwrap();
    let proof_under = |checkpoint: &str, dispatch: &DispatchId| {
        let (_, index) = there.view.read().dispatches.given(dispatch).unwrap().admitted.unwrap();
        ProofFile::new(index, there.papers.prove(index, head.size).unwrap(), checkpoint).unwrap()
    };
    let (own, others) = (there.checkpoint(&head).unwrap(), here.checkpoint(&head).unwrap());
    let good = proof_under(&own, &ids[0]).to_string();
    let weigh = |from: &NodeName, dispatch: &DispatchId, proof: &str| {
        here.weigh_proof(from, dispatch, proof.as_bytes()).unwrap()
    };
    // A tree that the witness was never shown might be another than the one that it cosigns.
    assert!(matches!(weigh(&tokyo.name, &ids[0], &good), Proving::Early), "not shown to the witness");
    let stands = here.logs().unwrap().partners[0].seen.map_or(0, |(size, _)| size);
    let growth = there.papers.prove_growth(stands, head.size).unwrap();
    let request = AddCheckpoint::new(stands, growth, &own).unwrap().to_string();
    let Witnessing::Keep(plan, _) = here.weigh_head(&tokyo.name, request.as_bytes(), clock()).unwrap() else {
        panic!("the witness did not cosign")
    };
    at_seoul.node.commit(plan).await.unwrap().unwrap();
    assert!(matches!(weigh(&tokyo.name, &ids[0], &good), Proving::Keep(_)), "the control");
    let osaka: NodeName = "osaka.jpn".parse().unwrap();
    let extra = proof_under(&own, &ids[0]).with_extra(b"more".to_vec()).unwrap().to_string();
    // Nothing is recorded of them: they would come again on every connection.
    assert!(matches!(weigh(&osaka, &ids[0], &good), Proving::Unknown), "another node");
    assert!(matches!(weigh(&tokyo.name, &DispatchId([9; 16]), &good), Proving::Unknown), "no such dispatch");
    for (why, from, dispatch, proof) in [
        ("another receipt's", &tokyo.name, &ids[0], proof_under(&own, &ids[1]).to_string()),
        ("signed by the other log", &tokyo.name, &ids[0], proof_under(&others, &ids[0]).to_string()),
        ("what nobody vouches for", &tokyo.name, &ids[0], extra),
        ("cut short", &tokyo.name, &ids[0], good[..good.len() - 1].to_owned()),
        ("nothing", &tokyo.name, &ids[0], String::new()),
    ] {
        let Proving::False(plan) = weigh(from, dispatch, &proof) else { panic!("{why}: it was believed") };
        let is_breach = |act: &Act| matches!(act, Act::BreachRecorded { code, .. } if code == FALSE_PROOF);
        assert!(plan.acts.iter().all(is_breach), "{why}");
        assert!(plan.papers.iter().any(|(_, paper)| *paper == proof.as_bytes()), "{why}: it is kept");
    }
    let Proving::Keep(plan) = weigh(&tokyo.name, &ids[0], &good) else { panic!("the control") };
    at_seoul.node.commit(plan).await.unwrap().unwrap();
    assert!(matches!(weigh(&tokyo.name, &ids[0], &good), Proving::Kept));
    released(&at_seoul, &KOREA, 3, 100, &tokyo.name).await;
    let third = until(|| sent(&at_seoul).iter().map(|sent| sent.id).find(|id| !ids.contains(id))).await;
    assert!(matches!(weigh(&tokyo.name, &third, &good), Proving::Early), "its receipt is not here yet");
    drop(seoul);
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_not_kept_in_time_is_one_incident_and_shown_as_late_when_it_is_kept() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    let office = &at_seoul.node.office;
    let late = clock().plus_hours(24 * 30);
    let next = |at| Chores::default().next(office, &[DispatchId([7; 16])], at);
    assert!(next(clock()).is_empty(), "it is not due");
    let mut plans = next(late);
    let is_told = |act: &Act| matches!(act, Act::IncidentRaised { code, .. } if code == PROMISE_BROKEN);
    assert!(plans.len() == 1 && plans[0].acts.iter().all(is_told), "{:?}", plans[0].acts);
    at_seoul.node.commit(plans.remove(0)).await.unwrap().unwrap();
    assert_eq!(sent(&at_seoul)[0].promise, Promise::Broken);
    assert!(next(late).is_empty(), "it is told once");
    at_tokyo.node.publish().await.unwrap();
    assert!(matches!(proved(&at_seoul).await[..], [Promise::ProvedLate(_)]));
    at_seoul.stop().await;
    at_tokyo.stop().await;
}
