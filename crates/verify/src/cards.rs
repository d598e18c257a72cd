//! Cards: who signs for a node in this folder.
//!
//! *Absent:* trust in a card that nobody compared. The report says so and is then incomplete.

use crate::Trust;
use crate::folder::Folder;
use crate::report::Findings;
use attache_accord::{Network, NodeName};
use attache_seal::papers::Card;
use attache_seal::statement::{Expect, Signed};
use attache_tlog::VerifierKey;

/// What is known of a node by its card.
pub(crate) struct Known {
    pub(crate) node: NodeName,
    pub(crate) card: Card,
    pub(crate) network: Network,
    pub(crate) agreement: String,
    pub(crate) log_keys: Vec<VerifierKey>,
}

impl Known {
    /// What every statement in this folder must be about.
    pub(crate) fn expect(&self) -> Expect<'_> {
        Expect { network: self.network, agreement: &self.agreement, pack: None }
    }
}

pub(crate) fn check(
    folder: &Folder,
    node: &NodeName,
    trust: &Trust,
    findings: &mut Findings,
) -> Option<Known> {
    let place = format!("{node}/card.cbor");
    match read(folder, node, &place) {
        Ok((known, signed)) => {
            findings.proved("V-002", node.as_str(), Some(place.clone()));
            compare(&signed, node, trust, findings);
            Some(known)
        }
        Err(why) => {
            findings.failed("V-002", node.as_str(), Some(place), why);
            None
        }
    }
}

fn read(folder: &Folder, node: &NodeName, place: &str) -> Result<(Known, Signed), String> {
    let signed = Signed::from_bytes(&folder.bytes(place)?).map_err(|error| error.to_string())?;
    let heading = folder.heading();
    let network: Network = heading.network.parse().map_err(|error| format!("evidence.json: {error}"))?;
    let pack = heading.pack.parse().map_err(|error| format!("evidence.json: pack: {error}"))?;
    let expect = Expect { network, agreement: &heading.agreement, pack: Some(pack) };
    let card = Card::dangerously_self_signed(&signed, &expect).map_err(|error| error.to_string())?.body;
    if card.node != *node {
        return Err("the card is another node's".to_owned());
    }
    let keys: Result<Vec<VerifierKey>, _> = card.log_vkeys.iter().map(|text| text.parse()).collect();
    let log_keys = keys.map_err(|error| format!("log keys: {error}"))?;
    let known = Known { node: node.clone(), card, network, agreement: heading.agreement.clone(), log_keys };
    Ok((known, signed))
}

fn compare(signed: &Signed, node: &NodeName, trust: &Trust, findings: &mut Findings) {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let fingerprint = Card::fingerprint(signed);
    let is_compared = trust.fingerprints.iter().any(|known| digits(known) == digits(&fingerprint));
    if is_compared {
        findings.proved("V-003", node.as_str(), None);
    } else {
        let why =
            format!("nobody said that {fingerprint} is this node's; compare it with the node by another way");
        findings.not_shown("V-003", node.as_str(), None, &why);
    }
}
