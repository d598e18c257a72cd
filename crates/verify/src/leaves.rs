//! The log: the checkpoint, all its leaves, and what is opened of them.
//!
//! *Absent:* proofs of inclusion. All leaves are here, so the tree itself is computed again.

use crate::cards::Known;
use crate::folder::{Folder, MAX_BUNDLES};
use crate::opened::{OpenedValue, OtherForm, each_leaf};
use crate::report::Findings;
use attache_tlog::{
    Checkpoint, Frontier, Origin, TILE_WIDTH, leaf_hash, open_checkpoint, parse_bundle, verify_opened,
};
use data_encoding::HEXLOWER;

/// Field 0 names the act; field 11 is hexadecimal.
const FIELD_ACT: u8 = 0;
const FIELD_PAIR: u8 = 11;
/// Most fields of a leaf.
const FIELDS: usize = 16;

/// A leaf with what is opened of it: a log has many, so each takes one piece of memory beside its place.
pub(crate) struct Leaf {
    pub(crate) hash: [u8; 32],
    /// The values one behind the other.
    text: Box<str>,
    /// Where in it each field is; none where it is not opened.
    places: [Option<Place>; FIELDS],
}

/// Where a value begins, and how long it is.
type Place = (u16, u16);

impl Leaf {
    fn of(hash: [u8; 32]) -> Self {
        Self { hash, text: Box::default(), places: [None; FIELDS] }
    }

    pub(crate) fn act(&self) -> &str {
        self.field(FIELD_ACT).unwrap_or_default()
    }

    #[cfg(test)]
    pub(crate) fn sample(fields: Vec<(u8, String)>) -> Self {
        let mut leaf = Self::of([0; 32]);
        let values: Vec<_> = fields.iter().map(|(field, value)| (*field, value.as_str())).collect();
        leaf.note(&values).unwrap();
        leaf
    }

    /// Notes what is opened of it.
    fn note(&mut self, fields: &[(u8, &str)]) -> Result<(), &'static str> {
        let mut text = String::with_capacity(fields.iter().map(|(_, value)| value.len()).sum());
        for (field, value) in fields {
            let too_long = |_| "a leaf opens more than 65535 bytes";
            let start = u16::try_from(text.len()).map_err(too_long)?;
            let length = u16::try_from(value.len()).map_err(too_long)?;
            let place = self.places.get_mut(usize::from(*field)).ok_or("a leaf has no such field")?;
            if place.replace((start, length)).is_some() {
                return Err("a field is opened twice");
            }
            text.push_str(value);
        }
        self.text = text.into_boxed_str();
        if self.act().is_empty() { Err("the act is not opened") } else { Ok(()) }
    }

    pub(crate) fn pair(&self) -> &str {
        self.field(FIELD_PAIR).unwrap_or_default()
    }

    /// A field, if it is opened.
    pub(crate) fn field(&self, number: u8) -> Option<&str> {
        let (start, length) = self.places.get(usize::from(number)).copied().flatten()?;
        let start = usize::from(start);
        self.text.get(start..start + usize::from(length))
    }
}

/// A log that was checked.
pub(crate) struct Log {
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) fields: u64,
    /// Bundles of the leaves' bytes.
    bundles: Vec<Vec<u8>>,
}

impl Log {
    /// The 528 bytes of a leaf.
    pub(crate) fn entry(&self, index: usize) -> Option<&[u8]> {
        let width = usize::from(TILE_WIDTH);
        let bundle = parse_bundle(self.bundles.get(index / width)?).ok()?;
        bundle.get(index % width).copied()
    }

