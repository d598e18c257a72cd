//! Copies for machine clients: an item whose key is wrapped in this node's own way goes out once more as a container that
//! clients of OpenTDF read, with its key wrapped for this node's key access service. To make one is to make a copy: ruled on,
//! recorded and numbered. It opens nothing by itself, for each key that is asked for is ruled on then.
//!
//! *Absent:* sealed bytes of its own, which are the item's, and the item's title.

use crate::desk::{Misuse, state};
use crate::engine::Plan;
use crate::fault::{Failure, Fault};
use crate::office::Office;
use crate::packing::Outgoing;
use crate::reading::wrapped;
use crate::stocktaking::whole;
use attache_accord::act::Act;
use attache_accord::handling::{Copy, Fate, Sealed};
use attache_accord::item::Item;
use attache_accord::view::{Ask, View};
use attache_accord::{Digest, ItemId, PersonId, Timestamp};
use attache_custody::{ServiceCopy, ServiceKind};
use attache_rewrap::Attributes;
use attache_seal::digest::sha256;
use attache_seal::tdf::{Manifest, ManifestDraft, Policy, TdfError};

impl Office {
    /// Seals the copy that the ruling at `ruling_index` granted, for this node's service at `url`. Gives the plan that records it.
    ///
    /// # Errors
    /// [`Misuse`] where that ruling granted no copy, the copy is sealed already or the item is not here; [`Fault`] where custody denies
    /// the key or the store fails.
    pub fn seal_copy(
        &self,
        ruling_index: u64,
        (kind, url): (ServiceKind, &str),
        now: Timestamp,
    ) -> Result<Plan, Failure> {
        let entry = self.papers.entry(ruling_index)?.ok_or(Fault::Missing("ruling"))?;
        let Act::Ruled { asked: Some(asked), by, .. } = entry.act else {
            return Err(Fault::Altered("ruling").into());
        };
        let Ask::Copy { item, copy } = &asked.ask else { return Err(Fault::Altered("ruling").into()) };
        let (item, number) = (*item, copy.number);
        let found = {
            let view = self.view.read();
            let holding = view.holdings.of(&item);
            let is_open = |copy: &Copy| copy.fate == Fate::Out && copy.sealed.is_none();
            if !holding.copy(number).is_some_and(is_open) {
                return Err(state("number", "the copy is accounted for, or sealed already").into());
            }
            view.live(&item).map_err(Misuse::from)?.clone()
        };
        let manifest = self.manifest_of(&found)?;
        let access = self.own_access(&manifest)?;
        let policy_base64 = self.policy_of_copy(&found)?;
        let service = self.custodian.service().ok_or(Fault::Missing("keys of the key access service"))?;
        let recipient_key = service.public(kind).digest;
        let copied = self.with_permit(ruling_index, recipient_key, |permit, shown, _| {
            let bytes = access.wrapped_key_bytes().map_err(|_| Fault::Altered("wrapped key"))?;
            let copy = ServiceCopy { kind, url, policy_base64: &policy_base64 };
            let basis = (&by, &asked.ask);
            Ok(self.custodian.seal_copy(permit, shown, basis, wrapped(access, &bytes), copy, now)?)
        })?;
        let wrapped_key =
            sha256(&[&copied.wrapped_key_bytes().map_err(|_| Fault::Altered("wrapped key"))?]);
        // The label's signature is under a key that no such client knows, and some refuse a file for that: the policy says the marking.
        let draft = ManifestDraft { key_access: vec![copied], policy_base64, assertions: Vec::new() };
        let json = manifest.rewrapped(draft).and_then(|copy| copy.to_json()).map_err(Fault::from)?;
        let acts = vec![
            Act::KeyMoved { item, ruling_index, recipient_key },
            Act::CopySealed { item, number, wrapped_key, manifest: Manifest::digest(&json), by },
        ];
        let mut plan = Plan::new(&self.view.read(), acts);
        plan.paper(json);
        Ok(plan)
    }

    fn policy_of_copy(&self, item: &Item) -> Result<String, Failure> {
        let marked = item.marked().zip(item.own_level());
        let (marked, own_level) = marked.ok_or_else(|| state("item", "it is a draft; mark it first"))?;
        let attributes = Attributes::of(&self.identity.node).of_copy(&marked.marking, own_level);
        let policy = Policy::fresh(attributes).ok_or(Fault::from(TdfError::Library))?;
        Ok(policy.to_base64().map_err(Fault::from)?)
    }

    /// The container of a sealed copy, for its keeper.
    ///
    /// # Errors
    /// [`Misuse`] where the item is not here, or `by` keeps no such copy; [`Fault`] where the sealed bytes are not the item.
    pub fn sealed_copy(&self, by: &PersonId, item: ItemId, number: u32) -> Result<Outgoing, Failure> {
        let (found, copy) = {
            let view = self.view.read();
            let kept = view.holdings.of(&item).copy(number).cloned();
            (view.live(&item).map_err(Misuse::from)?.clone(), kept)
        };
        let kept = copy.filter(|copy| copy.keeper == *by && copy.fate == Fate::Out);
        let sealed = kept.and_then(|copy| copy.sealed);
        let sealed = sealed.ok_or_else(|| state("number", "you keep no sealed copy of this number"))?;
        let json = self.papers.cited(&sealed.manifest, "manifest")?;
        let manifest = Manifest::from_json(&json).map_err(Fault::from)?;
        let (survey, payload) = whole(&self.papers, self.vault.as_ref(), &found.item_digest, &manifest)?;
        Ok(Outgoing::new(payload, survey.crc32, &json)?)
    }

    /// The digest of the manifest in which a wrapped key of an item's stands: its own, or that of the copy that it is the key of, while
    /// that is out.
    pub(crate) fn manifest_with(&self, item: &Item, wrapped_key: &Digest) -> Option<Digest> {
        match copy_under(&self.view.read(), item, wrapped_key) {
            None => Some(item.manifest),
            Some((Fate::Out, sealed)) => Some(sealed.manifest),
            Some(_) => None,
        }
    }
}

fn copy_under(view: &View, item: &Item, wrapped_key: &Digest) -> Option<(Fate, Sealed)> {
    let holding = view.holdings.of(&item.id);
    let mut sealed = holding.copies.iter().filter_map(|copy| Some((copy.fate, copy.sealed?)));
    sealed.find(|(_, sealed)| sealed.wrapped_key == *wrapped_key)
}
