//! The destruction of an item or of a copy: two people signed the same, the second over the first, and what a partner's people signed
//! came under its node's key.
//!
//! The keys of a node's own people stand on no card. What they signed is shown by a partner's part that holds the notice of it, and in a
//! whole log by the acts by which they were enrolled.
//!
//! *Absent:* the deed. That nothing is left is what two people say.

use crate::held::{Held, NO_CARD};
use crate::report::Findings;
use attache_accord::act::Act;
use attache_accord::destruction::{Destroyed, Destruction};
use attache_accord::{Digest, NodeName, PersonId};
use attache_seal::pair::{KeyId, VerifyingPair};
use attache_seal::papers::Notice;
use attache_seal::statement::{Body, Signed};
use std::collections::{BTreeMap, BTreeSet};

const NO_KEY: &str = "the key of the person who signed it is on no card and in no notice here: only the node says that it was signed";

/// One signature on record.
struct Witness<'a> {
    index: u64,
    destruction: &'a Destruction,
    statement: &'a Digest,
    by: &'a PersonId,
    /// Under which key it says that it was signed; absent where the statement is not here.
    key: Option<KeyId>,
    /// The notice in which a partner's node brought it, and that node.
    brought: Option<(&'a Digest, &'a NodeName)>,
}

/// The signatures of one node that are on record, by what they say is destroyed.
type Witnesses<'a> = BTreeMap<Destroyed, Vec<Witness<'a>>>;

fn witnesses(held: &impl Held) -> Witnesses<'_> {
    let mut all = Witnesses::new();
    for told in held.acts() {
        let (destruction, statement, by, brought) = match &told.act {
            Act::DestructionSigned { destruction, statement, by, .. } => (destruction, statement, by, None),
            Act::DestructionMirrored { destruction, signer, statement, notice, from } => {
                (destruction, statement, signer, Some((notice, from)))
            }
            _ => continue,
        };
        let said = held.papers().get(statement);
        let said = said.and_then(|signed| signed.dangerously_unverified::<Destruction>().ok());
        let key = said.map(|said| said.head.key);
        let one = Witness { index: told.index, destruction, statement, by, key, brought };
        all.entry(destruction.what).or_default().push(one);
    }
    all
}

/// The own people whose enrolment is opened, each with the keys of then and where that stands.
type Enrolled<'a> = BTreeMap<&'a PersonId, Vec<(u64, &'a [u8])>>;

fn enrolled(held: &impl Held) -> Enrolled<'_> {
    let mut all = Enrolled::new();
    for told in held.acts() {
        if let Act::PersonEnrolled { person, verifying, .. } = &told.act {
            all.entry(&person.id).or_default().push((told.index, verifying));
        }
    }
    all
}

