//! The log: the checkpoint, all its leaves, and what is opened of them.
//!
//! *Absent:* proofs of inclusion. All leaves are here, so the tree itself is computed again.

use crate::cards::Known;
use crate::folder::{Folder, MAX_BUNDLES, in_one_form};
use crate::report::Findings;
use attache_tlog::{
    Checkpoint, Frontier, OpenedField, Origin, TILE_WIDTH, leaf_hash, open_checkpoint, parse_bundle,
};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Field 0 names the act; field 11 is hexadecimal.
const FIELD_ACT: u8 = 0;
const FIELD_PAIR: u8 = 11;
/// Most fields of a leaf.
const FIELDS: usize = 16;

/// A leaf with what is opened of it.
pub(crate) struct Leaf {
    pub(crate) hash: [u8; 32],
    /// The 528 bytes.
    pub(crate) entry: Vec<u8>,
    /// By their numbers, each once.
    fields: Vec<(u8, String)>,
}

impl Leaf {
    pub(crate) fn act(&self) -> &str {
        self.field(FIELD_ACT).unwrap_or_default()
    }

    #[cfg(test)]
    pub(crate) fn sample(fields: Vec<(u8, String)>) -> Self {
        Self { hash: [0; 32], entry: Vec::new(), fields }
    }

    pub(crate) fn pair(&self) -> &str {
        self.field(FIELD_PAIR).unwrap_or_default()
    }

    /// A field, if it is opened.
    pub(crate) fn field(&self, number: u8) -> Option<&str> {
        self.fields.iter().find(|(known, _)| *known == number).map(|(_, value)| value.as_str())
    }
}

/// A log that was checked.
pub(crate) struct Log {
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) fields: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenedLeaf<'b> {
    index: u64,
    #[serde(borrow)]
    fields: Vec<OpenedValue<'b>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenedValue<'b> {
    field: u8,
    #[serde(borrow)]
    salt: Cow<'b, str>,
    #[serde(borrow)]
    value: Cow<'b, str>,
}

/// The checkpoint that a log published, if it holds.
pub(crate) fn published(folder: &Folder, known: &Known, findings: &mut Findings) -> Option<Checkpoint> {
    let place = format!("{}/checkpoint", known.node);
    match checkpoint(folder, known, &place) {
        Ok(checkpoint) => {
            findings.proved("V-004", known.node.as_str(), Some(place));
            Some(checkpoint)
        }
        Err(why) => {
            findings.failed("V-004", known.node.as_str(), Some(place), why);
            None
        }
    }
}

pub(crate) fn check(folder: &Folder, known: &Known, findings: &mut Findings) -> Option<Log> {
    let node = known.node.as_str();
    let checkpoint = published(folder, known, findings)?;
    let (mut leaves, is_whole) = match entries(folder, node, &checkpoint) {
        Ok(read) => read,
        Err(why) => {
            findings.failed("V-005", node, None, why);
            return None;
        }
    };
    let opened = opened(folder, node, &checkpoint.origin, &mut leaves);
    if !is_whole {
        let why = "the tree of these leaves is not the checkpoint's: one was altered, added or left out";
        // Which one the tree cannot tell; the values that are opened of it may.
        let which = opened.err().map(|which| format!("; {which}")).unwrap_or_default();
        findings.failed("V-005", node, None, format!("{why}{which}"));
        return None;
    }
    findings.proved("V-005", node, None);
    match opened {
        Ok(fields) => {
            findings.proved("V-006", node, None);
            Some(Log { leaves, fields })
        }
        Err(why) => {
            findings.failed("V-006", node, None, why);
            None
        }
    }
}

pub(crate) fn checkpoint(folder: &Folder, known: &Known, place: &str) -> Result<Checkpoint, String> {
    let note = String::from_utf8(folder.bytes(place)?).map_err(|_| "not UTF-8".to_owned())?;
    if known.log_keys.len() < 2 {
        return Err("the card names fewer than two log keys".to_owned());
    }
    let checkpoint = open_checkpoint(&note, &known.log_keys).map_err(|error| error.to_string())?;
    if checkpoint.origin.as_str() != known.card.log_origin {
        return Err("the checkpoint is another log's".to_owned());
    }
    // A note may carry lines that no known key made; in evidence nothing stands that nobody vouches for.
    let lines = note.lines().filter(|line| line.starts_with('\u{2014}')).count();
    if lines != known.log_keys.len() || !note.ends_with('\n') {
        return Err("the checkpoint carries other signatures than its log's".to_owned());
    }
    Ok(checkpoint)
}

