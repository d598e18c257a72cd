//! One Party's record: its instruments in order, the facts that follow from them, and which instrument may come next.
//!
//! The facts are orthogonal (Art. 21 has no single state): how far the domestic steps are, what was declared about the
//! effect, whether a notice stands, what runs beside it. [`Phase`] is a word for people, never a rule.
//!
//! *Absent:* the other Party's view, and any rule about what a *partner* may do: its record is its own, and only the chain is
//! demanded of it.

use super::{Holds, Instrument, MAX_INSTRUMENTS, Step};
use crate::agreement::Terms;
use crate::id::Digest;
use crate::party::{Malformed, Party};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

/// An instrument as it stands in a record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Kept {
    /// Digest of the signed instrument.
    #[n(0)]
    pub digest: Digest,
    /// What it says.
    #[n(1)]
    pub instrument: Instrument,
}

/// How a domestic gate was dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct GatePassage {
    /// The gate's code.
    #[n(0)]
    pub gate: String,
    /// The official who answers for it.
    #[n(1)]
    pub official: String,
    /// The document.
    #[n(2)]
    pub document: String,
    /// Its date.
    #[n(3)]
    pub dated: Timestamp,
    /// Why the gate was left out; absent where it was passed.
    #[n(4)]
    pub skipped: Option<String>,
}

/// A Party's own notice of termination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
pub enum Notice {
    /// None stands.
    #[default]
    #[n(0)]
    None,
    /// It was given and runs.
    #[n(1)]
    Given {
        /// The instrument.
        #[n(0)]
        instrument: Digest,
        /// Its date.
        #[n(1)]
        dated: Timestamp,
    },
    /// It was given, and its giver suspended its effect.
    #[n(2)]
    Suspended {
        /// The instrument that gave it.
        #[n(0)]
        instrument: Digest,
        /// When it was given.
        #[n(1)]
        dated: Timestamp,
        /// When it was suspended.
        #[n(2)]
        at: Timestamp,
    },
}

impl Notice {
    /// The instrument that gave it.
    pub fn instrument(&self) -> Option<Digest> {
        match self {
            Self::None => None,
            Self::Given { instrument, .. } | Self::Suspended { instrument, .. } => Some(*instrument),
        }
    }
}

/// What follows from one Party's record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Facts {
    /// Texts put forward: digest, version, date.
    #[n(0)]
    pub proposed: Vec<(Digest, String, Timestamp)>,
    /// The text initialled, and when.
    #[n(1)]
    pub initialled: Option<(Digest, Timestamp)>,
    /// Gates dealt with, in order.
    #[n(2)]
    pub gates: Vec<GatePassage>,
    /// When and why the Party withdrew before it signed.
    #[n(3)]
    pub withdrew: Option<(Timestamp, String)>,
    /// The text signed, and when.
    #[n(4)]
    pub signed: Option<(Digest, Timestamp)>,
    /// When it notified that its requirements are met.
    #[n(5)]
    pub notified: Option<Timestamp>,
    /// Its notice of termination.
    #[n(6)]
    pub notice: Notice,
    /// What it declared last about the effect.
    #[n(7)]
    pub holds: Holds,
    /// Its legal position in its own words, the last one.
    #[n(8)]
    pub position: Option<String>,
    /// Amended texts that it consented to, and when.
    #[n(9)]
    pub amendments: Vec<(Digest, Timestamp)>,
    /// Changes of law that it announced, and what each says.
    #[n(10)]
    pub law_changes: Vec<(Digest, String)>,
    /// Announcements of others that it acknowledged.
    #[n(11)]
    pub acknowledged: Vec<Digest>,
    /// Disputes that it raised and has not settled.
    #[n(12)]
    pub disputes: Vec<Digest>,
    /// Milestones: what, and when.
    #[n(13)]
    pub milestones: Vec<(String, Timestamp)>,
}

/// A word for how far a Party has come, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Nothing is initialled.
    Negotiating,
    /// It withdrew before it signed.
    Withdrawn,
    /// A text is initialled, no gate is dealt with.
    Initialled,
    /// Some of its gates are dealt with.
    Domestic,
    /// All of its gates are dealt with.
    Authorised,
    /// Signed.
    Signed,
    /// It has notified.
    Notified,
    /// It holds the agreement to be in force.
    InForce,
    /// In force, and it gave notice.
    NoticeGiven,
    /// In force, and it suspended the notice that it gave.
    NoticeSuspended,
    /// It holds the agreement to have ended. What was provided stays protected.
    Ended,
}

