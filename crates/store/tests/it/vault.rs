//! What every vault must do, whatever it is kept in.

use attache_accord::{Digest, DispatchId};
use attache_store::{
    FolderVault, MAX_KEPT, MAX_KEPT_BYTES, MAX_PARTIALS, MAX_UNSYNCED_BYTES, MemoryVault, PARTIAL_SYNC_BYTES,
    StoreError, Vault,
};
use std::io::{Read, Seek, SeekFrom};

macro_rules! every_vault {
    ($($claim:ident)*) => {
        mod memory {
            $(#[test]
            fn $claim() {
                super::$claim(&super::MemoryVault::new());
            })*
        }
        mod folder {
            $(#[test]
            fn $claim() {
                let root = tempfile::tempdir().unwrap();
                super::$claim(&super::FolderVault::create(root.path()).unwrap());
            })*
        }
    };
}

every_vault! {
    finished_bytes_come_back
    bytes_that_were_never_finished_are_not_there
    finished_bytes_are_read_from_any_place
    a_reader_ends_at_the_end
    the_same_bytes_may_be_finished_again
    other_bytes_under_the_same_digest_are_refused
    removed_bytes_are_gone
    a_reader_reads_on_after_the_removal
    removed_bytes_may_come_again
    two_streams_are_written_side_by_side
    an_empty_stream_may_be_finished
    a_partial_goes_on_behind_its_durable_bytes
    bytes_of_a_partial_that_were_not_synced_are_gone
    a_partial_is_synced_at_its_interval
    no_more_than_the_limit_is_ever_unsynced
    the_front_of_a_partial_comes_back_and_is_not_finished_with_it
    no_more_is_kept_of_a_partial_than_came
    a_partial_reads_back_what_has_arrived
    a_partial_has_one_handle
    a_finished_partial_is_no_longer_partial
    a_partial_that_cannot_be_finished_stays
    a_partial_given_up_starts_over
    an_open_partial_is_not_given_up
    partials_are_listed_with_their_durable_lengths
    partials_are_bounded_in_number
    kept_records_come_back_from_their_slots
    a_record_too_long_and_one_too_many_are_refused
}

const A: Digest = Digest([0xa1; 32]);
const D: DispatchId = DispatchId([0xd1; 16]);

pub fn put(vault: &dyn Vault, digest: Digest, bytes: &[u8]) -> Result<(), StoreError> {
    let mut writer = vault.create().unwrap();
    bytes.chunks(1000).for_each(|part| writer.append(part).unwrap());
    assert_eq!(writer.written(), bytes.len() as u64);
    writer.finish(&digest)
}

pub fn get(vault: &dyn Vault, digest: Digest) -> Option<Vec<u8>> {
    let mut reader = vault.open(&digest).unwrap()?;
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    assert_eq!(reader.length(), bytes.len() as u64);
    Some(bytes)
}

