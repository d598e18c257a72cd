//! The statements that one node brings along about an item: files named by the digest of what they hold.
//!
//! *Absent:* signatures; whose key is asked for is known only once the statement is read with the others.

use crate::folder::{Folder, MAX_STATEMENTS};
use crate::report::Findings;
use crate::{Node, Nodes};
use attache_accord::{Digest, NodeName};
use attache_seal::digest::sha256;
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::{Card, HopReceipt, Opening, OpeningAnswer, Waybill};
use attache_seal::statement::{Body, Head, Signed, Statement};
use std::collections::BTreeMap;

/// Statements by digest.
pub(crate) type Statements = BTreeMap<Digest, Signed>;

/// What whole logs bring along beside packages and receipts.
pub(crate) const BESIDE: [&str; 4] = [Waybill::NAME, HopReceipt::NAME, Opening::NAME, OpeningAnswer::NAME];

/// Those in a part of what a node brings along.
pub(crate) fn read(
    folder: &Folder,
    node: &NodeName,
    part: &str,
    allowed: &[&str],
    findings: &mut Findings,
) -> Statements {
    let mut statements = Statements::new();
    for name in listed(folder, node, part, findings) {
        let place = format!("{node}/{part}/{name}");
        match one(folder, &name, &place, allowed) {
            Ok((digest, signed)) => {
                statements.insert(digest, signed);
            }
            Err(why) => findings.failed("V-010", node.as_str(), Some(place), why),
        }
    }
    if !statements.is_empty() {
        findings.proved("V-010", node.as_str(), None);
    }
    statements
}

/// The names of the files in which statements of a node lie.
pub(crate) fn listed(folder: &Folder, node: &NodeName, part: &str, findings: &mut Findings) -> Vec<String> {
    let path = format!("{node}/{part}");
    folder.names(&path, MAX_STATEMENTS).unwrap_or_else(|why| {
        findings.failed("V-010", node.as_str(), Some(path), why);
        Vec::new()
    })
}

/// Where one of them lies.
pub(crate) fn place(node: &NodeName, name: &str) -> String {
    format!("{node}/statements/{name}")
}

fn one(folder: &Folder, name: &str, place: &str, allowed: &[&str]) -> Result<(Digest, Signed), String> {
    let digest = named(name)?;
    let bytes = folder.bytes(place)?;
    let signed = Signed::from_bytes(&bytes).map_err(|error| error.to_string())?;
    if sha256(&[&bytes]) != digest {
        return Err("its digest is not its name".to_owned());
    }
    if !allowed.contains(&signed.name()) {
        return Err(format!("none of {}", allowed.join(", ")));
    }
    Ok((digest, signed))
}

/// What a node signed with its node key, under its card of that time; nothing where its card is not here.
pub(crate) fn said_by<'n, B: Body>(
    nodes: &'n Nodes,
    signed: &Signed,
) -> Result<Option<(&'n Node, Statement<B>)>, String> {
    let head = signed.dangerously_unverified::<B>().map_err(|error| error.to_string())?.head;
    let signer: NodeName = head.signer.parse().map_err(|_| "signed in no node's name")?;
    let Some(signer) = nodes.get(&signer) else { return Ok(None) };
    let Some(card) = card_of(nodes, signer, &head, |card| &card.node_key)? else { return Ok(None) };
    let opened = signed.open::<B>(&card.node_key, &signer.known.expect());
    Ok(Some((signer, opened.map_err(|error| error.to_string())?)))
}

/// The card under which a node says that it signed; nothing where that is one which came after those that are here, as it may where its
/// evidence was taken before that of a partner who took the new one.
pub(crate) fn card_of<'n>(
    nodes: &Nodes,
    signer: &'n Node,
    head: &Head,
    key: impl Fn(&Card) -> &VerifyingPair,
) -> Result<Option<&'n Card>, &'static str> {
    let known = &signer.known;
    let card = known.card_at(head.at);
    let is_other = card.is_none_or(|card| key(card).key_id() != head.key);
    // A log that ends on a later day was taken later, with every card until then, but for one that it lost with its last entries.
    let is_past = signer.log.as_ref().is_some_and(|log| log.dated.is_past(head.at))
        && known.successions.own.iter().all(|one| one.at <= head.at);
    let since = known.card.not_before;
    let took_one = |other: &Node| {
        let log = other.log.as_ref().filter(|_| other.known.node != known.node);
        log.is_some_and(|log| log.dated.may_follow(since))
    };
    match card {
        _ if is_other && !is_past && head.at >= since && nodes.values().any(took_one) => Ok(None),
        Some(card) => Ok(Some(card)),
        None => Err("signed while no card of its signer was in force"),
    }
}

/// The digest that a statement's file is named by.
pub(crate) fn named(name: &str) -> Result<Digest, String> {
    let digest = name.strip_suffix(".cbor").and_then(|hex| hex.parse::<Digest>().ok());
    digest.ok_or_else(|| "its name is not a digest".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::Log;
    use crate::cards::samples::{self, AT, sealed, succession};
    use crate::leaves::Dated;
    use crate::successions::Succession;
    use attache_accord::{CivilDay, Timestamp};
    use attache_seal::pair::SigningPair;
    use attache_seal::papers::LogSuccession;

    #[test]
    fn a_statement_under_a_card_that_came_later_is_not_shown_where_a_partner_took_one_and_false_elsewhere() {
        let [old, new] = [7, 8].map(|seed| SigningPair::from_seed_bytes(&[seed; 64]).unwrap());
        // What the signer's log and its partner's tell: the last day, and whether each card was taken as the next one.
        let said = |pair: &SigningPair, (days, lost_at): (u64, Option<Timestamp>), accepted: &[bool]| {
            let nodes: Nodes = ["seoul.kor", "tokyo.jpn"]
                .map(|name| {
                    let mut known = samples::known(name, &old);
                    let (papers, proofs, forks) = Default::default();
                    // What its signer's own log says of other cards counts for nothing.
                    let told = if name == "tokyo.jpn" { accepted } else { &[true, true] };
                    let accepted = told.iter().map(|is_next| (*is_next, Some(CivilDay::of(AT, 0)))).collect();
                    let last = CivilDay::of(AT, 0).plus_days(days).to_string();
                    let log = Some(Log { dated: Dated { last, accepted }, ..Log::sample(Vec::new()) });
                    known.successions.own.extend(lost_at.map(|at| {
                        let (said, digest) = (succession(1, (4, 9)), Digest([9; 32]));
                        Succession { said, digest, at, is_gone: false }
                    }));
                    (known.node.clone(), Node { known, log, papers, proofs, forks })
                })
                .into();
            let signed = sealed(pair, succession(1, (4, 9)));
            said_by::<LogSuccession>(&nodes, &signed).map(|said| said.is_some())
        };
        let today = (1, None);
        assert_eq!(said(&old, today, &[false, true]), Ok(true), "the control");
        assert_eq!(said(&new, today, &[false, true]), Ok(false));
        assert!(said(&new, today, &[false]).is_err());
        assert!(said(&new, today, &[true]).is_err(), "the card that is here, or a third node's");
        // The signer's newest card is here, whatever others took and from whom.
        assert!(said(&new, (2, None), &[false, true, true]).is_err());
        assert!(said(&new, (2, Some(AT)), &[false, true]).is_err());
        assert_eq!(
            said(&new, (2, Some(AT.plus_hours(1))), &[false, true]),
            Ok(false),
            "lost with what was lost"
        );
    }
}
