//! Chores: what the node owes by itself, without a person: receipts to sign, packages to make, and what is late to be
//! raised. All of it follows from the folds, so a crash changes nothing of it.
//!
//! *Absent:* sending, which the exchange does, and decisions, which are people's.

use crate::engine::Plan;
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::act::Act;
use attache_accord::destruction::CERTIFICATE_OVERDUE;
use attache_accord::dispatch::{Case, Given, PROMISE_BROKEN, RECEIPT_OVERDUE};
use attache_accord::letters::{Letter, Matter};
use attache_accord::obligation::Obligation;
use attache_accord::passage::PASSAGE_OVERDUE;
use attache_accord::{CaseId, DispatchId, NodeName, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// A chore that failed is left alone for so long, in milliseconds.
const RETRY_MILLIS: u64 = 30_000;
/// Packages are made together until their items pass this size, in bytes.
const MAX_TOGETHER_BYTES: u64 = 4 << 20;
/// Code of the incident that a partner's clock is, which differs too much to release.
pub const CLOCKS_APART: &str = "I-002";
/// Code of the incident that this node's own clock is, which stands before the last entry.
pub const CLOCK_BEHIND: &str = "I-003";

/// What is to be done next.
enum Chore {
    Sign(DispatchId, Box<Given>),
    Pack(Box<Case>),
    Raise(DispatchId),
    Broken(DispatchId),
    Tell(CaseId),
    Missed(DispatchId),
    Certificate(DispatchId),
    /// Sign what became of a letter here.
    Hop(Box<Letter>),
    /// Sign that a letter which was taken is given up.
    Loss(Box<Letter>),
    /// Write a message into a letter.
    Write(NodeName, Matter),
}

/// The chores of one node, with the ones that failed of late.
#[derive(Default)]
pub struct Chores {
    failed: BTreeMap<[u8; 16], Timestamp>,
}

/// That something is owed, with what took a look at more than the folds to see.
pub struct Owed {
    letters: Vec<(NodeName, Matter)>,
}

impl Chores {
    /// Whether anything is owed, which is quickly seen. What failed of late still is. Nothing is while this node's own card is not
    /// in force: nobody would believe what it signs, and a clock that is years ahead would date the journal for years.
    pub fn owed(office: &Office, now: Timestamp) -> Option<Owed> {
        if !office.own().in_force(now) {
            return None;
        }
        let letters = office.letters_owed(now).unwrap_or_else(|fault| {
            tracing::warn!(%fault, "what is owed by way of the hub cannot be looked up");
            Vec::new()
        });
        let view = office.view.read();
        let dispatches = &view.dispatches;
        let late = certificate_hours(office)
            .is_some_and(|hours| view.destructions.overdue(hours, now).next().is_some());
        let is_owed = late
            || !letters.is_empty()
            || dispatches.receipts_to_sign().next().is_some()
            || dispatches.packages_owed().next().is_some()
            || dispatches.overdue(now).next().is_some()
            || dispatches.broken_promises(now).next().is_some()
            || view.hops_owed().next().is_some()
            || office.missed_passages(&view, now).next().is_some()
            || view.letters.hops_to_sign().next().is_some()
            || view.letters.losses_to_sign(now).next().is_some();
        is_owed.then_some(Owed { letters })
    }

    /// The next chores, each as a plan to be committed, at most as many as there are `fresh` ids for dispatches; none when
    /// nothing is owed. They do not touch each other, so they may share one sync.
    ///
    /// A chore that cannot be done is logged, left alone for half a minute, and does not keep the others waiting.
    pub fn next(&mut self, office: &Office, fresh: &[DispatchId], now: Timestamp) -> Vec<Plan> {
        Self::owed(office, now).map_or_else(Vec::new, |owed| self.plans(&owed, office, fresh, now))
    }

    /// The same of what was seen to be owed.
    pub(crate) fn plans(
        &mut self,
        owed: &Owed,
        office: &Office,
        fresh: &[DispatchId],
        now: Timestamp,
    ) -> Vec<Plan> {
        self.failed.retain(|_, at| now.0 < at.0.saturating_add(RETRY_MILLIS));
        let mut plans = Vec::new();
        while plans.is_empty() {
            let chores = self.pick(owed, office, now, fresh.len());
            if chores.is_empty() {
                return plans;
            }
            for chore in chores {
                let Some(fresh) = fresh.get(plans.len()) else { return plans };
                match do_it(office, &chore, *fresh, now) {
                    Ok(plan) => plans.push(plan),
                    Err(fault) => {
                        tracing::warn!(%fault, chore = chore.name(), "a chore cannot be done now");
                        self.failed.insert(chore.id(), now);
                    }
                }
            }
        }
        plans
    }

    /// Receipts first, since a partner waits for them. Packages go on while their items are small together: making one reads
    /// the whole item, and the first should not wait for the last.
    fn pick(&self, owed: &Owed, office: &Office, now: Timestamp, most: usize) -> Vec<Chore> {
        let view = office.view.read();
        let dispatches = &view.dispatches;
        let is_free = |id: &[u8; 16]| !self.failed.contains_key(id);
        let sign = dispatches.receipts_to_sign().filter(|(id, _)| is_free(&id.0));
        let mut bytes = 0;
        let pack = dispatches.packages_owed().filter(|case| is_free(&case.id.0)).take_while(|case| {
            let has_room = bytes < MAX_TOGETHER_BYTES;
            bytes = view.items.get(&case.item).map_or(0, |item| item.size).saturating_add(bytes);
            has_room
        });
        let raise = dispatches.overdue(now).filter(|late| is_free(&late.id.0));
        let sign = sign.map(|(id, given)| Chore::Sign(*id, Box::new(given.clone())));
        let pack = pack.map(|case| Chore::Pack(Box::new(case.clone())));
        let raise = raise.map(|late| Chore::Raise(late.id));
        let broken = dispatches.broken_promises(now).filter(|late| is_free(&late.id.0));
        let broken = broken.map(|late| Chore::Broken(late.id));
        let tell = view.hops_owed().filter(|(case, ..)| is_free(&case.0));
        let tell = tell.map(|(case, ..)| Chore::Tell(*case));
        // Several passages of one item may be late; it is told once.
        let missed: BTreeSet<DispatchId> =
            office.missed_passages(&view, now).filter(|dispatch| is_free(&dispatch.0)).collect();
        let missed = missed.into_iter().map(Chore::Missed);
        let late = certificate_hours(office).map(|hours| view.destructions.overdue(hours, now));
        // Several copies of one item may be late; it is told once.
        let late: BTreeSet<DispatchId> = late.into_iter().flatten().filter(|id| is_free(&id.0)).collect();
        let late = late.into_iter().map(Chore::Certificate);
        let hops = view.letters.hops_to_sign().filter(|letter| is_free(&letter.id.0));
        let hops = hops.map(|letter| Chore::Hop(Box::new(letter.clone())));
        let losses = view.letters.losses_to_sign(now).filter(|letter| is_free(&letter.id.0));
        let losses = losses.map(|letter| Chore::Loss(Box::new(letter.clone())));
        let letters = owed.letters.iter().filter(|(_, matter)| is_free(&matter.id()));
        let letters = letters.map(|(to, matter)| Chore::Write(to.clone(), *matter));
        let first = sign.chain(hops).chain(losses).chain(pack).chain(letters).chain(tell);
        first.chain(raise).chain(broken).chain(missed).chain(late).take(most).collect()
    }
}

impl Chore {
    fn id(&self) -> [u8; 16] {
        match self {
            Self::Sign(DispatchId(id), _)
            | Self::Raise(DispatchId(id))
            | Self::Broken(DispatchId(id))
            | Self::Missed(DispatchId(id))
            | Self::Certificate(DispatchId(id))
            | Self::Tell(CaseId(id)) => *id,
            Self::Pack(case) => {
                let CaseId(id) = case.id;
                id
            }
            Self::Hop(letter) | Self::Loss(letter) => letter.id.0,
            Self::Write(_, matter) => matter.id(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Sign(..) => "sign a receipt",
            Self::Pack(_) => "make a package",
            Self::Hop(_) => "sign a hop receipt",
            Self::Loss(_) => "sign that a letter is given up",
            Self::Write(..) => "write a letter",
            Self::Raise(_) => "raise an overdue receipt",
            Self::Broken(_) => "raise a broken promise",
            Self::Tell(_) => "tell of a passage",
            Self::Missed(_) => "raise a passage of which nobody tells",
            Self::Certificate(_) => "raise an overdue certificate of destruction",
        }
    }
}

/// How soon the originator is to have the certificate of what was destroyed here; none where the agreement gives no number.
fn certificate_hours(office: &Office) -> Option<u64> {
    office.pack.terms().obligations.get(&Obligation::DestructionCertificate)?.hours()
}

fn do_it(office: &Office, chore: &Chore, fresh: DispatchId, now: Timestamp) -> Result<Plan, Fault> {
    match chore {
        Chore::Sign(dispatch, given) => office.receipt(dispatch, given, now),
        Chore::Pack(case) => match office.unfounded(case, now) {
            Some(closed) => Ok(closed),
            None => office.pack(case, fresh, now),
        },
        Chore::Raise(dispatch) => Ok(raised(office, RECEIPT_OVERDUE, dispatch)),
        Chore::Missed(dispatch) => Ok(raised(office, PASSAGE_OVERDUE, dispatch)),
        Chore::Certificate(dispatch) => Ok(raised(office, CERTIFICATE_OVERDUE, dispatch)),
        Chore::Tell(case) => office.tell(case, now),
        Chore::Hop(letter) => office.sign_hop(letter, now),
        Chore::Loss(letter) => office.sign_loss(letter, now),
        Chore::Write(to, matter) => office.write_letter(to, *matter, fresh, now),
        Chore::Broken(dispatch) => {
            let code = PROMISE_BROKEN.to_owned();
            let stream = Act::DispatchStored { dispatch: *dispatch }.stream();
            let view = office.view.read();
            let mut plan = Plan::new(&view, vec![Act::IncidentRaised { code, dispatch: Some(*dispatch) }]);
            // The proof may come while this is recorded; then there is nothing to tell.
            let version = view.version(&stream);
            plan.expect.push((stream, version));
            Ok(plan)
        }
    }
}

fn raised(office: &Office, code: &str, dispatch: &DispatchId) -> Plan {
    let act = Act::IncidentRaised { code: code.to_owned(), dispatch: Some(*dispatch) };
    Plan::new(&office.view.read(), vec![act])
}
