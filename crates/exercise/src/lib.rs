//! Exercises: two nodes, or two and a hub, in one thread on a seeded clock, a network between them that a saboteur owns, and an
//! umpire who reads all their journals. The very steps of the real node run here, on the memory store; only time, ids and order are the
//! seed's.
//!
//! A seed gives one run for ever: the same events in the same order, whatever the keys. A failing seed is therefore
//! enough to find the fault again:
//!
//! ```no_run
//! let run = attache_exercise::run(42, 400)?;
//! println!("{}", run.trace.join("\n"));
//! # Ok::<(), attache_exercise::Found>(())
//! ```
//! *Absent:* sockets, disks, threads and the wall clock.

mod forks;
mod net;
mod rng;
mod saboteur;
mod site;
mod umpire;
mod watch;
mod world;

pub use attache_node::evidence::Extent;
pub use forks::{Show, forks};
pub use watch::Searched;
pub use world::{
    Days, Forked, Found, Played, Reported, Run, Scene, evidence, evidence_amid, evidence_of_openings,
    evidence_through_blind_hub, evidence_through_hub, forked, item_evidence, reports, run,
    run_on_lying_disks, run_openings, run_through_blind_hub, run_through_hub,
};
