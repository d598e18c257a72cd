//! The agreement's life: what each Party did about it, document by document (Art. 20, 21).
//!
//! Each Party keeps its own record, a chain of signed [`Instrument`]s of which each names the one before. A node holds its
//! own Party's record and the partners' as they were sent to it. Nothing here merges them into one state: a Party's
//! position is what that Party last declared, "in force" is a fact per Party, and where records differ the difference is
//! shown ([`divergences`]).
//!
//! ```text
//! proposed → initialled → gates, in order → signed → notified → in force ⇄ notice given ⇄ notice suspended → ended
//!            beside it: withdrawn before signature · amendment · law change · dispute · position · milestone
//! ```
//! *Absent:* signatures, sending, and any judgement of which Party is right.

mod calendar;
mod divergence;
mod fold;
mod reading;
mod record;

pub use calendar::{Deadline, Due, calendar};
pub use divergence::{Divergence, divergences};
pub use fold::{Contested, Lifecycle};
pub use reading::{Reading, is_timely, last_timely_day, reading, reading_from, term_end};
pub use record::{Facts, GatePassage, Kept, Notice, Phase, Record, Unlawful};

use crate::id::Digest;
use crate::party::{Malformed, Party};
use crate::time::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;

/// Longest name of an official or of a document, gate, version or milestone, in bytes.
pub const MAX_NAME_BYTES: usize = 256;
/// Longest remark, in bytes.
pub const MAX_REMARK_BYTES: usize = 2048;
/// Most instruments in one Party's record.
pub const MAX_INSTRUMENTS: usize = 4096;

/// From when to when a Party holds the agreement to be in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Holds {
    /// From when; absent: not in force yet, or never.
    #[n(0)]
    pub from: Option<Timestamp>,
    /// Until when; absent: no end is set.
    #[n(1)]
    pub until: Option<Timestamp>,
}

/// What a Party did.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Step {
    /// It put forward a text: a draft, or a counter-draft to another's.
    #[n(0)]
    #[cbor(map)]
    Proposed {
        /// Digest of the rule pack that holds the text.
        #[n(0)]
        text: Digest,
        /// The pack's version.
        #[n(1)]
        version: String,
    },
    /// Its negotiator initialled a text. That freezes the text and has no legal effect.
    #[n(1)]
    #[cbor(map)]
    Initialled {
        /// The text.
        #[n(0)]
        text: Digest,
    },
    /// One of its domestic gates was passed.
    #[n(2)]
    #[cbor(map)]
    GatePassed {
        /// The gate's code in the pack.
        #[n(0)]
        gate: String,
    },
    /// One of its domestic gates was left out, by the named official and for the reason in the remark.
    #[n(3)]
    #[cbor(map)]
    GateSkipped {
        /// The gate's code in the pack.
        #[n(0)]
        gate: String,
    },
    /// It withdrew before it signed.
    #[n(4)]
    #[cbor(map)]
    Withdrew {},
    /// Its plenipotentiary signed.
    #[n(5)]
    #[cbor(map)]
    Signed {
        /// The text.
        #[n(0)]
        text: Digest,
    },
    /// It notified in writing that its domestic requirements are met (or deposited its papers, where the text says so).
    #[n(6)]
    #[cbor(map)]
    Notified {},
    /// It gave notice of termination.
    #[n(7)]
    #[cbor(map)]
    NoticeGiven {},
    /// It suspended the effect of its own notice. The text of 2016 knows no such thing; it happened on 22 November 2019.
    #[n(8)]
    #[cbor(map)]
    NoticeSuspended {
        /// The instrument that gave the notice.
        #[n(0)]
        notice: Digest,
    },
    /// It withdrew its own notice, suspended or not.
    #[n(9)]
    #[cbor(map)]
    NoticeWithdrawn {
        /// The instrument that gave the notice.
        #[n(0)]
        notice: Digest,
    },
    /// It stated its legal position, in the words of the remark.
    #[n(10)]
    #[cbor(map)]
    PositionTaken {},
    /// It consented in writing to an amended text. The amendment stands once every Party has.
    #[n(11)]
    #[cbor(map)]
    AmendmentConsented {
        /// Digest of the amended rule pack.
        #[n(0)]
        text: Digest,
        /// Its version.
        #[n(1)]
        version: String,
    },
    /// It announced a change of its laws that affects protection (Art. 3).
    #[n(12)]
    #[cbor(map)]
    LawChanged {},
    /// It acknowledged another's announcement.
    #[n(13)]
    #[cbor(map)]
    LawChangeAcknowledged {
        /// The instrument that announced it.
        #[n(0)]
        notice: Digest,
    },
    /// It asked for consultation over a dispute. Protection continues meanwhile (Art. 20).
    #[n(14)]
    #[cbor(map)]
    Disputed {},
    /// It holds a dispute that it had raised to be settled.
    #[n(15)]
    #[cbor(map)]
    DisputeSettled {
        /// The instrument that raised it.
        #[n(0)]
        dispute: Digest,
    },
    /// Something that the public may ask about happened: the text was published, parliament was briefed.
    #[n(16)]
    #[cbor(map)]
    MilestoneReached {
        /// What.
        #[n(0)]
        milestone: String,
    },
}

