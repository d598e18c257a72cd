//! Logs that lost entries and go on under a new origin: what of a log stands under which name, what is lost, and who had cosigned it.
//!
//! *Absent:* what was lost. That the log is whole but for it, and that nobody hides more behind it, is what is checked.

use crate::cards::Known;
use crate::folder::{Folder, MAX_STATEMENTS};
use crate::leaves::Leaf;
use crate::report::Findings;
use crate::{Log, Moments, Node, Nodes};
use attache_accord::logs::{Stretch, origin_at, stretches};
use attache_accord::{CivilDay, Digest, NodeName, Timestamp};
use attache_seal::papers::{LogSuccession, Notice};
use attache_seal::statement::Signed;
use attache_tlog::{Frontier, Hash, Origin, VerifierKey, open_checkpoint};
use std::collections::BTreeMap;

/// The act by which a node's log goes on, and those by which it is told that a partner's does.
const SUCCEEDED: &str = "log succeeded";
const SHOWN: &str = "succession shown";
/// The field that says whose log it is.
const PARTNER: u8 = 3;

/// A succession, with the digest of its statement and the time that it claims.
pub(crate) struct Succession {
    pub(crate) said: LogSuccession,
    pub(crate) digest: Digest,
    pub(crate) at: Timestamp,
    /// The entry by which the log said so is itself lost since, by a loss further below. Only who was told of it has it.
    pub(crate) is_gone: bool,
}

/// Of each succession, by its digest, how far witnesses that are here prove to have cosigned the log that ended. What the succession
/// itself says of that is the word of the node that lost something.
pub(crate) type Bounds = BTreeMap<Digest, u64>;

impl Succession {
    pub(crate) fn is_lost(&self, index: u64) -> bool {
        let (from, behind) = self.said.lost();
        (from..behind).contains(&index)
    }

    /// In plain words.
    pub(crate) fn told(&self) -> String {
        let LogSuccession { previous, origin, seen, reason, promised, .. } = &self.said;
        let (from, behind) = self.said.missed();
        let witnesses: Vec<_> = seen.iter().map(|seen| format!("{} up to {}", seen.by, seen.size)).collect();
        let cosigned = (!witnesses.is_empty()).then(|| format!("cosigned by {}", witnesses.join(", ")));
        let promised = promised.map(|size| format!("named up to {size} by what the node had signed"));
        let known: Vec<_> = cosigned.into_iter().chain(promised).collect();
        format!(
            "log {previous} ended at size {from}; entries {from} to {} are lost, {}; continued as {origin} ({reason})",
            behind.saturating_sub(1),
            known.join(", ")
        )
    }
}

/// The successions of one node's log, and those of others that it was told.
#[derive(Default)]
pub(crate) struct Successions {
    pub(crate) own: Vec<Succession>,
    /// Notices in others' names, which their cards verify.
    pub(crate) told: Vec<(NodeName, Signed)>,
    /// Those of the node's own log of which partners were told, and before which what is here of the log may be from; in their order.
    pub(crate) later: Vec<Succession>,
}

impl Successions {
    /// Whether the node's own log lost, further below, the entry by which it said that it goes on by `one`, and goes on from there
    /// under a name that follows upon that.
    pub(crate) fn has_lost(&self, one: &Succession) -> bool {
        // Nobody need have cosigned that entry: the node may have promised it alone, by a receipt.
        let is_missed =
            |later: &Succession| (later.said.size..later.said.missed().1).contains(&one.said.size);
        self.endings(&one.said.origin, one.said.size).any(is_missed)
    }

    /// The successions by which the log named `origin`, or one that goes on from it, ended before the entry at `index`.
    pub(crate) fn endings(&self, origin: &str, index: u64) -> impl Iterator<Item = &Succession> {
        let named = Origin::new(origin).ok();
        self.own.iter().filter(move |one| {
            let previous = Origin::new(&one.said.previous).ok();
            let is_of =
                previous.zip(named.as_ref()).is_some_and(|(previous, named)| previous.continues(named));
            is_of && one.said.size <= index
        })
    }
}

/// In the order of their origins, each of which has the next number.
fn sort(successions: &mut [Succession]) {
    successions.sort_by_key(|one| (one.said.origin.len(), one.said.origin.clone()));
}