impl Phase {
    /// The word used in vectors and by `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Negotiating => "negotiating",
            Self::Withdrawn => "withdrawn",
            Self::Initialled => "initialled",
            Self::Domestic => "domestic",
            Self::Authorised => "authorised",
            Self::Signed => "signed",
            Self::Notified => "notified",
            Self::InForce => "in-force",
            Self::NoticeGiven => "notice-given",
            Self::NoticeSuspended => "notice-suspended",
            Self::Ended => "ended",
        }
    }
}

/// Why an instrument cannot come next in a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unlawful {
    /// A field has not the form that it must have.
    #[error(transparent)]
    Form(#[from] Malformed),
    /// The record already goes on from there in another way, or has not come so far.
    #[error("number: the record stands at {stands}, so the next is {}, not {found}", stands + 1)]
    Number {
        /// Instruments on record.
        stands: u64,
        /// The number given.
        found: u64,
    },
    /// It does not name the instrument before it.
    #[error("previous: it names another instrument than the one before it")]
    Previous,
    /// It is dated before the one before it.
    #[error("dated: earlier than the instrument before it, which is dated {0}")]
    Dated(Timestamp),
    /// The step needs something that is not on record.
    #[error("step: {0}")]
    Order(String),
    /// The record is full.
    #[error("number: a record holds at most {MAX_INSTRUMENTS} instruments")]
    Full,
}

/// One Party's record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Record {
    #[n(0)]
    kept: Vec<Kept>,
    #[n(1)]
    facts: Facts,
}

impl Record {
    /// Its instruments, in order.
    pub fn kept(&self) -> &[Kept] {
        &self.kept
    }

    /// What follows from them.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// How many instruments there are.
    pub fn len(&self) -> u64 {
        self.kept.len() as u64
    }

    /// Whether nothing is on record.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Digest of the last instrument.
    pub fn head(&self) -> Option<Digest> {
        self.kept.last().map(|kept| kept.digest)
    }

