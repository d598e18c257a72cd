//! The log: the checkpoint, all its leaves, and what is opened of them.
//!
//! *Absent:* proofs of inclusion. All leaves are here, so the tree itself is computed again.

use crate::ahead::{Ahead, ahead};
use crate::cards::Known;
use crate::folder::{Folder, MAX_BUNDLES};
use crate::handed::Acts;
use crate::opened::{OpenedValue, OtherForm, each_leaf};
use crate::report::Findings;
use attache_accord::{CivilDay, Timestamp};
use attache_tlog::{
    Checkpoint, Frontier, LeafOpening, Origin, TILE_WIDTH, leaf_hash, open_checkpoint, parse_bundle,
};
use data_encoding::HEXLOWER;
use std::collections::VecDeque;

/// Field 0 names the act, field 6 the day; field 11 is hexadecimal.
const FIELD_ACT: u8 = 0;
const FIELD_DAY: u8 = 6;
const FIELD_PAIR: u8 = 11;
/// The act by which a node accepts a partner's card that people compared, and that by which it accepts the next one. Neither opens whose
/// card it is.
const FIRST_CARD: &str = "peer added";
const NEXT_CARD: &str = "peer succeeded";
/// From the second day after that of a moment, in Greenwich, every day of an agreement's clock is later than the moment.
const DAYS_PAST: u64 = 2;
/// Most fields of a leaf.
const FIELDS: usize = 16;

/// What later checks ask for: act, article, partner, outcome and pair tag. The rest is held against the leaf and let go of.
const ASKED_LATER: [u8; 5] = [FIELD_ACT, 1, 3, 7, FIELD_PAIR];

/// What stands before a value: its field and its length.
const HEADING_BYTES: usize = 3;

/// A leaf with what is opened of it: a log has many, so each takes one piece of memory beside its place.
pub(crate) struct Leaf {
    pub(crate) hash: [u8; 32],
    /// For each opened field of [`ASKED_LATER`] its number, the length of its value in two bytes and the value.
    shown: Box<[u8]>,
}

impl Leaf {
    fn of(hash: [u8; 32]) -> Self {
        Self { hash, shown: Box::default() }
    }

    #[cfg(test)]
    pub(crate) fn sample(fields: Vec<(u8, String)>) -> Self {
        let mut leaf = Self::of([0; 32]);
        leaf.note(fields.iter().map(|(field, value)| (*field, value.as_bytes()))).unwrap();
        leaf
    }

    /// Notes what is opened of it.
    fn note<'v>(&mut self, fields: impl Iterator<Item = (u8, &'v [u8])> + Clone) -> Result<(), &'static str> {
        let bytes: usize = fields.clone().map(|(_, value)| value.len()).sum();
        u16::try_from(bytes).map_err(|_| "a leaf opens more than 65535 bytes")?;
        let mut noted = [false; FIELDS];
        for (field, _) in fields.clone() {
            let is_noted = noted.get_mut(usize::from(field)).ok_or("a leaf has no such field")?;
            if std::mem::replace(is_noted, true) {
                return Err("a field is opened twice");
            }
        }
        let asked = fields.filter(|(field, _)| ASKED_LATER.contains(field));
        let room = asked.clone().map(|(_, value)| HEADING_BYTES + value.len()).sum();
        let mut shown = Vec::with_capacity(room);
        for (field, value) in asked {
            // None is longer than all of them.
            let length = u16::try_from(value.len()).unwrap_or_default();
            shown.push(field);
            shown.extend_from_slice(&length.to_be_bytes());
            shown.extend_from_slice(value);
        }
        self.shown = shown.into_boxed_slice();
        if self.is("") { Err("the act is not opened") } else { Ok(()) }
    }

    /// Whether it is of this act.
    pub(crate) fn is(&self, act: &str) -> bool {
        self.value(FIELD_ACT).unwrap_or_default() == act.as_bytes()
    }

    /// The pair tag in hexadecimal, or nothing.
    pub(crate) fn pair(&self) -> &str {
        self.field(FIELD_PAIR).unwrap_or_default()
    }

    /// What it shows of a field, or nothing.
    pub(crate) fn shown(&self, field: usize) -> &str {
        u8::try_from(field).ok().and_then(|field| self.field(field)).unwrap_or_default()
    }

    /// Which of these acts it is of.
    pub(crate) fn one_of<const N: usize>(&self, acts: [&'static str; N]) -> Option<&'static str> {
        let shown = self.value(FIELD_ACT).unwrap_or_default();
        acts.into_iter().find(|act| shown == act.as_bytes())
    }

    /// A field, if it is opened.
    pub(crate) fn field(&self, number: u8) -> Option<&str> {
        std::str::from_utf8(self.value(number)?).ok()
    }

    fn value(&self, number: u8) -> Option<&[u8]> {
        let mut rest = &*self.shown;
        while let Some(([field, high, low], after)) = rest.split_first_chunk::<HEADING_BYTES>() {
            let (value, after) = after.split_at_checked(u16::from_be_bytes([*high, *low]).into())?;
            if *field == number {
                return Some(value);
            }
            rest = after;
        }
        None
    }
}

/// A log that was checked.
pub(crate) struct Log {
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) fields: u64,
    pub(crate) dated: Dated,
    /// What is handed out of destructions and passages.
    pub(crate) acts: Acts,
}

