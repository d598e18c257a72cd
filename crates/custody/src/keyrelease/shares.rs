//! Shares of content keys: an item under originator control opens only with two, of which its originator keeps one and lends it
//! for one opening at a time. So does a blind hub, where the agreement's terms have it keep one.
//!
//! *Absent:* the consent to an opening, which is a ruling of the originator's node. Where a lent share rests is
//! [`super::resting`]'s.

use super::resting::ShareFolder;
use super::{Custodian, Denied, Folded, Shown, Wrapped};
use crate::rest::RestKey;
use attache_accord::agreement::{Force, force};
use attache_accord::control::Opening;
use attache_accord::view::{Ask, View};
use attache_accord::{Digest, DispatchId, NodeName, PersonId, Timestamp};
use attache_release::{Pack, Permit};
use attache_seal::binding;
use attache_seal::content_key::ContentKey;
use attache_seal::digest::sha256;
use attache_seal::kem::KemPublic;
use attache_seal::tdf::KeyAccess;
use attache_seal::wrap::{WrapError, unwrap_hybrid};
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Most shares that are kept at once.
pub const MAX_SHARES: usize = 1024;

/// A content key in two shares, neither of which says anything: one for the recipient, one for whoever keeps it back.
#[derive(Debug, Clone)]
pub struct Split {
    /// Wrapped for the recipient's key.
    pub given: Share,
    /// Wrapped for the key of whoever keeps it.
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

/// A share of a content key that its keeper let go for one opening, as it came: wrapped for this node.
#[derive(Debug, Clone, Copy)]
pub struct Lent<'a> {
    /// The wrapped share.
    pub wrapped: &'a [u8],
    /// The keeper's key access object of the item's manifest.
    pub access: &'a KeyAccess,
}

/// A share that is kept for a while after a consent, sealed as it came.
#[derive(Encode, Decode)]
pub(super) struct KeptShare {
    #[n(0)]
    consent: Digest,
    #[cbor(n(1), with = "minicbor::bytes")]
    wrapped: Vec<u8>,
    #[n(2)]
    from: Timestamp,
    #[n(3)]
    until: Timestamp,
}

impl KeptShare {
    /// Whether it serves at `now`. By a clock that stands before its consent it does not.
    fn is_good(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}

/// Originators' shares by the dispatch of their item, and the folder where they rest, if there is one.
#[derive(Default)]
pub(super) struct Shares {
    kept: BTreeMap<DispatchId, KeptShare>,
    folder: Option<ShareFolder>,
    /// Those that are over and whose files are still to be removed.
    over: BTreeSet<DispatchId>,
}

impl Shares {
    /// Ends what is kept of a dispatch; its file goes at the next [`Custodian::drop_shares`].
    pub(super) fn end(&mut self, dispatch: &DispatchId) {
        if self.kept.remove(dispatch).is_some() {
            self.over.insert(*dispatch);
        }
    }

    /// Ends all that is kept.
    pub(super) fn end_all(&mut self) {
        self.end_those(|_| true);
    }

