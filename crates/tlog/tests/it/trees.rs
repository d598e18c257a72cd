//! Proofs made from tiles, and what they are worth.

use crate::naive::{self, Tiles, leaves};
use attache_tlog::*;
use proptest::prelude::*;

fn with_bit_flipped(hash: &Hash, bit: usize) -> Hash {
    let mut bytes = hash.0;
    bytes[bit / 8 % 32] ^= 1 << (bit % 8);
    Hash(bytes)
}

/// A place in a proof with one bit of it changed; `None` where there are no hashes to change.
fn with_a_bit_of_a_hash_flipped(proof: &[Hash], at: usize, bit: usize) -> Option<Vec<Hash>> {
    let mut changed = proof.to_vec();
    let place = at.checked_rem(proof.len())?;
    changed[place] = with_bit_flipped(&changed[place], bit);
    Some(changed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn tiles_give_the_inclusion_proof_of_the_definition(size in 1u64..700, at in any::<prop::sample::Index>()) {
        let leaves = leaves(size);
        let index = at.index(leaves.len());
        let proof = prove_inclusion(&Tiles::grown(&leaves, 97), size, index as u64).unwrap();
        prop_assert_eq!(proof, naive::path(index, &leaves));
    }

    #[test]
    fn tiles_give_the_consistency_proof_of_the_definition(new in 1u64..700, at in any::<prop::sample::Index>()) {
        let leaves = leaves(new);
        let old = at.index(leaves.len()) + 1;
        let proof = prove_consistency(&Tiles::grown(&leaves, 97), old as u64, new).unwrap();
        prop_assert_eq!(proof, naive::subproof(old, &leaves, true));
    }

    #[test]
    fn tiles_give_the_root_of_every_earlier_size(size in 1u64..700, at in any::<prop::sample::Index>()) {
        let leaves = leaves(size);
        let earlier = at.index(leaves.len() + 1);
        let tiles = Tiles::grown(&leaves, 97);
        let expected = naive::root(&leaves[..earlier]);
        prop_assert_eq!(root_at(&tiles, earlier as u64).unwrap(), expected);
        prop_assert_eq!(frontier_at(&tiles, earlier as u64).unwrap().root(), expected);
    }

    #[test]
    fn an_inclusion_proof_holds_and_fails_with_any_bit_changed(
        size in 1u64..700, at in any::<prop::sample::Index>(), place in 0usize..16, bit in 0usize..256, other in 0u64..800,
    ) {
        let leaves = leaves(size);
        let index = at.index(leaves.len());
        let (leaf, index) = (leaves[index], index as u64);
        let root = naive::root(&leaves);
        let proof = naive::path(index as usize, &leaves);
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()));
        prop_assert!(verify_inclusion(&with_bit_flipped(&leaf, bit), index, size, &proof, &root).is_err());
        prop_assert!(verify_inclusion(&leaf, index, size, &proof, &with_bit_flipped(&root, bit)).is_err());
        if let Some(changed) = with_a_bit_of_a_hash_flipped(&proof, place, bit) {
            prop_assert!(verify_inclusion(&leaf, index, size, &changed, &root).is_err());
        }
        if other != index {
            prop_assert!(verify_inclusion(&leaf, other, size, &proof, &root).is_err());
        }
        let mut longer = proof.clone();
        longer.push(root);
        prop_assert!(verify_inclusion(&leaf, index, size, &longer, &root).is_err());
    }

    #[test]
    fn a_consistency_proof_holds_and_fails_with_any_bit_changed(
        new in 2u64..700, at in any::<prop::sample::Index>(), place in 0usize..16, bit in 0usize..256,
    ) {
        let leaves = leaves(new);
        let old = at.index(leaves.len() - 1) + 1;
        let (old_root, new_root) = (naive::root(&leaves[..old]), naive::root(&leaves));
        let proof = naive::subproof(old, &leaves, true);
        let old = old as u64;
        prop_assert_eq!(verify_consistency(old, new, &old_root, &new_root, &proof), Ok(()));
        prop_assert!(verify_consistency(old, new, &with_bit_flipped(&old_root, bit), &new_root, &proof).is_err());
        prop_assert!(verify_consistency(old, new, &old_root, &with_bit_flipped(&new_root, bit), &proof).is_err());
        if let Some(changed) = with_a_bit_of_a_hash_flipped(&proof, place, bit) {
            prop_assert!(verify_consistency(old, new, &old_root, &new_root, &changed).is_err());
        }
        let mut longer = proof.clone();
        longer.push(new_root);
        prop_assert!(verify_consistency(old, new, &old_root, &new_root, &longer).is_err());
        prop_assert!(verify_consistency(new, old, &new_root, &old_root, &proof).is_err());
    }

    #[test]
    fn the_largest_trees_can_be_proved(index in 0..MAX_TREE_SIZE, old in 1..MAX_TREE_SIZE) {
        let (tiles, leaf) = (EndlessTiles, EndlessTiles::hash(0));
        let root = root_at(&tiles, MAX_TREE_SIZE).unwrap();
        let inclusion = prove_inclusion(&tiles, MAX_TREE_SIZE, index).unwrap();
        prop_assert_eq!(verify_inclusion(&leaf, index, MAX_TREE_SIZE, &inclusion, &root), Ok(()));
        let old_root = root_at(&tiles, old).unwrap();
        let consistency = prove_consistency(&tiles, old, MAX_TREE_SIZE).unwrap();
        prop_assert!(inclusion.len() <= MAX_PROOF_HASHES && consistency.len() <= MAX_PROOF_HASHES);
        prop_assert_eq!(verify_consistency(old, MAX_TREE_SIZE, &old_root, &root, &consistency), Ok(()));
    }
}

