//! A report as a folder of files: what it says, the leaves with what is opened of them, and the same for people.
//!
//! *Absent:* anything that is not in the published tree.

use super::{Prepared, Tree};
use crate::evidence::{BUNDLE_LEAVES, Heading, json};
use crate::fault::Fault;
use crate::office::Office;
use attache_release::{BESIDE, Language, REPORT_FORM, Sheet};
use attache_tlog::{encode_bundle, encode_opened};
use std::io;

impl Office {
    /// Hands a report to `write`, file by file, by path within the folder.
    ///
    /// # Errors
    /// [`Fault`] where the journal cannot be read or `write` fails.
    pub fn write_report(
        &self,
        report: &Prepared,
        write: &mut dyn FnMut(&str, &[u8]) -> io::Result<()>,
    ) -> Result<(), Fault> {
        let mut put = |path: &str, bytes: &[u8]| write(path, bytes).map_err(Fault::Export);
        let node = self.identity.node.to_string();
        let heading = Heading {
            form: REPORT_FORM.to_owned(),
            network: self.identity.network.as_str().to_owned(),
            agreement: self.identity.agreement.clone(),
            nodes: vec![node.clone()],
        };
        put("report.json", &json(&heading)?)?;
        self.put_cards(report.tree.published.size, &mut put)?;
        let Tree { published, before, is_cosigned } = &report.tree;
        put(&format!("{node}/checkpoint"), published.checkpoint.as_bytes())?;
        if let Some(before) = before {
            put(&format!("{node}/before"), before.checkpoint.as_bytes())?;
        }
        if *is_cosigned {
            for card in self.partners_cards()? {
                put(&format!("{node}/partners/{}.cbor", card.digest()), &card.to_bytes())?;
            }
        }
        put(&format!("{node}/report.cbor"), &report.statement.to_bytes())?;
        put(&format!("{node}/extent.json"), &json(&report.extent)?)?;
        for_people(&format!("{node}/figures"), &report.sheet, &mut put)?;
        if let Some((sheet, signed)) = &report.public {
            for_people(&format!("{node}/public"), sheet, &mut put)?;
            put(&format!("{node}/public.cbor"), &signed.to_bytes())?;
        }
        self.leaves_of(report, &mut put)
    }

    fn leaves_of(
        &self,
        report: &Prepared,
        put: &mut impl FnMut(&str, &[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (node, rest) = (&self.identity.node, self.papers.rest());
        let extent = &report.extent;
        let origins = self.origins()?;
        let (mut bundle, mut opened, mut beside): (Vec<Vec<u8>>, Vec<u8>, Vec<u8>) = Default::default();
        self.each_leaf(extent.to, &mut |leaf| {
            let index = leaf.row.index;
            if index < extent.start {
                return Ok(());
            }
            if index >= extent.from {
                let (fields, out) = match (extent.first..extent.end).contains(&index) {
                    true => (extent.fields.as_slice(), &mut opened),
                    false => (BESIDE.as_slice(), &mut beside),
                };
                let fields = leaf.opened(rest, origins.at(index)?, fields)?;
                encode_opened(fields.as_deref(), out).map_err(|_| Fault::Encoding)?;
            }
            bundle.push(leaf.row.entry.clone());
            let next = index + 1;
            if next % BUNDLE_LEAVES as u64 == 0 || next == extent.to {
                let number = index / BUNDLE_LEAVES as u64;
                let leaves = encode_bundle(&bundle).map_err(|_| Fault::Encoding)?;
                put(&format!("{node}/entries/{number:06}"), &leaves)?;
                bundle.clear();
                for (name, bytes) in [("opened", &mut opened), ("beside", &mut beside)] {
                    if !bytes.is_empty() {
                        put(&format!("{node}/{name}/{number:06}"), bytes)?;
                        bytes.clear();
                    }
                }
            }
            Ok(())
        })
    }
}

fn for_people(
    path: &str,
    sheet: &Sheet,
    put: &mut impl FnMut(&str, &[u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    put(&format!("{path}.json"), &sheet.to_json().map_err(|_| Fault::Encoding)?)?;
    for language in Language::ALL {
        put(&format!("{path}.{language}.html"), sheet.html(language).as_bytes())?;
        put(&format!("{path}.{language}.pdf"), &sheet.pdf(language))?;
        put(&format!("{path}.{language}.csv"), sheet.csv(language).as_bytes())?;
    }
    Ok(())
}
