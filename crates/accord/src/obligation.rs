//! What a Party owes once something has happened, and how soon.
//!
//! The list is this software's, because it acts on each; how soon is the agreement's, in its rule pack.
//!
//! *Absent:* the clock, and what follows when the time has passed.

use crate::party::Malformed;
use std::fmt;
use std::str::FromStr;

/// A duty with a deadline. Every rule pack says of each how soon, or that it sets none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obligation {
    /// The recipient's signed receipt returns to the sender.
    Receipt,
    /// The receipt's place in the recipient's log is proved.
    ReceiptProof,
    /// A change of law that affects protection is acknowledged by the other Party.
    LawChangeAcknowledgement,
    /// The originator hears of a loss or compromise, or of any possibility of it.
    LossReport,
    /// The originator hears what the inquiry found and what prevents a repetition.
    LossFindings,
    /// A change of classification is acknowledged and followed.
    ReclassificationAcknowledgement,
    /// The originator gets a certificate of what was destroyed.
    DestructionCertificate,
}

impl Obligation {
    /// All of them with the words used in packs.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Receipt, "receipt"),
        (Self::ReceiptProof, "receipt-proof"),
        (Self::LawChangeAcknowledgement, "law-change-acknowledgement"),
        (Self::LossReport, "loss-report"),
        (Self::LossFindings, "loss-findings"),
        (Self::ReclassificationAcknowledgement, "reclassification-acknowledgement"),
        (Self::DestructionCertificate, "destruction-certificate"),
    ];

    /// The word used in packs.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(duty, _)| *duty == self).map_or("", |(_, word)| word)
    }
}

impl fmt::Display for Obligation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Obligation {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let found = Self::ALL.iter().find(|(_, word)| *word == text).map(|(duty, _)| *duty);
        found.ok_or_else(|| {
            Malformed::new("obligation", "one that this software knows, such as receipt", text)
        })
    }
}

/// Longest time that an agreement may leave for a duty, in hours: ten years.
pub const MAX_DUE_HOURS: u64 = 87_600;

/// How soon a duty is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// Within so many hours.
    Hours(u64),
    /// Within so many days of 24 hours.
    Days(u64),
    /// At once; the agreement names no hour.
    Immediately,
    /// Without delay; the agreement names no time.
    Promptly,
    /// The duty stands, and the agreement says nothing of when.
    Open,
}

impl Due {
    /// The time in hours; none where the agreement gives no number.
    pub fn hours(self) -> Option<u64> {
        match self {
            Self::Hours(hours) => Some(hours),
            Self::Days(days) => Some(days.saturating_mul(24)),
            Self::Immediately | Self::Promptly | Self::Open => None,
        }
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours(hours) => write!(f, "{hours} hours"),
            Self::Days(days) => write!(f, "{days} days"),
            Self::Immediately => f.write_str("immediately"),
            Self::Promptly => f.write_str("promptly"),
            Self::Open => f.write_str("open"),
        }
    }
}

impl FromStr for Due {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || {
            let form = "such as \"24 hours\" or \"30 days\" (at most ten years), \"immediately\", \"promptly\" or \"open\"";
            Malformed::new("due", form, text)
        };
        let due = match text {
            "immediately" => Self::Immediately,
            "promptly" => Self::Promptly,
            "open" => Self::Open,
            _ => {
                let (number, unit) = text.split_once(' ').ok_or_else(malformed)?;
                let number: u64 = number.parse().map_err(|_| malformed())?;
                match unit {
                    "hours" => Self::Hours(number),
                    "days" => Self::Days(number),
                    _ => return Err(malformed()),
                }
            }
        };
        // What does not come out as it went in, such as "+1 hours", is no form either.
        let fits = due.hours().is_none_or(|hours| (1..=MAX_DUE_HOURS).contains(&hours));
        if fits && due.to_string() == text { Ok(due) } else { Err(malformed()) }
    }
}
