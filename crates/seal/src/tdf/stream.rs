//! A whole item sealed or opened on one thread, front to back, in the memory of one segment. Nodes that want all
//! cores use [`SegmentKey`] and [`SegmentOpener`] from their workers instead.
//!
//! *Absent:* files; a stream is whatever reads or writes.

use super::{
    Container, ContainerWriter, Integrity, MAX_SEGMENT_BYTES, SegmentKey, SegmentOpener, Tally, TdfError,
};
use crate::content_key::ContentKey;
use attache_accord::Digest;
use std::io::{Read, Seek, Write};
use zeroize::Zeroizing;

/// Room for plaintext at first: most items are small, and all of the room is wiped in the end.
const FIRST_ROOM_BYTES: usize = 16 * 1024;

/// Seals all that `source` gives into the payload of a container, in segments of `segment_bytes`. An empty item has one
/// empty segment, so that its digest is not that of nothing.
///
/// # Errors
/// [`TdfError::TooLarge`] past 64 GiB or for segments over 4 MiB; [`TdfError::Io`]; [`TdfError::Library`].
pub fn seal_stream<W: Write>(
    source: &mut impl Read,
    out: &mut ContainerWriter<W>,
    key: &ContentKey,
    segment_bytes: u32,
) -> Result<(Integrity, Digest), TdfError> {
    if !(1..=MAX_SEGMENT_BYTES).contains(&segment_bytes) {
        return Err(TdfError::TooLarge { what: "segment", limit: u64::from(MAX_SEGMENT_BYTES) });
    }
    let segment_key = SegmentKey::new(key)?;
    let mut tally = Tally::new();
    let mut plain = Zeroizing::new(Vec::with_capacity(FIRST_ROOM_BYTES.min(segment_bytes as usize)));
    let mut sealed = Vec::new();
    loop {
        plain.clear();
        let room = plain.capacity().min(segment_bytes as usize);
        // Read into room that is there: a buffer that grew by itself would leave plaintext behind in freed memory.
        read_up_to(source, &mut plain, room)?;
        if plain.len() == room && room < segment_bytes as usize {
            let mut whole = Zeroizing::new(Vec::with_capacity(segment_bytes as usize));
            whole.extend_from_slice(&plain);
            plain = whole;
            read_up_to(source, &mut plain, segment_bytes as usize)?;
        }
        if plain.is_empty() && tally.segments() > 0 {
            return Ok(tally.finish(key));
        }
        tally.append(&segment_key.seal_into(&plain, &mut sealed)?)?;
        out.write_sealed(&sealed)?;
        if plain.len() < segment_bytes as usize {
            return Ok(tally.finish(key));
        }
    }
}

/// Reads until `plain` holds `length` bytes or the source ends.
fn read_up_to(source: &mut impl Read, plain: &mut Vec<u8>, length: usize) -> Result<(), TdfError> {
    let left = length.saturating_sub(plain.len());
    source.by_ref().take(left as u64).read_to_end(plain)?;
    Ok(())
}

/// Opens all segments of a container into `out` and gives the item's length in bytes. Each segment is authentic before
/// it is written, but only an `Ok` says that all of them came and are the expected item: until then `out` must be
/// something that can be taken back.
///
/// # Errors
/// The first rule broken.
pub fn open_stream<R: Read + Seek>(
    container: &mut Container<R>,
    key: &ContentKey,
    expected: Option<Digest>,
    out: &mut impl Write,
) -> Result<u64, TdfError> {
    let integrity = container.manifest().integrity.clone();
    let opener = SegmentOpener::new(key, &integrity)?;
    let mut tally = Tally::new();
    let (mut sealed, mut plain) = (Vec::new(), Zeroizing::new(Vec::new()));
    container.rewind();
    while container.next_sealed(&mut sealed)? {
        let mark = opener.open_into(tally.segments(), &sealed, &mut plain)?;
        tally.append(&mark)?;
        out.write_all(&plain)?;
    }
    opener.finish(&tally, expected)?;
    Ok(integrity.item_bytes())
}
