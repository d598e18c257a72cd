//! Rulings that were handed out: each asked again, by the rule pack of its day and the real engine, and compared with what its entry
//! says and its leaf commits to.
//!
//! *Absent:* whether the facts of a question were true. They are the node's record of them.

use crate::Trust;
use crate::cards::Known;
use crate::folder::Folder;
use crate::leaves::{Again, Leaf, Log};
use crate::report::{Counts, Findings};
use attache_accord::act::{Act, Entry};
use attache_accord::oversight::{FIELD_ARTICLE, FIELD_EVENT, FIELD_OUTCOME};
use attache_accord::ruling::{Question, Ruling};
use attache_accord::{Digest, PersonId};
use attache_release::{PACK_FILES, Pack, question_digest, rule};
use attache_seal::digest::sha256;
use attache_tlog::OpenedField;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most rulings of one node.
pub const MAX_RULINGS: usize = 1_000_000;
/// Most rule packs of one node.
pub const MAX_PACKS: usize = 64;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenedRuling {
    index: u64,
    salt: String,
    event: String,
    question: Option<String>,
}

/// What asking again needs and this folder may not have.
#[derive(Debug, PartialEq, Eq)]
enum Missing {
    Pack(Digest),
    /// The pack is here, but only the node that ruled by it says that it was in force.
    Word(Digest),
    Question,
}

/// Checks the rulings of one node, if any were handed out.
pub(crate) fn check(
    folder: &Folder,
    known: &Known,
    trust: &Trust,
    log: Option<&Log>,
    counts: &mut Counts,
    findings: &mut Findings,
) {
    let node = known.node.as_str();
    let path = format!("{node}/rulings");
    let packs = packs(folder, known, trust, findings);
    let names = match folder.names(&path, MAX_RULINGS) {
        Ok(names) => names,
        Err(why) => return findings.failed("V-012", node, Some(path), why),
    };
    if names.is_empty() {
        return;
    }
    let Some(log) = log else {
        return findings.not_shown("V-012", node, Some(path), "this node's log is not here, or did not hold");
    };
    let (mut days, mut again) = (Days::default(), Again::new(folder, node));
    for name in &names {
        let place = format!("{path}/{name}");
        match read(folder, name, &place, known, (log, &mut again)) {
            Ok((index, Read::Ruling(one))) => {
                days.ruled.insert(index, one.ruling.pack);
                counts.rulings += u64::from(one.told(node, place, &packs, findings));
            }
            Ok((index, Read::Adoption(adoption))) => drop(days.adopted.insert(index, adoption)),
            Err(why) => findings.failed("V-012", node, Some(place), why),
        }
    }
    let rulings = (0..).zip(&log.leaves).filter(|(_, leaf)| leaf.is("ruled"));
    if let Some((index, _)) = rulings.into_iter().find(|(index, _)| !days.ruled.contains_key(index)) {
        let why = "of all rulings this one is not handed out, or did not open";
        findings.failed("V-012", node, Some(format!("leaf {index}")), why);
    }
    days.check(log, node, findings);
}

/// The act by which another rule pack comes into force.
const ADOPTED: &str = "pack adopted";

/// One file: a ruling, or what says by which pack it was made from there on.
enum Read {
    Ruling(Box<Opened>),
    Adoption(Adoption),
}

/// A rule pack came into force after another one.
struct Adoption {
    pack: Digest,
    previous: Digest,
}

/// Which pack each ruling was made by, and which one was in force from where on.
#[derive(Default)]
struct Days {
    ruled: BTreeMap<u64, Digest>,
    adopted: BTreeMap<u64, Adoption>,
}

impl Days {
    /// That each ruling was made by the pack that was in force by the log, and no other: a node must not choose among several.
    fn check(&self, log: &Log, node: &str, findings: &mut Findings) {
        let mut spoken = (0..).zip(&log.leaves).filter(|(_, leaf)| leaf.is(ADOPTED));
        if let Some((index, _)) = spoken.find(|(index, _)| !self.adopted.contains_key(index)) {
            let why = "which rule pack came into force here is not handed out";
            return findings.not_shown("V-012", node, Some(format!("leaf {index}")), why);
        }
        if let Err((index, why)) = self.hold() {
            findings.failed("V-012", node, Some(format!("leaf {index}")), why);
        }
    }

