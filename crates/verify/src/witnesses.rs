//! What others say of the logs in the folder: checkpoints that witnesses cosigned, which must be of the log's past, and proofs that a
//! log showed two histories.
//!
//! *Absent:* witnesses whose card is not here. Their word is not shown.

use crate::Trust;
use crate::cards::Known;
use crate::cosigned::Shown;
use crate::folder::{Folder, MAX_STATEMENTS};
use crate::proofs::{Pasts, pasts};
use crate::report::Findings;
use crate::{Log, Nodes};
use attache_accord::NodeName;
use attache_accord::oversight::FIELD_PARTNER;
use attache_seal::digest::sha256;
use attache_tlog::{Checkpoint, Fork, ForkError, ForkProof, Hash, SignedNote, VerifierKey, open_checkpoint};
use std::collections::BTreeMap;

/// Most witnesses of one log whose newest cosigned checkpoint is another than the newest.
const MAX_WITNESSED: usize = 64;

/// Proofs of forks that one node keeps, by file.
pub(crate) type Forks = BTreeMap<String, ForkProof>;

/// Checks the cosigned checkpoint of each node that has one, and gives what holds.
pub(crate) fn check(
    folder: &Folder,
    nodes: &Nodes,
    trust: &Trust,
    findings: &mut Findings,
) -> BTreeMap<NodeName, Shown> {
    let mut shown = BTreeMap::new();
    for (name, node) in nodes {
        let mut all = Shown::default();
        let places = places(folder, name, findings).into_iter();
        let cosigned: Vec<_> = places.map(|place| (read(folder, &place, &node.known), place)).collect();
        // The log that is here is that of its own checkpoint; the same one need not be counted out again.
        let published = read(folder, &format!("{name}/checkpoint"), &node.known);
        let published = published.ok().map(|(_, published)| published).filter(|_| node.log.is_some());
        let is_whole = |checkpoint: &Checkpoint| published.as_ref() == Some(checkpoint);
        let signed = cosigned.iter().filter_map(|(read, _)| read.as_ref().ok());
        let others = signed.filter(|(_, checkpoint)| !is_whole(checkpoint));
        let pasts = pasts(nodes, others.map(|(_, checkpoint)| (name, checkpoint.size)));
        for (read, place) in cosigned {
            let weighed = read.and_then(|(note, checkpoint)| {
                if !is_whole(&checkpoint) {
                    let root = pasts.get(&(name.clone(), checkpoint.size));
                    is_of_the_past(node.log.as_ref(), root, &checkpoint)?;
                }
                let cards = nodes.values().map(|other| &other.known);
                Ok((checkpoint.size, cosigned_with(&note, &node.known, cards, &trust.witnesses)?))
            });
            match weighed {
                Ok((size, (known, strangers))) => {
                    for witness in &known {
                        findings.proved("V-014", name.as_str(), Some(format!("{place}, {witness}")));
                    }
                    all.add(size, known);
                    for stranger in strangers {
                        let why = "cosigned by a witness whose card is not in this folder";
                        let place = Some(format!("{place}, {stranger}"));
                        findings.not_shown("V-014", name.as_str(), place, why);
                    }
                }
                Err(why) => findings.failed("V-014", name.as_str(), Some(place), why),
            }
        }
        shown.insert(name.clone(), all);
    }
    shown
}

/// Where cosigned checkpoints of a node lie: the newest, and those that other witnesses cosigned last.
pub(crate) fn places(folder: &Folder, name: &NodeName, findings: &mut Findings) -> Vec<String> {
    let (newest, others) = (format!("{name}/cosigned"), format!("{name}/witnessed"));
    let mut places: Vec<String> = folder.has(&newest).then_some(newest).into_iter().collect();
    match folder.names(&others, MAX_WITNESSED) {
        Ok(names) => places.extend(names.into_iter().map(|size| format!("{others}/{size}"))),
        Err(why) => findings.failed("V-014", name.as_str(), Some(others), why),
    }
    places
}

/// The keys under which a node cosigns other logs. One that bears another's name is nobody's: a card must not lend its node a second
/// name to witness in.
pub(crate) fn witness_keys(known: &Known) -> Vec<VerifierKey> {
    let name = format!("{}/witness", known.node);
    known.card.witness_keys().into_iter().filter(|key| key.name() == name).collect()
}

