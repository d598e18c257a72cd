//! Exercises through a hub: three sites under the arrangement of 2014. Seoul and Tokyo give to Washington, approve that it passes on,
//! and withdraw; Washington passes on, or decides against it, or is not there.
//!
//! *Absent:* a hub that lies. These nodes are honest, and the saboteur owns what lies between them and their disks.

use super::{Found, Run, World, played, seoul, tokyo};
use crate::site::Nation;
use attache_accord::consent::{Consent, Step};
use attache_accord::dispatch::Progress;
use attache_accord::item::Stage;
use attache_accord::particulars::Approved;
use attache_accord::view::View;
use attache_accord::{Digest, ItemId, NodeName, Party};
use attache_node::fault::Failure;
use attache_release::Pack;
use attache_store::MemoryDisk;

/// So long everybody waits in the end, in milliseconds: longer than a hub may be silent.
pub(super) const SILENCE_MILLIS: u64 = 8 * 24 * 3_600_000;
/// Most approvals that are withdrawn in one run.
const MAX_WITHDRAWALS: usize = 2;

/// The hub last.
static HUB: [Nation; 3] = [
    seoul(Pack::tisa_2014),
    tokyo(Pack::tisa_2014),
    Nation {
        node: "washington.usa",
        party: "USA",
        level: "USA:SECRET",
        own_level: "USA:SECRET",
        kind: "document",
        pack: Pack::tisa_2014,
    },
];

/// Runs the exercise of `seed` with three nodes, of which one is a hub.
///
/// # Errors
/// As [`run`](super::run).
pub fn run_through_hub(seed: u64, steps: usize) -> Result<Run, Found> {
    played(World::of(HUB.iter(), seed, MemoryDisk::new), seed, steps, false)
}

/// What somebody may do about a passage.
enum Act {
    /// The originator says it to the hub.
    Say(Consent),
    /// The hub asks for the release of an item to a node.
    Ask(ItemId, NodeName),
}

impl World {
    pub(super) fn has_hub(&self) -> bool {
        self.sites.len() > 2
    }

    /// Somebody at a site does something about a passage, if there is anything to do. At most one approval of each item, and one
    /// passage.
    pub(super) fn pass(&mut self, at: usize) -> Result<bool, Failure> {
        let hub = self.sites.len() - 1;
        let further: Vec<(NodeName, Party)> = {
            let view = self.sites[at].office()?.view.read();
            let known = self.sites.iter().filter_map(|site| view.peers.get(&site.name));
            known.map(|peer| (peer.node.clone(), peer.party)).collect()
        };
        let may_withdraw = self.withdrawals < MAX_WITHDRAWALS && self.rng.once_in(6);
        let act = {
            let view = self.sites[at].office()?.view.read();
            match at == hub {
                true => to_ask(&view, &further),
                false => to_say(&view, &self.sites[hub].name, &further, may_withdraw),
            }
        };
        match act {
            None => return Ok(false),
            Some(Act::Say(consent)) => {
                self.withdrawals += usize::from(matches!(consent.step, Step::Withdrawn { .. }));
                self.sites[at].say(consent, self.now)?;
            }
            Some(Act::Ask(ItemId(item), to)) => {
                let case = self.rng.id();
                self.sites[at].ask_release((item, case), &to, self.now)?;
            }
        }
        Ok(true)
    }
}

/// The first item that the hub has and that no word was said about; or an approval to withdraw.
fn to_say(view: &View, hub: &NodeName, further: &[(NodeName, Party)], withdraws: bool) -> Option<Act> {
    let (_, to) = further.iter().find(|(node, _)| node != hub)?;
    let said = |item_digest: Digest, step| Consent {
        item_digest,
        to: hub.clone(),
        step,
        document: "letter 1 (fictitious)".to_owned(),
    };
    if withdraws {
        let own = view.consents.iter().filter(|word| word.by.is_some() && word.ended.is_none());
        let given = own.filter(|word| matches!(word.consent.step, Step::Given { .. }));
        let oldest = given.min_by_key(|word| word.statement)?;
        let step = Step::Withdrawn { approval: oldest.statement };
        return Some(Act::Say(said(oldest.consent.item_digest, step)));
    }
    let there = view.dispatches.all_sent().filter(|sent| {
        matches!(sent.progress, Progress::Stored | Progress::Receipted { .. }) && sent.recipient == *hub
    });
    let items = there.filter_map(|sent| view.items.get(&sent.item));
    let silent = items.map(|item| item.item_digest).find(|digest| view.consents.about(digest).is_empty())?;
    Some(Act::Say(said(silent, Step::Given { what: Approved::ThirdParty(*to), until: None })))
}

/// The first received item that may go on and was not asked for.
fn to_ask(view: &View, further: &[(NodeName, Party)]) -> Option<Act> {
    let mut received = view.items.iter().filter_map(|item| match &item.stage {
        Stage::Admitted { from, .. } => Some((item, from)),
        _ => None,
    });
    received.find_map(|(item, from)| {
        let is_asked = view.dispatches.cases().any(|case| case.item == item.id);
        let approves = |it: &attache_accord::consent::Word| {
            it.ended.is_none() && matches!(it.consent.step, Step::Given { .. })
        };
        let is_approved = view.consents.about(&item.item_digest).iter().any(approves);
        let (to, _) = further.iter().find(|(node, _)| node != from)?;
        (!is_asked && is_approved).then(|| Act::Ask(item.id, to.clone()))
    })
}