    fn hold(&self) -> Result<(), (u64, &'static str)> {
        let first = self.adopted.values().next().map(|adoption| adoption.previous);
        let Some(mut in_force) = first.or(self.ruled.values().next().copied()) else { return Ok(()) };
        let mut adopted = self.adopted.iter().peekable();
        for (index, pack) in &self.ruled {
            while let Some((at, adoption)) = adopted.next_if(|(at, _)| *at < index) {
                if adoption.previous != in_force {
                    return Err((*at, "it follows another rule pack than the one that was in force"));
                }
                in_force = adoption.pack;
            }
            if *pack != in_force {
                return Err((*index, "it was made by another rule pack than the one in force by its log"));
            }
        }
        Ok(())
    }
}

/// A ruling as its entry has it, with the question where one is here.
pub(crate) struct Opened {
    ruling: Ruling,
    asker: PersonId,
    question: Option<Question>,
}

fn read(
    folder: &Folder,
    name: &str,
    place: &str,
    known: &Known,
    (log, again): (&Log, &mut Again<'_>),
) -> Result<(u64, Read), String> {
    let file: OpenedRuling = folder.json(place)?;
    let (leaf, entry) = behind(known, (name, file.index), (&file.salt, &file.event), (log, again))?;
    let read = match entry.act {
        Act::Ruled { ruling, by, .. } => {
            is_as_shown(&ruling, leaf)?;
            Read::Ruling(Box::new(Opened::new(ruling, by, question(file.question.as_deref())?)))
        }
        Act::PackAdopted { pack, previous, .. } if leaf.is(ADOPTED) && file.question.is_none() => {
            Read::Adoption(Adoption { pack, previous })
        }
        _ => return Err("its entry is no ruling".to_owned()),
    };
    Ok((file.index, read))
}

/// The leaf of which a file of this name and index is, and the entry behind it.
pub(crate) fn behind<'l>(
    known: &Known,
    (name, index): (&str, u64),
    (salt, event): (&str, &str),
    (log, again): (&'l Log, &mut Again<'_>),
) -> Result<(&'l Leaf, Entry), String> {
    if name != format!("{index}.json") {
        return Err("its index is not its name".to_owned());
    }
    let bytes = usize::try_from(index).ok().and_then(|index| again.entry(log, index));
    let (leaf, bytes) = log.leaf(index).zip(bytes).ok_or("no leaf of this log has that index")?;
    Ok((leaf, entry(known, (index, &bytes), salt, event)?))
}

/// What the leaf shows of a ruling to everyone is what the ruling says.
fn is_as_shown(ruling: &Ruling, leaf: &Leaf) -> Result<(), String> {
    let outcome = if ruling.granted { "granted" } else { "refused" };
    let is_shown = leaf.shown(FIELD_OUTCOME) == outcome && leaf.shown(FIELD_ARTICLE) == ruling.article();
    if leaf.is("ruled") && is_shown {
        return Ok(());
    }
    Err("its leaf shows another outcome or article than the ruling says".to_owned())
}

impl Opened {
    pub(crate) fn new(ruling: Ruling, asker: PersonId, question: Option<Question>) -> Self {
        Self { ruling, asker, question }
    }

    /// Asks again and tells what came of it; whether it came out the same.
    pub(crate) fn told(self, node: &str, place: String, packs: &Packs, findings: &mut Findings) -> bool {
        let why = match self.asked_again(packs) {
            Ok(None) => {
                findings.proved("V-012", node, Some(place));
                return true;
            }
            Ok(Some(Missing::Pack(pack))) => {
                format!("the rule pack of that day, {pack}, is not here or not as it was")
            }
            Ok(Some(Missing::Word(pack))) => format!(
                "the rule pack {pack} is the node's own word: it is neither of this build, nor named by the node's cards, nor trusted by \
                 the reader"
            ),
            Ok(Some(Missing::Question)) => {
                "the question that it answers is not here: the journal no longer gives it".to_owned()
            }
            Err(why) => {
                findings.failed("V-012", node, Some(place), why);
                return false;
            }
        };
        findings.not_shown("V-012", node, Some(place), &why);
        false
    }

