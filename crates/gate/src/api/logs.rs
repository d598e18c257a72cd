//! How the logs stand.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// This node's log and the partners'.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Logs {
    /// The name of this node's log.
    pub origin: String,
    /// The size of the checkpoint published last; 0 before the first.
    pub published: u64,
    /// When that was; absent where it was before the node's start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<String>,
    /// How many seconds ago that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<u64>,
    /// Digest of the proof that this node's own log signed two histories, where one was handed over here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// When that was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forked_at: Option<String>,
    /// The partners.
    pub partners: Vec<PartnerLog>,
    /// Witnesses of this node's log that are no partners.
    pub witnesses: Vec<OutsideWitness>,
}

/// A witness of this node's log that is no partner.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OutsideWitness {
    /// The name that its cosignatures bear.
    pub name: String,
    /// The size of this node's log that it cosigned last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cosigned: Option<u64>,
    /// When it did, by its own clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cosigned_at: Option<String>,
    /// The time of the first published entry that it did not cosign; absent where it cosigned all, or is not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncosigned_since: Option<String>,
    /// Whether that lasts for longer than the agreement allows.
    pub is_overdue: bool,
}

/// A partner as a witness of this node's log, and its own log, which this node witnesses.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PartnerLog {
    /// The partner's node.
    pub node: String,
    /// Whether its card names keys of a witness.
    pub is_witness: bool,
    /// The size of this node's log that it cosigned last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cosigned: Option<u64>,
    /// When it did, by its own clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cosigned_at: Option<String>,
    /// The time of the first published entry that it did not cosign; absent where it cosigned all, or is not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncosigned_since: Option<String>,
    /// Whether that lasts for longer than the agreement allows.
    pub is_overdue: bool,
    /// The name of its log.
    pub origin: String,
    /// The size of its log that this node cosigned last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<u64>,
    /// The root that it had then, in hexadecimal: what its people need where they brought their node back from a backup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_root: Option<String>,
    /// `sound`; or `stopped`, since its log showed two histories and nobody decided; `refused`; `believed` again.
    pub state: String,
    /// Digest of the proof that its log showed two histories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// When that was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forked_at: Option<String>,
    /// That its log lost entries and goes on under a new origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub succession: Option<LogSuccession>,
}

/// A partner's log that lost entries and goes on under a new origin.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LogSuccession {
    /// The new origin.
    pub origin: String,
    /// How many entries are left.
    pub kept: u64,
    /// How many this node had cosigned of the log before; 0 where it never saw it.
    pub cosigned: u64,
    /// The time of the last entry that is left, by the partner's clock.
    pub since: String,
    /// How the entries were lost, in the partner's words.
    pub reason: String,
    /// Digest of the signed statement.
    pub statement: String,
    /// `open`: nothing of that log is accepted until the agreement office decides; `accepted` or `refused`.
    pub state: String,
    /// What the partner says that this node had cosigned, where that is more than it knows of: it was itself brought back from a
    /// backup, or that is not so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<ComparedLog>,
}

/// The proof that a partner's log showed two histories, to be handed on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ForkFile {
    /// The partner's node.
    pub node: String,
    /// The file, of the form `attache/fork/v1`.
    pub file: String,
    /// The verifier keys of the log, as the partner's accepted card names them.
    pub log_keys: Vec<String>,
}

/// A checkpoint of a partner's log that came by another way, such as from another witness.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ShownCheckpoint {
    /// The signed note.
    pub note: String,
}

/// A proof that a log signed two histories, which somebody else made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ShownFork {
    /// The file, of the form `attache/fork/v1`: two checkpoints of one size with two roots, both signed by that log.
    pub file: String,
}

/// How a checkpoint of a partner's log, or a proof that it signed two histories, stands to what this node saw of that log as its witness.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ComparedCheckpoint {
    /// The partner's node.
    pub node: String,
    /// The size that the checkpoint names, or both.
    pub size: u64,
    /// `same`: the head that was seen here at that size. `unseen`: no head of that size was seen here, so nothing is known.
    /// `forked`: it contradicts what was seen here; that is on record now, with the proof, and the log is stopped. `stopped`: it
    /// contradicts that, and a proof of two histories was on record before. Of a proof that was handed over also `believed`: that very
    /// proof was on record before, and the agreement office decided to believe the log again; and `own`: it is about this node's own
    /// log, and on record, now or since before.
    pub outcome: String,
}

/// A decision on a log that showed two histories, or lost entries and goes on under a new origin.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LogDecision {
    /// Whether it is believed again, from whatever it shows next, or followed under its new origin.
    pub believe: bool,
    /// What the decision rests on: a document of the partner.
    pub basis: String,
    /// Where the partner says that this node had cosigned more than it knows of: a checkpoint of the log that ended with a cosignature of
    /// this node, or of a witness outside that it knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cosigned: Option<String>,
    /// The same where nobody has such a checkpoint: what people know by another way that this node had cosigned last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<ComparedLog>,
}

/// The size and root of a log.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ComparedLog {
    /// The size.
    pub size: u64,
    /// The root, in hexadecimal.
    pub root: String,
}
