//! Why a document is not read, by whose bound or rule.

use super::MAX_TOLD_CHARS;

/// Why a document is not read or not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// A bound of this reader.
    #[error("line {line}: more than {limit} {what}")]
    Limit {
        /// What there is too much of, such as `bytes` or `elements deep`.
        what: &'static str,
        /// The bound.
        limit: usize,
        /// Where.
        line: usize,
    },
    /// A document type, by which entities and foreign files come in.
    #[error("line {line}: a document type is not read")]
    Doctype {
        /// Where.
        line: usize,
    },
    /// An entity that is not one of the five predefined ones.
    #[error("line {line}: the entity {name:?} is not predefined")]
    Entity {
        /// Its name, cut.
        name: String,
        /// Where.
        line: usize,
    },
    /// Bytes that are not UTF-8, or a declaration that says so.
    #[error("line {line}: not XML 1.0 in UTF-8")]
    Encoding {
        /// Where.
        line: usize,
    },
    /// Not well-formed, or of a form that can be read in two ways.
    #[error("line {line}: {rule}")]
    Form {
        /// The rule that is broken.
        rule: &'static str,
        /// Where.
        line: usize,
    },
    /// A text that XML cannot carry.
    #[error("{text:?} holds a character that XML cannot carry")]
    Unwritable {
        /// The text, cut.
        text: String,
    },
}

impl XmlError {
    /// A word for the kind of error, which stays the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Limit { .. } => "limit",
            Self::Doctype { .. } => "doctype",
            Self::Entity { .. } => "entity",
            Self::Encoding { .. } => "encoding",
            Self::Form { .. } => "form",
            Self::Unwritable { .. } => "unwritable",
        }
    }
}

/// So much of a foreign text as is told to people.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(MAX_TOLD_CHARS).collect()
}