    #[cfg(test)]
    pub(crate) fn sample(leaves: Vec<Leaf>) -> Self {
        Self { leaves, fields: 0, bundles: Vec::new() }
    }
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
    let (mut log, is_whole) = match entries(folder, node, &checkpoint) {
        Ok(read) => read,
        Err(why) => {
            findings.failed("V-005", node, None, why);
            return None;
        }
    };
    let opened = opened(folder, known, &mut log);
    if !is_whole {
        let why = "the tree of these leaves is not the checkpoint's: one was altered, added or left out";
        // Which one the tree cannot tell; the values that are opened of it may.
        let which = opened.err().map(|which| format!("; {which}")).unwrap_or_default();
        findings.failed("V-005", node, None, format!("{why}{which}"));
        return None;
    }
    findings.proved("V-005", node, None);
    match opened {
        Ok(()) => {
            findings.proved("V-006", node, None);
            Some(log)
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
    // One of before the log went on under its name of now counts no more than was left of it.
    let keys = known.keys_under(note.lines().next().unwrap_or_default());
    let keys = if keys.is_empty() { &known.log_keys } else { &keys };
    let checkpoint = open_checkpoint(&note, keys).map_err(|error| error.to_string())?;
    if !known.had(checkpoint.origin.as_str(), checkpoint.size) {
        return Err("the checkpoint is another log's".to_owned());
    }
    // A note may carry lines that no known key made; in evidence nothing stands that nobody vouches for.
    let lines = note.lines().filter(|line| line.starts_with('\u{2014}')).count();
    if lines != known.log_keys.len() || !note.ends_with('\n') {
        return Err("the checkpoint carries other signatures than its log's".to_owned());
    }
    Ok(checkpoint)
}

/// All leaves, with nothing opened of them, their bytes, and whether their tree is the checkpoint's.
fn entries(folder: &Folder, node: &str, checkpoint: &Checkpoint) -> Result<(Log, bool), String> {
    let names = folder.names(&format!("{node}/entries"), MAX_BUNDLES)?;
    let bundles = checkpoint.size.div_ceil(u64::from(TILE_WIDTH));
    if names.len() as u64 != bundles {
        return Err(format!("{} bundles of leaves where the checkpoint has {bundles}", names.len()));
    }
    let mut frontier = Frontier::new();
    let mut log = Log { leaves: Vec::new(), fields: 0, bundles: Vec::new() };
    let mut are_full = true;
    for number in 0..bundles {
        let place = format!("{node}/entries/{number:06}");
        let bytes = folder.bytes(&place)?;
        let entries = parse_bundle(&bytes).map_err(|error| format!("{place}: {error}"))?;
        let begun = number * u64::from(TILE_WIDTH);
        are_full &= entries.len() as u64 == checkpoint.size.saturating_sub(begun).min(TILE_WIDTH.into());
        for entry in entries {
            let hash = leaf_hash(entry);
            frontier.append(hash);
            log.leaves.push(Leaf::of(hash.0));
        }
        log.bundles.push(bytes);
    }
    let is_whole = are_full && frontier.size() == checkpoint.size && frontier.root() == checkpoint.root;
    Ok((log, is_whole))
}

/// Notes with each leaf what is opened of it.
fn opened(folder: &Folder, known: &Known, log: &mut Log) -> Result<(), String> {
    let node = &known.node;
    let Log { leaves, fields, bundles } = log;
    let mut next = 0;
    for (number, entries) in bundles.iter().enumerate() {
        let place = format!("{node}/opened/{number:06}.json");
        let bytes = folder.bytes(&place)?;
        // Whatever the width of a bundle, its leaves are those that this file opens, in order.
        let mut entries = parse_bundle(entries).map_err(|error| format!("{place}: {error}"))?.into_iter();
        each_leaf(&bytes, FIELDS, |index, opened| {
            if index != next as u64 {
                return Err(Unopened(format!("leaf {next} is not opened")));
            }
            let leaf = leaves.get_mut(next).zip(entries.next());
            let (leaf, entry) = leaf.ok_or_else(|| Unopened("more leaves than there are".to_owned()))?;
            let origin = known.origin_at(index).map_err(Unopened)?;
            let noted = verified(opened, origin, (index, entry)).and_then(|()| {
                let mut values = [(0, ""); FIELDS];
                let all = values.iter_mut().zip(opened);
                all.for_each(|(value, one)| *value = (one.field, one.value.as_ref()));
                Ok(leaf.note(values.get(..opened.len()).unwrap_or_default())?)
            });
            noted.map_err(|why| Unopened(format!("leaf {next}: {why}")))?;
            *fields += opened.len() as u64;
            next += 1;
            Ok(())
        })
        .map_err(|Unopened(why)| format!("{place}: {why}"))?;
    }
    if next == leaves.len() { Ok(()) } else { Err(format!("leaf {next} is not opened")) }
}

/// Why a bundle is not opened.
struct Unopened(String);

impl From<OtherForm> for Unopened {
    fn from(_: OtherForm) -> Self {
        Self("not in its one form".to_owned())
    }
}

fn verified(fields: &[OpenedValue<'_>], origin: &Origin, (index, entry): (u64, &[u8])) -> Result<(), String> {
    for opened in fields {
        let mut salt = [0; 32];
        let is_salt = opened.salt.len() == 2 * salt.len()
            && HEXLOWER.decode_mut(opened.salt.as_bytes(), &mut salt).is_ok();
        if !is_salt {
            return Err("a salt is not 32 bytes".to_owned());
        }
        let hidden;
        let value = match opened.field {
            FIELD_PAIR => {
                hidden =
                    HEXLOWER.decode(opened.value.as_bytes()).map_err(|_| "field 11 is not hexadecimal")?;
                hidden.as_slice()
            }
            _ => opened.value.as_bytes(),
        };
        verify_opened(origin, (index, entry), opened.field, &salt, value)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}
