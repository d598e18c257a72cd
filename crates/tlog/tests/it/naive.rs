//! The tree by its definition in RFC 6962 section 2.1, as slow as it is clear, and tiles in memory.

use attache_tlog::{Frontier, Hash, TileReader, empty_root, leaf_hash, node_hash, tile_growth};
use std::collections::BTreeMap;

/// `count` different leaf hashes.
pub fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
}

fn split(count: usize) -> usize {
    1 << (count - 1).ilog2()
}

/// MTH(D[n]).
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// PATH(m, D[n]).
pub fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, sibling) = if index < left.len() {
        (self::path(index, left), root(right))
    } else {
        (self::path(index - left.len(), right), root(left))
    };
    path.push(sibling);
    path
}

/// SUBPROOF(m, D[n], b).
pub fn subproof(old: usize, leaves: &[Hash], known: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if known { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut proof, sibling) = if old <= left.len() {
        (subproof(old, left, known), root(right))
    } else {
        (subproof(old - left.len(), right, false), root(left))
    };
    proof.push(sibling);
    proof
}

/// Tiles in memory, kept as a store keeps them: one row for each (level, index), appended to.
#[derive(Default, Debug, PartialEq)]
pub struct Tiles {
    pub rows: BTreeMap<(u8, u64), Vec<Hash>>,
    pub frontier: Frontier,
}

impl Tiles {
    pub fn grown(leaves: &[Hash], batch: usize) -> Self {
        let mut tiles = Self::default();
        leaves.chunks(batch).for_each(|batch| tiles.append(batch));
        tiles
    }

    pub fn append(&mut self, leaves: &[Hash]) {
        for growth in tile_growth(&mut self.frontier, leaves) {
            let row = self.rows.entry((growth.level, growth.index)).or_default();
            assert_eq!(row.len(), usize::from(growth.start), "level {} index {}", growth.level, growth.index);
            row.extend(growth.hashes);
        }
    }
}

impl TileReader for Tiles {
    type Error = String;

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, String> {
        self.rows.get(&(level, index)).cloned().ok_or_else(|| format!("no tile {level}/{index}"))
    }
}
