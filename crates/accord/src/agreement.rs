//! The agreement as terms and as each Party's recorded position on whether it is in force.
//!
//! "In force" is not a state name. Each Party's position is kept apart, and a release needs both (Art. 21).
//!
//! *Absent:* one computed truth about the agreement, and the reading of pack files (that is `release::pack`).

use crate::equivalence::Equivalence;
use crate::marking::Kind;
use crate::obligation::{Due, Obligation};
use crate::particulars::Purpose;
use crate::party::{Party, plain_name};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};

plain_name! {
    /// A domestic step that a Party takes before it may be bound, such as `cabinet`. The list is the rule pack's.
    GateCode, "gate", 32
}

plain_name! {
    /// A competent authority of a Party, such as `mnd`. The list is the rule pack's.
    AuthorityCode, "authority", 32
}

plain_name! {
    /// What information is about, where an agreement covers certain matters only, such as `north-korean-missile`.
    Topic, "topic", 32
}

/// What brings an agreement into force. Signing alone never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The later of the Parties' written notices that their domestic requirements are met.
    LaterNotice,
    /// The last of the signed papers has reached the depositary.
    Deposit(Party),
}

/// An authority that a Party named to the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Its code.
    pub code: AuthorityCode,
    /// The diplomatic note that named it; none where the reference is not known.
    pub notification: Option<String>,
}

/// What the Parties agreed, as far as rules need it. Read from the pack's `terms.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The agreement's short name, such as `gsomia-2016`.
    pub agreement: String,
    /// The pack's version, such as `1.0.0`.
    pub version: String,
    /// The Parties. Anyone else is a third party.
    pub parties: BTreeSet<Party>,
    /// Schemes of levels and the table of Art. 4.2.
    pub equivalence: Equivalence,
    /// Kinds of information that may be released.
    pub kinds: BTreeSet<Kind>,
    /// Hours in which a dispatch must be receipted before the node reminds and raises an incident: the time of
    /// [`Obligation::Receipt`].
    pub receipt_due_hours: u64,
    /// Hours in which a receipt's inclusion must be proved by a cosigned checkpoint: the time of
    /// [`Obligation::ReceiptProof`].
    pub proof_due_hours: u64,
    /// Hours east of Greenwich of the civil day that the agreement counts in.
    pub utc_offset_hours: u8,
    /// Whether it binds in law; false for an arrangement between ministries that creates no legal duty.
    pub is_binding: bool,
    /// What brings it into force.
    pub effect: Effect,
    /// Years after which it ends unless it is extended, by as many each time; none where it sets no term.
    pub term_years: Option<u64>,
    /// Days before the end of a term by which notice of termination must be given; none where it sets no number.
    pub notice_days: Option<u64>,
    /// The Party through which the others share; none where each gives to each directly.
    pub hub: Option<Party>,
    /// How that Party carries between the others.
    pub relay: Relay,
    /// The matters that may be shared. Empty: no restriction.
    pub topics: BTreeSet<Topic>,
    /// For what information is given, where the agreement names it. Empty: markings name no purposes.
    pub purposes: BTreeSet<Purpose>,
    /// Each Party's domestic gates, in the order in which they are passed. Empty where none is needed.
    pub gates: BTreeMap<Party, Vec<GateCode>>,
    /// Each Party's competent authorities.
    pub authorities: BTreeMap<Party, Vec<Authority>>,
    /// Counts below this are not told to the public; none where the Parties agreed no such rule, and then nothing is.
    pub suppress_below: Option<u64>,
    /// Hours for which a witness's cosignature on a node's log may be missing.
    pub cosignature_hours: u64,
    /// What follows when it is missing for longer.
    pub on_overdue: OnOverdue,
    /// For how many hours after a consent an item under its originator's control may be opened while the originator cannot be
    /// reached; none where the Parties agreed no such rule, and then it is not.
    pub offline_grace_hours: Option<u64>,
    /// For how many days after a hub gave a letter on it lends the share of a key that it keeps of it; none where the Parties agreed
    /// that a hub keeps none.
    pub hub_share_days: Option<u64>,
    /// How soon each duty is owed. Every duty stands here.
    pub obligations: BTreeMap<Obligation, Due>,
    /// The agreement that protects what goes between two Parties, by both of them ascending, where it is another than this one.
    pub legs: BTreeMap<[Party; 2], String>,
}

impl Terms {
    /// The agreement of two Parties that protects what goes between them; empty where this one names none.
    pub fn basis_between(&self, one: Party, other: Party) -> &str {
        self.legs.get(&[one.min(other), one.max(other)]).map_or("", String::as_str)
    }
}

/// How a hub carries between the other Parties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relay {
    /// It receives as a recipient does, and releases onward what the originator agreed to.
    Reading,
    /// It carries letters that it cannot read.
    Blind,
}

impl Terms {
    /// The hub that carries letters between these two Parties; none where each gives to the other directly, or where the hub is
    /// one of them, or reads.
    pub fn carrier(&self, from: Party, to: Party) -> Option<Party> {
        self.hub.filter(|hub| self.relay == Relay::Blind && *hub != from && *hub != to && from != to)
    }

    /// Whether something can come to `to` that its originator `from` controls there: nobody passes such a thing on, so beyond a hub
    /// that reads nothing of it comes.
    pub fn controls_at(&self, from: Party, to: Party) -> bool {
        self.relay == Relay::Blind || self.hub.is_none_or(|hub| hub == from || hub == to)
    }
}

/// What follows when a witness's cosignature is missing for longer than agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnOverdue {
    /// An incident.
    Alarm,
    /// An incident, and nothing new is released until it is here.
    Hold,
}

/// What one Party has recorded about the agreement's effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Position {
    /// Whose position this is.
    #[n(0)]
    pub party: Party,
    /// From when the Party holds the agreement to be in force; absent: not yet.
    #[n(1)]
    pub from: Option<Timestamp>,
    /// When, in the Party's view, it ends or ended; absent: no end is set.
    #[n(2)]
    pub until: Option<Timestamp>,
}

impl Position {
    /// Whether this Party holds the agreement to be in force at `at`.
    pub fn in_force(&self, at: Timestamp) -> bool {
        self.from.is_some_and(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// Both positions read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Every Party's recorded position says in force.
    InForce,
    /// Some say so and some do not: the Parties differ.
    Divergent,
    /// None says so.
    NotInForce,
}

/// Reads the recorded positions of all `parties` at `at`. A Party without a recorded position does not hold the
/// agreement to be in force.
pub fn force(parties: &BTreeSet<Party>, positions: &[Position], at: Timestamp) -> Force {
    let held = parties
        .iter()
        .filter(|party| positions.iter().rev().find(|p| p.party == **party).is_some_and(|p| p.in_force(at)))
        .count();
    match held {
        0 => Force::NotInForce,
        n if n == parties.len() => Force::InForce,
        _ => Force::Divergent,
    }
}

/// Whether every Party held the agreement to be in force at an earlier time `at`, by the newest of its positions that says something
/// of that time: one from a later time on does not.
pub fn was_in_force(parties: &BTreeSet<Party>, positions: &[Position], at: Timestamp) -> bool {
    parties.iter().all(|party| {
        let told = |it: &&Position| it.party == *party && it.from.is_none_or(|from| from <= at);
        positions.iter().rev().find(told).is_some_and(|it| it.in_force(at))
    })
}
