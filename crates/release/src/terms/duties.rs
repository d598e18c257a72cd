//! What is owed and how soon, as `terms.toml` says it.
//!
//! *Absent:* duties that this software does not know; it could not act on them.

use super::file::ObligationFile;
use super::reader::Reader;
use super::{Named, NamesFound};
use attache_accord::obligation::{Due, Obligation};
use std::collections::BTreeMap;

/// Reads how soon each duty is owed.
pub(super) fn read(
    files: &[ObligationFile],
    names: &mut NamesFound,
    reader: &mut Reader<'_>,
) -> BTreeMap<Obligation, Due> {
    let mut read = BTreeMap::new();
    for file in files {
        let due = reader.parse::<Due>(&file.due);
        let said = reader.names(&file.name);
        let Some(duty) = reader.parse::<Obligation>(&file.duty) else { continue };
        if read.insert(duty, due.unwrap_or(Due::Open)).is_some() {
            reader.wrong(file.duty.span(), format!("{duty} stands twice"));
        }
        if due.is_some_and(|due| due.hours().is_none()) && TIMED.contains(&duty) {
            reader.wrong(file.due.span(), format!("{duty} needs a number of hours or days"));
        }
        names.extend(said.into_iter().map(|(language, name)| ((Named::Obligation(duty), language), name)));
    }
    for (duty, _) in Obligation::ALL {
        if !read.contains_key(&duty) {
            reader.missing(format!("nothing is said of the obligation {duty}"));
        }
    }
    read
}

/// The duties that the node itself watches by the clock.
const TIMED: [Obligation; 2] = [Obligation::Receipt, Obligation::ReceiptProof];

/// The hours of a duty in [`TIMED`]; a fault was noted where it has none.
pub(super) fn due_hours(duty: Obligation, read: &BTreeMap<Obligation, Due>) -> u64 {
    read.get(&duty).and_then(|due| due.hours()).unwrap_or_default()
}
