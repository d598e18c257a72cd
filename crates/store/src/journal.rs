//! The journal's contract: what is appended, what is read back, and the traits that every backend fulfils.
//!
//! *Absent:* any backend, and any idea of what a row says.

use crate::error::StoreError;
use attache_accord::Digest;
use attache_tlog::{Hash, LEAF_BYTES, LeafDraft, Origin, TileReader};
use std::fmt;
use std::path::Path;

/// Longest stream id, in bytes.
pub const MAX_STREAM_BYTES: usize = 64;
/// Longest sealed row body, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// Longest sealed entry salt, in bytes.
pub const MAX_SALT_BYTES: usize = 512;
/// Longest sealed paper, in bytes: a manifest of at most 4 MiB and what sealing adds.
pub const MAX_PAPER_BYTES: usize = 4 * 1024 * 1024 + 64 * 1024;
/// Most appends in one group commit.
pub const MAX_APPENDS: usize = 1024;
/// Most rows in one group commit.
pub const MAX_GROUP_ROWS: usize = 4096;
/// Most bytes of bodies and papers in one group commit.
pub const MAX_GROUP_BYTES: usize = 64 * 1024 * 1024;
/// Most rows that one read returns.
pub const MAX_READ_ROWS: usize = 4096;
/// Bytes of bodies after which one read stops, though it always returns a row if there is one.
pub const MAX_READ_BYTES: usize = 16 * 1024 * 1024;
/// Longest name of a lease holder, in bytes.
pub const MAX_HOLDER_BYTES: usize = 128;
/// Longest published checkpoint with its signatures, in bytes.
pub const MAX_CHECKPOINT_BYTES: usize = 64 * 1024;

/// Longest sealed checkpoint of another log, in bytes, with what sealing adds.
pub const MAX_HEAD_BYTES: usize = MAX_CHECKPOINT_BYTES + 64;

/// Fencing epoch of the lease. It only grows; a writer that shows an older one is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u64);

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An opaque id of 1 to [`MAX_STREAM_BYTES`] bytes under which rows are counted, for optimistic concurrency.
///
/// It stands unsealed in a column: never put a name or a title into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream(String);

impl Stream {
    /// The stream named `id`.
    ///
    /// # Errors
    /// [`StoreError::Limit`] where `id` is empty or too long.
    pub fn new(id: impl Into<String>) -> Result<Self, StoreError> {
        let id = id.into();
        StoreError::within("stream id, bytes", MAX_STREAM_BYTES as u64, id.len() as u64)?;
        if id.is_empty() {
            return Err(StoreError::Limit { what: "stream ids that are empty", limit: 0, found: 1 });
        }
        Ok(Self(id))
    }

    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A row to append. Its index, and with it the leaf's commitments, is only known inside the transaction.
#[derive(Clone)]
pub struct NewRow {
    /// The stream whose version it advances by one.
    pub stream: Stream,
    /// The event, sealed by the caller and opaque here.
    pub body: Vec<u8>,
    /// The leaf's salt, sealed by the caller. Kept beside the row so that destruction can delete it.
    pub sealed_salt: Vec<u8>,
    /// The sixteen values of the leaf. Only the 528-byte entry that they make is stored.
    pub leaf: LeafDraft,
}

impl fmt::Debug for NewRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewRow({}, {} bytes)", self.stream, self.body.len())
    }
}

/// A statement, label, title or manifest, kept by digest and written in the same transaction as the rows.
/// It can be destroyed; rows cannot.
#[derive(Clone)]
pub struct Paper {
    /// Digest of the unsealed paper, as the rows cite it.
    pub digest: Digest,
    /// The paper, sealed by the caller. Where one is already kept under this digest, that one stays.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Paper({}, {} bytes)", self.digest, self.bytes.len())
    }
}

/// A head of another log that this node is about to cosign. Heads are kept for ever, one behind the other, so that a second
/// history is seen whichever of them it starts from.
#[derive(Clone)]
pub struct NewHead {
    /// An opaque id of the log.
    pub log: Stream,
    /// How many heads of that log are kept already. Where it is another number, the append is left out: so a witness compares
    /// and replaces in one transaction.
    pub expected: u64,
    /// The size of its tree.
    pub size: u64,
    /// The signed checkpoint, sealed by the caller.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for NewHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewHead({}, {}, {} bytes)", self.log, self.size, self.sealed.len())
    }
}

/// A witness's cosignature on a checkpoint that this node published.
#[derive(Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The size of the checkpoint.
    pub size: u64,
    /// An opaque id of the key. Where one of the same key is kept for this size, that one stays.
    pub by: Stream,
    /// The signature, sealed by the caller.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for Cosignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosignature({}, {}, {} bytes)", self.size, self.by, self.sealed.len())
    }
}

