//! What was passed on: the originator's approval behind it, the chain that the recipient was shown, and what the hub told the
//! originator, with the recipient's own receipt.
//!
//! *Absent:* the keys of the originator's own people, which stand on no card: their approval is shown by the notice in which their node
//! brought it, at the hub's or at the recipient's part.

use super::Part;
use super::papers::{LOST, Parts, Weighed, admitted, signed_under};
use crate::report::Findings;
use attache_accord::act::Act;
use attache_accord::consent::{Consent, Step};
use attache_accord::particulars::Approved;
use attache_accord::passage::{Fate, Hop};
use attache_accord::{Digest, NodeName, Party, Timestamp};
use attache_seal::papers::{self, Notice, Package, Receipt};
use attache_seal::statement::{Body, Signed};

/// What an approval must say.
struct Wanted<'a> {
    consent: &'a Digest,
    item_digest: Digest,
    hub: &'a NodeName,
    /// The Party that it is for, where that is known here.
    party: Option<Party>,
    /// When it must be in force.
    at: Timestamp,
}

/// Checks every passage on record.
pub(super) fn check(parts: &Parts, findings: &mut Findings) {
    for (name, part) in parts {
        for told in &part.acts {
            let place = Some(format!("act {}", told.index));
            match wanted(part, &told.act, told.at) {
                None => {}
                Some(Err(why)) => findings.failed("V-060", name.as_str(), place.clone(), why),
                Some(Ok(wanted)) => match approval(parts, part, &wanted) {
                    Err(why) => findings.failed("V-060", name.as_str(), place.clone(), why),
                    Ok(true) => findings.proved("V-060", name.as_str(), place.clone()),
                    Ok(false) => {
                        let why = "no notice is here in which the originator's node brought its approval: only this node says that \
                                   it was signed";
                        findings.not_shown("V-060", name.as_str(), place.clone(), why);
                    }
                },
            }
            let (code, held) = match &told.act {
                Act::PassageVerified { .. } => ("V-061", chain(part, &told.act).map(|()| Weighed::Holds)),
                Act::PassageTold { hop, statement, .. } => {
                    ("V-062", word(parts, part, (hop, &part.known.node), statement, None))
                }
                Act::PassageMirrored { hop, statement, notice, from, .. } => {
                    ("V-062", word(parts, part, (hop, from), statement, Some(notice)))
                }
                _ => continue,
            };
            match held {
                Ok(Weighed::Holds) => findings.proved(code, name.as_str(), place),
                Ok(Weighed::Lost) => findings.lost(code, name.as_str(), place, LOST),
                Ok(Weighed::NotShown(why)) => findings.not_shown(code, name.as_str(), place, why),
                Err(why) => findings.failed(code, name.as_str(), place, why),
            }
        }
    }
}

/// Whether a notice is one that an act of a passage cites, or that brought the approval of one.
pub(super) fn cites(part: &Part, digest: &Digest, notice: &Signed) -> bool {
    let brought = notice.dangerously_unverified::<Notice>().ok();
    let brought = brought.and_then(|it| Signed::from_bytes(&it.body.statement).ok()).map(|it| it.digest());
    part.acts().any(|act| match act {
        Act::PassageVerified { notice, .. } | Act::PassageMirrored { notice, .. } => notice == digest,
        Act::PassageOwed { consent, .. } => brought == Some(*consent),
        _ => false,
    })
}

/// The statements that an act of a passage cites.
pub(super) fn papers_of(act: &Act) -> Vec<&Digest> {
    match act {
        Act::PassageOwed { consent, .. } => vec![consent],
        Act::PassageVerified { package, consent, notice, receipt, .. } => {
            vec![package, consent, notice, receipt]
        }
        Act::PassageTold { statement, .. } => vec![statement],
        Act::PassageMirrored { hop, statement, notice, .. } => {
            [statement, notice].into_iter().chain(&hop.consent).collect()
        }
        _ => Vec::new(),
    }
}

/// The digest of the sealed item, as the act says by which it came or was added here.
fn item_digest(part: &Part, by: Option<attache_accord::DispatchId>) -> Option<Digest> {
    part.acts().find_map(|act| match (act, by) {
        (Act::ArrivalVerified { dispatch, item_digest, .. }, Some(by)) if *dispatch == by => {
            Some(*item_digest)
        }
        (Act::ItemAdded { item_digest, .. }, None) => Some(*item_digest),
        _ => None,
    })
}

