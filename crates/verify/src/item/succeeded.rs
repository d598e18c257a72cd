//! Logs that lost entries, in the evidence of one item: of a node's own log that it says so itself and that what was left is the beginning of
//! its tree; of a partner's, what its node told this one, and which of its papers here are about entries that are lost.
//!
//! *Absent:* which acts of the item are among what was lost. Only those who had them know.

use super::Part;
use super::acts::{self, OpenedAct};
use super::papers::Parts;
use crate::cards::Known;
use crate::folder::Folder;
use crate::report::Findings;
use crate::successions::{Succession, verified};
use attache_accord::NodeName;
use attache_accord::act::Act;
use attache_seal::papers::{Package, Receipt};
use attache_seal::statement::{Body as _, Signed};
use attache_tlog::{Checkpoint, Hash, MAX_PROOF_HASHES, verify_consistency};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const CHECK: &str = "V-019";

/// The act by which a log went on, and the proof that what was left is the beginning of the tree.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenedSuccession {
    act: OpenedAct,
    consistency: Vec<String>,
}

/// Tells the losses of a node's own log, each as its log and its tree bear it out.
pub(super) fn own(folder: &Folder, known: &Known, checkpoint: Option<&Checkpoint>, findings: &mut Findings) {
    let node = known.node.as_str();
    for one in &known.successions.own {
        let place = format!("{node}/succeeded/{}.json", one.said.size);
        if !folder.has(&place) {
            let why = "the act by which its log went on is not here";
            findings.not_shown(CHECK, node, Some(place), why);
            continue;
        }
        let Some(checkpoint) = checkpoint else { continue };
        match holds(folder, &place, (known, checkpoint), one) {
            Ok(()) => findings.lost(CHECK, node, Some(place), &one.told()),
            Err(why) => findings.failed(CHECK, node, Some(place), why),
        }
    }
}

fn holds(
    folder: &Folder,
    place: &str,
    (known, checkpoint): (&Known, &Checkpoint),
    one: &Succession,
) -> Result<(), String> {
    let file: OpenedSuccession = folder.json(place)?;
    let told = acts::opened(&file.act, known, checkpoint)?;
    let is_it = matches!(&told.act, Act::LogSucceeded { origin, kept, statement, .. }
        if *origin == one.said.origin && *kept == one.said.size && *statement == one.digest);
    if told.index != one.said.size || !is_it {
        return Err("the log does not say there that it goes on".to_owned());
    }
    if file.consistency.len() > MAX_PROOF_HASHES {
        return Err("its leaf or its proof has another length".to_owned());
    }
    let grown = acts::hashes(&file.consistency)?;
    let root = Hash(one.said.root.0);
    verify_consistency(one.said.size, checkpoint.size, &root, &checkpoint.root, &grown)
        .map_err(|_| "what it says is left is not the beginning of the log".to_owned())
}

/// Tells what partners' nodes told of losses of their logs, and which of their papers here are about what was lost.
pub(super) fn told(parts: &Parts, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (name, part) in parts {
        for (signer, notice) in &part.known.successions.told {
            let place = Some(notice.digest().to_string());
            let cards: Vec<&Known> = part.signer(signer).collect();
            if cards.is_empty() {
                let why = "the card of the node whose log it is about is not in this folder";
                findings.not_shown(CHECK, name.as_str(), place, why);
                continue;
            }
            let mut read = cards.iter().map(|card| verified(card, notice));
            let one = match read.find_map(Result::ok).ok_or("no card of its signer bears it out") {
                Ok(one) => one,
                Err(why) => {
                    findings.failed(CHECK, name.as_str(), place, why);
                    continue;
                }
            };
            // Where its own part is here, its own log must say the same, or have lost that since.
            let theirs = parts.get(signer);
            let own = theirs.map(|theirs| &theirs.known.successions);
            let is_told = own.is_some_and(|own| own.own.iter().any(|own| own.digest == one.digest));
            if theirs.is_some_and(|theirs| !is_told && is_before(theirs, &one)) {
                let why = "its log does not go on as it told this node, or does not reach so far";
                findings.not_shown(CHECK, signer.as_str(), place, why);
                continue;
            }
            if !is_told && own.is_some_and(|own| !own.has_lost(&one)) {
                let why = "its log does not go on as it told this node, and reaches further";
                findings.failed(CHECK, signer.as_str(), place, why);
                continue;
            }
            if !is_told && seen.insert(one.digest) {
                findings.lost(CHECK, signer.as_str(), place, &one.told());
            }
            for (digest, signed) in &part.statements {
                if let Some(why) = touches(signer, &one, signed) {
                    findings.lost(CHECK, signer.as_str(), Some(digest.to_string()), why);
                }
            }
        }
    }
}

