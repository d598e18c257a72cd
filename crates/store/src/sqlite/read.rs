//! Queries. The writer's connection and every reader's use the same ones.
//!
//! Each record's check is verified before it is handed out.
//!
//! *Absent:* writing.

use super::reader::PapersThere;
use crate::check::{self, CHECK_BYTES};
use crate::error::StoreError;
use crate::journal::{
    Cosignature, Fence, Head, LocalHead, MAX_READ_BYTES, MAX_READ_ROWS, Published, Row, Stream,
};
use crate::plan::is_checkpoint_of;
use attache_accord::Digest;
use attache_tlog::{Frontier, Hash, Origin, TileReader};
use rusqlite::{Connection, OptionalExtension, Params};

/// The head row as stored.
pub(super) struct StoredHead {
    pub origin: String,
    pub frontier: Frontier,
}

/// A place as SQLite keeps it. Trees end at 2^63 − 1, so nothing real is lost.
pub(super) fn signed(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

/// A column that must not be negative.
fn unsigned(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

fn one<T>(
    conn: &Connection,
    doing: &'static str,
    sql: &str,
    params: impl Params,
    map: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    let found = conn.prepare_cached(sql).and_then(|mut select| select.query_row(params, map).optional());
    found.map_err(StoreError::sql(doing))
}

/// Reads the head and checks that its size, root and frontier belong together.
pub(super) fn stored_head(conn: &Connection) -> Result<StoredHead, StoreError> {
    let sql = "SELECT origin, size, root, frontier FROM head WHERE one = 0";
    let columns = one(conn, "reading the head", sql, [], |row| {
        Ok((row.get(0)?, unsigned(row, 1)?, row.get::<_, Vec<u8>>(2)?, row.get::<_, Vec<u8>>(3)?))
    })?;
    let (origin, size, root, peaks) = columns.ok_or_else(|| StoreError::derived("head missing", 0))?;
    let frontier = check::split(&peaks).and_then(|peaks| Frontier::from_parts(size, peaks).ok());
    match frontier {
        Some(frontier) if frontier.root().0.as_slice() == root => Ok(StoredHead { origin, frontier }),
        _ => Err(StoreError::derived("head", size)),
    }
}

/// The head of the last commit that this connection sees.
pub(super) fn head(conn: &Connection) -> Result<LocalHead, StoreError> {
    Ok(crate::growth::head_of(&stored_head(conn)?.frontier))
}

/// The fence in force; 0 before the first lease.
pub(super) fn fence(conn: &Connection) -> Result<Fence, StoreError> {
    let sql = "SELECT coalesce(max(epoch), 0) FROM lease";
    Ok(Fence(one(conn, "reading the lease", sql, [], |row| unsigned(row, 0))?.unwrap_or(0)))
}

/// One more than the last row's index.
pub(super) fn row_count(conn: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(max(idx) + 1, 0) FROM journal";
    Ok(one(conn, "counting rows", sql, [], |row| unsigned(row, 0))?.unwrap_or(0))
}

/// Rows from `from` on, each checked.
pub(super) fn rows(conn: &Connection, from: u64, limit: usize) -> Result<Vec<Row>, StoreError> {
    const SQL: &str = "SELECT j.idx, j.stream, j.version, j.body, j.entry, j.checksum, s.sealed, s.checksum
        FROM journal AS j LEFT JOIN salt AS s ON s.idx = j.idx WHERE j.idx >= ?1 ORDER BY j.idx LIMIT ?2";
    let limit = limit.min(MAX_READ_ROWS) as i64;
    let mut select = conn.prepare_cached(SQL).map_err(StoreError::sql("preparing to read rows"))?;
    let mut found = select.query((signed(from), limit)).map_err(StoreError::sql("reading rows"))?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while bytes < MAX_READ_BYTES
        && let Some(columns) = found.next().map_err(StoreError::sql("reading rows"))?
    {
        let row = checked_row(columns, from + rows.len() as u64)?;
        bytes += row.body.len();
        rows.push(row);
    }
    Ok(rows)
}

fn checked_row(columns: &rusqlite::Row<'_>, expected: u64) -> Result<Row, StoreError> {
    let damaged = |what: &str| StoreError::damaged(what, expected);
    let read = || -> rusqlite::Result<_> {
        let stream: String = columns.get(1)?;
        let salt: Option<Vec<u8>> = columns.get(6)?;
        let checks: (Vec<u8>, Option<Vec<u8>>) = (columns.get(5)?, columns.get(7)?);
        let (body, entry): (Vec<u8>, Vec<u8>) = (columns.get(3)?, columns.get(4)?);
        Ok((unsigned(columns, 0)?, stream, unsigned(columns, 2)?, body, entry, salt, checks))
    };
    // A column of the wrong type or text that is no UTF-8 is damage too, and of this very row.
    let (index, stream, version, body, entry, sealed_salt, checks) = read().map_err(|_| damaged("row"))?;
    if index != expected {
        return Err(damaged("row missing"));
    }
    if checks.0 != check::of_row(index, &stream, version, &entry, &body) {
        return Err(damaged("row"));
    }
    if checks.1 != sealed_salt.as_ref().map(|sealed| check::of_salt(index, sealed).to_vec()) {
        return Err(damaged("salt of row"));
    }
    let stream = Stream::new(stream).map_err(|_| damaged("row"))?;
    Ok(Row { index, stream, version, body, sealed_salt, entry })
}

/// How many rows a stream holds. Those that are not counted yet are all looked at.
pub(super) fn version(conn: &Connection, stream: &Stream) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce((SELECT version FROM stream WHERE name = ?1), 0)
        + (SELECT count(*) FROM journal WHERE idx >= (SELECT counted FROM head) AND stream = ?1)";
    Ok(one(conn, "reading a stream", sql, [stream.as_str()], |row| unsigned(row, 0))?.unwrap_or(0))
}

/// How many of the counted rows a stream holds.
pub(super) fn counted_version(conn: &Connection, stream: &Stream) -> Result<u64, StoreError> {
    let sql = "SELECT version FROM stream WHERE name = ?1";
    Ok(one(conn, "reading a stream", sql, [stream.as_str()], |row| unsigned(row, 0))?.unwrap_or(0))
}

/// How many rows the table of streams counts.
pub(super) fn counted(conn: &Connection) -> Result<u64, StoreError> {
    let counted = one(conn, "reading the head", "SELECT counted FROM head", [], |row| unsigned(row, 0))?;
    counted.ok_or_else(|| StoreError::derived("head missing", 0))
}

/// A paper, checked.
pub(super) fn paper(conn: &Connection, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT rowid, bytes, checksum FROM paper WHERE digest = ?1";
    let found = one(conn, "reading a paper", sql, [digest.as_bytes()], |row| {
        Ok((unsigned(row, 0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
    })?;
    match found {
        Some((place, bytes, checksum)) if checksum != check::of_paper(digest, &bytes) => {
            Err(StoreError::damaged("paper", place))
        }
        found => Ok(found.map(|(_, bytes, _)| bytes)),
    }
}

/// Whether each tile is as it was written. What it should be follows from the rows; a full check compares them.
pub(super) fn check_tiles(conn: &Connection) -> Result<(), StoreError> {
    let doing = "checking tiles";
    let sql = "SELECT level, idx, hashes, checksum FROM tile";
    let mut select = conn.prepare_cached(sql).map_err(StoreError::sql(doing))?;
    let mut found = select.query([]).map_err(StoreError::sql(doing))?;
    while let Some(row) = found.next().map_err(StoreError::sql(doing))? {
        let (level, index) = (row.get(0), unsigned(row, 1));
        let (level, index): (u8, u64) =
            level.and_then(|level| Ok((level, index?))).map_err(|_| StoreError::derived("tile", 0))?;
        let columns = row.get::<_, Vec<u8>>(2).and_then(|hashes| Ok((hashes, row.get::<_, Vec<u8>>(3)?)));
        let is_whole =
            |(hashes, checksum): &(Vec<u8>, Vec<u8>)| *checksum == check::of_tile(level, index, hashes);
        if !columns.is_ok_and(|columns| is_whole(&columns)) {
            return Err(StoreError::tile(level, index));
        }
    }
    Ok(())
}

/// A tile, checked; no hashes where it has not begun.
pub(super) fn tile(conn: &Connection, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
    let sql = "SELECT hashes, checksum FROM tile WHERE level = ?1 AND idx = ?2";
    let found = one(conn, "reading a tile", sql, (level, signed(index)), |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))
    })?;
    let Some((hashes, checksum)) = found else { return Ok(Vec::new()) };
    let whole = check::split(&hashes).filter(|_| checksum == check::of_tile(level, index, &hashes));
    whole.ok_or_else(|| StoreError::tile(level, index))
}

/// The last checkpoint published at or below `size`, checked.
pub(super) fn published_at(conn: &Connection, size: u64) -> Result<Option<Published>, StoreError> {
    let sql = "SELECT size, checkpoint, checksum FROM published WHERE size <= ?1 ORDER BY size DESC, seq DESC LIMIT 1";
    let found = one(conn, "reading a checkpoint", sql, [signed(size)], published_columns)?;
    found.map(checked_published).transpose()
}

type PublishedColumns = (u64, String, Vec<u8>);

fn published_columns(row: &rusqlite::Row<'_>) -> rusqlite::Result<PublishedColumns> {
    Ok((unsigned(row, 0)?, row.get(1)?, row.get(2)?))
}

fn checked_published((size, checkpoint, checksum): PublishedColumns) -> Result<Published, StoreError> {
    if checksum != check::of_published(size, &checkpoint) {
        return Err(StoreError::damaged("published checkpoint", size));
    }
    Ok(Published { size, checkpoint })
}

/// How many heads of another log are kept.
pub(super) fn head_count(conn: &Connection, log: &Stream) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(max(place) + 1, 0) FROM witnessed WHERE log = ?1";
    Ok(one(conn, "counting heads", sql, [log.as_str()], |row| unsigned(row, 0))?.unwrap_or(0))
}

