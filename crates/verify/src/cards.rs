//! Cards: who signs for a node in this folder, now and in the time of the cards before.
//!
//! A card names the digest of the one that it replaced, under the root's signature. So whoever believes the card of now
//! believes those before it, each for its own time.
//!
//! *Absent:* trust in a card that nobody compared. The report says so and is then incomplete.

use crate::Trust;
use crate::folder::Folder;
use crate::report::{Findings, Outcome};
use crate::successions::{self, Successions};
use attache_accord::logs::{Stretch, stretches};
use attache_accord::{Digest, Network, NodeName, Timestamp};
use attache_seal::papers::Card;
use attache_seal::statement::{Expect, Signed};
use attache_tlog::{Origin, VerifierKey};
use std::collections::BTreeSet;

/// Most earlier cards of one node.
pub const MAX_CARDS: usize = 1024;

/// What is known of a node by its card.
pub(crate) struct Known {
    pub(crate) node: NodeName,
    pub(crate) card: Card,
    /// Newest first.
    earlier: Vec<Card>,
    /// The rule packs that the root signed to be in force, with this card and those before it.
    pub(crate) packs: BTreeSet<Digest>,
    pub(crate) network: Network,
    pub(crate) agreement: String,
    /// Of its log under the name that it has now.
    pub(crate) log_keys: Vec<VerifierKey>,
    /// The names that its leaves are committed to.
    pub(crate) stretches: Vec<Stretch>,
    /// The same names, each with the first leaf.
    pub(crate) origins: Vec<(u64, Origin)>,
    pub(crate) successions: Successions,
}

impl Known {
    /// What every statement in this folder must be about.
    pub(crate) fn expect(&self) -> Expect<'_> {
        Expect { network: self.network, agreement: &self.agreement, pack: None }
    }

    /// The card under which this node signed at the time `at`.
    pub(crate) fn card_at(&self, at: Timestamp) -> Option<&Card> {
        let mut cards = std::iter::once(&self.card).chain(&self.earlier);
        cards.find(|card| card.not_before <= at).filter(|card| card.in_force(at))
    }
}

pub(crate) fn check(
    folder: &Folder,
    node: &NodeName,
    trust: &Trust,
    findings: &mut Findings,
) -> Option<Known> {
    let mut known = at(folder, node, &format!("{node}/"), trust, findings)?;
    successions::read(folder, &mut known, findings);
    Some(known)
}

/// The same of a folder that has nothing but what one node tells the public.
pub(crate) fn bare(
    folder: &Folder,
    node: &NodeName,
    trust: &Trust,
    findings: &mut Findings,
) -> Option<Known> {
    at(folder, node, "", trust, findings)
}

/// The card and those before it, below this part of the folder.
fn at(folder: &Folder, node: &NodeName, part: &str, trust: &Trust, findings: &mut Findings) -> Option<Known> {
    let place = format!("{part}card.cbor");
    match read(folder, node, (&place, &format!("{part}cards"))) {
        Ok((known, signed)) => {
            findings.proved("V-002", node.as_str(), Some(place));
            compare(&signed, node, trust, findings);
            Some(known)
        }
        Err(why) => {
            findings.failed("V-002", node.as_str(), Some(place), why);
            None
        }
    }
}

/// The card of a partner that a node brings along, named by its digest. It is for the time in which it signed, so there are no cards
/// before it.
pub(crate) fn partner(folder: &Folder, place: &str, trust: &Trust, findings: &mut Findings) -> Option<Known> {
    match read_partner(folder, place) {
        Ok((known, signed)) => {
            findings.proved("V-002", known.node.as_str(), Some(place.to_owned()));
            compare(&signed, &known.node, trust, findings);
            Some(known)
        }
        Err(why) => {
            findings.failed("V-002", "", Some(place.to_owned()), why);
            None
        }
    }
}

fn read_partner(folder: &Folder, place: &str) -> Result<(Known, Signed), String> {
    let signed = Signed::from_bytes(&folder.bytes(place)?).map_err(|error| error.to_string())?;
    if !place.ends_with(&format!("/{}.cbor", signed.digest())) {
        return Err("its digest is not its name".to_owned());
    }
    let claimed = signed.dangerously_unverified::<Card>().map_err(|error| error.to_string())?.body.node;
    Ok((known(folder, &claimed, &signed)?, signed))
}

