//! The vault: sealed bytes under their digest, written once, and arrivals that are not complete yet.
//!
//! The digest is the item digest over encrypted segments. It is the caller's word here: the caller hashes the
//! segments as they pass and checks them as it reads.
//!
//! *Absent:* plaintext, keys, segment borders, and any change to what was finished.

mod folder;
mod memory;
mod record;
mod scratch;

pub use folder::FolderVault;
pub use memory::MemoryVault;
pub use scratch::{Kept, MAX_KEPT, MAX_KEPT_BYTES, Scratch};

use crate::error::StoreError;
use attache_accord::{Digest, DispatchId};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Longest stream of sealed bytes: an item of at most 64 GiB and what sealing adds.
pub const MAX_SEALED_BYTES: u64 = 65 << 30;
/// Most arrivals that may be incomplete at one time.
pub const MAX_PARTIALS: usize = 256;
/// Bytes after which a partial arrival is synced, beside its writing.
pub const PARTIAL_SYNC_BYTES: u64 = 8 << 20;
/// Bytes that may be written behind the last sync before writing waits for it: no more than this of a transfer is lost by
/// a crash.
pub const MAX_UNSYNCED_BYTES: u64 = 32 << 20;
/// Longest front of an arrival, in bytes.
pub const MAX_FRONT_BYTES: usize = 256;

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

    /// Whether an arrival of the dispatch is incomplete here.
    fn is_partial(&self, dispatch: &DispatchId) -> bool;

    /// The incomplete arrivals, in order of their ids, and how many bytes of each are durable.
    fn partials(&self) -> Result<Vec<(DispatchId, u64)>, StoreError>;

    /// Gives an incomplete arrival up; `false` where there was none.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where a handle to it is open.
    fn abandon(&self, dispatch: &DispatchId) -> Result<bool, StoreError>;

    /// Room for a connection's records; see [`Scratch`].
    fn scratch(&self) -> Result<Scratch, StoreError>;
}

/// A sync under way.
type Syncing = JoinHandle<Result<(), StoreError>>;

/// Where bytes go until they are finished.
trait Medium: Send + Sync {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError>;
    /// Makes the first `length` bytes, which are all that were written, durable.
    fn sync(&mut self) -> Result<(), StoreError>;
    /// The same of an arrival, and the record of how much it is and what its front is. Where it is done beside the writing,
    /// the answer waits for it.
    fn begin_sync(&mut self, length: u64, front: &[u8]) -> Result<Option<Syncing>, StoreError>;
    /// Drops all behind the first `length` bytes.
    fn cut(&mut self, length: u64) -> Result<(), StoreError>;
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StoreError>;
    /// Bytes after which an arrival is synced.
    fn sync_bytes(&self) -> u64 {
        PARTIAL_SYNC_BYTES
    }
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
        self.medium.sync()?;
        self.medium.publish(digest, self.written)
    }
}

/// An arrival that may take several connections: a short front, which is not part of what is finished, and the bytes
/// behind it. Dropped before [`finish`](Self::finish) it stays as far as it is durable.
pub struct Partial {
    front: Vec<u8>,
    stream: VaultWriter,
    /// How many bytes behind the front are durable.
    durable: u64,
    syncing: Option<(Syncing, u64)>,
}

impl Partial {
    fn resumed(medium: Box<dyn Medium>, durable: u64, front: Vec<u8>) -> Self {
        let stream = VaultWriter { medium, written: durable, failed: false };
        Self { front, stream, durable, syncing: None }
    }

    /// Begins with `front`, at most [`MAX_FRONT_BYTES`], in place of a first [`Self::append`].
    ///
    /// # Errors
    /// [`StoreError::Limit`] for a longer one, or where something came before.
    pub fn begin(&mut self, front: &[u8]) -> Result<(), StoreError> {
        StoreError::within("front of an arrival, bytes", MAX_FRONT_BYTES as u64, front.len() as u64)?;
        StoreError::within("bytes before the front", 0, self.written())?;
        self.front = front.to_vec();
        Ok(())
    }

