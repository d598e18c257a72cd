//! Items that a foreign client sealed: a TDF whose key is wrapped for this node's key access service and whose policy says a
//! marking in this node's attributes, or nothing. It is verified whole, its sealed bytes rest as they came, and custody takes its key over;
//! from then on it is an item like any other, which its client opens by the key that it wrapped.
//!
//! *Absent:* plaintext beyond one segment, which is seen only to know that it is there, and any restriction that the policy
//! names and this node could not keep: such a file is not taken.

use crate::desk::{Misuse, state};
use crate::engine::Plan;
use crate::fault::{Failure, Fault};
use crate::intake::{Added, check, key_service};
use crate::office::{Office, commitment};
use crate::resting::Resting;
use attache_accord::act::Act;
use attache_accord::people::Role;
use attache_accord::{Digest, ItemId, PersonId, Timestamp};
use attache_custody::Wrapped;
use attache_rewrap::Attributes;
use attache_seal::content_key::ContentKey;
use attache_seal::digest::sha256;
use attache_seal::tdf::{
    Container, KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Metadata, Policy, TdfError, open_stream,
};
use std::io::{Cursor, sink};

/// Longest TDF that is taken in, in bytes: its parts stand in any order, so it is held whole.
pub const MAX_TDF_BYTES: u64 = 32 << 20;
/// Most key access objects of this node's in one TDF.
const MAX_OBJECTS: usize = 16;

/// A verified TDF: its container, the key, and the objects that this node's service opens.
struct Verified<'a> {
    container: Container<Cursor<&'a [u8]>>,
    content: ContentKey,
    objects: Vec<KeyAccess>,
    item_digest: Digest,
}

impl Office {
    /// Takes a TDF of a foreign client in as a draft under the fresh id `item`.
    ///
    /// # Errors
    /// [`Misuse`] names the field; [`Fault`] when the vault or the library fails.
    pub fn take_in(
        &self,
        by: &PersonId,
        metadata: &Metadata,
        tdf: &[u8],
        item: ItemId,
        now: Timestamp,
    ) -> Result<Added, Failure> {
        if !self.view.read().person(by).map_err(Misuse::from)?.has(Role::Analyst) {
            return Err(state("signer", "adding an item needs the role analyst").into());
        }
        check(metadata)?;
        let mut verified = self.verified(tdf)?;
        let mut plan = Plan::default();
        let mut resting = Resting::begin(&self.vault);
        let mut sealed = Vec::new();
        while verified.container.next_sealed(&mut sealed).map_err(Fault::from)? {
            resting.append(&sealed)?;
        }
        resting.finish(verified.item_digest, &mut plan)?;
        let taken: Vec<Act> = verified.objects.iter().map(|object| taken_over(item, object)).collect();
        let size = verified.container.manifest().integrity.item_bytes();
        let item_digest = verified.item_digest;
        let manifest = plan.paper(self.own_manifest(verified, metadata, now)?);
        let words = [&metadata.title, &metadata.file_name, &metadata.media_type];
        let (title, paper) = commitment(words.into_iter().cloned().collect())?;
        plan.papers.push((title, paper));
        let by = by.clone();
        let added = Act::ItemAdded { item, size, item_digest, manifest, title, extract_of: None, by };
        let acts = std::iter::once(added).chain(taken).collect();
        let plan = Plan { papers: plan.papers, ..Plan::new(&self.view.read(), acts) };
        Ok(Added { plan, item, extract: None })
    }