/// A checkpoint of this node's log with whatever signatures it has.
pub(crate) fn read(folder: &Folder, place: &str, known: &Known) -> Result<(SignedNote, Checkpoint), String> {
    let text = String::from_utf8(folder.bytes(place)?).map_err(|_| "not UTF-8")?;
    let note = SignedNote::parse(&text).map_err(|error| error.to_string())?;
    // One of before it went on under its name of now may be the last that is cosigned.
    let claimed = Checkpoint::parse(note.text()).map_err(|error| error.to_string())?;
    let keys = known.keys_under(claimed.origin.as_str());
    let checkpoint = open_checkpoint(&text, &keys).map_err(|error| error.to_string())?;
    if note.to_string() != text || !known.had(checkpoint.origin.as_str(), checkpoint.size) {
        return Err("not in its one form, or another log's".to_owned());
    }
    Ok((note, checkpoint))
}

/// That the log which is here had this checkpoint: `root` is what it had at that size, if it is so large.
fn is_of_the_past(log: Option<&Log>, root: Option<&Hash>, checkpoint: &Checkpoint) -> Result<(), String> {
    log.ok_or("this node's log is not here, or did not hold")?;
    let root = root.ok_or("witnesses cosigned a larger log than the one that is here")?;
    if *root == checkpoint.root {
        return Ok(());
    }
    Err("witnesses cosigned another history than the one that is here".to_owned())
}

/// Whose cosignatures hold, by these cards or under these keys that the reader believes to be a witness's, and whose keys none of them
/// names. A node is no witness of its own log, whatever its card or the reader says.
pub(crate) fn cosigned_with<'k>(
    note: &SignedNote,
    known: &Known,
    cards: impl Iterator<Item = &'k Known>,
    trusted: &[VerifierKey],
) -> Result<(Vec<String>, Vec<String>), String> {
    let others = cards.filter(|other| other.node != known.node);
    let own = witness_keys(known);
    let log = known.keys_under(note.text().lines().next().unwrap_or_default());
    let trusted = trusted.iter().filter(|key| !own.contains(key) && !log.contains(key));
    let keys: Vec<VerifierKey> = others.flat_map(witness_keys).chain(trusted.cloned()).collect();
    let verified = note.verified(&keys).map_err(|error| error.to_string())?;
    let named = |key: &VerifierKey| format!("{} {:08x}", key.name(), key.key_id());
    let known_keys = verified.iter().map(|verified| named(verified.key)).collect();
    let others = note.signatures().iter().filter(|line| {
        let is_by = |keys: &[VerifierKey]| keys.iter().any(|key| line.is_by(key));
        !is_by(&log) && !is_by(&own) && !is_by(&keys)
    });
    let others: Vec<String> = others.map(|line| format!("{} {:08x}", line.name(), line.key_id())).collect();
    if verified.is_empty() && others.is_empty() {
        return Err("no witness other than its own node cosigned it".to_owned());
    }
    Ok((known_keys, others))
}

/// Reads the proofs of forks that one node keeps: files named by the digest of what they hold.
pub(crate) fn forks(folder: &Folder, node: &NodeName, findings: &mut Findings) -> Forks {
    let path = format!("{node}/forks");
    let mut forks = Forks::new();
    let names = match folder.names(&path, MAX_STATEMENTS) {
        Ok(names) => names,
        Err(why) => {
            findings.failed("V-010", node.as_str(), Some(path), why);
            return forks;
        }
    };
    for name in names {
        let place = format!("{path}/{name}");
        match fork(folder, &name, &place) {
            Ok(fork) => {
                forks.insert(place, fork);
            }
            Err(why) => findings.failed("V-010", node.as_str(), Some(place), why),
        }
    }
    forks
}

