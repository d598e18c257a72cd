//! Keys for answers in letters: each is made for one request to open, and opens the share that comes for it. They are in memory only, so
//! that what rests of such an answer at a hub, or in its backups, opens with no key that rests anywhere.
//!
//! *Absent:* the answer, and whether anyone still waits for it.

use super::{Custodian, Denied};
use attache_accord::{Digest, Timestamp};
use attache_seal::kem::{KemPublic, KemSecret};
use attache_seal::wrap::{WrapError, unwrap_hybrid};
use std::collections::BTreeMap;

/// Most requests for whose answers a key is kept at once.
pub const MAX_LENDING_KEYS: usize = 256;

/// The keys by request, and until when each is good.
#[derive(Default)]
pub(super) struct LendingKeys(BTreeMap<Digest, (KemSecret, Timestamp)>);

impl Custodian {
    /// The key for which the answer to a request is to be wrapped: made when it is first asked for, and good until `until`. `None` where
    /// there are as many as there may be.
    ///
    /// # Errors
    /// [`Denied::Wrap`] when making it fails.
    pub fn lending_key(
        &self,
        request: Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<KemPublic>, Denied> {
        let LendingKeys(keys) = &mut self.folded().lending;
        keys.retain(|_, (_, until)| now < *until);
        if let Some((secret, _)) = keys.get(&request) {
            return Ok(Some(secret.public().clone()));
        }
        if keys.len() >= MAX_LENDING_KEYS {
            return Ok(None);
        }
        let secret = KemSecret::generate().map_err(WrapError::from)?;
        let public = secret.public().clone();
        keys.insert(request, (secret, until));
        Ok(Some(public))
    }

    /// Whether there is a key for the answer to a request.
    pub fn has_lending_key(&self, request: &Digest, now: Timestamp) -> bool {
        let LendingKeys(keys) = &self.folded().lending;
        keys.get(request).is_some_and(|(_, until)| now < *until)
    }

    /// Moves a share that was lent for the key of a request to the wrapping of this node's own key, in which whoever opens joins it. The
    /// key of the request has done what it is for, and goes.
    ///
    /// # Errors
    /// [`Denied::NotOurs`] where there is no such key any more, and [`Denied::Wrap`] where the share is wrapped for another.
    pub fn take_lent(&self, request: &Digest, wrapped: &[u8], now: Timestamp) -> Result<Vec<u8>, Denied> {
        let mut folded = self.folded();
        let LendingKeys(keys) = &folded.lending;
        let (secret, _) = keys.get(request).filter(|(_, until)| now < *until).ok_or(Denied::NotOurs)?;
        let share = unwrap_hybrid(secret, wrapped)?;
        folded.lending.0.remove(request);
        Ok(self.wrap(&mut folded, self.kem.public(), &share, now)?)
    }

    /// Lets the key of a request go, of which another answer came.
    pub fn end_lending_key(&self, request: &Digest) {
        self.folded().lending.0.remove(request);
    }
}
