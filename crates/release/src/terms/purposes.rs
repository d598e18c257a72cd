//! For what information is given, where the agreement names it.
//!
//! *Absent:* what else an originator approves of; each such purpose is its written word about one item (Art. 6(c)).

use super::file::PurposeFile;
use super::reader::Reader;
use super::{Named, NamesFound};
use attache_accord::particulars::Purpose;
use std::collections::BTreeSet;

/// Reads the purposes with their names.
pub(super) fn read(
    files: &[PurposeFile],
    names: &mut NamesFound,
    reader: &mut Reader<'_>,
) -> BTreeSet<Purpose> {
    let mut read = BTreeSet::new();
    for file in files {
        let said = reader.names(&file.name);
        let Some(purpose) = reader.parse::<Purpose>(&file.code) else { continue };
        if !read.insert(purpose.clone()) {
            reader.wrong(file.code.span(), format!("purpose {purpose} stands twice"));
        }
        let named = Named::Purpose(purpose);
        names.extend(said.into_iter().map(|(language, name)| ((named.clone(), language), name)));
    }
    read
}
