//! Shares of content keys: an item under originator control opens only with two, of which its originator keeps one and lends it
//! for one opening at a time.
//!
//! *Absent:* the consent to an opening, which is a ruling of the originator's node, and any file: a lent share is held in memory,
//! sealed as it came.

use super::{Custodian, Denied, Shown, Wrapped};
use attache_accord::view::Ask;
use attache_accord::{Digest, DispatchId, PersonId, Timestamp};
use attache_release::Permit;
use attache_seal::binding;
use attache_seal::content_key::ContentKey;
use attache_seal::kem::KemPublic;
use attache_seal::tdf::KeyAccess;
use attache_seal::wrap::{WrapError, unwrap_hybrid};

/// Most shares that are kept at once.
pub const MAX_SHARES: usize = 1024;

/// A content key in two shares, neither of which says anything: one for the recipient, one that this node keeps.
#[derive(Debug, Clone)]
pub struct Split {
    /// Wrapped for the recipient's key.
    pub given: Share,
    /// Wrapped for this node's own key.
    pub kept: Share,
}

/// A share of a content key, wrapped, with the policy bound to it.
#[derive(Debug, Clone)]
pub struct Share {
    /// The wrapped share.
    pub wrapped: Vec<u8>,
    /// The policy binding under it.
    pub binding: String,
}

/// A share of a content key that the originator let go for one opening, as it came: wrapped for this node.
#[derive(Debug, Clone, Copy)]
pub struct Lent<'a> {
    /// The wrapped share.
    pub wrapped: &'a [u8],
    /// The originator's key access object of the item's manifest.
    pub access: &'a KeyAccess,
}

/// A share that is kept for a while after a consent, sealed as it came.
pub(super) struct KeptShare {
    consent: Digest,
    wrapped: Vec<u8>,
    from: Timestamp,
    until: Timestamp,
}

impl Custodian {
    /// Splits the content key of a permitted item in two: one share moves to the recipient's wrapping, the other stays under this
    /// node's own, so that the recipient opens nothing without this node.
    ///
    /// # Errors
    /// [`Denied`] says which of custody's demands was not met.
    pub fn split(
        &self,
        permit: &Permit,
        shown: &Shown<'_>,
        basis: (&PersonId, &Ask),
        recipient: &KemPublic,
        (wrapped, policy_base64): (Wrapped<'_>, &str),
        now: Timestamp,
    ) -> Result<Split, Denied> {
        let mut folded = self.folded();
        self.demand(&folded, permit, shown, basis, now)?;
        if permit.recipient_key().0 != recipient.key_id().0 {
            return Err(Denied::OtherRecipient);
        }
        let (given, kept) = self.opened(wrapped)?.split().ok_or(WrapError::Library)?;
        let mut share = |share: &ContentKey, key: &KemPublic| {
            let wrapped = self.wrap(&mut folded, key, share, now)?;
            Ok::<_, Denied>(Share { wrapped, binding: binding::bind(share, policy_base64) })
        };
        Ok(Split { given: share(&given, recipient)?, kept: share(&kept, self.kem.public())? })
    }

    /// Joins the own share of a permitted item's content key with the one that its originator lent for this opening, in memory.
    ///
    /// # Errors
    /// [`Denied`] says which of custody's demands was not met.
    pub fn join(
        &self,
        permit: &Permit,
        shown: &Shown<'_>,
        basis: (&PersonId, &Ask),
        (wrapped, lent): (Wrapped<'_>, Lent<'_>),
        (own, policy_base64): (&KeyAccess, &str),
        now: Timestamp,
    ) -> Result<ContentKey, Denied> {
        self.demand(&self.folded(), permit, shown, basis, now)?;
        let ours = self.opened(wrapped)?;
        let theirs = self.opened_share(lent.wrapped)?;
        for (share, access) in [(&ours, own), (&theirs, lent.access)] {
            access.check_binding(share, policy_base64).map_err(|_| Denied::OtherShare)?;
        }
        Ok(ours.xor(&theirs))
    }

    /// Opens what was wrapped for this node's key, current or retired: a key may have been changed while an answer was under way.
    fn opened_share(&self, wrapped: &[u8]) -> Result<ContentKey, Denied> {
        let all = std::iter::once(&self.kem).chain(&self.retired);
        let mut last = Denied::NotOurs;
        for secret in all {
            match unwrap_hybrid(secret, wrapped) {
                Ok(share) => return Ok(share),
                Err(error) => last = error.into(),
            }
        }
        Err(last)
    }

    /// Keeps a lent share for as long as the agreement's terms let an item be opened on an earlier consent; not at all where they
    /// do not, and no longer than this process lives.
    pub fn keep_share(&self, dispatch: DispatchId, consent: Digest, wrapped: Vec<u8>, now: Timestamp) {
        let Some(hours) = self.pack.terms().offline_grace_hours else { return };
        let mut folded = self.folded();
        folded.shares.retain(|_, kept| kept.from <= now && now < kept.until);
        let is_recalled = folded.view.controls.recalled(&dispatch).is_some();
        // Where the view is torn, that there is no recall says nothing.
        if folded.view.is_torn() {
            return;
        }
        if is_recalled || folded.shares.len() >= MAX_SHARES && !folded.shares.contains_key(&dispatch) {
            return;
        }
        let until = now.plus_hours(hours);
        folded.shares.insert(dispatch, KeptShare { consent, wrapped, from: now, until });
    }

    /// The share that is kept of what came by a dispatch, with the consent under which it was lent. Nothing is given by a clock that
    /// stands before that consent, or before the last entry: it may have been set back to have more time.
    pub fn kept_share(&self, dispatch: &DispatchId, now: Timestamp) -> Option<(Digest, Vec<u8>)> {
        let folded = self.folded();
        let kept = folded.shares.get(dispatch)?;
        let is_good = kept.from <= now && now < kept.until && folded.view.last_at <= now;
        is_good.then(|| (kept.consent, kept.wrapped.clone()))
    }
}
