//! The journal in SQLite: one file, one writer that owns its connection, any number of readers beside it.
//!
//! Write-ahead log with `synchronous = FULL`: a commit is one sync of that log. A full disk refuses a commit and no more.
//! After any other failed write nothing more is written through this handle: the kernel may have dropped what it could not write and would answer the next
//! sync with success. The way back is a new [`SqliteJournal::open`], which copies what it believes into the
//! main file and syncs that before it goes on.
//!
//! *Absent:* async, pools, retries. The sequencer is one thread and its commit is one call.

mod counts;
mod kept;
mod open;
mod read;
mod reader;
mod reassembly;
mod rebuild;
mod schema;
mod write;

use counts::Counts;
pub use kept::{Column, Record, Table};
use reader::reads_by_connection;
pub use reader::{PapersThere, SqliteReader};
pub use reassembly::{Reassembly, Whole};
pub use schema::SCHEMA_VERSION;

use crate::error::StoreError;
use crate::growth::{Growth, head_of};
use crate::journal::{
    Append, Committed, Conflict, Cosignature, Fence, Forgotten, Head, Journal, LocalHead, MAX_HOLDER_BYTES,
    Published, Reader, Row, Stream,
};
use crate::plan::{Plan, check_group, check_published};
use attache_accord::Digest;
use attache_tlog::{Frontier, Hash, LEAF_BYTES, Origin};
use rusqlite::{Connection, TransactionBehavior};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a destruction waits for readers of older views. Commits wait with it, so it is short.
const SETTLE_WAIT: Duration = Duration::from_millis(200);

/// The writing handle of a journal in a folder. While it lives no other handle or process can write there.
pub struct SqliteJournal {
    // Before the lock, so that the connection is closed before another may come in.
    conn: Connection,
    _lock: File,
    folder: PathBuf,
    origin: Origin,
    frontier: Frontier,
    counts: Counts,
    appended: Vec<[u8; LEAF_BYTES]>,
    poisoned: bool,
}

impl SqliteJournal {
    /// Whether an earlier write failed, so that this handle only reads.
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    /// Runs `work` as one transaction that holds only under `fence` (the lease itself comes without one).
    /// Whatever fails on the way in poisons this handle, save what was refused before it touched the disk
    /// and a disk that had no room for it.
    fn commit<T>(
        &mut self,
        fence: Option<Fence>,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.poisoned {
            return Err(StoreError::Poisoned);
        }
        let done = self.transact(fence, work);
        let refused = matches!(
            done,
            Err(StoreError::Stale { .. }
                | StoreError::Limit { .. }
                | StoreError::CheckpointSize { .. }
                | StoreError::NotOurs { .. }
                // The transaction was rolled back before any sync: what stands in the write-ahead log behind its
                // last commit is written over by the next one.
                | StoreError::Full { .. })
        );
        self.poisoned = !(done.is_ok() || refused) || !self.conn.is_autocommit();
        done
    }

    fn transact<T>(
        &mut self,
        fence: Option<Fence>,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let begun = self.conn.transaction_with_behavior(TransactionBehavior::Immediate);
        // Dropped without a commit, it rolls back.
        let transaction = begun.map_err(StoreError::sql("beginning a transaction"))?;
        if let Some(given) = fence {
            let current = read::fence(&transaction)?;
            if given != current {
                return Err(StoreError::Stale { given, current });
            }
        }
        let done = work(&transaction)?;
        transaction.commit().map_err(StoreError::sql("committing"))?;
        Ok(done)
    }

    /// Moves what was committed into the main file and empties the write-ahead log, where removed bytes would
    /// otherwise stand until it is written over. `false` where a reader's older view holds it back.
    fn settle(&mut self) -> Result<bool, StoreError> {
        let settled = open::checkpoint(&self.conn, SETTLE_WAIT);
        self.poisoned |= settled.is_err();
        settled
    }
}

impl Journal for SqliteJournal {
    fn lease(&mut self, holder: &str) -> Result<Fence, StoreError> {
        StoreError::within("lease holder, bytes", MAX_HOLDER_BYTES as u64, holder.len() as u64)?;
        self.commit(None, |conn| {
            let next = Fence(read::fence(conn)?.0.saturating_add(1));
            write::lease(conn, next.0, holder)?;
            Ok(next)
        })
    }

    fn append(
        &mut self,
        fence: Fence,
        appends: Vec<Append>,
    ) -> Result<Vec<Result<Committed, Conflict>>, StoreError> {
        check_group(&appends)?;
        let (before, known) = (self.origin.clone(), head_of(&self.frontier));
        let counts = std::mem::take(&mut self.counts);
        let done = self.commit(Some(fence), |conn| {
            let frontier = read::stored_head(conn)?.frontier;
            // The index comes from the head row; that it is the one we left says that nobody else wrote.
            if head_of(&frontier) != known {
                return Err(StoreError::damaged("head moved by another writer", frontier.size()));
            }
            let plan = Plan::decide(
                &appends,
                frontier.size(),
                |stream| counts.of(conn, stream),
                |log| read::head_count(conn, log),
            )?;
            let succeeds = plan.succeeds(&appends).cloned();
            if let Some(origin) = &succeeds {
                write::origin(conn, origin.as_str())?;
            }
            let origin = succeeds.unwrap_or(before);
            let growth = Growth::of(&origin, &frontier, &appends, &plan);
            write::group(conn, &appends, &plan, &growth)?;
            if counts.is_due(growth.frontier.size()) {
                write::streams(conn, growth.frontier.size())?;
            }
            Ok((plan, growth, origin))
        });
        self.counts = counts;
        let (plan, growth, origin) = done?;
        self.counts.advance(growth.frontier.size(), plan.versions);
        self.frontier = growth.frontier;
        self.origin = origin;
        self.appended = growth.entries;
        Ok(plan.outcomes)
    }

    fn appended(&self) -> &[[u8; LEAF_BYTES]] {
        &self.appended
    }

    fn put_published(&mut self, fence: Fence, size: u64, checkpoint: &str) -> Result<(), StoreError> {
        let origin = self.origin.clone();
        let head = self.frontier.size();
        self.commit(Some(fence), |conn| {
            let last = read::published_at(conn, u64::MAX)?.map_or(0, |published| published.size);
            check_published(&read::ConnectionTiles(conn), &origin, last..=head, size, checkpoint)?;
            write::published(conn, size, checkpoint)
        })
    }

    fn forget(&mut self, fence: Fence, papers: &[Digest], salts: &[u64]) -> Result<Forgotten, StoreError> {
        let (papers, salts) = self.commit(Some(fence), |conn| {
            let mut gone = (0, 0);
            for digest in papers {
                gone.0 += write::forget_paper(conn, digest)? as u64;
            }
            for index in salts {
                gone.1 += write::forget_salt(conn, *index)? as u64;
            }
            Ok(gone)
        })?;
        Ok(Forgotten { papers, salts, settled: self.settle()? })
    }
}

impl Reader for SqliteJournal {
    fn head(&self) -> Result<LocalHead, StoreError> {
        Ok(head_of(&self.frontier))
    }

    reads_by_connection!();

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(SqliteReader::open(&self.folder, &self.origin)?))
    }

    fn integrity(&self) -> Result<(), StoreError> {
        read::integrity(&self.conn)
    }
}
