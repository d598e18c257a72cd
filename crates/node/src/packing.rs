//! Packing: an approved case becomes a package. The recorded ruling gives the permit, custody moves the content key to the
//! recipient's, and the label key signs what travels; then the dispatch is owed. Of an item under originator control one share of the key
//! moves, and the other stays under this node's own key; where a blind hub keeps a share, the other is for the hub.
//!
//! *Absent:* sending, and any sealed byte copied: a container is the vault's bytes between a head and a tail.

use crate::engine::Plan;
use crate::fault::Fault;
use crate::intake::key_service;
use crate::office::{Office, commitment};
use crate::passing::Passing;
use crate::stocktaking::whole;
use attache_accord::act::Act;
use attache_accord::dispatch::{Case, Dispatch};
use attache_accord::item::{Item, Stage};
use attache_accord::view::Ask;
use attache_accord::{Digest, DispatchId, Timestamp};
use attache_custody::{Recipient, Wrapped};
use attache_seal::kem::KemPublic;
use attache_seal::label;
use attache_seal::papers::Package;
use attache_seal::tdf::{
    Assertion, Frame, HUB_SHARE, KeyAccess, Manifest, ManifestDraft, ORIGINATOR_SHARE, RECIPIENT_SHARE,
    Survey,
};
use attache_store::VaultReader;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::sync::{MutexGuard, PoisonError};

/// Most surveys that are remembered from the making of a package until its first offer.
const MAX_SURVEYS: usize = 256;

/// A container as it goes out, readable at any place.
pub struct Outgoing {
    head: Vec<u8>,
    payload: VaultReader,
    crc32: u32,
    manifest: Digest,
    tail_bytes: u64,
    /// What follows the payload: the manifest above all, which grows with the item. `None` once it is laid down.
    tail: Option<Vec<u8>>,
}

impl Outgoing {
    pub(crate) fn new(payload: VaultReader, crc32: u32, json: &[u8]) -> Result<Self, Fault> {
        let Frame { head, tail } = Frame::new(payload.length(), crc32, json)?;
        let (manifest, tail_bytes) = (Manifest::digest(json), tail.len() as u64);
        Ok(Self { head, payload, crc32, manifest, tail_bytes, tail: Some(tail) })
    }

    /// Length in bytes.
    pub fn container_bytes(&self) -> u64 {
        self.head.len() as u64 + self.payload.length() + self.tail_bytes
    }

    /// Bytes in memory that grow with the item.
    pub(crate) fn held_bytes(&self) -> usize {
        self.tail.as_ref().map_or(0, Vec::len)
    }

    /// Holds no more in memory than it must: the manifest is read again when its turn comes.
    pub(crate) fn lay_down(&mut self) {
        self.tail = None;
    }

    /// Reads from the one part in which `offset` lies: head, payload or `tail`.
    fn read_part(&self, tail: &[u8], offset: u64, room: &mut [u8]) -> io::Result<usize> {
        let payload_at = self.head.len() as u64;
        let tail_at = payload_at + self.payload.length();
        let (part, at) = match offset {
            _ if offset < payload_at => (self.head.as_slice(), offset),
            _ if offset < tail_at => return self.payload.read_at(offset - payload_at, room),
            _ => (tail, offset - tail_at),
        };
        let mut rest = usize::try_from(at).ok().and_then(|at| part.get(at..)).unwrap_or_default();
        rest.read(room)
    }
}

