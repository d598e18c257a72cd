//! Making proofs from tiles: which subtrees a proof names (RFC 6962 sections 2.1.1 and 2.1.2), and which tile each
//! subtree's root is in or computed from.
//!
//! *Absent:* verification, which must not share code with what it checks.

use crate::frontier::{Frontier, FrontierError};
use crate::hash::{Hash, MAX_TREE_SIZE, empty_root, node_hash};
use crate::tile::{TILE_HEIGHT, TILE_WIDTH, TileReader};
use std::cell::RefCell;
use std::ops::Range;
use thiserror::Error;

/// The inclusion proof of the entry at `index` in the tree of `size` entries: sibling hashes from the leaf upwards.
///
/// # Errors
/// The index is outside the tree, or a tile cannot be read or has too few hashes.
pub fn prove_inclusion<R: TileReader>(
    reader: &R,
    size: u64,
    index: u64,
) -> Result<Vec<Hash>, TreeError<R::Error>> {
    check_size(size)?;
    if index >= size {
        return Err(TreeError::Outside { index, size });
    }
    let tree = Tree::new(reader);
    let mut siblings = Vec::new();
    let mut range = 0..size;
    while range.end - range.start > 1 {
        let (left, right) = split(&range);
        let (next, sibling) = if index < left.end { (left, right) } else { (right, left) };
        siblings.push(tree.root(sibling)?);
        range = next;
    }
    siblings.reverse();
    Ok(siblings)
}

/// The proof that the tree of `old` entries is the start of the tree of `new` entries; empty where `old` is 0 or
/// `new`.
///
/// # Errors
/// `old` is over `new`, or a tile cannot be read or has too few hashes.
pub fn prove_consistency<R: TileReader>(
    reader: &R,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, TreeError<R::Error>> {
    check_size(new)?;
    if old > new {
        return Err(TreeError::Outside { index: old, size: new });
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let tree = Tree::new(reader);
    let mut hashes = Vec::new();
    let mut range = 0..new;
    while range.end != old {
        let (left, right) = split(&range);
        let (next, sibling) = if old <= left.end { (left, right) } else { (right, left) };
        hashes.push(tree.root(sibling)?);
        range = next;
    }
    // Where the old tree is itself a subtree of the new one, the verifier has its root already.
    if range.start != 0 {
        hashes.push(tree.root(range)?);
    }
    hashes.reverse();
    Ok(hashes)
}

/// The root of the first `size` entries.
///
/// # Errors
/// A tile cannot be read or has too few hashes.
pub fn root_at<R: TileReader>(reader: &R, size: u64) -> Result<Hash, TreeError<R::Error>> {
    check_size(size)?;
    if size == 0 { Ok(empty_root()) } else { Tree::new(reader).root(0..size) }
}

/// The frontier of the first `size` entries, for a log that continues from its tiles alone.
///
/// # Errors
/// A tile cannot be read or has too few hashes.
pub fn frontier_at<R: TileReader>(reader: &R, size: u64) -> Result<Frontier, TreeError<R::Error>> {
    check_size(size)?;
    let tree = Tree::new(reader);
    let peaks = complete_subtrees(0..size).map(|(height, place)| tree.subtree(height, place));
    Ok(Frontier::from_parts(size, peaks.collect::<Result<_, _>>()?)?)
}

fn check_size<E>(size: u64) -> Result<(), TreeError<E>> {
    if size > MAX_TREE_SIZE { Err(FrontierError::TooLarge { size }.into()) } else { Ok(()) }
}

/// At the largest power of two below the length, as RFC 6962 divides a tree.
fn split(range: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let length = range.end - range.start;
    let middle = range.start + (1 << (length - 1).ilog2());
    (range.start..middle, middle..range.end)
}

/// The complete subtrees of a range that starts at a multiple of its largest one, by (height, place), largest first.
fn complete_subtrees(range: Range<u64>) -> impl Iterator<Item = (u32, u64)> {
    let mut rest = range;
    std::iter::from_fn(move || {
        let height = (rest.end - rest.start).checked_ilog2()?;
        let place = rest.start >> height;
        rest.start += 1 << height;
        Some((height, place))
    })
}

/// The tree as the tiles show it. Tiles of one proof are read once: the subtrees of a path share them.
struct Tree<'r, R: TileReader> {
    reader: &'r R,
    read: RefCell<Vec<(u8, u64, Vec<Hash>)>>,
}

impl<'r, R: TileReader> Tree<'r, R> {
    fn new(reader: &'r R) -> Self {
        Self { reader, read: RefCell::new(Vec::new()) }
    }

    fn root(&self, range: Range<u64>) -> Result<Hash, TreeError<R::Error>> {
        let mut subtrees = Vec::new();
        for (height, place) in complete_subtrees(range) {
            subtrees.push(self.subtree(height, place)?);
        }
        let smallest = subtrees.pop().unwrap_or_else(empty_root);
        Ok(subtrees.iter().rev().fold(smallest, |right, left| node_hash(left, &right)))
    }

    /// The root of the complete subtree over entries `place << height` to `(place + 1) << height`.
    fn subtree(&self, height: u32, place: u64) -> Result<Hash, TreeError<R::Error>> {
        let (level, within) = ((height / TILE_HEIGHT) as u8, height % TILE_HEIGHT);
        let first = place << within;
        let index = first / u64::from(TILE_WIDTH);
        let start = (first % u64::from(TILE_WIDTH)) as usize;
        self.with_tile(level, index, |hashes| {
            let short = TreeError::ShortTile { level, index, found: hashes.len() };
            hashes.get(start..start + (1 << within)).map(fold_complete).ok_or(short)
        })
    }

    fn with_tile<T>(
        &self,
        level: u8,
        index: u64,
        use_hashes: impl FnOnce(&[Hash]) -> Result<T, TreeError<R::Error>>,
    ) -> Result<T, TreeError<R::Error>> {
        let mut read = self.read.borrow_mut();
        if let Some((.., hashes)) = read.iter().find(|(l, i, _)| (*l, *i) == (level, index)) {
            return use_hashes(hashes);
        }
        let hashes = self.reader.tile(level, index).map_err(TreeError::Read)?;
        let answer = use_hashes(&hashes);
        read.push((level, index, hashes));
        answer
    }
}

/// The root over a power of two of hashes.
fn fold_complete(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while let [_, _, ..] = row.as_slice() {
        row = row.as_chunks().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    row.pop().unwrap_or_else(empty_root)
}

/// Why a proof or root cannot be made from the tiles.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TreeError<E> {
    /// The entry or the older tree is outside the tree.
    #[error("entry or size {index} is outside a tree of {size} entries")]
    Outside {
        /// The index or older size that was asked about.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The size is no tree size.
    #[error(transparent)]
    Size(#[from] FrontierError),
    /// The tiles do not reach as far as the size.
    #[error("tile {index} of level {level} has only {found} hashes")]
    ShortTile {
        /// The tile's level.
        level: u8,
        /// The tile's place in the level.
        index: u64,
        /// Hashes found in it.
        found: usize,
    },
    /// A tile could not be read.
    #[error("a tile could not be read")]
    Read(#[source] E),
}
