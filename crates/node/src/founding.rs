//! Founding: fresh keys for a node and its Party root, the card that the root signs, and the first acts of the journal.
//!
//! *Absent:* folders and key files. Whoever founds a node seals the keys away, and takes the root's offline.

use crate::engine::{Engine, Plan};
use crate::fault::Fault;
use crate::office::is_of;
use attache_accord::act::Act;
use attache_accord::people::{Person, Role};
use attache_accord::{Network, NodeName, Party, PersonId, Timestamp};
use attache_custody::Keyring;
use attache_release::Pack;
use attache_seal::pair::{Sign as _, SigningPair, VerifyingPair};
use attache_seal::papers::{Card, Succession};
use attache_seal::statement::{Head, Signed, Statement};
use std::collections::BTreeSet;

/// How long a card is valid, in hours: a year.
pub const CARD_HOURS: u64 = 365 * 24;

/// What a node is founded from.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its name.
    pub node: NodeName,
    /// Its Party.
    pub party: Party,
    /// Its network.
    pub network: Network,
    /// Where partners reach it, `host:port`, in order of preference.
    pub endpoints: Vec<String>,
    /// The first administrator, and the public half of their key.
    pub administrator: (PersonId, VerifyingPair),
}

/// The origin line of the node's log.
pub fn log_origin(node: &NodeName) -> String {
    format!("{node}/log/1")
}

/// Signs the node's card with the Party root, valid from `now` for [`CARD_HOURS`]. `tls_ca` is the DER of the authority of
/// its partner link.
///
/// # Errors
/// [`Fault`] when a field breaks a limit of cards, or signing fails.
pub fn card(
    draft: &Draft,
    pack: &Pack,
    keys: &Keyring,
    root: &SigningPair,
    tls_ca: Vec<u8>,
    now: Timestamp,
) -> Result<Signed, Fault> {
    let log = [&keys.log_ed25519, &keys.log_mldsa44];
    let body = Card {
        node: draft.node.clone(),
        party: draft.party,
        endpoints: draft.endpoints.clone(),
        root: root.verifying().clone(),
        node_key: keys.node.verifying().clone(),
        label_key: keys.label.verifying().clone(),
        label_es256: keys.label_es256_public(),
        log_origin: log_origin(&draft.node),
        log_vkeys: log.iter().map(|signer| signer.verifier().to_string()).collect(),
        kem_key: keys.kem.public().to_spki_der(),
        tls_ca,
        not_before: now,
        not_after: now.plus_hours(CARD_HOURS),
        previous: None,
        witness_vkeys: witness_vkeys(keys),
    };
    let head = Head {
        network: draft.network,
        agreement: pack.terms().agreement.clone(),
        pack: pack.digest(),
        signer: draft.party.to_string(),
        key: root.verifying().key_id(),
        at: now,
    };
    Ok(Signed::seal(&Statement { head, body }, root)?)
}

/// The keys under which a node cosigns other logs, as its card names them.
pub fn witness_vkeys(keys: &Keyring) -> Option<Vec<String>> {
    let vkeys: Vec<_> = keys.witness.iter().map(|signer| signer.verifier().to_string()).collect();
    (!vkeys.is_empty()).then_some(vkeys)
}

/// Renews the node's card for another [`CARD_HOURS`] from `now`: for `next`, which are the `keys` of the card before or
/// those of a rotation, signed by the same root, and under the key of the card before the node's own word that the one
/// follows the other. `tls_ca` is the authority of its link for that time.
///
/// # Errors
/// [`Fault::Altered`] where `root` or `keys` are not those of `current`; as [`card`].
pub fn renewed(
    current: &Signed,
    (keys, next): (&Keyring, &Keyring),
    root: &SigningPair,
    tls_ca: Vec<u8>,
    now: Timestamp,
) -> Result<(Signed, Signed), Fault> {
    let statement = current.dangerously_unverified::<Card>().map_err(|_| Fault::Altered("card"))?;
    let (head, held) = (statement.head, statement.body);
    if held.root != *root.verifying() {
        return Err(Fault::Altered("Party root"));
    }
    if !is_of(&held, keys) {
        return Err(Fault::Altered("keyring"));
    }
    let (signer, previous) = (held.node.to_string(), current.digest());
    let not_after = now.plus_hours(CARD_HOURS);
    let body = Card {
        node_key: next.node.verifying().clone(),
        label_key: next.label.verifying().clone(),
        label_es256: next.label_es256_public(),
        kem_key: next.kem.public().to_spki_der(),
        tls_ca,
        not_before: now,
        not_after,
        previous: Some(previous),
        witness_vkeys: witness_vkeys(next),
        ..held
    };
    let next = Signed::seal(&Statement { head: Head { at: now, ..head.clone() }, body }, root)?;
    let head = Head { signer, key: keys.node.verifying().key_id(), at: now, ..head };
    let body = Succession { previous, next: next.digest() };
    let succession = Signed::seal(&Statement { head, body }, &keys.node)?;
    Ok((next, succession))
}

/// The first acts of the journal: that the node exists, and who administers it.
///
/// # Errors
/// [`Fault::Encoding`].
pub fn acts(draft: &Draft, pack: &Pack) -> Result<Vec<Act>, Fault> {
    let (administrator, verifying) = &draft.administrator;
    let founded = Act::Founded {
        node: draft.node.clone(),
        party: draft.party,
        network: draft.network,
        agreement: pack.terms().agreement.clone(),
        pack: pack.digest(),
        log_origin: log_origin(&draft.node),
    };
    let person = Person {
        id: administrator.clone(),
        party: draft.party,
        roles: BTreeSet::from([Role::Administrator]),
        clearance: None,
        duties: BTreeSet::new(),
    };
    let verifying = minicbor::to_vec(verifying).map_err(|_| Fault::Encoding)?.into();
    Ok(vec![founded, Act::PersonEnrolled { person, verifying, by: None }])
}

/// Commits the first acts to an empty journal.
///
/// # Errors
/// [`Fault`] when the journal fails, or was founded before.
pub fn found(engine: &mut Engine, draft: &Draft, pack: &Pack, now: Timestamp) -> Result<(), Fault> {
    let plan = Plan::new(&engine.view().read(), acts(draft, pack)?);
    if engine.view().read().size != 0 {
        return Err(Fault::Altered("empty journal"));
    }
    match engine.commit(now, &[plan])?.pop() {
        Some(Ok(_)) => Ok(()),
        _ => Err(Fault::Altered("empty journal")),
    }
}