fn fork(folder: &Folder, name: &str, place: &str) -> Result<ForkProof, String> {
    let bytes = folder.bytes(place)?;
    if sha256(&[&bytes]).to_string() != name {
        return Err("its digest is not its name".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| "not UTF-8")?;
    let fork: ForkProof = text.parse().map_err(|error: ForkError| error.to_string())?;
    if fork.to_string() == text { Ok(fork) } else { Err("not in its one form".to_owned()) }
}

/// Judges the proofs of forks: one that holds is a fault of the log that it is about.
pub(crate) fn judge(nodes: &Nodes, findings: &mut Findings) {
    let judged: Vec<Judged<'_>> = nodes
        .iter()
        .flat_map(|(by, node)| node.forks.iter().map(move |(place, fork)| (by, place, fork)))
        .map(|(by, place, fork)| Judged::of(nodes, by, place, fork))
        .collect();
    let signed = judged.iter().filter_map(|one| Some((one.accused?, one.outcome.as_ref().ok()?)));
    let sizes = signed.flat_map(|(accused, (_, signed))| signed.iter().map(move |one| (accused, one.size)));
    let pasts = pasts(nodes, sizes);
    judged.into_iter().for_each(|one| one.tell(&pasts, findings));
    for (name, node) in nodes {
        let told = node.log.iter().flat_map(|log| &log.leaves).filter(|leaf| leaf.is("log forked"));
        let partner = u8::try_from(FIELD_PARTNER).unwrap_or_default();
        // A leaf counts whether or not it opens whose log forked: else a proof that is left out would not be missed.
        let partners: Vec<&str> =
            told.map(|leaf| leaf.field(partner).unwrap_or("a partner that is not opened")).collect();
        if partners.len() > node.forks.len() {
            let why =
                format!("its log speaks of forks of {}, and not every proof is here", partners.join(", "));
            findings.failed("V-015", name.as_str(), None, why);
        }
    }
}

/// A proof of a fork, held against the keys of the log that it is about.
struct Judged<'n> {
    by: &'n NodeName,
    place: &'n str,
    /// Whose log it is, where a card that is here says so.
    accused: Option<&'n NodeName>,
    outcome: Result<(Fork, [Checkpoint; 2]), ForkError>,
}

impl<'n> Judged<'n> {
    fn of(nodes: &'n Nodes, by: &'n NodeName, place: &'n str, fork: &ForkProof) -> Self {
        let [kept, _] = fork.notes();
        let origin = kept.text().lines().next().unwrap_or_default();
        let keys = nodes.iter().map(|(name, node)| (name, node.known.keys_under(origin)));
        let accused = keys.into_iter().find(|(_, keys)| !keys.is_empty());
        let (accused, keys) = accused.map_or((None, Vec::new()), |(name, keys)| (Some(name), keys));
        Self { by, place, accused, outcome: fork.judge(&keys) }
    }

