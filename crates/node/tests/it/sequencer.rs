//! Many commands share one sync, and each gets its own answer.

use crate::world::{self, NOW, engine_on};
use attache_accord::Timestamp;
use attache_accord::act::Act;
use attache_node::engine::{MAX_PLAN_ACTS, Plan};
use attache_node::fault::Fault;
use attache_node::sequencer::Sequencer;
use attache_store::MemoryJournal;

fn clock() -> Timestamp {
    NOW
}

fn padding(acts: usize) -> Plan {
    Plan { acts: (0..acts).map(|_| Act::Padded {}).collect(), ..Plan::default() }
}

#[tokio::test]
async fn every_plan_gets_its_own_place() {
    let mut engine = engine_on(Box::new(MemoryJournal::new(world::origin())), &world::custodian());
    world::found(&mut engine);
    let (before, view) = (engine.view().read().size, engine.view());
    let sequencer = Sequencer::start(engine, clock).unwrap();
    let waiting: Vec<_> = (0..64)
        .map(|_| {
            let sequencer = sequencer.clone();
            tokio::spawn(async move { sequencer.commit(padding(1)).await.unwrap().unwrap().first_index })
        })
        .collect();
    let mut places = Vec::new();
    for answer in waiting {
        places.push(answer.await.unwrap());
    }
    places.sort_unstable();
    assert_eq!(places, (before..before + 64).collect::<Vec<_>>());
    assert_eq!(view.read().size, before + 64);
}

#[tokio::test]
async fn full_plans_that_wait_together_are_more_than_one_group() {
    let engine = engine_on(Box::new(MemoryJournal::new(world::origin())), &world::custodian());
    let sequencer = Sequencer::start(engine, clock).unwrap();
    let waiting: Vec<_> = (0..200)
        .map(|_| {
            let sequencer = sequencer.clone();
            tokio::spawn(async move { sequencer.commit(padding(MAX_PLAN_ACTS)).await })
        })
        .collect();
    for answer in waiting {
        answer.await.unwrap().unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_plan_too_large_is_refused_alone() {
    let engine = engine_on(Box::new(MemoryJournal::new(world::origin())), &world::custodian());
    let sequencer = Sequencer::start(engine, clock).unwrap();
    let refused = sequencer.commit(padding(MAX_PLAN_ACTS + 1)).await.unwrap_err();
    assert!(matches!(refused, Fault::TooLarge { what: "acts", .. }));
    assert!(sequencer.commit(padding(1)).await.unwrap().is_ok());
}
