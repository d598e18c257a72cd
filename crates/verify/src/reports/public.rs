//! What the public is told of a report, by itself: the figures as the node signed them, and who cosigned them. Whoever has neither the report
//! nor a mandate can check no more than that.
//!
//! ```text
//! card.cbor           the node's card
//! cards/DIGEST.cbor   the cards before it, where the figures are of their time
//! figures.cbor        the signed figures
//! cosignatures/DIGEST.cbor
//! ```
//! *Absent:* the leaves that were counted. That the figures are theirs an inspector says, who counted them.

use super::cosigned::{self, Asked};
use super::{found, said, sheets};
use crate::Trust;
use crate::cards::{self, Known};
use crate::folder::{Folder, in_one_form};
use crate::report::{Counts, Findings, Report};
use attache_accord::figures::TABLES;
use attache_release::{FIGURES_FORM, Sheet};
use attache_seal::papers::Card;
use attache_seal::statement::Signed;
use std::path::Path;

/// The files by which such a folder is known.
pub(crate) const CARD: &str = "card.cbor";
pub(crate) const FIGURES: &str = "figures.cbor";
const COSIGNATURES: &str = "cosignatures";

/// Verifies a folder of what one node tells the public. Never fails: what is wrong stands in the report on it.
pub fn verify_public(path: &Path, trust: &Trust) -> Report {
    let mut findings = Findings::default();
    let folder = Folder::bare(path);
    let claimed = folder.bytes(CARD).and_then(|bytes| {
        let signed = Signed::from_bytes(&bytes).map_err(|error| error.to_string())?;
        signed.dangerously_unverified::<Card>().map_err(|error| error.to_string())
    });
    let claimed = match claimed {
        Ok(claimed) => claimed,
        Err(why) => {
            findings.failed("V-002", "", Some(CARD.to_owned()), why);
            return findings.into_report(Counts::default());
        }
    };
    let folder = folder.about(claimed.head.network.as_str(), &claimed.head.agreement);
    let known = cards::bare(&folder, &claimed.body.node, trust, &mut findings);
    let told = known.map(|known| told(&folder, &known, trust, &mut findings));
    crate::brought::none_here(trust, &mut findings);
    folder.check_rest(&mut findings);
    let (figures, cosigned) = told.unwrap_or_default();
    Report { figures, cosigned, ..findings.into_report(Counts::default()) }
}

fn told(
    folder: &Folder,
    known: &Known,
    trust: &Trust,
    findings: &mut Findings,
) -> (Option<Sheet>, Vec<crate::Cosigner>) {
    let node = known.node.as_str();
    let place = Some(FIGURES.to_owned());
    let read = said::public(folder, known, FIGURES).and_then(|(body, pack, digest)| {
        let sheet: Sheet = in_one_form(&body.figures, FIGURES)?;
        is_for_the_public(&sheet, known)?;
        Ok((sheet, pack, digest))
    });
    let digest = read.as_ref().map(|(.., digest)| *digest).map_err(Clone::clone);
    let sheet = found(findings, "V-066", node, place.clone(), read).map(|(sheet, pack, _)| {
        match sheets::agreed(pack) {
            Some(agreed) if agreed != sheet.suppress_below => {
                findings.failed("V-066", node, place, "the number is not the one that the pack agrees");
            }
            Some(_) => {}
            None => {
                let below = sheet.suppress_below.unwrap_or_default();
                let why = format!("whether {below} is the number agreed: pack {pack} is not built in");
                findings.not_shown("V-066", node, place, &why);
            }
        }
        sheet
    });
    let asked = Asked { check: "V-067", path: COSIGNATURES.to_owned(), public: digest, mandate: None };
    let cosigned = cosigned::all(folder, known, &asked, trust, findings);
    if cosigned.is_empty() {
        let why =
            "no inspector's signature on these figures is here: that they were counted is the node's word";
        findings.not_shown("V-067", node, None, why);
    }
    (sheet, cosigned)
}

/// That a sheet is one that anybody may see, of this node: nothing names the mandate, and no small count is told or follows from a total.
fn is_for_the_public(sheet: &Sheet, known: &Known) -> Result<(), String> {
    let is_about = sheet.form == FIGURES_FORM
        && sheet.network == known.network.as_str()
        && sheet.agreement == known.agreement
        && sheet.node == known.node.as_str();
    if !is_about {
        return Err("they are of another form, network, agreement or node".to_owned());
    }
    let named = sheet.mandate.is_some() || sheet.basis.is_some();
    let Some(below) = sheet.suppress_below.filter(|_| !named && sheet.leaves.or(sheet.unopened).is_none())
    else {
        return Err("they are not those for the public".to_owned());
    };
    if sheet.is_covered() == Some(false) {
        return Err("their tree ends before their days do".to_owned());
    }
    for counts in &sheet.tables {
        let is_public = TABLES.iter().any(|table| table.is_public && table.name == counts.table);
        let told = counts.rows.iter().try_fold(0_u64, |sum, row| sum.checked_add(row.count?));
        let is_small = counts.rows.iter().filter_map(|row| row.count).any(|count| count < below);
        if !is_public || is_small || counts.total != told {
            return Err(format!("{}: a table for the public does not stand so", counts.table));
        }
    }
    Ok(())
}
