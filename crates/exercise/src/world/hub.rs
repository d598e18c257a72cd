//! Exercises through a hub: three sites under the arrangement of 2014. Seoul and Tokyo give to Washington, approve that it passes on,
//! and withdraw; Washington passes on, or decides against it, or is not there. Or Washington carries letters between the two and reads
//! none of them, and all that it comes to hold is searched for what is in them.
//!
//! *Absent:* a hub that lies. These nodes are honest, and the saboteur owns what lies between them and their disks.

use super::{Found, Played, Run, World, played, seoul, taken_after, tokyo};
use crate::net::{End, Wire};
use crate::site::Nation;
use crate::umpire::Foul;
use crate::watch::Watch;
use attache_accord::consent::{Consent, Step};
use attache_accord::dispatch::Progress;
use attache_accord::item::Stage;
use attache_accord::particulars::Approved;
use attache_accord::view::View;
use attache_accord::{Digest, ItemId, NodeName, Party};
use attache_node::evidence::Extent;
use attache_node::fault::{Failure, Fault};
use attache_release::Pack;
use attache_store::MemoryDisk;
use std::collections::BTreeSet;

/// So long everybody waits in the end, in milliseconds: longer than a hub may be silent.
pub(super) const SILENCE_MILLIS: u64 = 8 * 24 * 3_600_000;
/// Most times that a world with letters is waited for.
const MAX_SILENCES: usize = 4;
/// Most approvals that are withdrawn in one run.
const MAX_WITHDRAWALS: usize = 2;

/// The hub last.
pub(super) static HUB: [Nation; 3] = nations(Pack::tisa_2014);
pub(super) static BLIND_HUB: [Nation; 3] = nations(Pack::tisa_2014_blind);

const fn nations(pack: fn() -> Pack) -> [Nation; 3] {
    let washington = Nation {
        node: "washington.usa",
        party: "USA",
        level: "USA:SECRET",
        own_level: "USA:SECRET",
        kind: "document",
        pack,
    };
    [seoul(pack), tokyo(pack), washington]
}

/// Runs the exercise of `seed` with three nodes, of which one is a hub.
///
/// # Errors
/// As [`run`](super::run).
pub fn run_through_hub(seed: u64, steps: usize) -> Result<Run, Found> {
    played(World::of_hub(&HUB, seed), seed, steps, false)
}

/// The same with a hub that carries letters and cannot read them.
///
/// # Errors
/// As [`run`](super::run).
pub fn run_through_blind_hub(seed: u64, steps: usize) -> Result<Run, Found> {
    played(World::of_hub(&BLIND_HUB, seed), seed, steps, false)
}

/// Runs the exercise with a hub that reads and takes the evidence of all three nodes into one folder.
///
/// # Errors
/// As [`run`](super::run).
pub fn evidence_through_hub(seed: u64, steps: usize, extent: Extent) -> Result<Played, Found> {
    taken_after(World::of_hub(&HUB, seed), seed, steps, |world| world.evidence(extent))
}

/// The same with a hub that carries letters.
///
/// # Errors
/// As [`run`](super::run).
pub fn evidence_through_blind_hub(seed: u64, steps: usize) -> Result<Played, Found> {
    taken_after(World::of_hub(&BLIND_HUB, seed), seed, steps, |world| world.evidence(Extent::Acts))
}

/// What somebody may do about a passage.
enum Act {
    /// The originator says it to the hub.
    Say(Consent),
    /// The hub asks for the release of an item to a node.
    Ask(ItemId, NodeName),
}

impl World {
    pub(super) fn of_hub(nations: &'static [Nation; 3], seed: u64) -> Result<Self, Failure> {
        let mut world = Self::of(nations.iter(), seed, MemoryDisk::new)?;
        for at in [nations.len() - 1, 0] {
            world.watches.push(Watch::begin(world.sites[at].office()?));
        }
        Ok(world)
    }

    pub(super) fn has_hub(&self) -> bool {
        self.sites.len() > 2
    }

    /// Whether the hub carries letters.
    pub(super) fn is_blind(&self) -> bool {
        self.has_hub() && self.sites[0].is_blind()
    }

