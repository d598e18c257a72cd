//! The figures that a node signed, against those that the opened fields give; what the public is told; and what people read.
//!
//! *Absent:* the pack's rule on small counts, where the pack is none of those built in.

use super::found;
use super::leaves::Read;
use super::said::Said;
use crate::cards::Known;
use crate::folder::Folder;
use crate::report::Findings;
use attache_accord::mandate::Mandate;
use attache_accord::{CivilDay, Digest};
use attache_release::{Counts, FIGURES_FORM, Language, Names, Pack, Sheet};
use attache_seal::digest::sha256;

pub(super) fn check(
    folder: &Folder,
    known: &Known,
    (said, mandate): (&Said, &Mandate),
    read: &Read,
    findings: &mut Findings,
) {
    let node = known.node.as_str();
    let place = format!("{node}/figures.json");
    let stated_figures = stated(folder, &place, said.report.figures);
    // Older builds did not say how far the tree reaches; that it does is a check by itself.
    let says = stated_figures.as_ref().is_ok_and(|stated| stated.reaches.is_some());
    let reaches = read.last.filter(|_| says);
    let counted = counted(known, (said, mandate), (read, reaches));
    let figures = stated_figures.and_then(|stated| same(&stated, &counted));
    found(findings, "V-044", node, Some(place), figures);
    people(folder, node, "figures", &counted, findings);
    let Some(digest) = said.report.public else { return };
    let place = format!("{node}/public.json");
    let Some(public) = found(findings, "V-045", node, Some(place.clone()), stated(folder, &place, digest))
    else {
        return;
    };
    let signed = format!("{node}/public.cbor");
    let json = public.to_json().map_err(|error| error.to_string());
    let told = json.and_then(|json| said.told(folder, known, &signed, &json));
    found(findings, "V-045", node, Some(signed), told);
    let below = public.suppress_below.unwrap_or_default();
    let told = same(&public, &counted.for_the_public(below));
    if found(findings, "V-045", node, Some(place.clone()), told).is_none() {
        return;
    }
    match agreed(said.pack) {
        Some(agreed) if agreed != Some(below) => {
            findings.failed("V-045", node, Some(place), "the number is not the one that the pack agrees");
        }
        Some(_) => {}
        None => {
            let why = format!("whether {below} is the number agreed: pack {} is not built in", said.pack);
            findings.not_shown("V-045", node, Some(place), &why);
        }
    }
    people(folder, node, "public", &public, findings);
}

/// What the pack says of small counts, where it is one of those built in.
pub(super) fn agreed(pack: Digest) -> Option<Option<u64>> {
    Pack::built_in().iter().find(|known| known.digest() == pack).map(|known| known.terms().suppress_below)
}

/// The figures as this verifier counts them.
fn counted(
    known: &Known,
    (said, mandate): (&Said, &Mandate),
    (read, reaches): (&Read, Option<CivilDay>),
) -> Sheet {
    let named = |name: &Option<String>| name.clone().unwrap_or_else(|| mandate.body.clone());
    let about = Sheet {
        form: FIGURES_FORM.to_owned(),
        network: known.network.as_str().to_owned(),
        agreement: known.agreement.clone(),
        node: known.node.to_string(),
        body: Names { ko: named(&mandate.body_ko), ja: named(&mandate.body_ja), en: mandate.body.clone() },
        mandate: Some(said.mandate.to_string()),
        basis: Some(mandate.basis.clone()),
        from: said.report.from.to_string(),
        until: said.report.until.to_string(),
        size: said.report.size,
        reaches: reaches.map(|day| day.to_string()),
        leaves: None,
        unopened: Some(read.unopened),
        suppress_below: None,
        tables: Vec::new(),
    };
    about.counted(&read.figures)
}

/// A sheet that the node signed.
fn stated(folder: &Folder, place: &str, digest: Digest) -> Result<Sheet, String> {
    let sheet: Sheet = folder.json(place)?;
    let json = sheet.to_json().map_err(|error| error.to_string())?;
    if sha256(&[&json]) != digest {
        return Err("not the figures that the node signed".to_owned());
    }
    Ok(sheet)
}

/// That what is stated is what was counted; the first difference by its table and row.
fn same(stated: &Sheet, counted: &Sheet) -> Result<(), String> {
    let heads = |sheet: &Sheet| Sheet { tables: Vec::new(), ..sheet.clone() };
    if heads(stated) != heads(counted) {
        return Err(
            "what the figures are about is not what the report, its mandate and its leaves say".to_owned()
        );
    }
    let names = |sheet: &Sheet| sheet.tables.iter().map(|counts| counts.table.clone()).collect::<Vec<_>>();
    if names(stated) != names(counted) {
        return Err(format!(
            "tables {}, where these fields give {}",
            names(stated).join(", "),
            names(counted).join(", ")
        ));
    }
    let pairs = stated.tables.iter().zip(&counted.tables);
    pairs
        .filter(|(stated, counted)| stated != counted)
        .try_for_each(|(stated, counted)| Err(difference(stated, counted)))
}

fn difference(stated: &Counts, counted: &Counts) -> String {
    let told = |count: Option<Option<u64>>| match count {
        None => "no row".to_owned(),
        Some(None) => "nothing told".to_owned(),
        Some(Some(count)) => count.to_string(),
    };
    let of =
        |counts: &Counts, of: &[String]| counts.rows.iter().find(|row| row.of == of).map(|row| row.count);
    let rows = counted.rows.iter().chain(&stated.rows);
    let differing = rows.map(|row| &row.of).find(|key| of(stated, key) != of(counted, key));
    match differing {
        Some(key) => format!(
            "{}: {}: {} is stated, {} is counted",
            counted.table,
            key.join(" · "),
            told(of(stated, key)),
            told(of(counted, key))
        ),
        None => format!(
            "{}: a total of {} is stated, {} is counted",
            counted.table,
            told(Some(stated.total)),
            told(Some(counted.total))
        ),
    }
}

/// That what people read is what this build would write of the same figures.
fn people(folder: &Folder, node: &str, name: &str, sheet: &Sheet, findings: &mut Findings) {
    let mut wrong = None;
    for language in Language::ALL {
        let written = [
            ("html", sheet.html(language).into_bytes()),
            ("pdf", sheet.pdf(language)),
            ("csv", sheet.csv(language).into_bytes()),
        ];
        for (ending, bytes) in written {
            let place = format!("{node}/{name}.{language}.{ending}");
            // All are read, so that none is left over as a file that nobody vouches for.
            let read = folder.bytes(&place).and_then(|read| match read == bytes {
                true => Ok(()),
                false => Err("it does not say what the figures say, or another build wrote it".to_owned()),
            });
            wrong = wrong.or(read.err().map(|why| (place, why)));
        }
    }
    match wrong {
        None => findings.proved("V-046", node, Some(format!("{node}/{name}"))),
        Some((place, why)) => findings.failed("V-046", node, Some(place), why),
    }
}
