//! Intake: an upload streams through `seal` into the vault, under a content key that only custody can open again. An item
//! with a tearline becomes two: the whole, which stays, and the part below the line, which may be released.
//!
//! *Absent:* plaintext beyond one segment, and the marking, which comes after.

mod tearline;

pub use tearline::TEARLINE;

use crate::desk::{Misuse, state};
use crate::engine::Plan;
use crate::fault::{Failure, Fault};
use crate::office::{Office, commitment};
use crate::resting::Resting;
use attache_accord::act::Act;
use attache_accord::people::Role;
use attache_accord::{Digest, ItemId, PersonId, Timestamp};
use attache_seal::content_key::ContentKey;
use attache_seal::tdf::{
    KeyAccess, KeyAccessKind, Manifest, ManifestDraft, Metadata, Policy, SegmentKey, Tally, segment_bytes_for,
};
use std::sync::Arc;
use tearline::Tearline;
use zeroize::Zeroizing;

/// Longest title or file name, in bytes.
pub const MAX_TITLE_BYTES: usize = 512;
/// Longest media type, in bytes.
pub const MAX_MEDIA_TYPE_BYTES: usize = 128;

/// What comes with an upload.
#[derive(Debug, Clone)]
pub struct Described {
    /// Title, file name and media type.
    pub metadata: Metadata,
    /// Whether to look for a tearline and make the part below it an item of its own.
    pub tearline: bool,
    /// The size, where it is known beforehand, in bytes.
    pub item_bytes: Option<u64>,
}

/// An upload under way. Dropped before [`Intake::finish`], nothing of it stays.
pub struct Intake {
    office: Arc<Office>,
    by: PersonId,
    metadata: Metadata,
    whole: Sealer,
    below: Option<(Tearline, Sealer)>,
}

/// A finished upload. It exists once its plan is committed.
#[derive(Debug)]
#[must_use = "nothing happened until the plan is committed"]
pub struct Added {
    /// To be committed.
    pub plan: Plan,
    /// The item.
    pub item: ItemId,
    /// The part below the tearline.
    pub extract: Option<ItemId>,
}

impl Intake {
    /// Begins an upload.
    ///
    /// # Errors
    /// [`Misuse`] names the field; [`Fault`] when vault or randomness fail.
    pub fn begin(office: Arc<Office>, by: PersonId, described: Described) -> Result<Self, Failure> {
        if !office.view.read().person(&by).map_err(Misuse::from)?.has(Role::Analyst) {
            return Err(state("signer", "adding an item needs the role analyst").into());
        }
        check(&described.metadata)?;
        let whole = Sealer::begin(&office, described.item_bytes)?;
        let below = match described.tearline {
            true => Some((Tearline::default(), Sealer::begin(&office, described.item_bytes)?)),
            false => None,
        };
        Ok(Self { office, by, metadata: described.metadata, whole, below })
    }

    /// The next bytes.
    ///
    /// # Errors
    /// [`Fault`] when sealing or the vault fails, or the item passes 64 GiB.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.whole.push(bytes)?;
        if let Some((tearline, sealer)) = &mut self.below {
            let rest = tearline.pass(bytes);
            sealer.push(rest)?;
        }
        Ok(())
    }

    /// The end of the upload: sealed bytes are durable, and the plan names them. `ids` are fresh; the second is for the
    /// part below the tearline.
    ///
    /// # Errors
    /// [`Misuse`] where a tearline was expected and none came; [`Fault`] when sealing or the vault fails.
    pub fn finish(self, ids: [ItemId; 2], now: Timestamp) -> Result<Added, Failure> {
        let Self { office, by, metadata, whole, below } = self;
        if below.as_ref().is_some_and(|(tearline, _)| !tearline.is_passed()) {
            return Err(state("tearline", "no line of the item is exactly \"=== TEARLINE ===\"").into());
        }
        let [item, extract] = ids;
        let mut plan = Plan::default();
        let mut add = |sealer: Sealer, item, extract_of| -> Result<(), Fault> {
            let sealed = sealer.finish(&office, &metadata, now, &mut plan)?;
            let words = [&metadata.title, &metadata.file_name, &metadata.media_type];
            let (title, paper) = commitment(words.into_iter().cloned().collect())?;
            plan.papers.push((title, paper));
            let manifest = plan.paper(sealed.manifest_json);
            let Sealed { size, item_digest, .. } = sealed;
            let by = by.clone();
            plan.acts.push(Act::ItemAdded { item, size, item_digest, manifest, title, extract_of, by });
            Ok(())
        };
        add(whole, item, None)?;
        let extract = match below {
            Some((_, sealer)) => {
                add(sealer, extract, Some(item))?;
                Some(extract)
            }
            None => None,
        };
        let plan = Plan { papers: plan.papers, ..Plan::new(&office.view.read(), plan.acts) };
        Ok(Added { plan, item, extract })
    }
}