fn read(folder: &Folder, node: &NodeName, (place, before): (&str, &str)) -> Result<(Known, Signed), String> {
    let signed = Signed::from_bytes(&folder.bytes(place)?).map_err(|error| error.to_string())?;
    let mut known = known(folder, node, &signed)?;
    for (pack, card) in earlier(folder, node, before, &known)? {
        known.packs.insert(pack);
        known.earlier.push(card);
    }
    Ok((known, signed))
}

/// What a card says of its node, without the cards before it.
fn known(folder: &Folder, node: &NodeName, signed: &Signed) -> Result<Known, String> {
    let heading = folder.heading();
    let network: Network = heading.network.parse().map_err(|error| format!("heading: {error}"))?;
    // A card is of the rule pack of its day, which may have been another one.
    let expect = Expect { network, agreement: &heading.agreement, pack: None };
    let opened = Card::dangerously_self_signed(signed, &expect).map_err(|error| error.to_string())?;
    let (card, packs) = (opened.body, BTreeSet::from([opened.head.pack]));
    if card.node != *node {
        return Err("the card is another node's".to_owned());
    }
    let keys: Result<Vec<VerifierKey>, _> = card.log_vkeys.iter().map(|text| text.parse()).collect();
    let log_keys = keys.map_err(|error| format!("log keys: {error}"))?;
    let agreement = heading.agreement.clone();
    let (node, earlier) = (node.clone(), Vec::new());
    let successions = Successions::default();
    let stretches = stretches(&card.log_origin, []);
    let origins = vec![(0, Origin::new(&card.log_origin).map_err(|error| format!("log origin: {error}"))?)];
    Ok(Known { node, card, earlier, packs, network, agreement, log_keys, stretches, origins, successions })
}

/// The cards before `card`, as far back as they are here, each with the rule pack that it names. What does not follow in this chain is read by no check.
fn earlier(
    folder: &Folder,
    node: &NodeName,
    before: &str,
    known: &Known,
) -> Result<Vec<(Digest, Card)>, String> {
    let (card, expect) = (&known.card, &known.expect());
    let names = folder.names(before, MAX_CARDS)?;
    let mut cards: Vec<(Digest, Card)> = Vec::new();
    while let Some(digest) = cards.last().map_or(card, |(_, card)| card).previous {
        let name = format!("{digest}.cbor");
        if !names.contains(&name) {
            break;
        }
        let place = format!("{before}/{name}");
        let wrong = |why: &dyn std::fmt::Display| format!("{place}: {why}");
        let signed = Signed::from_bytes(&folder.bytes(&place)?).map_err(|error| wrong(&error))?;
        let opened = signed.open::<Card>(&card.root, expect).map_err(|error| wrong(&error))?;
        let (pack, body) = (opened.head.pack, opened.body);
        if signed.digest() != digest || body.node != *node || body.log_origin != card.log_origin {
            return Err(wrong(&"not the card that the next one follows"));
        }
        cards.push((pack, body));
    }
    Ok(cards)
}

/// Whether the reader said that this fingerprint was compared by another way.
pub(crate) fn is_compared(trust: &Trust, fingerprint: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    trust.fingerprints.iter().any(|known| digits(known) == digits(fingerprint))
}

fn compare(signed: &Signed, node: &NodeName, trust: &Trust, findings: &mut Findings) {
    let fingerprint = Card::fingerprint(signed);
    let outcome = if is_compared(trust, &fingerprint) {
        Outcome::Proved
    } else {
        let why = "is this node's; compare it with the node by another way";
        Outcome::NotShown(format!("nobody said that {fingerprint} {why}"))
    };
    findings.once("V-003", node.as_str(), outcome);
}

#[cfg(test)]
pub(crate) mod samples {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::successions::Succession;
    use attache_accord::DispatchId;
    use attache_seal::pair::{Sign, SigningPair};
    use attache_seal::papers::{self, LogSuccession, Package, Receipt, SeenLog};
    use attache_seal::statement::{Body, Head, Statement};

