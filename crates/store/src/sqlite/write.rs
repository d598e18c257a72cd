//! Statements of one commit. They run inside the writer's transaction and leave the commit to it.
//!
//! *Absent:* decisions. The plan and the growth were worked out before.

use super::read::{self, signed};
use crate::check;
use crate::error::StoreError;
use crate::growth::Growth;
use crate::journal::{Append, Cosignature, NewHead, NewRow, Paper, Row, Stream};
use crate::plan::Plan;
use attache_accord::Digest;
use attache_tlog::{Frontier, TileGrowth};
use rusqlite::{Connection, Params};

fn execute(
    conn: &Connection,
    doing: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<usize, StoreError> {
    conn.prepare_cached(sql)
        .and_then(|mut statement| statement.execute(params))
        .map_err(StoreError::sql(doing))
}

/// Writes everything that a group adds.
pub(super) fn group(
    conn: &Connection,
    appends: &[Append],
    plan: &Plan,
    growth: &Growth,
) -> Result<(), StoreError> {
    let first = growth.frontier.size() - growth.entries.len() as u64;
    let rows = plan.standing(appends).flat_map(|append| &append.rows);
    let placed = (first..).zip(&plan.row_versions).zip(&growth.entries);
    for (new, ((index, version), entry)) in rows.zip(placed) {
        row(conn, index, *version, entry, new)?;
        salt(conn, index, &new.sealed_salt)?;
    }
    plan.standing(appends).flat_map(|append| &append.papers).try_for_each(|new| paper(conn, new))?;
    let heads = plan.standing(appends).flat_map(|append| &append.heads);
    heads.zip(&plan.head_places).try_for_each(|(new, place)| other_head(conn, *place, new))?;
    let cosignatures = plan.standing(appends).flat_map(|append| &append.cosignatures);
    cosignatures.into_iter().try_for_each(|new| cosignature(conn, new))?;
    growth.tiles.iter().try_for_each(|grown| tile(conn, grown))?;
    head(conn, &growth.frontier)
}

fn row(conn: &Connection, index: u64, version: u64, entry: &[u8], new: &NewRow) -> Result<(), StoreError> {
    place(conn, (index, version), &new.stream, entry, &new.body)
}

/// A row that was committed before, with its salt where it still has one.
pub(super) fn kept_row(conn: &Connection, kept: &Row) -> Result<(), StoreError> {
    place(conn, (kept.index, kept.version), &kept.stream, &kept.entry, &kept.body)?;
    kept.sealed_salt.as_ref().map_or(Ok(()), |sealed| salt(conn, kept.index, sealed))
}

fn place(
    conn: &Connection,
    (index, version): (u64, u64),
    stream: &Stream,
    entry: &[u8],
    body: &[u8],
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO journal (idx, stream, version, entry, body, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let stream = stream.as_str();
    let checksum = check::of_row(index, stream, version, entry, body);
    execute(conn, "writing a row", sql, (signed(index), stream, signed(version), entry, body, checksum))?;
    Ok(())
}

/// The salt of a row.
pub(super) fn salt(conn: &Connection, index: u64, sealed: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO salt (idx, sealed, checksum) VALUES (?1, ?2, ?3)";
    execute(conn, "writing a salt", sql, (signed(index), sealed, check::of_salt(index, sealed)))?;
    Ok(())
}

fn paper(conn: &Connection, new: &Paper) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO paper (digest, bytes, checksum) VALUES (?1, ?2, ?3) ON CONFLICT (digest) DO NOTHING";
    let checksum = check::of_paper(&new.digest, &new.bytes);
    execute(conn, "writing a paper", sql, (new.digest.as_bytes(), &new.bytes, checksum))?;
    Ok(())
}

fn other_head(conn: &Connection, place: u64, new: &NewHead) -> Result<(), StoreError> {
    let sql = "INSERT INTO witnessed (log, place, size, sealed, checksum) VALUES (?1, ?2, ?3, ?4, ?5)";
    let log = new.log.as_str();
    let checksum = check::of_head(log, place, new.size, &new.sealed);
    execute(conn, "keeping a head", sql, (log, signed(place), signed(new.size), &new.sealed, checksum))?;
    Ok(())
}

fn cosignature(conn: &Connection, new: &Cosignature) -> Result<(), StoreError> {
    let sql = "INSERT INTO cosignature (size, by, sealed, checksum) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (size, by) DO NOTHING";
    let by = new.by.as_str();
    let checksum = check::of_cosignature(new.size, by, &new.sealed);
    execute(conn, "keeping a cosignature", sql, (signed(new.size), by, &new.sealed, checksum))?;
    Ok(())
}

/// What a tile gains.
pub(super) fn tile(conn: &Connection, growth: &TileGrowth) -> Result<(), StoreError> {
    let mut hashes = read::tile(conn, growth.level, growth.index)?;
    if hashes.len() != usize::from(growth.start) {
        return Err(StoreError::tile(growth.level, growth.index));
    }
    hashes.extend(&growth.hashes);
    let bytes = check::joined(&hashes);
    let checksum = check::of_tile(growth.level, growth.index, &bytes);
    let sql = "INSERT INTO tile (level, idx, hashes, checksum) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes, checksum = excluded.checksum";
    execute(conn, "writing a tile", sql, (growth.level, signed(growth.index), bytes, checksum))?;
    Ok(())
}

/// The head that a frontier stands for.
pub(super) fn head(conn: &Connection, frontier: &Frontier) -> Result<(), StoreError> {
    let sql = "UPDATE head SET size = ?1, root = ?2, frontier = ?3 WHERE one = 0";
    let (size, peaks) = frontier.clone().into_parts();
    let changed =
        execute(conn, "writing the head", sql, (signed(size), frontier.root().0, check::joined(&peaks)))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::derived("head missing", size)) }
}

