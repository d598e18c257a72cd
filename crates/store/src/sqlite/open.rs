//! Coming to a journal: the folder's lock, the file's marks, what is believed of its content, and its settings.
//!
//! *Absent:* repair, and starting an empty journal where one should have been.

use super::counts::Counts;
use super::read::{self, StoredHead};
use super::schema::{self, Found};
use super::{SqliteJournal, reassembly, write};
use crate::error::StoreError;
use crate::folder;
use attache_tlog::{Frontier, Origin, frontier_at, leaf_hash};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

const JOURNAL_FILE: &str = "journal.db";
/// Statements kept prepared; all that this module has fit.
const STATEMENTS_KEPT: usize = 48;
/// Bytes of a page. Rows of one to two KiB fill pages of 8 KiB far better than the usual ones of 4 KiB: a fifth
/// less on the disk and no more to write.
const PAGE_BYTES: i64 = 8192;
/// Pages after which a commit moves the write-ahead log into the main file: 16 MiB.
const WAL_PAGES: i64 = 2048;
/// Kibibytes of pages that the writer keeps: the table of streams is read at scattered places, which the usual 2 MiB do not hold.
const CACHE_KIBIBYTES: i64 = 32 * 1024;
/// How long opening waits for readers that outlived the last writer.
const OPEN_WAIT: Duration = Duration::from_secs(5);
/// How long a reader waits while the write-ahead log changes hands.
const READER_WAIT: Duration = Duration::from_secs(5);
/// How many rows at the end are compared with their leaf hashes on opening: the last tile.
const ROWS_CHECKED: u64 = 256;

impl SqliteJournal {
    /// Makes a new journal for the log `origin` in `folder`, and the folder itself where it is not there.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where there is a journal already, [`StoreError::Foreign`] where its place is taken by
    /// another file, [`StoreError::InUse`] where another handle holds the folder.
    pub fn create(folder: &Path, origin: &Origin) -> Result<Self, StoreError> {
        folder::make(folder)?;
        let lock = folder::lock(folder)?;
        let path = folder.join(JOURNAL_FILE);
        let mut conn = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        if !matches!(schema::recognise(&conn, &path)?, Found::Empty) {
            return Err(StoreError::Exists(path));
        }
        set_page_size(&conn)?;
        prepare_writer(&conn)?;
        let transaction = conn.transaction().map_err(StoreError::sql("creating the tables"))?;
        schema::create_tables(&transaction).map_err(StoreError::sql("creating the tables"))?;
        write::first_head(&transaction, origin.as_str())?;
        transaction.commit().map_err(StoreError::sql("creating the tables"))?;
        folder::sync(folder)?;
        Self::begin(conn, lock, folder, origin)
    }

    /// Opens the journal of the log `origin` in `folder` for writing.
    ///
    /// Its right edge is checked: the head against the rows and the tiles, the last 256 rows against their leaf
    /// hashes; and that each tile is as it was written. [`audit`](crate::audit()) checks all of it.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Foreign`], [`StoreError::Newer`], [`StoreError::OtherOrigin`]: not the
    /// journal asked for; nothing was changed. [`StoreError::InUse`]: another handle or process writes.
    /// [`StoreError::Damaged`]: not what was written.
    pub fn open(folder: &Path, origin: &Origin) -> Result<Self, StoreError> {
        let lock = lock_existing(folder)?;
        let conn = connect_ours(folder)?;
        reassembly::clear(folder)?;
        prepare_writer(&conn)?;
        Self::begin(conn, lock, folder, origin)
    }

