//! Who cosigned what the public is told: inspectors, each under a key of their own, for which the node vouches in a notice.
//!
//! *Absent:* belief in the node's word for such a key. Whoever compared its fingerprint with the oversight body says so.

use super::found;
use crate::cards::{self, Known};
use crate::folder::Folder;
use crate::report::Findings;
use crate::{Cosigner, Trust};
use attache_accord::mandate::{MAX_INSPECTORS, Mandate};
use attache_accord::{Digest, PersonId};
use attache_seal::papers::{Notice, ReportCosignature};
use attache_seal::statement::Signed;
use std::collections::BTreeSet;

/// What is cosigned, and by whom that may be.
pub(super) struct Asked<'a> {
    /// The code of the check.
    pub(super) check: &'static str,
    /// Where the cosignatures lie.
    pub(super) path: String,
    /// Digest of the signed figures for the public.
    pub(super) public: Result<Digest, String>,
    /// Whom the mandate names; nobody knows where it is not here.
    pub(super) mandate: Option<&'a Mandate>,
}

/// Checks every cosignature in the folder of a node, and gives those that hold.
pub(super) fn check(
    folder: &Folder,
    known: &Known,
    mandate: &Mandate,
    trust: &Trust,
    findings: &mut Findings,
) -> Vec<Cosigner> {
    let (path, public) = (format!("{}/cosignatures", known.node), public(folder, known));
    let asked = Asked { check: "V-050", path, public, mandate: Some(mandate) };
    all(folder, known, &asked, trust, findings)
}

/// The same of whatever is cosigned.
pub(super) fn all(
    folder: &Folder,
    known: &Known,
    asked: &Asked<'_>,
    trust: &Trust,
    findings: &mut Findings,
) -> Vec<Cosigner> {
    let (node, path, check) = (known.node.as_str(), &asked.path, asked.check);
    let names = match folder.names(path, MAX_INSPECTORS) {
        Ok(names) => names,
        Err(why) => {
            findings.failed(check, node, Some(path.clone()), why);
            return Vec::new();
        }
    };
    let (mut cosigners, mut keys) = (Vec::new(), BTreeSet::new());
    for name in names {
        let place = format!("{path}/{name}");
        let read = read(folder, known, asked, (&place, &name));
        let fresh = read.and_then(|cosigner| match keys.insert(cosigner.key.clone()) {
            true => Ok(cosigner),
            false => Err("its key is that of another cosignature; one inspector cosigns once".to_owned()),
        });
        let Some(cosigner) = found(findings, check, node, Some(place.clone()), fresh) else { continue };
        if cards::is_compared(trust, &cosigner.key) {
            findings.proved("V-051", node, Some(place));
        } else {
            let why = format!(
                "nobody said that {} is the key of {}; compare it with the oversight body by another way",
                cosigner.key, cosigner.by
            );
            findings.not_shown("V-051", node, Some(place), &why);
        }
        cosigners.push(cosigner);
    }
    cosigners
}

/// One cosignature: the node's notice, and in it what the inspector signed.
fn read(
    folder: &Folder,
    known: &Known,
    asked: &Asked<'_>,
    (place, name): (&str, &str),
) -> Result<Cosigner, String> {
    let notice = Signed::from_bytes(&folder.bytes(place)?).map_err(|error| error.to_string())?;
    if name.strip_suffix(".cbor").and_then(|hex| hex.parse().ok()) != Some(notice.digest()) {
        return Err("its digest is not its name".to_owned());
    }
    let claimed = notice.dangerously_unverified::<Notice>().map_err(|error| error.to_string())?.head;
    let card = known.card_at(claimed.at).ok_or("signed while no card of its node was in force")?;
    let brought =
        notice.open::<Notice>(&card.node_key, &known.expect()).map_err(|error| error.to_string())?;
    if brought.head.signer != known.node.as_str() {
        return Err("signed in another node's name".to_owned());
    }
    let signed = Signed::from_bytes(&brought.body.statement).map_err(|error| error.to_string())?;
    let opened = signed.open::<ReportCosignature>(&brought.body.verifying, &known.expect());
    let cosignature = opened.map_err(|error| format!("what the inspector signed: {error}"))?;
    let by: PersonId = cosignature.head.signer.parse().map_err(|_| "its signer has no pseudonym")?;
    if asked.mandate.is_some_and(|mandate| !mandate.inspectors.contains(&by)) {
        return Err(format!("{by} cosigned it, whom the mandate does not name"));
    }
    if cosignature.body.public != asked.public.clone()? {
        return Err("it is of other figures than those that are here".to_owned());
    }
    let (node, at) = (known.node.to_string(), cosignature.head.at.to_string());
    Ok(Cosigner { node, by: by.to_string(), at, key: cosignature.head.key.fingerprint() })
}

/// Digest of the signed figures for the public.
fn public(folder: &Folder, known: &Known) -> Result<Digest, String> {
    let place = format!("{}/public.cbor", known.node);
    if !folder.has(&place) {
        return Err("the report tells the public nothing that could be cosigned".to_owned());
    }
    let signed = Signed::from_bytes(&folder.bytes(&place)?).map_err(|error| error.to_string())?;
    Ok(signed.digest())
}
