//! The disk under what is kept in memory: whether its power is on, and by whose choice each write that was not synced is lost,
//! torn or kept when it goes out.
//!
//! *Absent:* the bytes, which stay with whoever keeps them, and randomness: every choice is asked of the caller.

use crate::error::StoreError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most bytes of a torn write that are replaced.
const MAX_REPLACED_BYTES: usize = 512;

/// Answers a number below the one that it is given, which is at least 1.
pub type Chance = Box<dyn FnMut(usize) -> usize + Send>;

/// The disk of a [`MemoryVault`](crate::MemoryVault) and a [`MemoryJournal`](crate::MemoryJournal). Clones are the same disk.
#[derive(Clone, Default)]
pub struct MemoryDisk {
    power: Arc<Mutex<Power>>,
}

#[derive(Default)]
struct Power {
    /// Without it the power never fails.
    chance: Option<Chance>,
    /// Operations until the power goes out.
    left: Option<usize>,
    is_out: bool,
    is_lying: bool,
    restarts: u64,
    /// Writes that were lost, torn and kept.
    settled: [u64; 3],
}

/// What becomes of a write that was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Lost,
    Torn,
    Kept,
}

impl Power {
    fn check(&self) -> Result<(), StoreError> {
        if self.is_out { Err(StoreError::fault("using the disk", "its power is out")) } else { Ok(()) }
    }
}

impl MemoryDisk {
    /// A disk whose power may go out; `chance` decides when, and what becomes of what was not synced.
    pub fn new(chance: Chance) -> Self {
        Self::with(chance, false)
    }

    /// A disk that answers a sync and does none. For the control of an exercise, which must find that something is lost.
    #[doc(hidden)]
    pub fn dangerously_lying(chance: Chance) -> Self {
        Self::with(chance, true)
    }

    fn with(chance: Chance, is_lying: bool) -> Self {
        let power = Power { chance: Some(chance), is_lying, ..Power::default() };
        Self { power: Arc::new(Mutex::new(power)) }
    }

    /// The power goes out at one of the next `operations`.
    pub fn fails_within(&self, operations: usize) {
        let left = self.below(operations);
        self.power().left = Some(left);
    }

    /// The power stays on.
    pub fn fails_no_more(&self) {
        self.power().left = None;
    }

    /// Whether the power is out: then every operation answers a fault.
    pub fn is_out(&self) -> bool {
        self.power().is_out
    }

    /// The power is on again. [`MemoryVault::lose_unsynced`](crate::MemoryVault::lose_unsynced) belongs to it; the journal sees it
    /// at its next lease.
    pub fn restart(&self) {
        let mut power = self.power();
        (power.left, power.is_out) = (None, false);
        power.restarts += 1;
    }

    fn power(&self) -> MutexGuard<'_, Power> {
        // A chance that panics leaves everything else as it was.
        self.power.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stands before each change: refuses it where the power is out, or goes out now.
    pub(crate) fn operate(&self) -> Result<(), StoreError> {
        let mut power = self.power();
        match &mut power.left {
            Some(0) => power.is_out = true,
            Some(left) => *left -= 1,
            None => {}
        }
        power.check()
    }

    /// Stands before each look that changes nothing: no place for the power to go out that matters.
    pub(crate) fn look(&self) -> Result<(), StoreError> {
        self.power().check()
    }

    /// Whether anything is ever lost, so that it must be kept apart what is synced.
    pub(crate) fn may_fail(&self) -> bool {
        self.power().chance.is_some()
    }

    pub(crate) fn is_lying(&self) -> bool {
        self.power().is_lying
    }

    /// How often the power came back.
    pub(crate) fn restarts(&self) -> u64 {
        self.power().restarts
    }

    pub(crate) fn below(&self, limit: usize) -> usize {
        self.power().chance.as_mut().map_or(0, |chance| chance(limit.max(1)))
    }

    /// How many writes that were not synced were lost, torn and kept.
    pub fn settled(&self) -> [u64; 3] {
        self.power().settled
    }

    pub(crate) fn fate(&self) -> Fate {
        let drawn = self.below(3);
        self.power().settled[drawn] += 1;
        [Fate::Lost, Fate::Torn, Fate::Kept][drawn]
    }

    /// What a write over `old` from byte `from` on leaves: nothing new, all of `new`, or as far as it came and then what was
    /// there before, the last bytes that came being anything.
    pub(crate) fn settle(&self, old: &[u8], new: &[u8], from: usize) -> Vec<u8> {
        match self.fate() {
            Fate::Lost => old.to_vec(),
            Fate::Kept => new.to_vec(),
            Fate::Torn => {
                let from = from.min(new.len());
                let end = from + self.below(new.len() - from + 1);
                let mut torn = [&new[..end], old.get(end..).unwrap_or_default()].concat();
                if self.below(2) == 0 {
                    let replaced = self.below(MAX_REPLACED_BYTES.min(end - from) + 1);
                    torn[end - replaced..end].fill_with(|| self.below(256) as u8);
                }
                torn
            }
        }
    }
}