impl Witness<'_> {
    /// That the statement says what the act says, and came as the act says; or why nothing here shows whose signature it is.
    fn holds(&self, held: &impl Held, enrolled: &Enrolled<'_>) -> Result<Option<&'static str>, String> {
        let signed = held.papers().get(self.statement).ok_or("its signed statement is not here")?;
        let said = signed.dangerously_unverified::<Destruction>().map_err(|error| error.to_string())?;
        if said.body != *self.destruction || said.head.signer != self.by.as_str() {
            return Err("its signed statement says something else".to_owned());
        }
        let Some((notice, from)) = self.brought else { return self.is_by_own_person(held, enrolled, signed) };
        let notice = held.papers().get(notice).ok_or("the notice that brought it is not here")?;
        let Some(opened) = held.opened::<Notice>(from, notice, |card| &card.node_key)? else {
            return Ok(Some(NO_CARD));
        };
        let Notice { statement: brought, verifying } = opened.body;
        let inner = Signed::from_bytes(&brought).map_err(|error| error.to_string())?;
        if opened.head.signer != from.as_str() || inner.digest() != *self.statement {
            return Err("the notice brought another statement".to_owned());
        }
        let inner = inner.open::<Destruction>(&verifying, &held.known().expect());
        inner.map(|_| None).map_err(|error| error.to_string())
    }

    /// The same of an own person's signature, under the key with which the log says that person was enrolled last.
    fn is_by_own_person(
        &self,
        held: &impl Held,
        enrolled: &Enrolled<'_>,
        signed: &Signed,
    ) -> Result<Option<&'static str>, String> {
        let keys = enrolled.get(self.by).into_iter().flatten();
        let Some((_, key)) = keys.take_while(|(index, _)| *index < self.index).last() else {
            return Ok(Some(NO_KEY));
        };
        let key: VerifyingPair = minicbor::decode(key).map_err(|_| "its signer is enrolled with no key")?;
        match signed.open::<Destruction>(&key, &held.known().expect()) {
            Ok(_) => Ok(None),
            Err(_) => Err("it is not signed under the key with which its signer is enrolled".to_owned()),
        }
    }

    /// Whether this one is the second of two over that first one.
    fn is_over(&self, first: &Self) -> bool {
        let unsigned = Destruction { first: None, ..self.destruction.clone() };
        self.destruction.first == Some(*first.statement)
            && first.destruction.first.is_none()
            && unsigned == *first.destruction
            && self.by != first.by
    }

    /// Whether both signed under one key: two names, and nobody knows of two people.
    fn is_one_hand(&self, other: &Self) -> bool {
        self.key.is_some() && self.key == other.key
    }

    /// What is wrong with it beside the others about the same, or what they do not show.
    fn beside(&self, others: &[Self]) -> Result<Option<&'static str>, &'static str> {
        let is_second = self.destruction.first.is_some();
        let mut pairs = others.iter().filter(|other| self.is_over(other) || other.is_over(self)).peekable();
        if is_second && pairs.peek().is_none() {
            return Err("the first signature, by another person over the same, is not here");
        }
        // Whoever signs anew as the first takes the place of one whom nobody followed.
        let is_done = others.iter().any(|other| other.destruction.first.is_some());
        if !is_second && !is_done {
            return Ok(Some("a second person has not signed: what it says is not done"));
        }
        match pairs.any(|other| self.is_one_hand(other)) {
            true => Err("both signatures are under one key: two names, and not two people"),
            false => Ok(None),
        }
    }
}

/// The signatures of one node, each with what was found of it by itself.
struct Weighed<'a> {
    witnesses: Witnesses<'a>,
    held: BTreeMap<u64, Result<Option<&'static str>, String>>,
}

impl<'a> Weighed<'a> {
    fn of(held: &'a impl Held) -> Self {
        let (witnesses, enrolled) = (witnesses(held), enrolled(held));
        let all = witnesses.values().flatten().map(|one| (one.index, one.holds(held, &enrolled)));
        Self { held: all.collect(), witnesses }
    }

    /// The statements that a partner's node brought in a notice that holds, with that node: its own people's signatures are verified here.
    fn noticed(&self) -> impl Iterator<Item = (&'a NodeName, &'a Digest)> {
        let held =
            self.witnesses.values().flatten().filter(|one| self.held.get(&one.index) == Some(&Ok(None)));
        held.filter_map(|one| Some((one.brought?.1, one.statement)))
    }

    /// Whether an act speaks of it.
    fn cited(&self) -> BTreeSet<&'a Digest> {
        let notices = self.witnesses.values().flatten().filter_map(|one| Some(one.brought?.0));
        notices.chain(self.witnesses.values().flatten().map(|one| one.statement)).collect()
    }
}

