//! The agreements between two Parties under which an arrangement among more protects what goes between them.
//!
//! *Absent:* their own terms. Each would be a pack of its own; here they are named.

use super::file::LegFile;
use super::is_agreement_name;
use super::reader::Reader;
use attache_accord::Party;
use attache_accord::agreement::Terms;

/// Reads which agreement is between which two Parties.
pub(super) fn read(files: &[LegFile], terms: &mut Terms, reader: &mut Reader<'_>) {
    for file in files {
        let basis = file.basis.get_ref();
        if !is_agreement_name(basis) {
            reader.wrong(file.basis.span(), "basis must be 1 to 32 of a-z, 0-9 and '-'");
        }
        let parties: Vec<Party> = reader.codes(file.parties.get_ref()).into_iter().collect();
        match <[Party; 2]>::try_from(parties) {
            Ok(two) if two.iter().all(|party| terms.parties.contains(party)) => {
                if terms.legs.insert(two, basis.clone()).is_some() {
                    reader.wrong(file.parties.span(), "two agreements between the same Parties");
                }
            }
            _ => reader.wrong(file.parties.span(), "a leg is between two Parties of this agreement"),
        }
    }
}