    /// The instrument with this number.
    pub fn numbered(&self, number: u64) -> Option<&Kept> {
        self.kept.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The instrument with this digest.
    pub fn get(&self, digest: &Digest) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.digest == *digest)
    }

    /// Whether `instrument` continues the chain. No more is asked of a partner's record.
    ///
    /// # Errors
    /// [`Unlawful`] names the field.
    pub fn continues(&self, instrument: &Instrument) -> Result<(), Unlawful> {
        instrument.check()?;
        if self.kept.len() >= MAX_INSTRUMENTS {
            return Err(Unlawful::Full);
        }
        if instrument.number != self.len() + 1 {
            return Err(Unlawful::Number { stands: self.len(), found: instrument.number });
        }
        if instrument.previous != self.head() {
            return Err(Unlawful::Previous);
        }
        match self.kept.last().map(|kept| kept.instrument.dated) {
            Some(before) if instrument.dated < before => Err(Unlawful::Dated(before)),
            _ => Ok(()),
        }
    }

    /// Whether `instrument` may come next in this, the own Party's record: the chain and the order of steps (Art. 21, and the
    /// Party's gates in the pack). `others` are the other Parties' records as they are known here.
    ///
    /// # Errors
    /// [`Unlawful`] names the field, and what is missing.
    pub fn admits(
        &self,
        instrument: &Instrument,
        others: &BTreeMap<Party, Record>,
        terms: &Terms,
    ) -> Result<(), Unlawful> {
        self.continues(instrument)?;
        let facts = &self.facts;
        match &instrument.step {
            Step::Initialled { text } => {
                self.goes_on()?;
                demand(self.is_proposed(text, others), "no Party has put this text forward")?;
                demand(
                    facts.initialled.is_none(),
                    "a text is initialled already; put forward another to begin anew",
                )
            }
            Step::GatePassed { gate } | Step::GateSkipped { gate } => {
                self.next_gate(instrument.party, gate, terms)
            }
            Step::Withdrew {} => {
                demand(facts.signed.is_none(), "it is signed; from then on there is notice of termination")?;
                demand(!self.is_empty(), "there is nothing to withdraw from")
            }
            Step::Signed { text } => self.may_sign(instrument.party, text, others, terms),
            Step::Notified {} => {
                demand(facts.notified.is_none(), "it has notified already")?;
                demand(facts.signed.is_some(), "it has not signed")
            }
            Step::NoticeGiven {} => {
                demand(facts.holds.from.is_some(), "it does not hold the agreement to be in force")?;
                demand(facts.notice == Notice::None, "a notice of its own stands already")
            }
            Step::NoticeSuspended { notice } => {
                let runs = matches!(facts.notice, Notice::Given { instrument, .. } if instrument == *notice);
                demand(runs, "no such notice of its own runs")
            }
            Step::NoticeWithdrawn { notice } => {
                demand(facts.notice.instrument() == Some(*notice), "no such notice of its own stands")
            }
            Step::AmendmentConsented { .. } => {
                demand(facts.holds.from.is_some(), "it does not hold the agreement to be in force")
            }
            Step::LawChangeAcknowledged { notice } => {
                let announced =
                    |other: &Record| other.facts.law_changes.iter().any(|(digest, _)| digest == notice);
                demand(others.values().any(announced), "no Party has announced this")?;
                demand(!facts.acknowledged.contains(notice), "it is acknowledged already")
            }
            Step::DisputeSettled { dispute } => {
                demand(facts.disputes.contains(dispute), "no such dispute of its own is open")
            }
            Step::Proposed { .. }
            | Step::PositionTaken {}
            | Step::LawChanged {}
            | Step::Disputed {}
            | Step::MilestoneReached { .. } => Ok(()),
        }
    }

    /// After a withdrawal only another text goes on.
    fn goes_on(&self) -> Result<(), Unlawful> {
        demand(self.facts.withdrew.is_none(), "it withdrew; put forward a text to begin anew")
    }

    fn is_proposed(&self, text: &Digest, others: &BTreeMap<Party, Record>) -> bool {
        let holds = |facts: &Facts| facts.proposed.iter().any(|(proposed, ..)| proposed == text);
        holds(&self.facts) || others.values().any(|other| holds(&other.facts))
    }

    /// One text, initialled by all where the pack has gates to pass between initials and signature, and every own gate dealt
    /// with.
    fn may_sign(
        &self,
        party: Party,
        text: &Digest,
        others: &BTreeMap<Party, Record>,
        terms: &Terms,
    ) -> Result<(), Unlawful> {
        let facts = &self.facts;
        demand(facts.signed.is_none(), "it is signed already")?;
        self.goes_on()?;
        demand(self.is_proposed(text, others), "no Party has put this text forward")?;
        demand(self.outstanding(party, terms).is_empty(), "a domestic gate is outstanding")?;
        let needs_initials = terms.gates.values().any(|gates| !gates.is_empty());
        let agrees = |facts: Option<&Facts>| match facts.and_then(|facts| facts.initialled) {
            Some((initialled, _)) => initialled == *text,
            None => !needs_initials,
        };
        demand(agrees(Some(facts)), "another text is initialled, or none")?;
        let mut partners = terms.parties.iter().filter(|other| **other != party);
        let all = partners.all(|other| agrees(others.get(other).map(Record::facts)));
        demand(all, "not every Party is on record with this text initialled")
    }

    /// Gates come in the order of the pack, each once, and after the initials.
    fn next_gate(&self, party: Party, gate: &str, terms: &Terms) -> Result<(), Unlawful> {
        self.goes_on()?;
        demand(self.facts.initialled.is_some(), "nothing is initialled")?;
        match self.outstanding(party, terms).first() {
            None => Err(Unlawful::Order("every domestic gate is dealt with".into())),
            Some(next) if *next == gate => Ok(()),
            Some(next) => {
                let rule = format!(
                    "the next gate is {next:?}; pass it, or skip it by a named official with a reason"
                );
                Err(Unlawful::Order(rule))
            }
        }
    }

    /// Codes of the gates that are not dealt with yet, in order.
    pub fn outstanding<'a>(&self, party: Party, terms: &'a Terms) -> Vec<&'a str> {
        let gates = terms.gates.get(&party).map(Vec::as_slice).unwrap_or_default();
        let is_done = |code: &str| self.facts.gates.iter().any(|passage| passage.gate == code);
        gates.iter().map(|gate| gate.as_str()).filter(|code| !is_done(code)).collect()
    }

    /// Whether a text is initialled and every gate dealt with.
    pub fn is_authorised(&self, party: Party, terms: &Terms) -> bool {
        self.facts.initialled.is_some() && self.outstanding(party, terms).is_empty()
    }

    /// The word for where the Party stands at `at`.
    pub fn phase(&self, party: Party, at: Timestamp, terms: &Terms) -> Phase {
        let facts = &self.facts;
        match (facts.holds.from, facts.holds.until) {
            (Some(_), Some(until)) if until <= at => return Phase::Ended,
            (Some(from), _) if from <= at => {
                return match facts.notice {
                    Notice::None => Phase::InForce,
                    Notice::Given { .. } => Phase::NoticeGiven,
                    Notice::Suspended { .. } => Phase::NoticeSuspended,
                };
            }
            _ => {}
        }
        if facts.withdrew.is_some() {
            return Phase::Withdrawn;
        }
        if facts.notified.is_some() {
            return Phase::Notified;
        }
        if facts.signed.is_some() {
            return Phase::Signed;
        }
        if facts.initialled.is_none() {
            return Phase::Negotiating;
        }
        match (self.is_authorised(party, terms), facts.gates.is_empty()) {
            (true, _) => Phase::Authorised,
            (false, true) => Phase::Initialled,
            (false, false) => Phase::Domestic,
        }
    }

    /// Adds the next instrument.
    pub fn push(&mut self, kept: Kept) {
        self.facts.take(&kept);
        self.kept.push(kept);
    }
}