    /// Two trees of one size nobody can explain away. Of two sizes the log itself tells, where it is here: it has both, or it signed
    /// what it does not have.
    fn tell(self, pasts: &Pasts, findings: &mut Findings) {
        let Self { by, place, accused, outcome } = self;
        let place = Some(place.to_owned());
        let Some(accused) = accused else {
            let why = "the card of the log that it is about is not in this folder";
            return findings.not_shown("V-015", by.as_str(), place, why);
        };
        let (old, new, signed) = match outcome {
            Err(error) => return findings.failed("V-015", by.as_str(), place, error),
            Ok((Fork::TwoRoots { size }, _)) => {
                let why = format!("its log signed two histories of size {size}, as {by} proves");
                return findings.failed("V-015", accused.as_str(), place, why);
            }
            Ok((Fork::NotShown { old, new }, signed)) => (old, new, signed),
        };
        let has = |one: &Checkpoint| pasts.get(&(accused.clone(), one.size)).map(|root| *root == one.root);
        let had = signed.each_ref().map(has);
        if let Some((other, _)) = signed.iter().zip(had).find(|(_, has)| *has == Some(false)) {
            let why = format!(
                "its log signed another history of size {} than the one that is here, as {by} proves",
                other.size
            );
            return findings.failed("V-015", accused.as_str(), place, why);
        }
        if had == [Some(true); 2] {
            return findings.proved("V-015", accused.as_str(), place);
        }
        let why = format!(
            "{by} was shown the sizes {old} and {new} and no proof that one continues the other; only the log can bring one"
        );
        findings.not_shown("V-015", accused.as_str(), place, &why);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::Node;
    use crate::cards::samples;
    use crate::leaves::Leaf;
    use attache_accord::oversight::FIELD_ACT;
    use attache_seal::pair::SigningPair;
    use attache_tlog::{KeyKind, NoteSigner, Origin, cosign, sign_checkpoint};

    fn node(name: &str) -> NodeName {
        name.parse().unwrap()
    }

    fn signer(name: &str, seed: u8) -> NoteSigner {
        NoteSigner::from_seed(name, KeyKind::Ed25519Cosigner, &[seed; 32]).unwrap()
    }

    /// Two nodes, each with one key to cosign with.
    fn nodes(seoul: &NoteSigner, tokyo: &NoteSigner) -> Nodes {
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let of = |name: &str, key: &NoteSigner| {
            let mut known = samples::known(name, &pair);
            known.card.witness_vkeys = Some(vec![key.verifier().to_string()]);
            let (papers, proofs, forks) = Default::default();
            (known.node.clone(), Node { known, log: None, papers, proofs, forks })
        };
        [of("seoul.kor", seoul), of("tokyo.jpn", tokyo)].into()
    }

    /// What comes of a checkpoint of Seoul's log that this key cosigned: how many witnesses hold, how many are strangers.
    fn cosigned_by(key: &NoteSigner, nodes: &mut Nodes) -> Result<(usize, usize), String> {
        let seoul = nodes.get_mut(&node("seoul.kor")).unwrap();
        let log = NoteSigner::from_seed("seoul.kor/log/1", KeyKind::Ed25519, &[1; 32]).unwrap();
        seoul.known.card.log_vkeys = vec![log.verifier().to_string()];
        let origin = Origin::new("seoul.kor/log/1").unwrap();
        let checkpoint = Checkpoint { origin, size: 1, root: Hash([9; 32]), extensions: Vec::new() };
        let note = sign_checkpoint(&checkpoint, &[&log]).unwrap();
        let line = cosign(&checkpoint, key, 1).unwrap();
        let note = SignedNote::parse(&format!("{note}{line}")).unwrap();
        let cards = nodes.values().map(|other| &other.known);
        let (known, strangers) = cosigned_with(&note, &nodes[&node("seoul.kor")].known, cards, &[])?;
        Ok((known.len(), strangers.len()))
    }

    #[test]
    fn a_node_is_no_witness_of_its_own_log() {
        let (own, other) = (signer("seoul.kor/witness", 2), signer("tokyo.jpn/witness", 3));
        let mut nodes = nodes(&own, &other);
        assert_eq!(cosigned_by(&other, &mut nodes), Ok((1, 0)), "the control");
        assert!(cosigned_by(&own, &mut nodes).unwrap_err().contains("no witness other"));
    }

    #[test]
    fn a_fork_whose_partner_is_not_opened_is_missed_when_its_proof_is() {
        let (act, partner) = (u8::try_from(FIELD_ACT).unwrap(), u8::try_from(FIELD_PARTNER).unwrap());
        let spoken = (act, "log forked".to_owned());
        let opened = (partner, "tokyo.jpn".to_owned());
        for (fields, is_missed) in [
            (vec![spoken.clone(), opened], true),
            (vec![spoken], true),
            (vec![(act, "opened".to_owned())], false),
        ] {
            let mut nodes = nodes(&signer("seoul.kor/witness", 2), &signer("tokyo.jpn/witness", 3));
            let log = Log::sample(vec![Leaf::sample(fields)]);
            nodes.get_mut(&node("seoul.kor")).unwrap().log = Some(log);
            let mut findings = Findings::default();
            judge(&nodes, &mut findings);
            assert_eq!(findings.len() == 1, is_missed);
        }
    }

    #[test]
    fn a_key_under_another_name_than_its_nodes_is_no_witness() {
        let own = signer("seoul.kor/witness", 2);
        for name in ["osaka.jpn/witness", "seoul.kor/witness", "tokyo.jpn/log/1", "tokyo.jpn"] {
            let other = signer(name, 3);
            let mut nodes = nodes(&own, &other);
            assert!(witness_keys(&nodes[&node("tokyo.jpn")].known).is_empty(), "{name}");
            assert_eq!(cosigned_by(&other, &mut nodes), Ok((0, 1)), "a stranger: {name}");
        }
    }
}
