//! What was signed and proved about an item, held against the acts that cite it, and one node's life of it against the other's.
//!
//! *Absent:* the acts themselves.

use super::Part;
use crate::Trust;
use crate::cards::{self, Known};
use crate::folder::Folder;
use crate::held::{LOST, Weighed, admitted};
use crate::passages;
use crate::report::{Counts, Findings};
use attache_accord::act::Act;
use attache_accord::destruction::Destruction;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_seal::papers::{Card, Consent, Hop, Notice, Outcome, Package, Receipt};
use attache_seal::statement::{Body, Signed, Statement};
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
            let weighed = match is_package {
                true => package(part, digest, signed).map(|()| Weighed::Holds),
                false => receipt(parts, part, digest, signed),
            };
            match weighed {
                Ok(Weighed::Holds) => {
                    *(if is_package { &mut counts.packages } else { &mut counts.receipts }) += 1;
                    findings.proved(check, node, place);
                }
                Ok(Weighed::Lost) => findings.lost(check, node, place, LOST),
                Ok(Weighed::NotShown(why)) => findings.not_shown(check, node, place, why),
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

fn receipt(parts: &Parts, part: &Part, digest: &Digest, signed: &Signed) -> Result<Weighed, String> {
    let claimed = signed.dangerously_unverified::<Receipt>().map_err(|error| error.to_string())?;
    let name: NodeName = claimed.head.signer.parse().map_err(|_| "signed in no node's name")?;
    let (signer, card) = signed_under(part, &name, claimed.head.at)?;
    let opened = signed.open::<Receipt>(&card.node_key, &signer.expect());
    let Statement { head, body: receipt } = opened.map_err(|error| error.to_string())?;
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
    let theirs = admitted(parts.get(&name), digest, head.at, &receipt);
    theirs.ok_or_else(|| "the leaf that it names is no admission of this package at its signer".to_owned())
}

/// Whether a node's log may bear this name: its card's, or one under which that log went on.
fn may_be_of(card: &Card, origin: &str) -> bool {
    let (first, named) = (Origin::new(&card.log_origin), Origin::new(origin));
    first.is_ok_and(|first| named.is_ok_and(|named| named.continues(&first)))
}

fn is_of_a_receipt(part: &Part, digest: &Digest, proof: &ProofFile) -> Result<(), String> {
    let dispatch = part.acts().find_map(|act| match act {
        Act::ProofKept { dispatch, proof } if proof == digest => Some(*dispatch),
        _ => None,
    });
    let dispatch = dispatch.ok_or("no act of this item speaks of this proof")?;
    let receipts = part.statements.values().filter_map(|signed| {
        let statement = signed.dangerously_unverified::<Receipt>().ok()?;
        (statement.body.dispatch == dispatch).then_some(statement)
    });
    // There are two where the signer's log lost the first admission.
    let mut held = Err("the receipt that promised it is not here".to_owned());
    for receipt in receipts {
        held = proves(part, proof, &receipt);
        if held.is_ok() {
            break;
        }
    }
    held
}

/// That a proof is of the leaf that a receipt names, in its signer's log.
fn proves(part: &Part, proof: &ProofFile, receipt: &Statement<Receipt>) -> Result<(), String> {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::cards::samples::{self, AT};
    use crate::held::LATER;
    use crate::held::Told;
    use crate::pairing::ENDED_BEFORE;
    use crate::successions::Succession;
    use attache_accord::logs::stretches;
    use attache_accord::{DispatchId, ItemId, Marking};
    use attache_seal::pair::SigningPair;

    const LOG: &str = "seoul.kor/log/1";
    const DISPATCH: DispatchId = DispatchId([1; 16]);
    const PACKAGE: Digest = Digest([2; 32]);
    const RECEIPT: Digest = Digest([3; 32]);
    const LEAF: Digest = Digest([4; 32]);

    fn promised(log_origin: &str, leaf_index: u64) -> Receipt {
        Receipt {
            dispatch: DISPATCH,
            package: PACKAGE,
            outcome: Outcome::Admitted,
            leaf_hash: LEAF,
            admission: Some(PACKAGE),
            ..samples::receipt(log_origin, leaf_index)
        }
    }

    /// Seoul's part: the item arrived as entry 3 and was admitted as entry 41 of 50.
    fn seoul() -> Part {
        let marking = Marking {
            level: "JPN:II".parse().unwrap(),
            releasable_to: Default::default(),
            kind: "humint".parse().unwrap(),
            caveats: Vec::new(),
            marked_at: AT,
            topics: Default::default(),
            control: None,
            purposes: Default::default(),
        };
        let arrived = Act::ArrivalVerified {
            dispatch: DISPATCH,
            from: "tokyo.jpn".parse().unwrap(),
            package: PACKAGE,
            item_digest: PACKAGE,
            size: 1,
            manifest: PACKAGE,
            marking,
            label: PACKAGE,
        };
        let admitted = Act::Admitted {
            dispatch: DISPATCH,
            item: ItemId([3; 16]),
            own_level: "KOR:II".parse().unwrap(),
            admission: PACKAGE,
            by: "registrar-1".parse().unwrap(),
        };
        let told = |(index, act)| Told { index, at: AT, act, leaf: Hash(LEAF.0), question: None };
        let (statements, proofs, partners) = Default::default();
        let known = samples::known("seoul.kor", &SigningPair::from_seed_bytes(&[7; 64]).unwrap());
        let acts = [(3, arrived), (41, admitted)].map(told).into();
        Part { known, size: 50, acts, statements, proofs, partners }
    }

    /// The same, whose log lost entries 40 to 63, and admitted the item anew.
    fn brought_back() -> Part {
        let mut seoul = seoul();
        let said = samples::succession(1, (40, 64));
        seoul.known.stretches = stretches(LOG, [(said.origin.as_str(), said.size)]);
        let one = Succession { said, digest: PACKAGE, at: AT.plus_hours(1), is_gone: false };
        seoul.known.successions.own.push(one);
        seoul
    }

    #[test]
    fn a_receipt_for_an_admission_that_its_log_lost_is_told_as_lost_and_a_false_one_still_fails() {
        let (seoul, second) = (brought_back(), "seoul.kor/log/2");
        let at = |index, origin, at| admitted(Some(&seoul), &RECEIPT, at, &promised(origin, index));
        let since = AT.plus_hours(2);
        assert_eq!(at(41, second, since), Some(Weighed::Holds), "what is left");
        for index in [40, 48, 63] {
            assert_eq!(at(index, LOG, AT), Some(Weighed::Lost), "{index}");
            assert_eq!(at(index, LOG, since), None, "{index}: signed when it was lost already");
        }
        assert_eq!(at(64, LOG, AT), Some(Weighed::NotShown(ENDED_BEFORE)), "nobody had cosigned so far");
        assert_eq!(at(39, LOG, AT), None, "what is left has it not");
        assert_eq!(at(42, second, since), None, "nor what came after");
        assert_eq!(at(48, "osaka.jpn/log/1", AT), None, "nor is it another node's log");
    }

    #[test]
    fn a_receipt_for_what_lies_behind_its_signers_checkpoint_is_not_shown_unless_its_signer_brings_it() {
        let mut seoul = seoul();
        let of = |seoul: &Part, index| admitted(Some(seoul), &RECEIPT, AT, &promised(LOG, index));
        assert_eq!(of(&seoul, 41), Some(Weighed::Holds), "the control");
        assert_eq!(of(&seoul, 49), None);
        assert_eq!(of(&seoul, 50), Some(Weighed::NotShown(LATER)));
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        seoul.statements.insert(RECEIPT, samples::sealed(&pair, promised(LOG, 50)));
        assert_eq!(of(&seoul, 50), None);
    }
}
