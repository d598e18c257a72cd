//! The statements that one node brings along about an item: files named by the digest of what they hold.
//!
//! *Absent:* signatures; whose key is asked for is known only once the statement is read with the others.

use crate::folder::{Folder, MAX_STATEMENTS};
use crate::report::Findings;
use crate::{Node, Nodes};
use attache_accord::{Digest, NodeName};
use attache_seal::digest::sha256;
use attache_seal::papers::{HopReceipt, Opening, OpeningAnswer, Waybill};
use attache_seal::statement::{Body, Signed, Statement};
use std::collections::BTreeMap;

/// Statements by digest.
pub(crate) type Statements = BTreeMap<Digest, Signed>;

/// What whole logs bring along beside packages and receipts.
pub(crate) const BESIDE: [&str; 4] = [Waybill::NAME, HopReceipt::NAME, Opening::NAME, OpeningAnswer::NAME];

pub(crate) fn read(
    folder: &Folder,
    node: &NodeName,
    allowed: &[&str],
    findings: &mut Findings,
) -> Statements {
    let mut statements = Statements::new();
    for name in listed(folder, node, findings) {
        let place = place(node, &name);
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

/// The names of the files in which a node's statements lie.
pub(crate) fn listed(folder: &Folder, node: &NodeName, findings: &mut Findings) -> Vec<String> {
    let path = format!("{node}/statements");
    folder.names(&path, MAX_STATEMENTS).unwrap_or_else(|why| {
        findings.failed("V-010", node.as_str(), Some(path), why);
        Vec::new()
    })
}

/// Where one of them lies.
pub(crate) fn place(node: &NodeName, name: &str) -> String {
    format!("{node}/statements/{name}")
}

fn one(folder: &Folder, name: &str, place: &str, allowed: &[&str]) -> Result<(Digest, Signed), String> {
    let digest = named(name)?;
    let bytes = folder.bytes(place)?;
    let signed = Signed::from_bytes(&bytes).map_err(|error| error.to_string())?;
    if sha256(&[&bytes]) != digest {
        return Err("its digest is not its name".to_owned());
    }
    if !allowed.contains(&signed.name()) {
        return Err(format!("none of {}", allowed.join(", ")));
    }
    Ok((digest, signed))
}

/// What a node signed with its node key, under its card of that time; nothing where its card is not here.
pub(crate) fn said_by<'n, B: Body>(
    nodes: &'n Nodes,
    signed: &Signed,
) -> Result<Option<(&'n Node, Statement<B>)>, String> {
    let head = signed.dangerously_unverified::<B>().map_err(|error| error.to_string())?.head;
    let signer: NodeName = head.signer.parse().map_err(|_| "signed in no node's name")?;
    let Some(signer) = nodes.get(&signer) else { return Ok(None) };
    let card = signer.known.card_at(head.at).ok_or("signed while no card of its signer was in force")?;
    let opened = signed.open::<B>(&card.node_key, &signer.known.expect());
    Ok(Some((signer, opened.map_err(|error| error.to_string())?)))
}

/// The digest that a statement's file is named by.
pub(crate) fn named(name: &str) -> Result<Digest, String> {
    let digest = name.strip_suffix(".cbor").and_then(|hex| hex.parse::<Digest>().ok());
    digest.ok_or_else(|| "its name is not a digest".to_owned())
}