/// One stream of plaintext on its way into the vault.
struct Sealer {
    content: ContentKey,
    key: SegmentKey,
    tally: Tally,
    segment_bytes: usize,
    plain: Zeroizing<Vec<u8>>,
    sealed: Vec<u8>,
    resting: Resting,
    size: u64,
}

/// Room for the first segment of an item of which so many bytes are promised.
fn first_room(item_bytes: Option<u64>, segment_bytes: usize) -> usize {
    item_bytes.and_then(|bytes| usize::try_from(bytes).ok()).map_or(segment_bytes, |b| b.min(segment_bytes))
}

struct Sealed {
    size: u64,
    item_digest: Digest,
    manifest_json: Vec<u8>,
}

impl Sealer {
    fn begin(office: &Office, item_bytes: Option<u64>) -> Result<Self, Fault> {
        let content = ContentKey::generate().ok_or(Fault::Randomness)?;
        let segment_bytes = segment_bytes_for(item_bytes) as usize;
        Ok(Self {
            key: SegmentKey::new(&content)?,
            content,
            tally: Tally::new(),
            segment_bytes,
            // No longer than needed, since all of it is wiped; and it never grows by itself, for that would leave
            // plaintext behind in freed memory.
            plain: Zeroizing::new(Vec::with_capacity(first_room(item_bytes, segment_bytes))),
            sealed: Vec::new(),
            resting: Resting::begin(&office.vault),
            size: 0,
        })
    }

    fn push(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            if self.plain.len() == self.segment_bytes {
                self.seal()?;
            }
            if self.plain.len() == self.plain.capacity() {
                // More came than was promised.
                let mut whole = Zeroizing::new(Vec::with_capacity(self.segment_bytes));
                whole.extend_from_slice(&self.plain);
                self.plain = whole;
            }
            let room = self.segment_bytes.min(self.plain.capacity()) - self.plain.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.plain.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn seal(&mut self) -> Result<(), Fault> {
        let mark = self.key.seal_into(&self.plain, &mut self.sealed)?;
        self.tally.append(&mark)?;
        self.resting.append(&self.sealed)?;
        self.size += self.plain.len() as u64;
        self.plain.clear();
        Ok(())
    }

    fn finish(
        mut self,
        office: &Office,
        metadata: &Metadata,
        now: Timestamp,
        plan: &mut Plan,
    ) -> Result<Sealed, Fault> {
        // An empty item has one empty segment, so that its digest is not that of nothing.
        if !self.plain.is_empty() || self.tally.segments() == 0 {
            self.seal()?;
        }
        let (integrity, item_digest) = self.tally.finish(&self.content);
        self.resting.finish(item_digest, plan)?;
        let policy = Policy::fresh(Vec::new()).ok_or(Fault::Randomness)?.to_base64()?;
        let wrapped = office.custodian.keep(&self.content, now)?;
        let access = KeyAccess::new(
            KeyAccessKind::HybridWrapped,
            &key_service(&office.identity.node),
            &office.custodian.public().key_id().to_string(),
            &wrapped,
            &self.content,
            &policy,
        );
        let access = access.with_encrypted_metadata(metadata.seal(&self.content)?);
        let draft = ManifestDraft { key_access: vec![access], policy_base64: policy, assertions: Vec::new() };
        let manifest_json = Manifest::new(draft, integrity)?.to_json()?;
        Ok(Sealed { size: self.size, item_digest, manifest_json })
    }
}

/// Where a TDF client would ask for a key that is wrapped for this node.
pub(crate) fn key_service(node: &attache_accord::NodeName) -> String {
    format!("https://{node}/kas")
}

pub(crate) fn check(metadata: &Metadata) -> Result<(), Misuse> {
    let plain = |text: &str, max| text.len() <= max && !text.chars().any(char::is_control);
    if metadata.title.is_empty() || !plain(&metadata.title, MAX_TITLE_BYTES) {
        return Err(state("title", "1 to 512 bytes without control characters"));
    }
    let name = &metadata.file_name;
    if !plain(name, MAX_TITLE_BYTES) || name.contains(['/', '\\']) {
        return Err(state("file name", "at most 512 bytes, no path and no control character"));
    }
    if !plain(&metadata.media_type, MAX_MEDIA_TYPE_BYTES) {
        return Err(state("media type", "at most 128 bytes without control characters"));
    }
    Ok(())
}
