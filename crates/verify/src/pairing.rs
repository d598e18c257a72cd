//! Packages and receipts, held against each other and against both logs.
//!
//! A log alone cannot show that a node journals all it does. Two logs that must pair can.
//!
//! *Absent:* nodes that are not in the folder. What only they could show is not shown.

use crate::report::{Counts, Findings};
use crate::statements::Statements;
use crate::{Log, Nodes, tag};
use attache_accord::{Digest, NodeName, Timestamp};
use attache_seal::papers::{Outcome, Package, Receipt};
use attache_seal::statement::{Body as _, Signed};
use attache_tlog::{Hash, ProofFile};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What is known of the packages in the folder.
#[derive(Default)]
struct Packages {
    /// Signed by their senders.
    proved: BTreeMap<Digest, Package>,
    /// When their senders say that they signed them.
    at: BTreeMap<Digest, Timestamp>,
    /// Of senders that are not in the folder.
    claimed: BTreeSet<Digest>,
}

/// What became of a receipt.
enum Weighed {
    /// It proves that this package was admitted.
    Admitted(Digest),
    /// Something that it needs is not in the folder.
    NotShown(&'static str),
    /// Its signer's log lost the admission of this package, after a checkpoint had counted it.
    Lost(Digest),
}

pub(crate) fn check(nodes: &Nodes, counts: &mut Counts, findings: &mut Findings) {
    let shown = shown(nodes);
    let packages = packages(nodes, &shown, findings);
    let receipts = receipts(nodes, &packages, counts, findings);
    counts.packages = packages.proved.len() as u64;
    for (name, node) in nodes {
        if let Some(log) = &node.log {
            match unpaired(log, &node.statements) {
                None => findings.proved("V-009", name.as_str(), None),
                Some(index) => {
                    let why = "the statement that this leaf speaks of is not here";
                    findings.failed("V-009", name.as_str(), Some(format!("leaf {index}")), why);
                }
            }
        }
    }
    for (digest, package) in &packages.proved {
        let receiver = package.recipient.as_str();
        let why = match shown.get(&package.recipient) {
            None => "the receiver's log is not here",
            Some(_) if receipts.contains(digest) => continue,
            Some(log) if !log.contains(&(ARRIVAL, tag(digest))) => {
                "sent, and not in the receiver's log: on its way, or not recorded"
            }
            Some(_) => "arrived, and no proved receipt is here: it may wait for a person",
        };
        findings.not_shown("V-009", receiver, Some(digest.to_string()), why);
    }
}

/// Acts by which a log shows that a package left and that it came.
const DISPATCH: &str = "dispatch owed";
const ARRIVAL: &str = "arrival verified";

/// What each log that is here shows of packages: the act, and the tag of the package.
type Shown<'n> = BTreeMap<&'n NodeName, HashSet<(&'static str, String)>>;

/// Each log read once.
fn shown(nodes: &Nodes) -> Shown<'_> {
    let of_log = |log: &Log| {
        let leaves = log.leaves.iter().filter_map(|leaf| {
            let act = [DISPATCH, ARRIVAL].into_iter().find(|act| *act == leaf.act())?;
            Some((act, leaf.pair().to_owned()))
        });
        leaves.collect()
    };
    nodes.iter().filter_map(|(name, node)| Some((name, of_log(node.log.as_ref()?)))).collect()
}

fn packages(nodes: &Nodes, shown: &Shown<'_>, findings: &mut Findings) -> Packages {
    let mut packages = Packages::default();
    for (name, node) in nodes {
        for (digest, signed) in node.statements.iter().filter(|(_, signed)| signed.name() == "package") {
            // Both ends bring the same one along.
            let read = match packages.proved.get(digest) {
                Some(package) => Ok(Some(package.clone())),
                None => package(nodes, signed),
            };
            match read.and_then(|package| held_by(name, package)) {
                Ok(Some(package)) => {
                    let claimed = signed.dangerously_unverified::<Package>();
                    packages.at.insert(*digest, claimed.map(|claimed| claimed.head.at).unwrap_or_default());
                    packages.proved.insert(*digest, package);
                }
                Ok(None) => {
                    packages.claimed.insert(*digest);
                    let why = "its sender's card is not in this folder";
                    findings.not_shown("V-007", name.as_str(), Some(digest.to_string()), why);
                }
                Err(why) => findings.failed("V-007", name.as_str(), Some(digest.to_string()), why),
            }
        }
    }
    for (digest, package) in &packages.proved {
        let (sender, place) = (package.sender.as_str(), Some(digest.to_string()));
        let at = packages.at.get(digest).copied().unwrap_or_default();
        let known = nodes.get(&package.sender).map(|sender| &sender.known);
        let is_lost = known.is_some_and(|known| known.lost_before(at, package.decision_index).is_some());
        match shown.get(&package.sender) {
            Some(log) if log.contains(&(DISPATCH, tag(digest))) => findings.proved("V-007", sender, place),
            Some(_) if is_lost => {
                let why = "signed by its sender, whose log lost the entries of that time";
                findings.lost("V-007", sender, place, why);
            }
            Some(_) => {
                let why = "the sender's log has no such dispatch, or does not reach so far";
                findings.failed("V-007", sender, place, why);
            }
            None => findings.not_shown("V-007", sender, place, "the sender's log is not here"),
        }
    }
    packages
}

/// A package, if its sender is here to verify it under.
fn package(nodes: &Nodes, signed: &Signed) -> Result<Option<Package>, String> {
    let claimed = signed.dangerously_unverified::<Package>().map_err(|error| error.to_string())?;
    let Some(sender) = nodes.get(&claimed.body.sender) else { return Ok(None) };
    let at = claimed.head.at;
    let card = sender.known.card_at(at).ok_or("signed while no card of its sender was in force")?;
    let opened = signed.open::<Package>(&card.label_key, &sender.known.expect());
    let statement = opened.map_err(|error| error.to_string())?;
    if statement.head.signer != claimed.body.sender.as_str() {
        return Err("signed in another node's name".to_owned());
    }
    Ok(Some(statement.body))
}

/// The same, where its holder is one of its ends.
fn held_by(holder: &NodeName, package: Option<Package>) -> Result<Option<Package>, String> {
    match package {
        Some(package) if *holder != package.sender && *holder != package.recipient => {
            Err("held by a node that neither sent nor received it".to_owned())
        }
        other => Ok(other),
    }
}

/// Checks all receipts and gives the packages that they prove to be admitted.
fn receipts(
    nodes: &Nodes,
    packages: &Packages,
    counts: &mut Counts,
    findings: &mut Findings,
) -> BTreeSet<Digest> {
    let mut admitted = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (name, node) in nodes {
        for (digest, signed) in node.statements.iter().filter(|(_, signed)| signed.name() == "receipt") {
            if !seen.insert(*digest) {
                continue;
            }
            let (holder, place) = (name.as_str(), Some(digest.to_string()));
            match receipt(nodes, packages, (name, signed)) {
                Ok(Weighed::Admitted(package)) => {
                    admitted.insert(package);
                    findings.proved("V-008", holder, place);
                }
                Ok(Weighed::NotShown(why)) => findings.not_shown("V-008", holder, place, why),
                Ok(Weighed::Lost(package)) => {
                    admitted.insert(package);
                    let why = "signed by the receiver, whose log lost the admission after a checkpoint had counted it";
                    findings.lost("V-008", holder, place, why);
                }
                Err(why) => findings.failed("V-008", holder, place, why),
            }
        }
    }
    counts.receipts = seen.len() as u64;
    admitted
}

fn receipt(
    nodes: &Nodes,
    packages: &Packages,
    (holder, signed): (&NodeName, &Signed),
) -> Result<Weighed, String> {
    let claimed = signed.dangerously_unverified::<Receipt>().map_err(|error| error.to_string())?;
    let signer: NodeName = claimed.head.signer.parse().map_err(|_| "signed in no node's name")?;
    let Some(receiver) = nodes.get(&signer) else {
        return Ok(Weighed::NotShown("its signer's card is not in this folder"));
    };
    let at = claimed.head.at;
    let card = receiver.known.card_at(at).ok_or("signed while no card of its signer was in force")?;
    let opened = signed.open::<Receipt>(&card.node_key, &receiver.known.expect());
    let statement = opened.map_err(|error| error.to_string())?;
    let receipt = statement.body;
    let (origin, index) = (receipt.log_origin.as_str(), receipt.leaf_index);
    let lost = receiver.known.lost(origin, index);
    if lost.is_none() && !receiver.known.has(receiver.known.origin(), origin, index) {
        return Err("it names another log than its signer's".to_owned());
    }
    if lost.is_some() {
        let proofs = nodes.get(holder).map(|node| &node.proofs);
        let keys = receiver.known.keys_under(origin);
        let shows = |proof: &ProofFile| {
            proof.index() == index
                && proof
                    .verify(&Hash(receipt.leaf_hash.0), &keys)
                    .is_ok_and(|seen| seen.origin.as_str() == origin)
        };
        let is_shown = proofs.is_some_and(|proofs| proofs.values().any(shows));
        return Ok(match is_shown && packages.proved.contains_key(&receipt.package) {
            true => Weighed::Lost(receipt.package),
            false => Weighed::NotShown("its signer's log lost the admission, and no proof of it is here"),
        });
    }
    let Some(log) = &receiver.log else {
        return Ok(Weighed::NotShown("its signer's log is not in this folder"));
    };
    let index = usize::try_from(receipt.leaf_index).unwrap_or(usize::MAX);
    let leaf = log.leaves.get(index).ok_or("its admission is past the checkpoint of its signer's log")?;
    if leaf.hash != receipt.leaf_hash.0 {
        return Err("its admission is not the leaf at that place of the receiver's log".to_owned());
    }
    let is_admission = leaf.act() == "admitted" && leaf.pair() == tag(&receipt.package);
    if receipt.outcome != Outcome::Admitted || !is_admission {
        return Err("the leaf that it names is no admission of this package".to_owned());
    }
    if packages.claimed.contains(&receipt.package) {
        return Ok(Weighed::NotShown("the sender of its package is not in this folder"));
    }
    let package = packages
        .proved
        .get(&receipt.package)
        .ok_or("the package that it names is not here, or not proved")?;
    if package.recipient != signer || package.dispatch != receipt.dispatch {
        return Err("the package that it names is another's".to_owned());
    }
    Ok(Weighed::Admitted(receipt.package))
}

/// The first leaf that speaks of a package or a receipt which its own node does not bring along.
fn unpaired(log: &Log, statements: &Statements) -> Option<usize> {
    let mut packages = BTreeSet::new();
    let mut receipts = BTreeSet::new();
    for (digest, signed) in statements {
        if signed.name() == Receipt::NAME {
            let receipt = signed.dangerously_unverified::<Receipt>();
            receipts.extend(receipt.ok().map(|receipt| tag(&receipt.body.package)));
        } else {
            packages.insert(tag(digest));
        }
    }
    log.leaves.iter().position(|leaf| match leaf.act() {
        DISPATCH | ARRIVAL | "admitted" => !packages.contains(leaf.pair()),
        "receipt owed" | "receipt kept" => !receipts.contains(leaf.pair()),
        _ => false,
    })
}
