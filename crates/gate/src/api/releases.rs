//! Release cases.

use super::Explained;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Someone's review or decision.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedBy {
    /// Who.
    pub by: String,
    /// Digest of the signed statement.
    pub statement: String,
}

/// How far a dispatch has come.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Dispatched {
    /// The dispatch.
    pub dispatch: String,
    /// `owed`, `stored`, `declined` or `receipted`.
    pub progress: String,
    /// The partner's code, where it declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// When the receipt is due.
    pub due: String,
    /// Whether it is late and was raised as an incident.
    pub incident: bool,
}

/// One hop of an item, from a node to a node, under an agreement whose Parties share through one of them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Hop {
    /// From which node.
    pub from: String,
    /// To which.
    pub to: String,
    /// `owed`, `stored`, `taken`, `begun`, `receipted`, `declined`, `overdue`, `refused` or `given-up`.
    pub state: String,
    /// The code with which it was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The level that it got there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// When the receipt is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Digest of the signed receipt, or of what a hub that cannot read it signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Digest of the originator's signed approval, where it was passed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
    /// The agreement of the two Parties that protects it on this hop, where there is one of their own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
}

/// A release case.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Release {
    /// The case.
    pub case: String,
    /// The item.
    pub item: String,
    /// The item's digest.
    pub item_digest: String,
    /// The label's digest.
    pub label_digest: String,
    /// The node to receive it.
    pub recipient: String,
    /// `requested`, `refused`, `approved`, `dispatched`, or `closed` where no package is made any more.
    pub state: String,
    /// The rule by which it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// Who asked.
    pub requester: String,
    /// When.
    pub requested_at: String,
    /// Digest of the signed request, to be named in reviews and the decision.
    pub request: String,
    /// For what use, in the requester's words.
    pub purpose: String,
    /// Digest of the facts as they would be put to the rules for the reader now; to be named in the reader's decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<String>,
    /// Reviews so far.
    pub reviews: Vec<SignedBy>,
    /// The decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<SignedBy>,
    /// Index of the ruling that granted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling_index: Option<u64>,
    /// The control number, once approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_number: Option<String>,
    /// The dispatch, once the package is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispatch: Option<Dispatched>,
    /// Each hop from here on, as far as this node was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Hop>,
}

/// What a request, review or decision led to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Acted {
    /// The case.
    pub case: String,
    /// The ruling, where a question was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Explained>,
    /// The control number, where it was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_number: Option<String>,
}