/// The approval that an act rests on; `None` for acts that rest on none.
fn wanted<'a>(part: &'a Part, act: &'a Act, at: Timestamp) -> Option<Result<Wanted<'a>, String>> {
    let no_item = || "the act by which the item came is not here".to_owned();
    Some(match act {
        Act::PassageOwed { consent, origin, dispatch, .. } => {
            let recipient = part.acts().find_map(|act| match act {
                Act::DispatchOwed { dispatch: owed, recipient, .. } if owed == dispatch => Some(recipient),
                _ => None,
            });
            let party = recipient.and_then(|node| signed_under(part, node, at).ok());
            let party = party.map(|(_, card)| card.party);
            let hub = &part.known.node;
            item_digest(part, Some(*origin))
                .map(|item_digest| Wanted { consent, item_digest, hub, party, at })
                .ok_or_else(no_item)
        }
        Act::PassageVerified { dispatch, consent, .. } => {
            let hub = part.acts().find_map(|act| match act {
                Act::ArrivalVerified { dispatch: came, from, .. } if came == dispatch => Some(from),
                _ => None,
            });
            let party = Some(part.known.card.party);
            match (item_digest(part, Some(*dispatch)), hub) {
                (Some(item_digest), Some(hub)) => Ok(Wanted { consent, item_digest, hub, party, at }),
                _ => Err(no_item()),
            }
        }
        Act::PassageMirrored { hop: Hop { consent: Some(consent), party, .. }, from, .. } => {
            item_digest(part, None)
                .map(|item_digest| Wanted { consent, item_digest, hub: from, party: Some(*party), at })
                .ok_or_else(no_item)
        }
        _ => return None,
    })
}

/// Whether the approval says what it must, and is shown to be its originator's.
fn approval(parts: &Parts, part: &Part, wanted: &Wanted<'_>) -> Result<bool, String> {
    let signed = part.statements.get(wanted.consent).ok_or("the approval that it rests on is not here")?;
    let said = signed.dangerously_unverified::<papers::Consent>().map_err(|error| error.to_string())?;
    let Consent { item_digest, to, step, .. } = &said.body.consent;
    let Step::Given { what: Approved::ThirdParty(party), until } = step else {
        return Err("what it rests on approves no third party".to_owned());
    };
    let is_for_it = *item_digest == wanted.item_digest
        && to == wanted.hub
        && wanted.party.is_none_or(|wanted| wanted == *party)
        && said.head.at <= wanted.at;
    if !is_for_it {
        return Err("the approval is of another item, for another hub or another Party".to_owned());
    }
    // What the hub tells later was begun while it was in force, and its own part shows that.
    let is_told = wanted.hub != &part.known.node && wanted.party != Some(part.known.card.party);
    if !is_told && until.is_some_and(|until| until <= wanted.at) {
        return Err("the approval had lapsed".to_owned());
    }
    Ok(parts.values().any(|part| is_noticed(part, wanted.consent)))
}

/// Whether a notice is in this part that brought the statement under its node's key, and vouches for the key of who signed it.
fn is_noticed(part: &Part, statement: &Digest) -> bool {
    let notices = part.statements.values().filter(|signed| signed.name() == Notice::NAME);
    let brings = |notice: &Signed| -> Result<bool, String> {
        let claimed = notice.dangerously_unverified::<Notice>().map_err(|error| error.to_string())?;
        let from: NodeName = claimed.head.signer.parse().map_err(|_| "signed in no node's name")?;
        let (signer, card) = signed_under(part, &from, claimed.head.at)?;
        let opened = notice.open::<Notice>(&card.node_key, &signer.expect());
        let Notice { statement: inner, verifying } = opened.map_err(|error| error.to_string())?.body;
        let inner = Signed::from_bytes(&inner).map_err(|error| error.to_string())?;
        let is_it = inner.digest() == *statement && from != part.known.node;
        Ok(is_it && inner.open::<papers::Consent>(&verifying, &signer.expect()).is_ok())
    };
    notices.into_iter().any(|notice| brings(notice).unwrap_or(false))
}

