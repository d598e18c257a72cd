//! What a backup says, record by record: a length and CBOR, within an archive.
//!
//! *Absent:* cryptography. The archive has verified whatever is read here, and the bounds hold all the same.

use super::BackupError;
use attache_accord::{Digest, Network, NodeName, Party, Timestamp};
use attache_custody::archive::{ArchiveReader, ArchiveWriter};
use attache_store::Column;
use attache_tlog::empty_root;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use std::io::{Read, Write};

/// The version of this form.
pub const FORM: u8 = 1;
/// Longest record, in bytes: a paper of more than 4 MiB and what stands around it.
const MAX_RECORD_BYTES: usize = 6 * 1024 * 1024;
/// Longest file of a node's folder, in bytes.
pub const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;
/// Most files of a node's folder.
pub const MAX_FILES: usize = 16_384;
/// Sealed bytes of the vault in one record.
pub(super) const CHUNK_BYTES: usize = 256 * 1024;

/// Which archive of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Part {
    /// Rows, checkpoints, what a witness keeps, sealed bytes, cards, packs and the configuration.
    #[n(0)]
    Log,
    /// Entry salts, papers, and the node's keys: kept for a short time.
    #[n(1)]
    Keys,
}

/// Whose backup it is, and of when.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Manifest {
    /// Version of this form.
    #[n(0)]
    pub form: u8,
    /// Which of its archives this is.
    #[n(1)]
    pub part: Part,
    /// Random; the same in both archives.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub id: [u8; 16],
    /// The node.
    #[n(3)]
    pub node: NodeName,
    /// Its Party.
    #[n(4)]
    pub party: Party,
    /// Its network.
    #[n(5)]
    pub network: Network,
    /// The agreement's short name.
    #[n(6)]
    pub agreement: String,
    /// Digest of the rule pack.
    #[n(7)]
    pub pack: Digest,
    /// Origin line of its log.
    #[n(8)]
    pub origin: String,
    /// When it was begun.
    #[n(9)]
    pub at: Timestamp,
    /// When its keys part is to be gone.
    #[n(10)]
    pub keys_until: Timestamp,
}

/// What it holds, said at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Summary {
    /// Size of the log.
    #[n(0)]
    pub size: u64,
    /// Its root.
    #[n(1)]
    pub root: Digest,
    /// Files of the node's folder.
    #[n(2)]
    pub files: u64,
    /// Records beside the rows; of the keys part papers.
    #[n(3)]
    pub kept: u64,
    /// Entry salts.
    #[n(4)]
    pub salts: u64,
    /// Sealed items of the vault.
    #[n(5)]
    pub items: u64,
    /// Bytes of those.
    #[n(6)]
    pub item_bytes: u64,
}

impl Summary {
    /// Of so many files, and nothing else yet.
    pub(super) fn of_files(files: u64) -> Self {
        let root = Digest(empty_root().0);
        Self { size: 0, root, files, kept: 0, salts: 0, items: 0, item_bytes: 0 }
    }
}

/// A column of a kept record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) enum Value {
    #[n(0)]
    Integer(#[n(0)] i64),
    #[n(1)]
    Text(#[n(0)] String),
    #[n(2)]
    Bytes(#[n(0)] ByteVec),
}

impl From<Column> for Value {
    fn from(column: Column) -> Self {
        match column {
            Column::Integer(number) => Self::Integer(number),
            Column::Text(text) => Self::Text(text),
            Column::Bytes(bytes) => Self::Bytes(bytes.into()),
        }
    }
}

impl From<Value> for Column {
    fn from(value: Value) -> Self {
        match value {
            Value::Integer(number) => Self::Integer(number),
            Value::Text(text) => Self::Text(text),
            Value::Bytes(bytes) => Self::Bytes(bytes.into()),
        }
    }
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) enum Record {
    /// First.
    #[n(0)]
    Begin(#[n(0)] Manifest),
    /// A file of the node's folder.
    #[n(1)]
    File(#[n(0)] String, #[n(1)] ByteVec),
    /// A row: stream, place in it, event and leaf. Its index is its place.
    #[n(2)]
    Row(#[n(0)] String, #[n(1)] u64, #[n(2)] ByteVec, #[n(3)] ByteVec),
    /// The sealed salt of a row.
    #[n(3)]
    Salt(#[n(0)] u64, #[n(1)] ByteVec),
    /// What is kept beside the rows: its table, and its columns.
    #[n(4)]
    Kept(#[n(0)] String, #[n(1)] Vec<Value>),
    /// Sealed bytes of the vault under their digest, so many of them, in the records behind it.
    #[n(5)]
    Item(#[n(0)] Digest, #[n(1)] u64),
    /// A piece of them.
    #[n(6)]
    Piece(#[n(0)] ByteVec),
    /// Last.
    #[n(7)]
    End(#[n(0)] Summary),
}

impl Record {
    pub(super) fn write<W: Write>(&self, to: &mut ArchiveWriter<W>) -> Result<(), BackupError> {
        let bytes = minicbor::to_vec(self).map_err(|_| BackupError::form("a record cannot be encoded"))?;
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= MAX_RECORD_BYTES);
        let length = length.ok_or_else(|| BackupError::form("a record is too long"))?;
        to.write(&length.to_be_bytes())?;
        Ok(to.write(&bytes)?)
    }

    /// The next record; `None` at the end of the archive.
    pub(super) fn read<R: Read>(from: &mut ArchiveReader<R>) -> Result<Option<Self>, BackupError> {
        let mut length = [0; 4];
        if !from.read_exact(&mut length)? {
            return Ok(None);
        }
        let length = u32::from_be_bytes(length) as usize;
        if length > MAX_RECORD_BYTES {
            return Err(BackupError::form("a record is too long"));
        }
        let mut bytes = vec![0; length];
        if !from.read_exact(&mut bytes)? {
            return Err(BackupError::form("a record is cut off"));
        }
        minicbor::decode(&bytes).map(Some).map_err(|_| BackupError::form("a record of another form"))
    }
}
