//! The packages and receipts that whole logs bring along: files named by the digest of what they hold. Each is read once, also where both
//! ends bring it along.
//!
//! *Absent:* signatures; whose key is asked for is known only once a paper is held against the others.

use crate::Nodes;
use crate::ahead::{Ahead, ahead};
use crate::folder::Folder;
use crate::report::Findings;
use crate::statements::{BESIDE, Statements, listed, named, place};
use attache_accord::{Digest, NodeName};
use attache_seal::digest::sha256;
use attache_seal::papers::{Package, Receipt};
use attache_seal::statement::{Body, Claimed, Signed, StatementError};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Papers of one kind by digest, and why one says nothing of its kind.
pub(crate) type Papers<B> = BTreeMap<Digest, Rc<Result<Claimed<B>, StatementError>>>;

/// What one node brings along.
#[derive(Default)]
pub(crate) struct Exchanged {
    pub(crate) packages: Papers<Package>,
    pub(crate) receipts: Papers<Receipt>,
    /// Statements of other kinds.
    pub(crate) beside: Statements,
}

/// Reads the papers of a node; `nodes` are those that were read before it.
pub(crate) fn read(folder: &Folder, node: &NodeName, nodes: &Nodes, findings: &mut Findings) -> Exchanged {
    let mut papers = Exchanged::default();
    let names = listed(folder, node, "statements", findings);
    ahead(folder, names.iter().map(|name| place(node, name)), |ahead| {
        for name in &names {
            let place = place(node, name);
            if let Err(why) = papers.add(ahead, name, &place, nodes) {
                findings.failed("V-010", node.as_str(), Some(place), why);
            }
        }
    });
    if !papers.packages.is_empty() || !papers.receipts.is_empty() || !papers.beside.is_empty() {
        findings.proved("V-010", node.as_str(), None);
    }
    papers
}

impl Exchanged {
    fn add(&mut self, files: &mut Ahead<'_>, name: &str, place: &str, nodes: &Nodes) -> Result<(), String> {
        let digest = named(name)?;
        let bytes = files.bytes(place)?;
        let found = sha256(&[&bytes]);
        if found == digest && nodes.values().any(|other| self.share(digest, &other.papers)) {
            return Ok(());
        }
        let signed = Signed::from_bytes(&bytes).map_err(|error| error.to_string())?;
        if found != digest {
            return Err("its digest is not its name".to_owned());
        }
        match signed.name() {
            Package::NAME => drop(self.packages.insert(digest, Rc::new(signed.claimed()))),
            Receipt::NAME => drop(self.receipts.insert(digest, Rc::new(signed.claimed()))),
            name if BESIDE.contains(&name) => drop(self.beside.insert(digest, signed)),
            _ => return Err(format!("none of {}, {}, {}", Package::NAME, Receipt::NAME, BESIDE.join(", "))),
        }
        Ok(())
    }

    /// Takes a paper that another node brought along too; whether it did.
    fn share(&mut self, digest: Digest, other: &Self) -> bool {
        if let Some(package) = other.packages.get(&digest) {
            self.packages.insert(digest, Rc::clone(package));
            return true;
        }
        let receipt = other.receipts.get(&digest);
        receipt.is_some_and(|receipt| self.receipts.insert(digest, Rc::clone(receipt)).is_none())
    }
}
