//! XML of strangers, read into a small tree under bounds: bytes, depth, elements, attributes, names and texts.
//!
//! Any document type is refused where it begins, and with it every entity but the five predefined ones: nothing is
//! expanded, nothing is fetched, and the work is one pass over the bytes. A text that comments, instructions or CDATA cut
//! in pieces is refused, since readers differ in which piece they take.
//!
//! *Absent:* schemas, and any meaning of what is read.

mod error;
mod reading;
mod write;

pub use error::XmlError;
pub(crate) use error::cut;
pub use reading::read;
pub use write::Writer;

use std::sync::Arc;

/// So many characters of a foreign text are told in an error.
const MAX_TOLD_CHARS: usize = 64;
/// Most namespace declarations in force at once.
const MAX_NAMESPACES: usize = 32;

/// The bounds of one form.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest document.
    pub bytes: usize,
    /// Deepest nesting, the root being 1.
    pub depth: usize,
    /// Most elements.
    pub elements: usize,
    /// Most attributes of one element, declarations of namespaces among them.
    pub attributes: usize,
    /// Longest name, and longest name of a namespace, in bytes.
    pub name_bytes: usize,
    /// Longest text of an element or attribute, in bytes.
    pub text_bytes: usize,
}

/// A name with its namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The namespace; shared by all that stand in it.
    pub namespace: Option<Arc<str>>,
    /// The local name.
    pub local: String,
}

impl Name {
    /// Whether this is `local` of `namespace`.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.namespace.as_deref() == Some(namespace) && self.local == local
    }
}

/// One element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: Name,
    /// Its attributes in document order, without declarations of namespaces.
    pub attributes: Vec<(Name, String)>,
    /// Its text; white space where it has children.
    pub text: String,
    /// Its children.
    pub children: Vec<Element>,
    /// The line where it begins.
    pub line: usize,
}

impl Element {
    /// The value of an attribute without a namespace.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(name, _)| name.namespace.is_none() && name.local == local);
        found.map(|(_, value)| value.as_str())
    }

    /// Children of this name.
    pub fn all<'a>(&'a self, namespace: &'a str, local: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name.is(namespace, local))
    }
}