impl Office {
    /// The package of an approved case, under the fresh id `dispatch`.
    ///
    /// # Errors
    /// [`Fault`] where the permit lapsed, custody denies the key, or the sealed bytes are not the item.
    pub fn pack(&self, case: &Case, dispatch: DispatchId, now: Timestamp) -> Result<Plan, Fault> {
        let ruling_index = case.ruling_index.ok_or(Fault::Missing("ruling of the case"))?;
        let item =
            self.view.read().items.get(&case.item).cloned().ok_or(Fault::Missing("item of the case"))?;
        let card = self.card_of(&case.recipient)?.ok_or(Fault::Missing("partner's card"))?;
        if !card.in_force(now) {
            return Err(Fault::Missing("partner's card in force"));
        }
        let recipient =
            KemPublic::from_spki_der(&card.kem_key).map_err(|_| Fault::Altered("partner's card"))?;
        let passing = self.passing(case, &item, now)?;
        let manifest = self.rewrapped((case, passing.as_ref()), &item, &recipient, ruling_index, now)?;
        let json = manifest.to_json()?;
        let (found, payload) = whole(&self.papers, self.vault.as_ref(), &item.item_digest, &manifest)?;
        let outgoing = Outgoing::new(payload, found.crc32, &json)?;
        let view = self.view.read();
        let control = view.register.control_number(&case.id).ok_or(Fault::Missing("control number"))?;
        let (control_commitment, control_paper) = commitment(vec![control.to_owned()])?;
        let package = Package {
            dispatch,
            control_commitment,
            item_digest: item.item_digest,
            size: outgoing.container_bytes(),
            manifest_digest: Manifest::digest(&json),
            label_digest: item.marked().ok_or(Fault::Missing("label"))?.label,
            sender: self.identity.node.clone(),
            recipient: case.recipient.clone(),
            decision_index: ruling_index,
            in_reply_to: None,
        };
        drop(view);
        let manifest = package.manifest_digest;
        let package = self.say(&self.keys.label, now, package)?;
        let due = now.plus_hours(self.pack.terms().receipt_due_hours);
        let moved =
            Act::KeyMoved { item: item.id, ruling_index, recipient_key: Digest(recipient.key_id().0) };
        let owed = Act::DispatchOwed {
            dispatch,
            case: case.id,
            item: item.id,
            recipient: case.recipient.clone(),
            package: package.digest(),
            manifest,
            due,
        };
        let onward = passing.map(|passing| passing.act(case, dispatch, self.basis_with(card.party)));
        let acts = [moved, owed].into_iter().chain(onward).collect();
        let mut plan = Plan::new(&self.view.read(), acts);
        plan.paper(package.to_bytes());
        plan.paper(json);
        plan.papers.push((control_commitment, control_paper));
        let mut surveys = self.surveys();
        if surveys.len() >= MAX_SURVEYS {
            surveys.clear();
        }
        surveys.insert(item.item_digest, found);
        Ok(plan)
    }

    /// The item's manifest with its key moved from this node's wrapping to the recipient's.
    fn rewrapped(
        &self,
        (case, passing): (&Case, Option<&Passing>),
        item: &Item,
        recipient: &KemPublic,
        ruling_index: u64,
        now: Timestamp,
    ) -> Result<Manifest, Fault> {
        let manifest = self.manifest_of(item)?;
        let access = self.own_access(&manifest)?;
        let (by, _) = case.decision.as_ref().ok_or(Fault::Missing("decision of the case"))?;
        let basis = (by, &Ask::Release { case: case.id });
        let bytes = access.wrapped_key_bytes().map_err(|_| Fault::Altered("wrapped key"))?;
        let key = access.kid.as_deref().unwrap_or_default();
        let wrapped = Wrapped { key, bytes: &bytes, ephemeral: None };
        let (kid, url) = (recipient.key_id().to_string(), key_service(&case.recipient));
        let hub = self.share_keeper(&case.recipient, now)?;
        let is_split = manifest.other_share().is_some();
        if is_split && matches!(item.stage, Stage::Admitted { .. }) {
            let (case, item) = (&case.id, &item.id);
            tracing::warn!(%case, %item, "this node has one share of the key only, and makes no package of it; its originator gives it there itself");
            return Err(Fault::Missing("other share of the key"));
        }
        let key_access =
            self.with_permit(ruling_index, Digest(recipient.key_id().0), |permit, shown, _| {
                let is_controlled = item.marked().is_some_and(|marked| marked.marking.control.is_some());
                let (keeper, keeper_key, sid) = match &hub {
                    _ if is_controlled => (&self.identity.node, self.custodian.public(), ORIGINATOR_SHARE),
                    Some((hub, key)) => (hub, key, HUB_SHARE),
                    None => {
                        let moved = self.custodian.rewrap(
                            permit,
                            shown,
                            basis,
                            Recipient::Lasting(recipient),
                            wrapped,
                            now,
                        )?;
                        return Ok(vec![access.rewrapped(&kid, &url, &moved)]);
                    }
                };
                let of = (wrapped, manifest.policy_base64.as_str());
                let split = self.custodian.split(permit, shown, basis, (recipient, keeper_key), of, now)?;
                let given = access.rewrapped(&kid, &url, &split.given.wrapped);
                let (kept_kid, kept_url) = (keeper_key.key_id().to_string(), key_service(keeper));
                let kept = access.rewrapped(&kept_kid, &kept_url, &split.kept.wrapped);
                // The title stays sealed under the whole key: no share alone shows it.
                let kept = KeyAccess { encrypted_metadata: None, ..kept };
                Ok(vec![
                    given.with_sid(RECIPIENT_SHARE).with_binding(split.given.binding),
                    kept.with_sid(sid).with_binding(split.kept.binding),
                ])
            })?;
        Ok(manifest.rewrapped(ManifestDraft {
            key_access,
            policy_base64: manifest.policy_base64.clone(),
            assertions: match passing {
                Some(passing) => passing.assertions(&manifest),
                None => self.labelled(&manifest)?,
            },
        })?)
    }