    fn end_those(&mut self, ends: impl Fn(&KeptShare) -> bool) {
        let those: Vec<DispatchId> =
            self.kept.iter().filter(|(_, kept)| ends(kept)).map(|(dispatch, _)| *dispatch).collect();
        those.iter().for_each(|dispatch| self.end(dispatch));
    }
}

impl Custodian {
    /// Splits the content key of a permitted item in two: one share moves to the recipient's wrapping, the other to that of `keeper`,
    /// so that the recipient opens nothing without it. It is this node itself, or a hub.
    ///
    /// # Errors
    /// [`Denied`] says which of custody's demands was not met.
    pub fn split(
        &self,
        permit: &Permit,
        shown: &Shown<'_>,
        basis: (&PersonId, &Ask),
        (recipient, keeper): (&KemPublic, &KemPublic),
        (wrapped, policy_base64): (Wrapped<'_>, &str),
        now: Timestamp,
    ) -> Result<Split, Denied> {
        let mut folded = self.folded();
        self.demand(&folded, permit, shown, basis, now)?;
        // Whoever has both shares has the key.
        if permit.recipient_key().0 != recipient.key_id().0 || keeper.key_id() == recipient.key_id() {
            return Err(Denied::OtherRecipient);
        }
        let (given, kept) = self.opened(wrapped)?.split().ok_or(WrapError::Library)?;
        let mut share = |share: &ContentKey, key: &KemPublic| {
            let wrapped = self.wrap(&mut folded, key, share, now)?;
            Ok::<_, Denied>(Share { wrapped, binding: binding::bind(share, policy_base64) })
        };
        Ok(Split { given: share(&given, recipient)?, kept: share(&kept, keeper)? })
    }

    /// Joins the own share of a permitted item's content key with the one that its keeper lent for this opening, in memory.
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
        let folded = self.folded();
        self.demand(&folded, permit, shown, basis, now)?;
        if !is_in_force(&self.pack, &folded.view, now) {
            return Err(Denied::NotInForce);
        }
        drop(folded);
        let ours = self.opened(wrapped)?;
        let theirs = self.opened_share(lent.wrapped)?;
        for (share, access) in [(&ours, own), (&theirs, lent.access)] {
            access.check_binding(share, policy_base64).map_err(|_| Denied::OtherShare)?;
        }
        Ok(ours.xor(&theirs))
    }

    /// A share for a letter that holds nothing to be opened, so that a hub does not tell the letters that do by theirs.
    ///
    /// # Errors
    /// When wrapping fails.
    pub fn empty_share(&self, hub: &KemPublic, now: Timestamp) -> Result<Vec<u8>, Denied> {
        let share = ContentKey::generate().ok_or(WrapError::Library)?;
        Ok(self.wrap(&mut self.folded(), hub, &share, now)?)
    }

    /// Moves the share that came beside a letter, of which this node is the hub, to the wrapping of whoever opens what is in it. No
    /// ruling on an item stands behind it, for a hub knows none: custody demands the recorded answer to `request`, and that the
    /// hub's own rule still gives it on the facts that custody folded itself.
    ///
    /// # Errors
    /// [`Denied::NotAnswered`] without such an answer; [`Denied::Closed`] where the rule refuses now.
    pub fn lend_of_letter(
        &self,
        request: &Digest,
        (recipient, node): (&KemPublic, &NodeName),
        wrapped: &[u8],
        now: Timestamp,
    ) -> Result<Vec<u8>, Denied> {
        let mut folded = self.folded();
        let asked =
            folded.view.controls.opening(request).filter(|asked| !asked.is_own && asked.node == *node);
        let is_consent = |asked: &&Opening| asked.answer.is_some_and(|answer| answer.refused.is_none());
        let asked = asked.filter(is_consent).filter(|asked| now < asked.until).ok_or(Denied::NotAnswered)?;
        let letter = asked.dispatch;
        let refused = folded.view.unopened(self.pack.terms(), &letter, node, now);
        // Only now is all of it read that the rule is about.
        if folded.view.is_torn() {
            return Err(Denied::Torn);
        }
        let share = folded.view.letters.get(&letter).and_then(|letter| letter.share);
        if let Some(why) = refused? {
            return Err(Denied::Closed(why));
        }
        if share != Some(sha256(&[wrapped])) {
            return Err(Denied::OtherShare);
        }
        let share = self.opened_share(wrapped)?;
        Ok(self.wrap(&mut folded, recipient, &share, now)?)
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

    /// From here on lent shares rest in `path` as well, sealed; those that are there and still good are taken up, all others removed.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub fn rest_shares_in(&self, path: PathBuf, rest: Arc<RestKey>, now: Timestamp) -> io::Result<()> {
        let folder = ShareFolder::open(path, rest)?;
        let mut folded = self.folded();
        let shares = {
            let view = &folded.view;
            let may_stay =
                self.pack.terms().offline_grace_hours.is_some() && is_in_force(&self.pack, view, now);
            folder.take_up(|dispatch, kept| {
                may_stay && kept.is_good(now) && serves(view, dispatch, kept.from)
            })?
        };
        // Where the view is torn, that there is no recall says nothing.
        if folded.view.is_torn() {
            return Ok(());
        }
        folded.shares.kept.extend(shares.into_iter().take(MAX_SHARES));
        folded.shares.folder = Some(folder);
        Ok(())
    }