/// Whether a node's part may be from before it told of this loss: its log bears the name that ended, and it did nothing there since.
fn is_before(theirs: &Part, one: &Succession) -> bool {
    let is_since = |told: &crate::held::Told| told.index >= one.said.size && told.at >= one.at;
    theirs.known.origin() == one.said.previous && !theirs.acts.iter().any(is_since)
}

/// What a paper of that node is about, if its log lost that.
fn touches(signer: &NodeName, one: &Succession, signed: &Signed) -> Option<&'static str> {
    if signed.name() == Receipt::NAME {
        let receipt = signed.dangerously_unverified::<Receipt>().ok()?;
        let is_theirs =
            receipt.head.signer == signer.as_str() && receipt.body.log_origin == one.said.previous;
        return (is_theirs && one.is_lost(receipt.body.leaf_index)).then_some(crate::held::LOST);
    }
    if signed.name() == Package::NAME {
        let package = signed.dangerously_unverified::<Package>().ok()?;
        let is_theirs = package.body.sender == *signer && package.head.at < one.at;
        return (is_theirs && one.is_lost(package.body.decision_index))
            .then_some("its sender's log lost the decision after it had sent this package");
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::cards::samples::{self, AT, sealed, succession};
    use crate::report::{Counts, Outcome};
    use attache_accord::Digest;
    use attache_accord::logs::stretches;
    use attache_seal::pair::{Sign as _, SigningPair};
    use attache_seal::papers::Notice;

    #[test]
    fn a_succession_that_its_log_lost_since_is_told_as_lost_by_who_was_told_of_it() {
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let [seoul, tokyo]: [NodeName; 2] = ["seoul.kor", "tokyo.jpn"].map(|name| name.parse().unwrap());
        let statement = sealed(&pair, succession(1, (40, 64))).to_bytes();
        let notice = Notice { statement, verifying: pair.verifying().clone() };
        // From where the log goes on the second time: at the entry by which it said the first time that it does, or behind it.
        for (size, is_lost) in [(30, true), (40, true), (41, false)] {
            let part = |name: &NodeName| {
                let (acts, statements, proofs, partners) = Default::default();
                let known = samples::known(name.as_str(), &pair);
                Part { known, size: 0, acts, statements, proofs, partners }
            };
            let (mut theirs, mut mine) = (part(&seoul), part(&tokyo));
            let second = Succession {
                said: succession(2, (size, 64)),
                digest: Digest([9; 32]),
                at: AT,
                is_gone: false,
            };
            let followed = [(second.said.origin.as_str(), size)];
            theirs.known.stretches = stretches("seoul.kor/log/1", followed);
            theirs.known.successions.own.push(second);
            mine.known.successions.told.push((seoul.clone(), sealed(&pair, notice.clone())));
            mine.partners.push(samples::known(seoul.as_str(), &pair));
            let mut findings = Findings::default();
            told(&Parts::from([(seoul.clone(), theirs), (tokyo.clone(), mine)]), &mut findings);
            let report = findings.into_report(Counts::default());
            let [found] = &report.findings[..] else { panic!("{:?}", report.findings) };
            assert_eq!(matches!(found.outcome, Outcome::Lost(_)), is_lost, "{size}: {found:?}");
            assert_eq!(matches!(found.outcome, Outcome::Failed(_)), !is_lost, "{size}: {found:?}");
        }
    }
}
