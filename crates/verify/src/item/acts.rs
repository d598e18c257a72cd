//! The acts of an item: each is what its leaf commits to, the leaf stands under the checkpoint, and all are about the same item.
//!
//! *Absent:* what they cite.

use crate::cards::Known;
use crate::folder::Folder;
use crate::held::Told;
use crate::report::Findings;
use crate::rulings::{self, Packs};
use attache_accord::act::{Act, Entry};
use attache_accord::life::Life;
use attache_accord::{ItemId, NodeName};
use attache_tlog::{Checkpoint, Hash, LEAF_BYTES, MAX_PROOF_HASHES, leaf_hash, verify_inclusion};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most acts of one item at one node.
pub const MAX_ACTS: usize = 65_536;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenedAct {
    index: u64,
    leaf: String,
    proof: Vec<String>,
    salt: String,
    event: String,
    question: Option<String>,
}

/// The acts of one node that hold, in the order of its log.
pub(crate) fn check(
    folder: &Folder,
    known: &Known,
    checkpoint: &Checkpoint,
    findings: &mut Findings,
) -> Vec<Told> {
    let node = known.node.as_str();
    let path = format!("{node}/acts");
    let names = match folder.names(&path, MAX_ACTS) {
        Ok(names) => names,
        Err(why) => {
            findings.failed("V-020", node, Some(path), why);
            return Vec::new();
        }
    };
    let is_empty = names.is_empty();
    let mut acts = Vec::new();
    for name in names {
        let place = format!("{path}/{name}");
        match read(folder, &name, &place, (known, checkpoint)) {
            Ok(told) => {
                findings.proved("V-020", node, Some(place));
                acts.push(told);
            }
            Err(why) => findings.failed("V-020", node, Some(place), why),
        }
    }
    acts.sort_by_key(|told| told.index);
    match is_one_life(&acts) {
        // What its node has not published yet: a bundle of right after the item came.
        Err(_) if is_empty => {
            findings.not_shown("V-021", node, None, "no act of the item is under the checkpoint")
        }
        Ok(()) => findings.proved("V-021", node, None),
        Err(why) => findings.failed("V-021", node, None, why),
    }
    acts
}

fn read(
    folder: &Folder,
    name: &str,
    place: &str,
    (known, checkpoint): (&Known, &Checkpoint),
) -> Result<Told, String> {
    let file: OpenedAct = folder.json(place)?;
    if name != format!("{}.json", file.index) {
        return Err("its index is not its name".to_owned());
    }
    opened(&file, known, checkpoint)
}

/// An act that is what its leaf commits to, under the checkpoint.
pub(super) fn opened(file: &OpenedAct, known: &Known, checkpoint: &Checkpoint) -> Result<Told, String> {
    let entry = rulings::bytes(&file.leaf, "leaf")?;
    if entry.len() != LEAF_BYTES || file.proof.len() > MAX_PROOF_HASHES {
        return Err("its leaf or its proof has another length".to_owned());
    }
    let hashes = hashes(&file.proof);
    let leaf = leaf_hash(&entry);
    verify_inclusion(&leaf, file.index, checkpoint.size, &hashes?, &checkpoint.root)
        .map_err(|error| error.to_string())?;
    let Entry { at, act, .. } = rulings::entry(known, (file.index, &entry), &file.salt, &file.event)?;
    let question = rulings::question(file.question.as_deref())?;
    if question.is_some() && !matches!(act, Act::Ruled { .. }) {
        return Err("a question beside an act that is no ruling".to_owned());
    }
    Ok(Told { index: file.index, at, act, leaf, question })
}

pub(super) fn hashes(proof: &[String]) -> Result<Vec<Hash>, String> {
    proof.iter().map(|hash| thirty_two(hash).map(Hash)).collect()
}

fn thirty_two(hex: &str) -> Result<[u8; 32], String> {
    let bytes = HEXLOWER.decode(hex.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| "a hash or a salt is not 32 bytes".to_owned())
}

/// That all acts are of the life of one item, which begins here by being added or admitted.
fn is_one_life(acts: &[Told]) -> Result<(), String> {
    let begun = acts.iter().filter_map(|told| match &told.act {
        Act::ItemAdded { item, .. } | Act::Admitted { item, .. } => Some(*item),
        _ => None,
    });
    let items: BTreeSet<ItemId> = begun.collect();
    let mut items = items.into_iter();
    let (Some(item), None) = (items.next(), items.next()) else {
        return Err("the act that begins the item's life here is missing, or there are several".to_owned());
    };
    let mut life = Life::new(item);
    acts.iter().for_each(|told| life.learn(&told.act));
    match acts.iter().find(|told| !life.has(&told.act)) {
        None => Ok(()),
        Some(other) => Err(format!("act {} is not about this item", other.index)),
    }
}

/// Asks each ruling again; how many came out the same.
pub(crate) fn ask_again(node: &NodeName, acts: &[Told], packs: &Packs, findings: &mut Findings) -> u64 {
    let mut same = 0;
    for told in acts {
        let Act::Ruled { ruling, by, .. } = &told.act else { continue };
        let place = format!("{node}/acts/{}.json", told.index);
        let again = rulings::Opened::new(ruling.clone(), by.clone(), told.question.clone());
        same += u64::from(again.told(node.as_str(), place, packs, findings));
    }
    same
}
