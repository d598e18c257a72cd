//! Tiles and bundles by name: how the tree is cut into pieces of 256 hashes, and the paths under which the pieces are
//! served (C2SP tlog-tiles v0.1.0).
//!
//! *Absent:* the hashes themselves; they come through [`TileReader`].

use crate::hash::{Hash, MAX_TREE_SIZE};
use crate::line;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Hashes of a full tile, and entries of a full bundle.
pub const TILE_WIDTH: u16 = 256;
/// Levels of the tree that one tile spans.
pub(crate) const TILE_HEIGHT: u32 = 8;
/// The highest level that a path may name.
const MAX_LEVEL: u8 = 63;
/// The longest path of an index in range, with room to spare: `tile/63/` and eight groups.
const MAX_PATH_BYTES: usize = 64;

/// Where hashes are read from: full tiles and the partial ones at the right edge.
pub trait TileReader {
    /// What can go wrong in reading.
    type Error;

    /// The hashes of one tile, as many as there are, 1 to 256. The tile may hold more than the tree size asked about
    /// needs; the surplus is not looked at.
    ///
    /// # Errors
    /// The tile is missing or cannot be read.
    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, Self::Error>;
}

/// One tile, full or partial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// 0 for leaf hashes, to 63.
    pub level: u8,
    /// The place in the level.
    pub index: u64,
    /// Hashes in it, 1 to 256; below 256 the tile is partial.
    pub width: u16,
}

impl TileId {
    /// The tile as it is in a tree of `size` entries; `None` where that tree has no hash in it.
    pub fn in_tree(level: u8, index: u64, size: u64) -> Option<Self> {
        let hashes_in_level = size.checked_shr(TILE_HEIGHT * u32::from(level)).unwrap_or(0);
        width_of(index, hashes_in_level).map(|width| Self { level, index, width })
    }

    /// The path below a log's prefix, such as `tile/0/x001/234.p/44`.
    pub fn path(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        write_place(f, self.index, self.width)
    }
}

impl FromStr for TileId {
    type Err = TileError;

    fn from_str(path: &str) -> Result<Self, TileError> {
        let rest = bounded(path)?.strip_prefix("tile/").ok_or(TileError::Prefix)?;
        let (level, place) = rest.split_once('/').ok_or(TileError::Level)?;
        let level =
            line::decimal(level).and_then(|level| u8::try_from(level).ok()).ok_or(TileError::Level)?;
        if level > MAX_LEVEL {
            return Err(TileError::Level);
        }
        let (index, width) = parse_place(place)?;
        Ok(Self { level, index, width })
    }
}

/// One bundle of entries, full or partial; it holds the entries of the level-0 tile of the same index and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleId {
    /// The place among the bundles.
    pub index: u64,
    /// Entries in it, 1 to 256.
    pub width: u16,
}

impl BundleId {
    /// The bundle as it is in a tree of `size` entries; `None` where that tree has no entry in it.
    pub fn in_tree(index: u64, size: u64) -> Option<Self> {
        width_of(index, size).map(|width| Self { index, width })
    }

    /// The path below a log's prefix, such as `tile/entries/x001/234.p/44`.
    pub fn path(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for BundleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tile/entries/")?;
        write_place(f, self.index, self.width)
    }
}

impl FromStr for BundleId {
    type Err = TileError;

    fn from_str(path: &str) -> Result<Self, TileError> {
        let place = bounded(path)?.strip_prefix("tile/entries/").ok_or(TileError::Prefix)?;
        let (index, width) = parse_place(place)?;
        Ok(Self { index, width })
    }
}

fn width_of(index: u64, available: u64) -> Option<u16> {
    let before = index.checked_mul(u64::from(TILE_WIDTH))?;
    let left = available.checked_sub(before)?.min(u64::from(TILE_WIDTH));
    u16::try_from(left).ok().filter(|width| *width > 0)
}

fn bounded(path: &str) -> Result<&str, TileError> {
    if path.len() > MAX_PATH_BYTES { Err(TileError::TooLong) } else { Ok(path) }
}

fn write_place(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    let mut groups = vec![format!("{:03}", index % 1000)];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.reverse();
    f.write_str(&groups.join("/"))?;
    if width < TILE_WIDTH { write!(f, ".p/{width}") } else { Ok(()) }
}

fn parse_place(place: &str) -> Result<(u64, u16), TileError> {
    let (index_text, width) = match place.split_once(".p/") {
        None => (place, TILE_WIDTH),
        Some((index_text, width)) => (index_text, parse_width(width)?),
    };
    Ok((parse_index(index_text)?, width))
}

fn parse_width(text: &str) -> Result<u16, TileError> {
    let width = line::decimal(text).and_then(|width| u16::try_from(width).ok()).ok_or(TileError::Width)?;
    if (1..TILE_WIDTH).contains(&width) { Ok(width) } else { Err(TileError::Width) }
}

fn parse_index(text: &str) -> Result<u64, TileError> {
    let mut groups = text.split('/').rev();
    let mut digits = groups.next().unwrap_or_default().to_owned();
    if !is_group(&digits) {
        return Err(TileError::Index);
    }
    for group in groups {
        let group = group.strip_prefix('x').filter(|group| is_group(group)).ok_or(TileError::Index)?;
        digits.insert_str(0, group);
    }
    // A leading group of zeros would be a second name for the same tile.
    if digits.len() > 3 && digits.starts_with("000") {
        return Err(TileError::Index);
    }
    digits.parse().ok().filter(|index| *index <= MAX_TREE_SIZE).ok_or(TileError::Index)
}

fn is_group(group: &str) -> bool {
    group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why a path names no tile or bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TileError {
    /// The path is longer than any index in range needs.
    #[error("the tile path is too long")]
    TooLong,
    /// The path starts neither with `tile/` nor, for a bundle, with `tile/entries/`.
    #[error("the path names no tile")]
    Prefix,
    /// The level is a decimal number from 0 to 63 without leading zeros.
    #[error("the tile level is not a decimal number from 0 to 63")]
    Level,
    /// The index is groups of three digits, all but the last after an `x`, the first not all zeros.
    #[error("the tile index is not groups of three digits")]
    Index,
    /// The width of a partial tile is a decimal number from 1 to 255.
    #[error("the width of a partial tile is not from 1 to 255")]
    Width,
}
