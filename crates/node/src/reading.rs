//! Reading: an item whose opening was ruled on and recorded is unwrapped by custody and streamed, segment by segment.
//!
//! *Absent:* any copy of the plaintext that stays, and any opening without its entry in the journal.

use crate::desk::{Misuse, state};
use crate::fault::{Failure, Fault};
use crate::office::Office;
use crate::permits::{OnRecord, Recorded};
use attache_accord::item::Item;
use attache_accord::{Digest, ItemId, PersonId, Timestamp};
use attache_custody::{Lent, Shown, Wrapped};
use attache_release::Permit;
use attache_seal::content_key::ContentKey;
use attache_seal::tdf::{KeyAccess, Manifest, Metadata, TdfError, open_segments};
use attache_store::VaultReader;
use std::io::Read;

/// An item that may be read now.
pub struct Reading {
    metadata: Metadata,
    manifest: Manifest,
    content: ContentKey,
    item_digest: Digest,
    sealed: VaultReader,
}

/// Why a reading stopped before its end.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// Whoever read has gone.
    #[error("the reader has gone")]
    Reader,
    /// The sealed bytes fail, or are not the item.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<TdfError> for Stopped {
    fn from(error: TdfError) -> Self {
        Self::Fault(error.into())
    }
}

impl Office {
    /// Begins to read what `by` was granted to open by the ruling at `ruling_index`.
    ///
    /// # Errors
    /// [`Misuse`] for an item that is not here; [`Fault`] where custody denies the key or the sealed bytes are lost.
    pub fn reading(
        &self,
        now: Timestamp,
        by: &PersonId,
        item: ItemId,
        ruling_index: u64,
    ) -> Result<Reading, Failure> {
        let found = self.view.read().item(&item).map_err(Misuse::from)?.clone();
        let manifest = self.manifest_of(&found)?;
        let access = self.own_access(&manifest)?;
        if manifest.other_share().is_some() {
            return Err(state("item", "whoever keeps the other share of its key was not asked").into());
        }
        let content = self.unwrapped(now, by, item, ruling_index, access)?;
        access.check_binding(&content, &manifest.policy_base64).map_err(Fault::from)?;
        let metadata = metadata(access, &content)?;
        self.begun(&found, manifest, metadata, content)
    }

    /// The same with the share of the key that the item's originator, or a hub, lent for this opening.
    ///
    /// # Errors
    /// As [`Self::reading`].
    pub fn reading_lent(
        &self,
        now: Timestamp,
        by: &PersonId,
        item: ItemId,
        ruling_index: u64,
        share: &[u8],
    ) -> Result<Reading, Failure> {
        let found = self.view.read().item(&item).map_err(Misuse::from)?.clone();
        let manifest = self.manifest_of(&found)?;
        let own = self.own_access(&manifest)?;
        let access = manifest.other_share().ok_or(Fault::Missing("other share of the key"))?;
        let content = self.with_own_permit(ruling_index, |permit, shown, recorded| {
            let asked = recorded.opening_of(item);
            let bytes = own.wrapped_key_bytes().map_err(|_| Fault::Altered("wrapped key"))?;
            let (mine, lent) = (wrapped(own, &bytes), Lent { wrapped: share, access });
            let (basis, bound) = ((by, &asked), (own, manifest.policy_base64.as_str()));
            Ok(self.custodian.join(permit, shown, basis, (mine, lent), bound, now)?)
        })?;
        let metadata = metadata(own, &content)?;
        self.begun(&found, manifest, metadata, content)
    }

    fn begun(
        &self,
        found: &Item,
        manifest: Manifest,
        metadata: Metadata,
        content: ContentKey,
    ) -> Result<Reading, Failure> {
        let sealed = self.sealed(&found.item_digest)?;
        Ok(Reading { metadata, manifest, content, item_digest: found.item_digest, sealed })
    }

    /// The key of an object of an item's manifest, which `by` was granted to open by `ruling`.
    pub(crate) fn unwrapped(
        &self,
        now: Timestamp,
        by: &PersonId,
        item: ItemId,
        ruling: impl Into<OnRecord>,
        access: &KeyAccess,
    ) -> Result<ContentKey, Fault> {
        self.with_own_permit(ruling, |permit, shown, recorded| {
            let asked = recorded.opening_of(item);
            let bytes = access.wrapped_key_bytes().map_err(|_| Fault::Altered("wrapped key"))?;
            Ok(self.custodian.unwrap(permit, shown, (by, &asked), wrapped(access, &bytes), now)?)
        })
    }

    /// Does what `ruling` permits to a reader here, with what custody wants shown.
    fn with_own_permit<T>(
        &self,
        ruling: impl Into<OnRecord>,
        work: impl FnOnce(&Permit, &Shown<'_>, &Recorded) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.with_permit(ruling, Digest(self.custodian.public().key_id().0), work)
    }

    /// The key access object that this node's custodian opens, with its current key or a retired one.
    pub(crate) fn own_access<'a>(&self, manifest: &'a Manifest) -> Result<&'a KeyAccess, Fault> {
        let is_ours =
            |access: &&KeyAccess| access.kid.as_deref().is_some_and(|kid| self.custodian.holds(kid));
        let access = manifest.key_access.iter().find(is_ours);
        access.ok_or(Fault::Missing("wrapped key for this node"))
    }
}

fn metadata(access: &KeyAccess, content: &ContentKey) -> Result<Metadata, Fault> {
    let sealed = access.encrypted_metadata.as_ref();
    Ok(sealed.map(|sealed| Metadata::open(sealed, content)).transpose()?.unwrap_or_default())
}

/// The key of an object, as custody takes it.
pub(crate) fn wrapped<'a>(access: &'a KeyAccess, bytes: &'a [u8]) -> Wrapped<'a> {
    let key = access.kid.as_deref().unwrap_or_default();
    Wrapped { key, bytes, ephemeral: access.ephemeral_public_key.as_deref() }
}

impl Reading {
    /// The item's key.
    pub(crate) fn into_content_key(self) -> ContentKey {
        self.content
    }

    /// Title, file name and media type.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Length of the item in bytes.
    pub fn item_bytes(&self) -> u64 {
        self.manifest.integrity.item_bytes()
    }

    /// Gives the item to `take`, at most one segment at a time, until the end or until `take` answers `false`. Each part is
    /// authentic when it is given, but only an `Ok` says that all of it came and was the item.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn each_segment(mut self, mut take: impl FnMut(&[u8]) -> bool + Send) -> Result<u64, Stopped> {
        let integrity = &self.manifest.integrity;
        let mut segments = integrity.segments.iter();
        let next = |sealed: &mut Vec<u8>| {
            let Some(segment) = segments.next() else { return Ok(false) };
            // At most 4 MiB and 28 bytes, checked when the manifest was read.
            sealed.resize(segment.sealed_bytes() as usize, 0);
            self.sealed.read_exact(sealed).map_err(|_| Fault::Missing("sealed item"))?;
            Ok(true)
        };
        let give = |plain: &[u8]| if take(plain) { Ok(()) } else { Err(Stopped::Reader) };
        open_segments(&self.content, integrity, Some(self.item_digest), next, give)
    }
}
