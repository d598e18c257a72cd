//! How the logs stand, for people: this node's own, with who cosigned how far, and the partners', with those that showed two
//! histories; and what a person decides on such a one.
//!
//! *Absent:* the comparison of checkpoints, which is `witness`'s.

use crate::desk::{Misuse, Step, state};
use crate::engine::Plan;
use crate::fault::Fault;
use crate::grounds::Grounds;
use crate::office::Office;
use crate::outside::Outside;
use crate::succession;
use attache_accord::act::{Act, Answer};
use attache_accord::agreement::OnOverdue;
use attache_accord::logs::{Decided, Forked, Succeeded};
use attache_accord::people::Role;
use attache_accord::view::View;
use attache_accord::{NodeName, PersonId, Timestamp};
use attache_custody::rest::Purpose;
use attache_store::{NewHead, Stream};
use attache_tlog::{Hash, VerifierKey};

/// How far a witness cosigned this node's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The size.
    pub size: u64,
    /// When, by the witness's clock.
    pub at: Timestamp,
}

/// A partner, as a witness of this node's log and as a log that this node witnesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Its node.
    pub node: NodeName,
    /// Whether its card names keys of a witness.
    pub is_witness: bool,
    /// How far it cosigned our log.
    pub cosigned: Option<Cosigned>,
    /// What it did not cosign of it.
    pub uncosigned: Option<Uncosigned>,
    /// The name of its log.
    pub origin: String,
    /// The size and root of its log that this node cosigned last.
    pub seen: Option<(u64, Hash)>,
    /// That its log showed two histories, if it ever did.
    pub forked: Option<Forked>,
    /// That its log lost entries and goes on under a new origin, if it ever did; the last time.
    pub succeeded: Option<Succeeded>,
}

/// A witness that is no partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideStanding {
    /// Its name.
    pub name: String,
    /// How far it cosigned our log.
    pub cosigned: Option<Cosigned>,
    /// What it did not cosign of it.
    pub uncosigned: Option<Uncosigned>,
}

/// How the logs stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The name of this node's log.
    pub origin: String,
    /// The size of the checkpoint published last; 0 before the first.
    pub published: u64,
    /// When that was; `None` where it was before this start.
    pub published_at: Option<Timestamp>,
    /// That it signed two histories, if that was ever proved here.
    pub forked: Option<Forked>,
    /// The partners.
    pub partners: Vec<Partner>,
    /// Witnesses that are none.
    pub witnesses: Vec<OutsideStanding>,
}

impl Standing {
    /// How far each witness of this node's log cosigned it, partner or not.
    pub fn cosigned(&self) -> impl Iterator<Item = Option<&Cosigned>> {
        let partners = self.partners.iter().filter(|partner| partner.is_witness);
        let outside = self.witnesses.iter().map(|witness| witness.cosigned.as_ref());
        partners.map(|partner| partner.cosigned.as_ref()).chain(outside)
    }
}

impl Office {
    /// How the logs stand.
    ///
    /// # Errors
    /// When the store fails.
    pub fn logs(&self) -> Result<Standing, Fault> {
        let nodes: Vec<NodeName> = self.view.read().peers.keys().cloned().collect();
        let partners: Result<Vec<_>, Fault> = nodes.into_iter().map(|node| self.partner_log(node)).collect();
        let outside = |witness: &Outside| {
            let cosigned = self.cosigned_far(witness.keys())?;
            let uncosigned = self.uncosigned_outside(witness, cosigned.as_ref().map(|far| far.size))?;
            Ok(OutsideStanding { name: witness.name().to_owned(), cosigned, uncosigned })
        };
        let witnesses: Result<Vec<_>, Fault> = self.outside.iter().map(outside).collect();
        Ok(Standing {
            origin: self.log_origin().to_string(),
            published: self.published_size(),
            published_at: self.published_at(),
            forked: self.view.read().logs.get(&self.identity.node).cloned(),
            partners: partners?,
            witnesses: witnesses?,
        })
    }

    fn partner_log(&self, node: NodeName) -> Result<Partner, Fault> {
        let card = self.card_of(&node)?.ok_or(Fault::Missing("card"))?;
        let keys = card.witness_keys();
        let cosigned = self.cosigned_far(&keys)?;
        let far = cosigned.as_ref().map(|far| far.size);
        let uncosigned = self.uncosigned_of(&node, &keys, far)?;
        let (origin, _) = self.log_of(&node, &card)?;
        let seen = self.seen(&node, &origin)?;
        let succeeded = self.view.read().logs.succeeded(&node).last().cloned();
        let forked = self.view.read().logs.get(&node).cloned();
        Ok(Partner {
            node,
            is_witness: !keys.is_empty(),
            cosigned,
            uncosigned,
            origin,
            seen,
            forked,
            succeeded,
        })
    }

