//! How the tree falls into tiles, and their names.

use crate::naive::{self, Tiles, leaves};
use attache_tlog::*;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn tiles_do_not_depend_on_how_leaves_were_batched(batches in prop::collection::vec(0usize..300, 1..6)) {
        let all = leaves(batches.iter().sum::<usize>() as u64);
        let (mut tiles, mut done) = (Tiles::default(), 0);
        for batch in batches {
            tiles.append(&all[done..done + batch]);
            done += batch;
            prop_assert_eq!(tiles.frontier.root(), naive::root(&all[..done]));
        }
        prop_assert_eq!(tiles, Tiles::grown(&all, 1));
    }

    #[test]
    fn a_frontier_survives_being_taken_apart(size in 0u64..600, more in 1u64..40) {
        let all = leaves(size + more);
        let mut frontier = Frontier::new();
        all[..size as usize].iter().for_each(|leaf| frontier.append(*leaf));
        let (kept_size, peaks) = frontier.into_parts();
        let mut again = Frontier::from_parts(kept_size, peaks).unwrap();
        all[size as usize..].iter().for_each(|leaf| again.append(*leaf));
        prop_assert_eq!((again.size(), again.root()), (size + more, naive::root(&all)));
    }

    #[test]
    fn a_path_reads_back_as_the_tile_it_names(level in 0u8..64, index in 0..MAX_TREE_SIZE, width in 1u16..257) {
        let (tile, bundle) = (TileId { level, index, width }, BundleId { index, width });
        prop_assert_eq!(tile.path().parse(), Ok(tile));
        prop_assert_eq!(bundle.path().parse(), Ok(bundle));
    }
}

#[test]
fn a_tree_of_70000_has_the_tiles_that_the_specification_says() {
    let tiles = Tiles::grown(&leaves(70_000), 4096);
    let widths = |level| {
        let row = tiles.rows.iter().filter(move |((l, _), _)| *l == level);
        row.map(|(_, hashes)| hashes.len()).collect::<Vec<_>>()
    };
    let mut level_0 = vec![256; 273];
    level_0.push(112);
    assert_eq!((widths(0), widths(1), widths(2), widths(3)), (level_0, vec![256, 17], vec![1], vec![]));
    for ((level, index), hashes) in &tiles.rows {
        let width = TileId::in_tree(*level, *index, 70_000).map(|tile| usize::from(tile.width));
        assert_eq!(width, Some(hashes.len()), "{level}/{index}");
    }
    assert_eq!(frontier_at(&tiles, 70_000), Ok(tiles.frontier.clone()));
}

#[test]
fn a_tree_has_no_tiles_past_its_edge() {
    assert_eq!(TileId::in_tree(0, 1, 256), None);
    assert_eq!(TileId::in_tree(1, 0, 255), None);
    assert_eq!(TileId::in_tree(63, 0, MAX_TREE_SIZE), None);
    assert_eq!(TileId::in_tree(0, u64::MAX, MAX_TREE_SIZE), None);
    assert_eq!(BundleId::in_tree(0, 0), None);
    assert_eq!(BundleId::in_tree(1, 300), Some(BundleId { index: 1, width: 44 }));
}

#[test]
fn a_frontier_must_have_a_hash_for_each_one_bit_of_its_size() {
    let hash = leaf_hash(b"");
    assert_eq!(Frontier::from_parts(3, vec![hash]), Err(FrontierError::PeakCount { size: 3, found: 1 }));
    assert_eq!(Frontier::from_parts(4, vec![hash; 2]), Err(FrontierError::PeakCount { size: 4, found: 2 }));
    let size = MAX_TREE_SIZE + 1;
    assert_eq!(Frontier::from_parts(size, vec![hash]), Err(FrontierError::TooLarge { size }));
}

#[test]
fn a_bundle_gives_back_its_entries() {
    let entries: [&[u8]; 3] = [b"one", b"", &[7; MAX_ENTRY_BYTES]];
    let bundle = encode_bundle(&entries).unwrap();
    assert_eq!(parse_bundle(&bundle).unwrap(), entries);
}

#[test]
fn a_bundle_is_of_1_to_256_entries_of_bounded_length() {
    assert_eq!(encode_bundle::<&[u8]>(&[]), Err(BundleError::Empty));
    assert_eq!(encode_bundle(&[b"x"; 257]), Err(BundleError::TooMany));
    let long = vec![0; MAX_ENTRY_BYTES + 1];
    assert_eq!(encode_bundle(&[vec![], long]), Err(BundleError::EntryTooLong { place: 1 }));
    assert_eq!(parse_bundle(b""), Err(BundleError::Empty));
    assert_eq!(parse_bundle(&[0; 2 * 257]), Err(BundleError::TooMany));
}

#[test]
fn a_bundle_cut_short_is_refused_at_every_byte() {
    let bundle = encode_bundle(&[b"one", b"two"]).unwrap();
    for length in (1..bundle.len()).filter(|length| *length != 5) {
        assert_eq!(parse_bundle(&bundle[..length]), Err(BundleError::CutShort { place: length / 5 }));
    }
}
