//! The statements of one node: files named by the digest of what they hold.
//!
//! *Absent:* signatures; whose key is asked for is known only once the statement is read with the others.

use crate::folder::{Folder, MAX_STATEMENTS};
use crate::report::Findings;
use attache_accord::{Digest, NodeName};
use attache_seal::papers::{Package, Receipt};
use attache_seal::statement::{Body, Signed};
use std::collections::BTreeMap;

/// Statements by digest.
pub(crate) type Statements = BTreeMap<Digest, Signed>;

/// What whole logs bring along.
pub(crate) const EXCHANGED: [&str; 2] = [Package::NAME, Receipt::NAME];

pub(crate) fn read(
    folder: &Folder,
    node: &NodeName,
    allowed: &[&str],
    findings: &mut Findings,
) -> Statements {
    let mut statements = Statements::new();
    let path = format!("{node}/statements");
    let names = match folder.names(&path, MAX_STATEMENTS) {
        Ok(names) => names,
        Err(why) => {
            findings.failed("V-010", node.as_str(), Some(path), why);
            return statements;
        }
    };
    for name in names {
        let place = format!("{path}/{name}");
        match one(folder, &name, &place, allowed) {
            Ok((digest, signed)) => {
                statements.insert(digest, signed);
            }
            Err(why) => findings.failed("V-010", node.as_str(), Some(place), why),
        }
    }
    if !statements.is_empty() {
        findings.proved("V-010", node.as_str(), None);
    }
    statements
}

fn one(folder: &Folder, name: &str, place: &str, allowed: &[&str]) -> Result<(Digest, Signed), String> {
    let digest = name.strip_suffix(".cbor").and_then(|hex| hex.parse::<Digest>().ok());
    let digest = digest.ok_or("its name is not a digest")?;
    let signed = Signed::from_bytes(&folder.bytes(place)?).map_err(|error| error.to_string())?;
    if signed.digest() != digest {
        return Err("its digest is not its name".to_owned());
    }
    if !allowed.contains(&signed.name()) {
        return Err(format!("none of {}", allowed.join(", ")));
    }
    Ok((digest, signed))
}
