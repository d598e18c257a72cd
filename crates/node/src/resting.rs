//! Where sealed bytes rest: a small item in the journal, beside the entry that names it, so that one sync makes both
//! durable; a larger one in a file of the vault, which is synced before the entry is written.
//!
//! *Absent:* plaintext, keys, and any judgement of what the bytes are.

use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use crate::papers::Papers;
use attache_accord::Digest;
use attache_store::{Vault, VaultReader, VaultWriter};
use std::sync::Arc;

/// Longest sealed bytes that rest in the journal: a file of their own would cost two syncs more, and a longer row would
/// make the journal's own work slow.
pub const MAX_JOURNALED_BYTES: usize = 16 * 1024;

/// Sealed bytes on their way to rest. Dropped before [`Self::finish`], nothing of them stays.
pub(crate) struct Resting {
    vault: Arc<dyn Vault>,
    /// What came so far, while it is little.
    small: Vec<u8>,
    large: Option<VaultWriter>,
}

impl Resting {
    pub(crate) fn begin(vault: &Arc<dyn Vault>) -> Self {
        Self { vault: Arc::clone(vault), small: Vec::new(), large: None }
    }

    /// Adds bytes at the end.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails or the bytes pass its limit.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if self.large.is_none() && self.small.len() + bytes.len() <= MAX_JOURNALED_BYTES {
            self.small.extend_from_slice(bytes);
            return Ok(());
        }
        let writer = match &mut self.large {
            Some(writer) => writer,
            None => {
                let mut writer = self.vault.create()?;
                writer.append(&std::mem::take(&mut self.small))?;
                self.large.insert(writer)
            }
        };
        Ok(writer.append(bytes)?)
    }

    /// Leaves the bytes under `digest`: durable now, or with `plan`.
    ///
    /// # Errors
    /// [`Fault`] when the vault fails.
    pub(crate) fn finish(self, digest: Digest, plan: &mut Plan) -> Result<(), Fault> {
        match self.large {
            Some(writer) => writer.finish(&digest)?,
            None => plan.papers.push((digest, self.small)),
        }
        Ok(())
    }
}

impl Office {
    /// The sealed bytes under an item digest, wherever they rest.
    ///
    /// # Errors
    /// [`Fault`] when the store fails or they are not there.
    pub fn sealed(&self, digest: &Digest) -> Result<VaultReader, Fault> {
        sealed(&self.papers, self.vault.as_ref(), digest)
    }
}

/// The sealed bytes under an item digest, in the vault or among the papers.
pub(crate) fn sealed(papers: &Papers, vault: &dyn Vault, digest: &Digest) -> Result<VaultReader, Fault> {
    match vault.open(digest)? {
        Some(large) => Ok(large),
        None => Ok(VaultReader::of(papers.cited(digest, "sealed item")?)),
    }
}
