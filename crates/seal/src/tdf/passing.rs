//! The item digest of a container that comes as a stream of bytes, worked out while it comes: segments are taken to have the
//! length that the format gives to all but the last, and where the manifest lists others those are read again.
//!
//! *Absent:* trust. What the manifest lists decides; this only saves a second pass.

use super::zip::{LOCAL_BYTES, LOCAL_SIGNATURE};
use super::{Integrity, MAX_SEGMENT_BYTES, TdfError};
use crate::gcm;
use attache_accord::Digest;
use attache_tlog::{Frontier, Hash, LeafHasher, leaf_hash};

/// Longest header before the payload that [`front_bytes`] knows, in bytes.
const MAX_FRONT_BYTES: usize = 128;

/// Length of the header with which a container begins, as its first bytes tell; 0 where they tell of none or one of more than
/// 128 bytes.
pub fn front_bytes(first: &[u8]) -> usize {
    let short = |at: usize| match first.get(at..at + 2) {
        Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
        _ => usize::MAX / 4,
    };
    // APPNOTE 4.3.7: name and extra field end the local header, and their lengths its fixed part.
    let length = LOCAL_BYTES + short(LOCAL_BYTES - 4) + short(LOCAL_BYTES - 2);
    if first.starts_with(&LOCAL_SIGNATURE.to_le_bytes()) && length <= MAX_FRONT_BYTES { length } else { 0 }
}

/// The leaves of the segments that passed.
pub struct Passing {
    sealed_bytes: usize,
    leaves: Vec<Hash>,
    next: LeafHasher,
    filled: usize,
}

impl Passing {
    /// For segments of `segment_bytes` before sealing.
    pub fn new(segment_bytes: u32) -> Self {
        let sealed_bytes = segment_bytes as usize + gcm::OVERHEAD_BYTES;
        Self { sealed_bytes, leaves: Vec::new(), next: LeafHasher::new(), filled: 0 }
    }

    /// The next bytes behind the front.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(self.sealed_bytes - self.filled));
            self.next.update(now);
            self.filled += now.len();
            bytes = later;
            if self.filled == self.sealed_bytes {
                self.leaves.push(std::mem::take(&mut self.next).finish());
                self.filled = 0;
            }
        }
    }

    /// The item digest over the segments that `integrity` lists. What did not pass as such a segment is asked of
    /// `read`, by its place behind the front.
    ///
    /// # Errors
    /// [`TdfError::Segment`] for one that is longer than the format allows, or what `read` says.
    pub fn item_digest<E: From<TdfError>>(
        &self,
        integrity: &Integrity,
        mut read: impl FnMut(u64, &mut [u8]) -> Result<(), E>,
    ) -> Result<Digest, E> {
        let (mut tree, mut at, mut sealed) = (Frontier::new(), 0, Vec::new());
        for (index, segment) in (0..).zip(&integrity.segments) {
            if segment.plain_bytes > MAX_SEGMENT_BYTES {
                return Err(TdfError::Segment(index).into());
            }
            let is_in_step =
                at == index * self.sealed_bytes as u64 && segment.sealed_bytes() == self.sealed_bytes as u64;
            let passed =
                usize::try_from(index).ok().and_then(|index| self.leaves.get(index)).filter(|_| is_in_step);
            tree.append(match passed {
                Some(leaf) => *leaf,
                None => {
                    sealed.resize(segment.sealed_bytes() as usize, 0);
                    read(at, &mut sealed)?;
                    leaf_hash(&sealed)
                }
            });
            at += segment.sealed_bytes();
        }
        Ok(Digest(tree.root().0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tdf::{Frame, Segment};

    fn integrity(lengths: &[u32]) -> Integrity {
        let segment = |plain_bytes: &u32| Segment { hash: vec![0; 16], plain_bytes: *plain_bytes };
        Integrity { segments: lengths.iter().map(segment).collect(), is_gmac: true, root_signature: vec![] }
    }

    /// The digest with all segments read, and with those that passed, and how many were read then.
    fn both(lengths: &[u32], tail: usize) -> (Digest, Digest, usize) {
        let integrity = integrity(lengths);
        let bytes: Vec<u8> =
            (0..integrity.payload_bytes() as usize + tail).map(|at| (at % 251) as u8).collect();
        let read = |at: u64, out: &mut [u8]| {
            out.copy_from_slice(&bytes[at as usize..][..out.len()]);
            Ok::<_, TdfError>(())
        };
        let all = Passing::new(100).item_digest(&integrity, read).unwrap();
        let mut passing = Passing::new(100);
        bytes.chunks(37).for_each(|piece| passing.push(piece));
        let mut count = 0;
        let some = passing.item_digest(&integrity, |at, out| {
            count += 1;
            read(at, out)
        });
        (all, some.unwrap(), count)
    }

    #[test]
    fn what_passed_in_step_is_not_read_again_and_the_digest_is_the_same() {
        for (lengths, tail, reads) in [
            (vec![100, 100, 100, 7], 500, 1),
            (vec![100, 100], 0, 0),
            (vec![100, 100], 3, 0),
            (vec![5], 1000, 1),
            (vec![100, 50, 100, 100], 0, 3),
            (vec![99, 100, 100], 200, 3),
            (vec![], 10, 0),
        ] {
            let (all, some, count) = both(&lengths, tail);
            assert_eq!((some, count), (all, reads), "{lengths:?}");
        }
    }

    #[test]
    fn a_segment_longer_than_the_format_allows_is_not_read() {
        let read = |_: u64, _: &mut [u8]| -> Result<(), TdfError> { panic!("it is read") };
        let long = Passing::new(100).item_digest(&integrity(&[MAX_SEGMENT_BYTES + 1]), read);
        assert!(matches!(long, Err(TdfError::Segment(0))));
    }

    #[test]
    fn the_front_of_our_own_containers_is_known_and_of_others_none_is_believed() {
        for payload_bytes in [7, u64::from(u32::MAX)] {
            let head = Frame::new(payload_bytes, 0, b"{}").unwrap().head;
            assert_eq!(front_bytes(&head), head.len());
            assert_eq!(front_bytes(&head[..LOCAL_BYTES - 1]), 0);
            let mut long = head.clone();
            long[LOCAL_BYTES - 1] = 0xff;
            assert_eq!(front_bytes(&long), 0);
            assert_eq!(front_bytes(&head[1..]), 0);
        }
    }
}