/// What a log tells of days.
#[derive(Debug, Default, Clone)]
pub(crate) struct Dated {
    /// The last day that is opened, as it is written. An earlier leaf may have a later one, of a clock that was set back.
    pub(crate) last: String,
    /// Of each partner's card that it accepted, in order: whether as the next one, and on which day, if that is opened.
    pub(crate) accepted: Vec<(bool, Option<CivilDay>)>,
}

impl Dated {
    fn note(&mut self, fields: &[OpenedValue<'_>]) {
        let value = |number| fields.iter().find(|one| one.field == number).map(|one| &*one.value);
        let day = value(FIELD_DAY).unwrap_or_default();
        if !day.is_empty() {
            day.clone_into(&mut self.last);
        }
        if let Some(act @ (FIRST_CARD | NEXT_CARD)) = value(FIELD_ACT) {
            self.accepted.push((act == NEXT_CARD, day.parse().ok()));
        }
    }

    /// Whether the log ends on a day that was after this moment, whatever the agreement's clock.
    pub(crate) fn is_past(&self, at: Timestamp) -> bool {
        let last = self.last.parse::<CivilDay>();
        last.is_ok_and(|last| last >= CivilDay::of(at, 0).plus_days(DAYS_PAST))
    }

    /// Whether a card may have been accepted as the next one of a card that is in force since this moment. That one was accepted before
    /// it, and in force then.
    pub(crate) fn may_follow(&self, since: Timestamp) -> bool {
        let since = CivilDay::of(since, 0);
        let accepted = self.accepted.iter().filter(|(_, day)| day.is_none_or(|day| day >= since));
        accepted.skip(1).any(|(is_next, _)| *is_next)
    }
}

impl Log {
    /// The leaf at this index.
    pub(crate) fn leaf(&self, index: u64) -> Option<&Leaf> {
        self.leaves.get(usize::try_from(index).ok()?)
    }

    #[cfg(test)]
    pub(crate) fn sample(leaves: Vec<Leaf>) -> Self {
        Self { leaves, fields: 0, dated: Dated::default(), acts: Acts::default() }
    }
}

/// Most bundles that are kept to be looked into again: files named by an index come in the order of its digits, so that one bundle for
/// each length of an index is in use.
const KEPT_BUNDLES: usize = 8;

/// Leaves of one node, read once more where their bytes are asked for.
pub(crate) struct Again<'f> {
    folder: &'f Folder,
    node: &'f str,
    kept: VecDeque<(usize, Vec<u8>)>,
}

impl<'f> Again<'f> {
    pub(crate) fn new(folder: &'f Folder, node: &'f str) -> Self {
        Self { folder, node, kept: VecDeque::new() }
    }

