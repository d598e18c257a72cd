//! The vault in memory, for `demo`, `exercise` and tests, with the files and names that the vault in a folder has. On a
//! [`MemoryDisk`] whose power fails it loses, tears or keeps what was not synced, and must find its way from there.
//!
//! *Absent:* durability beyond the last handle.

use super::record::{self, Durable};
use super::scratch::{Scratch, Slots};
use super::{
    MAX_PARTIALS, Medium, PARTIAL_SYNC_BYTES, Partial, Sealed, Syncing, Vault, VaultReader, VaultWriter,
};
use crate::disk::MemoryDisk;
use crate::error::StoreError;
use attache_accord::{Digest, DispatchId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes after which an arrival is synced on a disk whose power may fail: so few that what an exercise can afford to send is
/// synced in several places.
const FAILING_SYNC_BYTES: u64 = 64 * 1024;

/// A vault in memory. Clones are handles to the same vault.
#[derive(Clone, Default)]
pub struct MemoryVault {
    held: Arc<Mutex<Held>>,
    disk: MemoryDisk,
}

#[derive(Default)]
struct Held {
    finished: HashMap<Digest, Finished>,
    /// Those whose bytes or name are not synced, in the order in which they came.
    unsettled: Vec<Digest>,
    partials: BTreeMap<DispatchId, Arrival>,
    records: BTreeMap<DispatchId, Record>,
    /// What lost its name since names were last synced.
    unlinked: Vec<(DispatchId, Gone)>,
    open: BTreeSet<DispatchId>,
}

/// A file that is only added to and cut.
#[derive(Default)]
struct File {
    bytes: Vec<u8>,
    /// How many of them are on the disk.
    synced: usize,
    /// Synced bytes that were cut off and may be back after a crash.
    cut: Vec<u8>,
}

struct Finished {
    bytes: Arc<Vec<u8>>,
    synced: usize,
    /// The partial that it was.
    dispatch: Option<DispatchId>,
}

#[derive(Default)]
struct Arrival {
    file: Arc<Mutex<File>>,
    is_named: bool,
}

/// The record of an arrival, which is written over itself.
#[derive(Default)]
struct Record {
    bytes: Vec<u8>,
    synced: Vec<u8>,
    is_named: bool,
}

enum Gone {
    Record(Record),
    Arrival(Arrival),
}

impl MemoryVault {
    /// An empty vault.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty vault on `disk`.
    pub fn on(disk: MemoryDisk) -> Self {
        Self { held: Arc::default(), disk }
    }

    /// What a power cut does, and then what opening the vault does. No handle may be open.
    pub fn lose_unsynced(&self) {
        let mut held = self.held();
        held.lose_finished(&self.disk);
        held.lose_names(&self.disk);
        for arrival in held.partials.values() {
            arrival.file().lose(&self.disk);
        }
        for record in held.records.values_mut() {
            if record.bytes != record.synced {
                record.bytes = self.disk.settle(&record.synced, &record.bytes, 0);
                record.synced.clone_from(&record.bytes);
            }
        }
        let Held { partials, records, .. } = &mut *held;
        records.retain(|dispatch, _| partials.contains_key(dispatch));
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        lock(&self.held)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code that holds a lock can panic half way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl File {
    fn cut(&mut self, length: u64) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length < self.synced {
            self.cut = self.bytes[length..self.synced].to_vec();
            self.synced = length;
        }
        self.bytes.truncate(length);
    }

    fn sync(&mut self) {
        self.synced = self.bytes.len();
        self.cut = Vec::new();
    }

    fn lose(&mut self, disk: &MemoryDisk) {
        if self.synced < self.bytes.len() {
            self.bytes = disk.settle(&self.bytes[..self.synced], &self.bytes, self.synced);
        } else if !self.cut.is_empty() && disk.below(2) == 0 {
            self.bytes.append(&mut self.cut);
        }
        self.sync();
    }
}

impl Arrival {
    fn file(&self) -> MutexGuard<'_, File> {
        lock(&self.file)
    }
}

impl Held {
    fn refuse_open(&self, dispatch: &DispatchId) -> Result<(), StoreError> {
        if self.open.contains(dispatch) {
            return Err(StoreError::InUse(PathBuf::from(format!("partial-{dispatch}"))));
        }
        Ok(())
    }

    fn durable(&self, dispatch: &DispatchId) -> Durable {
        self.records.get(dispatch).map(|record| record::read(&record.bytes)).unwrap_or_default()
    }

    fn unlink_record(&mut self, dispatch: &DispatchId, disk: &MemoryDisk) {
        let gone = self.records.remove(dispatch).filter(|_| disk.may_fail());
        self.unlinked.extend(gone.map(|record| (*dispatch, Gone::Record(record))));
    }

    fn unlink_arrival(&mut self, dispatch: &DispatchId, disk: &MemoryDisk) -> bool {
        let removed = self.partials.remove(dispatch);
        let is_removed = removed.is_some();
        let gone = removed.filter(|_| disk.may_fail());
        self.unlinked.extend(gone.map(|arrival| (*dispatch, Gone::Arrival(arrival))));
        is_removed
    }

    /// Syncs the names of arrivals and records, which are in one folder.
    fn sync_names(&mut self, disk: &MemoryDisk) {
        if !disk.is_lying() {
            self.unlinked.clear();
            self.partials.values_mut().for_each(|arrival| arrival.is_named = true);
            self.records.values_mut().for_each(|record| record.is_named = true);
        }
    }

    /// Finished streams whose name, or on a disk that lies whose bytes, were not synced.
    fn lose_finished(&mut self, disk: &MemoryDisk) {
        for digest in std::mem::take(&mut self.unsettled) {
            let Some(Finished { bytes, synced, dispatch }) = self.finished.remove(&digest) else { continue };
            let mut file = File { bytes: Arc::unwrap_or_clone(bytes), synced, cut: Vec::new() };
            if disk.below(2) == 0 {
                file.lose(disk);
                let bytes = Arc::new(file.bytes);
                self.finished.insert(digest, Finished { synced: bytes.len(), bytes, dispatch });
            } else if let Some(dispatch) = dispatch {
                let back = Arrival { file: Arc::new(Mutex::new(file)), is_named: true };
                self.partials.insert(dispatch, back);
            }
        }
    }

    /// Names last in the order in which they were made and removed.
    fn lose_names(&mut self, disk: &MemoryDisk) {
        let lasting = disk.below(self.unlinked.len() + 1);
        for (dispatch, gone) in self.unlinked.drain(..).skip(lasting) {
            match gone {
                Gone::Record(record) => drop(self.records.entry(dispatch).or_insert(record)),
                Gone::Arrival(arrival) => drop(self.partials.entry(dispatch).or_insert(arrival)),
            }
        }
        self.partials.retain(|_, arrival| arrival.is_named || disk.below(2) == 0);
        self.records.retain(|_, record| record.is_named || disk.below(2) == 0);
        self.partials.values_mut().for_each(|arrival| arrival.is_named = true);
        self.records.values_mut().for_each(|record| record.is_named = true);
    }
}

impl Vault for MemoryVault {
    fn create(&self) -> Result<VaultWriter, StoreError> {
        self.disk.operate()?;
        let buffer = Buffer { vault: self.clone(), file: Arc::default(), dispatch: None };
        Ok(VaultWriter::new(Box::new(buffer)))
    }

    fn open(&self, digest: &Digest) -> Result<Option<VaultReader>, StoreError> {
        self.disk.look()?;
        let held = self.held();
        let found = held.finished.get(digest).map(|finished| finished.bytes.clone());
        Ok(found.map(|bytes| VaultReader::new(Arc::new(Bytes(bytes.clone())), bytes.len() as u64)))
    }

    fn remove(&self, digest: &Digest) -> Result<bool, StoreError> {
        self.disk.operate()?;
        Ok(self.held().finished.remove(digest).is_some())
    }

    fn partial(&self, dispatch: &DispatchId) -> Result<Partial, StoreError> {
        self.disk.operate()?;
        let mut held = self.held();
        held.refuse_open(dispatch)?;
        if !held.partials.contains_key(dispatch) {
            StoreError::within("partial arrivals", MAX_PARTIALS as u64, held.partials.len() as u64 + 1)?;
            // Where the new name lasts, so does the removal before it.
            held.unlinked.retain(|(gone, _)| gone != dispatch);
        }
        let durable = held.durable(dispatch);
        let file = held.partials.entry(*dispatch).or_default().file.clone();
        held.open.insert(*dispatch);
        let mut there = lock(&file);
        let (durable, front) = record::resume(durable, there.bytes.len() as u64);
        there.cut(durable);
        drop(there);
        let buffer = Buffer { vault: self.clone(), file, dispatch: Some(*dispatch) };
        Ok(Partial::resumed(Box::new(buffer), durable, front))
    }

    fn is_partial(&self, dispatch: &DispatchId) -> bool {
        self.held().partials.contains_key(dispatch)
    }

    fn partials(&self) -> Result<Vec<(DispatchId, u64)>, StoreError> {
        let held = self.held();
        Ok(held.partials.keys().map(|dispatch| (*dispatch, held.durable(dispatch).0)).collect())
    }

    fn abandon(&self, dispatch: &DispatchId) -> Result<bool, StoreError> {
        let mut held = self.held();
        held.refuse_open(dispatch)?;
        if !held.partials.contains_key(dispatch) {
            return Ok(false);
        }
        // The record first: a partial without one starts over, a record without a partial is cleared.
        self.disk.operate()?;
        held.unlink_record(dispatch, &self.disk);
        self.disk.operate()?;
        let removed = held.unlink_arrival(dispatch, &self.disk);
        self.disk.operate()?;
        held.sync_names(&self.disk);
        Ok(removed)
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

/// A file that has no digest yet: a stream, or with a dispatch id a partial.
struct Buffer {
    vault: MemoryVault,
    file: Arc<Mutex<File>>,
    dispatch: Option<DispatchId>,
}

impl Medium for Buffer {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.vault.disk.operate()?;
        lock(&self.file).bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.vault.disk.operate()?;
        if !self.vault.disk.is_lying() {
            lock(&self.file).sync();
        }
        Ok(())
    }

    fn begin_sync(&mut self, length: u64, front: &[u8]) -> Result<Option<Syncing>, StoreError> {
        self.sync()?;
        let Some(dispatch) = self.dispatch else { return Ok(None) };
        let disk = &self.vault.disk;
        disk.operate()?;
        let mut held = self.vault.held();
        let record = held.records.entry(dispatch).or_default();
        // Over what was there: of a longer record the end stays.
        let written = record::write(length, front);
        record.bytes.splice(..written.len().min(record.bytes.len()), written);
        disk.operate()?;
        if !disk.is_lying() {
            record.synced.clone_from(&record.bytes);
        }
        if !record.is_named {
            disk.operate()?;
            held.sync_names(disk);
        }
        Ok(None)
    }

    fn cut(&mut self, length: u64) -> Result<(), StoreError> {
        self.vault.disk.operate()?;
        lock(&self.file).cut(length);
        Ok(())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StoreError> {
        Ok(copy_at(&lock(&self.file).bytes, offset, buffer))
    }

    fn sync_bytes(&self) -> u64 {
        if self.vault.disk.may_fail() { FAILING_SYNC_BYTES } else { PARTIAL_SYNC_BYTES }
    }

    fn publish(&mut self, digest: &Digest, length: u64) -> Result<(), StoreError> {
        let disk = &self.vault.disk;
        disk.operate()?;
        let mut held = self.vault.held();
        match held.finished.get(digest).map(|there| there.bytes.len() as u64) {
            Some(there) if there != length => {
                return Err(StoreError::Differs { digest: *digest, held: there, offered: length });
            }
            Some(_) => {
                if let Some(dispatch) = &self.dispatch {
                    held.unlink_arrival(dispatch, disk);
                }
            }
            None => {
                self.dispatch.iter().for_each(|dispatch| drop(held.partials.remove(dispatch)));
                let File { bytes, synced, .. } = std::mem::take(&mut *lock(&self.file));
                let finished = Finished { bytes: Arc::new(bytes), synced, dispatch: self.dispatch };
                held.finished.insert(*digest, finished);
                held.unsettled.push(*digest);
            }
        }
        disk.operate()?;
        if !disk.is_lying() {
            held.unsettled.retain(|unsettled| unsettled != digest);
        }
        if let Some(dispatch) = &self.dispatch {
            disk.operate()?;
            held.unlink_record(dispatch, disk);
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
