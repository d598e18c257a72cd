//! The papers of originator control: a recall, a request to open, the key for its answer in a letter, the originator's answer, and the
//! decision of its person.
//!
//! *Absent:* the share of the key. It travels beside the answer and is on no paper, so that no journal keeps it.

use super::{Answer, remark, term};
use crate::kem::KemPublic;
use crate::statement::Body;
use attache_accord::control::{Recall, Unopened};
use attache_accord::party::Malformed;
use attache_accord::{Digest, DispatchId, PersonId, Timestamp};
use minicbor::{Decode, Encode};

/// A person of the originator takes back, or reclassifies, what went by one dispatch.
impl Body for Recall {
    const NAME: &'static str = "recall";

    fn check(&self) -> Result<(), Malformed> {
        Self::check(self)
    }
}

/// The holder's node asks the originator's node to let one person open an item once, or reports that it was opened without
/// asking.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Opening {
    /// The item, by its encrypted segments.
    #[n(0)]
    pub item_digest: Digest,
    /// The dispatch by which it came.
    #[n(1)]
    pub dispatch: DispatchId,
    /// Who is to read, by pseudonym.
    #[n(2)]
    pub person: PersonId,
    /// For what use, at most [`super::MAX_TERM_BYTES`] bytes. May be empty.
    #[n(3)]
    pub purpose: String,
    /// RFC 6962 leaf hash of the own ruling that permits it.
    #[n(4)]
    pub ruling_leaf: Digest,
    /// Index of that ruling in the signer's log.
    #[n(5)]
    pub ruling_index: u64,
    /// The request is good until then.
    #[n(6)]
    pub until: Timestamp,
    /// Digest of the answer under which it was opened without asking; absent where it is asked.
    #[n(7)]
    pub under: Option<Digest>,
}

impl Body for Opening {
    const NAME: &'static str = "opening";

    fn check(&self) -> Result<(), Malformed> {
        if self.purpose.is_empty() { Ok(()) } else { term("purpose", &self.purpose) }
    }
}

/// The holder's node names the key for which the share of a consent is to be wrapped where the answer goes in a letter. It is made for
/// this and rests nowhere, so that what rests of such a letter opens with no key that rests. Whoever lost it shows another one for the same
/// request.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OpeningKey {
    /// Digest of the signed request.
    #[n(0)]
    pub request: Digest,
    /// MLKEM1024-P384 public key, SubjectPublicKeyInfo in DER.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub kem_key: Vec<u8>,
}

impl OpeningKey {
    /// The key.
    ///
    /// # Errors
    /// When it is none.
    pub fn public(&self) -> Result<KemPublic, Malformed> {
        let public = KemPublic::from_spki_der(&self.kem_key);
        public.map_err(|_| Malformed::new("kem key", "an MLKEM1024-P384 public key", ""))
    }
}

impl Body for OpeningKey {
    const NAME: &'static str = "opening-key";

    fn check(&self) -> Result<(), Malformed> {
        self.public().map(drop)
    }
}

/// The originator's node answers. One request has one answer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OpeningAnswer {
    /// Digest of the signed request.
    #[n(0)]
    pub request: Digest,
    /// Why not; absent for a consent.
    #[n(1)]
    pub refused: Option<Unopened>,
    /// A share moves on it until then.
    #[n(2)]
    pub until: Timestamp,
}

impl Body for OpeningAnswer {
    const NAME: &'static str = "opening-answer";
}

/// A person of the originator decides about a request.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OpeningDecision {
    /// Digest of the signed request.
    #[n(0)]
    pub request: Digest,
    /// Yes or no.
    #[n(1)]
    pub answer: Answer,
    /// Why, in the person's words. May be empty.
    #[n(2)]
    pub reason: String,
}

impl Body for OpeningDecision {
    const NAME: &'static str = "opening-decision";

    fn check(&self) -> Result<(), Malformed> {
        remark("reason", &self.reason)
    }
}
