//! The Parties with their names, authorities and domestic gates, as `terms.toml` says them.
//!
//! *Absent:* levels; those are the table's.

use super::file::PartyFile;
use super::reader::Reader;
use super::{Named, NamesFound};
use attache_accord::Party;
use attache_accord::agreement::{Authority, AuthorityCode, GateCode, Terms};
use std::collections::BTreeMap;

/// The word for a reference that is not known.
const UNKNOWN: &str = "unknown";

/// Reads one Party into the terms.
pub(super) fn read(
    file: &PartyFile,
    terms: &mut Terms,
    names: &mut NamesFound,
    sources: &mut BTreeMap<(Party, GateCode), String>,
    reader: &mut Reader<'_>,
) {
    let said = reader.names(&file.name);
    // The fault was noted with the levels.
    let Ok(party) = file.code.get_ref().parse::<Party>() else { return };
    names.extend(said.into_iter().map(|(language, name)| ((Named::Party(party), language), name)));
    let mut gates: Vec<GateCode> = Vec::new();
    for gate in &file.gate {
        let (said, source) = (reader.names(&gate.name), reader.filled(&gate.source));
        let Some(code) = reader.parse::<GateCode>(&gate.code) else { continue };
        if gates.contains(&code) {
            reader.wrong(gate.code.span(), format!("gate {code} of {party} stands twice"));
        }
        names.extend(
            said.into_iter().map(|(language, name)| ((Named::Gate(party, code.clone()), language), name)),
        );
        sources.insert((party, code.clone()), source);
        gates.push(code);
    }
    let mut authorities: Vec<Authority> = Vec::new();
    for authority in &file.authority {
        let (said, notification) = (reader.names(&authority.name), reader.filled(&authority.notification));
        let Some(code) = reader.parse::<AuthorityCode>(&authority.code) else { continue };
        if authorities.iter().any(|other| other.code == code) {
            reader.wrong(authority.code.span(), format!("authority {code} of {party} stands twice"));
        }
        let named = Named::Authority(party, code.clone());
        names.extend(said.into_iter().map(|(language, name)| ((named.clone(), language), name)));
        authorities.push(Authority { code, notification: Some(notification).filter(|note| note != UNKNOWN) });
    }
    if file.authority.is_empty() {
        reader.wrong(file.code.span(), format!("party {party} has no competent authority"));
    }
    terms.gates.insert(party, gates);
    terms.authorities.insert(party, authorities);
}
