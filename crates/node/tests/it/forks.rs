//! A proof that a log signed two histories, which somebody else made.

use crate::nodes::clock;
use crate::witness::{Showing, forks, recorded, scene};
use attache_accord::{Digest, DispatchId, NodeName};
use attache_courier::codes::Code;
use attache_courier::frame::Offer;
use attache_node::arrival::Weighed;
use attache_node::forks::{Handed, LOG_FORKED};
use attache_node::office::Office;
use attache_store::LocalHead;
use attache_tlog::{Fork, ForkProof, Hash, SignedNote, VerifierKey};

/// What Tokyo answers to an offer of Seoul.
fn answer(office: &Office, from: &NodeName) -> Code {
    let offer = Offer {
        dispatch: DispatchId([1; 16]),
        package: b"not looked at".to_vec(),
        package_digest: Digest([1; 32]),
        size: 1,
        due: clock().plus_hours(1),
    };
    match office.weigh(from, &offer, clock()).unwrap() {
        Weighed::Declined(code) => code,
        _ => panic!("a package of nothing was taken"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_nobody_can_refute_is_recorded_behind_one_that_the_log_can_and_stops_it_over_a_restart()
{
    let (_seoul, tokyo, at_seoul, at_tokyo) = scene().await;
    let log = Showing { log: &at_seoul.node.office, witness: &at_tokyo };
    let node = log.log.identity.node.clone();
    assert_eq!(answer(&at_tokyo.node.office, &node), Code::Refused);
    log.ask(0, vec![], &log.note(&log.head(4))).await;
    // The connection's other end is known, so what it shows without a proof counts against it.
    assert_eq!(log.ask(4, vec![Hash([7; 32])], &log.note(&log.head(9))).await.status, 422);
    let keys: Vec<VerifierKey> = log.log.log_vkeys().iter().map(|key| key.parse().unwrap()).collect();
    assert_eq!(forks(&at_tokyo)[0].judge(&keys).unwrap().0, Fork::NotShown { old: 4, new: 9 });

    // Of sizes that Tokyo never saw.
    let proof = |size, roots: [u8; 2]| {
        let note = |root| log.note(&LocalHead { size, root: Hash([root; 32]) });
        let [kept, shown] = roots.map(|root| SignedNote::parse(&note(root)).unwrap());
        ForkProof::new(kept, shown, None).unwrap().to_string()
    };
    let weighed = |proof: &str| at_tokyo.node.office.weigh_fork(&node, proof).unwrap().unwrap().outcome;
    let Handed::New(plan) = weighed(&proof(500, [1, 2])) else { panic!("it was not taken") };
    // Somebody else was faster with another one: the plan stands no more, and there is nothing more to record.
    let Handed::New(first) = weighed(&proof(600, [1, 2])) else { panic!("it was not taken") };
    at_tokyo.node.commit(first).await.unwrap().unwrap();
    assert!(at_tokyo.node.commit(plan).await.unwrap().is_err());
    for known in [proof(500, [1, 2]), proof(600, [2, 1])] {
        assert!(matches!(weighed(&known), Handed::Stopped));
    }
    assert_eq!((forks(&at_tokyo).len(), recorded(&at_tokyo, LOG_FORKED)), (2, 2));
    assert_eq!(forks(&at_tokyo)[1].judge(&keys).unwrap().0, Fork::TwoRoots { size: 600 });
    assert_eq!(answer(&at_tokyo.node.office, &node), Code::LogStopped);
    at_tokyo.stop().await;
    let at_tokyo = tokyo.start().await;
    assert_eq!(answer(&at_tokyo.node.office, &node), Code::LogStopped);
    assert!(at_tokyo.node.office.view.read().logs.has_forked(&node));
    at_seoul.stop().await;
    at_tokyo.stop().await;
}
