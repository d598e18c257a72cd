//! Letters by way of a hub that cannot read them: what their senders signed on the outside, what the hub signed that it did with them, and
//! what the logs of all three say.
//!
//! *Absent:* what is in a letter. What it brought stands in the logs of its ends as if it had come by itself.

use crate::held::NO_CARD;
use crate::pairing::elsewhere;
use crate::report::Findings;
use crate::statements::said_by;
use crate::{Log, Moments, Node, Nodes, tag};
use attache_accord::oversight::FIELD_OUTCOME;
use attache_accord::{Digest, NodeName, Timestamp};
use attache_seal::papers::{HopReceipt, Waybill};
use attache_seal::statement::{Body as _, Signed};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Acts by which a letter is written, and taken by the hub and at its end: their tag is that of the waybill.
const OWED: &str = "letter owed";
const TAKEN: &str = "letter taken";
/// Acts by which a hub signs what it did, and the sender keeps that: their tag is that of the hop receipt.
const SIGNED: &str = "hop signed";
const KEPT: &str = "hop kept";
/// The same of a hub's second word, that it gave up what it had taken.
const LOSS_SIGNED: &str = "loss signed";
const LOSS_KEPT: &str = "loss kept";
const ACTS: [&str; 6] = [OWED, TAKEN, SIGNED, KEPT, LOSS_SIGNED, LOSS_KEPT];
/// What the leaf of a letter says that was not refused.
const GOES_ON: &str = "taken";

const NO_LOG: &str = "the log of its signer is not here";
const UNTAGGED: &str =
    "its leaf is of the time before letters bore a tag: that it is of this letter is the node's word";

/// What each log that is here says of letters: act and tag.
type Spoken<'n> = BTreeMap<&'n NodeName, HashSet<(&'static str, &'n str)>>;

/// The letters whose waybills are here, and the word of the hub about each.
#[derive(Default)]
struct Letters {
    /// Signed by their senders, with where the letter is from and goes to.
    proved: BTreeMap<Digest, Waybill>,
    /// Of senders whose card is not here.
    claimed: BTreeSet<Digest>,
    /// Of which a hub's receipt holds, and whether it goes on.
    hops: BTreeMap<Digest, bool>,
}