fn sealed(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

fn finished_bytes_come_back(vault: &dyn Vault) {
    put(vault, A, &sealed(50_000)).unwrap();
    assert_eq!(get(vault, A), Some(sealed(50_000)));
}

fn bytes_that_were_never_finished_are_not_there(vault: &dyn Vault) {
    vault.create().unwrap().append(&sealed(10)).unwrap();
    assert_eq!(get(vault, A), None);
}

fn finished_bytes_are_read_from_any_place(vault: &dyn Vault) {
    put(vault, A, &sealed(5000)).unwrap();
    let mut reader = vault.open(&A).unwrap().unwrap();
    let mut part = [0; 100];
    reader.seek(SeekFrom::End(-100)).unwrap();
    reader.read_exact(&mut part).unwrap();
    assert_eq!(part, sealed(5000)[4900..]);
    assert_eq!(reader.read_at(17, &mut part).unwrap(), 100);
    assert_eq!(part, sealed(5000)[17..117]);
    assert_eq!(reader.stream_position().unwrap(), 5000);
    assert!(reader.seek(SeekFrom::Current(-5001)).is_err());
}

fn a_reader_ends_at_the_end(vault: &dyn Vault) {
    put(vault, A, &sealed(10)).unwrap();
    let reader = vault.open(&A).unwrap().unwrap();
    assert_eq!(reader.read_at(8, &mut [0; 10]).unwrap(), 2);
    assert_eq!(reader.read_at(10, &mut [0; 10]).unwrap(), 0);
    assert_eq!(reader.read_at(1 << 40, &mut [0; 10]).unwrap(), 0);
}

fn the_same_bytes_may_be_finished_again(vault: &dyn Vault) {
    put(vault, A, &sealed(10)).unwrap();
    put(vault, A, &sealed(10)).unwrap();
    assert_eq!(get(vault, A), Some(sealed(10)));
}

fn other_bytes_under_the_same_digest_are_refused(vault: &dyn Vault) {
    put(vault, A, &sealed(10)).unwrap();
    assert!(matches!(put(vault, A, &sealed(11)), Err(StoreError::Differs { held: 10, offered: 11, .. })));
    assert_eq!(get(vault, A), Some(sealed(10)));
}

fn removed_bytes_are_gone(vault: &dyn Vault) {
    put(vault, A, &sealed(10)).unwrap();
    assert!(vault.remove(&A).unwrap());
    assert_eq!(get(vault, A), None);
    assert!(!vault.remove(&A).unwrap());
}

fn a_reader_reads_on_after_the_removal(vault: &dyn Vault) {
    put(vault, A, &sealed(10)).unwrap();
    let reader = vault.open(&A).unwrap().unwrap();
    vault.remove(&A).unwrap();
    assert_eq!(reader.read_at(0, &mut [0; 10]).unwrap(), 10);
}

fn removed_bytes_may_come_again(vault: &dyn Vault) {
    put(vault, A, &sealed(10)).unwrap();
    vault.remove(&A).unwrap();
    put(vault, A, &sealed(12)).unwrap();
    assert_eq!(get(vault, A), Some(sealed(12)));
}

fn two_streams_are_written_side_by_side(vault: &dyn Vault) {
    let (mut one, mut two) = (vault.create().unwrap(), vault.create().unwrap());
    one.append(b"one").unwrap();
    two.append(b"two!").unwrap();
    one.finish(&A).unwrap();
    two.finish(&Digest([0xb1; 32])).unwrap();
    assert_eq!(get(vault, A).unwrap(), b"one");
    assert_eq!(get(vault, Digest([0xb1; 32])).unwrap(), b"two!");
}

fn an_empty_stream_may_be_finished(vault: &dyn Vault) {
    put(vault, A, b"").unwrap();
    assert_eq!(get(vault, A), Some(vec![]));
}

fn a_partial_goes_on_behind_its_durable_bytes(vault: &dyn Vault) {
    for part in sealed(9000).chunks(3000) {
        let mut partial = vault.partial(&D).unwrap();
        partial.append(part).unwrap();
        partial.sync().unwrap();
    }
    let partial = vault.partial(&D).unwrap();
    assert_eq!((partial.durable(), partial.written()), (9000, 9000));
    partial.finish(&A, 9000).unwrap();
    assert_eq!(get(vault, A), Some(sealed(9000)));
}

fn bytes_of_a_partial_that_were_not_synced_are_gone(vault: &dyn Vault) {
    let mut partial = vault.partial(&D).unwrap();
    partial.append(&sealed(100)).unwrap();
    partial.sync().unwrap();
    partial.append(b"unsynced").unwrap();
    assert_eq!((partial.durable(), partial.written()), (100, 108));
    drop(partial);
    let mut partial = vault.partial(&D).unwrap();
    assert_eq!(partial.written(), 100);
    partial.append(b"more").unwrap();
    partial.finish(&A, 104).unwrap();
    assert_eq!(get(vault, A), Some([sealed(100), b"more".to_vec()].concat()));
}

fn a_partial_is_synced_at_its_interval(vault: &dyn Vault) {
    let mut partial = vault.partial(&D).unwrap();
    let part = sealed((PARTIAL_SYNC_BYTES - 1) as usize);
    partial.append(&part).unwrap();
    assert_eq!(partial.durable(), 0);
    partial.append(b"xy").unwrap();
    // The sync goes on beside the writing, and is waited for when the handle goes.
    drop(partial);
    assert_eq!(vault.partial(&D).unwrap().durable(), PARTIAL_SYNC_BYTES + 1);
}

fn no_more_than_the_limit_is_ever_unsynced(vault: &dyn Vault) {
    let mut partial = vault.partial(&D).unwrap();
    let part = sealed(1 << 20);
    for _ in 0..(3 * MAX_UNSYNCED_BYTES) >> 20 {
        partial.append(&part).unwrap();
        assert!(partial.written() - partial.durable() <= MAX_UNSYNCED_BYTES);
    }
}

fn the_front_of_a_partial_comes_back_and_is_not_finished_with_it(vault: &dyn Vault) {
    let mut partial = vault.partial(&D).unwrap();
    partial.begin(b"front").unwrap();
    assert!(matches!(partial.begin(b"another"), Err(StoreError::Limit { .. })));
    partial.append(&sealed(100)).unwrap();
    partial.sync().unwrap();
    drop(partial);
    let mut partial = vault.partial(&D).unwrap();
    assert_eq!((partial.front(), partial.durable(), partial.written()), (b"front".as_slice(), 105, 105));
    partial.append(b"tail").unwrap();
    let mut read = [0; 8];
    assert_eq!(partial.read_at(2, &mut read).unwrap(), 3);
    assert_eq!(&read[..3], b"ont");
    assert_eq!(partial.read_at(5, &mut read).unwrap(), 8);
    assert_eq!(read, sealed(100)[..8]);
    partial.finish(&A, 100).unwrap();
    assert_eq!(get(vault, A), Some(sealed(100)));
}

fn no_more_is_kept_of_a_partial_than_came(vault: &dyn Vault) {
    let mut partial = vault.partial(&D).unwrap();
    partial.append(&sealed(100)).unwrap();
    assert!(matches!(partial.finish(&A, 101), Err(StoreError::Limit { .. })));
    assert_eq!(get(vault, A), None);
}

fn a_partial_reads_back_what_has_arrived(vault: &dyn Vault) {
    let mut partial = vault.partial(&D).unwrap();
    partial.append(&sealed(100)).unwrap();
    let mut part = [0; 10];
    assert_eq!(partial.read_at(95, &mut part).unwrap(), 5);
    assert_eq!(part[..5], sealed(100)[95..]);
}

fn a_partial_has_one_handle(vault: &dyn Vault) {
    let first = vault.partial(&D).unwrap();
    assert!(matches!(vault.partial(&D), Err(StoreError::InUse(_))));
    drop(first);
    assert!(vault.partial(&D).is_ok());
}

fn a_finished_partial_is_no_longer_partial(vault: &dyn Vault) {
    let mut partial = vault.partial(&D).unwrap();
    partial.append(&sealed(100)).unwrap();
    partial.finish(&A, 100).unwrap();
    assert_eq!(vault.partials().unwrap(), []);
    assert_eq!(vault.partial(&D).unwrap().written(), 0);
}

fn a_partial_that_cannot_be_finished_stays(vault: &dyn Vault) {
    put(vault, A, &sealed(5)).unwrap();
    let mut partial = vault.partial(&D).unwrap();
    partial.append(&sealed(100)).unwrap();
    partial.sync().unwrap();
    assert!(matches!(partial.finish(&A, 100), Err(StoreError::Differs { .. })));
    assert_eq!(vault.partials().unwrap(), [(D, 100)]);
}

fn a_partial_given_up_starts_over(vault: &dyn Vault) {
    let mut partial = vault.partial(&D).unwrap();
    partial.append(&sealed(100)).unwrap();
    partial.sync().unwrap();
    drop(partial);
    assert!(vault.abandon(&D).unwrap());
    assert!(!vault.abandon(&D).unwrap());
    assert_eq!(vault.partial(&D).unwrap().written(), 0);
}

fn an_open_partial_is_not_given_up(vault: &dyn Vault) {
    let _partial = vault.partial(&D).unwrap();
    assert!(matches!(vault.abandon(&D), Err(StoreError::InUse(_))));
}

fn partials_are_listed_with_their_durable_lengths(vault: &dyn Vault) {
    for (id, length) in [(2, 20), (1, 10)] {
        let mut partial = vault.partial(&DispatchId([id; 16])).unwrap();
        partial.append(&sealed(length)).unwrap();
        partial.sync().unwrap();
        partial.append(b"unsynced").unwrap();
    }
    assert_eq!(vault.partials().unwrap(), [(DispatchId([1; 16]), 10), (DispatchId([2; 16]), 20)]);
}

fn partials_are_bounded_in_number(vault: &dyn Vault) {
    let id = |number: usize| DispatchId([[0; 8], (number as u64).to_be_bytes()].concat().try_into().unwrap());
    for number in 0..MAX_PARTIALS {
        vault.partial(&id(number)).unwrap();
    }
    assert!(matches!(vault.partial(&id(MAX_PARTIALS)), Err(StoreError::Limit { .. })));
    assert!(vault.partial(&id(0)).is_ok());
    assert!(vault.is_partial(&id(7)) && vault.abandon(&id(7)).unwrap());
    assert!(!vault.is_partial(&id(7)));
    assert!(vault.partial(&id(MAX_PARTIALS)).is_ok());
}

fn kept_records_come_back_from_their_slots(vault: &dyn Vault) {
    let mut scratch = vault.scratch().unwrap();
    let record = |number: u32| vec![number as u8; MAX_KEPT_BYTES - number as usize];
    let mut kept: Vec<_> =
        (0..MAX_KEPT).map(|number| (number, scratch.keep(&record(number)).unwrap())).collect();
    // In any order, and a slot that is free again serves the next.
    let (_, forgotten) = kept.swap_remove(7);
    scratch.forget(forgotten);
    let (number, taken) = kept.swap_remove(20);
    assert_eq!(scratch.take(taken).unwrap(), record(number));
    kept.extend([7, number].map(|number| (number, scratch.keep(&record(number)).unwrap())));
    for (number, record_kept) in kept {
        assert_eq!(scratch.take(record_kept).unwrap(), record(number), "record {number}");
    }
}

fn a_record_too_long_and_one_too_many_are_refused(vault: &dyn Vault) {
    let mut scratch = vault.scratch().unwrap();
    assert!(matches!(scratch.keep(&vec![0; MAX_KEPT_BYTES + 1]), Err(StoreError::Limit { .. })));
    let kept: Vec<_> = (0..MAX_KEPT).map(|_| scratch.keep(b"x").unwrap()).collect();
    assert!(matches!(scratch.keep(b"x"), Err(StoreError::Limit { .. })));
    kept.into_iter().for_each(|one| scratch.forget(one));
    assert!(scratch.keep(b"x").is_ok());
}
