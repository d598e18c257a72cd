//! Proofs that followed receipts: each shows that the receipt's leaf is under a checkpoint of the receiver's log, and where that log
//! is here, that the checkpoint is one of its own past.
//!
//! *Absent:* whether every receipt was proved in time. A log says so itself, by its incidents.

use crate::exchanged::Papers;
use crate::folder::{Folder, MAX_STATEMENTS};
use crate::report::{Counts, Findings};
use crate::{Log, Nodes, tag};
use attache_accord::{Digest, NodeName};
use attache_seal::digest::sha256;
use attache_seal::papers::Receipt;
use attache_seal::statement::Statement;
use attache_tlog::{Checkpoint, Frontier, Hash, ProofFile};
use std::collections::{BTreeMap, BTreeSet};

/// Proofs of one node by digest.
pub(crate) type Proofs = BTreeMap<Digest, ProofFile>;

/// Reads the proofs of one node: files named by the digest of what they hold.
pub(crate) fn read(folder: &Folder, node: &NodeName, findings: &mut Findings) -> Proofs {
    let mut proofs = Proofs::new();
    let path = format!("{node}/proofs");
    let names = match folder.names(&path, MAX_STATEMENTS) {
        Ok(names) => names,
        Err(why) => {
            findings.failed("V-010", node.as_str(), Some(path), why);
            return proofs;
        }
    };
    for name in names {
        let place = format!("{path}/{name}");
        match one(folder, &name, &place) {
            Ok((digest, proof)) => {
                proofs.insert(digest, proof);
            }
            Err(why) => findings.failed("V-010", node.as_str(), Some(place), why),
        }
    }
    proofs
}

fn one(folder: &Folder, name: &str, place: &str) -> Result<(Digest, ProofFile), String> {
    let digest = name.parse::<Digest>().map_err(|_| "its name is not a digest")?;
    let bytes = folder.bytes(place)?;
    if sha256(&[&bytes]) != digest {
        return Err("its digest is not its name".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| "not UTF-8")?;
    let proof: ProofFile = text.parse().map_err(|error| format!("{error}"))?;
    // A reader that ignores what nobody signed would take two texts for one proof.
    let has_one_form = proof.to_string() == text && proof.extra().is_none();
    if has_one_form { Ok((digest, proof)) } else { Err("not in its one form".to_owned()) }
}

/// Checks every proof against its receipt, and that every leaf that speaks of one brings it.
pub(crate) fn check(nodes: &Nodes, counts: &mut Counts, findings: &mut Findings) {
    let mut weighed = Vec::new();
    for (name, node) in nodes {
        if node.proofs.is_empty() {
            continue;
        }
        let promised = promised(&node.papers.receipts);
        for (digest, proof) in &node.proofs {
            weighed.push((name, *digest, weigh(nodes, &promised, proof)));
        }
    }
    let kept = weighed.iter().filter_map(|(.., kept)| kept.as_ref().ok());
    let pasts = pasts(nodes, kept.filter_map(|kept| Some((&kept.signer, kept.checkpoint.as_ref()?.size))));
    let mut proved: BTreeSet<(&NodeName, String)> = BTreeSet::new();
    for (name, digest, kept) in weighed {
        let (node, place) = (name.as_str(), Some(digest.to_string()));
        let kept = match kept {
            Ok(kept) => kept,
            Err(why) => {
                findings.failed("V-011", node, place, why);
                continue;
            }
        };
        proved.insert((name, tag(&kept.package)));
        match kept.is_of_the_past(&pasts) {
            Ok(Ok(())) => {
                counts.proofs += 1;
                findings.proved("V-011", node, place);
            }
            Ok(Err(NotShown(_))) if kept.ended == Some(Ended::Cosigned) => {
                counts.proofs += 1;
                findings.lost("V-011", node, place, ENDED);
            }
            Ok(Err(NotShown(why))) => findings.not_shown("V-011", node, place, why),
            Err(why) => findings.failed("V-011", node, place, why),
        }
    }
    for (name, node) in nodes {
        let kept = |pair: &str| proved.contains(&(name, pair.to_owned()));
        if let Some(index) = node.log.as_ref().and_then(|log| missing(log, kept)) {
            let why = "the proof that this leaf speaks of is not here, or proves nothing";
            findings.failed("V-011", name.as_str(), Some(format!("leaf {index}")), why);
        }
    }
}

const NO_CARD: &str = "the card of the receipt's signer is not in this folder";
const NO_PAST: &str = "the leaf is under the checkpoint; that the log still holds to that checkpoint only the receiver's log shows, \
                       which is not here or ends before it";

const BEYOND: &str = "the leaf was under a checkpoint of the log, which has ended before it and which no witness had cosigned so far";

const ENDED: &str =
    "the leaf was under a checkpoint of the log, which has lost entries since that it counted";

/// Receipts of one node by the index of the leaf that they promise, with their signers.
type Promised<'n> = BTreeMap<u64, Vec<(NodeName, &'n Statement<Receipt>)>>;

