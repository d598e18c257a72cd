//! The leaves of a report: their place in the published tree, and what is opened of them.
//!
//! *Absent:* leaves of other days, but for act and day of those beside, which show that none was left out.

use super::pairs::Exchanged;
use crate::cards::Known;
use crate::folder::Folder;
use attache_accord::CivilDay;
use attache_accord::figures::Figures;
use attache_accord::oversight::{FIELD_DAY, FIELD_PAIR, FIELDS};
use attache_release::{BESIDE, Extent};
use attache_seal::papers::Report;
use attache_tlog::{
    Checkpoint, Frontier, Hash, MAX_PROOF_HASHES, OpenedField, TILE_WIDTH, leaf_hash, parse_bundle,
    parse_opened, verify_consistency,
};
use data_encoding::HEXLOWER;
use std::ops::Range;

/// What was read of a report's leaves.
pub(super) struct Read {
    pub(super) figures: Figures,
    /// Leaves of the report's days, and those among them that nobody can open.
    pub(super) leaves: u64,
    pub(super) unopened: u64,
    pub(super) fields: u64,
    pub(super) exchanged: Exchanged,
    /// Leaves beside the report's days of which nobody can see the day any more.
    pub(super) beside_unopened: u64,
    /// The day of the last leaf that shows one.
    pub(super) last: Option<CivilDay>,
}

/// What is wrong, and with which leaf.
pub(super) struct Wrong {
    pub(super) index: Option<u64>,
    pub(super) why: String,
}

/// A failed check with its code.
type Failed = (&'static str, Wrong);

fn tree(why: impl ToString) -> Failed {
    ("V-042", Wrong { index: None, why: why.to_string() })
}

fn opening(index: u64, why: impl ToString) -> Failed {
    ("V-043", Wrong { index: Some(index), why: why.to_string() })
}

/// One pass over the leaves.
struct Pass<'a> {
    checkpoint: &'a Checkpoint,
    /// The cosigned checkpoint before the days.
    before: Option<&'a Checkpoint>,
    report: &'a Report,
    extent: &'a Extent,
    known: &'a Known,
    frontier: Frontier,
    read: Read,
}

/// The opened fields of some leaves, in order; none of a leaf whose salt was destroyed.
type Opened = Vec<Option<Vec<OpenedField>>>;

pub(super) fn read(
    folder: &Folder,
    known: &Known,
    (checkpoint, before): (&Checkpoint, Option<&Checkpoint>),
    (report, extent): (&Report, &Extent),
) -> Result<Read, Failed> {
    check_extent(report, extent).map_err(tree)?;
    if before.is_some_and(|before| before.size != extent.from) {
        return Err(tree("the leaves that are here do not begin at the checkpoint before them"));
    }
    let peaks = hashes(&extent.peaks).map_err(tree)?;
    let mut pass = Pass {
        checkpoint,
        before,
        report,
        extent,
        known,
        frontier: Frontier::from_parts(extent.start, peaks).map_err(tree)?,
        read: Read {
            figures: Figures::new(&extent.fields.iter().copied().collect()),
            leaves: report.end - report.first,
            unopened: 0,
            fields: 0,
            exchanged: Exchanged::new(report, &extent.fields),
            beside_unopened: 0,
            last: None,
        },
    };
    let width = u64::from(TILE_WIDTH);
    for number in extent.start / width..extent.to.div_ceil(width) {
        let place = format!("{}/entries/{number:06}", known.node);
        let bytes = folder.bytes(&place).map_err(tree)?;
        let bundle = parse_bundle(&bytes).map_err(|error| tree(format!("{place}: {error}")))?;
        let (from, to) = (number * width, extent.to.min((number + 1) * width));
        if bundle.len() as u64 != to - from {
            return Err(tree(format!("{place}: {} leaves where {} belong", bundle.len(), to - from)));
        }
        let within = |one: u64, other: u64| one.clamp(from, to)..other.clamp(from, to);
        let days = [within(extent.first, extent.end)];
        let beside = [within(extent.from, extent.first), within(extent.end, extent.to)];
        let opened_of = |name: &str, fields: &[u8], leaves: &[Range<u64>]| {
            opened(folder, &format!("{}/{name}/{number:06}", known.node), fields, leaves)
        };
        let (days, beside) =
            (opened_of("opened", &extent.fields, &days)?, opened_of("beside", &BESIDE, &beside)?);
        pass.bundle(from, &bundle, &days, &beside)?;
    }
    pass.finish()
}

/// That the numbers fit each other and what the node signed.
fn check_extent(report: &Report, extent: &Extent) -> Result<(), String> {
    let Extent { start, from, first, end, to, .. } = extent;
    if (report.first, report.end) != (*first, *end) {
        return Err("the leaves are not those that the node signed".to_owned());
    }
    let width = u64::from(TILE_WIDTH);
    // The leaf before the days and the one behind them are among them, where there are such.
    let reaches = *from <= first.saturating_sub(1) && *to >= report.size.min(end.saturating_add(1));
    if !reaches || *to > report.size || *start != from / width * width {
        return Err("the leaves that are here are more or fewer than the report needs".to_owned());
    }
    Ok(())
}