    /// Asks again. What is missing for that, if anything.
    fn asked_again(self, packs: &Packs) -> Result<Option<Missing>, String> {
        let Self { ruling, asker, question } = self;
        let Some(question) = question else { return Ok(Some(Missing::Question)) };
        if question_digest(&question) != ruling.question || question.asker.id != asker {
            return Err("the question is not the one that was ruled on".to_owned());
        }
        let Some(pack) = packs.here.get(&ruling.pack) else { return Ok(Some(Missing::Pack(ruling.pack))) };
        let outcome = rule(&question, pack);
        let again = outcome.ruling();
        if again.granted != ruling.granted || again.action != ruling.action {
            let word = |granted| if granted { "granted" } else { "refused" };
            let (said, is) = (word(ruling.granted), word(again.granted));
            return Err(format!("it was {said}, and by the rule pack of its day it is {is}"));
        }
        if again.reasons != ruling.reasons {
            let codes = |ruling: &Ruling| -> String {
                let codes: Vec<&str> = ruling.reasons.iter().map(|reason| reason.code.as_str()).collect();
                codes.join(", ")
            };
            let (said, are) = (codes(&ruling), codes(again));
            return Err(format!("it cites {said}, and by the rule pack of its day the reasons are {are}"));
        }
        // A node that hands out a laxer pack of its own would otherwise prove itself right.
        Ok((!packs.is_vouched_for(&ruling.pack)).then_some(Missing::Word(ruling.pack)))
    }
}

/// The rule packs that the folder has and whose digest is their name, and those that others than the node's log vouch for.
pub(crate) struct Packs {
    here: BTreeMap<Digest, Pack>,
    /// Named by the node's cards, which its root signed, or by the reader.
    named: BTreeSet<Digest>,
}

impl Packs {
    /// Whether anything but the folder itself says that this pack may have been in force.
    fn is_vouched_for(&self, pack: &Digest) -> bool {
        self.named.contains(pack) || Pack::built_in().iter().any(|known| known.digest() == *pack)
    }
}

/// Reads the rule packs that the folder has.
pub(crate) fn packs(folder: &Folder, known: &Known, trust: &Trust, findings: &mut Findings) -> Packs {
    let named = known.packs.iter().chain(&trust.packs).copied().collect();
    Packs { here: read_packs(folder, known.node.as_str(), findings), named }
}

fn read_packs(folder: &Folder, node: &str, findings: &mut Findings) -> BTreeMap<Digest, Pack> {
    let mut packs = BTreeMap::new();
    let path = format!("{node}/packs");
    let names = match folder.names(&path, MAX_PACKS) {
        Ok(names) => names,
        Err(why) => {
            findings.failed("V-013", node, Some(path), why);
            return packs;
        }
    };
    for name in names {
        let place = format!("{path}/{name}");
        match pack(folder, &name, &place) {
            Ok((digest, Ok(pack))) => {
                packs.insert(digest, pack);
                findings.proved("V-013", node, Some(place));
            }
            Ok((_, Err(why))) => findings.not_shown("V-013", node, Some(place), &why),
            Err(why) => findings.failed("V-013", node, Some(place), why),
        }
    }
    packs
}