    /// The 528 bytes of a leaf of the log that was checked.
    pub(crate) fn entry(&mut self, log: &Log, index: usize) -> Option<Vec<u8>> {
        let width = usize::from(TILE_WIDTH);
        let (number, leaf) = (index / width, log.leaves.get(index)?);
        let kept = self.kept.iter().position(|(kept, _)| *kept == number).and_then(|at| self.kept.remove(at));
        let bytes = match kept {
            Some((_, bytes)) => bytes,
            None => self.folder.bytes(&entries_at(self.node, number as u64)).ok()?,
        };
        let entry = parse_bundle(&bytes).ok()?.get(index % width).map(|entry| entry.to_vec());
        self.kept.truncate(KEPT_BUNDLES - 1);
        self.kept.push_front((number, bytes));
        entry.filter(|entry| leaf_hash(entry).0 == leaf.hash)
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
    let Read { leaves, fields, dated, opened, is_whole } = match read(folder, known, &checkpoint) {
        Ok(read) => read,
        Err(why) => {
            findings.failed("V-005", node, None, why);
            return None;
        }
    };
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
            Some(Log { leaves, fields, dated, acts: Acts::default() })
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

/// What came of reading a log.
struct Read {
    leaves: Vec<Leaf>,
    fields: u64,
    dated: Dated,
    /// Where what is opened of a leaf first does not hold.
    opened: Result<(), String>,
    /// Whether the tree of the leaves is the checkpoint's.
    is_whole: bool,
}

/// Reads all leaves and what is opened of them, one bundle after the other: of their bytes none is kept.
fn read(folder: &Folder, known: &Known, checkpoint: &Checkpoint) -> Result<Read, String> {
    let node = known.node.as_str();
    let names = folder.names(&format!("{node}/entries"), MAX_BUNDLES)?;
    let bundles = checkpoint.size.div_ceil(u64::from(TILE_WIDTH));
    if names.len() as u64 != bundles {
        return Err(format!("{} bundles of leaves where the checkpoint has {bundles}", names.len()));
    }
    let places = (0..bundles).flat_map(|number| [entries_at(node, number), opened_at(node, number)]);
    ahead(folder, places, |files| read_bundles(files, known, checkpoint, bundles))
}

fn entries_at(node: &str, bundle: u64) -> String {
    format!("{node}/entries/{bundle:06}")
}

fn opened_at(node: &str, bundle: u64) -> String {
    format!("{node}/opened/{bundle:06}.json")
}

fn read_bundles(
    files: &mut Ahead<'_>,
    known: &Known,
    checkpoint: &Checkpoint,
    bundles: u64,
) -> Result<Read, String> {
    let (mut frontier, mut are_full, mut opened) = (Frontier::new(), true, Ok(()));
    // As many as there are files for, see above.
    let leaves = Vec::with_capacity(usize::try_from(checkpoint.size).unwrap_or_default());
    let mut pass = Pass { leaves, fields: 0, dated: Dated::default(), next: 0 };
    for number in 0..bundles {
        let place = entries_at(known.node.as_str(), number);
        let bytes = files.bytes(&place)?;
        let entries = parse_bundle(&bytes).map_err(|error| format!("{place}: {error}"))?;
        let begun = number * u64::from(TILE_WIDTH);
        are_full &= entries.len() as u64 == checkpoint.size.saturating_sub(begun).min(TILE_WIDTH.into());
        for entry in &entries {
            let hash = leaf_hash(entry);
            frontier.append(hash);
            pass.leaves.push(Leaf::of(hash.0));
        }
        opened = opened.and_then(|()| pass.open(files, known, number, &entries));
    }
    let Pass { leaves, fields, dated, next } = pass;
    let opened = opened.and_then(|()| match next == leaves.len() {
        true => Ok(()),
        false => Err(format!("leaf {next} is not opened")),
    });
    let is_whole = are_full && frontier.size() == checkpoint.size && frontier.root() == checkpoint.root;
    Ok(Read { leaves, fields, dated, opened, is_whole })
}

/// One pass over a log.
struct Pass {
    leaves: Vec<Leaf>,
    fields: u64,
    dated: Dated,
    /// The leaf that is opened next.
    next: usize,
}

impl Pass {
    /// Notes with each leaf of a bundle what is opened of it. Whatever the width of a bundle, its leaves are those that its file opens, in
    /// order.
    fn open(
        &mut self,
        files: &mut Ahead<'_>,
        known: &Known,
        number: u64,
        entries: &[&[u8]],
    ) -> Result<(), String> {
        let place = opened_at(known.node.as_str(), number);
        let bytes = files.bytes(&place)?;
        let mut entries = entries.iter();
        each_leaf(&bytes, FIELDS, |index, opened| {
            let next = self.next;
            if index != next as u64 {
                return Err(Unopened(format!("leaf {next} is not opened")));
            }
            let leaf = self.leaves.get_mut(next).zip(entries.next());
            let (leaf, entry) = leaf.ok_or_else(|| Unopened("more leaves than there are".to_owned()))?;
            let origin = known.origin_at(index).map_err(Unopened)?;
            let noted = noted(opened, origin, (index, entry), leaf);
            noted.map_err(|why| Unopened(format!("leaf {next}: {why}")))?;
            self.fields += opened.len() as u64;
            self.dated.note(opened);
            self.next += 1;
            Ok(())
        })
        .map_err(|Unopened(why)| format!("{place}: {why}"))
    }
}

/// Why a bundle is not opened.
struct Unopened(String);

impl From<OtherForm> for Unopened {
    fn from(_: OtherForm) -> Self {
        Self("not in its one form".to_owned())
    }
}

/// Holds each opened field against its leaf, and then notes them.
fn noted(
    fields: &[OpenedValue<'_>],
    origin: &Origin,
    (index, entry): (u64, &[u8]),
    leaf: &mut Leaf,
) -> Result<(), String> {
    let mut opening = None;
    for opened in fields {
        let salt = opened.salt.ok_or("a salt is not 32 bytes")?;
        let hidden;
        let value = match opened.field {
            FIELD_PAIR => {
                let decoded = HEXLOWER.decode(opened.value.as_bytes());
                hidden = decoded.map_err(|_| "field 11 is not hexadecimal")?;
                hidden.as_slice()
            }
            _ => opened.value.as_bytes(),
        };
        let opening = match &mut opening {
            Some(opening) => opening,
            none => none.insert(LeafOpening::new(origin, index, entry).map_err(|error| error.to_string())?),
        };
        opening.verify(opened.field, &salt, value).map_err(|error| error.to_string())?;
    }
    Ok(leaf.note(fields.iter().map(|opened| (opened.field, opened.value.as_bytes())))?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_next_card_may_follow_only_one_that_was_accepted_since() {
        let since = "2026-11-23".parse::<CivilDay>().unwrap().start(0).plus_hours(12);
        let may_follow = |told: &[(&str, Option<&str>)]| {
            let mut dated = Dated::default();
            for (act, day) in told {
                let field =
                    |field, value: &str| OpenedValue { field, salt: None, value: value.to_owned().into() };
                let fields = [field(FIELD_ACT, act), field(FIELD_DAY, day.unwrap_or_default())];
                dated.note(&fields[..if day.is_some() { 2 } else { 1 }]);
            }
            dated.may_follow(since)
        };
        let (before, then) = (Some("2026-11-22"), Some("2026-11-23"));
        assert!(may_follow(&[(FIRST_CARD, then), (NEXT_CARD, then)]));
        assert!(may_follow(&[(NEXT_CARD, then), (NEXT_CARD, then)]));
        assert!(may_follow(&[(FIRST_CARD, None), (NEXT_CARD, None)]), "a day that is not opened may be any");
        assert!(!may_follow(&[(FIRST_CARD, before), (NEXT_CARD, then)]), "the one that is here");
        assert!(!may_follow(&[(FIRST_CARD, before), (NEXT_CARD, before), (NEXT_CARD, before)]));
        assert!(!may_follow(&[(NEXT_CARD, then), (FIRST_CARD, then)]));
        assert!(!may_follow(&[("opened", then), (NEXT_CARD, then)]));
    }
}