    fn begin(mut conn: Connection, lock: File, folder: &Path, origin: &Origin) -> Result<Self, StoreError> {
        let head = read::stored_head(&conn)?;
        check_origin(&head, origin)?;
        // What the write-ahead log holds may be there only in the kernel's memory, if the last writer ended on a
        // failed sync; rows appended behind it would be lost with it. Copied into the main file and synced anew it
        // is on the disk, or opening fails. A reader whose view is older than that log must end first.
        if !checkpoint(&conn, OPEN_WAIT)? {
            return Err(StoreError::InUse(folder.to_owned()));
        }
        read::check_tiles(&conn)?;
        check_edge(&conn, &head.frontier)?;
        let counts = Counts::begin(&mut conn, head.frontier.size())?;
        let (folder, origin) = (folder.to_owned(), origin.clone());
        Ok(Self {
            conn,
            _lock: lock,
            folder,
            origin,
            frontier: head.frontier,
            counts,
            appended: Vec::new(),
            poisoned: false,
        })
    }
}

impl SqliteJournal {
    /// The origin that the journal in `folder` says is its log's; where its head is damaged, that of the checkpoint published last.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Foreign`], [`StoreError::Newer`]: there is no such journal.
    pub fn origin_in(folder: &Path) -> Result<Origin, StoreError> {
        let path = existing(folder)?;
        let conn = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        conn.busy_timeout(READER_WAIT).map_err(StoreError::sql("opening the journal"))?;
        if let Found::Empty = schema::recognise(&conn, &path)? {
            return Err(StoreError::Missing(folder.to_owned()));
        }
        let named = match read::stored_head(&conn) {
            Ok(head) => Origin::new(&head.origin).ok(),
            Err(_) => {
                let published = read::published_at(&conn, u64::MAX)?;
                let first = published.as_ref().and_then(|published| published.checkpoint.lines().next());
                first.and_then(|line| Origin::new(line).ok())
            }
        };
        named.ok_or_else(|| StoreError::damaged("origin", 0))
    }
}

/// Where the journal lies in `folder`.
pub(super) fn file(folder: &Path) -> PathBuf {
    folder.join(JOURNAL_FILE)
}

/// Takes the folder of a journal that is there.
pub(super) fn lock_existing(folder: &Path) -> Result<File, StoreError> {
    existing(folder)?;
    folder::lock(folder)
}

/// A connection that may write to the journal in `folder`, which is one of ours; one of an older version is brought up to this.
fn connect_ours(folder: &Path) -> Result<Connection, StoreError> {
    let path = existing(folder)?;
    let mut conn = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    match schema::recognise(&conn, &path)? {
        Found::Ours => {}
        Found::Older(older) => {
            let doing = "bringing the journal up to this version";
            let transaction = conn.transaction().map_err(StoreError::sql(doing))?;
            schema::bring_up(&transaction, older).map_err(StoreError::sql(doing))?;
            transaction.commit().map_err(StoreError::sql(doing))?;
        }
        Found::Empty => return Err(StoreError::Missing(folder.to_owned())),
    }
    Ok(conn)
}

/// A connection to a journal that no other connection is open to and that is one file, so that another may take its place.
pub(super) fn connect_alone(folder: &Path) -> Result<Connection, StoreError> {
    let conn = connect_ours(folder)?;
    conn.busy_timeout(OPEN_WAIT).map_err(StoreError::sql("opening the journal"))?;
    // Refused while a reader is there; what the write-ahead log held is then in the file.
    let mode = conn.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0));
    match mode {
        Ok(mode) if mode == "delete" => Ok(conn),
        Ok(_) => Err(StoreError::InUse(folder.to_owned())),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
            Err(StoreError::InUse(folder.to_owned()))
        }
        Err(error) => Err(StoreError::sql("opening the journal")(error)),
    }
}

/// Closes a connection and hears what that says.
pub(super) fn close(conn: Connection) -> Result<(), StoreError> {
    conn.close().map_err(|(_, error)| StoreError::sql("closing the journal")(error))
}

/// Said before anything is in the file.
pub(super) fn set_page_size(conn: &Connection) -> Result<(), StoreError> {
    conn.pragma_update(None, "page_size", PAGE_BYTES).map_err(StoreError::sql("creating the tables"))
}

fn existing(folder: &Path) -> Result<PathBuf, StoreError> {
    let path = file(folder);
    match fs::metadata(&path) {
        Ok(_) => Ok(path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(StoreError::Missing(folder.to_owned()))
        }
        Err(error) => Err(StoreError::fault("looking for the journal", error)),
    }
}

