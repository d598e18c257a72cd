//! Openings under originator control, of which both logs speak by the tag of one request: what the holder asked the originator was
//! asked, and what the originator answered the holder was answered. Where rulings are handed out, what both nodes signed about them too.
//!
//! *Absent:* who read what for how long. An opening that nobody recorded is in no log.

use crate::folder::Folder;
use crate::held::NO_CARD;
use crate::leaves::Leaf;
use crate::pairing::ENDED_BEFORE;
use crate::report::{Findings, Outcome};
use crate::statements::said_by;
use crate::{Log, Moments, Node, Nodes, tag};
use attache_accord::control::Unopened;
use attache_accord::oversight::{FIELD_OUTCOME, FIELD_PARTNER};
use attache_accord::{Digest, NodeName, Timestamp};
use attache_seal::papers::{Opening, OpeningAnswer};
use attache_seal::statement::{Body as _, Signed};
use std::collections::{BTreeMap, HashMap, HashSet};

/// At the holder, and at the originator: the request, and its answer.
const ASKED: &str = "opening asked";
const RECEIVED: &str = "opening received";
const ANSWERED: &str = "opening answered";
const DECIDED: &str = "opening decided";
const ACTS: [&str; 4] = [ASKED, RECEIVED, ANSWERED, DECIDED];
/// What leaves say of a request that tells of an opening, and of an answer that lets one be.
const TOLD: &str = "under an earlier consent";
const CONSENTED: &str = "consented";

const LOST: &str = "its signer's log lost the entry that it names";
const LATER: &str = "the ruling that it names is past the checkpoint of its signer's log";

/// What a log says of openings: act and tag, each with its leaf.
type Spoken<'n> = HashMap<(&'static str, &'n str), &'n Leaf>;

pub(crate) fn check(folder: &Folder, (nodes, moments): (&Nodes, &Moments<'_>), findings: &mut Findings) {
    let all = paired((nodes, moments), findings);
    for (name, node) in nodes {
        signed((nodes, moments), (name, node), all.get(name), findings);
        let is_handed_out = folder.has(&format!("{name}/rulings"));
        let missing = all.get(name).filter(|_| is_handed_out).and_then(|spoken| missing(node, spoken));
        if let Some(tag) = missing {
            let why = "rulings are handed out, and what was signed about this opening is not";
            findings.failed("V-071", name.as_str(), Some(tag), why);
        }
    }
}

/// Holds the logs against each other, and gives what each says.
fn paired<'n>(
    (nodes, moments): (&'n Nodes, &Moments<'_>),
    findings: &mut Findings,
) -> BTreeMap<&'n NodeName, Spoken<'n>> {
    let mut all = BTreeMap::new();
    for (name, node) in nodes {
        let Some(log) = &node.log else { continue };
        match of_log(log) {
            Ok(spoken) => drop(all.insert(name, spoken)),
            Err(index) => {
                let why = "one request to open is recorded twice";
                findings.failed("V-070", name.as_str(), Some(format!("leaf {index}")), why);
            }
        }
    }
    for (name, spoken) in all.iter().filter(|(_, spoken)| !spoken.is_empty()) {
        let before = findings.len();
        for ((act, tag), leaf) in in_order(spoken) {
            pair((name, spoken), (act, tag, leaf), (nodes, moments, &all), findings);
        }
        if findings.len() == before {
            findings.proved("V-070", name.as_str(), Some(format!("{} requests", requests(spoken))));
        }
    }
    all
}

fn requests(spoken: &Spoken<'_>) -> usize {
    spoken.keys().filter(|(act, _)| matches!(*act, ASKED | RECEIVED)).count()
}

/// The same for every reader of the same folder.
fn in_order<'s, 'n>(spoken: &'s Spoken<'n>) -> Vec<((&'static str, &'n str), &'s Leaf)> {
    let mut all: Vec<_> = spoken.iter().map(|(spoken, leaf)| (*spoken, *leaf)).collect();
    all.sort_unstable_by_key(|(spoken, _)| *spoken);
    all
}

/// The leaves that speak of openings, or the first that speaks of one a second time.
fn of_log(log: &Log) -> Result<Spoken<'_>, usize> {
    let mut spoken = Spoken::new();
    for (index, leaf) in log.leaves.iter().enumerate() {
        let Some(act) = leaf.one_of(ACTS) else { continue };
        if spoken.insert((act, leaf.pair()), leaf).is_some() {
            return Err(index);
        }
    }
    Ok(spoken)
}