/// All leaves, with nothing opened of them, and whether their tree is the checkpoint's.
fn entries(folder: &Folder, node: &str, checkpoint: &Checkpoint) -> Result<(Vec<Leaf>, bool), String> {
    let names = folder.names(&format!("{node}/entries"), MAX_BUNDLES)?;
    let bundles = checkpoint.size.div_ceil(u64::from(TILE_WIDTH));
    if names.len() as u64 != bundles {
        return Err(format!("{} bundles of leaves where the checkpoint has {bundles}", names.len()));
    }
    let mut frontier = Frontier::new();
    let mut leaves = Vec::new();
    for number in 0..bundles {
        let place = format!("{node}/entries/{number:06}");
        let bytes = folder.bytes(&place)?;
        let bundle = parse_bundle(&bytes).map_err(|error| format!("{place}: {error}"))?;
        for entry in bundle {
            let hash = leaf_hash(entry);
            frontier.append(hash);
            leaves.push(Leaf { hash: hash.0, entry: entry.to_vec(), fields: Vec::new() });
        }
    }
    let is_whole = frontier.size() == checkpoint.size && frontier.root() == checkpoint.root;
    Ok((leaves, is_whole))
}

/// Notes with each leaf what is opened of it, and gives the number of fields.
fn opened(folder: &Folder, node: &str, origin: &Origin, leaves: &mut [Leaf]) -> Result<u64, String> {
    let (mut next, mut fields) = (0, 0);
    for number in 0..leaves.len().div_ceil(usize::from(TILE_WIDTH)) {
        let place = format!("{node}/opened/{number:06}.json");
        let bytes = folder.bytes(&place)?;
        for opened in in_one_form::<Vec<OpenedLeaf<'_>>>(&bytes, &place)? {
            if opened.index != next as u64 {
                return Err(format!("{place}: leaf {next} is not opened"));
            }
            let leaf = leaves.get_mut(next).ok_or_else(|| format!("{place}: more leaves than there are"))?;
            leaf.fields = verified(opened, origin, &leaf.entry)
                .map_err(|why| format!("{place}: leaf {next}: {why}"))?;
            fields += leaf.fields.len() as u64;
            next += 1;
        }
    }
    if next == leaves.len() { Ok(fields) } else { Err(format!("leaf {next} is not opened")) }
}

fn verified(leaf: OpenedLeaf<'_>, origin: &Origin, entry: &[u8]) -> Result<Vec<(u8, String)>, String> {
    if leaf.fields.len() > FIELDS {
        return Err("more fields than a leaf has".to_owned());
    }
    let mut fields: Vec<(u8, String)> = Vec::with_capacity(leaf.fields.len());
    for opened in leaf.fields {
        let salt = HEXLOWER.decode(opened.salt.as_bytes()).ok().and_then(|salt| salt.try_into().ok());
        let value = match opened.field {
            FIELD_PAIR => {
                HEXLOWER.decode(opened.value.as_bytes()).map_err(|_| "field 11 is not hexadecimal")?
            }
            _ => opened.value.as_bytes().to_vec(),
        };
        let field = OpenedField { field: opened.field, salt: salt.ok_or("a salt is not 32 bytes")?, value };
        field.verify(origin, leaf.index, entry).map_err(|error| error.to_string())?;
        if fields.iter().any(|(known, _)| *known == opened.field) {
            return Err(format!("field {} is opened twice", opened.field));
        }
        fields.push((opened.field, opened.value.into_owned()));
    }
    match fields.iter().find(|(number, _)| *number == FIELD_ACT) {
        Some((_, act)) if !act.is_empty() => Ok(fields),
        _ => Err("the act is not opened".to_owned()),
    }
}
