//! How many rows each stream holds. Ids of streams are scattered, so to write each stream's count at its commit writes a page for
//! nearly each row. The table counts the rows up to one of them, which the head names; those behind it are counted in memory, and in
//! the table when there are enough of them to share its pages.
//!
//! *Absent:* anything that could be lost. What is in memory follows from the rows, and a start counts them.

use super::{read, write};
use crate::error::StoreError;
use crate::journal::Stream;
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap};

/// Most rows behind those that the table counts.
const MAX_BEHIND: u64 = 32_768;

/// What the table of streams does not say yet.
#[derive(Default)]
pub(super) struct Counts {
    /// Rows that the table counts.
    counted: u64,
    /// Streams with rows behind those, and how many rows they hold.
    moved: HashMap<Stream, u64>,
}

impl Counts {
    /// Of a journal of `size` rows; all of them are in the table afterwards.
    pub fn begin(conn: &mut Connection, size: u64) -> Result<Self, StoreError> {
        let counted = read::counted(conn)?;
        if counted > size {
            return Err(StoreError::derived("streams counted", counted));
        }
        if counted < size {
            let doing = "counting streams";
            let transaction = conn.transaction().map_err(StoreError::sql(doing))?;
            write::streams(&transaction, size)?;
            transaction.commit().map_err(StoreError::sql(doing))?;
        }
        Ok(Self { counted: size, moved: HashMap::new() })
    }

    /// How many rows a stream holds.
    pub fn of(&self, conn: &Connection, stream: &Stream) -> Result<u64, StoreError> {
        self.moved.get(stream).map_or_else(|| read::counted_version(conn, stream), |version| Ok(*version))
    }

    /// Whether the table is to count all rows when there are `size`.
    pub fn is_due(&self, size: u64) -> bool {
        size - self.counted >= MAX_BEHIND
    }

    /// Takes the counts that streams have come to with `size` rows, which the table counts where that was due.
    pub fn advance(&mut self, size: u64, moved: BTreeMap<Stream, u64>) {
        if self.is_due(size) {
            *self = Self { counted: size, moved: HashMap::new() };
        } else {
            self.moved.extend(moved);
        }
    }
}
