//! The record of how much of a partial arrival is durable. It is written over itself in place, so that a crash may leave any
//! mixture of two records: the complement says which is whole.
//!
//! *Absent:* the bytes that it speaks of.

use super::MAX_FRONT_BYTES;

/// What is durable of an arrival: the length behind the front, and the front.
pub(super) type Durable = (u64, Vec<u8>);

/// The record: the length and the arrival's front, and their complement.
pub(super) fn write(length: u64, front: &[u8]) -> Vec<u8> {
    let said = [length.to_be_bytes().as_slice(), front].concat();
    let complement = said.iter().map(|byte| !byte);
    said.iter().copied().chain(complement).collect()
}

/// What a record says; nothing where it is not whole.
pub(super) fn read(record: &[u8]) -> Durable {
    let (said, complement) = record.split_at(record.len() / 2);
    let is_whole =
        said.len() == complement.len() && said.iter().zip(complement).all(|(one, other)| *one == !other);
    match said.split_first_chunk::<8>() {
        Some((length, front)) if is_whole && front.len() <= MAX_FRONT_BYTES => {
            (u64::from_be_bytes(*length), front.to_vec())
        }
        _ => Durable::default(),
    }
}

/// What an arrival of which `held` bytes are there goes on from. Bytes behind the record were never synced, and after a crash they
/// may be anything.
pub(super) fn resume(durable: Durable, held: u64) -> Durable {
    if durable.0 <= held { durable } else { Durable::default() }
}
