//! What was signed and proved about an item, held against the acts that cite it, and one node's life of it against the other's.
//!
//! *Absent:* the acts themselves.

use super::{Part, passages};
use crate::Trust;
use crate::cards::{self, Known};
use crate::folder::Folder;
use crate::report::{Counts, Findings};
use attache_accord::act::Act;
use attache_accord::destruction::Destruction;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_seal::papers::{Card, Consent, Hop, Notice, Outcome, Package, Receipt};
use attache_seal::statement::{Body, Signed};
use attache_tlog::{Checkpoint, Hash, Origin, ProofFile};
use std::collections::BTreeMap;

pub(super) type Parts = BTreeMap<NodeName, Part>;

/// Statements that the acts of an item cite.
pub(super) const ALLOWED: [&str; 6] =
    [Package::NAME, Receipt::NAME, Destruction::NAME, Notice::NAME, Consent::NAME, Hop::NAME];

/// The cards of partners who signed what one node brings.
pub(super) fn partners(
    folder: &Folder,
    node: &NodeName,
    trust: &Trust,
    findings: &mut Findings,
) -> Vec<Known> {
    let path = format!("{node}/partners");
    match folder.names(&path, cards::MAX_CARDS) {
        Ok(names) => {
            let places = names.iter().map(|name| format!("{path}/{name}"));
            places.filter_map(|place| cards::partner(folder, &place, trust, findings)).collect()
        }
        Err(why) => {
            findings.failed("V-002", node.as_str(), Some(path), why);
            Vec::new()
        }
    }
}

/// Checks every paper, and that every act has what it cites.
pub(super) fn check(parts: &Parts, counts: &mut Counts, findings: &mut Findings) {
    for (name, part) in parts {
        let node = name.as_str();
        for (digest, signed) in &part.statements {
            let place = Some(digest.to_string());
            if ![Package::NAME, Receipt::NAME].contains(&signed.name()) {
                // Of a destruction or a passage, which are looked at by themselves.
                continue;
            }
            let is_package = signed.name() == Package::NAME;
            let check = if is_package { "V-007" } else { "V-008" };
            let weighed =
                if is_package { package(part, digest, signed) } else { receipt(parts, part, digest, signed) };
            match weighed {
                Ok(()) => {
                    *(if is_package { &mut counts.packages } else { &mut counts.receipts }) += 1;
                    findings.proved(check, node, place);
                }
                Err(why) => findings.failed(check, node, place, why),
            }
        }
        for (digest, proof) in &part.proofs {
            match is_of_a_receipt(part, digest, proof) {
                Ok(()) => {
                    counts.proofs += 1;
                    findings.proved("V-011", node, Some(digest.to_string()));
                }
                Err(why) => findings.failed("V-011", node, Some(digest.to_string()), why),
            }
        }
        cited(name, part, findings);
    }
}

/// That each act's papers are here, and that a receipt's promise was kept.
fn cited(node: &NodeName, part: &Part, findings: &mut Findings) {
    let mut is_whole = true;
    for told in &part.acts {
        let statements = match &told.act {
            Act::DispatchOwed { package: paper, .. }
            | Act::ArrivalVerified { package: paper, .. }
            | Act::ReceiptOwed { receipt: paper, .. }
            | Act::ReceiptKept { receipt: paper, .. }
            | Act::DestructionSigned { statement: paper, .. }
            | Act::DestructionMirrored { statement: paper, .. } => vec![paper],
            other => passages::papers_of(other),
        };
        let proof = match &told.act {
            Act::ProofKept { proof, .. } if !part.proofs.contains_key(proof) => Some(proof),
            _ => None,
        };
        let missing =
            statements.into_iter().filter(|paper| !part.statements.contains_key(paper)).chain(proof);
        for digest in missing {
            is_whole = false;
            let why = format!("act {} speaks of it, and it is not here", told.index);
            findings.failed("V-009", node.as_str(), Some(digest.to_string()), why);
        }
    }
    if is_whole {
        findings.proved("V-009", node.as_str(), None);
    }
    let kept =
        |wanted| part.acts().any(|act| matches!(act, Act::ProofKept { dispatch, .. } if *dispatch == wanted));
    for act in part.acts() {
        if let Act::ReceiptKept { dispatch, receipt, .. } = act
            && !kept(*dispatch)
        {
            let why = "the partner's log is not shown to have the admission: what the receipt promised is not proved";
            findings.not_shown("V-011", node.as_str(), Some(receipt.to_string()), why);
        }
    }
}

/// The card under which a node signed at a time.
pub(super) fn signed_under<'p>(
    part: &'p Part,
    node: &NodeName,
    at: Timestamp,
) -> Result<(&'p Known, &'p Card), String> {
    let mut cards = part.signer(node).filter_map(|known| Some((known, known.card_at(at)?)));
    cards.next().ok_or_else(|| "no card of its signer that was in force then is in this folder".to_owned())
}

