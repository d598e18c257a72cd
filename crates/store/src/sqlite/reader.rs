//! A read-only connection beside the writer: for other threads, and for a doctor while the node serves.
//!
//! *Absent:* any way to write, and any lock on the folder.

use super::kept::{self, Record, Table};
use super::{open, read};
use crate::error::StoreError;
use crate::journal::{Cosignature, Head, LocalHead, Published, Reader, Row, Stream};
use attache_accord::Digest;
use attache_tlog::{Hash, Origin};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Reads a journal that another handle may be writing. Each call sees the last commit.
///
/// It belongs to one thread at a time; [`another`](Self::another) opens one for the next thread.
pub struct SqliteReader {
    conn: Connection,
    folder: PathBuf,
    origin: Origin,
}

/// Which papers a journal had at one moment. A place that was freed at the end is filled again, so the last one's digest is kept
/// beside the count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PapersThere {
    pub(super) count: i64,
    pub(super) last: i64,
    pub(super) digest: Vec<u8>,
}

impl SqliteReader {
    /// Opens the journal in `folder`, which must be that of the log `origin`.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Foreign`], [`StoreError::Newer`] and [`StoreError::OtherOrigin`] as for
    /// the writer.
    pub fn open(folder: &Path, origin: &Origin) -> Result<Self, StoreError> {
        let conn = open::connect_reader(folder)?;
        open::check_origin(&read::stored_head(&conn)?, origin)?;
        Ok(Self { conn, folder: folder.to_owned(), origin: origin.clone() })
    }

    /// Records of what is kept beside the rows, from `place` on, about [`MAX_READ_BYTES`](crate::MAX_READ_BYTES) of them, and the
    /// place behind the last; none at the end.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where a column is of no type that the table has.
    pub fn kept(&self, table: Table, place: u64) -> Result<Option<(u64, Vec<Record>)>, StoreError> {
        kept::read(&self.conn, table, place)
    }

    /// The papers that are there now, to be told later whether any of them was forgotten since.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn papers_there(&self) -> Result<PapersThere, StoreError> {
        read::papers_there(&self.conn, i64::MAX)
    }

    /// Whether a paper that was there then is gone.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn has_forgotten_since(&self, then: &PapersThere) -> Result<bool, StoreError> {
        Ok(read::papers_there(&self.conn, then.last)? != *then)
    }

    /// A further reader of the same journal.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn another(&self) -> Result<Self, StoreError> {
        Self::open(&self.folder, &self.origin)
    }
}

/// What writer and reader answer alike from `self.conn` and `self.folder`.
macro_rules! reads_by_connection {
    () => {
        fn rows(&self, from: u64, limit: usize) -> Result<Vec<Row>, StoreError> {
            read::rows(&self.conn, from, limit)
        }

        fn version(&self, stream: &Stream) -> Result<u64, StoreError> {
            read::version(&self.conn, stream)
        }

        fn paper(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
            read::paper(&self.conn, digest)
        }

        fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
            read::tile(&self.conn, level, index)
        }

        fn published(&self) -> Result<Option<Published>, StoreError> {
            read::published_at(&self.conn, u64::MAX)
        }

        fn published_at(&self, size: u64) -> Result<Option<Published>, StoreError> {
            read::published_at(&self.conn, size)
        }

        fn last_head(&self, log: &Stream) -> Result<Option<Head>, StoreError> {
            read::last_head(&self.conn, log)
        }

        fn head_of_size(&self, log: &Stream, size: u64) -> Result<Option<Head>, StoreError> {
            read::head_of_size(&self.conn, log, size)
        }

        fn head_up_to(&self, log: &Stream, size: u64) -> Result<Option<Head>, StoreError> {
            read::head_up_to(&self.conn, log, size)
        }

        fn cosignatures(&self, size: u64) -> Result<Vec<Cosignature>, StoreError> {
            read::cosignatures(&self.conn, size)
        }

        fn cosigned_size(&self) -> Result<Option<u64>, StoreError> {
            read::cosigned_size(&self.conn)
        }

        fn cosigned_below(&self, size: u64) -> Result<Option<u64>, StoreError> {
            read::cosigned_below(&self.conn, size)
        }

        fn cosigned_from(&self, size: u64) -> Result<Option<u64>, StoreError> {
            read::cosigned_from(&self.conn, size)
        }

        fn last_cosignature(&self, by: &Stream) -> Result<Option<Cosignature>, StoreError> {
            read::last_cosignature(&self.conn, by)
        }

        fn folder(&self) -> Option<&Path> {
            Some(&self.folder)
        }
    };
}
pub(super) use reads_by_connection;

impl Reader for SqliteReader {
    fn head(&self) -> Result<LocalHead, StoreError> {
        read::head(&self.conn)
    }

    reads_by_connection!();

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(self.another()?))
    }

    fn integrity(&self) -> Result<(), StoreError> {
        read::integrity(&self.conn)
    }
}
