//! Cosigned checkpoints in the evidence of one item: each is signed by its log, and the published tree, under which the acts are, continues it.
//!
//! *Absent:* witnesses whose card is not here and whom the reader does not name: a folder about one item need not know them.

use super::Part;
use super::acts;
use super::papers::Parts;
use crate::cosigned::{CosignedLog, Shown, tell};
use crate::folder::Folder;
use crate::leaves;
use crate::report::Findings;
use crate::witnesses::{cosigned_with, places, read};
use crate::{Trust, cards::Known};
use attache_tlog::{Checkpoint, MAX_PROOF_HASHES, verify_consistency};
use std::cell::LazyCell;

/// Tells of each log whether it is cosigned, where a folder shows that or the reader demands it.
pub(super) fn check(
    folder: &Folder,
    parts: &Parts,
    trust: &Trust,
    findings: &mut Findings,
) -> Vec<CosignedLog> {
    let mut logs = Vec::new();
    for (name, part) in parts {
        let mut shown = Shown::default();
        let published =
            LazyCell::new(|| leaves::checkpoint(folder, &part.known, &format!("{name}/checkpoint")));
        for place in places(folder, name, findings) {
            match one(folder, &place, (part, &*published), parts, trust) {
                Ok((size, by)) => {
                    for witness in &by {
                        findings.proved("V-014", name.as_str(), Some(format!("{place}, {witness}")));
                    }
                    shown.add(size, by);
                }
                Err(why) => findings.failed("V-014", name.as_str(), Some(place), why),
            }
        }
        // An item that was never exchanged brings no partner's card: nobody is known here who could have cosigned.
        if trust.must_be_cosigned || !shown.is_empty() {
            logs.push(tell(name, (part.size, shown), all(parts), trust, findings));
        }
    }
    logs
}

fn all(parts: &Parts) -> impl Iterator<Item = &Known> {
    parts.values().flat_map(|part| std::iter::once(&part.known).chain(&part.partners))
}

/// The size of a cosigned tree that the published one continues, and who cosigned that.
fn one(
    folder: &Folder,
    place: &str,
    (part, published): (&Part, &Result<Checkpoint, String>),
    parts: &Parts,
    trust: &Trust,
) -> Result<(u64, Vec<String>), String> {
    let (note, cosigned) = read(folder, place, &part.known)?;
    let Checkpoint { size, root, .. } = published.as_ref().map_err(String::clone)?;
    let grown: Vec<String> = folder.json(&format!("{}/grown/{}.json", part.known.node, cosigned.size))?;
    if grown.len() > MAX_PROOF_HASHES {
        return Err("its proof has another length".to_owned());
    }
    verify_consistency(cosigned.size, *size, &cosigned.root, root, &acts::hashes(&grown)?)
        .map_err(|_| "witnesses cosigned another history than the one that is here".to_owned())?;
    let (by, _) = cosigned_with(&note, &part.known, all(parts), &trust.witnesses)?;
    Ok((cosigned.size, by))
}
