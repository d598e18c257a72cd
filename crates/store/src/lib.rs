//! Journal, vault and tiles: what a node keeps on its own disk.
//!
//! The *journal* holds the node's acts as rows that are only ever appended; row *n* is leaf *n* of the node's
//! Merkle log, and the head (size, root, frontier) advances in the very transaction that commits the rows.
//! The *vault* holds sealed bytes under their digest, written once. Both come in memory and on disk, and one
//! conformance suite runs against both.
//!
//! ```text
//! folder/journal.db   SQLite: rows, sealed salts, papers, tiles, head, lease, published checkpoints
//! folder/snapshot     what was folded of the rows, sealed; may be removed at any time
//! folder/lock         held by the one process that may write
//! vault/ab/cdef…      sealed bytes, named by the digest that the caller gives
//! ```
//!
//! *Absent:* plaintext, keys, what a row means, clocks, randomness, async. Bodies and papers are sealed by the
//! caller and opaque here; whether an act is allowed was ruled before it came.

mod audit;
mod check;
mod disk;
mod error;
mod folder;
mod growth;
mod halves;
mod journal;
mod memory;
mod plan;
mod snapshot;
mod sqlite;
mod vault;

pub use audit::audit;
pub use disk::{Chance, MemoryDisk};
pub use error::{Damage, StoreError};
pub use halves::{both, in_halves};
pub use journal::{
    Append, Committed, Conflict, Cosignature, Fence, Forgotten, Head, Journal, LocalHead, MAX_APPENDS,
    MAX_BODY_BYTES, MAX_CHECKPOINT_BYTES, MAX_GROUP_BYTES, MAX_GROUP_ROWS, MAX_HEAD_BYTES, MAX_HOLDER_BYTES,
    MAX_PAPER_BYTES, MAX_READ_BYTES, MAX_READ_ROWS, MAX_SALT_BYTES, MAX_STREAM_BYTES, NewHead, NewRow, Paper,
    Published, Reader, Row, Stream, Tiles,
};
pub use memory::{MemoryJournal, Original};
pub use snapshot::{
    MAX_FRAME_BYTES, MAX_FRAMES, SNAPSHOT_FILE, SPARE_BYTES, SnapshotReader, SnapshotWriter, Standing,
    remove_snapshot,
};
pub use sqlite::{
    Column, PapersThere, Reassembly, Record, SCHEMA_VERSION, SqliteJournal, SqliteReader, Table, Whole,
};
pub use vault::{
    FolderVault, Kept, MAX_FRONT_BYTES, MAX_KEPT, MAX_KEPT_BYTES, MAX_PARTIALS, MAX_SEALED_BYTES,
    MAX_UNSYNCED_BYTES, MemoryVault, PARTIAL_SYNC_BYTES, Partial, Scratch, Vault, VaultReader, VaultWriter,
};