impl Facts {
    fn take(&mut self, kept: &Kept) {
        let (digest, instrument) = (kept.digest, &kept.instrument);
        let dated = instrument.dated;
        self.holds = instrument.holds;
        match &instrument.step {
            Step::Proposed { text, version } => {
                // A text put forward anew begins a new round, unless it is signed; what stood before it stays on record.
                let is_anew = self.withdrew.take().is_some() || self.initialled.is_some();
                if is_anew && self.signed.is_none() {
                    self.initialled = None;
                    self.gates.clear();
                }
                self.proposed.push((*text, version.clone(), dated));
            }
            Step::Initialled { text } => self.initialled = Some((*text, dated)),
            Step::GatePassed { gate } => self.gates.push(passage(gate, instrument, None)),
            Step::GateSkipped { gate } => {
                self.gates.push(passage(gate, instrument, Some(instrument.remark.clone())));
            }
            Step::Withdrew {} => self.withdrew = Some((dated, instrument.remark.clone())),
            Step::Signed { text } => self.signed = Some((*text, dated)),
            Step::Notified {} => self.notified = Some(dated),
            Step::NoticeGiven {} => self.notice = Notice::Given { instrument: digest, dated },
            Step::NoticeSuspended { .. } => {
                if let Notice::Given { instrument, dated: given } = self.notice {
                    self.notice = Notice::Suspended { instrument, dated: given, at: dated };
                }
            }
            Step::NoticeWithdrawn { .. } => self.notice = Notice::None,
            Step::PositionTaken {} => self.position = Some(instrument.remark.clone()),
            Step::AmendmentConsented { text, .. } => self.amendments.push((*text, dated)),
            Step::LawChanged {} => self.law_changes.push((digest, instrument.remark.clone())),
            Step::LawChangeAcknowledged { notice } => self.acknowledged.push(*notice),
            Step::Disputed {} => self.disputes.push(digest),
            Step::DisputeSettled { dispute } => self.disputes.retain(|open| open != dispute),
            Step::MilestoneReached { milestone } => self.milestones.push((milestone.clone(), dated)),
        }
    }
}

fn passage(gate: &str, instrument: &Instrument, skipped: Option<String>) -> GatePassage {
    GatePassage {
        gate: gate.to_owned(),
        official: instrument.official.clone(),
        document: instrument.document.clone(),
        dated: instrument.dated,
        skipped,
    }
}

fn demand(is_met: bool, rule: &str) -> Result<(), Unlawful> {
    if is_met { Ok(()) } else { Err(Unlawful::Order(rule.to_owned())) }
}
