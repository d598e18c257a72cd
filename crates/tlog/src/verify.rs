//! Verification of proofs, from nothing but hashes: that a leaf is in a tree, and that one tree is the start of
//! another (RFC 6962 sections 2.1.1 and 2.1.2).
//!
//! *Absent:* where roots come from. A root is worth as much as the signatures on its checkpoint.

use crate::hash::{Hash, MAX_TREE_SIZE, empty_root, node_hash};
use thiserror::Error;

/// The most hashes that a proof in a tree of at most [`MAX_TREE_SIZE`] entries has: 62 for inclusion, 63 for consistency.
pub const MAX_PROOF_HASHES: usize = 63;

/// That `leaf` is the leaf hash at `index` of the tree of `size` entries with this `root`.
///
/// # Errors
/// The index is outside the tree, the size outside [`MAX_TREE_SIZE`], the proof has a wrong number of hashes, or it
/// leads to another root.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    check_size(size)?;
    if index >= size {
        return Err(ProofError::IndexOutside { index, size });
    }
    let path = Path::to(index, size);
    let (inner, border) = path.divide(proof, path.inner)?;
    let hash = along_border(along_both_sides(*leaf, inner, index), border);
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// That the tree of `old` entries with `old_root` is the start of the tree of `new` entries with `new_root`: nothing
/// was changed or removed. Every tree continues the empty one, with an empty proof.
///
/// # Errors
/// The new tree is smaller, a size is outside [`MAX_TREE_SIZE`], the proof has a wrong number of hashes, or it leads
/// to other roots.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    check_size(new)?;
    if old > new {
        return Err(ProofError::Shrunk { old, new });
    }
    if old == 0 || old == new {
        return verify_without_hashes(old, new, old_root, new_root, proof);
    }
    // The proof starts from the largest complete subtree at the old tree's right edge; where that subtree is the whole
    // old tree, its hash is the old root and is left out of the proof.
    let height = old.trailing_zeros();
    let path = Path::to(old - 1, new);
    let (seed, rest) = match proof.split_first() {
        _ if old.is_power_of_two() => (old_root, proof),
        Some((seed, rest)) => (seed, rest),
        None => return Err(ProofError::Length { found: 0, expected: 1 + path.hashes() - height as usize }),
    };
    let (inner, border) = path.divide(rest, path.inner - height)?;
    let place = (old - 1) >> height;
    if along_border(along_left_side(*seed, inner, place), border) != *old_root {
        return Err(ProofError::OldRoot);
    }
    if along_border(along_both_sides(*seed, inner, place), border) != *new_root {
        return Err(ProofError::Root);
    }
    Ok(())
}

fn verify_without_hashes(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if !proof.is_empty() {
        return Err(ProofError::Length { found: proof.len(), expected: 0 });
    }
    if old == 0 && *old_root != empty_root() {
        return Err(ProofError::OldRoot);
    }
    if old == new && old_root != new_root {
        return Err(ProofError::Root);
    }
    Ok(())
}

fn check_size(size: u64) -> Result<(), ProofError> {
    if size > MAX_TREE_SIZE { Err(ProofError::SizeOutside { size }) } else { Ok(()) }
}

/// The way from a leaf to the root: first through nodes with siblings on either side, then, once it has joined the
/// tree's right edge, past left siblings only.
struct Path {
    inner: u32,
    border: u32,
}

impl Path {
    fn to(index: u64, size: u64) -> Self {
        let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
        let border = index.checked_shr(inner).unwrap_or(0).count_ones();
        Self { inner, border }
    }

    fn hashes(&self) -> usize {
        (self.inner + self.border) as usize
    }

    /// Parts the proof into `inner` hashes and the border's.
    fn divide<'p>(&self, proof: &'p [Hash], inner: u32) -> Result<(&'p [Hash], &'p [Hash]), ProofError> {
        let expected = (inner + self.border) as usize;
        if proof.len() != expected {
            return Err(ProofError::Length { found: proof.len(), expected });
        }
        Ok(proof.split_at(inner as usize))
    }
}

fn along_both_sides(seed: Hash, proof: &[Hash], place: u64) -> Hash {
    proof.iter().enumerate().fold(seed, |hash, (height, sibling)| {
        if is_right_child(place, height) { node_hash(sibling, &hash) } else { node_hash(&hash, sibling) }
    })
}

/// As the old tree's root is reached: siblings on the right did not exist yet.
fn along_left_side(seed: Hash, proof: &[Hash], place: u64) -> Hash {
    proof
        .iter()
        .enumerate()
        .filter(|(height, _)| is_right_child(place, *height))
        .fold(seed, |hash, (_, sibling)| node_hash(sibling, &hash))
}

fn along_border(seed: Hash, proof: &[Hash]) -> Hash {
    proof.iter().fold(seed, |hash, sibling| node_hash(sibling, &hash))
}

fn is_right_child(place: u64, height: usize) -> bool {
    place >> height & 1 == 1
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The size is beyond [`MAX_TREE_SIZE`].
    #[error("a tree of {size} entries is larger than a log may be")]
    SizeOutside {
        /// The size that was given.
        size: u64,
    },
    /// The index must be below the size.
    #[error("entry {index} is outside a tree of {size} entries")]
    IndexOutside {
        /// The index that was given.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// A log only grows.
    #[error("a tree of {new} entries cannot continue one of {old}")]
    Shrunk {
        /// The size of the tree said to be older.
        old: u64,
        /// The size of the tree said to be newer.
        new: u64,
    },
    /// Sizes and index fix the number of hashes.
    #[error("the proof has {found} hashes and not {expected}")]
    Length {
        /// Hashes found.
        found: usize,
        /// Hashes that these sizes call for.
        expected: usize,
    },
    /// The proof does not lead to the old root: the history was changed.
    #[error("the proof does not lead to the old root")]
    OldRoot,
    /// The proof does not lead to the root.
    #[error("the proof does not lead to the root")]
    Root,
}
