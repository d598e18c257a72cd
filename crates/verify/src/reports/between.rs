//! Between which checkpoints that others cosigned a report's leaves stand. A witness learns a size and a root and goes by its own
//! clock; so what lies between two cosigned sizes was recorded between two times that the node alone does not say.
//!
//! *Absent:* witnesses whom no card here names and the reader does not know. Their word is not shown.

use super::found;
use crate::Trust;
use crate::cards::{self, Known};
use crate::folder::Folder;
use crate::report::Findings;
use crate::witnesses::{cosigned_with, read};
use attache_tlog::{Checkpoint, SignedNote};

/// The cards that may name witnesses: those of partners that this node brings along.
pub(super) fn witnesses(folder: &Folder, node: &str, trust: &Trust, findings: &mut Findings) -> Vec<Known> {
    let path = format!("{node}/partners");
    match folder.names(&path, cards::MAX_CARDS) {
        Ok(names) => {
            let places = names.iter().map(|name| format!("{path}/{name}"));
            places.filter_map(|place| cards::partner(folder, &place, trust, findings)).collect()
        }
        Err(why) => {
            findings.failed("V-002", node, Some(path), why);
            Vec::new()
        }
    }
}

/// What is believed of the ends of a report.
pub(super) struct Ends {
    pub(super) checkpoint: Checkpoint,
    published: SignedNote,
    /// The cosigned checkpoint before the days; none where the report begins with the log, or nobody cosigned it.
    before: Option<(SignedNote, Checkpoint)>,
}

impl Ends {
    /// The published checkpoint, and the one before the days where the folder has one.
    pub(super) fn read(folder: &Folder, known: &Known, findings: &mut Findings) -> Option<Self> {
        let node = known.node.as_str();
        let place = format!("{node}/checkpoint");
        let published = match known.log_keys.len() {
            0 | 1 => Err("the card names fewer than two log keys".to_owned()),
            _ => read(folder, &place, known),
        };
        let (published, checkpoint) = found(findings, "V-004", node, Some(place), published)?;
        let place = format!("{node}/before");
        let before = match folder.has(&place) {
            true => Some(found(findings, "V-004", node, Some(place.clone()), read(folder, &place, known))?),
            false => None,
        };
        Some(Self { checkpoint, published, before })
    }

    pub(super) fn before(&self) -> Option<&Checkpoint> {
        self.before.as_ref().map(|(_, checkpoint)| checkpoint)
    }

    /// Says of both who cosigned them. `from` is where the leaves begin of which anything is opened.
    pub(super) fn check(
        &self,
        known: &Known,
        (witnesses, trust): (&[Known], &Trust),
        from: u64,
        findings: &mut Findings,
    ) {
        let node = known.node.as_str();
        match &self.before {
            Some((note, _)) => cosigned(known, (witnesses, trust), note, "before", findings),
            // The empty tree needs no witness.
            None if from == 0 => {}
            None => {
                let why = "no witness cosigned the log before these days: that none of their leaves stands further before is the \
                           node's word";
                findings.not_shown("V-052", node, None, why);
            }
        }
        cosigned(known, (witnesses, trust), &self.published, "checkpoint", findings);
    }
}

fn cosigned(
    known: &Known,
    (witnesses, trust): (&[Known], &Trust),
    note: &SignedNote,
    name: &str,
    findings: &mut Findings,
) {
    let node = known.node.as_str();
    let place = format!("{node}/{name}");
    match cosigned_with(note, known, witnesses.iter(), &trust.witnesses) {
        Ok((named, _)) if !named.is_empty() => {
            for witness in named {
                findings.proved("V-052", node, Some(format!("{place}, {witness}")));
            }
        }
        Ok((_, strangers)) => {
            for stranger in strangers {
                let why = "cosigned by a witness whose card is not in this folder";
                findings.not_shown("V-052", node, Some(format!("{place}, {stranger}")), why);
            }
        }
        Err(_) => {
            let why = "no witness cosigned it: that its log has no other history is the node's word";
            findings.not_shown("V-052", node, Some(place), why);
        }
    }
}