    /// How often it is waited in the end until nobody may be silent any more: what a letter asked for may come in another one.
    pub(super) fn silences(&self) -> usize {
        match (self.has_hub(), self.is_blind()) {
            (_, true) => MAX_SILENCES,
            (has_hub, false) => usize::from(has_hub),
        }
    }

    /// Whoever is watched and was given something by this connection holds it.
    pub(super) fn overhear(&mut self, wire: &Wire) {
        for watch in &mut self.watches {
            for end in [End::Caller, End::Listener] {
                if *wire.site(end) == watch.name {
                    watch.given(&wire.given[end as usize]);
                }
            }
        }
    }

    /// The watch reads what is new.
    pub(super) fn watch(&mut self) -> Result<(), Failure> {
        for watch in &mut self.watches {
            let site = self.sites.iter().find(|site| site.name == watch.name);
            watch.read(site.ok_or(Fault::Missing("site"))?.office()?)?;
        }
        Ok(())
    }

    /// What must hold in the end: in all that a hub which cannot read came to hold, nothing is found of what it carried.
    pub(super) fn search(&mut self) -> Result<Result<(), Foul>, Failure> {
        for wire in std::mem::take(&mut self.wires) {
            self.overhear(&wire);
        }
        let ends = self.sites.len().min(2);
        let mut secrets = BTreeSet::new();
        for site in &self.sites[..ends] {
            secrets.extend(site.secrets()?);
        }
        for (watch, searched) in self.watches.iter_mut().zip(&mut self.searched) {
            let site = self.sites.iter_mut().find(|site| site.name == watch.name);
            let site = site.ok_or(Fault::Missing("site"))?;
            watch.given(&site.open_all(self.now)?);
            *searched = watch.search(&secrets);
        }
        if !self.is_blind() {
            return Ok(Ok(()));
        }
        let hub = &self.sites[ends];
        if hub.opens_a_letter()? {
            return Ok(Err(Foul(format!("{}: it opens a letter that it carries", hub.name))));
        }
        let found = self.searched[0].found.iter().find(|(_, [_, found])| *found > 0);
        let foul = found.map(|(what, _)| Foul(format!("{}: a {what} is found at a blind hub", hub.name)));
        Ok(foul.map_or(Ok(()), Err))
    }

    /// Somebody at a site does something about a passage, if there is anything to do. At most one approval of each item, and one
    /// passage.
    pub(super) fn pass(&mut self, at: usize) -> Result<bool, Failure> {
        let hub = self.sites.len() - 1;
        if self.is_blind() {
            return Ok(false);
        }
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

/// The first item that the hub has and that no word was said about; or an approval to withdraw. By the numbers of items, which are the
/// seed's: digests of what is signed are of keys that are new in each run.
fn to_say(view: &View, hub: &NodeName, further: &[(NodeName, Party)], withdraws: bool) -> Option<Act> {
    let (_, to) = further.iter().find(|(node, _)| node != hub)?;
    let said = |item_digest: Digest, step| Consent {
        item_digest,
        to: hub.clone(),
        step,
        document: "letter 1 (fictitious)".to_owned(),
    };
    if withdraws {
        let mut words = view.items.iter().flat_map(|item| view.consents.about(&item.item_digest));
        let given = words.find(|word| {
            word.by.is_some() && word.ended.is_none() && matches!(word.consent.step, Step::Given { .. })
        })?;
        let step = Step::Withdrawn { approval: given.statement };
        return Some(Act::Say(said(given.consent.item_digest, step)));
    }
    let there = view.dispatches.all_sent().filter(|sent| {
        matches!(sent.progress, Progress::Stored | Progress::Receipted { .. }) && sent.recipient == *hub
    });
    let items = there.filter_map(|sent| view.items.get(&sent.item));
    let silent = items.filter(|item| view.consents.about(&item.item_digest).is_empty());
    let first = silent.min_by_key(|item| item.id)?;
    Some(Act::Say(said(first.item_digest, Step::Given { what: Approved::ThirdParty(*to), until: None })))
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