fn promised(receipts: &Papers<Receipt>) -> Promised<'_> {
    let mut promised = Promised::new();
    for receipt in receipts.values().filter_map(|said| said.as_ref().as_ref().ok()) {
        let said = receipt.dangerously_unverified();
        if let Ok(signer) = said.head.signer.parse() {
            promised.entry(said.body.leaf_index).or_default().push((signer, said));
        }
    }
    promised
}

/// A receipt whose leaf is under a checkpoint of its signer's log.
struct Kept {
    package: Digest,
    signer: NodeName,
    /// As its log signed it; `None` where the signer's card is not here.
    checkpoint: Option<Checkpoint>,
    /// Its log has lost entries that this checkpoint counts.
    ended: Option<Ended>,
}

/// How many of what a log lost a checkpoint counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// No more than somebody had cosigned, as the log says.
    Cosigned,
    /// More than that.
    Beyond,
    /// None: the log goes on, as a partner was told, after what is here of it.
    After,
}

/// What this folder alone cannot show.
struct NotShown(&'static str);

fn weigh(nodes: &Nodes, promised: &Promised<'_>, proof: &ProofFile) -> Result<Kept, String> {
    let claimed = Checkpoint::parse(proof.checkpoint().text()).map_err(|error| error.to_string())?;
    let origin = claimed.origin.as_str();
    // The log may have gone on under another name with the same leaf.
    let named = |signer: &NodeName, receipt: &Receipt| {
        let known = nodes.get(signer).map(|node| &node.known);
        receipt.log_origin == origin
            || known.is_some_and(|known| known.has(origin, &receipt.log_origin, receipt.leaf_index))
    };
    let receipt = promised.get(&proof.index()).into_iter().flatten();
    let receipt = receipt.into_iter().find(|(signer, receipt)| named(signer, &receipt.body));
    let (signer, Statement { head, body: receipt }) =
        receipt.ok_or("no receipt of its holder names this leaf")?;
    let leaf = Hash(receipt.leaf_hash.0);
    let receiver = nodes.get(signer).map(|node| &node.known);
    let checkpoint = receiver.map(|known| proof.verify(&leaf, &known.keys_then_under(origin))).transpose();
    let checkpoint = checkpoint.map_err(|error| error.to_string())?;
    let ended = receiver.zip(checkpoint.as_ref()).and_then(|(known, seen)| {
        let last = seen.size.saturating_sub(1);
        match known.had(origin, seen.size) {
            true => None,
            false if known.lost(origin, last).is_some() => Some(Ended::Cosigned),
            false if known.goes_on(origin, last) => Some(Ended::After),
            false => known.ended(origin, last, head.at).then_some(Ended::Beyond),
        }
    });
    Ok(Kept { package: receipt.package, signer: signer.clone(), checkpoint, ended })
}

/// Roots of logs at sizes of their past.
pub(crate) type Pasts = BTreeMap<(NodeName, u64), Hash>;

/// The roots that the logs which are here had at these sizes, each log read once.
pub(crate) fn pasts<'k>(nodes: &Nodes, sizes: impl Iterator<Item = (&'k NodeName, u64)>) -> Pasts {
    let sizes: BTreeSet<_> = sizes.collect();
    let mut pasts = Pasts::new();
    for (name, node) in nodes {
        let Some(log) = &node.log else { continue };
        let mut frontier = Frontier::new();
        for (_, size) in sizes.range((name, 0)..=(name, log.leaves.len() as u64)) {
            let begun = usize::try_from(frontier.size()).unwrap_or(usize::MAX);
            let until = usize::try_from(*size).unwrap_or(usize::MAX);
            let leaves = log.leaves.get(begun..until).unwrap_or_default();
            leaves.iter().for_each(|leaf| frontier.append(Hash(leaf.hash)));
            pasts.insert((name.clone(), *size), frontier.root());
        }
    }
    pasts
}