/// A log of endlessly many equal entries.
struct EndlessTiles;

impl EndlessTiles {
    fn hash(height: u32) -> Hash {
        (0..height).fold(leaf_hash(b""), |hash, _| node_hash(&hash, &hash))
    }
}

impl TileReader for EndlessTiles {
    type Error = String;

    fn tile(&self, level: u8, _: u64) -> Result<Vec<Hash>, String> {
        Ok(vec![Self::hash(u32::from(level) * 8); usize::from(TILE_WIDTH)])
    }
}

#[test]
fn a_tree_over_the_largest_size_is_neither_proved_nor_verified() {
    let (leaf, over) = (EndlessTiles::hash(0), MAX_TREE_SIZE + 1);
    assert!(prove_inclusion(&EndlessTiles, over, 0).is_err());
    assert!(prove_consistency(&EndlessTiles, 1, over).is_err());
    assert!(root_at(&EndlessTiles, over).is_err());
    assert_eq!(verify_inclusion(&leaf, 0, over, &[], &leaf), Err(ProofError::SizeOutside { size: over }));
    assert_eq!(
        verify_inclusion(&leaf, 0, u64::MAX, &[], &leaf),
        Err(ProofError::SizeOutside { size: u64::MAX })
    );
    let over = verify_consistency(1, u64::MAX, &leaf, &leaf, &[]);
    assert_eq!(over, Err(ProofError::SizeOutside { size: u64::MAX }));
}

#[test]
fn every_tree_continues_the_empty_one_without_a_proof() {
    let root = naive::root(&leaves(9));
    assert_eq!(prove_consistency(&Tiles::grown(&leaves(9), 9), 0, 9), Ok(vec![]));
    assert_eq!(verify_consistency(0, 9, &empty_root(), &root, &[]), Ok(()));
    assert_eq!(verify_consistency(0, 9, &root, &root, &[]), Err(ProofError::OldRoot));
    assert!(verify_consistency(0, 9, &empty_root(), &root, &[root]).is_err());
    assert_eq!(verify_consistency(0, 0, &empty_root(), &root, &[]), Err(ProofError::Root));
}

#[test]
fn tiles_that_do_not_reach_the_size_are_named() {
    let tiles = Tiles::grown(&leaves(300), 300);
    let short = prove_inclusion(&tiles, 301, 300 - 1);
    assert_eq!(short, Err(TreeError::ShortTile { level: 0, index: 1, found: 44 }));
    assert_eq!(root_at(&tiles, 1000), Err(TreeError::ShortTile { level: 1, index: 0, found: 1 }));
    let nothing = root_at(&Tiles::default(), 1);
    assert_eq!(nothing, Err(TreeError::Read("no tile 0/0".to_owned())));
}

#[test]
fn an_entry_outside_the_tree_is_not_proved() {
    let tiles = Tiles::grown(&leaves(3), 3);
    assert_eq!(prove_inclusion(&tiles, 3, 3), Err(TreeError::Outside { index: 3, size: 3 }));
    assert_eq!(prove_consistency(&tiles, 4, 3), Err(TreeError::Outside { index: 4, size: 3 }));
}

#[test]
fn the_empty_tree_has_the_hash_of_nothing() {
    assert_eq!(empty_root().to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(Frontier::new().root(), empty_root());
    assert_eq!(root_at(&Tiles::default(), 0), Ok(empty_root()));
}
