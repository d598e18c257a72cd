//! The report: what is proved, what failed, and what this folder alone cannot show.
//!
//! *Absent:* a verdict by majority. One failure is a failure.

use crate::cosigned::CosignedLog;
use crate::item::Life;
use attache_release::Sheet;
use serde::Serialize;

/// How one check came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "why")]
pub enum Outcome {
    /// It holds.
    Proved,
    /// It does not hold.
    Failed(String),
    /// This folder does not show it.
    NotShown(String),
    /// A log lost what would show it, which is told by a succession that holds.
    Lost(String),
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check's stable code, `V-001` and on.
    pub check: &'static str,
    /// The node, or empty for the folder as a whole.
    pub node: String,
    /// The file, the leaf or the statement.
    pub place: Option<String>,
    /// How it came out.
    pub outcome: Outcome,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Leaves of all logs.
    pub leaves: u64,
    /// Opened fields.
    pub fields: u64,
    /// Packages.
    pub packages: u64,
    /// Receipts.
    pub receipts: u64,
    /// Proofs of receipts' leaves.
    pub proofs: u64,
    /// Rulings that came out the same when they were asked again.
    pub rulings: u64,
}

/// All findings in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every check holds.
    Proved,
    /// At least one check failed.
    Failed,
    /// Nothing failed, and something is not shown.
    Incomplete,
}

/// What came of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// All findings in one word.
    pub verdict: Verdict,
    /// How much was looked at.
    pub counts: Counts,
    /// Each check.
    pub findings: Vec<Finding>,
    /// Of evidence of one item, its life as far as it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub life: Option<Life>,
    /// Of evidence of whole logs, who cosigned each of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<CosignedLog>,
    /// Of reports, who cosigned what the public is told, as far as it holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cosigned: Vec<Cosigner>,
    /// Of what the public is told, the figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<Sheet>,
}

/// An inspector who cosigned what the public is told of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cosigner {
    /// The node whose report it is.
    pub node: String,
    /// The inspector, by pseudonym.
    pub by: String,
    /// When, as the inspector says.
    pub at: String,
    /// The fingerprint of the inspector's key.
    pub key: String,
}

/// What a check shows.
pub(crate) fn meaning(check: &str) -> &'static str {
    match check {
        "V-001" => "the folder has its form and nothing beside it",
        "V-002" => "the card is signed by its Party root, for this network, agreement and rule pack",
        "V-003" => "the card is the one whose fingerprint was compared",
        "V-004" => "the checkpoint is signed by both keys of the log",
        "V-005" => "the leaves are those of the checkpoint, all of them",
        "V-006" => "what is opened of each leaf is what was committed to, and no act is left out",
        "V-007" => "each package is signed by its sender and recorded in the sender's log",
        "V-008" => "each receipt is signed by the receiver and names a package and an admission in its log",
        "V-009" => "what one log says was sent, the other says was received",
        "V-014" => "the checkpoint that witnesses cosigned is of the log's past",
        "V-030" => "the log is cosigned by a witness that this folder or its reader knows",
        "V-015" => "no log showed two histories, as far as anyone here proves",
        "V-016" => "each destruction is signed by two people, the second over what the first signed",
        "V-078" => {
            "each leaf that speaks of a destruction or a passage has its act here, and what was signed"
        }
        "V-076" => {
            "each checkpoint that the reader has from elsewhere is of the past of the log that is here"
        }
        "V-017" => {
            "each log that lost entries goes on from what is left of it, and a person answers for the loss"
        }
        "V-018" => "what a witness had cosigned of a log that ended is what its succession says",
        "V-019" => {
            "each log that lost entries says so at that place, and what was left is the beginning of its tree"
        }
        "V-020" => "each act is what its leaf commits to, and the leaf is under the checkpoint",
        "V-021" => "all acts are of the life of one item",
        "V-012" => {
            "each ruling that is handed out comes out the same by the rule pack of its day, and none is left out"
        }
        "V-013" => "each rule pack is the one that its name says",
        "V-011" => {
            "each proof shows a receipt's leaf under a checkpoint that is in the past of the receiver's log"
        }
        "V-010" => "each statement is the one that its name says",
        "V-060" => "what was passed on rests on its originator's approval, for this hub and this Party",
        "V-061" => "the recipient was shown the originator's package, and the hub's receipt for it",
        "V-062" => "what the hub told its originator is what it signed, with the recipient's own receipt",
        "V-063" => "each letter's waybill is signed by its sender and recorded in the sender's log",
        "V-064" => "each hop receipt is signed by a hub and says what the hub's log says of that letter",
        "V-065" => "each letter that was given to a hub is acknowledged by it and came to its recipient",
        "V-070" => "what a holder asked its originator to open, and was answered, both logs say alike",
        "V-071" => {
            "each request to open and each answer is signed by its node, as the logs say, on a ruling that permits it"
        }
        _ => crate::reports::meaning(check).unwrap_or_default(),
    }
}

/// Findings as they gather.
#[derive(Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn proved(&mut self, check: &'static str, node: &str, place: Option<String>) {
        self.add(check, node, place, Outcome::Proved);
    }

    pub(crate) fn failed(
        &mut self,
        check: &'static str,
        node: &str,
        place: Option<String>,
        why: impl ToString,
    ) {
        self.add(check, node, place, Outcome::Failed(why.to_string()));
    }

    pub(crate) fn not_shown(&mut self, check: &'static str, node: &str, place: Option<String>, why: &str) {
        self.add(check, node, place, Outcome::NotShown(why.to_owned()));
    }

    pub(crate) fn lost(&mut self, check: &'static str, node: &str, place: Option<String>, why: &str) {
        self.add(check, node, place, Outcome::Lost(why.to_owned()));
    }

    fn add(&mut self, check: &'static str, node: &str, place: Option<String>, outcome: Outcome) {
        self.0.push(Finding { check, node: node.to_owned(), place, outcome });
    }

    /// Notes what is asked again wherever one card lies in a folder several times.
    pub(crate) fn once(&mut self, check: &'static str, node: &str, outcome: Outcome) {
        let finding = Finding { check, node: node.to_owned(), place: None, outcome };
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }

    /// Takes up those of a part that was checked by itself.
    pub(crate) fn append(&mut self, Self(mut part): Self) {
        self.0.append(&mut part);
    }

    /// How many there are so far.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn into_report(self, counts: Counts) -> Report {
        let any = |is: fn(&Outcome) -> bool| self.0.iter().any(|finding| is(&finding.outcome));
        let verdict = if any(|outcome| matches!(outcome, Outcome::Failed(_))) {
            Verdict::Failed
        } else if any(|outcome| matches!(outcome, Outcome::NotShown(_))) || self.0.is_empty() {
            Verdict::Incomplete
        } else {
            Verdict::Proved
        };
        Report {
            verdict,
            counts,
            findings: self.0,
            life: None,
            logs: Vec::new(),
            cosigned: Vec::new(),
            figures: None,
        }
    }
}
