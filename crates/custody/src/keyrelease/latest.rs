//! The leaves that custody folded last, so that a ruling of a moment ago is found to be in the log without a proof from the journal.
//!
//! *Absent:* any leaf that custody did not fold itself. After a start that went on from a snapshot there are none, and of older
//! entries inclusion is proved.

use attache_tlog::Hash;
use std::collections::VecDeque;

/// Most leaves that are remembered, 32 bytes each: those of some tenths of a second under full load.
const MAX_LATEST: usize = 4_096;

/// The hashes of the last leaves, without a gap.
#[derive(Default)]
pub(super) struct Latest {
    first: u64,
    hashes: VecDeque<Hash>,
}

impl Latest {
    /// Remembers the leaf of the entry at `index`, which follows the last one.
    pub(super) fn append(&mut self, index: u64, leaf: Hash) {
        if self.hashes.is_empty() {
            self.first = index;
        }
        if self.hashes.len() >= MAX_LATEST {
            self.hashes.pop_front();
            self.first += 1;
        }
        self.hashes.push_back(leaf);
    }

    /// The leaf of the entry at `index`, if it is one of the last.
    pub(super) fn at(&self, index: u64) -> Option<&Hash> {
        let place = index.checked_sub(self.first)?;
        self.hashes.get(usize::try_from(place).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_tlog::leaf_hash;

    #[test]
    fn the_last_leaves_are_found_by_their_place_and_older_ones_are_not() {
        let from = 7;
        let most = MAX_LATEST as u64;
        let leaf = |index: u64| leaf_hash(&index.to_be_bytes());
        let mut latest = Latest::default();
        assert_eq!(latest.at(0), None);
        (from..from + most + 2).for_each(|index| latest.append(index, leaf(index)));
        for gone in [0, from, from + 1, from + most + 2, u64::MAX] {
            assert_eq!(latest.at(gone), None, "{gone}");
        }
        for kept in [from + 2, from + most, from + most + 1] {
            assert_eq!(latest.at(kept), Some(&leaf(kept)), "{kept}");
        }
    }
}