    /// The front.
    pub fn front(&self) -> &[u8] {
        &self.front
    }

    /// Adds bytes at the end. Every [`PARTIAL_SYNC_BYTES`] a sync begins beside it, which is waited for when
    /// [`MAX_UNSYNCED_BYTES`] were written meanwhile.
    ///
    /// # Errors
    /// As [`VaultWriter::append`], and what a sync met. After a fault, take the partial up again: it stands at its
    /// durable length.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.stream.append(bytes)?;
        let unsynced = self.stream.written - self.durable;
        let may_wait = unsynced >= MAX_UNSYNCED_BYTES;
        if unsynced < self.stream.medium.sync_bytes() || !may_wait && self.is_syncing() {
            return Ok(());
        }
        self.settle()?;
        self.begin_sync()
    }

    /// Makes everything so far durable.
    ///
    /// # Errors
    /// [`StoreError::Fault`], after which this handle answers [`StoreError::Poisoned`].
    pub fn sync(&mut self) -> Result<(), StoreError> {
        self.settle()?;
        self.begin_sync()?;
        self.settle()
    }

    fn is_syncing(&self) -> bool {
        self.syncing.as_ref().is_some_and(|(syncing, _)| !syncing.is_finished())
    }

    fn begin_sync(&mut self) -> Result<(), StoreError> {
        if self.stream.failed {
            return Err(StoreError::Poisoned);
        }
        self.stream.failed = true;
        let begun = self.stream.medium.begin_sync(self.stream.written, &self.front)?;
        self.stream.failed = false;
        match begun {
            Some(syncing) => self.syncing = Some((syncing, self.stream.written)),
            None => self.durable = self.stream.written,
        }
        Ok(())
    }

    /// Waits for the sync under way. One that failed is never believed later: the handle is lost.
    fn settle(&mut self) -> Result<(), StoreError> {
        let Some((syncing, length)) = self.syncing.take() else { return Ok(()) };
        self.stream.failed = true;
        let done = syncing.join();
        done.map_err(|_| StoreError::fault("syncing a partial", "its thread panicked"))??;
        self.stream.failed = false;
        self.durable = length;
        Ok(())
    }

    /// Bytes so far, the front's too.
    pub fn written(&self) -> u64 {
        self.front.len() as u64 + self.stream.written
    }

    /// Bytes that a crash cannot take, the front's too: what the sender may be told.
    pub fn durable(&self) -> u64 {
        if self.durable == 0 { 0 } else { self.front.len() as u64 + self.durable }
    }

    /// Reads what has arrived, the front first, to hash it again after a restart. Answers how many bytes it read; 0 at the end.
    ///
    /// # Errors
    /// [`StoreError::Fault`].
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StoreError> {
        match usize::try_from(offset).ok().and_then(|at| self.front.get(at..)).filter(|rest| !rest.is_empty())
        {
            Some(mut rest) => rest.read(buffer).map_err(StoreError::io("reading a partial")),
            None => self.stream.medium.read_at(offset - self.front.len() as u64, buffer),
        }
    }

    /// Leaves the first `length` bytes behind the front under `digest`, durable, and drops the others. Where the vault holds
    /// the same already, that stays. Where it fails the partial stays, or begins anew.
    ///
    /// # Errors
    /// As [`VaultWriter::finish`], and [`StoreError::Limit`] where fewer bytes came.
    pub fn finish(mut self, digest: &Digest, length: u64) -> Result<(), StoreError> {
        self.settle()?;
        StoreError::within("bytes of an arrival to keep", self.stream.written, length)?;
        if self.stream.failed {
            return Err(StoreError::Poisoned);
        }
        self.stream.failed = true;
        self.stream.medium.cut(length)?;
        self.stream.medium.sync()?;
        self.stream.medium.publish(digest, length)?;
        self.stream.failed = false;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // A record of an older handle must not come to stand beside the bytes of the next one.
        if self.settle().is_err() {
            self.durable = 0;
        }
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
