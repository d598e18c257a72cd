//! Shelves: whatever is done to one that rests in part, it is the map that it would be; and a view comes back from its blocks.

use crate::samples::any_journal;
use attache_accord::shelf::{BLOCK_ENTRIES, Place, Rack, Resting, Shelf, Torn};
use attache_accord::view::View;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A rack of one chunk for each block.
#[derive(Default)]
struct Blocks {
    chunks: Vec<Arc<Vec<u8>>>,
    torn: Torn,
}

impl Rack for Blocks {
    fn put(&mut self, block: &[u8]) -> Option<Place> {
        self.chunks.push(Arc::new(block.to_vec()));
        Some(Place { chunk: self.chunks.len() as u32 - 1, start: 0, length: block.len() as u32 })
    }

    fn take(&self, place: Place) -> Option<Resting> {
        let chunk = Arc::clone(self.chunks.get(place.chunk as usize)?);
        Resting::new(chunk, place.start as usize..(place.start + place.length) as usize, self.torn.clone())
    }
}

fn laid_to_rest<T: minicbor::Encode<Blocks> + for<'b> minicbor::Decode<'b, Blocks>>(what: &T) -> (T, Blocks) {
    let mut blocks = Blocks::default();
    let bytes = minicbor::to_vec_with(what, &mut blocks).unwrap();
    (minicbor::decode_with(&bytes, &mut blocks).unwrap(), blocks)
}

#[derive(Debug, Clone)]
enum Deed {
    Insert(u16, u64),
    InsertNew(u16, u64),
    Remove(u16),
    Change(u16),
    Rest,
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let key = 0..600_u16;
    prop_oneof![
        8 => (key.clone(), any::<u64>()).prop_map(|(key, value)| Deed::Insert(key, value)),
        4 => (key.clone(), any::<u64>()).prop_map(|(key, value)| Deed::InsertNew(key, value)),
        2 => key.clone().prop_map(Deed::Remove),
        2 => key.prop_map(Deed::Change),
        1 => Just(Deed::Rest),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_shelf_is_the_map_that_it_would_be(deeds in prop::collection::vec(any_deed(), 0..400)) {
        let (mut shelf, mut map) = (Shelf::<u16, u64>::default(), BTreeMap::new());
        for deed in deeds {
            match deed {
                Deed::Insert(key, value) => {
                    shelf.insert(key, value);
                    map.insert(key, value);
                }
                Deed::InsertNew(key, value) => {
                    prop_assert_eq!(shelf.insert_new(key, value), !map.contains_key(&key));
                    map.entry(key).or_insert(value);
                }
                Deed::Remove(key) => prop_assert_eq!(shelf.remove(&key), map.remove(&key)),
                Deed::Change(key) => {
                    shelf.change(key, |value| *value ^= 1);
                    *map.entry(key).or_default() ^= 1;
                    let value = shelf.get_mut(&key).unwrap();
                    prop_assert_eq!(value, map.get_mut(&key).unwrap());
                }
                Deed::Rest => shelf = laid_to_rest(&shelf).0,
            }
        }
        let walked = shelf.walk().map(|(key, value)| (key.into_owned(), value.into_owned()));
        prop_assert!(walked.eq(map.clone()));
        prop_assert!(shelf == laid_to_rest(&shelf).0);
        prop_assert!(shelf.iter().eq(map.iter()));
        prop_assert!((0..600).all(|key| shelf.get(&key) == map.get(&key)));
    }

    #[test]
    fn a_view_comes_back_from_its_blocks_and_goes_on(journal in any_journal(), at in any::<prop::sample::Index>()) {
        let (mut running, mut rested) = (View::new(9), View::new(9));
        let at = at.index(journal.len() + 1);
        for (index, entry) in journal.iter().enumerate() {
            if index == at {
                rested = laid_to_rest(&rested).0;
            }
            running.apply(entry);
            rested.apply(entry);
        }
        prop_assert!(rested == running);
        prop_assert!(laid_to_rest(&rested).0 == running);
    }
}

#[test]
fn what_is_not_changed_is_not_written_anew() {
    let mut shelf = Shelf::default();
    (0..10 * BLOCK_ENTRIES as u32).for_each(|key| shelf.insert(key, key));
    let (mut shelf, first) = laid_to_rest(&shelf);
    assert_eq!((first.chunks.len(), shelf.get(&70), shelf.get(&9_999)), (10, Some(&70), None));
    assert!(!shelf.insert_new(70, 1));
    shelf.insert(71, 0);
    let (_, second) = laid_to_rest(&shelf);
    let changed = first.chunks.iter().zip(&second.chunks).filter(|(one, other)| one != other).count();
    assert_eq!((changed, second.chunks.len()), (1, 10));
}

#[test]
fn a_block_that_cannot_be_read_is_told() {
    let mut shelf = Shelf::default();
    (0..200_u32).for_each(|key| shelf.insert(key, key));
    let mut blocks = Blocks::default();
    let bytes = minicbor::to_vec_with(&shelf, &mut blocks).unwrap();
    blocks.chunks[1] = Arc::new(vec![0xff; blocks.chunks[1].len()]);
    let shelf: Shelf<u32, u32> = minicbor::decode_with(&bytes, &mut blocks).unwrap();
    assert_eq!((shelf.get(&3), blocks.torn.is_so()), (Some(&3), false));
    let in_the_second = BLOCK_ENTRIES as u32 + 6;
    assert_eq!((shelf.get(&in_the_second), blocks.torn.is_so()), (None, true));
}
