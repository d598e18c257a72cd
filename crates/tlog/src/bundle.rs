//! Entry bundles: the entries of one level-0 tile, each after its length (C2SP tlog-tiles v0.1.0, "Log entries").
//!
//! *Absent:* what an entry says, and whether it is in the log; hash it and ask the tile.

use crate::tile::TILE_WIDTH;
use thiserror::Error;

/// The longest entry: its length is a big-endian u16.
pub const MAX_ENTRY_BYTES: usize = u16::MAX as usize;

const LENGTH_BYTES: usize = 2;

/// Writes a bundle of 1 to 256 entries.
///
/// # Errors
/// There are no entries, more than 256, or one is longer than [`MAX_ENTRY_BYTES`].
pub fn encode_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, BundleError> {
    if entries.is_empty() {
        return Err(BundleError::Empty);
    }
    if entries.len() > usize::from(TILE_WIDTH) {
        return Err(BundleError::TooMany);
    }
    let mut out = Vec::with_capacity(entries.iter().map(|entry| LENGTH_BYTES + entry.as_ref().len()).sum());
    for (place, entry) in entries.iter().map(AsRef::as_ref).enumerate() {
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong { place })?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(entry);
    }
    Ok(out)
}

/// The entries of a bundle, 1 to 256 of them. What follows the last full entry is an error, never ignored.
///
/// # Errors
/// The bundle is empty, cut short, or holds more than 256 entries.
pub fn parse_bundle(bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if entries.len() == usize::from(TILE_WIDTH) {
            return Err(BundleError::TooMany);
        }
        let cut_short = BundleError::CutShort { place: entries.len() };
        let (length, after) = rest.split_first_chunk::<LENGTH_BYTES>().ok_or(cut_short)?;
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(cut_short)?;
        entries.push(entry);
        rest = after;
    }
    if entries.is_empty() { Err(BundleError::Empty) } else { Ok(entries) }
}

/// Why bytes or entries are no bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BundleError {
    /// Empty tiles and bundles are never served.
    #[error("the bundle holds no entries")]
    Empty,
    /// More entries than a tile has hashes.
    #[error("the bundle holds more than 256 entries")]
    TooMany,
    /// The length of an entry must fit a u16.
    #[error("entry {place} of the bundle is longer than 65535 bytes")]
    EntryTooLong {
        /// The entry, counted from 0 in this bundle.
        place: usize,
    },
    /// The bytes end within an entry.
    #[error("the bundle ends within entry {place}")]
    CutShort {
        /// The entry, counted from 0 in this bundle.
        place: usize,
    },
}
