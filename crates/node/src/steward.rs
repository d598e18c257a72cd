//! The administrator's acts: people, partners and the partner's assurances.
//!
//! *Absent:* content. An administrator never reads an item, nor decides about one.

use crate::desk::{Misuse, Step, opened_under, state};
use crate::engine::Plan;
use attache_accord::act::Act;
use attache_accord::people::{Person, Role};
use attache_accord::ruling::Assured;
use attache_accord::view::{Unknown, View};
use attache_accord::{NodeName, PersonId, Timestamp};
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::{Assurance, Card, Succession};
use attache_seal::statement::{Expect, Signed};

/// Longest reason that an administrator writes, in bytes.
pub const MAX_REASON_BYTES: usize = 256;

/// Enrols a person, or enrols one anew with other facts or keys.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn enrol(view: &View, by: &PersonId, person: Person, verifying: &VerifyingPair) -> Result<Step, Misuse> {
    administrator(view, by)?;
    person.check()?;
    if person.party != identity(view)?.party {
        return Err(state("party", "the roll holds this node's own people (Art. 6(e)); ask their own node"));
    }
    let verifying = minicbor::to_vec(verifying).map_err(|_| Misuse::Key)?.into();
    Ok(done(view, vec![Act::PersonEnrolled { person, verifying, by: Some(by.clone()) }]))
}

/// Takes a person off the roll. The last administrator stays.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn remove(view: &View, by: &PersonId, person: &PersonId) -> Result<Step, Misuse> {
    administrator(view, by)?;
    let leaving = view.person(person)?;
    let administrators = view.roll.iter().filter(|e| e.person.has(Role::Administrator)).count();
    if leaving.has(Role::Administrator) && administrators == 1 {
        return Err(state("person", "the last administrator stays; enrol another first"));
    }
    Ok(done(view, vec![Act::PersonRemoved { person: person.clone(), by: by.clone() }]))
}

/// Accepts a partner's card, whose fingerprint two people have compared by another way.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn add_peer(
    view: &View,
    now: Timestamp,
    by: &PersonId,
    signed: &Signed,
    fingerprint: &str,
) -> Result<Step, Misuse> {
    administrator(view, by)?;
    let own = identity(view)?;
    let expect = Expect { network: own.network, agreement: &own.agreement, pack: None };
    let card = Card::dangerously_self_signed(signed, &expect)?.body;
    if !same_digits(&Card::fingerprint(signed), fingerprint) {
        return Err(state("fingerprint", "it is not this card's; compare it again with the partner, aloud"));
    }
    if card.node == own.node {
        return Err(state("card", "it is this node's own card"));
    }
    if !card.in_force(now) {
        return Err(state("card", "it is not in force now; ask the partner for a new one"));
    }
    let mut plan = Plan::new(
        view,
        vec![Act::PeerAdded { node: card.node, party: card.party, card: signed.digest(), by: by.clone() }],
    );
    plan.paper(signed.to_bytes());
    Ok(Step { plan, ruling: None })
}