    /// The labels of an item under the label key of now: partners know the label key of the day on which a package is made,
    /// and the item may have been marked under an earlier one. What the label says stays as it was marked.
    fn labelled(&self, manifest: &Manifest) -> Result<Vec<Assertion>, Fault> {
        let key = &self.keys.label_es256;
        let again = |assertion: &Assertion| {
            if label::verify(assertion, &manifest.integrity, &[*key.public()]).is_ok() {
                return Ok(assertion.clone());
            }
            Ok(label::sign(Assertion { binding: None, ..assertion.clone() }, &manifest.integrity, key)?)
        };
        manifest.assertions.iter().map(again).collect()
    }

    /// The container of a dispatch that is owed, to be sent from any byte on.
    ///
    /// # Errors
    /// [`Fault`] where the sealed bytes are not the item.
    pub fn outgoing(&self, dispatch: &Dispatch) -> Result<Outgoing, Fault> {
        let item = self.view.read().items.get(&dispatch.item).cloned().ok_or(Fault::Missing("item"))?;
        let json = self.papers.cited(&dispatch.manifest, "manifest")?;
        if Manifest::digest(&json) != dispatch.manifest {
            return Err(Fault::Altered("manifest"));
        }
        // Read whole when its package was made a moment ago; not once more for the first offer.
        if let Some(found) = self.surveys().remove(&item.item_digest) {
            return Outgoing::new(self.sealed(&item.item_digest)?, found.crc32, &json);
        }
        let manifest = Manifest::from_json(&json)?;
        let (found, payload) = whole(&self.papers, self.vault.as_ref(), &item.item_digest, &manifest)?;
        Outgoing::new(payload, found.crc32, &json)
    }

    fn surveys(&self) -> MutexGuard<'_, BTreeMap<Digest, Survey>> {
        self.surveys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads up to `max` bytes of a container at `offset`; none at the end.
    ///
    /// # Errors
    /// [`Fault`] where the vault or the journal fails.
    pub fn read_outgoing(&self, outgoing: &Outgoing, offset: u64, max: usize) -> Result<Vec<u8>, Fault> {
        let left = usize::try_from(outgoing.container_bytes().saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; max.min(left)];
        let reaches_tail = offset + bytes.len() as u64 > outgoing.container_bytes() - outgoing.tail_bytes;
        let tail = match &outgoing.tail {
            Some(tail) => Cow::Borrowed(tail),
            None if reaches_tail => Cow::Owned(self.tail_of(outgoing)?),
            None => Cow::Owned(Vec::new()),
        };
        let mut filled = 0;
        while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
            match outgoing.read_part(&tail, offset + filled as u64, room) {
                Ok(read @ 1..) => filled += read,
                _ => return Err(Fault::Missing("sealed item")),
            }
        }
        Ok(bytes)
    }

    /// The tail of a container that was laid down.
    fn tail_of(&self, outgoing: &Outgoing) -> Result<Vec<u8>, Fault> {
        let json = self.papers.cited(&outgoing.manifest, "manifest")?;
        Ok(Frame::new(outgoing.payload.length(), outgoing.crc32, &json)?.tail)
    }
}