/// The head of another log kept last, checked.
pub(super) fn last_head(conn: &Connection, log: &Stream) -> Result<Option<Head>, StoreError> {
    let sql =
        "SELECT place, size, sealed, checksum FROM witnessed WHERE log = ?1 ORDER BY place DESC LIMIT 1";
    let found = one(conn, "reading a head", sql, [log.as_str()], head_columns)?;
    found.map(|columns| checked_head(log.as_str(), columns)).transpose()
}

/// The head of another log kept last at a size, checked.
pub(super) fn head_of_size(conn: &Connection, log: &Stream, size: u64) -> Result<Option<Head>, StoreError> {
    let sql = "SELECT place, size, sealed, checksum FROM witnessed WHERE log = ?1 AND size = ?2
        ORDER BY place DESC LIMIT 1";
    let found = one(conn, "reading a head", sql, (log.as_str(), signed(size)), head_columns)?;
    found.map(|columns| checked_head(log.as_str(), columns)).transpose()
}

/// The largest head of another log of at most a size, checked.
pub(super) fn head_up_to(conn: &Connection, log: &Stream, size: u64) -> Result<Option<Head>, StoreError> {
    let sql = "SELECT place, size, sealed, checksum FROM witnessed WHERE log = ?1 AND size <= ?2
        ORDER BY size DESC, place DESC LIMIT 1";
    let found = one(conn, "reading a head", sql, (log.as_str(), signed(size)), head_columns)?;
    found.map(|columns| checked_head(log.as_str(), columns)).transpose()
}

