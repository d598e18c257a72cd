//! Letters by way of a hub that carries them without reading.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A letter that this node wrote, carried or was sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Letter {
    /// Its number.
    pub letter: String,
    /// Who wrote it.
    pub from: String,
    /// For whom.
    pub to: String,
    /// The length of its sealed container in bytes, which is padded.
    pub size: u64,
    /// `owed`, `passed`, `arrived` or `refused`.
    pub state: String,
    /// The code with which it was refused or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// When it was recorded here, or given on.
    pub at: String,
    /// When it must be at its recipient.
    pub due: String,
    /// The node that brought it here; absent at its sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// The node that gets it from here; absent at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Digest of the signed waybill.
    pub waybill: String,
    /// At a hub that was given a share of a key beside it: `lent`, or `stopped` by its people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<String>,
    /// What the hubs signed of it.
    pub hops: Vec<HopReceipt>,
    /// What it is about, where this node can know that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Matter>,
}

/// What a hub signed of a letter.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HopReceipt {
    /// Digest of the signed hop receipt.
    pub digest: String,
    /// The hub.
    pub hub: String,
    /// The code with which it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The log that the leaf is in by which the hub recorded the letter.
    pub log: String,
    /// The index of that leaf.
    pub leaf: u64,
}

/// What a letter is about.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Matter {
    /// `package`, `receipt`, `proof`, `notice`, `opening`, `answer`, or `declined` for what this node did not take.
    pub kind: String,
    /// The dispatch, or for a notice the statement, for an answer the letter.
    pub id: String,
}