impl Step {
    /// The word used in commands, vectors and leaves.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Proposed { .. } => "proposed",
            Self::Initialled { .. } => "initialled",
            Self::GatePassed { .. } => "gate passed",
            Self::GateSkipped { .. } => "gate skipped",
            Self::Withdrew {} => "withdrew before signature",
            Self::Signed { .. } => "signed",
            Self::Notified {} => "notified",
            Self::NoticeGiven {} => "notice given",
            Self::NoticeSuspended { .. } => "notice suspended",
            Self::NoticeWithdrawn { .. } => "notice withdrawn",
            Self::PositionTaken {} => "position taken",
            Self::AmendmentConsented { .. } => "amendment consented",
            Self::LawChanged {} => "law changed",
            Self::LawChangeAcknowledged { .. } => "law change acknowledged",
            Self::Disputed {} => "disputed",
            Self::DisputeSettled { .. } => "dispute settled",
            Self::MilestoneReached { .. } => "milestone reached",
        }
    }

    /// The article that the step rests on.
    pub fn article(&self) -> &'static str {
        match self {
            Self::LawChanged {} | Self::LawChangeAcknowledged { .. } => "3",
            Self::Disputed {} | Self::DisputeSettled { .. } => "20",
            Self::MilestoneReached { .. } => "product",
            _ => "21",
        }
    }
}

/// One document of a Party's record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Instrument {
    /// Whose record this is in.
    #[n(0)]
    pub party: Party,
    /// Its place in that record, from 1.
    #[n(1)]
    pub number: u64,
    /// Digest of the signed instrument before it; absent for the first.
    #[n(2)]
    pub previous: Option<Digest>,
    /// The last instrument of each other Party that was on record here when this was signed.
    #[n(3)]
    pub seen: BTreeMap<Party, Digest>,
    /// What was done.
    #[n(4)]
    pub step: Step,
    /// Who did it, by the office or name under which the Party answers for it. 1 to [`MAX_NAME_BYTES`] bytes.
    #[n(5)]
    pub official: String,
    /// The number of the document that says so. 1 to [`MAX_NAME_BYTES`] bytes.
    #[n(6)]
    pub document: String,
    /// The moment from which the document speaks. No instrument of a record is dated before the one before it.
    #[n(7)]
    pub dated: Timestamp,
    /// What the Party declares with it about the agreement's effect.
    #[n(8)]
    pub holds: Holds,
    /// Words to it, at most [`MAX_REMARK_BYTES`]: a reason, a legal position, which law changed.
    #[n(9)]
    pub remark: String,
}

impl Instrument {
    /// Checks the limits that no type carries, and that what needs words has them.
    ///
    /// # Errors
    /// The first field that breaks one.
    pub fn check(&self) -> Result<(), Malformed> {
        name("official", &self.official)?;
        name("document", &self.document)?;
        match &self.step {
            Step::GatePassed { gate } | Step::GateSkipped { gate } => name("gate", gate)?,
            Step::Proposed { version, .. } | Step::AmendmentConsented { version, .. } => {
                name("version", version)?
            }
            Step::MilestoneReached { milestone } => name("milestone", milestone)?,
            _ => {}
        }
        if self.remark.len() > MAX_REMARK_BYTES || self.remark.chars().any(|c| c.is_control() && c != '\n') {
            return Err(Malformed::new(
                "remark",
                "at most 2048 bytes, no control character but line feed",
                &self.remark,
            ));
        }
        if self.remark.is_empty() && self.needs_remark() {
            return Err(Malformed::new("remark", "the words that this step needs: why, or which", ""));
        }
        if matches!((self.holds.from, self.holds.until), (Some(from), Some(until)) if until <= from) {
            return Err(Malformed::new("holds", "an end later than the beginning", ""));
        }
        if self.holds.from.is_none() && self.holds.until.is_some() {
            return Err(Malformed::new("holds", "no end without a beginning", ""));
        }
        Ok(())
    }

    /// A gate is left out, a text withdrawn from, a law changed, a dispute raised and a position taken in words.
    fn needs_remark(&self) -> bool {
        matches!(
            self.step,
            Step::GateSkipped { .. }
                | Step::Withdrew {}
                | Step::PositionTaken {}
                | Step::LawChanged {}
                | Step::Disputed {}
                | Step::NoticeSuspended { .. }
        )
    }
}

fn name(what: &'static str, text: &str) -> Result<(), Malformed> {
    if text.is_empty() || text.len() > MAX_NAME_BYTES || text.chars().any(char::is_control) {
        return Err(Malformed::new(what, "1 to 256 bytes without control characters", text));
    }
    Ok(())
}
