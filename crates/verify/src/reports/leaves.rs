//! The leaves of a report: their place in the published tree, and what is opened of them.
//!
//! *Absent:* leaves of other days, but for the days of the two beside, which show that none was left out.

use super::pairs::Exchanged;
use crate::cards::Known;
use crate::folder::Folder;
use attache_accord::CivilDay;
use attache_accord::figures::Figures;
use attache_accord::oversight::{FIELD_DAY, FIELD_PAIR, FIELDS};
use attache_release::{Edge, Extent};
use attache_seal::papers::Report;
use attache_tlog::{
    Checkpoint, Frontier, Hash, MAX_PROOF_HASHES, OpenedField, TILE_WIDTH, leaf_hash, parse_bundle,
    parse_opened, verify_consistency,
};
use data_encoding::HEXLOWER;

/// What was read of a report's leaves.
pub(super) struct Read {
    pub(super) figures: Figures,
    /// Leaves of the report's days, and those among them that nobody can open.
    pub(super) leaves: u64,
    pub(super) unopened: u64,
    pub(super) fields: u64,
    pub(super) exchanged: Exchanged,
    /// Leaves beside the report's days of which nobody can see the day any more.
    pub(super) edges_unseen: Vec<u64>,
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
    report: &'a Report,
    extent: &'a Extent,
    frontier: Frontier,
    read: Read,
    /// Days run in order in a log.
    day: CivilDay,
}

pub(super) fn read(
    folder: &Folder,
    known: &Known,
    checkpoint: &Checkpoint,
    (report, extent): (&Report, &Extent),
) -> Result<Read, Failed> {
    check_extent(report, extent).map_err(tree)?;
    let peaks = hashes(&extent.peaks).map_err(tree)?;
    let mut pass = Pass {
        checkpoint,
        report,
        extent,
        frontier: Frontier::from_parts(extent.start, peaks).map_err(tree)?,
        read: Read {
            figures: Figures::new(&extent.fields.iter().copied().collect()),
            leaves: report.end - report.first,
            unopened: 0,
            fields: 0,
            exchanged: Exchanged::new(report, &extent.fields),
            edges_unseen: Vec::new(),
        },
        day: report.from,
    };
    let width = u64::from(TILE_WIDTH);
    for number in extent.start / width..extent.last.div_ceil(width) {
        let place = format!("{}/entries/{number:06}", known.node);
        let bytes = folder.bytes(&place).map_err(tree)?;
        let bundle = parse_bundle(&bytes).map_err(|error| tree(format!("{place}: {error}")))?;
        let (from, to) = (number * width, extent.last.min((number + 1) * width));
        if bundle.len() as u64 != to - from {
            return Err(tree(format!("{place}: {} leaves where {} belong", bundle.len(), to - from)));
        }
        let opened = pass.opened(folder, known, number, from..to)?;
        pass.bundle(from, &bundle, &opened)?;
    }
    pass.finish()
}

/// That the numbers fit each other and what the node signed.
fn check_extent(report: &Report, extent: &Extent) -> Result<(), String> {
    let Extent { start, first, end, last, before, behind, .. } = extent;
    if (report.first, report.end) != (*first, *end) {
        return Err("the leaves are not those that the node signed".to_owned());
    }
    // The report keeps these in order already; the sum cannot pass a tree's size.
    let behind_end = report.size.min(end.saturating_add(1));
    let width = u64::from(TILE_WIDTH);
    if *start != first.saturating_sub(1) / width * width || *last != behind_end {
        return Err("the leaves that are here are more or fewer than the report needs".to_owned());
    }
    if (*first == 0 && before.is_some()) || (*end == report.size && behind.is_some()) {
        return Err("a day of a leaf that does not exist".to_owned());
    }
    Ok(())
}

impl Pass<'_> {
    /// The opened fields of the report's leaves among those of a bundle.
    fn opened(
        &self,
        folder: &Folder,
        known: &Known,
        number: u64,
        leaves: std::ops::Range<u64>,
    ) -> Result<Vec<Option<Vec<OpenedField>>>, Failed> {
        let from = leaves.start.max(self.report.first);
        let count = leaves.end.min(self.report.end).saturating_sub(from);
        if count == 0 {
            return Ok(Vec::new());
        }
        let place = format!("{}/opened/{number:06}", known.node);
        let bytes = folder.bytes(&place).map_err(|why| opening(from, why))?;
        let opened = parse_opened(&bytes, &self.extent.fields);
        let opened = opened.map_err(|error| opening(from, format!("{place}: {error}")))?;
        if opened.len() as u64 != count {
            let missing = from + opened.len() as u64;
            return Err(opening(
                missing,
                format!("{place}: {} leaves are opened where {count} are of these days", opened.len()),
            ));
        }
        Ok(opened)
    }

    fn bundle(
        &mut self,
        from: u64,
        bundle: &[&[u8]],
        opened: &[Option<Vec<OpenedField>>],
    ) -> Result<(), Failed> {
        let mut opened = opened.iter();
        for (index, entry) in (from..).zip(bundle) {
            self.frontier.append(leaf_hash(entry));
            if (self.report.first..self.report.end).contains(&index) {
                match opened.next().and_then(Option::as_ref) {
                    Some(fields) => self.leaf(index, entry, fields).map_err(|why| opening(index, why))?,
                    None => self.read.unopened += 1,
                }
            } else if index + 1 == self.report.first {
                self.edge(index, entry, self.extent.before.as_ref(), |day, report| day < report.from)?;
            } else if index == self.report.end {
                self.edge(index, entry, self.extent.behind.as_ref(), |day, report| day > report.until)?;
            }
        }
        Ok(())
    }

    /// One leaf of the report's days.
    fn leaf(&mut self, index: u64, entry: &[u8], fields: &[OpenedField]) -> Result<(), String> {
        let mut leaf = [""; FIELDS];
        let mut pair = None;
        for field in fields {
            field.verify(&self.checkpoint.origin, index, entry).map_err(|error| error.to_string())?;
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
        let day: CivilDay =
            leaf.get(FIELD_DAY).copied().unwrap_or_default().parse().map_err(|_| "it shows no day")?;
        if day < self.day || day > self.report.until {
            return Err(format!(
                "it is of {day}, which does not follow on {} or is not of these days",
                self.day
            ));
        }
        self.day = day;
        self.read.fields += fields.len() as u64;
        self.read.figures.count(&leaf).map_err(|error| error.to_string())?;
        self.read.exchanged.add(index, day, &leaf, pair);
        Ok(())
    }

    /// A leaf beside the report's days, which must be of another day.
    fn edge(
        &mut self,
        index: u64,
        entry: &[u8],
        edge: Option<&Edge>,
        is_outside: impl Fn(CivilDay, &Report) -> bool,
    ) -> Result<(), Failed> {
        let Some(edge) = edge else {
            self.read.edges_unseen.push(index);
            return Ok(());
        };
        let salt = HEXLOWER.decode(edge.salt.as_bytes()).ok().and_then(|salt| salt.try_into().ok());
        let salt = salt.ok_or_else(|| opening(index, "a salt is not 32 bytes"))?;
        // The field's number is a constant below 16.
        let field = OpenedField { field: FIELD_DAY as u8, salt, value: edge.day.clone().into_bytes() };
        field.verify(&self.checkpoint.origin, index, entry).map_err(|error| opening(index, error))?;
        let day: CivilDay = edge.day.parse().map_err(|error| opening(index, error))?;
        match is_outside(day, self.report) {
            true => Ok(()),
            false => Err(opening(index, format!("it is of {day}, a day of the report, and was left out"))),
        }
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
