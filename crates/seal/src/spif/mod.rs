//! Security policies as XML SPIF 2.1 (xmlspif.org): a small model that answers whether a label is valid under a policy,
//! which classification of another policy is its equivalent, and in which words it is marked.
//!
//! Equivalence has a direction: `encrypt` translates what leaves, `decrypt` what comes in. For the Parties of an
//! agreement the table of Art. 4.2 stays the truth and a SPIF of ours is a view of it (`scheme`).
//!
//! *Absent:* version 3.0, whose model of markings is another; translation of categories; signatures.

mod check;
mod marking;
mod model;
mod parts;
mod read;
mod scheme;
mod write;

pub use check::{Clearance, Finding};
pub use marking::Place;
pub use model::{
    Applied, CategoryRef, Classification, Equivalent, EquivalentCategory, EquivalentPolicy, Operation,
    Phrase, PolicyId, Qualifier, Required, Tag, TagCategory, TagSet, TagType,
};

use crate::label::stanag::StanagError;
use crate::xml::Limits;

/// The namespace of SPIFs.
pub const NAMESPACE: &str = "http://www.xmlspif.org/spif";
/// The bounds of a SPIF.
pub const LIMITS: Limits = Limits {
    bytes: 512 * 1024,
    depth: 16,
    elements: 16_384,
    attributes: 24,
    name_bytes: 256,
    text_bytes: 4 * 1024,
};
/// Longest name of a policy, classification or category, in characters (the schema's bound).
pub const MAX_NAME_CHARS: usize = 256;

/// Who made a SPIF and when, as the format wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The version of the policy.
    pub version: i64,
    /// When it was made, as written.
    pub created: String,
    /// Who made it.
    pub originator: String,
    /// The key that signs it, in hexadecimal.
    pub key: String,
    /// The object identifier of the privilege syntax.
    pub privilege: String,
    /// The object identifier of the role syntax.
    pub roles: String,
}

/// One security policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spif {
    /// Who made it.
    pub heading: Heading,
    /// The policy.
    pub policy: PolicyId,
    /// Its classifications.
    pub classifications: Vec<Classification>,
    /// Its categories.
    pub tag_sets: Vec<TagSet>,
    /// Policies to translate into, or from.
    pub equivalent_policies: Vec<EquivalentPolicy>,
    /// Words of the policy.
    pub phrases: Vec<Phrase>,
    /// What stands around all of a marking.
    pub qualifiers: Vec<Qualifier>,
}

/// A policy, and what in it was read leniently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpifRead {
    /// The policy.
    pub spif: Spif,
    /// What another reader may take amiss, in words.
    pub remarks: Vec<String>,
}

impl Spif {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`StanagError`].
    pub fn read(bytes: &[u8]) -> Result<SpifRead, StanagError> {
        read::read(bytes)
    }

    /// The classification of this name.
    pub fn classification(&self, name: &str) -> Option<&Classification> {
        self.classifications.iter().find(|class| class.name == name)
    }

    /// Into what of another policy a classification of this one is translated when it leaves.
    pub fn outgoing<'a>(
        &'a self,
        class: &'a str,
        other: &'a PolicyId,
    ) -> impl Iterator<Item = &'a Equivalent> {
        let equivalents = self.classification(class).into_iter().flat_map(|class| &class.equivalents);
        equivalents.filter(move |e| e.applied != Applied::Decrypt && self.means(&e.policy, other))
    }

    /// Which classifications of this policy one of another is translated into when it comes in.
    pub fn incoming<'a>(
        &'a self,
        other: &'a PolicyId,
        lacv: i64,
    ) -> impl Iterator<Item = &'a Classification> {
        let applies = move |e: &Equivalent| {
            e.lacv == lacv && e.applied != Applied::Encrypt && self.means(&e.policy, other)
        };
        self.classifications.iter().filter(move |class| class.equivalents.iter().any(applies))
    }

    /// Whether a reference means another policy. A reference is this policy's own name for it: the list of equivalent
    /// policies says by which identifier the other is known, and where it is not listed nothing is meant.
    fn means(&self, reference: &str, other: &PolicyId) -> bool {
        self.equivalent_policies
            .iter()
            .any(|policy| policy.id.name == reference && policy.id.oid == other.oid)
    }
}