/// A pack whose digest is its name; or why this build cannot read it, which is no fault of the folder.
fn pack(folder: &Folder, name: &str, place: &str) -> Result<(Digest, Result<Pack, String>), String> {
    let digest: Digest = name.parse().map_err(|_| "its name is not a digest")?;
    // Read as everything else in the folder is, so that a link is not followed and nothing else lies there.
    let mut files = Vec::new();
    for path in PACK_FILES {
        let file = format!("{place}/{path}");
        if folder.has(&file) {
            let bytes = folder.bytes(&file)?;
            files.extend(u32::try_from(path.len()).unwrap_or(u32::MAX).to_be_bytes());
            files.extend_from_slice(path.as_bytes());
            files.extend((bytes.len() as u64).to_be_bytes());
            files.extend(bytes);
        }
    }
    if sha256(&[b"attache/pack-digest/v1\n", &files]) != digest {
        return Err("the digest of the pack is not its name: a file of it was altered".to_owned());
    }
    let pack = Pack::load(&folder.path(place)).map_err(|error| format!("this build cannot read it: {error}"));
    Ok((
        digest,
        pack.and_then(|pack| {
            if pack.digest() == digest { Ok(pack) } else { Err("read anew, it is another".to_owned()) }
        }),
    ))
}

/// The question that stands there in hexadecimal, if one does.
pub(crate) fn question(hex: Option<&str>) -> Result<Option<Question>, String> {
    hex.map(|hex| bytes(hex, "question").and_then(|question| exact(&question))).transpose()
}

/// A question in the one form that is written for it.
fn exact(bytes: &[u8]) -> Result<Question, String> {
    let question: Question = minicbor::decode(bytes).map_err(|_| "question: malformed")?;
    match minicbor::to_vec(&question) {
        Ok(written) if written == bytes => Ok(question),
        _ => Err("question: not in its one form".to_owned()),
    }
}

/// The entry behind a leaf, which commits to it in field 15.
pub(crate) fn entry(
    known: &Known,
    (index, leaf): (u64, &[u8]),
    salt: &str,
    event: &str,
) -> Result<Entry, String> {
    let event = bytes(event, "event")?;
    let salt = bytes(salt, "salt")?.try_into().map_err(|_| "salt: not 32 bytes")?;
    let value = sha256(&[&event]).as_bytes().to_vec();
    // A constant below 16.
    let field = OpenedField { field: FIELD_EVENT as u8, salt, value };
    field.verify(known.origin_at(index)?, index, leaf).map_err(|error| format!("event: {error}"))?;
    Entry::read(&event).map_err(|error| format!("event: {error}"))
}

