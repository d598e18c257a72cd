//! Shelves: whatever is done to one that rests in part, it is the map that it would be; and a view comes back from its blocks.

use crate::samples::{NOON, any_journal};
use attache_accord::act::Act;
use attache_accord::letters::{LOSS_TOLD_HOURS, Letters, Matter, Stand};
use attache_accord::shelf::{BLOCK_ENTRIES, Place, Rack, Resting, Shelf, Torn};
use attache_accord::view::View;
use attache_accord::{Digest, DispatchId, NodeName, Timestamp};
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

/// Folds that `count` letters were written and that all but the last were given on, every tenth of them in vain.
fn letters(count: u8) -> Letters {
    let (mut letters, own): (_, NodeName) = (Letters::default(), "seoul.kor".parse().unwrap());
    for number in 0..count {
        let (letter, digest) = (DispatchId([number; 16]), Digest([number; 32]));
        let written = Act::LetterOwed {
            letter,
            to: "tokyo.jpn".parse().unwrap(),
            via: "washington.usa".parse().unwrap(),
            matter: Matter::Package(letter),
            papers: digest,
            waybill: digest,
            outer_digest: digest,
            manifest: digest,
            due: Timestamp(9),
        };
        letters.apply(number.into(), Timestamp(1), &own, &written);
        let given_up = number.is_multiple_of(10).then(|| "C-031".to_owned());
        if number + 1 < count {
            letters.apply(0, Timestamp(2), &own, &Act::LetterPassed { letter, given_up });
        }
    }
    letters
}

#[test]
fn letters_that_are_over_rest_and_what_is_still_owed_is_found() {
    let (all, hub) = (letters(200), "washington.usa".parse().unwrap());
    let (rested, blocks) = laid_to_rest(&all);
    assert!(rested == all);
    // The last letters that went on, by which a start sees what is to be removed, and the one that is owed.
    let last: Vec<_> = rested.spent_since(197).map(|id| id.0[0]).collect();
    assert_eq!((last, rested.spent_count()), (vec![197, 198], 199));
    assert_eq!(rested.owed_to(&hub).map(|letter| letter.id.0[0]).collect::<Vec<_>>(), [199]);
    assert_eq!(rested.get(&DispatchId([10; 16])).unwrap().stand, Stand::Refused("C-031".to_owned()));
    assert_eq!(rested.about(&Matter::Package(DispatchId([11; 16]))).unwrap().stand, Stand::Passed);
    // What a start reads of ten times as many that are over is the places of their blocks.
    let outside = |letters: &Letters| minicbor::to_vec_with(letters, &mut Blocks::default()).unwrap().len();
    let one_letter = minicbor::to_vec(all.get(&DispatchId([9; 16])).unwrap()).unwrap().len();
    assert!(blocks.chunks.len() >= 3 * 200 / BLOCK_ENTRIES);
    assert!(outside(&all) - outside(&letters(20)) < 180 * one_letter / 10);
}

/// A hub takes a letter that is due at noon.
fn taken_by_a_hub(letter: DispatchId, share: Option<Digest>) -> Act {
    let digest = Digest([1; 32]);
    Act::LetterTaken {
        letter,
        from: "seoul.kor".parse().unwrap(),
        to: "tokyo.jpn".parse().unwrap(),
        previous: "seoul.kor".parse().unwrap(),
        papers: digest,
        waybill: digest,
        outer_digest: digest,
        manifest: digest,
        due: NOON,
        next: Some("tokyo.jpn".parse().unwrap()),
        refused: None,
        answer: None,
        declines: None,
        share,
    }
}

#[test]
fn shares_stand_in_the_order_of_their_times_and_are_over_with_their_last_letter() {
    let (mut letters, own): (_, NodeName) = (Letters::default(), "washington.usa".parse().unwrap());
    let [first, second, third] = [1, 2, 3].map(|byte| DispatchId([byte; 16]));
    let [one, other] = [1, 2].map(|byte| Digest([byte; 32]));
    let passed = |letter| Act::LetterPassed { letter, given_up: None };
    let given_up = Act::LetterPassed { letter: first, given_up: Some("C-031".to_owned()) };
    for (at, act) in [
        (1, taken_by_a_hub(first, Some(other))),
        (2, taken_by_a_hub(second, Some(one))),
        (3, passed(second)),
        (4, given_up),
    ] {
        letters.apply(at, Timestamp(at), &own, &act);
    }
    let times =
        |letters: &Letters| (0..letters.lent_count()).map(|it| letters.lent_at(it)).collect::<Vec<_>>();
    let last =
        |letters: &Letters| (0..letters.lent_count()).map(|it| letters.last_share(it)).collect::<Vec<_>>();
    assert_eq!(times(&letters), [3, 4].map(|at| Some(Timestamp(at))));
    assert_eq!(last(&letters), [Some(one), Some(other)]);
    letters.apply(5, Timestamp(5), &own, &taken_by_a_hub(third, Some(one)));
    assert_eq!(last(&letters), [None, Some(other)], "a letter with it is on its way");
    letters.apply(6, Timestamp(6), &own, &passed(third));
    assert_eq!(last(&letters), [None, Some(other), Some(one)]);
    let (rested, _) = laid_to_rest(&letters);
    assert!(rested == letters && last(&rested) == last(&letters));
}

/// A hub that took a letter which was due at noon, gave it up at `given_up`, and had its first receipt delivered.
fn given_up_by_a_hub(given_up: Timestamp) -> Letters {
    let (mut letters, own): (_, NodeName) = (Letters::default(), "washington.usa".parse().unwrap());
    let (letter, digest) = (DispatchId([1; 16]), Digest([1; 32]));
    let taken = taken_by_a_hub(letter, None);
    let signed = Act::HopSigned { letter, hop: digest, papers: digest };
    let given_up_there = Act::LetterPassed { letter, given_up: Some("C-031".to_owned()) };
    for (at, act) in [
        (Timestamp(1), taken),
        (Timestamp(2), signed),
        (given_up, given_up_there),
        (given_up, Act::HopDelivered { letter }),
    ] {
        letters.apply(0, at, &own, &act);
    }
    letters
}

#[test]
fn a_loss_is_told_until_a_week_after_the_time_of_its_letter() {
    let told = |letters: &Letters, now| letters.losses_to_sign(now).count();
    let letters = given_up_by_a_hub(NOON);
    let until = NOON.plus_hours(LOSS_TOLD_HOURS);
    assert_eq!([NOON, until, until.plus_millis(1)].map(|now| told(&letters, now)), [1, 1, 0]);
    let (rested, _) = laid_to_rest(&letters);
    assert_eq!((told(&rested, NOON), rested == letters), (1, true));
    assert_eq!(told(&given_up_by_a_hub(until.plus_millis(1)), NOON), 0);
}