    fn verified<'a>(&self, tdf: &'a [u8]) -> Result<Verified<'a>, Failure> {
        let mut container = Container::open(Cursor::new(tdf)).map_err(unfit)?;
        let manifest = container.manifest().clone();
        let policy = Policy::from_base64(&manifest.policy_base64).map_err(unfit)?;
        self.knows(&policy)?;
        let (content, objects) = self.keys_of(&manifest)?;
        let item_digest = container.item_digest().map_err(unfit)?;
        open_stream(&mut container, &content, Some(item_digest), &mut sink()).map_err(unfit)?;
        container.rewind();
        Ok(Verified { container, content, objects, item_digest })
    }

    /// A policy without attributes says nothing that this node could not keep: some clients write no others, and a person says
    /// the whole marking then.
    fn knows(&self, policy: &Policy) -> Result<(), Failure> {
        if policy.attributes.is_empty() {
            return Ok(());
        }
        let names = policy.attributes.iter().map(String::as_str);
        let stated = Attributes::of(&self.identity.node).read(names);
        let stated = stated.map_err(|unstated| state("policy", unstated.as_str()))?;
        let terms = self.pack.terms();
        if stated.level.party() != self.identity.party || terms.equivalence.name(&stated.level).is_none() {
            return Err(state("policy", "its level is none of this Party's own scheme").into());
        }
        Ok(())
    }

    /// The content key, and the objects that this node's service opens; every one of those must hold.
    fn keys_of(&self, manifest: &Manifest) -> Result<(ContentKey, Vec<KeyAccess>), Failure> {
        let mut objects = Vec::new();
        let content = manifest.content_key(|object| {
            let key = self.opened_by_service(object)?;
            objects.push(object.clone());
            Some(key)
        });
        let content = content.map_err(unfit)?;
        if objects.len() > MAX_OBJECTS {
            return Err(state("body", "more than 16 of its keys are wrapped for this node").into());
        }
        let view = self.view.read();
        if objects.iter().any(|object| view.clients.item_of(&wrapped_digest(object)).is_some()) {
            return Err(state("body", "this node has it as an item already").into());
        }
        Ok((content, objects))
    }

    fn opened_by_service(&self, object: &KeyAccess) -> Option<ContentKey> {
        let bytes = object.wrapped_key_bytes().ok()?;
        let ephemeral = object.ephemeral_public_key.as_deref();
        let key = object.kid.as_deref().unwrap_or_default();
        self.custodian.take_over(Wrapped { key, bytes: &bytes, ephemeral }).ok()
    }

    /// The manifest under which the item rests: the key under the node's own wrapping, and beside it as the client wrapped it.
    fn own_manifest(
        &self,
        verified: Verified<'_>,
        metadata: &Metadata,
        now: Timestamp,
    ) -> Result<Vec<u8>, Fault> {
        let Verified { container, content, objects, .. } = verified;
        let manifest = container.manifest();
        let own = KeyAccess::new(
            KeyAccessKind::HybridWrapped,
            &key_service(&self.identity.node),
            &self.custodian.public().key_id().to_string(),
            &self.custodian.keep(&content, now)?,
            &content,
            &manifest.policy_base64,
        );
        let own = own.with_encrypted_metadata(metadata.seal(&content)?);
        let draft = ManifestDraft {
            key_access: std::iter::once(own).chain(objects).collect(),
            policy_base64: manifest.policy_base64.clone(),
            // What it asserts was signed by nobody whom this node knows; its own label takes that place.
            assertions: Vec::new(),
        };
        Ok(manifest.rewrapped(draft)?.to_json()?)
    }
}

fn taken_over(item: ItemId, object: &KeyAccess) -> Act {
    Act::KeyTakenOver { item, wrapped_key: wrapped_digest(object) }
}

fn wrapped_digest(object: &KeyAccess) -> Digest {
    sha256(&[&object.wrapped_key_bytes().unwrap_or_default()])
}

/// What of a TDF is not as it must be. Its own words name a rule, never a value.
fn unfit(error: TdfError) -> Failure {
    let rule = match error {
        TdfError::Container(rule) | TdfError::Manifest(rule) | TdfError::Unfit(rule) => rule,
        TdfError::NoKey => "its key, or a share of it, is not wrapped for a key of this node's service",
        TdfError::Binding => "its policy is not bound to its key",
        TdfError::Library => return Failure::Fault(error.into()),
        TdfError::Json { .. } => "its manifest is not the JSON of one",
        TdfError::TooLarge { .. } => "a part of it is over its limit",
        _ => "its segments are not those that its manifest lists under this key",
    };
    state("body", rule).into()
}
