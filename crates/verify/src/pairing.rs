//! Packages and receipts, held against each other and against both logs.
//!
//! A log alone cannot show that a node journals all it does. Two logs that must pair can.
//!
//! *Absent:* nodes that are not in the folder. What only they could show is not shown.

use crate::report::{Counts, Findings};
use crate::{Log, Node};
use attache_accord::{Digest, NodeName};
use attache_seal::digest::sha256;
use attache_seal::papers::{Outcome, Package, Receipt};
use attache_seal::statement::Signed;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn check(nodes: &BTreeMap<NodeName, Node>, counts: &mut Counts, findings: &mut Findings) {
    let mut packages: BTreeMap<Digest, Package> = BTreeMap::new();
    let mut receipts: BTreeMap<Digest, (NodeName, Signed)> = BTreeMap::new();
    for (name, node) in nodes {
        for (digest, signed) in &node.statements {
            if signed.name() == "receipt" {
                receipts.insert(*digest, (name.clone(), signed.clone()));
                continue;
            }
            match package(nodes, name, signed) {
                Ok(Some(package)) => {
                    packages.insert(*digest, package);
                }
                Ok(None) => {
                    let why = "its sender's card is not in this folder";
                    findings.not_shown("V-007", name.as_str(), Some(digest.to_string()), why);
                }
                Err(why) => findings.failed("V-007", name.as_str(), Some(digest.to_string()), why),
            }
        }
    }
    counts.packages = packages.len() as u64;
    counts.receipts = receipts.len() as u64;
    for (digest, package) in &packages {
        let sender = package.sender.as_str();
        match nodes.get(&package.sender).and_then(|node| node.log.as_ref()) {
            Some(log) if has(log, "dispatch owed", digest) => {
                findings.proved("V-007", sender, Some(digest.to_string()));
            }
            Some(_) => {
                let why = "the sender's log has no such dispatch, or does not reach so far";
                findings.failed("V-007", sender, Some(digest.to_string()), why);
            }
            None => {
                findings.not_shown("V-007", sender, Some(digest.to_string()), "the sender's log is not here");
            }
        }
    }
    let mut receipted = BTreeSet::new();
    for (digest, (holder, signed)) in &receipts {
        match receipt(nodes, &packages, signed) {
            Ok(Some(package)) => {
                receipted.insert(package);
                findings.proved("V-008", holder.as_str(), Some(digest.to_string()));
            }
            Ok(None) => {
                let why = "the receiver's card or log is not in this folder";
                findings.not_shown("V-008", holder.as_str(), Some(digest.to_string()), why);
            }
            Err(why) => findings.failed("V-008", holder.as_str(), Some(digest.to_string()), why),
        }
    }
    pair(nodes, &packages, &receipted, findings);
}

/// A package, if its sender is here to verify it under.
fn package(
    nodes: &BTreeMap<NodeName, Node>,
    holder: &NodeName,
    signed: &Signed,
) -> Result<Option<Package>, String> {
    let claimed = signed.dangerously_unverified::<Package>().map_err(|error| error.to_string())?;
    let Some(sender) = nodes.get(&claimed.body.sender) else { return Ok(None) };
    let opened = signed.open::<Package>(&sender.known.card.label_key, &sender.known.expect());
    let statement = opened.map_err(|error| error.to_string())?;
    if statement.head.signer != claimed.body.sender.as_str() {
        return Err("signed in another node's name".to_owned());
    }
    if *holder != claimed.body.sender && *holder != claimed.body.recipient {
        return Err("held by a node that neither sent nor received it".to_owned());
    }
    Ok(Some(statement.body))
}

/// The package that a receipt proves to be admitted; none where the receiver is not here.
fn receipt(
    nodes: &BTreeMap<NodeName, Node>,
    packages: &BTreeMap<Digest, Package>,
    signed: &Signed,
) -> Result<Option<Digest>, String> {
    let claimed = signed.dangerously_unverified::<Receipt>().map_err(|error| error.to_string())?;
    let signer: NodeName = claimed.head.signer.parse().map_err(|_| "signed in no node's name")?;
    let Some(receiver) = nodes.get(&signer) else { return Ok(None) };
    let opened = signed.open::<Receipt>(&receiver.known.card.node_key, &receiver.known.expect());
    let receipt = opened.map_err(|error| error.to_string())?.body;
    let package =
        packages.get(&receipt.package).ok_or("the package that it names is not here, or not proved")?;
    if package.recipient != signer || package.dispatch != receipt.dispatch {
        return Err("the package that it names is another's".to_owned());
    }
    if receipt.log_origin != receiver.known.card.log_origin {
        return Err("it names another log than its signer's".to_owned());
    }
    let Some(log) = &receiver.log else { return Ok(None) };
    let index = usize::try_from(receipt.leaf_index).unwrap_or(usize::MAX);
    let leaf =
        log.leaves.get(index).ok_or("its admission is past the receiver's checkpoint; wait for the next")?;
    if leaf.hash != receipt.leaf_hash.0 {
        return Err("its admission is not the leaf at that place of the receiver's log".to_owned());
    }
    let is_admission = leaf.act() == "admitted" && leaf.pair() == tag(&receipt.package);
    if receipt.outcome != Outcome::Admitted || !is_admission {
        return Err("the leaf that it names is no admission of this package".to_owned());
    }
    Ok(Some(receipt.package))
}

/// What one log says was sent, the other says was received, and the other way round.
fn pair(
    nodes: &BTreeMap<NodeName, Node>,
    packages: &BTreeMap<Digest, Package>,
    receipted: &BTreeSet<Digest>,
    findings: &mut Findings,
) {
    let tags: BTreeMap<String, &Package> =
        packages.iter().map(|(digest, package)| (tag(digest), package)).collect();
    for (name, node) in nodes {
        let Some(log) = &node.log else { continue };
        let mut wrong = None;
        for (index, leaf) in log.leaves.iter().enumerate() {
            let is_ours = |package: &&&Package| match leaf.act() {
                "dispatch owed" => package.sender == *name,
                _ => package.recipient == *name,
            };
            let speaks = matches!(leaf.act(), "dispatch owed" | "arrival verified" | "admitted");
            if speaks && tags.get(leaf.pair()).filter(is_ours).is_none() {
                wrong = Some((index, "no package here belongs to this leaf"));
            }
        }
        match wrong {
            Some((index, why)) => findings.failed("V-009", name.as_str(), Some(format!("leaf {index}")), why),
            None => findings.proved("V-009", name.as_str(), None),
        }
    }
    for (digest, package) in packages {
        let Some(log) = nodes.get(&package.recipient).and_then(|node| node.log.as_ref()) else {
            let why = "the receiver's log is not here";
            findings.not_shown("V-009", package.recipient.as_str(), Some(digest.to_string()), why);
            continue;
        };
        let place = Some(digest.to_string());
        let receiver = package.recipient.as_str();
        if !has(log, "arrival verified", digest) {
            findings.not_shown(
                "V-009",
                receiver,
                place,
                "sent, and not in the receiver's log: on its way, or not recorded",
            );
        } else if !receipted.contains(digest) {
            findings.not_shown(
                "V-009",
                receiver,
                place,
                "arrived, and no proved receipt is here: it may wait for a person",
            );
        }
    }
}

fn has(log: &Log, act: &str, package: &Digest) -> bool {
    let tag = tag(package);
    log.leaves.iter().any(|leaf| leaf.act() == act && leaf.pair() == tag)
}

/// The pair tag of leaf field 11, in hexadecimal.
fn tag(package: &Digest) -> String {
    sha256(&[b"attache/pair/v1\n", package.as_bytes()]).to_string()
}
