//! A journal put together anew from rows that were committed before: what follows from them is worked out, not copied.
//!
//! It grows beside the journal that it is to replace, or where there is none yet, and takes its name only when it is whole and
//! on the disk. Cut off before, it is a file that nobody opens.
//!
//! *Absent:* trust in a head or tile that was stored, and any row that was not committed before.

use super::kept::{self, Column, Table};
use super::{open, read, schema, write};
use crate::error::StoreError;
use crate::folder;
use crate::growth::head_of;
use crate::journal::{LocalHead, Row};
use attache_tlog::{Frontier, Hash, LEAF_BYTES, Origin, leaf_hash, tile_growth};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The name of a file that is not whole yet.
const UNFINISHED: &str = "rebuilding.db";
/// Rows and records that are written together.
const GROUP: usize = 1024;

/// A journal that is being put together.
pub struct Reassembly {
    conn: Connection,
    folder: PathBuf,
    frontier: Frontier,
    /// Leaves of rows whose tiles are still to be written.
    leaves: Vec<Hash>,
    /// Written since the last commit.
    pending: usize,
}

impl Reassembly {
    /// Begins a journal of the log `origin` in `folder`, and the folder itself where it is not there. What an earlier attempt left there is removed.
    ///
    /// # Errors
    /// [`StoreError::Full`] and [`StoreError::Fault`].
    pub fn begin(folder: &Path, origin: &Origin) -> Result<Self, StoreError> {
        folder::make(folder)?;
        clear(folder)?;
        let path = folder.join(UNFINISHED);
        // Made here, so that nobody else may look into it.
        folder::private_file(&path)?;
        let conn = open::connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        open::set_page_size(&conn)?;
        let doing = "beginning a rebuild";
        // Nothing of it is believed before it is whole and synced, so that nothing needs to be undone or synced meanwhile.
        let mode = conn.query_row("PRAGMA journal_mode = OFF", [], |row| row.get::<_, String>(0));
        mode.map_err(StoreError::sql(doing))?;
        conn.execute_batch("PRAGMA synchronous = OFF; BEGIN").map_err(StoreError::sql(doing))?;
        schema::create_tables(&conn).map_err(StoreError::sql(doing))?;
        write::first_head(&conn, origin.as_str())?;
        let (folder, frontier) = (folder.to_owned(), Frontier::new());
        Ok(Self { conn, folder, frontier, leaves: Vec::new(), pending: 0 })
    }

    /// Adds the next row.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where it is not the next one, or its leaf has not the length of one.
    pub fn row(&mut self, row: &Row) -> Result<(), StoreError> {
        let next = self.frontier.size() + self.leaves.len() as u64;
        if row.index != next {
            return Err(StoreError::damaged("row missing", next));
        }
        if row.entry.len() != LEAF_BYTES {
            return Err(StoreError::damaged("row", next));
        }
        write::kept_row(&self.conn, row)?;
        self.leaves.push(leaf_hash(&row.entry));
        self.wrote()
    }

    /// Adds the sealed salt of a row, for whoever does not have both at once.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub fn salt(&mut self, index: u64, sealed: &[u8]) -> Result<(), StoreError> {
        write::salt(&self.conn, index, sealed)?;
        self.wrote()
    }

    /// Adds a record of what is kept beside the rows.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where it is no record of that table; as [`Self::begin`].
    pub fn kept(&mut self, table: Table, record: &[Column]) -> Result<(), StoreError> {
        kept::write(&self.conn, table, record)?;
        self.wrote()
    }

    fn wrote(&mut self) -> Result<(), StoreError> {
        self.pending += 1;
        if self.pending < GROUP {
            return Ok(());
        }
        self.write_tiles()?;
        let group = self.conn.execute_batch("COMMIT; BEGIN");
        group.map_err(StoreError::sql("writing a rebuilt journal"))
    }

    fn write_tiles(&mut self) -> Result<(), StoreError> {
        self.pending = 0;
        let grown = tile_growth(&mut self.frontier, &std::mem::take(&mut self.leaves));
        grown.iter().try_for_each(|growth| write::tile(&self.conn, growth))
    }

    /// Completes it: tiles, streams, head. Every checkpoint must be one of this very log, and the file sound.
    /// [`Whole::put_in_place`] gives it its name.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the rows do not make a journal that published these checkpoints.
    pub fn complete(mut self) -> Result<Whole, StoreError> {
        let doing = "completing a rebuilt journal";
        self.write_tiles()?;
        write::head(&self.conn, &self.frontier)?;
        write::streams(&self.conn, self.frontier.size())?;
        self.conn.execute_batch("COMMIT").map_err(StoreError::sql(doing))?;
        read::integrity(&self.conn)?;
        let path = self.folder.join(UNFINISHED);
        self.conn.close().map_err(|(_, error)| StoreError::sql(doing)(error))?;
        File::open(&path).and_then(|file| file.sync_all()).map_err(StoreError::sync(doing))?;
        Ok(Whole { folder: self.folder, head: head_of(&self.frontier) })
    }
}

/// A journal that is whole and on the disk, and still to get its name.
pub struct Whole {
    folder: PathBuf,
    head: LocalHead,
}

impl Whole {
    /// Its head.
    pub fn head(&self) -> LocalHead {
        self.head
    }

    /// Puts it in place, of the one before if there is one: from one moment to the next, whatever happens.
    ///
    /// # Errors
    /// [`StoreError::Fault`]; then either is in place.
    pub fn put_in_place(self) -> Result<LocalHead, StoreError> {
        let named = fs::rename(self.folder.join(UNFINISHED), open::file(&self.folder));
        named.map_err(StoreError::io("putting a rebuilt journal in place"))?;
        folder::sync(&self.folder)?;
        Ok(self.head)
    }
}

/// Removes what an attempt left that was cut off.
pub(super) fn clear(folder: &Path) -> Result<(), StoreError> {
    match fs::remove_file(folder.join(UNFINISHED)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(StoreError::fault("removing an unfinished rebuild", error))
        }
        _ => Ok(()),
    }
}
