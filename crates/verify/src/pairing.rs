//! Packages and receipts, held against each other and against both logs.
//!
//! A log alone cannot show that a node journals all it does. Two logs that must pair can.
//!
//! *Absent:* nodes that are not in the folder. What only they could show is not shown.

use crate::cards::Known;
use crate::exchanged::Exchanged;
use crate::held::NO_CARD;
use crate::leaves::Leaf;
use crate::report::{Counts, Findings};
use crate::statements::card_of;
use crate::successions::{Bounds, shown_at};
use crate::{Log, Moments, Nodes, tag};
use attache_accord::oversight::FIELD_OUTCOME;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_seal::papers::{Outcome, Package, Receipt};
use attache_seal::statement::{Claimed, Statement, StatementError};
use attache_tlog::{Hash, ProofFile};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What is known of the packages in the folder.
#[derive(Default)]
struct Packages<'n> {
    /// Signed by their senders.
    proved: BTreeMap<Digest, &'n Statement<Package>>,
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

pub(crate) fn check(
    (nodes, moments): (&Nodes, &Moments<'_>),
    bounds: &Bounds,
    counts: &mut Counts,
    findings: &mut Findings,
) {
    let shown = shown(nodes);
    let packages = packages((nodes, moments), (&shown, bounds), findings);
    let receipts = receipts((nodes, moments), &packages, counts, findings);
    counts.packages = packages.proved.len() as u64;
    for (name, node) in nodes {
        if let Some(log) = &node.log {
            match unpaired(log, &node.papers) {
                None => findings.proved("V-009", name.as_str(), None),
                Some(index) => {
                    let why = "the statement that this leaf speaks of is not here";
                    findings.failed("V-009", name.as_str(), Some(format!("leaf {index}")), why);
                }
            }
        }
    }
    for (digest, Statement { body: package, .. }) in &packages.proved {
        let receiver = package.recipient.as_str();
        let why = match shown.get(&package.recipient) {
            None => "the receiver's log is not here",
            Some(_) if receipts.contains(digest) => continue,
            Some(log) if !log.contains_key(&(ARRIVAL, tag(digest).as_str())) => {
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
/// The one by which it shows that a receipt came.
const KEPT: &str = "receipt kept";
/// Of an entry that nobody had cosigned, and that its log may have lost with those that somebody had.
pub(crate) const ENDED_BEFORE: &str =
    "its signer's log ended before the entry that it names, which lies beyond what any witness had cosigned";
/// Of an entry under a name that its log took, as a partner was told, after what is here of it.
pub(crate) const GOES_ON_AFTER: &str =
    "it names a log under which its signer's goes on after what is here of it, as a partner was told";

/// Weighs that something signed at `at` names an entry which its signer's log has not, and does not say that it lost: why that entry is
/// not shown, or what is wrong. `reaches_past` says whether that log tells of what came later, and so is not as before a loss.
pub(crate) fn elsewhere(
    known: &Known,
    (origin, index): (&str, u64),
    at: Timestamp,
    reaches_past: impl FnOnce() -> bool,
) -> Result<&'static str, String> {
    match known.ended(origin, index, at) {
        true => Ok(ENDED_BEFORE),
        false if known.goes_on(origin, index) && !reaches_past() => Ok(GOES_ON_AFTER),
        false => Err("it names another log than its signer's".to_owned()),
    }
}

/// What each log that is here shows of packages: the act, and the tag of the package, each with its last leaf.
type Shown<'n> = BTreeMap<&'n NodeName, HashMap<(&'static str, &'n str), usize>>;

/// Each log read once.
fn shown(nodes: &Nodes) -> Shown<'_> {
    nodes.iter().filter_map(|(name, node)| Some((name, of_log(node.log.as_ref()?)))).collect()
}

fn of_log(log: &Log) -> HashMap<(&'static str, &str), usize> {
    let leaves = log.leaves.iter().enumerate().filter_map(|(index, leaf)| {
        let act = leaf.one_of([DISPATCH, ARRIVAL])?;
        Some(((act, leaf.pair()), index))
    });
    leaves.collect()
}

fn packages<'n>(
    (nodes, moments): (&'n Nodes, &Moments<'_>),
    (shown, bounds): (&Shown<'_>, &Bounds),
    findings: &mut Findings,
) -> Packages<'n> {
    let mut packages = Packages::default();
    for (name, node) in nodes {
        for (digest, said) in &node.papers.packages {
            // Both ends bring the same one along.
            let read = match packages.proved.get(digest) {
                Some(package) => Ok(Some(*package)),
                None => package(nodes, said),
            };
            match read.and_then(|package| held_by(name, package)) {
                Ok(Some(package)) => drop(packages.proved.insert(*digest, package)),
                Ok(None) => {
                    packages.claimed.insert(*digest);
                    let why = "its sender's card is not in this folder";
                    findings.not_shown("V-007", name.as_str(), Some(digest.to_string()), why);
                }
                Err(why) => findings.failed("V-007", name.as_str(), Some(digest.to_string()), why),
            }
        }
    }
    let mut told = Told::new();
    for (digest, Statement { head, body: package }) in &packages.proved {
        let (sender, place) = (package.sender.as_str(), Some(digest.to_string()));
        match shown.get(&package.sender) {
            Some(log) if log.contains_key(&(DISPATCH, tag(digest).as_str())) => {
                findings.proved("V-007", sender, place);
                continue;
            }
            Some(_) => {}
            None => {
                findings.not_shown("V-007", sender, place, "the sender's log is not here");
                continue;
            }
        }
        match missing((nodes, moments), (shown, bounds), (digest, package), (head.at, &mut told)) {
            Missing::Lost => {
                let why = "signed by its sender, whose log lost the entries of that time";
                findings.lost("V-007", sender, place, why);
            }
            Missing::NotShown(why) => findings.not_shown("V-007", sender, place, why),
            Missing::Failed(why) => findings.failed("V-007", sender, place, why),
        }
    }
    packages
}

/// Where receivers' logs say that they were told of a succession, each looked up once.
type Told = BTreeMap<(NodeName, Digest), Option<usize>>;

/// Why a sender's log has no dispatch of a package that the sender signed.
#[derive(Debug, PartialEq, Eq)]
enum Missing {
    /// It was lost, as far as others than the sender show.
    Lost,
    /// The sender says that it was lost, and nobody else here can.
    NotShown(&'static str),
    Failed(&'static str),
}

/// Weighs what the sender says of a loss by what others have: when a package was signed and which decision it names are the sender's
/// words, which could be chosen to fall into a loss that was long before.
fn missing(
    (nodes, moments): (&Nodes, &Moments<'_>),
    (shown, bounds): (&Shown<'_>, &Bounds),
    (digest, package): (&Digest, &Package),
    (at, told): (Timestamp, &mut Told),
) -> Missing {
    let (sender, index) = (nodes.get(&package.sender), package.decision_index);
    let lost = sender.and_then(|sender| {
        let known = &sender.known;
        Some((sender, known.ended_before(at, index).or_else(|| known.ended_around(at))?))
    });
    let Some((sender, lost)) = lost else { return unreached((nodes, moments), at, digest, package) };
    let receiver = nodes.get(&package.recipient).zip(shown.get(&package.recipient));
    let Some((receiver, log)) = receiver else {
        return Missing::NotShown(
            "its sender's log lost the entries of that time, and the receiver's log is not here",
        );
    };
    let asked = (package.recipient.clone(), lost.digest);
    let told = *told.entry(asked).or_insert_with(|| shown_at(receiver, &sender.known, &lost.digest));
    match log.get(&(ARRIVAL, tag(digest).as_str())) {
        None => {
            Missing::Failed("no log that is here has it, although its sender's lost entries of that time")
        }
        Some(arrived) if told.is_some_and(|told| *arrived > told) => Missing::Failed(
            "it arrived after its receiver was told of the loss that its sender's log names for it",
        ),
        // A witness shows that the decision is lost, not what would have come behind one that is left.
        Some(_)
            if !bounds.get(&lost.digest).is_some_and(|bound| (lost.said.size..*bound).contains(&index)) =>
        {
            Missing::NotShown(
                "that its sender's log lost the entries of that time is shown by no witness here",
            )
        }
        Some(_) => Missing::Lost,
    }
}

/// The same of a log that lost nothing of that time: it may have been taken before.
fn unreached(
    (nodes, moments): (&Nodes, &Moments<'_>),
    at: Timestamp,
    digest: &Digest,
    Package { sender, recipient, decision_index, .. }: &Package,
) -> Missing {
    let own = nodes.get(sender);
    let decision = own.and_then(|own| own.log.as_ref()?.leaf(*decision_index));
    // Of a log that goes on below, another entry stands there until then.
    let is_later = own.is_some_and(|own| own.known.goes_on_by(at, *decision_index));
    if !is_later && decision.is_some_and(|leaf| !leaf.is("ruled") || leaf.shown(FIELD_OUTCOME) != "granted") {
        return Missing::Failed("the decision that it names is no ruling of its sender's that permits it");
    }
    let is_own = own.is_some_and(|own| own.papers.packages.contains_key(digest));
    if is_own || moments.reaches_past(sender, recipient, (&[ARRIVAL], &tag(digest))) {
        return Missing::Failed("the sender's log has no such dispatch, and reaches further");
    }
    Missing::NotShown("the sender's log has no such dispatch, or does not reach so far")
}

/// A paper as it was read, or why it says nothing of its kind.
type Said<B> = Result<Claimed<B>, StatementError>;

/// A package, if its sender is here to verify it under.
fn package<'n>(nodes: &Nodes, said: &'n Said<Package>) -> Result<Option<&'n Statement<Package>>, String> {
    let said = said.as_ref().map_err(|error| error.to_string())?;
    let claimed = said.dangerously_unverified();
    let Some(sender) = nodes.get(&claimed.body.sender) else { return Ok(None) };
    let Some(card) = card_of(nodes, sender, &claimed.head, |card| &card.label_key)? else { return Ok(None) };
    let opened = said.open(&card.label_key, &sender.known.expect());
    let statement = opened.map_err(|error| error.to_string())?;
    if statement.head.signer != statement.body.sender.as_str() {
        return Err("signed in another node's name".to_owned());
    }
    Ok(Some(statement))
}

/// The same, where its holder is one of its ends.
fn held_by<'n>(
    holder: &NodeName,
    package: Option<&'n Statement<Package>>,
) -> Result<Option<&'n Statement<Package>>, String> {
    match package {
        Some(Statement { body, .. }) if *holder != body.sender && *holder != body.recipient => {
            Err("held by a node that neither sent nor received it".to_owned())
        }
        other => Ok(other),
    }
}

/// Checks all receipts and gives the packages that they prove to be admitted.
fn receipts(
    (nodes, moments): (&Nodes, &Moments<'_>),
    packages: &Packages<'_>,
    counts: &mut Counts,
    findings: &mut Findings,
) -> BTreeSet<Digest> {
    let mut admitted = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (name, node) in nodes {
        for (digest, said) in &node.papers.receipts {
            if !seen.insert(*digest) {
                continue;
            }
            let (holder, place) = (name.as_str(), Some(digest.to_string()));
            match receipt((nodes, moments), packages, (name, digest, said)) {
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
    (nodes, moments): (&Nodes, &Moments<'_>),
    packages: &Packages<'_>,
    (holder, digest, said): (&NodeName, &Digest, &Said<Receipt>),
) -> Result<Weighed, String> {
    let said = said.as_ref().map_err(|error| error.to_string())?;
    let claimed = said.dangerously_unverified();
    let signer: NodeName = claimed.head.signer.parse().map_err(|_| "signed in no node's name")?;
    let Some(receiver) = nodes.get(&signer) else {
        return Ok(Weighed::NotShown(NO_CARD));
    };
    let at = claimed.head.at;
    let Some(card) = card_of(nodes, receiver, &claimed.head, |card| &card.node_key)? else {
        return Ok(Weighed::NotShown(NO_CARD));
    };
    let opened = said.open(&card.node_key, &receiver.known.expect());
    let receipt = &opened.map_err(|error| error.to_string())?.body;
    let (origin, index) = (receipt.log_origin.as_str(), receipt.leaf_index);
    let lost = receiver.known.lost(origin, index);
    let reaches_past = || {
        let is_own = receiver.papers.receipts.contains_key(digest);
        is_own || moments.reaches_past(&signer, holder, (&[KEPT], &tag(&receipt.package)))
    };
    if lost.is_none() && !receiver.known.has(receiver.known.origin(), origin, index) {
        return elsewhere(&receiver.known, (origin, index), at, reaches_past).map(Weighed::NotShown);
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
    let Some(leaf) = log.leaves.get(index) else {
        return match reaches_past() {
            true => Err(
                "its admission is past the checkpoint of its signer's log, which tells of what came later"
                    .to_owned(),
            ),
            false => Ok(Weighed::NotShown("its admission is past the checkpoint of its signer's log")),
        };
    };
    if leaf.hash != receipt.leaf_hash.0 {
        return Err("its admission is not the leaf at that place of the receiver's log".to_owned());
    }
    let is_admission = leaf.is("admitted") && leaf.pair() == tag(&receipt.package);
    if receipt.outcome != Outcome::Admitted || !is_admission {
        return Err("the leaf that it names is no admission of this package".to_owned());
    }
    if packages.claimed.contains(&receipt.package) {
        return Ok(Weighed::NotShown("the sender of its package is not in this folder"));
    }
    let package = packages.proved.get(&receipt.package);
    let package = &package.ok_or("the package that it names is not here, or not proved")?.body;
    if package.recipient != signer || package.dispatch != receipt.dispatch {
        return Err("the package that it names is another's".to_owned());
    }
    Ok(Weighed::Admitted(receipt.package))
}

/// The first leaf that speaks of a package or a receipt which its own node does not bring along.
fn unpaired(log: &Log, papers: &Exchanged) -> Option<usize> {
    let packages: HashSet<String> = papers.packages.keys().map(tag).collect();
    let receipts = papers.receipts.values().filter_map(|said| said.as_ref().as_ref().ok());
    let receipts: HashSet<String> =
        receipts.map(|said| tag(&said.dangerously_unverified().body.package)).collect();
    let of_any = |leaf: &Leaf, acts: &[&str]| acts.iter().any(|act| leaf.is(act));
    log.leaves.iter().position(|leaf| {
        of_any(leaf, &[DISPATCH, ARRIVAL, "admitted"]) && !packages.contains(leaf.pair())
            || of_any(leaf, &["receipt owed", KEPT]) && !receipts.contains(leaf.pair())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::Node;
    use crate::cards::samples::{self, AT, sealed};
    use crate::successions::Succession;
    use attache_seal::pair::{Sign, SigningPair};
    use attache_seal::papers::Notice;
    use std::rc::Rc;

    #[test]
    fn a_package_is_lost_only_where_a_witness_and_the_receivers_log_show_it_to_be_older_than_the_loss() {
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let [seoul, tokyo]: [NodeName; 2] = ["seoul.kor", "tokyo.jpn"].map(|name| name.parse().unwrap());
        let said = samples::succession(1, (5, 9));
        let inner = sealed(&pair, said.clone());
        let lost = inner.digest();
        let notice = Notice { statement: inner.to_bytes(), verifying: pair.verifying().clone() };
        let digest = Digest([3; 32]);
        // What the receiver's log says, in this order.
        let weighed_of = |index: u64, acts: &[&str], bound: Option<u64>| {
            let package = samples::package(index);
            let leaf = |act: &&str| {
                let pair = if *act == ARRIVAL { tag(&digest).to_string() } else { String::new() };
                Leaf::sample(vec![(0, (*act).to_owned()), (3, seoul.to_string()), (11, pair)])
            };
            let [mut sender, mut receiver] = [&seoul, &tokyo].map(|name| {
                let known = samples::known(name.as_str(), &pair);
                let (papers, proofs, forks) = Default::default();
                Node { known, log: Some(Log::sample(Vec::new())), papers, proofs, forks }
            });
            let own = Succession { said: said.clone(), digest: lost, at: AT.plus_hours(1), is_gone: false };
            sender.known.successions.own.push(own);
            receiver.known.successions.told.push((seoul.clone(), sealed(&pair, notice.clone())));
            receiver.log = Some(Log::sample(acts.iter().map(leaf).collect()));
            let nodes = Nodes::from([(seoul.clone(), sender), (tokyo.clone(), receiver)]);
            let bounds = bound.map(|bound| (lost, bound)).into_iter().collect();
            let asked = (&nodes, &Moments::of(&nodes));
            missing(asked, (&shown(&nodes), &bounds), (&digest, &package), (AT, &mut Told::new()))
        };
        let weighed = |acts: &[&str], bound: Option<u64>| weighed_of(7, acts, bound);
        const TOLD: &str = "succession shown";
        assert_eq!(weighed(&[ARRIVAL, TOLD], Some(9)), Missing::Lost);
        assert!(matches!(weighed(&[TOLD, ARRIVAL], Some(9)), Missing::Failed(_)), "made up afterwards");
        assert!(matches!(weighed(&[TOLD], Some(9)), Missing::Failed(_)), "nobody has it");
        for bound in [None, Some(7)] {
            assert!(matches!(weighed(&[ARRIVAL, TOLD], bound), Missing::NotShown(_)), "{bound:?}");
        }
        // The decision is left, and the dispatch behind it is lost.
        assert!(matches!(weighed_of(3, &[ARRIVAL, TOLD], Some(9)), Missing::NotShown(_)));
        assert!(matches!(weighed_of(3, &[TOLD, ARRIVAL], Some(9)), Missing::Failed(_)));
    }

    #[test]
    fn what_a_log_that_is_here_as_before_its_loss_recorded_since_is_not_shown() {
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let [seoul, tokyo]: [NodeName; 2] = ["seoul.kor", "tokyo.jpn"].map(|name| name.parse().unwrap());
        let digest = Digest([3; 32]);
        let weighed = |size: u64, is_own: bool| {
            let receipt = Receipt { leaf_hash: digest, ..samples::receipt("seoul.kor/log/2", 1) };
            let package = samples::package(1);
            let mut nodes: Nodes = [&seoul, &tokyo]
                .map(|name| {
                    let known = samples::known(name.as_str(), &pair);
                    let leaf = |act: &str| Leaf::sample(vec![(0, act.to_owned()), (11, tag(&digest))]);
                    let log = Some(Log::sample([ARRIVAL, KEPT].map(leaf).into()));
                    let (papers, proofs, forks) = Default::default();
                    (name.clone(), Node { known, log, papers, proofs, forks })
                })
                .into();
            let own = nodes.get_mut(&seoul).unwrap();
            own.known.successions.later.push(samples::later(size));
            let signed = sealed(&pair, receipt);
            if is_own {
                own.papers.receipts.insert(signed.digest(), Rc::new(signed.clone().claimed()));
                let package = Rc::new(sealed(&pair, package.clone()).claimed());
                own.papers.packages.insert(digest, package);
            }
            let asked = (&nodes, &Moments::of(&nodes));
            let received = receipt_of(asked, (&tokyo, &signed.digest(), &signed.claimed()));
            [received, matches!(unreached(asked, AT, &digest, &package), Missing::NotShown(_))]
        };
        fn receipt_of(
            asked: (&Nodes, &Moments<'_>),
            (holder, digest, said): (&NodeName, &Digest, &Said<Receipt>),
        ) -> bool {
            let weighed = receipt(asked, &Packages::default(), (holder, digest, said));
            matches!(weighed, Ok(Weighed::NotShown(GOES_ON_AFTER)))
        }
        assert_eq!(weighed(1, false), [true; 2]);
        assert_eq!(weighed(2, false), [false; 2], "the entry is left");
        assert_eq!(weighed(1, true), [false; 2], "its own node brings it along");
    }
}
