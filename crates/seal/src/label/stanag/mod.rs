//! Confidentiality labels of STANAG 4774 (ADatP-4774) as XML: read leniently, written strictly.
//!
//! The originator's label and an alternative label of a recipient are two labels side by side; nothing here changes one
//! into the other. What a label says that this module does not know is an error, never left out; what it knows but another
//! would write differently is read with a remark.
//!
//! *Absent:* what a policy's words mean (`spif`), and signatures (`label::verify`, the signed package).

mod fields;
mod marking;
mod read;
mod time;
mod write;

pub(crate) use fields::{Fields, plain};
pub(crate) use marking::{CATEGORIES, CAVEAT, CONTROL, KIND, PURPOSE, TOPIC, policy_name};
pub use marking::{National, policy_oid};
pub(crate) use read::read_element;
pub use read::{LabelRead, read};
pub use write::write;
pub(crate) use write::write_into;

use crate::xml::{Limits, XmlError, cut};
use attache_accord::Timestamp;
use attache_accord::party::Malformed;
use std::collections::BTreeSet;

/// The namespace of labels.
pub const NAMESPACE: &str = "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0";
/// The bounds of a label.
pub const LIMITS: Limits = Limits {
    bytes: 64 * 1024,
    depth: 12,
    elements: 2_048,
    attributes: 16,
    name_bytes: 256,
    text_bytes: MAX_TEXT_BYTES,
};
/// Longest text of a label, in bytes.
pub const MAX_TEXT_BYTES: usize = 1_024;
/// Most categories of a label.
pub const MAX_CATEGORIES: usize = 64;
/// Most values of a category.
pub const MAX_VALUES: usize = 512;
/// Most successors, one behind the other.
pub const MAX_SUCCESSORS: usize = 2;

/// Why a label is not read, not written or not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StanagError {
    /// Not XML within the bounds.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// The root is another element.
    #[error("{found:?} is no {wanted}")]
    Root {
        /// What was looked for.
        wanted: &'static str,
        /// What stood there, cut.
        found: String,
    },
    /// Something required is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Something stands twice.
    #[error("{0} stands twice")]
    Twice(String),
    /// Something that nobody here knows, and that could change what the label means.
    #[error("{what} {found:?} is not known")]
    Unknown {
        /// What kind of thing, such as `policy` or `element`.
        what: &'static str,
        /// What stood there, cut.
        found: String,
    },
    /// A value that does not have its form.
    #[error("{what} must be {form}, not {found:?}")]
    Value {
        /// Of what.
        what: &'static str,
        /// The form that it must have.
        form: &'static str,
        /// What stood there, cut.
        found: String,
    },
    /// Two labels that do not belong together.
    #[error("{0}")]
    Apart(&'static str),
    /// A name in the marking is malformed.
    #[error(transparent)]
    Marking(#[from] Malformed),
}

impl StanagError {
    /// A word for the kind of error, which stays the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Xml(error) => error.code(),
            Self::Root { .. } => "root",
            Self::Missing(_) => "missing",
            Self::Twice(_) => "twice",
            Self::Unknown { .. } => "unknown",
            Self::Value { .. } => "value",
            Self::Apart(_) => "apart",
            Self::Marking(_) => "marking",
        }
    }

    pub(crate) fn unknown(what: &'static str, found: &str) -> Self {
        Self::Unknown { what, found: cut(found) }
    }

    pub(crate) fn value(what: &'static str, form: &'static str, found: &str) -> Self {
        Self::Value { what, form, found: cut(found) }
    }
}

/// Whose label it is, which is its element's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The originator's, which nobody else changes.
    Originator,
    /// An equivalent in another policy, beside it.
    Alternative,
    /// Of the metadata, not of what it describes.
    Metadata,
}

impl Role {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Originator, "originatorConfidentialityLabel"),
        (Self::Alternative, "alternativeConfidentialityLabel"),
        (Self::Metadata, "metadataConfidentialityLabel"),
    ];

    /// The local name of its element.
    pub fn element(self) -> &'static str {
        Self::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, name)| name)
    }
}

/// A policy by name and, where it is given, by its identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyIdentifier {
    /// The name.
    pub name: String,
    /// The identifier, such as `urn:oid:1.3.26.1.3.1`.
    pub uri: Option<String>,
}

/// How the values of a category are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CategoryType {
    /// A reader needs every value.
    Restrictive,
    /// A reader needs any one value.
    Permissive,
    /// Says something to people and restricts nobody.
    Informative,
}

impl CategoryType {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Restrictive, "RESTRICTIVE"),
        (Self::Permissive, "PERMISSIVE"),
        (Self::Informative, "INFORMATIVE"),
    ];

    /// The word of the standard.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }
}

/// The form in which a category's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueForm {
    /// A text.
    Generic,
    /// Decimal digits.
    Integer,
    /// Zeros and ones.
    Bits,
}

impl ValueForm {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Generic, "GenericValue"), (Self::Integer, "IntegerValue"), (Self::Bits, "BitStringValue")];
}

/// A category with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// How the values are meant.
    pub kind: CategoryType,
    /// The name, such as `Releasable To`.
    pub tag: String,
    /// Its identifier in the policy.
    pub uri: Option<String>,
    /// How the values are written.
    pub form: ValueForm,
    /// The values, at least one, each once, in the order of the label.
    pub values: Vec<String>,
}

impl Category {
    /// Whether someone who holds `held` of this category passes it.
    pub fn admits(&self, held: &BTreeSet<String>) -> bool {
        match self.kind {
            CategoryType::Restrictive => self.values.iter().all(|value| held.contains(value)),
            CategoryType::Permissive => self.values.iter().any(|value| held.contains(value)),
            CategoryType::Informative => true,
        }
    }
}

/// What a label says about its information.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Information {
    /// The policy whose words follow.
    pub policy: PolicyIdentifier,
    /// The classification.
    pub classification: String,
    /// A word to readers.
    pub privacy_mark: Option<String>,
    /// The categories; each type and name once.
    pub categories: Vec<Category>,
}

impl Information {
    /// The category of this name and type.
    pub fn category(&self, kind: CategoryType, tag: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.kind == kind && category.tag == tag)
    }
}

/// Who made the label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginatorId {
    /// The kind of name, such as `rfc822Name`.
    pub kind: String,
    /// The name.
    pub name: String,
}

/// A label or what succeeds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelBody {
    /// What it says.
    pub information: Information,
    /// Who made it.
    pub originator: Option<OriginatorId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What takes its place, and when.
    pub successor: Option<(Timestamp, Box<LabelBody>)>,
}

/// One label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfidentialityLabel {
    /// Whose it is.
    pub role: Role,
    /// When it must be looked at again.
    pub review_at: Option<Timestamp>,
    /// The rest.
    pub body: LabelBody,
}