/// What a file opens of some leaves, each of which must be there.
fn opened(folder: &Folder, place: &str, fields: &[u8], leaves: &[Range<u64>]) -> Result<Opened, Failed> {
    let mut indices = leaves.iter().cloned().flatten();
    let Some(first) = indices.clone().next() else { return Ok(Vec::new()) };
    let bytes = folder.bytes(place).map_err(|why| opening(first, why))?;
    let opened = parse_opened(&bytes, fields);
    let opened = opened.map_err(|error| opening(first, format!("{place}: {error}")))?;
    let count = indices.clone().count();
    if opened.len() != count {
        let missing = indices.nth(opened.len()).unwrap_or(first);
        let found = opened.len();
        return Err(opening(missing, format!("{place}: {found} leaves are opened where {count} are to be")));
    }
    Ok(opened)
}

impl Pass<'_> {
    fn bundle(&mut self, from: u64, bundle: &[&[u8]], days: &Opened, beside: &Opened) -> Result<(), Failed> {
        let (mut days, mut beside) = (days.iter(), beside.iter());
        for (index, entry) in (from..).zip(bundle) {
            if index == self.extent.from {
                self.joins()?;
            }
            self.frontier.append(leaf_hash(entry));
            if (self.extent.first..self.extent.end).contains(&index) {
                match days.next().and_then(Option::as_ref) {
                    Some(fields) => self.leaf(index, entry, fields).map_err(|why| opening(index, why))?,
                    None => self.read.unopened += 1,
                }
            } else if index >= self.extent.from {
                match beside.next().and_then(Option::as_ref) {
                    Some(fields) => self.beside(index, entry, fields).map_err(|why| opening(index, why))?,
                    None => self.read.beside_unopened += 1,
                }
            }
        }
        Ok(())
    }

    /// That what was cosigned before the days is the beginning of this very tree.
    fn joins(&self) -> Result<(), Failed> {
        match self.before {
            Some(before) if before.root != self.frontier.root() => Err((
                "V-052",
                Wrong { index: None, why: "witnesses cosigned another history before these days".to_owned() },
            )),
            _ => Ok(()),
        }
    }

    /// What is opened of a leaf, as far as it is text, and its pair tag.
    fn shown<'f>(
        &self,
        index: u64,
        entry: &[u8],
        fields: &'f [OpenedField],
    ) -> Result<([&'f str; FIELDS], Option<[u8; 32]>), String> {
        let (mut leaf, mut pair) = ([""; FIELDS], None);
        for field in fields {
            field.verify(self.known.origin_at(index)?, index, entry).map_err(|error| error.to_string())?;
            let number = usize::from(field.field);
            if number == FIELD_PAIR {
                pair = <[u8; 32]>::try_from(field.value.as_slice()).ok();
                if pair.is_none() && !field.value.is_empty() {
                    return Err("its pair tag is no digest".to_owned());
                }
            } else if let Some(slot) = leaf.get_mut(number) {
                *slot =
                    std::str::from_utf8(&field.value).map_err(|_| format!("field {number} is not UTF-8"))?;
            }
        }
        Ok((leaf, pair))
    }

    /// The day of the next leaf. Days run in order in a log.
    fn day(&mut self, leaf: &[&str; FIELDS]) -> Result<CivilDay, String> {
        let day = leaf.get(FIELD_DAY).copied().unwrap_or_default();
        let day: CivilDay = day.parse().map_err(|_| "it shows no day")?;
        if let Some(last) = self.read.last.filter(|last| day < *last) {
            return Err(format!("it is of {day}, and the leaf before it of {last}"));
        }
        self.read.last = Some(day);
        self.read.exchanged.see(day);
        Ok(day)
    }

    /// One leaf of the report's days.
    fn leaf(&mut self, index: u64, entry: &[u8], fields: &[OpenedField]) -> Result<(), String> {
        let (leaf, pair) = self.shown(index, entry, fields)?;
        let day = self.day(&leaf)?;
        if day < self.report.from || day > self.report.until {
            return Err(format!("it is of {day}, which is none of these days"));
        }
        self.read.fields += fields.len() as u64;
        self.read.figures.count(&leaf).map_err(|error| error.to_string())?;
        self.read.exchanged.add(index, day, &leaf, pair);
        Ok(())
    }

    /// A leaf beside the report's days, which must be of another day.
    fn beside(&mut self, index: u64, entry: &[u8], fields: &[OpenedField]) -> Result<(), String> {
        let (leaf, _) = self.shown(index, entry, fields)?;
        let day = self.day(&leaf)?;
        let is_outside = match index < self.extent.first {
            true => day < self.report.from,
            false => day > self.report.until,
        };
        if !is_outside {
            return Err(format!("it is of {day}, a day of the report, and was left out"));
        }
        self.read.fields += fields.len() as u64;
        Ok(())
    }

    /// That the tree so far is the start of the published one.
    fn finish(self) -> Result<Read, Failed> {
        let Checkpoint { size, root, .. } = self.checkpoint;
        let proof = hashes(&self.extent.consistency).map_err(tree)?;
        let so_far = self.frontier.root();
        match verify_consistency(self.frontier.size(), *size, &so_far, root, &proof) {
            Ok(()) => Ok(self.read),
            Err(error) => Err(tree(format!(
                "these leaves are not those of the published tree: one was altered, added or left out ({error})"
            ))),
        }
    }
}

fn hashes(hex: &[String]) -> Result<Vec<Hash>, String> {
    if hex.len() > MAX_PROOF_HASHES {
        return Err(format!("more than {MAX_PROOF_HASHES} hashes"));
    }
    let one = |hex: &String| HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok().map(Hash);
    hex.iter()
        .map(one)
        .collect::<Option<_>>()
        .ok_or_else(|| "a hash is not 32 bytes in hexadecimal".to_owned())
}