/// Each succession that others were told of the log of a node that is here, as that one's card verifies it.
fn told_of(nodes: &Nodes) -> impl Iterator<Item = (&NodeName, &Node, Succession)> {
    nodes.values().flat_map(|node| &node.known.successions.told).filter_map(|(signer, signed)| {
        let node = nodes.get(signer)?;
        Some((signer, node, verified(&node.known, signed).ok()?))
    })
}

/// Takes up, for each node, the successions of its log that it lost itself and that only those have who were told of them.
pub(crate) fn take_up_lost(nodes: &mut Nodes) {
    let lost = told_of(nodes).filter(|(_, node, one)| node.known.successions.has_lost(one));
    let lost = lost.map(|(name, _, one)| (name.clone(), Succession { is_gone: true, ..one }));
    for (name, one) in lost.collect::<Vec<_>>() {
        let Some(node) = nodes.get_mut(&name) else { continue };
        let own = &mut node.known.successions.own;
        // Several may have been told.
        if own.iter().all(|own| own.digest != one.digest) {
            own.push(one);
            sort(own);
        }
    }
}

/// Takes up, for each node, the successions that partners were told of its log and that may have come after what is here of it.
pub(crate) fn take_up_later(nodes: &mut Nodes) {
    let mut told: BTreeMap<NodeName, Vec<Succession>> = BTreeMap::new();
    for (name, _, one) in told_of(nodes) {
        told.entry(name.clone()).or_default().push(one);
    }
    for (name, mut told) in told {
        let Some(node) = nodes.get_mut(&name) else { continue };
        sort(&mut told);
        for one in told {
            let follows = match node.known.successions.later.last() {
                None => is_before(node, &one),
                Some(last) => last.said.origin == one.said.previous,
            };
            if follows {
                node.known.successions.later.push(one);
            }
        }
    }
}

/// Reads the successions that a node brings along, and verifies its own.
pub(crate) fn read(folder: &Folder, known: &mut Known, findings: &mut Findings) {
    let path = format!("{}/successions", known.node);
    let names = match folder.names(&path, MAX_STATEMENTS) {
        Ok(names) => names,
        Err(why) => return findings.failed("V-017", known.node.as_str(), Some(path), why),
    };
    for name in names {
        let place = format!("{path}/{name}");
        if let Err(why) = one(folder, known, &name, &place) {
            findings.failed("V-017", known.node.as_str(), Some(place), why);
        }
    }
    sort(&mut known.successions.own);
    let followed = known.successions.own.iter().map(|one| (one.said.origin.as_str(), one.said.size));
    known.stretches = stretches(&known.card.log_origin, followed);
    known.log_keys = known.keys_under(known.origin());
    let named = known.stretches.iter().filter_map(|one| Some((one.from, Origin::new(&one.origin).ok()?)));
    known.origins = named.collect();
}

fn one(folder: &Folder, known: &mut Known, name: &str, place: &str) -> Result<(), String> {
    let signed = Signed::from_bytes(&folder.bytes(place)?).map_err(|error| error.to_string())?;
    if name != format!("{}.cbor", signed.digest()) {
        return Err("its digest is not its name".to_owned());
    }
    let claimed = signed.dangerously_unverified::<Notice>().map_err(|error| error.to_string())?;
    let signer: NodeName = claimed.head.signer.parse().map_err(|_| "signed in no node's name")?;
    if signer == known.node {
        let own = verified(known, &signed)?;
        known.successions.own.push(own);
    } else {
        known.successions.told.push((signer, signed));
    }
    Ok(())
}

/// What a notice brings, under the card of the node that signed it, which vouches for the person's key.
pub(crate) fn verified(known: &Known, signed: &Signed) -> Result<Succession, String> {
    let claimed = signed.dangerously_unverified::<Notice>().map_err(|error| error.to_string())?;
    let card = known.card_at(claimed.head.at).ok_or("signed while no card of its node was in force")?;
    let notice = signed.open::<Notice>(&card.node_key, &known.expect()).map_err(|error| error.to_string())?;
    let inner = Signed::from_bytes(&notice.body.statement).map_err(|error| error.to_string())?;
    let opened = inner.open::<LogSuccession>(&notice.body.verifying, &known.expect());
    let statement = opened.map_err(|error| error.to_string())?;
    if statement.body.node != known.node || notice.head.signer != known.node.as_str() {
        return Err("it is about another node's log".to_owned());
    }
    Ok(Succession { said: statement.body, digest: inner.digest(), at: statement.head.at, is_gone: false })
}

