//! What a connection has to remember and does not hold in memory: a few records on disk, gone with their handle.
//!
//! *Absent:* durability, and any secret in clear: whoever keeps something here seals it first.

use crate::error::StoreError;
use std::io;

/// Most records that one scratch keeps.
pub const MAX_KEPT: u32 = 64;
/// Longest record, in bytes.
pub const MAX_KEPT_BYTES: usize = 32 * 1024;

/// Where records lie, each in a slot of [`MAX_KEPT_BYTES`].
pub(super) trait Slots: Send + Sync {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()>;
}

/// Records of one connection. Nothing of them outlasts it.
pub struct Scratch {
    slots: Box<dyn Slots>,
    /// One bit for each slot that is taken.
    taken: u64,
}

/// A record that is kept. Give it back to [`Scratch::take`] or [`Scratch::forget`], or its slot stays taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    slot: u32,
    length: u32,
}

impl Scratch {
    pub(super) fn new(slots: Box<dyn Slots>) -> Self {
        Self { slots, taken: 0 }
    }

    /// Keeps a record.
    ///
    /// # Errors
    /// [`StoreError::Limit`] for a record that is too long, or where [`MAX_KEPT`] are kept; [`StoreError::Fault`].
    pub fn keep(&mut self, record: &[u8]) -> Result<Kept, StoreError> {
        StoreError::within("kept record, bytes", MAX_KEPT_BYTES as u64, record.len() as u64)?;
        let slot = self.taken.trailing_ones();
        StoreError::within("kept records", u64::from(MAX_KEPT), u64::from(slot) + 1)?;
        self.slots.write_at(record, offset(slot)).map_err(StoreError::io("keeping a record"))?;
        self.taken |= 1 << slot;
        let length = u32::try_from(record.len()).unwrap_or(u32::MAX);
        Ok(Kept { slot, length })
    }

    /// Gives a record back, and no longer keeps it.
    ///
    /// # Errors
    /// [`StoreError::Fault`].
    pub fn take(&mut self, kept: Kept) -> Result<Vec<u8>, StoreError> {
        let mut record = vec![0; kept.length as usize];
        let read = self.slots.read_at(&mut record, offset(kept.slot));
        self.forget(kept);
        read.map_err(StoreError::io("taking up a record"))?;
        Ok(record)
    }

    /// No longer keeps a record.
    pub fn forget(&mut self, kept: Kept) {
        self.taken &= !(1 << kept.slot);
    }
}

fn offset(slot: u32) -> u64 {
    u64::from(slot) * MAX_KEPT_BYTES as u64
}
