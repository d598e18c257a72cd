//! B14: an item of 1 KiB under originator control opened at its recipient's node with the originator's live consent, one after the
//! other; against an item like it without control, which its holder's node opens by its own ruling alone.
//!
//! A live consent is four durable commits in turn (the holder's ruling, its request, the originator's answer, the holder's record of
//! it) where a plain opening is one, with two hybrid signatures made and verified and one round over the link between them. One
//! opening waits for the one before, so the rate says the latency.

use crate::measure::{Report, target};
use crate::world::World;
use attache_accord::ItemId;
use attache_accord::control::{Answerer, Control};
use std::time::Instant;

/// Openings in one measure.
const OPENINGS: usize = 100;
const BYTES: u64 = 1024;

pub fn run(report: &mut Report) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir_in(target()).expect("a folder");
    let world = runtime.block_on(World::begin(folder.path()));
    let control = Control { answerer: Answerer::Rule, until: None };
    let cross = |control: Option<Control>| {
        runtime.block_on(async {
            let waiting = world.giver.ask_under(BYTES, &world.receiver.name, control).await;
            world.exchange(vec![waiting], 1).await;
            let view = world.receiver.node.office.view.read();
            let found = view.items.iter().find(|item| item.controlled().is_some() == control.is_some());
            found.expect("it was admitted").id
        })
    };
    let (controlled, plain) = (cross(Some(control)), cross(None));
    let open = |item: ItemId| {
        runtime.block_on(async {
            let began = Instant::now();
            for _ in 0..OPENINGS {
                world.receiver.read(item, BYTES).await;
            }
            OPENINGS as f64 / began.elapsed().as_secs_f64()
        })
    };
    report.pairs("B14 live-consent", ("/s", 0.2), || open(controlled), || open(plain));
    runtime.block_on(world.end());
}
