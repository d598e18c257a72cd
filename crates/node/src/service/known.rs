//! The manifests in which keys were asked for last, as far as a request needs them, so that one is read once and not for each key.
//!
//! *Absent:* any say in what may be opened. Items are looked up in the folds each time, and what of them was forgotten is not here either.

use crate::fault::Fault;
use attache_accord::Digest;
use attache_seal::tdf::{HUB_SHARE, KeyAccess, Manifest};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most manifests that are known. One more, and all are read anew.
const MAX_KNOWN: usize = 1_024;
/// Most bytes of policy and key access objects of one that is kept.
const MAX_KNOWN_BYTES: usize = 16 * 1024;

/// What a request for a key is held against.
#[derive(Debug)]
pub(crate) struct Objects {
    pub(super) policy_base64: String,
    pub(super) key_access: Vec<KeyAccess>,
}

impl From<Manifest> for Objects {
    fn from(Manifest { policy_base64, key_access, .. }: Manifest) -> Self {
        Self { policy_base64, key_access }
    }
}

impl Objects {
    /// Whether a hub keeps a share of the key.
    pub(crate) fn has_hub_share(&self) -> bool {
        self.key_access.iter().any(|object| object.sid.as_deref() == Some(HUB_SHARE))
    }

    fn bytes(&self) -> usize {
        let metadata = |object: &KeyAccess| object.encrypted_metadata.as_ref().map_or(0, String::len);
        let object = |object: &KeyAccess| object.wrapped_key.len() + object.url.len() + metadata(object);
        self.policy_base64.len() + self.key_access.iter().map(object).sum::<usize>()
    }
}

/// Manifests by their digests.
#[derive(Default)]
pub(crate) struct Known(Mutex<Read>);

#[derive(Default)]
struct Read {
    manifests: BTreeMap<Digest, Arc<Objects>>,
    /// How often all of them were forgotten.
    forgotten: u64,
}

impl Known {
    /// Those of the manifest with that digest, which `read` reads where they are not known.
    pub(crate) fn of(
        &self,
        digest: &Digest,
        read: impl FnOnce() -> Result<Objects, Fault>,
    ) -> Result<Arc<Objects>, Fault> {
        let forgotten = {
            let known = self.lock();
            if let Some(objects) = known.manifests.get(digest) {
                return Ok(Arc::clone(objects));
            }
            known.forgotten
        };
        // Not under the lock: whoever asks for another key does not wait for this disk.
        let objects = Arc::new(read()?);
        let mut known = self.lock();
        // Nothing comes in again of what was forgotten meanwhile.
        if known.forgotten == forgotten && objects.bytes() <= MAX_KNOWN_BYTES {
            if known.manifests.len() >= MAX_KNOWN {
                known.manifests.clear();
            }
            known.manifests.insert(*digest, Arc::clone(&objects));
        }
        Ok(objects)
    }

    /// Forgets all of them; what is still here is read anew.
    pub(crate) fn forget(&self) {
        let mut known = self.lock();
        known.manifests.clear();
        known.forgotten += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Read> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_seal::digest::sha256;

    fn objects(bytes: usize) -> Result<Objects, Fault> {
        Ok(Objects { policy_base64: "A".repeat(bytes), key_access: Vec::new() })
    }

    fn unread() -> Result<Objects, Fault> {
        Err(Fault::Missing("manifest"))
    }

    #[test]
    fn a_manifest_is_read_once_until_it_is_forgotten() {
        let (known, digest) = (Known::default(), sha256(&[b"manifest"]));
        assert!(known.of(&digest, unread).is_err());
        known.of(&digest, || objects(4)).unwrap();
        assert_eq!(known.of(&digest, unread).unwrap().policy_base64, "AAAA");
        known.forget();
        assert!(known.of(&digest, unread).is_err());
    }

    #[test]
    fn what_is_forgotten_while_it_is_read_does_not_come_in_again() {
        let (known, digest) = (Known::default(), sha256(&[b"manifest"]));
        let read = || {
            known.forget();
            objects(4)
        };
        known.of(&digest, read).unwrap();
        assert!(known.of(&digest, unread).is_err());
    }

    #[test]
    fn manifests_that_are_known_have_a_bound() {
        let known = Known::default();
        let count = || known.lock().manifests.len();
        known.of(&sha256(&[b"long"]), || objects(MAX_KNOWN_BYTES + 1)).unwrap();
        assert_eq!(count(), 0);
        for at in 0..=MAX_KNOWN {
            known.of(&sha256(&[&at.to_be_bytes()]), || objects(MAX_KNOWN_BYTES)).unwrap();
        }
        assert_eq!(count(), 1);
    }
}