    /// When every card of the samples is in force.
    pub(crate) const AT: Timestamp = Timestamp(1_000);

    /// What Seoul's node says, signed with this pair.
    pub(crate) fn sealed<B: Body>(pair: &SigningPair, body: B) -> Signed {
        sealed_by("seoul.kor", pair, body)
    }

    /// The same of any signer.
    pub(crate) fn sealed_by<B: Body>(signer: &str, pair: &SigningPair, body: B) -> Signed {
        let head = Head {
            network: attache_accord::Network::Exercise,
            agreement: "gsomia-2016".into(),
            pack: Digest([0; 32]),
            signer: signer.into(),
            key: pair.verifying().key_id(),
            at: AT,
        };
        Signed::seal(&Statement { head, body }, pair).unwrap()
    }

    /// That Seoul's log of this number goes on under the next one behind `size` entries, of which Tokyo had seen `seen`.
    pub(crate) fn succession(number: u64, (size, seen): (u64, u64)) -> LogSuccession {
        LogSuccession {
            node: "seoul.kor".parse().unwrap(),
            previous: format!("seoul.kor/log/{number}"),
            origin: format!("seoul.kor/log/{}", number + 1),
            size,
            root: Digest([0; 32]),
            since: AT,
            seen: vec![SeenLog { by: "tokyo.jpn".parse().unwrap(), size: seen, root: Digest([1; 32]) }],
            reason: "disk".into(),
            promised: None,
        }
    }

    /// The same behind so many entries, as Tokyo was told of it and what is here of Seoul's log does not have it.
    pub(crate) fn later(size: u64) -> Succession {
        let said = succession(1, (size, size + 5));
        Succession { said, digest: Digest([0; 32]), at: AT, is_gone: false }
    }

    /// A package from Seoul to Tokyo, as this entry of Seoul's log permits.
    pub(crate) fn package(decision_index: u64) -> Package {
        let digest = Digest([3; 32]);
        Package {
            dispatch: DispatchId([1; 16]),
            control_commitment: digest,
            item_digest: digest,
            size: 1,
            manifest_digest: digest,
            label_digest: digest,
            sender: "seoul.kor".parse().unwrap(),
            recipient: "tokyo.jpn".parse().unwrap(),
            decision_index,
            in_reply_to: None,
        }
    }

    /// Seoul's receipt for a package that it refused, as this entry of its log of this name says.
    pub(crate) fn receipt(log_origin: &str, leaf_index: u64) -> Receipt {
        let digest = Digest([3; 32]);
        Receipt {
            dispatch: DispatchId([1; 16]),
            package: digest,
            register_commitment: digest,
            outcome: papers::Outcome::Refused,
            leaf_hash: Digest([0; 32]),
            leaf_index,
            log_origin: log_origin.to_owned(),
            proof_due: AT,
            admission: None,
            own_level: None,
            origin: None,
        }
    }

    /// A node that signs with this pair; nothing else of its card is looked at.
    pub(crate) fn known(node: &str, pair: &SigningPair) -> Known {
        let pair = pair.verifying().clone();
        let card = Card {
            node: node.parse().unwrap(),
            party: "KOR".parse().unwrap(),
            endpoints: Vec::new(),
            root: pair.clone(),
            node_key: pair.clone(),
            label_key: pair,
            label_es256: Vec::new(),
            log_origin: format!("{node}/log/1"),
            log_vkeys: Vec::new(),
            kem_key: Vec::new(),
            tls_ca: Vec::new(),
            not_before: AT,
            not_after: AT.plus_hours(1),
            previous: None,
            witness_vkeys: None,
        };
        Known {
            node: card.node.clone(),
            card,
            earlier: Vec::new(),
            packs: BTreeSet::new(),
            network: Network::Exercise,
            agreement: "gsomia-2016".to_owned(),
            log_keys: Vec::new(),
            stretches: stretches(&format!("{node}/log/1"), []),
            origins: Vec::new(),
            successions: Successions::default(),
        }
    }
}
