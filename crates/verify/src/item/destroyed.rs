//! The destruction of an item or of a copy: two people signed the same, the second over the first, and what a partner's people signed
//! came under its node's key.
//!
//! *Absent:* the keys of a node's own people, which stand on no card: what they signed is shown only by a partner's part that holds the
//! notice of it. And the deed. That nothing is left is what two people say.

use super::papers::{Parts, signed_under};
use super::{Part, passages};
use crate::report::Findings;
use attache_accord::act::Act;
use attache_accord::destruction::Destruction;
use attache_accord::{Digest, NodeName, PersonId};
use attache_seal::pair::KeyId;
use attache_seal::papers::Notice;
use attache_seal::statement::{Body, Signed};
use std::collections::BTreeSet;

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

impl<'a> Witness<'a> {
    fn all(part: &'a Part) -> Vec<Self> {
        let told = part.acts.iter().filter_map(|told| {
            let (destruction, statement, by, brought) = match &told.act {
                Act::DestructionSigned { destruction, statement, by, .. } => {
                    (destruction, statement, by, None)
                }
                Act::DestructionMirrored { destruction, signer, statement, notice, from } => {
                    (destruction, statement, signer, Some((notice, from)))
                }
                _ => return None,
            };
            let said = part.statements.get(statement);
            let said = said.and_then(|signed| signed.dangerously_unverified::<Destruction>().ok());
            let key = said.map(|said| said.head.key);
            Some(Self { index: told.index, destruction, statement, by, key, brought })
        });
        told.collect()
    }

    /// That the statement says what the act says, and came as the act says.
    fn holds(&self, part: &Part) -> Result<(), String> {
        let signed = part.statements.get(self.statement).ok_or("its signed statement is not here")?;
        let said = signed.dangerously_unverified::<Destruction>().map_err(|error| error.to_string())?;
        if said.body != *self.destruction || said.head.signer != self.by.as_str() {
            return Err("its signed statement says something else".to_owned());
        }
        let Some((notice, from)) = self.brought else { return Ok(()) };
        let notice = part.statements.get(notice).ok_or("the notice that brought it is not here")?;
        let claimed = notice.dangerously_unverified::<Notice>().map_err(|error| error.to_string())?;
        let (signer, card) = signed_under(part, from, claimed.head.at)?;
        let opened = notice.open::<Notice>(&card.node_key, &signer.expect());
        let Notice { statement: brought, verifying } = opened.map_err(|error| error.to_string())?.body;
        let inner = Signed::from_bytes(&brought).map_err(|error| error.to_string())?;
        if inner.digest() != *self.statement {
            return Err("the notice brought another statement".to_owned());
        }
        let inner = inner.open::<Destruction>(&verifying, &signer.expect());
        inner.map(drop).map_err(|error| error.to_string())
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
}

/// The statements that a node brought to a partner in a notice that holds, with that node: its own people's signatures are verified there.
fn noticed(parts: &Parts) -> BTreeSet<(NodeName, Digest)> {
    let mut noticed = BTreeSet::new();
    for part in parts.values() {
        let all = Witness::all(part);
        for one in all.iter().filter(|one| one.holds(part).is_ok()) {
            if let Some((_, from)) = one.brought {
                noticed.insert((from.clone(), *one.statement));
            }
        }
    }
    noticed
}

/// Checks every destruction on record.
pub(super) fn check(parts: &Parts, findings: &mut Findings) {
    let noticed = noticed(parts);
    for (name, part) in parts {
        let all = Witness::all(part);
        let is_cited = |digest: &Digest| {
            let brings = |one: &Witness<'_>| one.brought.is_some_and(|(notice, _)| notice == digest);
            all.iter().any(|one| one.statement == digest || brings(one))
        };
        let strangers = part.statements.iter().filter(|(digest, signed)| {
            [Destruction::NAME, Notice::NAME].contains(&signed.name())
                && !is_cited(digest)
                && !passages::cites(part, digest, signed)
        });
        for (stranger, _) in strangers {
            let why = "no act of this item speaks of this statement";
            findings.failed("V-016", name.as_str(), Some(stranger.to_string()), why);
        }
        for one in &all {
            let place = Some(format!("act {}", one.index));
            let is_second = one.destruction.first.is_some();
            let has_first = all.iter().any(|first| one.is_over(first));
            let has_second = all.iter().any(|second| second.is_over(one));
            let is_one_hand =
                all.iter().any(|other| (one.is_over(other) || other.is_over(one)) && one.is_one_hand(other));
            let is_shown = one.brought.is_some() || noticed.contains(&(name.clone(), *one.statement));
            match one.holds(part) {
                Err(why) => findings.failed("V-016", name.as_str(), place, why),
                Ok(()) if is_second && !has_first => {
                    let why = "the first signature, by another person over the same, is not here";
                    findings.failed("V-016", name.as_str(), place, why);
                }
                Ok(()) if is_one_hand => {
                    let why = "both signatures are under one key: two names, and not two people";
                    findings.failed("V-016", name.as_str(), place, why);
                }
                Ok(()) if !is_second && !has_second => {
                    let why = "a second person has not signed: what it says is not done";
                    findings.not_shown("V-016", name.as_str(), place, why);
                }
                Ok(()) if !is_shown => {
                    let why = "the key of the person who signed it is on no card and in no notice here: only the node says that it \
                               was signed";
                    findings.not_shown("V-016", name.as_str(), place, why);
                }
                Ok(()) => findings.proved("V-016", name.as_str(), place),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::cards::samples::{self, AT};
    use crate::item::acts::Told;
    use crate::report::{Counts, Report, Verdict};
    use attache_accord::ItemId;
    use attache_accord::destruction::Destroyed;
    use attache_seal::pair::{Sign, SigningPair};
    use attache_seal::statement::{Head, Statement};
    use attache_tlog::Hash;

    fn pair(seed: u8) -> SigningPair {
        SigningPair::from_seed_bytes(&[seed; 64]).unwrap()
    }

    fn seal<B: Body>(part: &Part, body: B, signer: &str, key: &SigningPair) -> Signed {
        let head = Head {
            network: part.known.network,
            agreement: part.known.agreement.clone(),
            pack: Digest([0; 32]),
            signer: signer.to_owned(),
            key: key.verifying().key_id(),
            at: AT,
        };
        Signed::seal(&Statement { head, body }, key).unwrap()
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
            let signed = seal(&tokyo, destruction.clone(), name, key);
            let statement = signed.digest();
            first = Some(statement);
            let brought = Notice { statement: signed.to_bytes(), verifying: key.verifying().clone() };
            let notice = seal(&tokyo, brought, "tokyo.jpn", &pair(1));
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
        let parts: Parts = parts.into_iter().map(|part| (part.known.node.clone(), part)).collect();
        let mut findings = Findings::default();
        check(&parts, &mut findings);
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
}
