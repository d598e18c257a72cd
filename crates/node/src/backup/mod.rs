//! Backups: a node's journal, vault and files in two archives, taken while the node runs, and everything in them checked without
//! its keys.
//!
//! The journal is append-only, so its first *n* rows are one moment of it whenever they are read: nothing waits for a backup.
//! What can be destroyed (entry salts, and papers: titles, manifests with the wrapped item keys, statements, small items) and the
//! node's keys lie in an archive of their own, the *keys part*, which has a last day. Without it the *log part*, which holds rows,
//! checkpoints and sealed bytes, opens to nothing. So what is destroyed in the node is gone for good when the last keys part of
//! before is.
//!
//! *Absent:* anything unsealed, the Party root, people's keys, and arrivals that are not complete: their sender brings them again.

mod read;
mod record;
mod write;

pub use read::{Unpacked, manifest, read_keys_part, read_log_part, unpack};
pub use record::{FORM, MAX_FILE_BYTES, MAX_FILES, Manifest, Part, Summary};
pub use write::{Source, write_keys_part, write_log_part};

use attache_custody::archive::ArchiveError;
use attache_store::StoreError;
use std::io;

/// A file of a node's folder: its name, with `/` between folders, and its contents.
pub type NamedFile = (String, Vec<u8>);

/// Why a backup cannot be made, read or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The node's journal or vault, or those that are put together.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something was destroyed while the backup was taken: it may say that an item is there whose papers it no more found.
    #[error("something was destroyed while the backup was taken; take it again")]
    Destroyed,
    /// What is in the archive is no backup, or does not fit together.
    #[error("backup: {0}")]
    Form(String),
}

impl BackupError {
    fn form(what: impl Into<String>) -> Self {
        Self::Form(what.into())
    }

    /// Whether there was no room for it.
    pub fn is_full_disk(&self) -> bool {
        let is_full = |error: &io::Error| {
            matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        };
        match self {
            Self::Archive(ArchiveError::Disk(error)) => is_full(error),
            Self::Store(error) => matches!(error, StoreError::Full { .. }),
            _ => false,
        }
    }
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        Self::Archive(ArchiveError::Disk(error))
    }
}
