//! What travels between the node and its own people's clients, as JSON. The same types serve the server, the command line
//! and the OpenAPI document.
//!
//! Ids and digests are lowercase hexadecimal, times RFC 3339 in UTC, `statement` the base64 of a signed statement's bytes.
//!
//! *Absent:* anything a partner's node sends; that is the courier's, on another listener and by another parser.

mod agreement;
mod clients;
mod consents;
mod holdings;
mod items;
mod letters;
mod logs;
mod openings;
mod oversight;
mod people;
mod records;
mod releases;

pub use agreement::*;
pub use clients::*;
pub use consents::*;
pub use holdings::*;
pub use items::*;
pub use letters::*;
pub use logs::*;
pub use openings::*;
pub use oversight::*;
pub use people::*;
pub use records::*;
pub use releases::*;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a request was not done.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A stable code: `refused`, `misuse`, `unknown`, `unauthenticated`, `forbidden`, `conflict`, `too-large`, `busy`, `held`, `fault`;
    /// of an item that its originator controls `recalled`, `expired`, `originator-refused`, `originator-decides`,
    /// `originator-crowded`, `originator-asked`, `originator-unreachable`, `originator-by-hub`, `agreement-not-in-force` or
    /// `consent-over`, and of a marking by which it would be one where it never comes `control-beyond-hub`;
    /// of one of whose key a hub keeps a share `hub-refused`, `hub-share-over`, `hub-declined` or `hub-unreachable`.
    pub code: String,
    /// What is wrong, in English.
    pub message: String,
    /// The field that is wrong, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The ruling, where the rules refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Box<Explained>>,
    /// What it means and what to do next in three languages, where it has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Box<Texts>>,
    /// Names this answer in the node's own log.
    pub correlation: String,
}

/// A text in the three languages of the product.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Texts {
    /// Korean.
    pub ko: String,
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// The lines of a banner in three languages, the strictest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Banners {
    /// Korean.
    pub ko: Vec<String>,
    /// Japanese.
    pub ja: Vec<String>,
    /// English.
    pub en: Vec<String>,
}

/// A signed statement.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Stated {
    /// Base64 of the signed statement.
    pub statement: String,
}

/// One reason of a ruling.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reasoned {
    /// The rule's stable code, such as `R-005`.
    pub code: String,
    /// Article and paragraph, such as `6(a)`.
    pub article: String,
    /// How well the source is known: `verified`, `press`, `family` or `product`.
    pub standing: String,
    /// What the rule is called.
    pub title: Texts,
    /// Why it decided so.
    pub reason: Texts,
    /// What would have to change, and who must do it.
    pub remedy: Texts,
    /// The facts that decided; none where the question is not kept here.
    #[serde(default)]
    pub facts: Vec<Fact>,
}

/// One fact that a rule looked at.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Fact {
    /// The stable word of what it is about, such as `originator`.
    pub name: String,
    /// What the question says, in codes: in no language.
    pub value: String,
    /// What it is about.
    pub label: Texts,
    /// What the question says.
    pub text: Texts,
}

/// A ruling with its reasons explained.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Explained {
    /// `request`, `release`, `dispatch`, `admit`, `open`, `pass-on`, `other-purpose`, `downgrade`, `copy`, `translate`,
    /// `give-to-contractor` or `visit`.
    pub action: String,
    /// Whether it may be done.
    pub granted: bool,
    /// Index of its entry in the journal.
    pub index: u64,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: String,
    /// Digest of the question.
    pub question: String,
    /// The question's CBOR in hexadecimal, for replaying the ruling with the rule pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question_cbor: Option<String>,
    /// Version of the rule pack.
    pub pack_version: String,
    /// Digest of the rule pack.
    pub pack: String,
    /// The reasons.
    pub reasons: Vec<Reasoned>,
}