    /// Keeps a share that was lent by a consent recorded `at` that time for as long as the agreement's terms let an item be opened on an
    /// earlier consent, and no longer than until `ends`, when its originator lets nobody open the item any more; not at all where the
    /// terms do not, or where its originator took something back since.
    ///
    /// # Errors
    /// Where it cannot be laid down. It is kept in memory then, and ends with this process.
    pub fn keep_share(
        &self,
        dispatch: DispatchId,
        consent: Digest,
        wrapped: Vec<u8>,
        ends: Option<Timestamp>,
        at: Timestamp,
    ) -> io::Result<()> {
        let Some(hours) = self.pack.terms().offline_grace_hours else { return Ok(()) };
        let mut folded = self.folded();
        let Folded { view, shares, .. } = &mut *folded;
        // That time is no clock: what was lent by a later consent is good, and only [`Self::drop_shares`] knows what is too early.
        shares.end_those(|kept| kept.until <= at);
        let serves = serves(view, &dispatch, at) && is_in_force(&self.pack, view, at);
        let is_full = shares.kept.len() >= MAX_SHARES && !shares.kept.contains_key(&dispatch);
        // Where the view is torn, that there is no recall says nothing.
        if view.is_torn() || !serves || is_full {
            return Ok(());
        }
        let most = at.plus_hours(hours);
        let until = ends.map_or(most, |ends| ends.min(most));
        let kept = KeptShare { consent, wrapped, from: at, until };
        let laid = shares.folder.as_ref().map_or(Ok(()), |folder| folder.put(&dispatch, &kept));
        shares.kept.insert(dispatch, kept);
        shares.over.remove(&dispatch);
        laid
    }

    /// The share that is kept of what came by a dispatch, with the consent under which it was lent. Nothing is given by a clock that
    /// stands before that consent, or before the last entry: it may have been set back to have more time; nor while the agreement is
    /// not in force in every Party's position.
    pub fn kept_share(&self, dispatch: &DispatchId, now: Timestamp) -> Option<(Digest, Vec<u8>)> {
        let folded = self.folded();
        let kept = folded.shares.kept.get(dispatch)?;
        let view = &folded.view;
        let is_good = kept.is_good(now) && view.last_at <= now && is_in_force(&self.pack, view, now);
        is_good.then(|| (kept.consent, kept.wrapped.clone()))
    }

    /// Removes what of lent shares is over from where it rests: by its time, a recall, another level, a destruction or the agreement's end.
    ///
    /// # Errors
    /// Where a file cannot be removed. It is tried again at the next call.
    pub fn drop_shares(&self, now: Timestamp) -> io::Result<()> {
        let mut folded = self.folded();
        let Folded { view, shares, .. } = &mut *folded;
        shares.end_those(|kept| !kept.is_good(now));
        if !is_in_force(&self.pack, view, now) {
            shares.end_all();
        }
        while let Some(dispatch) = shares.over.first().copied() {
            shares.folder.as_ref().map_or(Ok(()), |folder| folder.remove(&dispatch))?;
            shares.over.remove(&dispatch);
        }
        Ok(())
    }
}

/// Whether what came by a dispatch is here, and its originator has neither recalled it nor given it another level since the consent
/// that was recorded `at` that time. What it says in the same millisecond counts as said afterwards.
fn serves(view: &View, dispatch: &DispatchId, at: Timestamp) -> bool {
    let entry = view.register.number_of(dispatch).and_then(|number| view.register.get(number));
    let is_silent = view.controls.about(dispatch).iter().all(|word| word.recorded_at < at);
    let is_here = entry.is_some_and(|entry| view.live(&entry.item).is_ok());
    is_here && is_silent && view.controls.recalled(dispatch).is_none()
}

/// Whether every Party holds the agreement to be in force, without which no consent serves.
pub(super) fn is_in_force(pack: &Pack, view: &View, now: Timestamp) -> bool {
    force(&pack.terms().parties, &view.positions, now) == Force::InForce
}
