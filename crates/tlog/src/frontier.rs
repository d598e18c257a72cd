//! The right edge of a growing tree: the roots of its maximal complete subtrees. It is all that is needed to append,
//! to know the root, and to know which tile hashes come into being; it never looks back at the entries.
//!
//! *Absent:* storage of tiles, and proofs, which need more of the tree than its edge.

use crate::hash::{Hash, MAX_TREE_SIZE, empty_root, node_hash};
use crate::tile::{TILE_HEIGHT, TILE_WIDTH};
use thiserror::Error;

/// The root of a tree as it grows, in O(log n) memory: one hash for each one-bit of the size, largest subtree first.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// A frontier as [`Frontier::into_parts`] took it apart.
    ///
    /// # Errors
    /// The size is over [`MAX_TREE_SIZE`], or there is not one hash for each one-bit of it.
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Result<Self, FrontierError> {
        if size > MAX_TREE_SIZE {
            return Err(FrontierError::TooLarge { size });
        }
        if peaks.len() != size.count_ones() as usize {
            return Err(FrontierError::PeakCount { size, found: peaks.len() });
        }
        Ok(Self { size, peaks })
    }

    /// The size and the subtree roots, largest subtree first, to be kept until [`Frontier::from_parts`].
    pub fn into_parts(self) -> (u64, Vec<Hash>) {
        (self.size, self.peaks)
    }

    /// Entries so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        self.append_observed(leaf, |_, _| ());
    }

    /// The RFC 6962 root of the entries so far.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => empty_root(),
            Some(smallest) => peaks.fold(*smallest, |right, left| node_hash(left, &right)),
        }
    }

    /// Adds a leaf and shows each complete subtree that it finishes, by its height, smallest first.
    fn append_observed(&mut self, leaf: Hash, mut finished: impl FnMut(u32, Hash)) {
        let mut hash = leaf;
        finished(0, hash);
        for height in 1..=self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
                finished(height, hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }
}

/// Hashes to be appended to one tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileGrowth {
    /// The tile's level: 0 holds leaf hashes, each further level the roots of full tiles below.
    pub level: u8,
    /// The tile's place in its level.
    pub index: u64,
    /// How many hashes the tile must hold already, 0 to 255: a store that finds another number there has lost or
    /// doubled a write.
    pub start: u16,
    /// What to append, 1 to 256 hashes.
    pub hashes: Vec<Hash>,
}

/// The tiles that change when leaf hashes are appended, and the frontier moved past them. One growth for each
/// (level, index), in ascending order; a store keeps one row a tile and appends `hashes` to it, and writes the
/// frontier back in the same transaction.
pub fn tile_growth(frontier: &mut Frontier, leaves: &[Hash]) -> Vec<TileGrowth> {
    let mut growths: Vec<TileGrowth> = Vec::new();
    for leaf in leaves {
        let size_after = frontier.size + 1;
        frontier.append_observed(*leaf, |height, hash| {
            if height % TILE_HEIGHT == 0 {
                grow(&mut growths, height, size_after, hash);
            }
        });
    }
    growths.sort_by_key(|growth| (growth.level, growth.index));
    growths
}

fn grow(growths: &mut Vec<TileGrowth>, height: u32, size_after: u64, hash: Hash) {
    let place = (size_after >> height) - 1;
    let (index, start) = (place / TILE_WIDTH as u64, (place % TILE_WIDTH as u64) as u16);
    let level = (height / TILE_HEIGHT) as u8;
    match growths.iter_mut().rev().find(|growth| growth.level == level && growth.index == index) {
        Some(growth) => growth.hashes.push(hash),
        None => growths.push(TileGrowth { level, index, start, hashes: vec![hash] }),
    }
}

/// Why kept parts are not a frontier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrontierError {
    /// The size is beyond [`MAX_TREE_SIZE`].
    #[error("a tree of {size} entries is larger than a log may be")]
    TooLarge {
        /// The size that was given.
        size: u64,
    },
    /// There must be one subtree root for each one-bit of the size.
    #[error("a tree of {size} entries does not have {found} complete subtrees")]
    PeakCount {
        /// The size that was given.
        size: u64,
        /// The number of hashes that were given.
        found: usize,
    },
}
