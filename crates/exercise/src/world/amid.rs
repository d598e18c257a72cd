//! What nodes hand out in the midst of an exercise, at one moment after the other, while packages, letters and answers are under way.
//!
//! *Absent:* the end. Nothing comes to rest here before it is looked at.

use super::hub::{BLIND_HUB, HUB};
use super::{Found, Played, ROUND_MILLIS, World, found_in};
use attache_node::evidence::Extent;
use attache_store::MemoryDisk;

/// Who exchanges what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// Two nodes.
    Two,
    /// The same, with items under originator control that are opened and recalled.
    Openings,
    /// Two nodes and a hub that reads and passes on.
    Hub,
    /// Two nodes and a hub that carries their letters.
    BlindHub,
}

/// Runs the exercise of `seed` and takes the evidence of all nodes each time when another `steps` were done, `moments` times.
///
/// # Errors
/// As [`run`](crate::run).
pub fn evidence_amid(
    scene: Scene,
    seed: u64,
    (moments, steps): (usize, usize),
    extent: Extent,
) -> Result<Vec<Played>, Found> {
    let world = match scene {
        Scene::Hub => World::of_hub(&HUB, seed),
        Scene::BlindHub => World::of_hub(&BLIND_HUB, seed),
        Scene::Two | Scene::Openings => World::new(seed, MemoryDisk::new),
    };
    found_in(world, seed, |world| {
        if scene == Scene::Openings {
            world.prepare()?;
        }
        let mut taken = Vec::new();
        for _ in 0..moments {
            if let Err(foul) = world.steps(steps)? {
                return Ok(Err(foul));
            }
            world.sites.iter_mut().for_each(|site| site.let_power_fail(false));
            // One round in which the saboteur lets through what the steps began, or little would be under way.
            world.now = world.now.plus_millis(ROUND_MILLIS);
            world.quiet_round()?;
            taken.push(world.evidence(extent)?);
            world.sites.iter_mut().for_each(|site| site.let_power_fail(true));
        }
        Ok(Ok(taken))
    })
}
