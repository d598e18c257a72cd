//! What an own person says to the partner about what is approved of an item: asks for it as its holder, or as its originator
//! approves, withdraws and declines (Art. 6(a), 6(c), 6(g)).
//!
//! *Absent:* the partner's words, which arrive by `notices`, and what rests on them, which is ruled when it is asked.

use super::{Misuse, Step, opened, state};
use crate::engine::Plan;
use attache_accord::Timestamp;
use attache_accord::act::Act;
use attache_accord::consent::{self, Consent};
use attache_accord::dispatch::{Dispatch, Progress};
use attache_accord::item::Item;
use attache_accord::particulars::Approved;
use attache_accord::party::Party;
use attache_accord::people::Role;
use attache_accord::view::{Unknown, View};
use attache_release::Pack;
use attache_seal::papers;
use attache_seal::statement::Signed;

/// Records a consent, which goes to the partner's node by itself.
///
/// # Errors
/// [`Misuse`] names the field and what is demanded first.
pub fn consent(view: &View, pack: &Pack, now: Timestamp, signed: &Signed) -> Result<Step, Misuse> {
    let (by, statement) = opened::<papers::Consent>(view, now, signed)?;
    let consent = statement.body.consent;
    let own = view.identity.as_ref().ok_or(Unknown::Unfounded)?.party;
    let peer = view.peers.get(&consent.to).ok_or_else(|| Unknown::Peer(consent.to.clone()))?;
    let person = view.person(&by)?;
    let item = view
        .items
        .iter()
        .find(|item| item.item_digest == consent.item_digest)
        .ok_or_else(|| state("item digest", "no such item here"))?;
    match &consent.step {
        consent::Step::Asked { .. } => {
            if !person.has(Role::DisclosureOfficer) && !person.has(Role::DeskOfficer) {
                return Err(state("signer", "a request needs the role desk-officer or disclosure-officer"));
            }
            if !view.originates_from(&consent.item_digest, &consent.to)
                || originator(item) != Some(peer.party)
            {
                return Err(state(
                    "item digest",
                    "an approval is asked of its originator, whose node sent it or gave it to the hub that did",
                ));
            }
        }
        step => {
            if !person.has(Role::DisclosureOfficer) {
                return Err(state(
                    "signer",
                    "an approval, and what becomes of it, needs the role disclosure-officer",
                ));
            }
            if originator(item) != Some(own) {
                return Err(state("item digest", "only its originator approves; ask the originator instead"));
            }
            // Before it has the item it could not know what this is about, and would refuse it.
            let has =
                |sent: &Dispatch| matches!(sent.progress, Progress::Stored | Progress::Receipted { .. });
            let was_sent = view.sent_to(&consent.item_digest, &consent.to).any(has);
            if !was_sent && !view.passed_to(&consent.item_digest, &consent.to) {
                return Err(state(
                    "to",
                    "that node has not stored the item; it is approved for a node that holds it",
                ));
            }
            if let consent::Step::Given { what, until } = step {
                if until.is_some_and(|until| until <= now) {
                    return Err(state("until", "an approval that has lapsed already approves nothing"));
                }
                suits(item, what, (own, peer.party), pack)?;
            }
        }
    }
    view.consents.admits(&consent, own, &consent.to)?;
    Ok(recorded(view, signed, consent, statement.head.at, by))
}

fn recorded(
    view: &View,
    signed: &Signed,
    consent: Consent,
    signed_at: Timestamp,
    by: attache_accord::PersonId,
) -> Step {
    let act = Act::ConsentMade { consent, signed_at, statement: signed.digest(), by };
    let mut plan = Plan::new(view, vec![act]);
    plan.paper(signed.to_bytes());
    Step { plan, ruling: None }
}

fn originator(item: &Item) -> Option<Party> {
    item.marked().map(|marked| marked.marking.originator())
}

/// Whether the originator can approve this of its item at all.
fn suits(item: &Item, what: &Approved, (own, holder): (Party, Party), pack: &Pack) -> Result<(), Misuse> {
    match what {
        Approved::ThirdParty(party) if *party == own || *party == holder => {
            Err(state("third party", "the originator and the holder are none"))
        }
        Approved::Downgrade(level) => {
            let table = &pack.terms().equivalence;
            let is_lower =
                item.own_level().is_some_and(|now| table.covers(now, level) && !table.covers(level, now));
            if is_lower {
                Ok(())
            } else {
                Err(state("downgrade", "a level of the own scheme, lower than the item has"))
            }
        }
        _ => Ok(()),
    }
}