/// Holds one leaf against the log of the other end.
fn pair<'n>(
    (name, own): (&NodeName, &Spoken<'n>),
    (act, tag, leaf): (&'static str, &'n str, &Leaf),
    (nodes, moments, all): (&Nodes, &Moments<'_>, &BTreeMap<&NodeName, Spoken<'n>>),
    findings: &mut Findings,
) {
    let place = Some(tag.to_owned());
    let before = match act {
        ANSWERED => Some(ASKED),
        DECIDED => Some(RECEIVED),
        _ => None,
    };
    if before.is_some_and(|before| !own.contains_key(&(before, tag))) {
        return findings.failed("V-070", name.as_str(), place, "answered, and never asked");
    }
    let partner = leaf.shown(FIELD_PARTNER);
    let other = nodes.iter().find(|(other, _)| other.as_str() == partner && *other != name);
    let Some(((other, node), theirs)) = other.and_then(|other| Some((other, all.get(other.0)?))) else {
        let why = "the log of the other end of openings is not here".to_owned();
        return findings.once("V-070", name.as_str(), Outcome::NotShown(why));
    };
    let (there, is_due) = match act {
        ASKED => (RECEIVED, false),
        RECEIVED => (ASKED, true),
        ANSWERED => (DECIDED, true),
        _ => (ANSWERED, false),
    };
    let Some(answer) = theirs.get(&(there, tag)) else {
        let said = leaf.shown(FIELD_OUTCOME);
        let reaches_past = is_due && moments.reaches_past(other, name, (&[act], tag));
        return match act {
            _ if is_due && !node.known.successions.own.is_empty() => {
                findings.not_shown(
                    "V-070",
                    other.as_str(),
                    place,
                    "its log lost entries, maybe this one too",
                );
            }
            RECEIVED if reaches_past => {
                let why =
                    "its request to open came to the originator, and its log has none and reaches further";
                findings.failed("V-070", other.as_str(), place, why);
            }
            ANSWERED if reaches_past => {
                let why = "its answer to a request to open came to the holder, and its log has none and reaches further";
                findings.failed("V-070", other.as_str(), place, why);
            }
            RECEIVED => {
                let why = "its request to open came to the originator, and its log has none or does not reach so far";
                findings.not_shown("V-070", other.as_str(), place, why);
            }
            ANSWERED => {
                let why = "its answer to a request to open came to the holder, and its log has none or does not reach so far";
                findings.not_shown("V-070", other.as_str(), place, why);
            }
            // Nothing is opened on a request that was not brought, nor on an answer that says no.
            ASKED if said == TOLD => {
                let why = "opened under an earlier consent, and not in the originator's log: on its way, or not recorded";
                findings.not_shown("V-070", other.as_str(), place, why);
            }
            DECIDED if said == CONSENTED => {
                let why = "consented to, and no answer is in the holder's log: nobody waited for it any more, or it was not recorded";
                findings.not_shown("V-070", other.as_str(), place, why);
            }
            _ => {}
        };
    };
    let is_same = answer.shown(FIELD_OUTCOME) == leaf.shown(FIELD_OUTCOME)
        && answer.shown(FIELD_PARTNER) == name.as_str();
    // Each pair is told once, from the holder's end.
    if !is_same && matches!(act, ASKED | ANSWERED) {
        let why = format!(
            "it says {:?} of this opening, and {other} says {:?}",
            leaf.shown(FIELD_OUTCOME),
            answer.shown(FIELD_OUTCOME)
        );
        findings.failed("V-070", name.as_str(), place, why);
    }
}