fn package(part: &Part, digest: &Digest, signed: &Signed) -> Result<(), String> {
    let claimed = signed.dangerously_unverified::<Package>().map_err(|error| error.to_string())?;
    let (signer, card) = signed_under(part, &claimed.body.sender, claimed.head.at)?;
    let opened = signed.open::<Package>(&card.label_key, &signer.expect());
    let package = opened.map_err(|error| error.to_string())?;
    let is_cited = part.acts().any(|act| match act {
        Act::DispatchOwed { package: cited, dispatch, recipient, .. } => {
            cited == digest
                && *dispatch == package.body.dispatch
                && *recipient == package.body.recipient
                && part.known.node == package.body.sender
        }
        Act::ArrivalVerified { package: cited, dispatch, from, item_digest, .. } => {
            cited == digest
                && *dispatch == package.body.dispatch
                && *from == package.body.sender
                && *item_digest == package.body.item_digest
                && part.known.node == package.body.recipient
        }
        // What the hub showed of where it has it from; of the rest of it see the passages.
        Act::PassageVerified { package: cited, origin, .. } => {
            cited == digest && *origin == package.body.sender
        }
        _ => false,
    });
    let is_signers = package.head.signer == package.body.sender.as_str();
    if is_cited && is_signers {
        Ok(())
    } else {
        Err("no act of this item speaks of this package so".to_owned())
    }
}

fn receipt(parts: &Parts, part: &Part, digest: &Digest, signed: &Signed) -> Result<(), String> {
    let claimed = signed.dangerously_unverified::<Receipt>().map_err(|error| error.to_string())?;
    let name: NodeName = claimed.head.signer.parse().map_err(|_| "signed in no node's name")?;
    let (signer, card) = signed_under(part, &name, claimed.head.at)?;
    let opened = signed.open::<Receipt>(&card.node_key, &signer.expect());
    let receipt = opened.map_err(|error| error.to_string())?.body;
    if !part.statements.contains_key(&receipt.package) || !may_be_of(card, &receipt.log_origin) {
        return Err(
            "the package that it names is not here, or it names another log than its signer's".to_owned()
        );
    }
    let is_cited = part.acts().any(|act| match act {
        Act::ReceiptKept { receipt: cited, dispatch, admitted, .. } => {
            let is_as_said = *admitted == (receipt.outcome == Outcome::Admitted);
            cited == digest && *dispatch == receipt.dispatch && is_as_said && name != part.known.node
        }
        Act::ReceiptOwed { receipt: cited, dispatch } => {
            cited == digest && *dispatch == receipt.dispatch && name == part.known.node
        }
        Act::PassageVerified { receipt: cited, package, .. } => {
            cited == digest && *package == receipt.package && name != part.known.node
        }
        _ => false,
    });
    if !is_cited {
        return Err("no act of this item speaks of this receipt so".to_owned());
    }
    // Where the life at its signer is here too, the leaf that it names is the admission there.
    match parts.get(&name) {
        Some(theirs) if !is_admission(theirs, &receipt) => {
            Err("the leaf that it names is no admission of this package at its signer".to_owned())
        }
        _ => Ok(()),
    }
}

/// Whether a node's log may bear this name: its card's, or one under which that log went on.
fn may_be_of(card: &Card, origin: &str) -> bool {
    let (first, named) = (Origin::new(&card.log_origin), Origin::new(origin));
    first.is_ok_and(|first| named.is_ok_and(|named| named.continues(&first)))
}

pub(super) fn is_admission(theirs: &Part, receipt: &Receipt) -> bool {
    let arrived = theirs.acts().any(|act| {
        matches!(act, Act::ArrivalVerified { dispatch, package, .. }
            if *dispatch == receipt.dispatch && *package == receipt.package)
    });
    let admitted = theirs.acts.iter().any(|told| {
        let is_it = matches!(&told.act, Act::Admitted { dispatch, .. } if *dispatch == receipt.dispatch);
        is_it && told.index == receipt.leaf_index && told.leaf.0 == receipt.leaf_hash.0
    });
    arrived && admitted
}

fn is_of_a_receipt(part: &Part, digest: &Digest, proof: &ProofFile) -> Result<(), String> {
    let dispatch = part.acts().find_map(|act| match act {
        Act::ProofKept { dispatch, proof } if proof == digest => Some(*dispatch),
        _ => None,
    });
    let dispatch = dispatch.ok_or("no act of this item speaks of this proof")?;
    let promised = part.statements.values().find_map(|signed| {
        let statement = signed.dangerously_unverified::<Receipt>().ok()?;
        (statement.body.dispatch == dispatch).then_some(statement)
    });
    let receipt = promised.ok_or("the receipt that promised it is not here")?;
    let signer: NodeName =
        receipt.head.signer.parse().map_err(|_| "the receipt is signed in no node's name")?;
    let (signer, _) = signed_under(part, &signer, receipt.head.at)?;
    if proof.index() != receipt.body.leaf_index {
        return Err("it proves another leaf than the receipt names".to_owned());
    }
    let claimed = Checkpoint::parse(proof.checkpoint().text()).map_err(|error| error.to_string())?;
    if !may_be_of(&signer.card, claimed.origin.as_str()) {
        return Err("its checkpoint is of another log".to_owned());
    }
    let keys: Result<Vec<_>, _> =
        signer.log_keys.iter().map(|key| key.named(claimed.origin.as_str())).collect();
    let keys = keys.map_err(|error| error.to_string())?;
    let checkpoint = proof.verify(&Hash(receipt.body.leaf_hash.0), &keys);
    let checkpoint = checkpoint.map_err(|error| error.to_string())?;
    // A log that went on under another name has the leaves that are left of it.
    let is_of_it =
        Origin::new(&receipt.body.log_origin).is_ok_and(|named| checkpoint.origin.continues(&named));
    if is_of_it { Ok(()) } else { Err("its checkpoint is of another log".to_owned()) }
}
