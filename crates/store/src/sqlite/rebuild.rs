//! The journal rebuilt from its rows: head, tiles, streams and indexes are worked out anew, beside the old file, which stays until
//! the new one is whole.
//!
//! Rows, salts, papers and published checkpoints are what a journal is; where one of them is damaged nothing is rebuilt, for what
//! it said follows from nothing else.
//!
//! *Absent:* a rebuild that ends in another log. A journal that is shorter than its own head said, or that did not publish its own
//! checkpoints, is refused.

use super::kept::{self, Table};
use super::reassembly::Reassembly;
use super::{SqliteJournal, open, read};
use crate::error::StoreError;
use crate::growth::head_of;
use crate::journal::{LocalHead, MAX_READ_ROWS};
use attache_tlog::Origin;
use rusqlite::Connection;
use std::path::Path;

impl SqliteJournal {
    /// Rebuilds the journal of the log `origin` in `folder`, which nobody may have open. `progress` is told how many rows of how
    /// many are done.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names what cannot be rebuilt; [`StoreError::InUse`]; as [`SqliteJournal::open`]. The journal is
    /// then as it was.
    pub fn rebuild(
        folder: &Path,
        origin: &Origin,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<LocalHead, StoreError> {
        let _lock = open::lock_existing(folder)?;
        let conn = open::connect_alone(folder)?;
        let total = read::row_count(&conn)?;
        // One that does not hold together is what a rebuild is for.
        let stored = read::stored_head(&conn).ok().map(|head| (head.origin, head_of(&head.frontier)));
        if let Some((found, head)) = &stored {
            open::check_name(found, origin)?;
            if head.size != total {
                return Err(StoreError::damaged("rows and head differ", total.min(head.size)));
            }
        }
        let mut anew = Reassembly::begin(folder, origin)?;
        let mut next = 0;
        while next < total {
            let rows = read::rows(&conn, next, MAX_READ_ROWS)?;
            if rows.is_empty() {
                return Err(StoreError::damaged("row missing", next));
            }
            for row in &rows {
                anew.row(row)?;
                next = row.index + 1;
            }
            progress(next, total);
        }
        copy_kept(&conn, &mut anew)?;
        let whole = anew.complete()?;
        // A head that holds together was right when it was written: rows that make another were altered since.
        if stored.is_some_and(|(_, head)| head != whole.head()) {
            return Err(StoreError::damaged("rows altered since the head was written, before row", total));
        }
        open::close(conn)?;
        whole.put_in_place()
    }
}

fn copy_kept(conn: &Connection, anew: &mut Reassembly) -> Result<(), StoreError> {
    for table in Table::ALL {
        let mut from = 0;
        while let Some((next, records)) = kept::read(conn, table, from)? {
            records.iter().try_for_each(|record| anew.kept(table, record))?;
            from = next;
        }
    }
    Ok(())
}