/// Checks every destruction on record. `is_other` tells which statement is of something else.
pub(crate) fn check<H: Held>(
    parts: &BTreeMap<NodeName, H>,
    is_other: impl Fn(&H, &Digest, &Signed) -> bool,
    findings: &mut Findings,
) {
    let all: Vec<_> = parts.iter().map(|(name, part)| (name, part, Weighed::of(part))).collect();
    let noticed: BTreeSet<_> = all.iter().flat_map(|(.., weighed)| weighed.noticed()).collect();
    for (name, part, weighed) in &all {
        let cited = weighed.cited();
        let strangers = part.papers().iter().filter(|(digest, signed)| {
            [Destruction::NAME, Notice::NAME].contains(&signed.name())
                && !cited.contains(digest)
                && !is_other(part, digest, signed)
        });
        for (stranger, _) in strangers {
            let why = "no act speaks of this statement";
            findings.failed("V-016", name.as_str(), Some(stranger.to_string()), why);
        }
        for (others, one) in weighed.witnesses.values().flat_map(|all| all.iter().map(move |one| (all, one)))
        {
            let place = Some(format!("act {}", one.index));
            let from = one.brought.map_or(*name, |(_, from)| from);
            match (weighed.held.get(&one.index), one.beside(others)) {
                (Some(Err(why)), _) => findings.failed("V-016", name.as_str(), place, why),
                (_, Err(why)) => findings.failed("V-016", name.as_str(), place, why),
                (_, Ok(Some(why))) => findings.not_shown("V-016", name.as_str(), place, why),
                (Some(Ok(Some(why))), _) if !noticed.contains(&(from, one.statement)) => {
                    findings.not_shown("V-016", name.as_str(), place, why);
                }
                _ => findings.proved("V-016", name.as_str(), place),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::cards::samples::{self, AT, sealed_by};
    use crate::held::Told;
    use crate::item::Part;
    use crate::report::{Counts, Report, Verdict};
    use attache_accord::ItemId;
    use attache_accord::destruction::Destroyed;
    use attache_accord::people::{Person, Role};
    use attache_seal::pair::{Sign, SigningPair};
    use attache_tlog::Hash;

    fn pair(seed: u8) -> SigningPair {
        SigningPair::from_seed_bytes(&[seed; 64]).unwrap()
    }

    fn part(node: &str, partners: &[&str]) -> Part {
        let known = |node: &str| samples::known(node, &pair(1));
        let partners = partners.iter().map(|node| known(node)).collect();
        let (acts, statements, proofs) = Default::default();
        Part { known: known(node), size: 0, acts, statements, proofs, partners }
    }

    fn told(part: &mut Part, act: Act) {
        let index = part.acts.len() as u64;
        part.acts.push(Told { index, at: AT, act, leaf: Hash([0; 32]), question: None });
    }

    /// What two people of Tokyo sign, under these keys: in Tokyo's own part, and as its notices brought it to Seoul.
    fn signed(keys: [&SigningPair; 2]) -> [Part; 2] {
        let (mut seoul, mut tokyo) = (part("seoul.kor", &["tokyo.jpn"]), part("tokyo.jpn", &[]));
        let mut first = None;
        for (name, key) in ["person-1", "person-2"].into_iter().zip(keys) {
            let what = Destroyed { item_digest: Digest([3; 32]), dispatch: None, copy: None };
            let to = Some(seoul.known.node.clone());
            let (means, document) = ("keys deleted".to_owned(), "D-1".to_owned());
            let destruction = Destruction { what, to, means, document, first };
            let signed = sealed_by(name, key, destruction.clone());
            let statement = signed.digest();
            first = Some(statement);
            let brought = Notice { statement: signed.to_bytes(), verifying: key.verifying().clone() };
            let notice = sealed_by("tokyo.jpn", &pair(1), brought);
            let (signer, from) = (name.parse::<PersonId>().unwrap(), tokyo.known.node.clone());
            let by = signer.clone();
            let mirrored = destruction.clone();
            told(&mut tokyo, Act::DestructionSigned { item: ItemId([1; 16]), destruction, statement, by });
            let (destruction, digest) = (mirrored, notice.digest());
            let act = Act::DestructionMirrored { destruction, signer, statement, notice: digest, from };
            told(&mut seoul, act);
            tokyo.statements.insert(statement, signed.clone());
            seoul.statements.extend([(statement, signed), (digest, notice)]);
        }
        [seoul, tokyo]
    }

    fn report(parts: impl IntoIterator<Item = Part>) -> Report {
        let parts: BTreeMap<NodeName, Part> =
            parts.into_iter().map(|part| (part.known.node.clone(), part)).collect();
        let mut findings = Findings::default();
        check(&parts, |_, _, _| false, &mut findings);
        findings.into_report(Counts::default())
    }

    #[test]
    fn what_a_nodes_own_people_signed_is_shown_only_with_the_notice_that_a_partner_keeps() {
        let [seoul, tokyo] = signed([&pair(2), &pair(3)]);
        let alone = report([tokyo]);
        assert_eq!(alone.verdict, Verdict::Incomplete, "{}", alone.plain());
        let mirrored = report([seoul]);
        assert_eq!(mirrored.verdict, Verdict::Proved, "{}", mirrored.plain());
        let both = report(signed([&pair(2), &pair(3)]));
        assert_eq!((both.verdict, both.findings.len()), (Verdict::Proved, 4), "{}", both.plain());
    }

    #[test]
    fn two_names_with_one_key_are_not_two_people() {
        let [seoul, tokyo] = signed([&pair(2), &pair(2)]);
        for part in [seoul, tokyo] {
            let report = report([part]);
            assert_eq!(report.verdict, Verdict::Failed, "{}", report.plain());
            assert!(report.plain().contains("both signatures are under one key"));
        }
    }

    /// Tokyo's own part where its log says that these were enrolled with these keys, the second one anew.
    fn enrolled(keys: [&SigningPair; 2], of: [&SigningPair; 2]) -> Part {
        let [_, mut tokyo] = signed(of);
        let roles = [Role::Registrar].into();
        let people = [("person-1", keys[0]), ("person-2", &pair(9)), ("person-2", keys[1])];
        let acts = people.into_iter().map(|(name, key)| {
            let (id, roles, duties) = (name.parse().unwrap(), BTreeSet::clone(&roles), Default::default());
            let person = Person { id, party: "JPN".parse().unwrap(), roles, clearance: None, duties };
            let verifying = minicbor::to_vec(key.verifying()).unwrap().into();
            Act::PersonEnrolled { person, verifying, by: None }
        });
        let told: Vec<Act> = acts.chain(tokyo.acts.drain(..).map(|told| told.act)).collect();
        told.into_iter().for_each(|act| self::told(&mut tokyo, act));
        tokyo
    }

    #[test]
    fn what_own_people_signed_is_shown_by_the_keys_with_which_they_were_enrolled_and_by_no_others() {
        let (one, other) = (pair(2), pair(3));
        let right = report([enrolled([&one, &other], [&one, &other])]);
        assert_eq!((right.verdict, right.findings.len()), (Verdict::Proved, 2), "{}", right.plain());
        let false_key = report([enrolled([&one, &pair(4)], [&one, &other])]);
        assert_eq!(false_key.verdict, Verdict::Failed);
        assert!(false_key.plain().contains("with which its signer is enrolled"), "{}", false_key.plain());
        let mut later = enrolled([&one, &other], [&one, &other]);
        later.acts.iter_mut().for_each(|told| told.index = (told.index + 2) % 5);
        later.acts.sort_by_key(|told| told.index);
        assert_eq!(report([later]).verdict, Verdict::Incomplete, "enrolled after they signed");
    }

    #[test]
    fn a_first_signature_that_nobody_followed_is_taken_back_by_two_others_over_the_same() {
        let [mut seoul, _] = signed([&pair(2), &pair(3)]);
        let [another, _] = signed([&pair(4), &pair(5)]);
        let alone = another.acts.into_iter().next().unwrap();
        seoul.statements.extend(another.statements);
        let Act::DestructionMirrored { signer, .. } = &alone.act else { unreachable!() };
        assert_eq!(signer.as_str(), "person-1");
        seoul.statements.retain(|digest, _| {
            let mut acts = seoul.acts.iter().chain([&alone]);
            acts.any(|told| match &told.act {
                Act::DestructionMirrored { statement, notice, .. } => statement == digest || notice == digest,
                _ => false,
            })
        });
        told(&mut seoul, alone.act);
        let report = report([seoul]);
        assert_eq!((report.verdict, report.findings.len()), (Verdict::Proved, 3), "{}", report.plain());
    }
}