type HeadColumns = (u64, u64, Vec<u8>, Vec<u8>);

fn head_columns(row: &rusqlite::Row<'_>) -> rusqlite::Result<HeadColumns> {
    Ok((unsigned(row, 0)?, unsigned(row, 1)?, row.get(2)?, row.get(3)?))
}

fn checked_head(log: &str, (place, size, sealed, checksum): HeadColumns) -> Result<Head, StoreError> {
    if checksum != check::of_head(log, place, size, &sealed) {
        return Err(StoreError::damaged("head of another log", place));
    }
    Ok(Head { place, size, sealed })
}

/// The cosignatures on a checkpoint, each checked.
pub(super) fn cosignatures(conn: &Connection, size: u64) -> Result<Vec<Cosignature>, StoreError> {
    let doing = "reading cosignatures";
    let sql = "SELECT size, by, sealed, checksum FROM cosignature WHERE size = ?1 ORDER BY by";
    let mut select = conn.prepare_cached(sql).map_err(StoreError::sql(doing))?;
    let mut found = select.query([signed(size)]).map_err(StoreError::sql(doing))?;
    let mut cosignatures = Vec::new();
    while let Some(row) = found.next().map_err(StoreError::sql(doing))? {
        let columns = cosignature_columns(row).map_err(|_| StoreError::damaged("cosignature", size))?;
        cosignatures.push(checked_cosignature(columns)?);
    }
    Ok(cosignatures)
}