    fn cosigned_far(&self, keys: &[VerifierKey]) -> Result<Option<Cosigned>, Fault> {
        let cosigned = self.cosigned_by(keys)?;
        let far =
            |(size, seconds): (u64, u64)| Cosigned { size, at: Timestamp(seconds.saturating_mul(1000)) };
        Ok(cosigned.map(far))
    }
}

/// Code of the incident that it is when a witness stays away for longer than agreed. It names nobody: one that is on record stands for
/// every witness that was overdue by then, and for none that became so later.
pub const COSIGNATURE_OVERDUE: &str = "I-009";
/// So long after its start a node waits for witnesses that it could not ask while it was down, in milliseconds.
pub const START_GRACE_MILLIS: u64 = 5 * 60_000;

/// That a witness has not cosigned all of this node's log that is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uncosigned {
    /// The time of the first entry that was published and that it did not cosign.
    pub since: Timestamp,
    /// How long that may last under the agreement's terms.
    pub due: Timestamp,
}

/// That witnesses stay away for longer than agreed, which is not on record yet.
#[derive(Debug)]
pub struct Overdue {
    /// Who, by their names.
    pub witnesses: Vec<String>,
    /// What is to be recorded.
    pub plan: Plan,
}

impl Office {
    /// Who has not cosigned all of this node's log that is published, partner or not.
    ///
    /// # Errors
    /// When the store fails.
    pub fn uncosigned(&self) -> Result<Vec<(String, Uncosigned)>, Fault> {
        let nodes: Vec<NodeName> = self.view.read().peers.keys().cloned().collect();
        let mut missing = Vec::new();
        for node in nodes {
            let Some(card) = self.card_of(&node)? else { continue };
            let keys = card.witness_keys();
            let uncosigned = self.uncosigned_of(&node, &keys, self.cosigned_to(&keys)?)?;
            missing.extend(uncosigned.map(|uncosigned| (node.to_string(), uncosigned)));
        }
        for witness in self.outside.iter() {
            let uncosigned = self.uncosigned_outside(witness, self.cosigned_to(witness.keys())?)?;
            missing.extend(uncosigned.map(|uncosigned| (witness.name().to_owned(), uncosigned)));
        }
        Ok(missing)
    }

    /// The size of this node's log that was cosigned under these keys.
    fn cosigned_to(&self, keys: &[VerifierKey]) -> Result<Option<u64>, Fault> {
        Ok(self.cosigned_by(keys)?.map(|(size, _)| size))
    }

    /// Whoever is reached by a hub only is asked for nothing; the hub cosigns. Nor is a node whose card names no key for that.
    fn uncosigned_of(
        &self,
        node: &NodeName,
        keys: &[VerifierKey],
        cosigned: Option<u64>,
    ) -> Result<Option<Uncosigned>, Fault> {
        let peer = self.view.read().peers.get(node).map(|peer| (peer.party, peer.since));
        match peer {
            Some((party, since)) if !keys.is_empty() && !self.goes_by_hub(party) => {
                self.uncosigned_from(cosigned.unwrap_or(0), since)
            }
            _ => Ok(None),
        }
    }

    /// One that has never cosigned may have been named long after the first entry, and has its time from then on.
    fn uncosigned_outside(
        &self,
        witness: &Outside,
        cosigned: Option<u64>,
    ) -> Result<Option<Uncosigned>, Fault> {
        if let Some(size) = cosigned {
            return self.uncosigned_from(size, Timestamp::default());
        }
        match self.awaited_since(witness)? {
            Some(since) => self.uncosigned_from(0, since),
            None => Ok(None),
        }
    }

    /// When this node first ran with a witness outside under these keys. It is kept, or each start would give the witness its time anew.
    fn awaited_since(&self, witness: &Outside) -> Result<Option<Timestamp>, Fault> {
        let id = self.awaited_id(witness)?;
        let Some(kept) = self.papers.last_head(&id)? else { return Ok(None) };
        let millis = self.papers.rest().open(Purpose::Paper, id.as_str().as_bytes(), &kept.sealed)?;
        let millis = <[u8; 8]>::try_from(millis.as_slice()).map_err(|_| Fault::Altered("first wait"))?;
        Ok(Some(Timestamp(u64::from_be_bytes(millis))))
    }

