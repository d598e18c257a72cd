//! What is shown with a letter: the signed waybill, the hop receipts so far, and, for the hub only, what its package is about and the
//! share of a key that the hub is to keep.
//!
//! *Absent:* trust. Signatures are verified by whoever takes the letter.

use attache_accord::oversight::FIELD_TOPICS;
use attache_courier::limits::{MAX_PACKAGE_BYTES, MAX_SHARE_BYTES};
use attache_seal::papers::MAX_HOPS;
use attache_seal::statement::Signed;
use attache_tlog::{OpenedField, Origin};
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};

/// Field 12 of the leaf by which the sender recorded the letter, opened.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ShownTopics {
    /// The leaf.
    #[n(0)]
    pub leaf: ByteVec,
    /// Its index.
    #[n(1)]
    pub index: u64,
    /// The field's salt.
    #[n(2)]
    pub salt: ByteArray<32>,
    /// The topics, with a space between two.
    #[n(3)]
    pub topics: String,
}

impl ShownTopics {
    /// The topics that the leaf commits to in the log `origin`; `None` where it commits to others.
    pub fn verified(&self, origin: &Origin) -> Option<impl Iterator<Item = &str>> {
        let value = self.topics.as_bytes().to_vec();
        let opened = OpenedField { field: FIELD_TOPICS as u8, salt: *self.salt, value };
        opened.verify(origin, self.index, &self.leaf).ok()?;
        Some(self.topics.split_whitespace())
    }
}

/// What is shown with a letter, as it stands in its offer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Docket {
    /// The signed waybill.
    #[n(0)]
    waybill: ByteVec,
    /// The signed hop receipts, in the order of the hubs.
    #[n(1)]
    hops: Vec<ByteVec>,
    /// What its package is about.
    #[n(2)]
    pub topics: Option<ShownTopics>,
    /// The share of a key that the hub is to keep, wrapped for it.
    #[n(3)]
    pub share: Option<ByteVec>,
}

impl Docket {
    /// A docket with nothing but the waybill.
    pub fn new(waybill: &Signed) -> Self {
        Self { waybill: waybill.to_bytes().into(), hops: Vec::new(), topics: None, share: None }
    }

    /// The same with this share, or with none.
    #[must_use]
    pub fn with_share(self, share: Option<Vec<u8>>) -> Self {
        Self { share: share.map(Into::into), ..self }
    }

    /// What is shown from a hub on: with its receipt, and without the topics and the share, which were for the hub.
    #[must_use]
    pub fn with_hop(mut self, hop: &Signed) -> Self {
        (self.topics, self.share) = (None, None);
        self.hops.push(hop.to_bytes().into());
        self
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Writing to a Vec cannot fail and no field of ours has an encoder that does.
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Reads the one form of a docket; nothing for whatever is none, such as a signed package.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_PACKAGE_BYTES {
            return None;
        }
        let docket: Self = minicbor::decode(bytes).ok()?;
        let is_whole = docket.hops.len() <= usize::from(MAX_HOPS)
            && docket.share.as_ref().is_none_or(|share| share.len() <= MAX_SHARE_BYTES)
            && docket.to_bytes() == bytes;
        is_whole.then_some(docket)
    }

    /// The waybill as it is signed; nothing where it is no statement.
    pub fn waybill(&self) -> Option<Signed> {
        Signed::from_bytes(&self.waybill).ok()
    }

    /// The hop receipts as they are signed; nothing where one is no statement.
    pub fn hops(&self) -> Option<Vec<Signed>> {
        self.hops.iter().map(|hop| Signed::from_bytes(hop).ok()).collect()
    }
}