pub(super) fn connect(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    let doing = "opening the journal";
    // One connection is never used by two threads at once, so SQLite's own mutex has nothing to do.
    let conn = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(StoreError::sql(doing))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(StoreError::sql(doing))?;
    // One plan for each statement, whatever it is asked: with others' values a statement would be compiled again.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(StoreError::sql(doing))?;
    conn.busy_timeout(Duration::ZERO).map_err(StoreError::sql(doing))?;
    conn.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
        .map_err(StoreError::sql(doing))?;
    Ok(conn)
}

/// A connection that can only read.
pub(super) fn connect_reader(folder: &Path) -> Result<Connection, StoreError> {
    let path = existing(folder)?;
    let conn = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    conn.busy_timeout(READER_WAIT).map_err(StoreError::sql("opening the journal"))?;
    match schema::recognise(&conn, &path)? {
        Found::Ours => Ok(conn),
        Found::Older(_) => Err(StoreError::Older(path)),
        Found::Empty => Err(StoreError::Missing(folder.to_owned())),
    }
}

fn prepare_writer(conn: &Connection) -> Result<(), StoreError> {
    let doing = "preparing the journal";
    let mode = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
    if mode.map_err(StoreError::sql(doing))? != "wal" {
        return Err(StoreError::fault(doing, "the file system does not allow a write-ahead log"));
    }
    // Removed bytes are written over with zeros, for destruction.
    conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
        .map_err(StoreError::sql(doing))?;
    conn.pragma_update(None, "cache_size", -CACHE_KIBIBYTES).map_err(StoreError::sql(doing))?;
    conn.pragma_update(None, "wal_autocheckpoint", WAL_PAGES).map_err(StoreError::sql(doing))
}

/// Copies the write-ahead log into the main file, syncs that, and empties the log, waiting at most `wait` for
/// readers of older views. `false` where one is still there.
pub(super) fn checkpoint(conn: &Connection, wait: Duration) -> Result<bool, StoreError> {
    let doing = "moving the write-ahead log into the journal";
    conn.busy_timeout(wait).map_err(StoreError::sql(doing))?;
    let busy = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    conn.busy_timeout(Duration::ZERO).map_err(StoreError::sql(doing))?;
    Ok(busy.map_err(StoreError::sql(doing))? == 0)
}

/// Refuses a journal of another log.
pub(super) fn check_origin(head: &StoredHead, given: &Origin) -> Result<(), StoreError> {
    check_name(&head.origin, given)
}

/// Refuses the name of another log.
pub(super) fn check_name(found: &str, given: &Origin) -> Result<(), StoreError> {
    if found == given.as_str() {
        return Ok(());
    }
    Err(StoreError::OtherOrigin { found: found.to_owned(), given: given.as_str().to_owned() })
}

/// Head, rows, tiles and the last entries must tell the same story.
fn check_edge(conn: &Connection, frontier: &Frontier) -> Result<(), StoreError> {
    let size = frontier.size();
    let rows = read::row_count(conn)?;
    if rows != size {
        return Err(StoreError::damaged("rows and head differ", rows.min(size)));
    }
    let from_tiles = frontier_at(&read::ConnectionTiles(conn), size);
    if from_tiles.ok().as_ref() != Some(frontier) {
        return Err(StoreError::derived("tiles and head differ", size));
    }
    let mut from = size.saturating_sub(ROWS_CHECKED);
    while from < size {
        let rows = read::rows(conn, from, ROWS_CHECKED as usize)?;
        for row in &rows {
            let place = usize::try_from(row.index % 256).unwrap_or(usize::MAX);
            if read::tile(conn, 0, row.index / 256)?.get(place) != Some(&leaf_hash(&row.entry)) {
                return Err(StoreError::derived("leaf hash of row", row.index));
            }
        }
        if rows.is_empty() {
            return Err(StoreError::damaged("row missing", from));
        }
        from += rows.len() as u64;
    }
    Ok(())
}
