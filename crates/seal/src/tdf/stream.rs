//! A whole item sealed, opened or tallied front to back, two segments at a time, in the memory of two segments.
//!
//! *Absent:* files; a stream is whatever reads or writes.

use super::workers::in_order;
use super::{
    Container, ContainerWriter, Integrity, MAX_SEGMENT_BYTES, SegmentKey, SegmentMark, SegmentOpener, Tally,
    TdfError,
};
use crate::content_key::ContentKey;
use crate::gcm;
use attache_accord::Digest;
use std::io::{Read, Seek, Write};
use zeroize::Zeroizing;

/// Room for plaintext at first: most items are small, and all of the room is wiped in the end.
const FIRST_ROOM_BYTES: usize = 16 * 1024;

/// A segment on its way: IV, text and tag, where the text is sealed or opened in place. Used again for the next one.
type Buffer = Zeroizing<Vec<u8>>;

fn buffer(sealed_bytes: usize) -> Buffer {
    Zeroizing::new(Vec::with_capacity(sealed_bytes))
}

/// The text in a buffer that lacks its tag still, or has it.
fn text(buffer: &Buffer, tag_bytes: usize) -> &[u8] {
    buffer.get(gcm::IV_BYTES..buffer.len().saturating_sub(tag_bytes)).unwrap_or_default()
}

/// Seals all that `source` gives into the payload of a container, in segments of `segment_bytes`. An empty item has one
/// empty segment, so that its digest is not that of nothing.
///
/// # Errors
/// [`TdfError::TooLarge`] past 64 GiB or for segments over 4 MiB; [`TdfError::Io`]; [`TdfError::Library`].
pub fn seal_stream<W: Write + Send>(
    source: &mut (impl Read + Send),
    out: &mut ContainerWriter<W>,
    key: &ContentKey,
    segment_bytes: u32,
) -> Result<(Integrity, Digest), TdfError> {
    if !(1..=MAX_SEGMENT_BYTES).contains(&segment_bytes) {
        return Err(TdfError::TooLarge { what: "segment", limit: u64::from(MAX_SEGMENT_BYTES) });
    }
    let segment_key = SegmentKey::new(key)?;
    let segment_bytes = segment_bytes as usize;
    let mut first = buffer(FIRST_ROOM_BYTES.min(segment_bytes) + gcm::OVERHEAD_BYTES);
    read_segment(source, &mut first, segment_bytes)?;
    let is_long = text(&first, 0).len() == segment_bytes;
    let (mut first, mut is_ended) = (Some(first), false);
    let mut tally = Tally::new();
    in_order(
        is_long,
        |passing: &mut Buffer| {
            if is_ended {
                return Ok(false);
            }
            let is_first = match first.take() {
                Some(first) => {
                    *passing = first;
                    true
                }
                None => {
                    read_segment(source, passing, segment_bytes)?;
                    false
                }
            };
            is_ended = text(passing, 0).len() < segment_bytes;
            Ok(is_first || !text(passing, 0).is_empty())
        },
        |_, passing| segment_key.seal_in_place(passing),
        |passing, mark| {
            tally.append(&mark)?;
            out.write_sealed(passing)
        },
    )?;
    Ok(tally.finish(key))
}

/// Fills `next` with the next segment behind room for its IV, or what is left of the source.
fn read_segment(source: &mut impl Read, next: &mut Buffer, length: usize) -> Result<(), TdfError> {
    let whole = length + gcm::OVERHEAD_BYTES;
    if next.capacity() <= gcm::OVERHEAD_BYTES {
        *next = buffer(whole);
    }
    next.clear();
    next.resize(gcm::IV_BYTES, 0);
    // Read into room that is there: a buffer that grew by itself would leave plaintext behind in freed memory.
    let room = next.capacity().min(whole) - gcm::TAG_BYTES;
    read_up_to(source, next, room)?;
    if next.len() == room && room < whole - gcm::TAG_BYTES {
        let mut larger = buffer(whole);
        larger.extend_from_slice(next);
        *next = larger;
        read_up_to(source, next, whole - gcm::TAG_BYTES)?;
    }
    Ok(())
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
pub fn open_stream<R: Read + Seek + Send>(
    container: &mut Container<R>,
    key: &ContentKey,
    expected: Option<Digest>,
    out: &mut (impl Write + Send),
) -> Result<u64, TdfError> {
    let integrity = container.manifest().integrity.clone();
    container.rewind();
    let next = |sealed: &mut Vec<u8>| container.next_sealed(sealed);
    open_segments(key, &integrity, expected, next, |plain| Ok(out.write_all(plain)?))
}

/// Opens the segments that `integrity` lists and `next` gives, `false` after the last, into `give`, and gives the item's length
/// in bytes. What [`open_stream`] says of an `Ok` holds here too.
///
/// # Errors
/// The first rule broken, or what `next` and `give` say; nothing is given behind the first error.
pub fn open_segments<E: From<TdfError> + Send>(
    key: &ContentKey,
    integrity: &Integrity,
    expected: Option<Digest>,
    mut next: impl FnMut(&mut Vec<u8>) -> Result<bool, E> + Send,
    mut give: impl FnMut(&[u8]) -> Result<(), E> + Send,
) -> Result<u64, E> {
    let opener = SegmentOpener::new(key, integrity)?;
    let mut tally = Tally::new();
    let largest = integrity.segments.iter().map(|segment| segment.plain_bytes.min(MAX_SEGMENT_BYTES)).max();
    let largest = largest.unwrap_or_default() as usize + gcm::OVERHEAD_BYTES;
    in_order(
        integrity.segments.len() > 1,
        |passing: &mut Buffer| {
            // Once for all segments: a buffer that grew by itself would leave plaintext behind in freed memory.
            if passing.capacity() < largest {
                *passing = buffer(largest);
            }
            next(passing)
        },
        |index, passing| Ok(opener.open_in_place(index, passing)?),
        |passing, mark| {
            tally.append(&mark)?;
            give(text(passing, gcm::TAG_BYTES))
        },
    )?;
    opener.finish(&tally, expected)?;
    Ok(integrity.item_bytes())
}

/// Tallies the sealed segments that `integrity` lists and `next` gives, `false` after the last, and passes each to `give`, in
/// order. Needs no key.
///
/// # Errors
/// [`TdfError::Segment`] for one that is too short or too long to be a segment, [`TdfError::TooLarge`] past 64 GiB, or what `next` and
/// `give` say.
pub fn tally_segments<E: From<TdfError> + Send>(
    integrity: &Integrity,
    mut next: impl FnMut(&mut Vec<u8>) -> Result<bool, E> + Send,
    mut give: impl FnMut(&[u8]) -> Result<(), E> + Send,
) -> Result<Tally, E> {
    let mut tally = Tally::new();
    in_order(
        integrity.segments.len() > 1,
        |sealed: &mut Vec<u8>| next(sealed),
        |index, sealed| Ok(SegmentMark::of(index, sealed)?),
        |sealed, mark| {
            tally.append(&mark)?;
            give(sealed)
        },
    )?;
    Ok(tally)
}
