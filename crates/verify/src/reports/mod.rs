//! Reports to oversight, counted again: every figure from the opened fields, every opened field from its leaf, every leaf from the
//! published tree, and that no leaf of the report's days is missing.
//!
//! One bundle of leaves is held at a time, and of those that were exchanged their pair tags.
//!
//! *Absent:* belief in a figure. What the node says it counted is only compared.

mod between;
mod cosigned;
mod leaves;
mod pairs;
mod public;
mod said;
mod sheets;

use crate::cards::{self, Known};
use crate::folder::Folder;
use crate::report::{Counts, Findings, Report};
use crate::{Cosigner, Trust, brought, successions};
use attache_accord::{CivilDay, NodeName};
use attache_release::{Extent, REPORT_FORM};
use between::Ends;
use pairs::Exchanged;
pub use public::verify_public;
pub(crate) use public::{CARD, FIGURES};
use std::collections::BTreeMap;
use std::path::Path;

/// The heading of a report's folder.
pub(crate) const HEADING: &str = "report.json";

/// What a code says, for those of reports.
pub(crate) fn meaning(check: &str) -> Option<&'static str> {
    Some(match check {
        "V-040" => "the report is signed by the node, for these days, of this published tree",
        "V-041" => "its mandate is signed, reaches these days, and names every field that is opened",
        "V-042" => "the leaves are those of the published tree at their places",
        "V-043" => {
            "what is opened is what the leaves commit to, of every leaf of these days, and the leaves beside are of other days"
        }
        "V-044" => "the figures are what the opened fields give",
        "V-045" => "what the public is told follows from the figures by the agreement's rule",
        "V-046" => "what people read says what the figures say",
        "V-047" => "what one node sent the other received",
        "V-050" => {
            "an inspector whom the mandate names cosigned what the public is told, under a key that the node vouches for"
        }
        "V-051" => "the inspector's key is the one whose fingerprint was compared",
        "V-066" => {
            "the figures for the public are the node's, of this network and agreement, and tell no small count"
        }
        "V-067" => "an inspector cosigned these figures, under a key that the node vouches for",
        "V-077" => {
            "the tree goes on after the last of these days, so nothing that was done on them is missing"
        }
        "V-052" => "the leaves of these days lie between checkpoints that witnesses cosigned",
        _ => return None,
    })
}

/// Verifies a folder of reports. Never fails: what is wrong stands in the report on it.
pub fn verify_report(path: &Path, trust: &Trust) -> Report {
    let mut findings = Findings::default();
    let mut counts = Counts::default();
    if is_public(path) {
        return verify_public(path, trust);
    }
    let folder = match Folder::open_as(path, HEADING, REPORT_FORM) {
        Ok(folder) => folder,
        Err(wrong) => {
            findings.failed("V-001", "", None, wrong);
            return findings.into_report(counts);
        }
    };
    let (mut exchanged, mut cosigned) = (BTreeMap::new(), Vec::new());
    for name in folder.nodes() {
        let Some(known) = cards::check(&folder, name, trust, &mut findings) else { continue };
        successions::tell(&known, &mut findings);
        if let Some((mut of_node, cosigners)) = node(&folder, &known, trust, &mut counts, &mut findings) {
            of_node.lost = known.lost_days();
            exchanged.insert(name.clone(), of_node);
            cosigned.extend(cosigners);
        }
    }
    brought::none_here(trust, &mut findings);
    folder.check_rest(&mut findings);
    pairs::check(&exchanged, &mut findings);
    Report { cosigned, ..findings.into_report(counts) }
}

/// Whether a folder has no report, and what the public is told of one.
pub(crate) fn is_public(path: &Path) -> bool {
    let has = |file: &str| path.join(file).is_file();
    !has(HEADING) && has(CARD) && has(FIGURES)
}

fn node(
    folder: &Folder,
    known: &Known,
    trust: &Trust,
    counts: &mut Counts,
    findings: &mut Findings,
) -> Option<(Exchanged, Vec<Cosigner>)> {
    let node = known.node.as_str();
    let witnesses = between::witnesses(folder, node, trust, findings);
    let ends = Ends::read(folder, known, findings)?;
    let checkpoint = &ends.checkpoint;
    let place = format!("{node}/report.cbor");
    let said =
        found(findings, "V-040", node, Some(place.clone()), said::read(folder, known, checkpoint, &place))?;
    let place = format!("{node}/extent.json");
    let extent: Result<Extent, String> = folder.json(&place);
    let mandate = extent.as_ref().map_err(Clone::clone).and_then(|extent| said.mandate(known, extent));
    let mandate = found(findings, "V-041", node, None, mandate)?;
    let extent = extent.ok()?;
    let read = leaves::read(folder, known, (checkpoint, ends.before()), (&said.report, &extent));
    let read = match read {
        Ok(read) => {
            findings.proved("V-042", node, None);
            findings.proved("V-043", node, None);
            read
        }
        Err((check, wrong)) => {
            let place = wrong.index.map(|index| format!("leaf {index}"));
            findings.failed(check, node, place, wrong.why);
            return None;
        }
    };
    counts.leaves += read.leaves;
    counts.fields += read.fields;
    if read.unopened > 0 {
        let why = format!(
            "{} leaves can be opened by nobody any more, and are counted by no figure",
            read.unopened
        );
        findings.not_shown("V-043", node, None, &why);
    }
    if read.beside_unopened > 0 {
        let why = format!(
            "whether {} leaves beside these days are of other days cannot be opened any more",
            read.beside_unopened
        );
        findings.not_shown("V-043", node, None, &why);
    }
    covered(&said.report, read.last, node, findings);
    ends.check(known, (&witnesses, trust), extent.from, findings);
    sheets::check(folder, known, (&said, &mandate), &read, findings);
    let cosigned = cosigned::check(folder, known, &mandate, trust, findings);
    Some((read.exchanged, cosigned))
}

/// That the tree goes on after the report's days: which tree it is the node chooses, and one that ends before they do lacks what was
/// done since.
fn covered(
    report: &attache_seal::papers::Report,
    last: Option<CivilDay>,
    node: &str,
    findings: &mut Findings,
) {
    let until = report.until;
    let why = match last {
        Some(last) if last > until => return findings.proved("V-077", node, None),
        Some(last) => {
            format!("the tree ends with a leaf of {last}; what came after, until {until}, is in no figure")
        }
        None => format!("no leaf that is here shows its day; what came until {until} may be in no figure"),
    };
    findings.not_shown("V-077", node, None, &why);
}

/// Notes how a check came out and gives what it found.
fn found<T>(
    findings: &mut Findings,
    check: &'static str,
    node: &str,
    place: Option<String>,
    result: Result<T, String>,
) -> Option<T> {
    match result {
        Ok(value) => {
            findings.proved(check, node, place);
            Some(value)
        }
        Err(why) => {
            findings.failed(check, node, place, why);
            None
        }
    }
}

/// Nodes and what their logs say they exchanged.
type ByNode = BTreeMap<NodeName, Exchanged>;
