//! The vault in memory, for `demo`, `exercise` and tests. A partial keeps what was synced, as on a disk.
//!
//! *Absent:* durability beyond the last handle.

use super::scratch::{Scratch, Slots};
use super::{MAX_PARTIALS, Medium, Partial, Sealed, Syncing, Vault, VaultReader, VaultWriter};
use crate::error::StoreError;
use attache_accord::{Digest, DispatchId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A vault in memory. Clones are handles to the same vault.
#[derive(Clone, Default)]
pub struct MemoryVault {
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    finished: HashMap<Digest, Arc<Vec<u8>>>,
    partials: BTreeMap<DispatchId, Kept>,
    open: BTreeSet<DispatchId>,
}

/// What is durable of a partial.
#[derive(Clone, Default)]
struct Kept {
    front: Vec<u8>,
    bytes: Vec<u8>,
}

impl MemoryVault {
    /// An empty vault.
    pub fn new() -> Self {
        Self::default()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // No code that holds the lock can panic half way through a change.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn refuse_open(&self, dispatch: &DispatchId) -> Result<(), StoreError> {
        if self.open.contains(dispatch) {
            return Err(StoreError::InUse(PathBuf::from(format!("partial-{dispatch}"))));
        }
        Ok(())
    }
}

impl Vault for MemoryVault {
    fn create(&self) -> Result<VaultWriter, StoreError> {
        Ok(VaultWriter::new(Box::new(Buffer { vault: self.clone(), bytes: Vec::new(), dispatch: None })))
    }

    fn open(&self, digest: &Digest) -> Result<Option<VaultReader>, StoreError> {
        let found = self.held().finished.get(digest).cloned();
        Ok(found.map(|bytes| VaultReader::new(Arc::new(Bytes(bytes.clone())), bytes.len() as u64)))
    }

    fn remove(&self, digest: &Digest) -> Result<bool, StoreError> {
        Ok(self.held().finished.remove(digest).is_some())
    }

    fn partial(&self, dispatch: &DispatchId) -> Result<Partial, StoreError> {
        let mut held = self.held();
        held.refuse_open(dispatch)?;
        if !held.partials.contains_key(dispatch) {
            StoreError::within("partial arrivals", MAX_PARTIALS as u64, held.partials.len() as u64 + 1)?;
        }
        let Kept { front, bytes } = held.partials.entry(*dispatch).or_default().clone();
        held.open.insert(*dispatch);
        let durable = bytes.len() as u64;
        let buffer = Buffer { vault: self.clone(), bytes, dispatch: Some(*dispatch) };
        Ok(Partial::resumed(Box::new(buffer), durable, front))
    }

    fn is_partial(&self, dispatch: &DispatchId) -> bool {
        self.held().partials.contains_key(dispatch)
    }

    fn partials(&self) -> Result<Vec<(DispatchId, u64)>, StoreError> {
        Ok(self.held().partials.iter().map(|(dispatch, kept)| (*dispatch, kept.bytes.len() as u64)).collect())
    }

    fn abandon(&self, dispatch: &DispatchId) -> Result<bool, StoreError> {
        let mut held = self.held();
        held.refuse_open(dispatch)?;
        Ok(held.partials.remove(dispatch).is_some())
    }

    fn scratch(&self) -> Result<Scratch, StoreError> {
        Ok(Scratch::new(Box::new(Vec::new())))
    }
}

impl Slots for Vec<u8> {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        self.resize(self.len().max(from + bytes.len()), 0);
        self[from..from + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let read = copy_at(self, offset, bytes);
        if read == bytes.len() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

struct Buffer {
    vault: MemoryVault,
    bytes: Vec<u8>,
    dispatch: Option<DispatchId>,
}

impl Medium for Buffer {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn begin_sync(&mut self, _length: u64, front: &[u8]) -> Result<Option<Syncing>, StoreError> {
        if let Some(dispatch) = self.dispatch {
            let kept = Kept { front: front.to_vec(), bytes: self.bytes.clone() };
            self.vault.held().partials.insert(dispatch, kept);
        }
        Ok(None)
    }

    fn cut(&mut self, length: u64) -> Result<(), StoreError> {
        self.bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StoreError> {
        Ok(copy_at(&self.bytes, offset, buffer))
    }

    fn publish(&mut self, digest: &Digest, length: u64) -> Result<(), StoreError> {
        let mut held = self.vault.held();
        let there = held.finished.entry(*digest).or_insert_with(|| Arc::new(self.bytes.clone())).len() as u64;
        if there != length {
            return Err(StoreError::Differs { digest: *digest, held: there, offered: length });
        }
        if let Some(dispatch) = self.dispatch {
            held.partials.remove(&dispatch);
        }
        Ok(())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(dispatch) = self.dispatch {
            self.vault.held().open.remove(&dispatch);
        }
    }
}

pub(super) struct Bytes(pub(super) Arc<Vec<u8>>);

impl Sealed for Bytes {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(copy_at(&self.0, offset, buffer))
    }
}

fn copy_at(bytes: &[u8], offset: u64, buffer: &mut [u8]) -> usize {
    let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default();
    let count = rest.len().min(buffer.len());
    buffer[..count].copy_from_slice(&rest[..count]);
    count
}
