//! What is on record: the node, the register, receipts and evidence.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The node.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeFacts {
    /// Its name.
    pub node: String,
    /// Its Party.
    pub party: String,
    /// `live`, `exercise` or `demo`.
    pub network: String,
    /// The agreement.
    pub agreement: String,
    /// Digest of the rule pack.
    pub pack: String,
    /// Version of the rule pack.
    pub pack_version: String,
    /// The origin line of its log.
    pub log_origin: String,
    /// Entries in the journal.
    pub entries: u64,
    /// Size of the log at its last published checkpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<u64>,
    /// Version of the software.
    pub version: String,
}

/// A later movement of a registered item.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Moved {
    /// When.
    pub at: String,
    /// `sent`, `receipted`, `opened`, `copied`, `copy returned`, `destruction signed`, `destroyed`, `destroyed there` and so on.
    pub movement: String,
    /// The dispatch, the person, or what the movement names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
}

/// One entry of the register.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Registered {
    /// Control number (out) or register number (in).
    pub number: String,
    /// `out` or `in`.
    pub direction: String,
    /// The item on this node.
    pub item: String,
    /// The partner's node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// The originator's level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The own level, where it was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_level: Option<String>,
    /// The kind of information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// When it was entered.
    pub entered_at: String,
    /// Index of the entry in the journal.
    pub index: u64,
    /// What happened since.
    pub movements: Vec<Moved>,
    /// Its copies and translations on this node.
    pub copies: Vec<super::Copy>,
    /// How they balance.
    pub balance: super::Balance,
    /// Whether it is destroyed here.
    pub destroyed: bool,
}

/// A receipt.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceiptFacts {
    /// The dispatch.
    pub dispatch: String,
    /// `received` from a partner for what we sent, or `given` by us.
    pub direction: String,
    /// Who signed it.
    pub signer: String,
    /// The number under which the dispatch is registered here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// `admitted` or `refused`.
    pub outcome: String,
    /// Digest of the signed package that it answers.
    pub package: String,
    /// The receiver's log.
    pub log_origin: String,
    /// Index of the admission in that log.
    pub leaf_index: u64,
    /// Hash of its leaf.
    pub leaf_hash: String,
    /// When inclusion under a published checkpoint is to be proved.
    pub proof_due: String,
    /// How that promise stands: `waits`, `broken`, `proved` or `proved late` for one received; `owed` or `proved` for one given.
    pub promise: String,
    /// Base64 of the proof that was received, a C2SP tlog-proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// When it was signed, as its signer says.
    pub signed_at: String,
    /// Whether the other side has it.
    pub delivered: bool,
    /// Base64 of the signer's card of that day, where it is still believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// Base64 of the signed receipt.
    pub statement: String,
    /// Base64 of the signed package.
    pub package_statement: String,
}

/// One file of the evidence, on a line of its own.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EvidenceFile {
    /// Where it goes in the folder.
    pub path: String,
    /// Its bytes in base64.
    pub base64: String,
}
