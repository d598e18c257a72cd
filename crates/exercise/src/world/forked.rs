//! A log that forks without anybody's ill will: a node is started once more from a copy of its disk, and both go on and sign.
//!
//! *Absent:* a saboteur. What is asked is whether the evidence of these histories shows the fork to somebody who was not there.

use super::{Foul, Found, MAX_QUIET_ROUNDS, Played, ROUND_MILLIS, World, found_in};
use crate::site::Site;
use attache_accord::Timestamp;
use attache_accord::act::Act;
use attache_accord::dispatch::Progress;
use attache_node::engine::Plan;
use attache_node::evidence::Extent;
use attache_node::fault::{Failure, Fault};
use attache_store::MemoryDisk;

/// Items that each node gives to the other; a decision may go against some.
const ITEMS: usize = 3;
/// Rounds in which a witness is shown the other history.
const SHOWN_ROUNDS: usize = 4;
/// The node that is twinned, and the one that sees both.
const TWINNED: usize = 1;
const PARTNER: usize = 0;

/// Evidence of both nodes where one of them has two histories. The partner had its receipts before they parted and their proofs
/// after that.
#[derive(Debug)]
pub struct Forked {
    /// The partner saw both; with the history that it cosigned.
    pub cosigned: Played,
    /// The partner saw both; with the other one.
    pub other: Played,
    /// The other history, and what the partner handed out before it was shown that.
    pub unseen: Played,
}

/// Plays the exercise of `seed` with a node that is twinned and whose second history is `longer` entries longer than the first one.
///
/// # Errors
/// As [`run`](crate::run).
pub fn forked(seed: u64, longer: u64) -> Result<Forked, Found> {
    found_in(World::new(seed, MemoryDisk::new), seed, |world| world.fork(longer))
}

impl World {
    fn fork(&mut self, longer: u64) -> Result<Result<Forked, Foul>, Failure> {
        // What both histories have in common is cosigned.
        if let Err(foul) = self.play(0)? {
            return Ok(Err(foul));
        }
        self.unbeaten = Some(TWINNED);
        self.exchange()?;
        let mut twin = self.sites[TWINNED].dangerously_twinned()?;
        self.unbeaten = None;
        self.sites[TWINNED].declare(self.now)?;
        if let Err(foul) = self.play(0)? {
            return Ok(Err(foul));
        }
        let size = self.sites[TWINNED].office()?.published_size() + longer;
        let before = self.evidence(Extent::Acts)?;
        self.now = self.now.plus_millis(ROUND_MILLIS);
        pad(&mut twin, size, self.now)?;
        self.wires.clear();
        std::mem::swap(&mut self.sites[TWINNED], &mut twin);
        self.unbeaten = Some(TWINNED);
        for _ in 0..SHOWN_ROUNDS {
            self.now = self.now.plus_millis(ROUND_MILLIS);
            self.quiet_round()?;
        }
        self.wires.clear();
        let other = self.evidence(Extent::Acts)?;
        std::mem::swap(&mut self.sites[TWINNED], &mut twin);
        let cosigned = self.evidence(Extent::Acts)?;
        let is_partners = |path: &String| path.starts_with(self.sites[PARTNER].name.as_str());
        let mut unseen = Played { files: other.files.clone(), ..before };
        unseen.files.retain(|path, _| !is_partners(path));
        unseen.files.extend(before.files.into_iter().filter(|(path, _)| is_partners(path)));
        Ok(Ok(Forked { cosigned, other, unseen }))
    }

    /// Items cross both ways until every one that was given is receipted.
    fn exchange(&mut self) -> Result<(), Failure> {
        for at in [PARTNER, TWINNED] {
            let other = self.sites[1 - at].name.clone();
            for _ in 0..ITEMS {
                let ids = (self.rng.id(), self.rng.id(), self.rng.id());
                self.sites[at].offer_item(ids, 700, &other, self.now)?;
            }
        }
        for _ in 0..MAX_QUIET_ROUNDS {
            self.now = self.now.plus_millis(ROUND_MILLIS);
            self.quiet_round()?;
            let view = self.sites[PARTNER].office()?.view.read();
            let mut sent = view.dispatches.all_sent().peekable();
            let is_receipted = |progress: &Progress| matches!(progress, Progress::Receipted { .. });
            if sent.peek().is_some() && sent.all(|sent| is_receipted(&sent.progress)) {
                return Ok(());
            }
        }
        Err(Fault::Missing("receipt").into())
    }
}

/// Brings the log of a twin to that size, and publishes it.
fn pad(twin: &mut Site, size: u64, now: Timestamp) -> Result<(), Failure> {
    let missing = size.saturating_sub(twin.office()?.view.read().size);
    let acts = vec![Act::Padded {}; usize::try_from(missing).unwrap_or_default()];
    if twin.commit(Plan { acts, ..Plan::default() }, now)?.is_err() {
        return Err(Fault::Busy("nothing else").into());
    }
    twin.publish(now)
}
