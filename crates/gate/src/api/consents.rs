//! What originators and holders say to each other about what is approved of an item.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One word about an item, as it was signed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Consent {
    /// Digest of the signed statement.
    pub digest: String,
    /// `asked`, `given`, `withdrawn` or `declined`.
    pub step: String,
    /// The item's digest, the same at both nodes.
    pub item_digest: String,
    /// The item on this node, where it is here.
    pub item: Option<String>,
    /// What is asked for or approved: `third-party=USA`, `purpose=training` or `downgrade=KOR:III`.
    pub what: Option<String>,
    /// The request or approval that this one ends.
    pub ends: Option<String>,
    /// When the approval lapses.
    pub until: Option<String>,
    /// When it was withdrawn or declined.
    pub ended: Option<String>,
    /// Whether it is an approval on which something may rest now.
    pub holds: bool,
    /// The written document.
    pub document: String,
    /// Conditions or reason, for whoever handles items.
    pub words: String,
    /// The Party that says it.
    pub party: String,
    /// The other node.
    pub node: String,
    /// Whether this node's people said it.
    pub own: bool,
    /// Whether the other node has it; absent for what came from there.
    pub delivered: Option<bool>,
    /// When it was signed, as its signer says.
    pub signed_at: String,
    /// Who signed it, for an own word.
    pub by: Option<String>,
    /// Base64 of the signed statement.
    pub statement: String,
}