impl Kept {
    /// That the log which is here had this checkpoint.
    fn is_of_the_past(&self, pasts: &Pasts) -> Result<Result<(), NotShown>, String> {
        let Some(checkpoint) = &self.checkpoint else { return Ok(Err(NotShown(NO_CARD))) };
        if let Some(ended) = self.ended {
            return Ok(Err(NotShown(if ended == Ended::Beyond { BEYOND } else { NO_PAST })));
        }
        match pasts.get(&(self.signer.clone(), checkpoint.size)) {
            None => Ok(Err(NotShown(NO_PAST))),
            Some(root) if *root == checkpoint.root => Ok(Ok(())),
            Some(_) => {
                Err("the receiver's log signed this checkpoint, and has another history now".to_owned())
            }
        }
    }
}

/// The first leaf that speaks of a proof which is not here.
fn missing(log: &Log, is_proved: impl Fn(&str) -> bool) -> Option<usize> {
    log.leaves.iter().position(|leaf| leaf.is("proof kept") && !is_proved(leaf.pair()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::Node;
    use crate::cards::samples::{self, sealed};
    use attache_seal::pair::SigningPair;
    use attache_tlog::{KeyKind, NoteSigner, Origin, sign_checkpoint};
    use std::rc::Rc;

    #[test]
    fn a_proof_under_a_name_by_which_a_log_goes_on_after_what_is_here_of_it_is_not_shown() {
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let seoul: NodeName = "seoul.kor".parse().unwrap();
        // The receipt is of the entry 1 of this log.
        let weighed = |log_origin: &str, later: Option<u64>| {
            let mut known = samples::known(seoul.as_str(), &pair);
            let signer = |origin| NoteSigner::from_seed(origin, KeyKind::Ed25519, &[9; 32]).unwrap();
            known.card.log_vkeys.push(signer("seoul.kor/log/1").verifier().to_string());
            known.successions.later.extend(later.map(samples::later));
            let mut frontier = Frontier::new();
            (0..3).for_each(|_| frontier.append(Hash([0; 32])));
            let origin = Origin::new("seoul.kor/log/2").unwrap();
            let checkpoint = Checkpoint { origin, size: 3, root: frontier.root(), extensions: Vec::new() };
            let checkpoint = sign_checkpoint(&checkpoint, &[&signer("seoul.kor/log/2")]).unwrap();
            let proof = ProofFile::new(1, vec![Hash([0; 32]), Hash([0; 32])], &checkpoint).unwrap();
            let receipt = sealed(&pair, samples::receipt(log_origin, 1));
            let receipts = [(receipt.digest(), Rc::new(receipt.claimed()))].into();
            let (papers, proofs, forks) = Default::default();
            let nodes = Nodes::from([(seoul.clone(), Node { known, log: None, papers, proofs, forks })]);
            let kept = weigh(&nodes, &promised(&receipts), &proof)?;
            // What is here is another history.
            let pasts = Pasts::from([((seoul.clone(), 3), Hash([5; 32]))]);
            kept.is_of_the_past(&pasts).map(|shown| shown.err().map(|NotShown(why)| why))
        };
        let not_shown = Ok(Some(NO_PAST));
        assert_eq!(weighed("seoul.kor/log/2", Some(1)), not_shown);
        assert_eq!(weighed("seoul.kor/log/1", Some(2)), not_shown, "an entry that is left");
        for later in [None, Some(9)] {
            assert!(weighed("seoul.kor/log/2", later).is_err(), "{later:?}");
        }
    }
}