/// That the recipient was shown the originator's package of the very item, and the hub's receipt for it.
fn chain(part: &Part, act: &Act) -> Result<(), String> {
    let Act::PassageVerified { dispatch, origin, package, receipt, level, .. } = act else { return Ok(()) };
    let here = |digest: &Digest| part.statements.get(digest).ok_or("a link of the chain is not here");
    let arrived = part.acts().find_map(|act| match act {
        Act::ArrivalVerified { dispatch: came, from, item_digest, label, .. } if came == dispatch => {
            Some((from, item_digest, label))
        }
        _ => None,
    });
    let (hub, item_digest, label) = arrived.ok_or("the arrival that it is of is not here")?;
    let signed = here(package)?;
    let claimed = signed.dangerously_unverified::<Package>().map_err(|error| error.to_string())?;
    let (signer, card) = signed_under(part, origin, claimed.head.at)?;
    let opened = signed.open::<Package>(&card.label_key, &signer.expect());
    let body = opened.map_err(|error| error.to_string())?.body;
    if (&body.sender, &body.recipient) != (origin, hub)
        || (&body.item_digest, &body.label_digest) != (item_digest, label)
    {
        return Err("the originator's package is of another item, or for another hub".to_owned());
    }
    let signed = here(receipt)?;
    let claimed = signed.dangerously_unverified::<Receipt>().map_err(|error| error.to_string())?;
    let (signer, card) = signed_under(part, hub, claimed.head.at)?;
    let opened = signed.open::<Receipt>(&card.node_key, &signer.expect());
    let body = opened.map_err(|error| error.to_string())?.body;
    if body.package != *package || body.own_level.as_ref().is_some_and(|own| own != level) {
        return Err("the hub's receipt is for another package, or says another level".to_owned());
    }
    Ok(())
}

/// That the hub said what the act says, and that a receipt that it shows is the recipient's, for the originator's package.
fn word(
    parts: &Parts,
    part: &Part,
    (hop, hub): (&Hop, &NodeName),
    statement: &Digest,
    notice: Option<&Digest>,
) -> Result<Weighed, String> {
    let signed = part.statements.get(statement).ok_or("the hub's signed word is not here")?;
    let claimed = signed.dangerously_unverified::<papers::Hop>().map_err(|error| error.to_string())?;
    let (signer, card) = signed_under(part, hub, claimed.head.at)?;
    let opened = signed.open::<papers::Hop>(&card.node_key, &signer.expect());
    let papers::Hop { hop: said, receipt } = opened.map_err(|error| error.to_string())?.body;
    if said != *hop || claimed.head.signer != hub.as_str() {
        return Err("the hub's signed word says something else".to_owned());
    }
    if let Some(notice) = notice {
        let notice = part.statements.get(notice).ok_or("the notice that brought it is not here")?;
        let claimed = notice.dangerously_unverified::<Notice>().map_err(|error| error.to_string())?;
        let (signer, card) = signed_under(part, hub, claimed.head.at)?;
        let opened = notice.open::<Notice>(&card.node_key, &signer.expect());
        let brought = Signed::from_bytes(&opened.map_err(|error| error.to_string())?.body.statement);
        if brought.map_err(|error| error.to_string())?.digest() != *statement {
            return Err("the notice brought another statement".to_owned());
        }
    }
    let (Fate::Receipted { receipt: digest, level }, Some(bytes)) = (&hop.fate, receipt) else {
        return Ok(Weighed::Holds);
    };
    let signed = Signed::from_bytes(&bytes).map_err(|error| error.to_string())?;
    let claimed = signed.dangerously_unverified::<Receipt>().map_err(|error| error.to_string())?;
    let (signer, card) = signed_under(part, &hop.recipient, claimed.head.at)?;
    let opened = signed.open::<Receipt>(&card.node_key, &signer.expect());
    let body = opened.map_err(|error| error.to_string())?.body;
    let is_it = signed.digest() == *digest
        && claimed.head.signer == hop.recipient.as_str()
        && body.origin == Some(hop.package)
        && body.own_level == *level;
    if !is_it {
        return Err("the receipt is not the recipient's for the originator's package".to_owned());
    }
    let theirs = admitted(parts.get(&hop.recipient), digest, claimed.head.at, &body);
    theirs.ok_or_else(|| "the leaf that the receipt names is no admission at the recipient".to_owned())
}
