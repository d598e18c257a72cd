//! The full check: everything that follows from the rows, worked out again and compared with what is stored.
//!
//! Opening a journal looks at its right edge only, so that a node starts fast; this reads all of it.
//!
//! *Absent:* repair. What is wrong is named, and a person decides.

use crate::error::StoreError;
use crate::growth::head_of;
use crate::journal::{LocalHead, MAX_READ_ROWS, Reader, Row};
use attache_tlog::{Frontier, LEAF_BYTES, TileGrowth, TileId, leaf_hash, tile_growth};

/// The highest level of tiles that a tree of 2^63 leaves has.
const MAX_TILE_LEVEL: u8 = 7;

/// Reads the whole journal and answers with the head that was found true. Rows committed meanwhile are not looked at.
///
/// # Errors
/// [`StoreError::Damaged`] names the first row or tile that is wrong.
pub fn audit(reader: &dyn Reader) -> Result<LocalHead, StoreError> {
    let head = reader.head()?;
    let mut frontier = Frontier::new();
    while frontier.size() < head.size {
        let left = usize::try_from(head.size - frontier.size()).unwrap_or(usize::MAX);
        let rows = reader.rows(frontier.size(), left.min(MAX_READ_ROWS))?;
        check_rows(reader, &rows, &mut frontier)?;
    }
    if head_of(&frontier) != head {
        return Err(StoreError::derived("head", head.size));
    }
    check_edge(reader, &head)?;
    reader.integrity()?;
    Ok(head)
}

fn check_rows(reader: &dyn Reader, rows: &[Row], frontier: &mut Frontier) -> Result<(), StoreError> {
    let first = frontier.size();
    if rows.is_empty() {
        return Err(StoreError::damaged("row missing", first));
    }
    for (expected, row) in (first..).zip(rows) {
        if row.index != expected || row.entry.len() != LEAF_BYTES {
            return Err(StoreError::damaged("row", expected));
        }
    }
    let leaves: Vec<_> = rows.iter().map(|row| leaf_hash(&row.entry)).collect();
    tile_growth(frontier, &leaves).iter().try_for_each(|growth| check_tile(reader, growth))
}

/// In a tile of leaf hashes the wrong row is named; above, the tile.
fn check_tile(reader: &dyn Reader, growth: &TileGrowth) -> Result<(), StoreError> {
    let stored = reader.tile(growth.level, growth.index)?;
    let start = usize::from(growth.start);
    for (place, hash) in (start..).zip(&growth.hashes) {
        if stored.get(place) != Some(hash) {
            let row = growth.index.saturating_mul(256).saturating_add(place as u64);
            return Err(match growth.level {
                0 => StoreError::derived("leaf hash of row", row),
                level => StoreError::tile(level, growth.index),
            });
        }
    }
    Ok(())
}

/// No tile may hold more than the head covers: a surplus would be a commit that came apart.
fn check_edge(reader: &dyn Reader, head: &LocalHead) -> Result<(), StoreError> {
    for level in 0..=MAX_TILE_LEVEL {
        let last = head.size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0);
        let expected = TileId::in_tree(level, last, head.size).map_or(0, |tile| usize::from(tile.width));
        let surplus = reader.tile(level, last)?.len() > expected || !reader.tile(level, last + 1)?.is_empty();
        // A writer may have gone on since the head was read; then there is nothing to say here.
        if surplus && reader.head()? == *head {
            return Err(StoreError::derived(format!("surplus in tile of level {level}"), last));
        }
    }
    Ok(())
}
