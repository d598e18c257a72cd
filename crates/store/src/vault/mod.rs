//! The vault: sealed bytes under their digest, written once, and arrivals that are not complete yet.
//!
//! The digest is the item digest over encrypted segments. It is the caller's word here: the caller hashes the
//! segments as they pass and checks them as it reads.
//!
//! *Absent:* plaintext, keys, segment borders, and any change to what was finished.

mod folder;
mod memory;

pub use folder::FolderVault;
pub use memory::MemoryVault;

use crate::error::StoreError;
use attache_accord::{Digest, DispatchId};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Longest stream of sealed bytes: an item of at most 64 GiB and what sealing adds.
pub const MAX_SEALED_BYTES: u64 = 65 << 30;
/// Most arrivals that may be incomplete at one time.
pub const MAX_PARTIALS: usize = 256;
/// Bytes after which a partial arrival is synced, so that a crash costs no more than this of a transfer.
pub const PARTIAL_SYNC_BYTES: u64 = 8 << 20;

/// Sealed bytes by digest.
pub trait Vault: Send + Sync {
    /// Begins a stream whose digest is not known yet.
    fn create(&self) -> Result<VaultWriter, StoreError>;

    /// The bytes under `digest`; `None` where there are none or they were removed.
    fn open(&self, digest: &Digest) -> Result<Option<VaultReader>, StoreError>;

    /// Removes the bytes under `digest`; `false` where there were none. A reader that is open reads on.
    fn remove(&self, digest: &Digest) -> Result<bool, StoreError>;

    /// Begins the arrival of a dispatch, or goes on with it behind its durable bytes.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where a handle to it is open; [`StoreError::Limit`] where [`MAX_PARTIALS`] others are
    /// incomplete.
    fn partial(&self, dispatch: &DispatchId) -> Result<Partial, StoreError>;

    /// The incomplete arrivals, in order of their ids, and how many bytes of each are durable.
    fn partials(&self) -> Result<Vec<(DispatchId, u64)>, StoreError>;

    /// Gives an incomplete arrival up; `false` where there was none.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where a handle to it is open.
    fn abandon(&self, dispatch: &DispatchId) -> Result<bool, StoreError>;
}

/// Where bytes go until they are finished.
trait Medium: Send + Sync {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError>;
    /// Makes the first `length` bytes, which are all that were written, durable.
    fn sync(&mut self, length: u64) -> Result<(), StoreError>;
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StoreError>;
    /// Puts the synced bytes under `digest`, unless the same are there already.
    fn publish(&mut self, digest: &Digest, length: u64) -> Result<(), StoreError>;
}

/// A stream being written. Dropped before [`finish`](Self::finish), nothing of it stays.
pub struct VaultWriter {
    medium: Box<dyn Medium>,
    written: u64,
    failed: bool,
}

impl VaultWriter {
    fn new(medium: Box<dyn Medium>) -> Self {
        Self { medium, written: 0, failed: false }
    }

    /// Adds bytes at the end.
    ///
    /// # Errors
    /// [`StoreError::Limit`] past [`MAX_SEALED_BYTES`]. After a [`StoreError::Fault`] the stream is lost and
    /// answers [`StoreError::Poisoned`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Poisoned);
        }
        let after = self.written.saturating_add(bytes.len() as u64);
        StoreError::within("sealed stream, bytes", MAX_SEALED_BYTES, after)?;
        self.failed = true;
        self.medium.write(bytes)?;
        self.failed = false;
        self.written = after;
        Ok(())
    }

    /// Bytes so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Makes the stream durable under `digest`. Where the vault holds the same already, that stays.
    ///
    /// # Errors
    /// [`StoreError::Differs`] where the vault holds bytes of another length under the digest.
    pub fn finish(mut self, digest: &Digest) -> Result<(), StoreError> {
        if self.failed {
            return Err(StoreError::Poisoned);
        }
        self.medium.sync(self.written)?;
        self.medium.publish(digest, self.written)
    }
}

/// An arrival that may take several connections. Dropped before [`finish`](Self::finish) it stays as far as it is
/// durable.
pub struct Partial {
    stream: VaultWriter,
    durable: u64,
}

impl Partial {
    fn resumed(medium: Box<dyn Medium>, durable: u64) -> Self {
        Self { stream: VaultWriter { medium, written: durable, failed: false }, durable }
    }

    /// Adds bytes at the end, and syncs every [`PARTIAL_SYNC_BYTES`].
    ///
    /// # Errors
    /// As [`VaultWriter::append`]. After a fault, take the partial up again: it stands at its durable length.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.stream.append(bytes)?;
        if self.stream.written - self.durable >= PARTIAL_SYNC_BYTES { self.sync() } else { Ok(()) }
    }

    /// Makes everything so far durable.
    ///
    /// # Errors
    /// [`StoreError::Fault`], after which this handle answers [`StoreError::Poisoned`].
    pub fn sync(&mut self) -> Result<(), StoreError> {
        if self.stream.failed {
            return Err(StoreError::Poisoned);
        }
        self.stream.failed = true;
        self.stream.medium.sync(self.stream.written)?;
        self.stream.failed = false;
        self.durable = self.stream.written;
        Ok(())
    }

    /// Bytes so far.
    pub fn written(&self) -> u64 {
        self.stream.written
    }

    /// Bytes that a crash cannot take: what the sender may be told.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Reads what has arrived, to hash it again after a restart. Answers how many bytes it read; 0 at the end.
    ///
    /// # Errors
    /// [`StoreError::Fault`].
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StoreError> {
        self.stream.medium.read_at(offset, buffer)
    }

    /// As [`VaultWriter::finish`]. Where it fails the partial stays.
    ///
    /// # Errors
    /// As [`VaultWriter::finish`].
    pub fn finish(self, digest: &Digest) -> Result<(), StoreError> {
        self.stream.finish(digest)
    }
}

/// Finished bytes at rest.
trait Sealed: Send + Sync {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// Reads finished bytes, from the front or at any place. Clones read the same bytes with a position of their own.
#[derive(Clone)]
pub struct VaultReader {
    sealed: Arc<dyn Sealed>,
    length: u64,
    position: u64,
}

impl VaultReader {
    fn new(sealed: Arc<dyn Sealed>, length: u64) -> Self {
        Self { sealed, length, position: 0 }
    }

    /// A reader of sealed bytes that rest elsewhere and are in memory already.
    pub fn of(bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        Self::new(Arc::new(memory::Bytes(Arc::new(bytes))), length)
    }

    /// Length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Reads at `offset` without moving the position. Answers how many bytes it read; 0 at the end.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.sealed.read_at(offset, buffer)
    }
}

impl Read for VaultReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.read_at(self.position, buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for VaultReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