/// Accepts the card that takes the place of a partner's accepted one: of the same node and root, naming the other as its
/// previous one, and announced under the other's key. `card_of` gives the accepted card.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn succeed_peer(
    view: &View,
    now: Timestamp,
    by: &PersonId,
    (signed, succession): (&Signed, &Signed),
    card_of: impl Fn(&NodeName) -> Option<Card>,
) -> Result<Step, Misuse> {
    administrator(view, by)?;
    let own = identity(view)?;
    let expect = Expect { network: own.network, agreement: &own.agreement, pack: None };
    let card = Card::dangerously_self_signed(signed, &expect)?.body;
    let peer = view.peers.get(&card.node).ok_or_else(|| Unknown::Peer(card.node.clone()))?;
    let held = card_of(&card.node).ok_or_else(|| Unknown::Peer(card.node.clone()))?;
    if card.root != held.root || card.party != held.party {
        let rule =
            "another Party root signed it; compare its fingerprint with the partner and add it by that";
        return Err(state("card", rule));
    }
    if card.previous != Some(peer.card) {
        return Err(state(
            "card",
            "it does not follow the card that is accepted here; ask for each one between (peer card --back)",
        ));
    }
    if !card.in_force(now) {
        return Err(state("card", "it is not in force now; ask the partner for a new one"));
    }
    let announced = opened_under::<Succession>(view, &held.node_key, succession)?;
    let is_announced = announced.head.signer == card.node.as_str()
        && announced.body == Succession { previous: peer.card, next: signed.digest() };
    if !is_announced {
        return Err(state("succession", "it announces another card"));
    }
    let act = Act::PeerSucceeded {
        node: card.node,
        party: card.party,
        card: signed.digest(),
        previous: peer.card,
        succession: succession.digest(),
        by: by.clone(),
    };
    let mut plan = Plan::new(view, vec![act]);
    plan.paper(signed.to_bytes());
    plan.paper(succession.to_bytes());
    Ok(Step { plan, ruling: None })
}

/// Believes a partner's card no longer. Its connections end, and its next handshake fails.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn revoke_peer(view: &View, by: &PersonId, node: &NodeName, reason: &str) -> Result<Step, Misuse> {
    administrator(view, by)?;
    let peer = view.peers.get(node).ok_or_else(|| Unknown::Peer(node.clone()))?;
    if reason.is_empty() || reason.len() > MAX_REASON_BYTES || reason.chars().any(char::is_control) {
        return Err(state("reason", "1 to 256 bytes that say why"));
    }
    let (node, card) = (node.clone(), peer.card);
    Ok(done(view, vec![Act::PeerRevoked { node, card, reason: reason.to_owned(), by: by.clone() }]))
}

/// Records a partner's signed assurance for one of its people (Art. 7).
///
/// # Errors
/// [`Misuse`] names the field.
pub fn record_assurance(
    view: &View,
    now: Timestamp,
    by: &PersonId,
    signed: &Signed,
    card_of: impl Fn(&NodeName) -> Option<Card>,
) -> Result<Step, Misuse> {
    administrator(view, by)?;
    let node: NodeName = signed.dangerously_unverified::<Assurance>()?.head.signer.parse()?;
    let peer = view.peers.get(&node).ok_or_else(|| Unknown::Peer(node.clone()))?;
    let card = card_of(&node).filter(|card| card.in_force(now));
    let card =
        card.ok_or_else(|| state("signer", "its card is not in force; ask the partner for a new one"))?;
    let statement = opened_under::<Assurance>(view, &card.node_key, signed)?;
    let Assurance { person, level, expires, .. } = statement.body;
    if level.party() != peer.party {
        return Err(state("level", "a Party assures its own people, in its own scheme"));
    }
    if expires <= now {
        return Err(state("expires", "the assurance has lapsed; ask the partner for a new one"));
    }
    let assured = Assured { person, level, expires };
    let act =
        Act::AssuranceRecorded { party: peer.party, assured, assurance: signed.digest(), by: by.clone() };
    let mut plan = Plan::new(view, vec![act]);
    plan.paper(signed.to_bytes());
    Ok(Step { plan, ruling: None })
}

fn administrator(view: &View, by: &PersonId) -> Result<(), Misuse> {
    if view.person(by)?.has(Role::Administrator) {
        Ok(())
    } else {
        Err(state("signer", "this needs the role administrator"))
    }
}

fn identity(view: &View) -> Result<&attache_accord::view::Identity, Unknown> {
    view.identity.as_ref().ok_or(Unknown::Unfounded)
}

fn done(view: &View, acts: Vec<Act>) -> Step {
    Step { plan: Plan::new(view, acts), ruling: None }
}

/// People write the groups with whatever stands between them.
fn same_digits(one: &str, other: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_plain = other.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-');
    is_plain && digits(one) == digits(other)
}
