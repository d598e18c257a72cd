//! What can go wrong in storage, sorted by whose fault it is.
//!
//! *Absent:* anything that was stored. An error names the field, the rule and an index, never a body.

use crate::journal::Fence;
use attache_tlog::{TILE_WIDTH, TileId};
use rusqlite::ErrorCode;
use std::error::Error;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Why the store did not do what was asked.
///
/// A [`Conflict`](crate::Conflict) is not among these: it is an ordinary answer to an append.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Our disk failed. Whether a write that ended so took place is unknown until the store is opened anew.
    #[error("storage fault while {doing}: {source}")]
    Fault {
        /// What was being done, for example "committing".
        doing: &'static str,
        /// What the operating system or the database said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The disk or its quota is full. What was to be written was not; reading goes on, and so does writing once there
    /// is room.
    #[error("the disk is full, found while {doing}; make room")]
    Full {
        /// What was being done.
        doing: &'static str,
    },
    /// An earlier write failed and nothing more is written until the journal is opened anew. Reading goes on.
    #[error("an earlier write failed; open the journal anew before writing again")]
    Poisoned,
    /// The snapshot that another was made of was removed meanwhile, so that it may be as wrong.
    #[error("the snapshot before was removed while another was made")]
    Removed,
    /// Another holder has taken the lease since.
    #[error("fence {given} is stale, the lease is at {current}")]
    Stale {
        /// The fence that the caller showed.
        given: Fence,
        /// The fence in force.
        current: Fence,
    },
    /// Another process, or another handle of this one, holds the folder or file.
    #[error("{0} is in use by another process or handle")]
    InUse(PathBuf),
    /// There is no store here. Never answered by starting an empty one: an empty log would be a fork.
    #[error("{0} holds no store; create one expressly if this is a new node")]
    Missing(PathBuf),
    /// There is a store here already.
    #[error("{0} holds a store already")]
    Exists(PathBuf),
    /// The file is not one of ours.
    #[error("{0} is a database of another application")]
    Foreign(PathBuf),
    /// A newer program wrote this store; an old one must not touch it.
    #[error(
        "the store has schema version {found}, and attache {} knows up to {known}; nothing was changed. It was last written \
         by {by}: use that one, or a newer one", env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The version in the file.
        found: i64,
        /// The newest version known here.
        known: i64,
        /// Who held its lease last, or "a newer attache" where that cannot be read.
        by: String,
    },
    /// An older program wrote this store, and it is only read here.
    #[error("{0} is of an older version; start the node once, which brings it up")]
    Older(PathBuf),
    /// The journal belongs to another log.
    #[error("the journal belongs to log {found:?}, not {given:?}")]
    OtherOrigin {
        /// The origin in the file.
        found: String,
        /// The origin that the caller gave.
        given: String,
    },
    /// What is stored is not what was written.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The caller asked for more than a limit allows. Nothing was written.
    #[error("{what}: {found} is over the limit of {limit}")]
    Limit {
        /// What is limited, with its unit.
        what: &'static str,
        /// The limit.
        limit: u64,
        /// What was asked for.
        found: u64,
    },
    /// A published checkpoint may only grow, and only over what is committed.
    #[error("checkpoint size {given} is outside {lowest} to {highest}")]
    CheckpointSize {
        /// The size given.
        given: u64,
        /// The size published last.
        lowest: u64,
        /// The size of the local head.
        highest: u64,
    },
    /// The checkpoint to be published does not state this log's origin, size and root.
    #[error("the checkpoint of size {size} does not state this log's own origin, size and root")]
    NotOurs {
        /// The size that it was given for.
        size: u64,
    },
    /// Sealed bytes under this digest are of another length than those offered.
    #[error("the vault holds {held} bytes under {digest}, {offered} were offered")]
    Differs {
        /// The digest under which both would stand.
        digest: attache_accord::Digest,
        /// Length of what the vault holds, in bytes.
        held: u64,
        /// Length of what was offered, in bytes.
        offered: u64,
    },
}

/// Stored content that fails its check: a flipped bit, a lost write, or somebody's hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("damaged: {what} at {index}")]
pub struct Damage {
    /// Which part is wrong, for example "row" or "tile of level 0 (tile/0/042)".
    pub what: String,
    /// The first row index that is wrong; for a tile its index within the level.
    pub index: u64,
    /// Whether it follows from the rows, so that [`SqliteJournal::rebuild`](crate::SqliteJournal::rebuild) can make it anew. What
    /// a row, salt, paper or checkpoint said is only in a backup.
    pub is_derived: bool,
}

impl StoreError {
    /// A fault of the operating system or database while `doing` something.
    pub(crate) fn fault(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Fault { doing, source: source.into() }
    }

    /// For `map_err` on I/O results.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full { doing },
            _ => Self::fault(doing, source),
        }
    }

    /// For `map_err` on a sync. What was to be synced was written before, so here a full disk is a loss like any other.
    pub(crate) fn sync(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::fault(doing, source)
    }

    /// For `map_err` on database results.
    pub(crate) fn sql(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::damaged(format!("database file, found while {doing}"), 0)
            }
            // SQLite says so of a write, never of a sync.
            Some(ErrorCode::DiskFull) => Self::Full { doing },
            _ => Self::fault(doing, source),
        }
    }

    /// Content that fails its check.
    pub(crate) fn damaged(what: impl Into<String>, index: u64) -> Self {
        Self::Damaged(Damage { what: what.into(), index, is_derived: false })
    }

    /// What follows from the rows, and is not what they say.
    pub(crate) fn derived(what: impl Into<String>, index: u64) -> Self {
        Self::Damaged(Damage { what: what.into(), index, is_derived: true })
    }

    /// A tile, named as the published log names it.
    pub(crate) fn tile(level: u8, index: u64) -> Self {
        let path = TileId { level, index, width: TILE_WIDTH };
        Self::derived(format!("tile of level {level} ({path})"), index)
    }

    /// Refuses `found` over `limit`.
    pub(crate) fn within(what: &'static str, limit: u64, found: u64) -> Result<(), Self> {
        if found > limit { Err(Self::Limit { what, limit, found }) } else { Ok(()) }
    }
}