/// What one command wants committed, whole or not at all.
#[derive(Debug, Clone, Default)]
pub struct Append {
    /// Streams and how many rows each must hold already for this append to stand.
    pub expectations: Vec<(Stream, u64)>,
    /// The rows, in order.
    pub rows: Vec<NewRow>,
    /// Papers that the rows cite.
    pub papers: Vec<Paper>,
    /// Heads of other logs.
    pub heads: Vec<NewHead>,
    /// Cosignatures of others on this log's checkpoints.
    pub cosignatures: Vec<Cosignature>,
    /// The origin under which the log goes on, from the first of these rows on; then no other append stands beside this one.
    pub succeeds: Option<Origin>,
}

impl Append {
    /// Whether this append is within the limits, so that it cannot spoil a group for the others.
    ///
    /// # Errors
    /// [`StoreError::Limit`] names the first limit that it passes.
    pub fn check(&self) -> Result<(), StoreError> {
        StoreError::within("rows in an append", MAX_GROUP_ROWS as u64, self.rows.len() as u64)?;
        StoreError::within(
            "expectations in an append",
            MAX_GROUP_ROWS as u64,
            self.expectations.len() as u64,
        )?;
        StoreError::within("papers in an append", MAX_GROUP_ROWS as u64, self.papers.len() as u64)?;
        for row in &self.rows {
            StoreError::within("row body, bytes", MAX_BODY_BYTES as u64, row.body.len() as u64)?;
            StoreError::within("sealed salt, bytes", MAX_SALT_BYTES as u64, row.sealed_salt.len() as u64)?;
        }
        for paper in &self.papers {
            StoreError::within("paper, bytes", MAX_PAPER_BYTES as u64, paper.bytes.len() as u64)?;
        }
        StoreError::within("heads in an append", MAX_GROUP_ROWS as u64, self.heads.len() as u64)?;
        StoreError::within(
            "cosignatures in an append",
            MAX_GROUP_ROWS as u64,
            self.cosignatures.len() as u64,
        )?;
        for head in &self.heads {
            StoreError::within("sealed head, bytes", MAX_HEAD_BYTES as u64, head.sealed.len() as u64)?;
        }
        for one in &self.cosignatures {
            StoreError::within("sealed cosignature, bytes", MAX_HEAD_BYTES as u64, one.sealed.len() as u64)?;
        }
        StoreError::within("append, bytes", MAX_GROUP_BYTES as u64, self.byte_count())
    }

    /// Bytes of bodies, papers and heads, for filling a group up to [`MAX_GROUP_BYTES`].
    pub fn byte_count(&self) -> u64 {
        let bodies = self.rows.iter().map(|row| row.body.len());
        let papers = self.papers.iter().map(|paper| paper.bytes.len());
        let heads = self.heads.iter().map(|head| head.sealed.len());
        bodies.chain(papers).chain(heads).map(|bytes| bytes as u64).sum()
    }
}

/// Where an append's rows came to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// Index of the first row; where `count` is 0, the index that the next row will get.
    pub first_index: u64,
    /// Number of rows.
    pub count: u64,
}

/// Why an append was left out: a stream had moved on. The caller folds again and decides again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stream {stream} holds {found} rows, not the expected {expected}")]
pub struct Conflict {
    /// The stream.
    pub stream: Stream,
    /// How many rows the append expected there.
    pub expected: u64,
    /// How many there were, earlier appends of the same group included.
    pub found: u64,
}

/// A row as it was committed. Its check has been verified on the way out.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Position in the journal and index of its leaf.
    pub index: u64,
    /// The stream.
    pub stream: Stream,
    /// Position within the stream, counted from 0.
    pub version: u64,
    /// The sealed event.
    pub body: Vec<u8>,
    /// The sealed salt, or `None` after its destruction.
    pub sealed_salt: Option<Vec<u8>>,
    /// The leaf: 528 bytes.
    pub entry: Vec<u8>,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({}, {}, {} bytes)", self.index, self.stream, self.body.len())
    }
}

/// Size and root of the log at the last commit. It never leaves the node; custody checks permits against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalHead {
    /// Number of rows and of leaves.
    pub size: u64,
    /// RFC 6962 root over the leaves.
    pub root: Hash,
}

/// A checkpoint that has left the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The tree size that it signs.
    pub size: u64,
    /// The signed note with its cosignatures.
    pub checkpoint: String,
}

/// A head of another log as it was kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    /// Its place among the heads of that log, counted from 0.
    pub place: u64,
    /// The size of the tree.
    pub size: u64,
    /// The sealed checkpoint.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Head({}, {}, {} bytes)", self.place, self.size, self.sealed.len())
    }
}

/// What a destruction removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// Papers removed; those already gone do not count.
    pub papers: u64,
    /// Salts removed; those already gone do not count.
    pub salts: u64,
    /// Whether no copy is left in the store's own files. `false` while a reader holds an older view: forget
    /// again, even with nothing to remove, or open the journal anew.
    pub settled: bool,
}