type CosignatureColumns = (u64, String, Vec<u8>, Vec<u8>);

fn cosignature_columns(row: &rusqlite::Row<'_>) -> rusqlite::Result<CosignatureColumns> {
    Ok((unsigned(row, 0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn checked_cosignature((size, by, sealed, checksum): CosignatureColumns) -> Result<Cosignature, StoreError> {
    if checksum != check::of_cosignature(size, &by, &sealed) {
        return Err(StoreError::damaged("cosignature", size));
    }
    let by = Stream::new(by).map_err(|_| StoreError::damaged("cosignature", size))?;
    Ok(Cosignature { size, by, sealed })
}

/// The cosignature of a key at its largest size, checked.
pub(super) fn last_cosignature(conn: &Connection, by: &Stream) -> Result<Option<Cosignature>, StoreError> {
    let sql = "SELECT size, by, sealed, checksum FROM cosignature WHERE by = ?1 ORDER BY size DESC LIMIT 1";
    let found = one(conn, "reading cosignatures", sql, [by.as_str()], cosignature_columns)?;
    found.map(checked_cosignature).transpose()
}

/// The largest size of which a cosignature is kept.
pub(super) fn cosigned_size(conn: &Connection) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT size FROM cosignature ORDER BY size DESC LIMIT 1";
    one(conn, "reading cosignatures", sql, [], |row| unsigned(row, 0))
}

/// The largest such size below `size`.
pub(super) fn cosigned_below(conn: &Connection, size: u64) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT size FROM cosignature WHERE size < ?1 ORDER BY size DESC LIMIT 1";
    one(conn, "reading cosignatures", sql, [signed(size)], |row| unsigned(row, 0))
}

/// The smallest such size of at least `size`.
pub(super) fn cosigned_from(conn: &Connection, size: u64) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT size FROM cosignature WHERE size >= ?1 ORDER BY size LIMIT 1";
    one(conn, "reading cosignatures", sql, [signed(size)], |row| unsigned(row, 0))
}

/// The database seen as the source of tiles.
pub(super) struct ConnectionTiles<'a>(pub &'a Connection);

impl TileReader for ConnectionTiles<'_> {
    type Error = StoreError;

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        tile(self.0, level, index)
    }
}

/// The papers up to the place `last`.
pub(super) fn papers_there(conn: &Connection, last: i64) -> Result<PapersThere, StoreError> {
    let sql = "SELECT count(*), coalesce(max(rowid), 0),
        coalesce((SELECT digest FROM paper WHERE rowid <= ?1 ORDER BY rowid DESC LIMIT 1), x'')
        FROM paper WHERE rowid <= ?1";
    let there = one(conn, "counting papers", sql, [last], |row| {
        Ok(PapersThere { count: row.get(0)?, last: row.get(1)?, digest: row.get(2)? })
    })?;
    there.ok_or_else(|| StoreError::damaged("paper", 0))
}