/// What the two nodes signed about openings: each is under the card of its signer, and the leaf of it says the same.
fn signed(
    (nodes, moments): (&Nodes, &Moments<'_>),
    (name, node): (&NodeName, &Node),
    spoken: Option<&Spoken<'_>>,
    findings: &mut Findings,
) {
    for (digest, signed) in &node.papers.beside {
        let Some((acts, tag)) = spoken_by(digest, signed) else { continue };
        let place = Some(digest.to_string());
        let Some(spoken) = spoken else {
            let why = "this node's log is not here, or did not hold";
            findings.not_shown("V-071", name.as_str(), place, why);
            continue;
        };
        let found = acts.iter().find_map(|act| Some((*act, *spoken.get(&(*act, tag.as_str()))?)));
        let weighed = match found {
            Some(found) => said((nodes, moments), (name, &tag), signed, found),
            None => Err("no leaf of this node's log speaks of it".to_owned()),
        };
        match weighed {
            Ok(None) => findings.proved("V-071", name.as_str(), place),
            Ok(Some(why)) => findings.not_shown("V-071", name.as_str(), place, why),
            Err(why) => findings.failed("V-071", name.as_str(), place, why),
        }
    }
}

/// The acts that may speak of a statement about an opening, and the tag that their leaf then has.
fn spoken_by(digest: &Digest, signed: &Signed) -> Option<([&'static str; 2], String)> {
    match signed.name() {
        Opening::NAME => Some(([ASKED, RECEIVED], tag(digest))),
        OpeningAnswer::NAME => {
            let request = signed.dangerously_unverified::<OpeningAnswer>().ok().map(|said| said.body.request);
            Some(([ANSWERED, DECIDED], request.map(|request| tag(&request)).unwrap_or_default()))
        }
        _ => None,
    }
}

/// The tag of a leaf that speaks of a statement which its own node does not bring along.
fn missing(node: &Node, spoken: &Spoken<'_>) -> Option<String> {
    let all = node.papers.beside.iter().filter_map(|(digest, signed)| spoken_by(digest, signed));
    let held: HashSet<(&'static str, String)> =
        all.flat_map(|(acts, tag)| acts.map(|act| (act, tag.clone()))).collect();
    let mut leaves = in_order(spoken).into_iter().map(|((act, tag), _)| (act, tag.to_owned()));
    leaves.find(|leaf| !held.contains(leaf)).map(|(_, tag)| tag)
}

/// That a statement is its signer's and that the leaf of it in this node's log says the same; or why this folder alone cannot show it.
fn said(
    (nodes, moments): (&Nodes, &Moments<'_>),
    (name, tag): (&NodeName, &str),
    signed: &Signed,
    (act, leaf): (&'static str, &Leaf),
) -> Result<Option<&'static str>, String> {
    let (signer, says, not_shown) = if signed.name() == Opening::NAME {
        let Some((signer, asked)) = said_by::<Opening>(nodes, signed)? else { return Ok(Some(NO_CARD)) };
        let reaches_past = || moments.reaches_past(&signer.known.node, name, (&[act], tag));
        let not_shown = permits(signer, asked.head.at, &asked.body, reaches_past)?;
        (signer, if asked.body.under.is_some() { TOLD } else { "asked" }, not_shown)
    } else {
        let Some((signer, answer)) = said_by::<OpeningAnswer>(nodes, signed)? else {
            return Ok(Some(NO_CARD));
        };
        (signer, answer.body.refused.map_or(CONSENTED, Unopened::as_str), None)
    };
    // Who asks is the holder, and who answers the originator: either its own statement, or its partner's.
    let by = match act {
        ASKED | DECIDED => name.as_str(),
        _ => leaf.shown(FIELD_PARTNER),
    };
    match says == leaf.shown(FIELD_OUTCOME) && by == signer.known.node.as_str() {
        true => Ok(not_shown),
        false => Err("its leaf says something else than what was signed".to_owned()),
    }
}

/// That the holder's own ruling let its reader ask, as far as its log is here and still has it.
fn permits(
    holder: &Node,
    at: Timestamp,
    asked: &Opening,
    reaches_past: impl Fn() -> bool,
) -> Result<Option<&'static str>, String> {
    let Some(log) = &holder.log else { return Ok(None) };
    let leaf = log.leaf(asked.ruling_index);
    let is_permit = leaf.is_some_and(|leaf| {
        leaf.hash == asked.ruling_leaf.0 && leaf.is("ruled") && leaf.shown(FIELD_OUTCOME) == "granted"
    });
    if is_permit {
        return Ok(None);
    }
    // Another leaf stands there since, or none.
    match holder.known.ended_before(at, asked.ruling_index) {
        Some(one) if one.is_lost(asked.ruling_index) => Ok(Some(LOST)),
        Some(_) => Ok(Some(ENDED_BEFORE)),
        None if (leaf.is_none() || holder.known.goes_on_by(at, asked.ruling_index)) && !reaches_past() => {
            Ok(Some(LATER))
        }
        None => Err("the leaf that it names is no ruling of its signer's that permits it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::cards::samples;
    use crate::report::{Counts, Verdict};
    use crate::successions::Succession;
    use attache_accord::DispatchId;
    use attache_seal::pair::SigningPair;

    const SEOUL: &str = "seoul.kor";
    const TOKYO: &str = "tokyo.jpn";

    /// A leaf of a log, by its act and what it says.
    type Said = (&'static str, &'static str);

    /// What comes of two logs that say this about one request: Tokyo holds what Seoul gave.
    fn told(holder: &[Said], originator: &[Said]) -> (Verdict, Vec<(String, String)>) {
        told_of(&nodes(holder, originator))
    }

    /// The same of logs that both tell of another opening that came after it.
    fn told_later(holder: &[Said], originator: &[Said]) -> (Verdict, Vec<(String, String)>) {
        let mut nodes = nodes(holder, originator);
        for (name, then) in self::nodes_of(&HOLDER, &ORIGINATOR, "6bf2d1") {
            let leaves = then.log.unwrap().leaves;
            nodes.get_mut(&name).unwrap().log.as_mut().unwrap().leaves.extend(leaves);
        }
        told_of(&nodes)
    }

    fn told_of(nodes: &Nodes) -> (Verdict, Vec<(String, String)>) {
        let mut findings = Findings::default();
        paired((nodes, &Moments::of(nodes)), &mut findings);
        let report = findings.into_report(Counts::default());
        let wrong = report.findings.iter().filter_map(|found| match &found.outcome {
            Outcome::Failed(why) | Outcome::NotShown(why) => Some((found.node.clone(), why.clone())),
            _ => None,
        });
        (report.verdict, wrong.collect())
    }

    fn nodes(holder: &[Said], originator: &[Said]) -> Nodes {
        nodes_of(holder, originator, "5ae1c0")
    }

    fn nodes_of(holder: &[Said], originator: &[Said], tag: &str) -> Nodes {
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let of = |name: &str, partner: &str, said: &[Said]| {
            let leaf = |(act, outcome): &Said| {
                let fields = [(0, *act), (3, partner), (7, *outcome), (11, tag)];
                Leaf::sample(fields.map(|(field, value)| (field, value.to_owned())).into())
            };
            let known = samples::known(name, &pair);
            let (papers, proofs, forks) = Default::default();
            let log = Some(Log::sample(said.iter().map(leaf).collect()));
            (known.node.clone(), Node { known, log, papers, proofs, forks })
        };
        [of(TOKYO, SEOUL, holder), of(SEOUL, TOKYO, originator)].into()
    }

    const HOLDER: [Said; 2] = [(ASKED, "asked"), (ANSWERED, CONSENTED)];
    const ORIGINATOR: [Said; 2] = [(RECEIVED, "asked"), (DECIDED, CONSENTED)];

    #[test]
    fn an_opening_that_both_logs_tell_alike_is_proved() {
        assert_eq!(told(&HOLDER, &ORIGINATOR).0, Verdict::Proved);
        assert_eq!(told(&[(ASKED, "asked")], &[]).0, Verdict::Proved, "nothing is opened on a request alone");
        let refused = [(RECEIVED, "asked"), (DECIDED, "recalled")];
        assert_eq!(told(&[(ASKED, "asked")], &refused).0, Verdict::Proved, "nor on a refusal");
    }

    #[test]
    fn an_end_that_left_out_what_the_other_end_has_from_it_is_accused() {
        for (holder, originator, accused) in [
            (&[][..], &ORIGINATOR[..], TOKYO),
            (&HOLDER[..], &ORIGINATOR[..1], SEOUL),
            (&HOLDER[1..], &ORIGINATOR[..], TOKYO),
            (&HOLDER[..], &ORIGINATOR[1..], SEOUL),
            (
                &[(ASKED, "asked"), (ANSWERED, CONSENTED)],
                &[(RECEIVED, "asked"), (DECIDED, "recalled")],
                TOKYO,
            ),
            (&[(ASKED, TOLD), HOLDER[1]], &ORIGINATOR, TOKYO),
            (&[HOLDER[0], HOLDER[0]], &ORIGINATOR, TOKYO),
        ] {
            let (verdict, wrong) = told_later(holder, originator);
            assert_eq!(verdict, Verdict::Failed, "{holder:?} {originator:?}");
            assert!(wrong.iter().any(|(node, _)| node == accused), "{wrong:?}");
        }
    }

    #[test]
    fn what_may_be_on_its_way_is_not_shown() {
        let consent = told(&HOLDER[..1], &ORIGINATOR);
        let earlier = told(&[(ASKED, TOLD)], &[]);
        // Of logs that were taken at different moments, one may have what lies behind the checkpoint of the other.
        let holder_before = told(&[], &ORIGINATOR[..1]);
        let originator_before = told(&HOLDER, &ORIGINATOR[..1]);
        for (told, accused) in
            [(consent, TOKYO), (earlier, SEOUL), (holder_before, TOKYO), (originator_before, SEOUL)]
        {
            assert_eq!(told.0, Verdict::Incomplete);
            assert_eq!(told.1.iter().map(|(node, _)| node.as_str()).collect::<Vec<_>>(), [accused]);
        }
    }

    #[test]
    fn a_log_that_lost_entries_is_accused_of_none_of_them() {
        let mut nodes = nodes(&HOLDER, &[]);
        seoul_lost(&mut nodes);
        let mut findings = Findings::default();
        paired((&nodes, &Moments::of(&nodes)), &mut findings);
        assert_eq!(findings.into_report(Counts::default()).verdict, Verdict::Incomplete);
    }

    /// Its first nine entries.
    fn seoul_lost(nodes: &mut Nodes) {
        let said = samples::succession(1, (0, 9));
        let lost =
            Succession { said, digest: Digest([0; 32]), at: samples::AT.plus_hours(1), is_gone: false };
        let seoul = nodes.get_mut(&SEOUL.parse::<NodeName>().unwrap()).unwrap();
        seoul.known.successions.own.push(lost);
    }

    #[test]
    fn a_ruling_that_its_log_lost_is_not_shown_and_one_that_it_never_had_is_a_fault() {
        let pair = SigningPair::from_seed_bytes(&[7; 64]).unwrap();
        let tokyo: NodeName = TOKYO.parse().unwrap();
        for (ruling_index, is_lost, expected) in [
            (8, true, Verdict::Incomplete),
            // What nobody had cosigned may be lost with what somebody had.
            (9, true, Verdict::Incomplete),
            (0, false, Verdict::Failed),
            (8, false, Verdict::Incomplete),
        ] {
            let asked = Opening {
                item_digest: Digest([1; 32]),
                dispatch: DispatchId([1; 16]),
                person: "analyst-1".parse().unwrap(),
                purpose: String::new(),
                ruling_leaf: Digest([2; 32]),
                ruling_index,
                until: samples::AT.plus_hours(1),
                under: None,
            };
            // Seoul holds, and Tokyo received what it asked.
            let asks = [(ASKED, "asked")];
            let (mut nodes, asked) = (nodes(&[], &asks), samples::sealed(&pair, asked));
            if is_lost {
                seoul_lost(&mut nodes);
            }
            let fields = [(0, RECEIVED), (3, SEOUL), (7, "asked"), (11, &*tag(&asked.digest()))];
            let leaf = || Leaf::sample(fields.map(|(field, value)| (field, value.to_owned())).into());
            nodes.get_mut(&tokyo).unwrap().log = Some(Log::sample(vec![leaf()]));
            let leaf = leaf();
            let spoken = Spoken::from([((RECEIVED, leaf.pair()), &leaf)]);
            nodes.get_mut(&tokyo).unwrap().papers.beside.insert(asked.digest(), asked);
            let mut findings = Findings::default();
            let moments = Moments::of(&nodes);
            signed((&nodes, &moments), (&tokyo, &nodes[&tokyo]), Some(&spoken), &mut findings);
            let verdict = findings.into_report(Counts::default()).verdict;
            assert_eq!(verdict, expected, "{ruling_index} {is_lost}");
        }
    }

    #[test]
    fn a_ruling_of_a_log_that_is_here_as_before_its_loss_is_not_shown() {
        let asked = Opening {
            item_digest: Digest([1; 32]),
            dispatch: DispatchId([1; 16]),
            person: "analyst-1".parse().unwrap(),
            purpose: String::new(),
            ruling_leaf: Digest([2; 32]),
            ruling_index: 1,
            until: samples::AT.plus_hours(1),
            under: None,
        };
        let weighed = |size: u64, reaches_past: bool| {
            let mut holder = nodes(&[], &ORIGINATOR).remove(&SEOUL.parse::<NodeName>().unwrap()).unwrap();
            holder.known.successions.later.push(samples::later(size));
            permits(&holder, samples::AT, &asked, || reaches_past)
        };
        assert_eq!(weighed(1, false), Ok(Some(LATER)));
        assert!(weighed(1, true).is_err(), "its log tells of what came later");
        assert!(weighed(2, false).is_err(), "the entry is left");
    }
}