/// The origin under which the log goes on.
pub(super) fn origin(conn: &Connection, origin: &str) -> Result<(), StoreError> {
    let changed = execute(conn, "renaming the log", "UPDATE head SET origin = ?1 WHERE one = 0", [origin])?;
    if changed == 1 { Ok(()) } else { Err(StoreError::derived("head missing", 0)) }
}

/// Counts the rows that the table of streams does not count yet, `size` rows in all.
pub(super) fn streams(conn: &Connection, size: u64) -> Result<(), StoreError> {
    // In order of their names, so that each page of the table is written once. `WHERE` keeps `ON` from being read as a join's.
    let sql = "INSERT INTO stream (name, version) SELECT stream, count(*) FROM journal
        WHERE idx >= (SELECT counted FROM head) GROUP BY stream ORDER BY stream
        ON CONFLICT (name) DO UPDATE SET version = version + excluded.version";
    execute(conn, "counting streams", sql, [])?;
    execute(conn, "counting streams", "UPDATE head SET counted = ?1 WHERE one = 0", [signed(size)])?;
    Ok(())
}

/// The first head of a new journal.
pub(super) fn first_head(conn: &Connection, origin: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO head (one, origin, size, root, frontier) VALUES (0, ?1, 0, ?2, x'')";
    execute(conn, "writing the first head", sql, (origin, Frontier::new().root().0))?;
    Ok(())
}

/// A further lease.
pub(super) fn lease(conn: &Connection, epoch: u64, holder: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO lease (epoch, holder) VALUES (?1, ?2)";
    execute(conn, "taking the lease", sql, (signed(epoch), holder))?;
    Ok(())
}

/// A further published checkpoint.
pub(super) fn published(conn: &Connection, size: u64, checkpoint: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO published (size, checkpoint, checksum) VALUES (?1, ?2, ?3)";
    let checksum = check::of_published(size, checkpoint);
    execute(conn, "keeping a checkpoint", sql, (signed(size), checkpoint, checksum))?;
    Ok(())
}

/// Removes a paper; 0 where there was none.
pub(super) fn forget_paper(conn: &Connection, digest: &Digest) -> Result<usize, StoreError> {
    execute(conn, "destroying a paper", "DELETE FROM paper WHERE digest = ?1", [digest.as_bytes()])
}

/// Removes a salt; 0 where there was none.
pub(super) fn forget_salt(conn: &Connection, index: u64) -> Result<usize, StoreError> {
    execute(conn, "destroying a salt", "DELETE FROM salt WHERE idx = ?1", [signed(index)])
}