impl Known {
    /// The name of its log now.
    pub(crate) fn origin(&self) -> &str {
        self.stretches.last().map_or(self.card.log_origin.as_str(), |last| last.origin.as_str())
    }

    /// The name that the leaf at `index` is committed to.
    pub(crate) fn origin_at(&self, index: u64) -> Result<&Origin, String> {
        let found = self.origins.iter().rev().find(|(from, _)| *from <= index);
        found.map(|(_, origin)| origin).ok_or_else(|| "its log has no name".to_owned())
    }

    /// The keys of its log under one of its names; none for a name that it never had.
    pub(crate) fn keys_under(&self, origin: &str) -> Vec<VerifierKey> {
        let had =
            self.successions.own.iter().any(|one| one.said.origin == origin || one.said.previous == origin);
        if !had && origin != self.card.log_origin {
            return Vec::new();
        }
        self.keys_named(origin)
    }

    /// The same, also for a name under which its log goes on after what is here of it.
    pub(crate) fn keys_then_under(&self, origin: &str) -> Vec<VerifierKey> {
        match self.successions.later.iter().any(|one| one.said.origin == origin) {
            true => self.keys_named(origin),
            false => self.keys_under(origin),
        }
    }

    fn keys_named(&self, origin: &str) -> Vec<VerifierKey> {
        let keys = self.card.log_vkeys.iter().filter_map(|text| text.parse::<VerifierKey>().ok());
        keys.filter_map(|key| key.named(origin).ok()).collect()
    }

    /// Whether its log stood at that size under this name, as far as it was not lost.
    pub(crate) fn had(&self, origin: &str, size: u64) -> bool {
        let at = self.stretches.iter().position(|stretch| stretch.origin == origin);
        at.is_some_and(|at| self.stretches.get(at + 1).is_none_or(|next| size <= next.from))
    }

    /// Whether the tree of the log named `in_log` has at `index` the leaf that was committed to under `origin`.
    pub(crate) fn has(&self, in_log: &str, origin: &str, index: u64) -> bool {
        let all = || self.successions.own.iter().chain(&self.successions.later);
        let until = all().position(|one| one.said.origin == in_log).map_or(0, |at| at + 1);
        let followed = all().take(until).map(|one| (one.said.origin.as_str(), one.said.size));
        let all: Vec<Stretch> = stretches(&self.card.log_origin, followed);
        all.last().is_some_and(|last| last.origin == in_log) && origin_at(&all, index) == Some(origin)
    }

    /// The succession by which the leaf at `index` of the log named `origin` was lost, if it was.
    pub(crate) fn lost(&self, origin: &str, index: u64) -> Option<&Succession> {
        if origin_at(&self.stretches, index) == Some(origin) {
            return None;
        }
        self.successions.endings(origin, index).find(|one| one.is_lost(index))
    }

    /// The days whose entries its log may have lost, one more at each end: days run by the agreement's clock, which is not known here.
    pub(crate) fn lost_days(&self) -> Vec<(CivilDay, CivilDay)> {
        let own = self.successions.own.iter();
        let days = own.map(|one| (CivilDay::of(one.said.since, 0), CivilDay::of(one.at, 0)));
        days.map(|(since, at)| (since.minus_days(1), at.plus_days(1))).collect()
    }

    /// Whether the log named `origin` ended before the entry at `index`, of which something was signed at `at`, before that: it may be
    /// lost, and nobody had cosigned it.
    pub(crate) fn ended(&self, origin: &str, index: u64, at: Timestamp) -> bool {
        self.successions.endings(origin, index).any(|one| at < one.at)
    }