/// What this folder alone cannot show.
struct NotShown(&'static str);

type Weighed<T> = Result<Result<T, NotShown>, String>;

pub(crate) fn check((nodes, moments): (&Nodes, &Moments<'_>), findings: &mut Findings) {
    let spoken: Spoken<'_> =
        nodes.iter().filter_map(|(name, node)| Some((name, of_log(node.log.as_ref()?)))).collect();
    let mut letters = Letters::default();
    letters.read_waybills((nodes, moments), &spoken, findings);
    letters.read_hops((nodes, moments), findings);
    for (name, acts) in &spoken {
        let Some(node) = nodes.get(*name).filter(|_| !acts.is_empty()) else { continue };
        match unpaired(node) {
            None => findings.proved("V-065", name.as_str(), None),
            Some(index) => {
                let why = "the waybill or hop receipt that this leaf speaks of is not here";
                findings.failed("V-065", name.as_str(), Some(format!("leaf {index}")), why);
            }
        }
    }
    letters.tell_underway(&spoken, findings);
}

fn of_log(log: &Log) -> HashSet<(&'static str, &str)> {
    let acts = log.leaves.iter().filter_map(|leaf| Some((leaf.one_of(ACTS)?, leaf.pair())));
    acts.collect()
}

/// The first leaf that speaks of a waybill or hop receipt which its own node does not bring along.
fn unpaired(node: &Node) -> Option<usize> {
    let of = |name: &str| -> HashSet<String> {
        let all = node.papers.beside.iter().filter(|(_, signed)| signed.name() == name);
        all.map(|(digest, _)| tag(digest)).collect()
    };
    let (waybills, hops) = (of(Waybill::NAME), of(HopReceipt::NAME));
    let mut leaves = node.log.iter().flat_map(|log| &log.leaves);
    leaves.position(|leaf| {
        let papers = match leaf.one_of(ACTS) {
            Some(OWED | TAKEN) => &waybills,
            Some(_) => &hops,
            None => return false,
        };
        // Older leaves have no tag; how many there are must fit all the same.
        if leaf.pair().is_empty() { papers.is_empty() } else { !papers.contains(leaf.pair()) }
    })
}

impl Letters {
    fn read_waybills(
        &mut self,
        (nodes, moments): (&Nodes, &Moments<'_>),
        spoken: &Spoken<'_>,
        findings: &mut Findings,
    ) {
        for (holder, digest, signed) in named(nodes, Waybill::NAME) {
            if self.proved.contains_key(digest) || self.claimed.contains(digest) {
                continue;
            }
            let place = Some(digest.to_string());
            let (sender, waybill) = match said_by::<Waybill>(nodes, signed) {
                Ok(Some((sender, said))) if sender.known.node == said.body.from => (sender, said),
                Ok(Some(_)) => {
                    findings.failed("V-063", holder.as_str(), place, "signed in another node's name");
                    continue;
                }
                Ok(None) => {
                    self.claimed.insert(*digest);
                    let why = "its sender's card is not in this folder";
                    findings.not_shown("V-063", holder.as_str(), place, why);
                    continue;
                }
                Err(why) => {
                    findings.failed("V-063", holder.as_str(), place, why);
                    continue;
                }
            };
            let from = sender.known.node.as_str();
            match is_recorded((nodes, moments), (sender, waybill.head.at), digest, spoken) {
                Ok(Ok(())) => findings.proved("V-063", from, place),
                Ok(Err(NotShown(why))) => findings.not_shown("V-063", from, place, why),
                Err(why) => findings.failed("V-063", from, place, why),
            }
            self.proved.insert(*digest, waybill.body);
        }
    }

    fn read_hops(&mut self, (nodes, moments): (&Nodes, &Moments<'_>), findings: &mut Findings) {
        let mut seen = BTreeSet::new();
        for (holder, digest, signed) in named(nodes, HopReceipt::NAME) {
            if !seen.insert(digest) {
                continue;
            }
            let place = Some(digest.to_string());
            match self.weigh((nodes, moments), (holder, digest, signed)) {
                Ok(Ok((hub, letter, goes_on))) => {
                    *self.hops.entry(letter).or_insert(true) &= goes_on;
                    findings.proved("V-064", hub.as_str(), place);
                }
                Ok(Err(NotShown(why))) => findings.not_shown("V-064", holder.as_str(), place, why),
                Err(why) => findings.failed("V-064", holder.as_str(), place, why),
            }
        }
    }

    /// Whose word it is, about which letter, and whether that goes on.
    fn weigh<'n>(
        &self,
        (nodes, moments): (&'n Nodes, &Moments<'_>),
        (holder, digest, signed): (&NodeName, &Digest, &Signed),
    ) -> Weighed<(&'n NodeName, Digest, bool)> {
        let Some((hub, said)) = said_by::<HopReceipt>(nodes, signed)? else {
            return Ok(Err(NotShown(NO_CARD)));
        };
        let (signer, hop) = (&hub.known.node, said.body);
        let letter = self.proved.get(&hop.waybill);
        if letter.is_some_and(|letter| letter.from == *signer || letter.to == *signer) {
            return Err("signed by an end of the letter, which is no hub of it".to_owned());
        }
        let is_here = |hop: &Digest| nodes.values().any(|node| node.papers.beside.contains_key(hop));
        if hop.previous.is_some_and(|previous| !is_here(&previous)) {
            return Ok(Err(NotShown("the hop receipt before it is not here")));
        }
        let (origin, index) = (hop.log_origin.as_str(), hop.leaf_index);
        if hub.known.lost(origin, index).is_some() {
            return Ok(Err(NotShown("its signer's log lost the entry that it names")));
        }
        let reaches_past = || {
            let is_own = hub.papers.beside.contains_key(digest);
            // Its recipient has it beside the letter, and no act about it.
            let (acts, upon) = match letter.is_some_and(|letter| letter.to == *holder) {
                true => (&[TAKEN][..], &hop.waybill),
                false => (&[KEPT, LOSS_KEPT][..], digest),
            };
            is_own || moments.reaches_past(signer, holder, (acts, &tag(upon)))
        };
        if !hub.known.has(hub.known.origin(), origin, index) {
            let why = elsewhere(&hub.known, (origin, index), said.head.at, reaches_past)?;
            return Ok(Err(NotShown(why)));
        }
        let Some(log) = &hub.log else { return Ok(Err(NotShown(NO_LOG))) };
        let Some(leaf) = log.leaf(index) else {
            return match reaches_past() {
                true => {
                    Err("its leaf is past the checkpoint of its signer's log, which tells of what came later"
                        .to_owned())
                }
                false => Ok(Err(NotShown("its leaf is past the checkpoint of its signer's log"))),
            };
        };
        // What it says behind its own first word is that it gave up what it took: the leaf is that of the taking.
        let is_loss = hop.previous.is_some_and(|previous| is_by(nodes, &previous, (signer, &hop.waybill)));
        let outcome = hop.refused.as_deref().filter(|_| !is_loss).unwrap_or(GOES_ON);
        let is_of_it = leaf.hash == hop.leaf_hash.0 && leaf.is(TAKEN) && leaf.shown(FIELD_OUTCOME) == outcome;
        if !is_of_it || !(leaf.pair().is_empty() || leaf.pair() == tag(&hop.waybill)) {
            return Err("the leaf that it names does not say of this letter what it says".to_owned());
        }
        if letter.is_none() {
            return match self.claimed.contains(&hop.waybill) {
                true => Ok(Err(NotShown("the card of the letter's sender is not in this folder"))),
                false => Err("the waybill that it names is not here, or not proved".to_owned()),
            };
        }
        if leaf.pair().is_empty() {
            return Ok(Err(NotShown(UNTAGGED)));
        }
        Ok(Ok((signer, hop.waybill, hop.refused.is_none())))
    }

    /// Tells of each letter that no hub's word is here, or that it is not at its end.
    fn tell_underway(&self, spoken: &Spoken<'_>, findings: &mut Findings) {
        for (digest, letter) in &self.proved {
            let (whose, why) = match self.hops.get(digest) {
                None => (
                    &letter.from,
                    "given to a hub, and no proved receipt of the hub is here: on its way, or not recorded",
                ),
                Some(false) => continue,
                Some(true) => match spoken.get(&letter.to) {
                    None => (&letter.to, "the log of the letter's recipient is not here"),
                    Some(acts) if acts.contains(&(TAKEN, tag(digest).as_str())) => continue,
                    Some(_) => (
                        &letter.to,
                        "taken by a hub, and not in its recipient's log: on its way, given up, or dropped",
                    ),
                },
            };
            findings.not_shown("V-065", whose.as_str(), Some(digest.to_string()), why);
        }
    }
}

/// Whether the hop receipt of this digest says that it is this node's, about this letter. Whether it is, is weighed where it stands.
fn is_by(nodes: &Nodes, hop: &Digest, (signer, waybill): (&NodeName, &Digest)) -> bool {
    let mut found = nodes.values().filter_map(|node| node.papers.beside.get(hop));
    let said = found.next().and_then(|signed| signed.dangerously_unverified::<HopReceipt>().ok());
    said.is_some_and(|said| said.head.signer == signer.as_str() && said.body.waybill == *waybill)
}

/// All statements of a kind, each with who holds it.
fn named<'n>(
    nodes: &'n Nodes,
    name: &'static str,
) -> impl Iterator<Item = (&'n NodeName, &'n Digest, &'n Signed)> {
    nodes.iter().flat_map(move |(holder, node)| {
        let all = node.papers.beside.iter().filter(move |(_, signed)| signed.name() == name);
        all.map(move |(digest, signed)| (holder, digest, signed))
    })
}

/// That the sender's log has the letter.
fn is_recorded(
    (nodes, moments): (&Nodes, &Moments<'_>),
    (sender, at): (&Node, Timestamp),
    digest: &Digest,
    spoken: &Spoken<'_>,
) -> Weighed<()> {
    let Some(acts) = spoken.get(&sender.known.node) else { return Ok(Err(NotShown(NO_LOG))) };
    if acts.contains(&(OWED, tag(digest).as_str())) {
        return Ok(Ok(()));
    }
    if acts.contains(&(OWED, "")) {
        return Ok(Err(NotShown(UNTAGGED)));
    }
    if sender.known.successions.own.iter().any(|one| at < one.at) {
        return Ok(Err(NotShown("its sender's log lost entries since it was signed")));
    }
    let own = &sender.known.node;
    let mut holders = nodes.iter().filter(|(_, node)| node.papers.beside.contains_key(digest));
    match holders.any(|(holder, _)| moments.reaches_past(own, holder, (&[TAKEN], &tag(digest)))) {
        true => Err("its sender's log has no such letter, and reaches further".to_owned()),
        false => Ok(Err(NotShown("its sender's log has no such letter, or does not reach so far"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::cards::Known;
    use crate::cards::samples::{self, AT};
    use crate::leaves::Leaf;
    use crate::report::{Counts, Verdict};
    use attache_accord::DispatchId;
    use attache_seal::pair::SigningPair;
    use attache_seal::statement::Body;
    use std::collections::BTreeMap;

    const SEOUL: &str = "seoul.kor";
    const TOKYO: &str = "tokyo.jpn";
    const HUB: &str = "washington.usa";

    fn pair(name: &str) -> SigningPair {
        SigningPair::from_seed_bytes(&[name.as_bytes()[0]; 64]).unwrap()
    }

    fn signed<B: Body>(by: &str, body: B) -> Signed {
        samples::sealed_by(by, &pair(by), body)
    }

    fn waybill(by: &str) -> Signed {
        signed(by, letter(1))
    }

    fn letter(number: u8) -> Waybill {
        Waybill {
            letter: DispatchId([number; 16]),
            from: SEOUL.parse().unwrap(),
            to: TOKYO.parse().unwrap(),
            outer_digest: Digest([2; 32]),
            manifest_digest: Digest([3; 32]),
            size: 4096,
            hop_limit: 1,
            due: AT.plus_hours(1),
        }
    }

    /// The hub's word, of the first leaf of its log.
    fn hop(waybill: &Signed) -> HopReceipt {
        HopReceipt {
            waybill: waybill.digest(),
            previous: None,
            refused: None,
            leaf_hash: Digest([0; 32]),
            leaf_index: 0,
            log_origin: "washington.usa/log/1".into(),
        }
    }

    /// What each node has: the leaves of its log by act, paper and outcome, and what was signed.
    type Held = BTreeMap<&'static str, (Vec<Said>, Vec<Signed>)>;
    type Said = (&'static str, Option<Digest>, &'static str);

    /// A letter from Seoul to Tokyo that the hub carried.
    fn carried(waybill: &Signed, hop: &Signed) -> Held {
        let (letter, word) = (Some(waybill.digest()), Some(hop.digest()));
        let both = || vec![waybill.clone(), hop.clone()];
        [
            (SEOUL, (vec![(OWED, letter, ""), (KEPT, word, GOES_ON)], both())),
            (HUB, (vec![(TAKEN, letter, GOES_ON), (SIGNED, word, "")], both())),
            (TOKYO, (vec![(TAKEN, letter, GOES_ON)], both())),
        ]
        .into()
    }

    /// The verdict, and the codes that do not hold or are not shown.
    fn told(held: &Held) -> (Verdict, Vec<&'static str>) {
        told_with(held, |_| ())
    }

    /// The same with a change of what is known of a node.
    fn told_with(held: &Held, change: impl Fn(&mut Known)) -> (Verdict, Vec<&'static str>) {
        let of = |(name, (said, signed)): (&&str, &(Vec<Said>, Vec<Signed>))| {
            let leaf = |(act, paper, outcome): &Said| {
                let pair = paper.map(|paper| tag(&paper)).unwrap_or_default();
                Leaf::sample(vec![(0, (*act).to_owned()), (7, (*outcome).to_owned()), (11, pair)])
            };
            let mut known = samples::known(name, &pair(name));
            change(&mut known);
            let (proofs, forks) = Default::default();
            let beside = signed.iter().map(|one| (one.digest(), one.clone())).collect();
            let papers = crate::exchanged::Exchanged { beside, ..Default::default() };
            let log = Some(Log::sample(said.iter().map(leaf).collect()));
            (known.node.clone(), Node { known, log, papers, proofs, forks })
        };
        let (nodes, mut findings) = (held.iter().map(of).collect(), Findings::default());
        check((&nodes, &Moments::of(&nodes)), &mut findings);
        let report = findings.into_report(Counts::default());
        let is_open = |outcome: &crate::Outcome| *outcome != crate::Outcome::Proved;
        let open = report.findings.iter().filter(|found| is_open(&found.outcome));
        (report.verdict, open.map(|found| found.check).collect())
    }

    #[test]
    fn a_letter_that_three_logs_tell_alike_is_proved() {
        let waybill = waybill(SEOUL);
        let hop = signed(HUB, hop(&waybill));
        assert_eq!(told(&carried(&waybill, &hop)), (Verdict::Proved, Vec::new()));
    }

    #[test]
    fn what_a_hub_signs_that_its_log_does_not_say_of_that_letter_fails() {
        let waybill = waybill(SEOUL);
        let right = hop(&waybill);
        for wrong in [
            HopReceipt { refused: Some("C-031".into()), ..right.clone() },
            HopReceipt { leaf_index: 1, ..right.clone() },
            HopReceipt { leaf_index: 9, ..right.clone() },
            HopReceipt { leaf_hash: Digest([1; 32]), ..right.clone() },
            HopReceipt { log_origin: "seoul.kor/log/1".into(), ..right.clone() },
            HopReceipt { waybill: Digest([9; 32]), ..right.clone() },
        ] {
            let (verdict, codes) = told(&carried(&waybill, &signed(HUB, wrong.clone())));
            assert_eq!(verdict, Verdict::Failed, "{wrong:?}");
            assert!(codes.contains(&"V-064"), "{wrong:?}: {codes:?}");
        }
        for by in [SEOUL, TOKYO] {
            let (verdict, codes) = told(&carried(&waybill, &signed(by, right.clone())));
            assert_eq!((verdict, codes[0]), (Verdict::Failed, "V-064"), "{by} is an end");
        }
    }

    #[test]
    fn a_letter_that_its_sender_did_not_sign_or_record_fails() {
        let forged = waybill(HUB);
        let held = carried(&forged, &signed(HUB, hop(&forged)));
        assert!(told(&held).1.contains(&"V-063"));
        let waybill = waybill(SEOUL);
        let hop = signed(HUB, hop(&waybill));
        let mut held = carried(&waybill, &hop);
        held.get_mut(SEOUL).unwrap().0.remove(0);
        assert_eq!(told(&held), (Verdict::Failed, vec!["V-063"]));
    }

    #[test]
    fn what_a_leaf_speaks_of_and_is_not_brought_along_is_missed() {
        let waybill = waybill(SEOUL);
        let hop = signed(HUB, hop(&waybill));
        for (node, at) in [(SEOUL, 0), (SEOUL, 1), (HUB, 0), (HUB, 1), (TOKYO, 0)] {
            let mut held = carried(&waybill, &hop);
            held.get_mut(node).unwrap().1.remove(at);
            assert_eq!(told(&held), (Verdict::Failed, vec!["V-065"]), "{node}");
        }
    }

    #[test]
    fn a_letter_that_a_hub_dropped_or_has_not_given_on_is_not_shown_and_one_that_it_refused_is_at_its_end() {
        let waybill = waybill(SEOUL);
        let taken = signed(HUB, hop(&waybill));
        let mut dropped = carried(&waybill, &taken);
        *dropped.get_mut(TOKYO).unwrap() = Default::default();
        assert_eq!(told(&dropped), (Verdict::Incomplete, vec!["V-065"]));
        let mut silent = carried(&waybill, &taken);
        for held in silent.values_mut() {
            held.0.retain(|(act, ..)| !matches!(*act, SIGNED | KEPT));
            held.1.retain(|signed| signed.name() != HopReceipt::NAME);
        }
        assert_eq!(told(&silent), (Verdict::Incomplete, vec!["V-065"]));
        let refused = signed(HUB, HopReceipt { refused: Some("C-031".into()), ..hop(&waybill) });
        let mut held = carried(&waybill, &refused);
        held.get_mut(HUB).unwrap().0[0].2 = "C-031";
        *held.get_mut(TOKYO).unwrap() = Default::default();
        assert_eq!(told(&held), (Verdict::Proved, Vec::new()));
    }

    #[test]
    fn a_letter_that_its_hub_gave_up_is_at_its_end_by_the_hubs_own_second_word_only() {
        let waybill = waybill(SEOUL);
        let taken = signed(HUB, hop(&waybill));
        let gave_up = |previous| HopReceipt { previous, refused: Some("C-031".into()), ..hop(&waybill) };
        let with = |loss: Signed| {
            let mut held = carried(&waybill, &taken);
            *held.get_mut(TOKYO).unwrap() = Default::default();
            for (node, act, outcome) in [(HUB, LOSS_SIGNED, ""), (SEOUL, LOSS_KEPT, "C-031")] {
                let (said, papers) = held.get_mut(node).unwrap();
                said.push((act, Some(loss.digest()), outcome));
                papers.push(loss.clone());
            }
            told(&held)
        };
        assert_eq!(with(signed(HUB, gave_up(Some(taken.digest())))), (Verdict::Proved, Vec::new()));
        // Behind nothing it would be a refusal, of which the leaf says nothing.
        let (verdict, codes) = with(signed(HUB, gave_up(None)));
        assert!(verdict == Verdict::Failed && codes.contains(&"V-064"), "{codes:?}");
        // Behind a word that is not here nothing is shown, and an end of the letter has nothing to say as its hub.
        let (verdict, codes) = with(signed(HUB, gave_up(Some(Digest([9; 32])))));
        assert!(verdict == Verdict::Incomplete && codes.contains(&"V-064"), "{codes:?}");
        let (verdict, codes) = with(signed(SEOUL, gave_up(Some(taken.digest()))));
        assert!(verdict == Verdict::Failed && codes.contains(&"V-064"), "{codes:?}");
    }

    #[test]
    fn a_letter_is_not_given_up_behind_the_hubs_word_about_another_one() {
        let (one, other) = (waybill(SEOUL), signed(SEOUL, letter(2)));
        let taken = signed(HUB, hop(&one));
        let of_other = signed(HUB, HopReceipt { leaf_index: 2, ..hop(&other) });
        let with = |previous: &Signed| {
            let (previous, refused) = (Some(previous.digest()), Some("C-031".into()));
            let loss = signed(HUB, HopReceipt { previous, refused, ..hop(&one) });
            let mut held = carried(&one, &taken);
            for (name, (said, papers)) in carried(&other, &of_other) {
                let (all, brought) = held.get_mut(name).unwrap();
                all.extend(said);
                brought.extend(papers);
            }
            for (node, act, outcome) in [(HUB, LOSS_SIGNED, ""), (SEOUL, LOSS_KEPT, "C-031")] {
                let (said, papers) = held.get_mut(node).unwrap();
                said.push((act, Some(loss.digest()), outcome));
                papers.push(loss.clone());
            }
            told(&held)
        };
        assert_eq!(with(&taken), (Verdict::Proved, Vec::new()), "the control");
        assert_eq!(with(&of_other), (Verdict::Failed, vec!["V-064"]));
    }

    #[test]
    fn leaves_of_before_letters_bore_a_tag_are_the_nodes_word() {
        let waybill = waybill(SEOUL);
        let mut held = carried(&waybill, &signed(HUB, hop(&waybill)));
        held.values_mut().flat_map(|held| &mut held.0).for_each(|leaf| leaf.1 = None);
        let (verdict, codes) = told(&held);
        assert_eq!(verdict, Verdict::Incomplete, "{codes:?}");
        held.get_mut(HUB).unwrap().1.clear();
        assert_eq!(told(&held).0, Verdict::Failed, "but they speak of something");
    }

    #[test]
    fn a_hub_whose_log_is_here_as_before_its_loss_is_not_accused_of_what_it_took_since() {
        let waybill = waybill(SEOUL);
        let since = |leaf_index| {
            let hop = HopReceipt { log_origin: "washington.usa/log/2".into(), leaf_index, ..hop(&waybill) };
            let mut held = carried(&waybill, &signed(HUB, hop));
            // What is here of the hub's log has another entry there, and the hub brings nothing of it along.
            *held.get_mut(HUB).unwrap() = (vec![("ruled", None, ""), ("ruled", None, "")], Vec::new());
            told_with(&held, |known| {
                let mut later = samples::later(1);
                later.said.origin = "washington.usa/log/2".into();
                known.successions.later.extend((known.node.as_str() == HUB).then_some(later));
            })
        };
        assert_eq!(since(1), (Verdict::Incomplete, vec!["V-064", "V-065"]));
        assert_eq!(since(0).0, Verdict::Failed, "that entry is left");
    }
}
