//! Originator control: recalls, and requests to open that wait for a person.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an originator took back or reclassified.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Recall {
    /// Digest of the signed statement.
    pub digest: String,
    /// `recalled` or `reclassified`.
    pub taken: String,
    /// The new level, where it is reclassified.
    pub level: Option<String>,
    /// The item's digest, the same at both nodes.
    pub item_digest: String,
    /// The dispatch by which it went.
    pub dispatch: String,
    /// The node that it went to.
    pub to: String,
    /// The written document.
    pub document: String,
    /// Whether this node's people said it.
    pub own: bool,
    /// Whether the other node has it; absent for what came from there.
    pub delivered: Option<bool>,
    /// When it was signed, as its signer says.
    pub signed_at: String,
    /// Who signed it, for an own one.
    pub by: Option<String>,
    /// For an own one, where a hub passed the item on: it is brought there as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub onward: Vec<RecalledOnward>,
}

/// A node beyond a hub that has what is recalled, or is to have it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecalledOnward {
    /// The node that the hub passed it on to.
    pub to: String,
    /// How far, as the hub told: `begun`, `overdue` or `receipted`. Only what is receipted is there for certain, and told of the recall.
    pub state: String,
    /// Whether that node has the recall.
    pub delivered: bool,
}

/// A request to open, asked by this node or of it, as long as it is good for something.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Opening {
    /// Digest of the signed request.
    pub request: String,
    /// The item on this node.
    pub item: String,
    /// The dispatch by which the item came, or went.
    pub dispatch: String,
    /// The other node.
    pub node: String,
    /// Who is to read, on the roll of the holder's node.
    pub person: String,
    /// For what use, for whoever handles items.
    pub purpose: String,
    /// Whether this node asked.
    pub own: bool,
    /// Whether it was opened under an earlier consent, without asking.
    pub without_asking: bool,
    /// When it was recorded here.
    pub at: String,
    /// It is good until then.
    pub until: String,
    /// `waits`, `consented`, `recalled`, `expired`, `refused by rule`, `refused by a person` or `noted`.
    pub state: String,
}