/// Reading. A reader sees whole commits only and never waits for the writer.
pub trait Reader: Send {
    /// The head of the last commit.
    fn head(&self) -> Result<LocalHead, StoreError>;

    /// Rows in order from index `from`, at most `limit`, [`MAX_READ_ROWS`] and about [`MAX_READ_BYTES`].
    /// Fewer rows than `limit` do not mean the end; no row does.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where a row fails its check: no damaged row is ever returned.
    fn rows(&self, from: u64, limit: usize) -> Result<Vec<Row>, StoreError>;

    /// How many rows `stream` holds.
    fn version(&self, stream: &Stream) -> Result<u64, StoreError>;

    /// The sealed paper under `digest`; `None` where there was none or it was destroyed.
    fn paper(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError>;

    /// The hashes of a tile (C2SP tlog-tiles), as many as there are; none where the tile has not begun.
    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError>;

    /// The checkpoint published last.
    fn published(&self) -> Result<Option<Published>, StoreError>;

    /// The last checkpoint published at or below `size`, for proofs between what others have seen.
    fn published_at(&self, size: u64) -> Result<Option<Published>, StoreError>;

    /// The head of another log that was kept last.
    fn last_head(&self, log: &Stream) -> Result<Option<Head>, StoreError>;

    /// The head of another log that was kept last at that very size.
    fn head_of_size(&self, log: &Stream, size: u64) -> Result<Option<Head>, StoreError>;

    /// The largest head of another log that is kept and counts no more than `size` entries.
    fn head_up_to(&self, log: &Stream, size: u64) -> Result<Option<Head>, StoreError>;

    /// The cosignatures on the checkpoint of that size, in the order of their keys.
    fn cosignatures(&self, size: u64) -> Result<Vec<Cosignature>, StoreError>;

    /// The largest size of which a cosignature is kept.
    fn cosigned_size(&self) -> Result<Option<u64>, StoreError>;

    /// The largest such size below `size`.
    fn cosigned_below(&self, size: u64) -> Result<Option<u64>, StoreError>;

    /// The smallest such size of at least `size`.
    fn cosigned_from(&self, size: u64) -> Result<Option<u64>, StoreError>;

    /// The cosignature of a key on the largest checkpoint that it cosigned.
    fn last_cosignature(&self, by: &Stream) -> Result<Option<Cosignature>, StoreError>;

    /// The folder beside whose rows a snapshot of what follows from them may be kept; none in memory.
    fn folder(&self) -> Option<&Path> {
        None
    }

    /// A further reader of the same journal, for another thread.
    fn reader(&self) -> Result<Box<dyn Reader>, StoreError>;

    /// Checks that are the backend's own; [`audit`](crate::audit()) calls it before it reads everything.
    fn integrity(&self) -> Result<(), StoreError>;
}

/// Writing: one writer, by lease with a fencing epoch.
pub trait Journal: Reader {
    /// Takes the lease over. Every older fence is refused from then on.
    ///
    /// # Errors
    /// [`StoreError::Limit`] where `holder` passes [`MAX_HOLDER_BYTES`].
    fn lease(&mut self, holder: &str) -> Result<Fence, StoreError>;

    /// Group commit: all appends in one transaction with one sync to disk. An append whose expectations fail is
    /// left out whole and answered with its [`Conflict`]; the others commit, in order. The rows of an append
    /// count in the expectations of those after it.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Limit`] and [`StoreError::Full`]: nothing was written. [`StoreError::Fault`]: the outcome is
    /// unknown and the journal is poisoned; open it anew, look at the head, and append again with the same
    /// expectations. [`StoreError::Poisoned`]: nothing was written.
    fn append(
        &mut self,
        fence: Fence,
        appends: Vec<Append>,
    ) -> Result<Vec<Result<Committed, Conflict>>, StoreError>;

    /// The leaves that the last [`Self::append`] of this handle added, in order of their index.
    fn appended(&self) -> &[[u8; LEAF_BYTES]];

    /// Keeps a checkpoint before it goes out. Earlier ones stay.
    ///
    /// # Errors
    /// [`StoreError::CheckpointSize`] where it is smaller than the last or larger than the head.
    fn put_published(&mut self, fence: Fence, size: u64, checkpoint: &str) -> Result<(), StoreError>;

    /// Destruction: removes papers and entry salts. The rows and their leaves remain, as commitments that nobody
    /// can open. What is already gone is passed over, so that a destruction can be repeated after a restore.
    fn forget(&mut self, fence: Fence, papers: &[Digest], salts: &[u64]) -> Result<Forgotten, StoreError>;
}

/// A reader seen as the source of tiles for proofs.
#[derive(Clone, Copy)]
pub struct Tiles<'a>(pub &'a dyn Reader);

impl TileReader for Tiles<'_> {
    type Error = StoreError;

    fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        self.0.tile(level, index)
    }
}