    /// Whether the entry at `index` of the log named `origin` is one that came after what is here of the log, which was told to go on so.
    pub(crate) fn goes_on(&self, origin: &str, index: u64) -> bool {
        let mut later = self.successions.later.iter();
        later.any(|one| one.said.origin == origin) && self.has(origin, origin, index)
    }

    /// The same of an entry in no named log, of which something was signed at `at`: another one may stand there in what is here.
    pub(crate) fn goes_on_by(&self, at: Timestamp, index: u64) -> bool {
        self.successions.later.iter().any(|one| one.at <= at && one.said.size <= index)
    }

    /// The succession before which a statement claims at the time `at` to have been signed, about an entry that is not left; by its own
    /// word alone. It names no log. Rather one that says that it lost that entry than one that lost it unseen.
    pub(crate) fn ended_before(&self, at: Timestamp, index: u64) -> Option<&Succession> {
        let ended = || self.successions.own.iter().filter(|one| at < one.at && one.said.size <= index);
        ended().find(|one| one.is_lost(index)).or_else(|| ended().next())
    }

    /// The succession before which a statement claims at the time `at` to have been signed, behind the last entry that is left: what its own
    /// entry said is lost, though what that followed upon may be here.
    pub(crate) fn ended_around(&self, at: Timestamp) -> Option<&Succession> {
        self.successions.own.iter().find(|one| one.said.since <= at && at < one.at)
    }
}

/// Tells the losses of a node's log where its leaves are not all here, so that what is left cannot be compared. A partner's succession
/// belongs in no such folder: nothing there would check it.
pub(crate) fn tell(known: &Known, findings: &mut Findings) {
    let name = known.node.as_str();
    for one in &known.successions.own {
        findings.lost("V-017", name, None, &one.told());
    }
    for (_, signed) in &known.successions.told {
        let why = "it is of another node's log, which nothing here is compared with";
        findings.failed("V-017", name, Some(signed.digest().to_string()), why);
    }
}

/// Where the log of a node that was told of this succession of its partner's log says so, as far as that is opened.
pub(crate) fn shown_at(told: &Node, partner: &Known, digest: &Digest) -> Option<usize> {
    let is_told = |one: &&Succession| {
        let digests = told.known.successions.told.iter().filter(|(signer, _)| *signer == partner.node);
        digests.filter_map(|(_, signed)| told_digest(signed)).any(|told| told == one.digest)
    };
    let own: Vec<_> = partner.successions.own.iter().filter(is_told).collect();
    // One is told after the other.
    let nth = own.iter().position(|one| one.digest == *digest)?;
    let spoken = spoken(told.log.as_ref(), SHOWN).into_iter();
    let of_partner = |index: &usize| {
        let leaf = told.log.as_ref().and_then(|log| log.leaves.get(*index));
        leaf.and_then(|leaf| leaf.field(PARTNER)) == Some(partner.node.as_str())
    };
    spoken.filter(of_partner).nth(nth)
}

/// The digest of the statement in a notice.
fn told_digest(signed: &Signed) -> Option<Digest> {
    let notice = signed.dangerously_unverified::<Notice>().ok()?;
    Some(Signed::from_bytes(&notice.body.statement).ok()?.digest())
}

