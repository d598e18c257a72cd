//! The tables, and how a file is known to be ours and of a version that this program may touch.
//!
//! Rows and published checkpoints refuse change and deletion by trigger. That stops mistakes in this program and a
//! careless hand at a database shell; what stops a forger is the log.
//!
//! *Absent:* anything unsealed that an act says. Columns hold places, opaque ids, commitments and sealed bytes.

use crate::error::StoreError;
use crate::journal::MAX_HOLDER_BYTES;
use rusqlite::Connection;
use std::path::Path;

/// The newest schema that this program reads and the one that it writes. It stands in `user_version`.
pub const SCHEMA_VERSION: i64 = 3;

/// "ATTA": marks the file as ours, in SQLite's `application_id`.
const APPLICATION_ID: i64 = 0x4154_5441;

const TABLES: &str = "
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 0),
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    frontier BLOB NOT NULL
) STRICT;
CREATE TABLE lease (epoch INTEGER PRIMARY KEY, holder TEXT NOT NULL) STRICT;
CREATE TABLE journal (
    idx INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    entry BLOB NOT NULL,
    body BLOB NOT NULL,
    checksum BLOB NOT NULL
) STRICT;
CREATE TABLE salt (idx INTEGER PRIMARY KEY, sealed BLOB NOT NULL, checksum BLOB NOT NULL) STRICT;
CREATE TABLE stream (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE paper (digest BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL, checksum BLOB NOT NULL) STRICT;
CREATE TABLE tile (
    level INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    checksum BLOB NOT NULL,
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE published (
    seq INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    checkpoint TEXT NOT NULL,
    checksum BLOB NOT NULL
) STRICT;
CREATE INDEX published_size ON published (size, seq);
CREATE TRIGGER journal_is_fixed BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER journal_is_kept BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER published_is_fixed BEFORE UPDATE ON published BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER published_is_kept BEFORE DELETE ON published BEGIN SELECT RAISE(ABORT, 'append-only'); END;
";

/// What version 2 added: heads of other logs, of which this node is a witness, and others' cosignatures on its own checkpoints.
const TABLES_2: &str = "
CREATE TABLE witnessed (
    log TEXT NOT NULL,
    place INTEGER NOT NULL,
    size INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    checksum BLOB NOT NULL,
    PRIMARY KEY (log, place)
) STRICT;
CREATE INDEX witnessed_size ON witnessed (log, size, place);
CREATE TABLE cosignature (
    size INTEGER NOT NULL,
    by TEXT NOT NULL,
    sealed BLOB NOT NULL,
    checksum BLOB NOT NULL,
    PRIMARY KEY (size, by)
) STRICT;
CREATE INDEX cosignature_by ON cosignature (by, size);
CREATE TRIGGER witnessed_is_fixed BEFORE UPDATE ON witnessed BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER witnessed_is_kept BEFORE DELETE ON witnessed BEGIN SELECT RAISE(ABORT, 'append-only'); END;
";

/// What version 3 added: how many rows the table of streams counts. Versions before counted all of them at each commit.
const COLUMN_3: &str = "
ALTER TABLE head ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
UPDATE head SET counted = size;
";

/// What a file turned out to be.
pub(super) enum Found {
    /// A database with nothing in it: a creation that did not finish, or a new file.
    Empty,
    /// A store of this program's version.
    Ours,
    /// A store of this older version, which a writer brings up to this one.
    Older(i64),
}

/// Looks at the file's marks before anything is changed in it.
pub(super) fn recognise(conn: &Connection, path: &Path) -> Result<Found, StoreError> {
    let integer = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let read = StoreError::sql("reading the schema version");
    let marks = (|| {
        Ok((
            integer("PRAGMA application_id")?,
            integer("PRAGMA user_version")?,
            integer("SELECT count(*) FROM sqlite_schema")?,
        ))
    })();
    match marks.map_err(read)? {
        (0, 0, 0) => Ok(Found::Empty),
        (APPLICATION_ID, SCHEMA_VERSION, _) => Ok(Found::Ours),
        (APPLICATION_ID, older @ 1..SCHEMA_VERSION, _) => Ok(Found::Older(older)),
        (APPLICATION_ID, found, _) if found > SCHEMA_VERSION => {
            Err(StoreError::Newer { found, known: SCHEMA_VERSION, by: last_holder(conn) })
        }
        _ => Err(StoreError::Foreign(path.to_owned())),
    }
}

/// Who held the lease of a newer store last, as far as its form still says so.
fn last_holder(conn: &Connection) -> String {
    let read = conn
        .query_row("SELECT holder FROM lease ORDER BY epoch DESC LIMIT 1", [], |row| row.get::<_, String>(0));
    let told = |holder: &String| {
        (1..=MAX_HOLDER_BYTES).contains(&holder.len()) && !holder.chars().any(char::is_control)
    };
    read.ok().filter(told).unwrap_or_else(|| "a newer attache".to_owned())
}

/// Makes the tables. The marks are part of the transaction: a store is there whole or not at all.
pub(super) fn create_tables(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(TABLES)?;
    bring_up(conn, 1)
}

/// Adds what an older version has not. The mark is part of the transaction.
pub(super) fn bring_up(conn: &Connection, older: i64) -> rusqlite::Result<()> {
    if older < 2 {
        conn.execute_batch(TABLES_2)?;
    }
    conn.execute_batch(COLUMN_3)?;
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    conn.pragma_update(None, "user_version", SCHEMA_VERSION)
}