/// What a full check adds to the comparison of rows and tiles: the file itself, streams, salts, papers, checkpoints.
pub(super) fn integrity(conn: &Connection) -> Result<(), StoreError> {
    let verdict =
        one(conn, "checking the file", "PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0))?;
    if verdict.as_deref() != Some("ok") {
        return Err(StoreError::damaged("database file", 0));
    }
    none_found(conn, "stream version", STREAMS_APART)?;
    none_found(
        conn,
        "salt without a row",
        "SELECT idx FROM salt WHERE idx >= (SELECT size FROM head) LIMIT 1",
    )?;
    check_papers(conn)?;
    check_all_published(conn)?;
    check_witnessing(conn)
}

const STREAMS_APART: &str = "SELECT coalesce(counted.last, 0) FROM
    (SELECT stream, count(*) AS held, max(idx) AS last FROM journal
        WHERE idx < (SELECT counted FROM head) GROUP BY stream) AS counted
    FULL JOIN stream ON stream.name = counted.stream WHERE held IS NOT version LIMIT 1";

fn none_found(conn: &Connection, what: &'static str, sql: &str) -> Result<(), StoreError> {
    match one(conn, what, sql, [], |row| unsigned(row, 0))? {
        Some(index) => Err(StoreError::derived(what, index)),
        None => Ok(()),
    }
}

fn check_papers(conn: &Connection) -> Result<(), StoreError> {
    let doing = "checking papers";
    let mut select =
        conn.prepare("SELECT rowid, digest FROM paper ORDER BY rowid").map_err(StoreError::sql(doing))?;
    let mut found = select.query([]).map_err(StoreError::sql(doing))?;
    while let Some(row) = found.next().map_err(StoreError::sql(doing))? {
        let place = unsigned(row, 0).map_err(StoreError::sql(doing))?;
        let digest: [u8; CHECK_BYTES] = row.get(1).map_err(|_| StoreError::damaged("paper", place))?;
        paper(conn, &Digest(digest))?;
    }
    Ok(())
}

fn check_all_published(conn: &Connection) -> Result<(), StoreError> {
    let doing = "checking published checkpoints";
    let head = stored_head(conn)?;
    let origin = Origin::new(&head.origin).map_err(|_| StoreError::damaged("origin", 0))?;
    let mut select = conn
        .prepare("SELECT size, checkpoint, checksum FROM published ORDER BY seq")
        .map_err(StoreError::sql(doing))?;
    let mut found = select.query([]).map_err(StoreError::sql(doing))?;
    while let Some(row) = found.next().map_err(StoreError::sql(doing))? {
        let published = checked_published(published_columns(row).map_err(StoreError::sql(doing))?)?;
        // Published before the log went on under this origin, too.
        let is_ours = |stated: &Origin| origin.continues(stated);
        if !is_checkpoint_of(&ConnectionTiles(conn), is_ours, published.size, &published.checkpoint) {
            return Err(StoreError::damaged("published checkpoint", published.size));
        }
    }
    Ok(())
}

/// Heads and cosignatures as far as their checks go; what they say is sealed, or its signer's.
fn check_witnessing(conn: &Connection) -> Result<(), StoreError> {
    let doing = "checking heads of other logs";
    let mut select = conn
        .prepare("SELECT place, size, sealed, checksum, log FROM witnessed ORDER BY log, place")
        .map_err(StoreError::sql(doing))?;
    let mut found = select.query([]).map_err(StoreError::sql(doing))?;
    while let Some(row) = found.next().map_err(StoreError::sql(doing))? {
        let columns = head_columns(row).and_then(|columns| Ok((row.get::<_, String>(4)?, columns)));
        let (log, columns) = columns.map_err(|_| StoreError::damaged("head of another log", 0))?;
        checked_head(&log, columns)?;
    }
    let doing = "checking cosignatures";
    let mut select = conn.prepare("SELECT DISTINCT size FROM cosignature").map_err(StoreError::sql(doing))?;
    let mut found = select.query([]).map_err(StoreError::sql(doing))?;
    while let Some(row) = found.next().map_err(StoreError::sql(doing))? {
        cosignatures(conn, unsigned(row, 0).map_err(StoreError::sql(doing))?)?;
    }
    Ok(())
}