/// Checks the successions of each node against its own log, against those who were told, and against what they had cosigned.
pub(crate) fn check(
    folder: &Folder,
    (nodes, moments): (&Nodes, &Moments<'_>),
    findings: &mut Findings,
) -> Bounds {
    let mut bounds = Bounds::new();
    for (name, node) in nodes {
        for one in &node.known.successions.own {
            let held = if one.is_gone { Ok(()) } else { holds(node, one) };
            match held {
                Ok(()) => findings.lost("V-017", name.as_str(), None, &one.told()),
                Err(why) => findings.failed("V-017", name.as_str(), Some(one.digest.to_string()), why),
            }
            let place = |by: &NodeName| format!("{by}/lost/{}", one.digest);
            let unnamed = nodes.keys().filter(|by| one.said.seen_by(by).is_none() && folder.has(&place(by)));
            for by in one.said.seen.iter().map(|seen| &seen.by).chain(unnamed) {
                let place = place(by);
                match cosigned(folder, nodes, node, one, &place, by) {
                    None => {
                        let why = "what the witness had cosigned is not in this folder";
                        findings.not_shown("V-018", by.as_str(), Some(place), why);
                    }
                    Some(Ok(Held::Less)) => {
                        let why = "the witness holds less than the succession says that it had cosigned: it was itself brought back from a \
                                   backup, or that is not so";
                        findings.not_shown("V-018", by.as_str(), Some(place), why);
                    }
                    Some(Ok(Held::AsSaid(size))) => {
                        let bound = bounds.entry(one.digest).or_default();
                        *bound = size.max(*bound);
                        findings.proved("V-018", by.as_str(), Some(place));
                    }
                    Some(Ok(Held::Left)) => findings.proved("V-018", by.as_str(), Some(place)),
                    Some(Err(why)) => findings.failed("V-018", by.as_str(), Some(place), why),
                }
            }
        }
        let own = spoken(node.log.as_ref(), SUCCEEDED);
        let told = node.known.successions.own.iter().filter(|one| !one.is_gone).count();
        if own.len() != told && node.log.is_some() {
            findings.failed(
                "V-017",
                name.as_str(),
                None,
                "its log does not tell as often as its statements that it goes on",
            );
        }
        check_told(folder, (name, node), (nodes, moments), findings);
    }
    bounds
}

/// Where a log speaks of an act.
fn spoken(log: Option<&Log>, act: &str) -> Vec<usize> {
    let leaves = log.iter().flat_map(|log| log.leaves.iter().enumerate());
    leaves.filter(|(_, leaf)| leaf.is(act)).map(|(index, _)| index).collect()
}

/// That what is left is the beginning of the log that is here, which says there that it goes on.
fn holds(node: &Node, one: &Succession) -> Result<(), String> {
    let log = node.log.as_ref().ok_or("this node's log is not here, or did not hold")?;
    let size = usize::try_from(one.said.size).unwrap_or(usize::MAX);
    let root = root_of(log, size).ok_or("it says that more is left than the log has")?;
    if root != one.said.root {
        return Err("what it says is left is not the beginning of the log".to_owned());
    }
    match log.leaves.get(size) {
        Some(leaf) if leaf.is(SUCCEEDED) => Ok(()),
        _ => Err("the log does not say there that it goes on".to_owned()),
    }
}

/// The root of the first `size` leaves.
fn root_of(log: &Log, size: usize) -> Option<Digest> {
    let mut frontier = Frontier::new();
    log.leaves.get(..size)?.iter().for_each(|leaf| frontier.append(Hash(leaf.hash)));
    Some(Digest(frontier.root().0))
}

/// Whether a node's log as it is here may be from before the loss: it bears the name that ended, and nothing in it is other than what was
/// left.
fn is_before(node: &Node, one: &Succession) -> bool {
    let size = usize::try_from(one.said.size).unwrap_or(usize::MAX);
    let root = node.log.as_ref().and_then(|log| root_of(log, size));
    node.known.origin() == one.said.previous && root.is_none_or(|root| root == one.said.root)
}

/// Where a node's log says last that it was told of a succession of this partner's log.
fn last_shown(node: &Node, partner: &NodeName) -> Option<usize> {
    let is_of_partner = |leaf: &Leaf| leaf.is(SHOWN) && leaf.field(PARTNER) == Some(partner.as_str());
    node.log.as_ref()?.leaves.iter().rposition(is_of_partner)
}

/// What a node had cosigned of a partner's log that ended, where nothing here says that it did.
fn cosigned_unshown(folder: &Folder, name: &NodeName, signed: &Signed, why: &str, findings: &mut Findings) {
    let lost = told_digest(signed).map(|digest| format!("{name}/lost/{digest}"));
    if let Some(place) = lost.filter(|place| folder.bytes(place).is_ok()) {
        findings.not_shown("V-018", name.as_str(), Some(place), why);
    }
}

/// What a witness holds of a log that ended.
enum Held {
    /// The checkpoint that the succession names, of so many entries.
    AsSaid(u64),
    /// A checkpoint of fewer entries.
    Less,
    /// A checkpoint of what is left, which the succession need not name.
    Left,
}

/// That the witness holds a checkpoint of the log that ended, by the log's own keys, of the size and root that the succession names.
fn cosigned(
    folder: &Folder,
    nodes: &Nodes,
    node: &Node,
    one: &Succession,
    place: &str,
    by: &NodeName,
) -> Option<Result<Held, String>> {
    if !nodes.contains_key(by) || !folder.has(place) {
        return None;
    }
    let read = || {
        let text = String::from_utf8(folder.bytes(place)?).map_err(|_| "not UTF-8")?;
        let keys = node.known.keys_under(&one.said.previous);
        let checkpoint = open_checkpoint(&text, &keys).map_err(|error| error.to_string())?;
        let named = one.said.seen_by(by).map(|seen| (seen.size, seen.root));
        let held = (checkpoint.size, Digest(checkpoint.root.0));
        let is_of_it = checkpoint.origin.as_str() == one.said.previous;
        if is_of_it && named == Some(held) {
            return Ok(Held::AsSaid(held.0));
        }
        // Of what is left it must be the beginning.
        let left = node.log.as_ref().filter(|_| held.0 <= one.said.size);
        let left = left.and_then(|log| root_of(log, usize::try_from(held.0).ok()?));
        let is_left = left.is_none_or(|root| root == held.1);
        match named {
            Some((size, _)) if is_of_it && is_left && held.0 < size => Ok(Held::Less),
            None if is_of_it && is_left && held.0 <= one.said.size => Ok(Held::Left),
            _ => Err("it had cosigned something else than the succession says".to_owned()),
        }
    };
    Some(read())
}

/// That each succession that a node says it was told is here, and is its partner's.
fn check_told(
    folder: &Folder,
    (name, node): (&NodeName, &Node),
    (nodes, moments): (&Nodes, &Moments<'_>),
    findings: &mut Findings,
) {
    let told = &node.known.successions.told;
    for (signer, signed) in told {
        let place = Some(signed.digest().to_string());
        let Some(other) = nodes.get(signer) else {
            let why = "the card of the node whose log it is about is not in this folder";
            findings.not_shown("V-017", name.as_str(), place, why);
            cosigned_unshown(folder, name, signed, why, findings);
            continue;
        };
        let is_own =
            |one: &Succession| other.known.successions.own.iter().any(|own| own.digest == one.digest);
        let is_later = |one: &Succession| {
            is_before(other, one)
                || other.known.successions.later.iter().any(|later| later.digest == one.digest)
        };
        match verified(&other.known, signed) {
            Ok(one) if is_own(&one) || other.log.is_none() => findings.proved("V-017", name.as_str(), place),
            Ok(one) if is_later(&one) && !moments.tells_past(signer, name, last_shown(node, signer)) => {
                let why = "its log does not go on as it told this node, or does not reach so far";
                findings.not_shown("V-017", signer.as_str(), place, why);
                cosigned_unshown(folder, name, signed, why, findings);
            }
            Ok(_) => {
                let why = "its log does not go on as it told this node, and reaches further";
                findings.failed("V-017", signer.as_str(), place, why);
            }
            Err(why) => findings.failed("V-017", name.as_str(), place, why),
        }
    }
    if let Some(index) = spoken(node.log.as_ref(), SHOWN).get(told.len()) {
        let why = "its log speaks of more successions than are here";
        findings.failed("V-017", name.as_str(), Some(format!("leaf {index}")), why);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::cards::samples::{self, AT, sealed, succession};
    use attache_seal::pair::{Sign as _, SigningPair};

    #[test]
    fn a_succession_that_its_log_lost_since_counts_by_who_was_told_of_it_and_no_other_does() {
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let [seoul, tokyo]: [NodeName; 2] = ["seoul.kor", "tokyo.jpn"].map(|name| name.parse().unwrap());
        let told = sealed(&pair, succession(1, (40, 64)));
        let notice = Notice { statement: told.to_bytes(), verifying: pair.verifying().clone() };
        // The log that goes on a second time, and from where; and whether the first time is lost with that.
        for (number, range, promised, is_lost) in [
            (2, (30, 60), None, true),
            (2, (40, 60), None, true),
            (2, (41, 60), None, false),
            (1, (30, 40), None, false),
            // Nobody had cosigned the first one's entry, and a receipt of behind it was given; or of before it.
            (2, (30, 40), Some(42), true),
            (2, (30, 30), Some(41), true),
            (2, (30, 30), Some(40), false),
        ] {
            let [mut sender, mut receiver] = [&seoul, &tokyo].map(|name| {
                let known = samples::known(name.as_str(), &pair);
                let (papers, proofs, forks) = Default::default();
                Node { known, log: None, papers, proofs, forks }
            });
            let said = LogSuccession { promised, ..succession(number, range) };
            let digest = Digest([9; 32]);
            sender.known.stretches = stretches("seoul.kor/log/1", [(said.origin.as_str(), said.size)]);
            sender.known.successions.own.push(Succession { said, digest, at: AT, is_gone: false });
            receiver.known.successions.told.push((seoul.clone(), sealed(&pair, notice.clone())));
            let mut nodes = Nodes::from([(seoul.clone(), sender), (tokyo.clone(), receiver)]);
            take_up_lost(&mut nodes);
            let known = &nodes[&seoul].known;
            let own: Vec<_> = known.successions.own.iter().map(|one| (one.digest, one.is_gone)).collect();
            let expected =
                if is_lost { vec![(told.digest(), true), (digest, false)] } else { vec![(digest, false)] };
            assert_eq!(own, expected, "{number} {range:?} {promised:?}");
            // What only the first loss took is told as lost by that.
            assert_eq!(
                known.lost("seoul.kor/log/1", 62).is_some(),
                is_lost,
                "{number} {range:?} {promised:?}"
            );
        }
    }

    #[test]
    fn a_log_that_is_here_as_before_its_loss_goes_on_by_what_a_partner_was_told_where_that_fits_it() {
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let [seoul, tokyo]: [NodeName; 2] = ["seoul.kor", "tokyo.jpn"].map(|name| name.parse().unwrap());
        let known_of = |told: &[LogSuccession]| {
            let [mut sender, mut receiver] = [&seoul, &tokyo].map(|name| {
                let known = samples::known(name.as_str(), &pair);
                let (papers, proofs, forks) = Default::default();
                Node { known, log: None, papers, proofs, forks }
            });
            let leaf = || Leaf::sample(vec![(0, "ruled".to_owned())]);
            sender.log = Some(Log::sample(vec![leaf(), leaf(), leaf()]));
            for said in told {
                let statement = sealed(&pair, said.clone()).to_bytes();
                let notice = Notice { statement, verifying: pair.verifying().clone() };
                receiver.known.successions.told.push((seoul.clone(), sealed(&pair, notice)));
            }
            let mut nodes = Nodes::from([(seoul.clone(), sender), (tokyo.clone(), receiver)]);
            take_up_later(&mut nodes);
            nodes.remove(&seoul).unwrap().known
        };
        let first = |size| {
            let mut frontier = Frontier::new();
            (0..size).for_each(|_| frontier.append(Hash([0; 32])));
            let root = Digest(frontier.root().0);
            LogSuccession { root, ..succession(1, (size, 3)) }
        };
        let [one, two, three] = ["1", "2", "3"].map(|number| format!("seoul.kor/log/{number}"));
        // In whatever order they are read.
        let known = known_of(&[succession(2, (9, 12)), first(2)]);
        for (origin, index, goes_on) in
            [(&two, 2, true), (&two, 1, false), (&three, 9, true), (&three, 8, false), (&one, 2, false)]
        {
            assert_eq!(known.goes_on(origin, index), goes_on, "{origin} {index}");
        }
        // The same leaf under a later name, and what is here under its own.
        assert!(known.has(&three, &one, 1) && known.has(&three, &two, 8) && !known.has(&three, &one, 2));
        assert!(known.has(known.origin(), &one, 2));
        assert!(known.goes_on_by(AT, 2) && !known.goes_on_by(AT, 1) && !known.goes_on_by(Timestamp(0), 2));
        for told in [vec![succession(1, (2, 3))], vec![succession(2, (9, 12))]] {
            assert!(
                known_of(&told).successions.later.is_empty(),
                "another beginning, or of no log that is here"
            );
        }
    }
}
