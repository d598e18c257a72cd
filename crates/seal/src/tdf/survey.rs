//! One pass over raw sealed segments, as a vault holds them without a container: their digest, checksum and length,
//! which is all that a new frame around them needs.
//!
//! *Absent:* keys, so nothing here says that a segment opens; and where the segments lie.

use super::{Integrity, MAX_SEGMENT_BYTES, TdfError, tally_segments};
use attache_accord::Digest;
use std::io::Read;

/// What one pass over sealed segments found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survey {
    /// The item digest: the RFC 6962 root over the sealed segments.
    pub item_digest: Digest,
    /// CRC-32 of all sealed segments, as [`super::Frame::new`] asks for it.
    pub crc32: u32,
    /// Length of all sealed segments, in bytes.
    pub payload_bytes: u64,
}

/// Reads all of `source` as the segments that `integrity` lists, in the memory of two segments. It is the list's
/// borders that decide the digest; whether it is the expected one, the caller asks.
///
/// # Errors
/// [`TdfError::SegmentCount`] where `source` ends before the last listed segment does or goes on after it,
/// [`TdfError::TooLarge`] for a listed segment over 4 MiB or an item over 64 GiB, [`TdfError::Io`].
pub fn survey(source: &mut (impl Read + Send), integrity: &Integrity) -> Result<Survey, TdfError> {
    let listed = integrity.segments.len() as u64;
    let mut crc32 = crc32fast::Hasher::new();
    let mut segments = integrity.segments.iter().zip(0..);
    let next = |sealed: &mut Vec<u8>| {
        let Some((segment, found)) = segments.next() else { return Ok(false) };
        if segment.plain_bytes > MAX_SEGMENT_BYTES {
            return Err(TdfError::TooLarge { what: "segment", limit: u64::from(MAX_SEGMENT_BYTES) });
        }
        sealed.clear();
        let found_bytes = source.by_ref().take(segment.sealed_bytes()).read_to_end(sealed)?;
        if (found_bytes as u64) < segment.sealed_bytes() {
            return Err(TdfError::SegmentCount { found, listed });
        }
        Ok(true)
    };
    let tally = tally_segments(integrity, next, |sealed| {
        crc32.update(sealed);
        Ok(())
    })?;
    if source.take(1).read_to_end(&mut Vec::new())? > 0 {
        return Err(TdfError::SegmentCount { found: listed + 1, listed });
    }
    let payload_bytes = integrity.payload_bytes();
    Ok(Survey { item_digest: tally.item_digest(), crc32: crc32.finalize(), payload_bytes })
}