pub(crate) fn bytes(hex: &str, what: &str) -> Result<Vec<u8>, String> {
    HEXLOWER.decode(hex.as_bytes()).map_err(|_| format!("{what}: not hexadecimal"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::report::Verdict;

    const QUESTION: &str = include_str!("../../../vectors/act/question-whole.cbor.hex");

    fn question() -> Question {
        exact(&bytes(QUESTION.trim(), "vector").unwrap()).unwrap()
    }

    /// What comes of a ruling that a node recorded on that question, asked again by the pack in force.
    fn again(change: impl FnOnce(&mut Ruling)) -> Result<Option<Missing>, String> {
        let (question, pack) = (question(), Pack::gsomia_2016());
        let mut ruling = rule(&question, &pack).ruling().clone();
        change(&mut ruling);
        let asker = question.asker.id.clone();
        let packs = Packs { here: BTreeMap::from([(pack.digest(), pack)]), named: BTreeSet::new() };
        Opened { ruling, asker, question: Some(question) }.asked_again(&packs)
    }

    #[test]
    fn an_answer_or_a_reason_that_the_pack_does_not_give_is_found() {
        assert_eq!(again(|_| ()), Ok(None), "the control");
        assert!(
            again(|ruling| ruling.granted = !ruling.granted)
                .unwrap_err()
                .contains("by the rule pack of its day")
        );
        assert!(again(|ruling| drop(ruling.reasons.pop())).unwrap_err().contains("it cites"));
        assert!(
            again(|ruling| ruling.reasons.iter_mut().for_each(|reason| reason.article.push('9'))).is_err()
        );
        assert!(again(|ruling| ruling.question = Digest([9; 32])).is_err());
    }

    #[test]
    fn a_node_that_ruled_without_one_of_the_rules_is_found() {
        let codes: Vec<String> = rule(&question(), &Pack::gsomia_2016())
            .ruling()
            .reasons
            .iter()
            .map(|one| one.code.clone())
            .collect();
        assert!(!codes.is_empty());
        for code in codes {
            // It says that it ruled by the pack that both signed.
            let mutant = Pack::gsomia_2016().dangerously_without(&code);
            let by_mutant = rule(&question(), &mutant).ruling().clone();
            let found = again(|ruling| {
                ruling.granted = by_mutant.granted;
                ruling.reasons = by_mutant.reasons.clone();
            });
            assert!(found.is_err(), "{code}");
        }
    }

    /// What comes of rulings by these packs, and adoptions of one pack after another, each at its place of the log.
    fn in_force(ruled: &[(u64, u8)], adopted: &[(u64, u8, u8)]) -> Result<(), u64> {
        let pack = |number: &u8| Digest([*number; 32]);
        let adopted = adopted.iter().map(|(index, previous, after)| {
            (*index, Adoption { pack: pack(after), previous: pack(previous) })
        });
        let ruled = ruled.iter().map(|(index, by)| (*index, pack(by))).collect();
        Days { ruled, adopted: adopted.collect() }.hold().map_err(|(index, _)| index)
    }

    #[test]
    fn each_ruling_is_made_by_the_pack_that_was_in_force_by_the_log() {
        assert_eq!(in_force(&[], &[]), Ok(()));
        assert_eq!(in_force(&[(3, 1), (9, 1)], &[]), Ok(()));
        assert_eq!(in_force(&[(3, 1), (9, 2), (12, 3)], &[(4, 1, 2), (10, 2, 3)]), Ok(()));
        assert_eq!(in_force(&[(3, 1), (9, 2)], &[]), Err(9), "no other one came into force");
        assert_eq!(in_force(&[(3, 1), (9, 1)], &[(4, 1, 2)]), Err(9), "the laxer one of before");
        assert_eq!(in_force(&[(3, 2), (9, 2)], &[(4, 1, 2)]), Err(3), "the one of later");
        assert_eq!(in_force(&[(3, 1), (12, 3)], &[(4, 1, 2), (10, 1, 3)]), Err(10));
    }

    #[test]
    fn a_log_that_speaks_of_a_pack_whose_adoption_is_not_handed_out_is_not_shown() {
        let log = Log::sample(vec![Leaf::sample(vec![(0, ADOPTED.to_owned())])]);
        let told = |days: Days| {
            let mut findings = Findings::default();
            days.check(&log, "seoul.kor", &mut findings);
            findings.len()
        };
        let adoption = Adoption { pack: Digest([2; 32]), previous: Digest([1; 32]) };
        assert_eq!(told(Days::default()), 1);
        assert_eq!(told(Days { adopted: [(0, adoption)].into(), ..Days::default() }), 0);
    }

    #[test]
    fn a_pack_that_is_not_here_is_told_and_not_guessed() {
        assert_eq!(again(|ruling| ruling.pack = Digest([7; 32])), Ok(Some(Missing::Pack(Digest([7; 32])))));
    }

    #[test]
    fn a_node_that_ruled_by_a_pack_of_its_own_and_hands_it_out_proves_nothing() {
        let (question, pack) = (question(), Pack::gsomia_2016());
        let codes = rule(&question, &pack).ruling().reasons.clone();
        let lax = codes.first().map(|reason| pack.dangerously_without(&reason.code)).unwrap();
        let again = |named: BTreeSet<Digest>| {
            let packs = Packs { here: BTreeMap::from([(lax.digest(), lax.clone())]), named };
            let (question, mut findings) = (question.clone(), Findings::default());
            let ruling = rule(&question, &lax).ruling().clone();
            let opened = Opened::new(ruling, question.asker.id.clone(), Some(question));
            opened.told("seoul.kor", "ruling".to_owned(), &packs, &mut findings);
            findings.into_report(Counts::default()).verdict
        };
        assert_eq!(again(BTreeSet::new()), Verdict::Incomplete);
        assert_eq!(again(BTreeSet::from([lax.digest()])), Verdict::Proved, "its cards or the reader name it");
    }
}
