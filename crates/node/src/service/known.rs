//! The manifests in which machine clients asked for keys last, as far as a request needs them, so that one is read once and not for
//! each key.
//!
//! *Absent:* any say in what may be opened. Items are looked up in the folds each time, and what of them was forgotten is not here either.

use crate::fault::Fault;
use attache_accord::Digest;
use attache_seal::tdf::{KeyAccess, Manifest};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most manifests that are known. One more, and all are read anew.
const MAX_KNOWN: usize = 1_024;
/// Most bytes of policy and key access objects of one that is kept.
const MAX_KNOWN_BYTES: usize = 16 * 1024;

/// What a request for a key is held against.
pub(super) struct Objects {
    pub(super) policy_base64: String,
    pub(super) key_access: Vec<KeyAccess>,
}

impl Objects {
    fn bytes(&self) -> usize {
        let metadata = |object: &KeyAccess| object.encrypted_metadata.as_ref().map_or(0, String::len);
        let object = |object: &KeyAccess| object.wrapped_key.len() + object.url.len() + metadata(object);
        self.policy_base64.len() + self.key_access.iter().map(object).sum::<usize>()
    }
}

/// Manifests by their digests.
#[derive(Default)]
pub(crate) struct Known(Mutex<BTreeMap<Digest, Arc<Objects>>>);

impl Known {
    /// Those of the manifest with that digest, which `read` reads where they are not known.
    pub(super) fn of(
        &self,
        digest: &Digest,
        read: impl FnOnce() -> Result<Manifest, Fault>,
    ) -> Result<Arc<Objects>, Fault> {
        // Held while it is read, so that nothing comes in again of what is forgotten meanwhile.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(objects) = known.get(digest) {
            return Ok(Arc::clone(objects));
        }
        let Manifest { policy_base64, key_access, .. } = read()?;
        let objects = Arc::new(Objects { policy_base64, key_access });
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        if objects.bytes() <= MAX_KNOWN_BYTES {
            known.insert(*digest, Arc::clone(&objects));
        }
        Ok(objects)
    }

    /// Forgets all of them; what is still here is read anew.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