    /// What keeps that it is `now`, once, of a witness that has never cosigned. It stands among the heads, under an id that no log has.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn await_outside(&self, witness: &Outside, now: Timestamp) -> Result<Option<Plan>, Fault> {
        if self.cosigned_by(witness.keys())?.is_some() || self.awaited_since(witness)?.is_some() {
            return Ok(None);
        }
        let log = self.awaited_id(witness)?;
        let millis = now.0.to_be_bytes();
        let sealed = self.papers.rest().seal(Purpose::Paper, log.as_str().as_bytes(), &millis)?;
        let head = NewHead { log, expected: 0, size: self.published_size(), sealed };
        Ok(Some(Plan { heads: vec![head], ..Plan::default() }))
    }

    fn awaited_id(&self, witness: &Outside) -> Result<Stream, Fault> {
        let mut ids: Vec<_> = witness.keys().iter().map(|key| format!("{:08x}", key.key_id())).collect();
        ids.sort();
        Ok(Stream::new(self.papers.rest().blind(&format!("awaited/{}/{}", witness.name(), ids.join(","))))?)
    }

    /// What a witness that cosigned as many entries has not; `accepted` is when the node came to know it.
    fn uncosigned_from(&self, cosigned: u64, accepted: Timestamp) -> Result<Option<Uncosigned>, Fault> {
        if cosigned >= self.published_size() {
            return Ok(None);
        }
        let hours = self.pack.terms().cosignature_hours;
        let since = self.papers.entry(cosigned)?.map(|first| first.at.max(accepted));
        Ok(since.map(|since| Uncosigned { since, due: since.plus_hours(hours) }))
    }

    /// Looks whether a witness stays away for longer than the agreement's terms allow, and holds new releases where they say so. What
    /// is to be recorded: once for each time that one does, whoever else is away. After a start they have a short time to answer; what
    /// was on record before holds at once, or a restart would end it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn watch_witnesses(&self, now: Timestamp) -> Result<Option<Overdue>, Fault> {
        let mut overdue = self.uncosigned()?;
        overdue.retain(|(_, uncosigned)| uncosigned.due <= now);
        let has_begun = self.watched_since(now).plus_millis(START_GRACE_MILLIS) <= now;
        let view = self.view.read();
        let raised = view.raised.get(COSIGNATURE_OVERDUE);
        let (new, told): (Vec<_>, Vec<_>) =
            overdue.into_iter().partition(|(_, uncosigned)| raised.is_none_or(|at| *at < uncosigned.due));
        let new = if has_begun { new } else { Vec::new() };
        let is_any = !new.is_empty() || !told.is_empty();
        self.hold(is_any && self.pack.terms().on_overdue == OnOverdue::Hold);
        if new.is_empty() {
            return Ok(None);
        }
        let act = Act::IncidentRaised { code: COSIGNATURE_OVERDUE.to_owned(), dispatch: None };
        let witnesses = new.into_iter().map(|(witness, _)| witness).collect();
        Ok(Some(Overdue { witnesses, plan: Plan::new(&view, vec![act]) }))
    }
}

/// A person of the agreement office decides on a partner's log that showed two histories: to believe it again, from whatever it
/// shows next, or not; and on one that lost entries: to follow it under its new origin, or not. What it rests on is the partner's word, by another way.
///
/// # Errors
/// [`Misuse`] names the field.
pub fn decide(
    view: &View,
    by: &PersonId,
    node: &NodeName,
    answer: Answer,
    grounds: &Grounds,
) -> Result<Step, Misuse> {
    if !view.person(by)?.has(Role::AgreementOffice) {
        return Err(state("signer", "this needs the role agreement-office"));
    }
    let forked = view.logs.get(node);
    let is_open = forked.is_some_and(|forked| forked.decided == Decided::Open);
    // Each is decided by itself, and first what shows two histories.
    if !is_open && view.logs.succeeded(node).last().is_some_and(|last| last.decided != Decided::Believed) {
        let plan = succession::decide(view, by, node, answer, grounds)?;
        return Ok(Step { plan, ruling: None });
    }
    let forked =
        forked.ok_or_else(|| state("node", "its log showed neither two histories nor a loss here"))?;
    match (forked.decided, answer) {
        (Decided::Believed, _) => Err(state("node", "its log is believed again already")),
        (Decided::Refused, Answer::Refuse) => Err(state("node", "its log is refused already")),
        // What was said of a succession is no word about a fork that came meanwhile.
        _ if grounds.succession.is_some() => Err(state("node", "it showed two histories meanwhile")),
        _ => {
            let (node, proof, basis, by) = (node.clone(), forked.proof, grounds.basis.clone(), by.clone());
            let decided = Act::LogDecided { node, proof, answer, basis, by };
            Ok(Step { plan: Plan::new(view, vec![decided]), ruling: None })
        }
    }
}
