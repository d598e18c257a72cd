//! What was passed on: the originator's approval behind it, the chain that the recipient was shown, and what the hub told the
//! originator, with the recipient's own receipt.
//!
//! *Absent:* the keys of the originator's own people, which stand on no card: their approval is shown by the notice in which their node
//! brought it, at the hub's or at the recipient's part.

use crate::held::{Held, LOST, NO_CARD, Weighed, admitted};
use crate::report::Findings;
use attache_accord::act::Act;
use attache_accord::consent::{Consent, Step};
use attache_accord::particulars::Approved;
use attache_accord::passage::{Fate, Hop};
use attache_accord::{Digest, DispatchId, ItemId, NodeName, Party, Timestamp};
use attache_seal::papers::{self, Notice, Package, Receipt};
use attache_seal::statement::{Body, Signed};
use std::collections::BTreeMap;

/// What an approval must say.
struct Wanted<'a> {
    consent: &'a Digest,
    item_digest: Digest,
    /// Whose item it is: nobody else's node brings its approval.
    origin: &'a NodeName,
    hub: &'a NodeName,
    /// The Party that it is for, where that is known here.
    party: Option<Party>,
    /// When it must be in force.
    at: Timestamp,
}

/// Checks every passage on record.
pub(crate) fn check<H: Held>(parts: &BTreeMap<NodeName, H>, findings: &mut Findings) {
    let notices = notices(parts);
    for (name, part) in parts {
        let ways = Ways::of(part);
        for told in part.acts() {
            let place = Some(format!("act {}", told.index));
            match wanted((part, &ways), &told.act, told.at) {
                None => {}
                Some(Err(why)) => findings.failed("V-060", name.as_str(), place.clone(), why),
                Some(Ok(wanted)) => match approval(&notices, part, &wanted) {
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
                Act::PassageVerified { .. } => ("V-061", chain(parts, (part, &ways), &told.act)),
                Act::PassageTold { hop, statement, .. } => {
                    ("V-062", word(parts, part, (hop, &part.known().node), statement, None))
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
pub(crate) fn cites(part: &impl Held, digest: &Digest, notice: &Signed) -> bool {
    let brought = brought(notice).map(|it| it.digest());
    part.acts().any(|told| match &told.act {
        Act::PassageVerified { notice, .. } | Act::PassageMirrored { notice, .. } => notice == digest,
        Act::PassageOwed { consent, .. } => brought == Some(*consent),
        _ => false,
    })
}

/// The statements that an act of a passage cites.
pub(crate) fn papers_of(act: &Act) -> Vec<&Digest> {
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

/// How items came to a node and went from it, by dispatch, and which items are its own.
#[derive(Default)]
struct Ways<'a> {
    /// From whom, the digest of the sealed item and that of its label.
    came: BTreeMap<DispatchId, (&'a NodeName, &'a Digest, &'a Digest)>,
    went: BTreeMap<DispatchId, (&'a ItemId, &'a NodeName)>,
    own: BTreeMap<&'a ItemId, Digest>,
}

impl<'a> Ways<'a> {
    fn of(part: &'a impl Held) -> Self {
        let mut ways = Self::default();
        for told in part.acts() {
            match &told.act {
                Act::ArrivalVerified { dispatch, from, item_digest, label, .. } => {
                    ways.came.insert(*dispatch, (from, item_digest, label));
                }
                Act::DispatchOwed { dispatch, item, recipient, .. } => {
                    ways.went.insert(*dispatch, (item, recipient));
                }
                Act::ItemAdded { item, item_digest, .. } => drop(ways.own.insert(item, *item_digest)),
                _ => {}
            }
        }
        ways
    }

    /// The digest of the own item that went out by that dispatch.
    fn sent(&self, dispatch: &DispatchId) -> Option<Digest> {
        self.own.get(self.went.get(dispatch)?.0).copied()
    }
}

/// The notices of all parts by what they say that they bring, each with the part that has it.
type Notices<'a, H> = BTreeMap<Digest, Vec<(&'a H, &'a Signed)>>;

fn notices<H: Held>(parts: &BTreeMap<NodeName, H>) -> Notices<'_, H> {
    let mut all = Notices::new();
    for part in parts.values() {
        for notice in part.papers().values().filter(|signed| signed.name() == Notice::NAME) {
            if let Some(brought) = brought(notice) {
                all.entry(brought.digest()).or_default().push((part, notice));
            }
        }
    }
    all
}

/// What a notice says that it brings.
pub(crate) fn brought(notice: &Signed) -> Option<Signed> {
    let claimed = notice.dangerously_unverified::<Notice>().ok()?;
    Signed::from_bytes(&claimed.body.statement).ok()
}

/// The approval that an act rests on; `None` for acts that rest on none.
fn wanted<'a>(
    (part, ways): (&'a impl Held, &Ways<'a>),
    act: &'a Act,
    at: Timestamp,
) -> Option<Result<Wanted<'a>, String>> {
    let found = match act {
        Act::PassageOwed { consent, origin, dispatch, .. } => {
            let both = ways.came.get(origin).zip(ways.went.get(dispatch));
            let hub = &part.known().node;
            both.map(|((origin, item_digest, _), (_, recipient))| {
                let party = part.party(recipient, at);
                Wanted { consent, item_digest: **item_digest, origin, hub, party, at }
            })
        }
        Act::PassageVerified { dispatch, consent, origin, .. } => {
            let party = Some(part.known().card.party);
            let came = ways.came.get(dispatch);
            came.map(|(hub, item_digest, _)| Wanted {
                consent,
                item_digest: **item_digest,
                origin,
                hub,
                party,
                at,
            })
        }
        Act::PassageMirrored { hop: hop @ Hop { consent: Some(consent), party, .. }, from, .. } => {
            let sent = ways.sent(&hop.dispatch);
            let (origin, party) = (&part.known().node, Some(*party));
            sent.map(|item_digest| Wanted { consent, item_digest, origin, hub: from, party, at })
        }
        _ => return None,
    };
    Some(found.ok_or_else(|| "the act by which the item came or went is not here".to_owned()))
}

/// Whether the approval says what it must, and is shown to be its originator's.
fn approval<H: Held>(notices: &Notices<'_, H>, part: &H, wanted: &Wanted<'_>) -> Result<bool, String> {
    let signed = part.papers().get(wanted.consent).ok_or("the approval that it rests on is not here")?;
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
    let is_told = wanted.hub != &part.known().node && wanted.party != Some(part.known().card.party);
    if !is_told && until.is_some_and(|until| until <= wanted.at) {
        return Err("the approval had lapsed".to_owned());
    }
    let mut notices = notices.get(wanted.consent).into_iter().flatten();
    Ok(notices.any(|(part, notice)| is_brought(*part, notice, wanted.origin).unwrap_or(false)))
}

/// Whether a notice of this part brought an approval under the key of its originator's node, and vouches for the key of who signed it.
fn is_brought(part: &impl Held, notice: &Signed, origin: &NodeName) -> Result<bool, String> {
    let claimed = notice.dangerously_unverified::<Notice>().map_err(|error| error.to_string())?;
    if claimed.head.signer != origin.as_str() || *origin == part.known().node {
        return Ok(false);
    }
    let opened = part.opened::<Notice>(origin, notice, |card| &card.node_key)?;
    let inner = Signed::from_bytes(&claimed.body.statement).map_err(|error| error.to_string())?;
    let expect = part.known().expect();
    Ok(opened.is_some_and(|notice| inner.open::<papers::Consent>(&notice.body.verifying, &expect).is_ok()))
}

/// That the recipient was shown the originator's package of the very item, and the hub's receipt for it.
fn chain<H: Held>(
    parts: &BTreeMap<NodeName, H>,
    (part, ways): (&H, &Ways<'_>),
    act: &Act,
) -> Result<Weighed, String> {
    let Act::PassageVerified { dispatch, origin, package, receipt, level, .. } = act else {
        return Ok(Weighed::Holds);
    };
    let here = |digest: &Digest| part.papers().get(digest).ok_or("a link of the chain is not here");
    let came = ways.came.get(dispatch).copied();
    let (hub, item_digest, label) = came.ok_or("the arrival that it is of is not here")?;
    let Some(opened) = part.opened::<Package>(origin, here(package)?, |card| &card.label_key)? else {
        return Ok(Weighed::NotShown(NO_CARD));
    };
    let body = opened.body;
    if (&body.sender, &body.recipient) != (origin, hub)
        || (&body.item_digest, &body.label_digest) != (item_digest, label)
    {
        return Err("the originator's package is of another item, or for another hub".to_owned());
    }
    let Some(opened) = part.opened::<Receipt>(hub, here(receipt)?, |card| &card.node_key)? else {
        return Ok(Weighed::NotShown(NO_CARD));
    };
    let (at, body) = (opened.head.at, opened.body);
    if body.package != *package || body.own_level.as_ref().is_some_and(|own| own != level) {
        return Err("the hub's receipt is for another package, or says another level".to_owned());
    }
    let theirs = admitted(parts.get(hub), receipt, at, &body);
    theirs.ok_or_else(|| "the leaf that the hub's receipt names is no admission at the hub".to_owned())
}

/// That the hub said what the act says, and that a receipt that it shows is the recipient's, for the originator's package.
fn word<H: Held>(
    parts: &BTreeMap<NodeName, H>,
    part: &H,
    (hop, hub): (&Hop, &NodeName),
    statement: &Digest,
    notice: Option<&Digest>,
) -> Result<Weighed, String> {
    let signed = part.papers().get(statement).ok_or("the hub's signed word is not here")?;
    let Some(opened) = part.opened::<papers::Hop>(hub, signed, |card| &card.node_key)? else {
        return Ok(Weighed::NotShown(NO_CARD));
    };
    let papers::Hop { hop: said, receipt } = opened.body;
    if said != *hop || opened.head.signer != hub.as_str() {
        return Err("the hub's signed word says something else".to_owned());
    }
    if let Some(notice) = notice {
        let notice = part.papers().get(notice).ok_or("the notice that brought it is not here")?;
        let Some(opened) = part.opened::<Notice>(hub, notice, |card| &card.node_key)? else {
            return Ok(Weighed::NotShown(NO_CARD));
        };
        let brought = Signed::from_bytes(&opened.body.statement);
        if brought.map_err(|error| error.to_string())?.digest() != *statement {
            return Err("the notice brought another statement".to_owned());
        }
    }
    let (Fate::Receipted { receipt: digest, level }, Some(bytes)) = (&hop.fate, receipt) else {
        return Ok(Weighed::Holds);
    };
    let signed = Signed::from_bytes(&bytes).map_err(|error| error.to_string())?;
    let Some(opened) = part.opened::<Receipt>(&hop.recipient, &signed, |card| &card.node_key)? else {
        return Ok(Weighed::NotShown(NO_CARD));
    };
    let (head, body) = (opened.head, opened.body);
    let is_it = signed.digest() == *digest
        && head.signer == hop.recipient.as_str()
        && body.origin == Some(hop.package)
        && body.own_level == *level;
    if !is_it {
        return Err("the receipt is not the recipient's for the originator's package".to_owned());
    }
    let theirs = admitted(parts.get(&hop.recipient), digest, head.at, &body);
    theirs.ok_or_else(|| "the leaf that the receipt names is no admission at the recipient".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::cards::samples::{self, AT};
    use crate::item::Part;
    use attache_seal::pair::{Sign as _, SigningPair};

    #[test]
    fn an_approval_that_another_node_than_its_originators_brought_is_no_approval() {
        let [node, person] = [1, 2].map(|seed| SigningPair::from_seed_bytes(&[seed; 64]).unwrap());
        let known = |name: &str| samples::known(name, &node);
        let (acts, statements, proofs) = Default::default();
        let partners = ["seoul.kor", "washington.usa"].map(known).into();
        let mut tokyo = Part { known: known("tokyo.jpn"), size: 0, acts, statements, proofs, partners };
        let what = Approved::ThirdParty("JPN".parse().unwrap());
        let consent = Consent {
            item_digest: Digest([3; 32]),
            to: "washington.usa".parse().unwrap(),
            step: Step::Given { what, until: None },
            document: "letter 1".to_owned(),
        };
        let approval = samples::sealed(&person, papers::Consent { consent, words: String::new() });
        tokyo.statements.insert(approval.digest(), approval.clone());
        let origin: NodeName = "seoul.kor".parse().unwrap();
        let hub: NodeName = "washington.usa".parse().unwrap();
        let mut shown = |by: &str| {
            let verifying = person.verifying().clone();
            let body = Notice { statement: approval.to_bytes(), verifying };
            let notice = samples::sealed_by(by, &node, body);
            tokyo.statements.retain(|_, signed| signed.name() != Notice::NAME);
            tokyo.statements.insert(notice.digest(), notice);
            let all = notices_of(&tokyo);
            let party = Some("JPN".parse().unwrap());
            let (consent, item_digest) = (&approval.digest(), Digest([3; 32]));
            let wanted = Wanted { consent, item_digest, origin: &origin, hub: &hub, party, at: AT };
            super::approval(&all, &tokyo, &wanted)
        };
        assert_eq!(shown("seoul.kor"), Ok(true), "the control");
        assert_eq!(shown("washington.usa"), Ok(false), "the hub itself");
    }

    fn notices_of(part: &Part) -> Notices<'_, Part> {
        let notices = part.statements.values().filter(|signed| signed.name() == Notice::NAME);
        notices.map(|notice| (brought(notice).unwrap().digest(), vec![(part, notice)])).collect()
    }
}
