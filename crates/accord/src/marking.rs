//! Markings: what a Party wrote on its information. A marking is never changed in place; the recipient's
//! own marking stands beside it (Art. 4.2).
//!
//! *Absent:* what levels exist and how they compare. That is the agreement's, in its rule pack.

use crate::agreement::Topic;
use crate::control::Control;
use crate::particulars::Purpose;
use crate::party::{Malformed, Party, text_form};
use crate::time::Timestamp;
use crate::word::Word;
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;
use std::str::FromStr;

/// A classification level of one Party, written `KOR:II` or `JPN:TOKUTEI`. The code is the rule pack's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(Word);

impl Level {
    /// The Party whose scheme this level belongs to.
    pub fn party(&self) -> Party {
        // Checked when it was read.
        let [first, second, third, ..] = *self.0.bytes();
        Party::of_letters([first, second, third])
    }

    /// The code within the Party's scheme, such as `II`.
    pub fn code(&self) -> &str {
        self.as_str().get(4..).unwrap_or_default()
    }

    /// Both together, as written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Both together, as a word.
    pub fn word(&self) -> Word {
        self.0
    }
}

impl FromStr for Level {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new("level", "PARTY:CODE, such as KOR:II", text);
        let (party, code) = text.split_once(':').ok_or_else(malformed)?;
        let _: Party = party.parse().map_err(|_| malformed())?;
        let fits = (1..=24).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
        Word::of(text).filter(|_| fits).map(Self).ok_or_else(malformed)
    }
}

text_form!(Level);

/// A kind of information that the agreement names, such as `imagery` or `humint`. The list is the rule pack's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(Word);

impl Kind {
    /// The code as written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The code as a word.
    pub fn word(&self) -> Word {
        self.0
    }
}

impl FromStr for Kind {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let word = Word::of(text).filter(|_| fits).map(Self);
        word.ok_or_else(|| Malformed::new("kind", "1 to 32 of a-z, 0-9 and '-'", text))
    }
}

text_form!(Kind);

/// Most caveats that one marking may carry.
pub const MAX_CAVEATS: usize = 16;
/// Longest caveat, in bytes.
pub const MAX_CAVEAT_BYTES: usize = 256;

/// What the originator wrote on an item.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Marking {
    /// The level, and with it the Party whose information this is: the originator.
    #[n(0)]
    pub level: Level,
    /// Parties beside the originator that the originator lets have it. Empty means: stays with the originator.
    #[n(1)]
    pub releasable_to: BTreeSet<Party>,
    /// What kind of information it is.
    #[n(2)]
    pub kind: Kind,
    /// Handling caveats in the originator's words, at most [`MAX_CAVEATS`].
    #[n(3)]
    pub caveats: Vec<String>,
    /// When the marking was made.
    #[n(4)]
    pub marked_at: Timestamp,
    /// What it is about, where the agreement covers some topics only. Since entry version 3.
    #[cbor(n(5), default, skip_if = "BTreeSet::is_empty")]
    pub topics: BTreeSet<Topic>,
    /// Whether each opening at a recipient's node needs the originator's consent. Since entry version 5.
    #[n(6)]
    pub control: Option<Control>,
    /// For which of the agreement's purposes it is given, where the agreement names some. Empty: nothing is said of it. Since entry
    /// version 6.
    #[cbor(n(7), default, skip_if = "BTreeSet::is_empty")]
    pub purposes: BTreeSet<Purpose>,
}

impl Marking {
    /// The Party whose information this is.
    pub fn originator(&self) -> Party {
        self.level.party()
    }

    /// Checks the limits that no type carries.
    ///
    /// # Errors
    /// The first caveat, or the number of them, that is too large.
    pub fn check(&self) -> Result<(), Malformed> {
        if self.caveats.len() > MAX_CAVEATS {
            return Err(Malformed::new("caveats", "at most 16", &self.caveats.len().to_string()));
        }
        match self
            .caveats
            .iter()
            .find(|c| c.is_empty() || c.len() > MAX_CAVEAT_BYTES || c.chars().any(char::is_control))
        {
            Some(bad) => Err(Malformed::new("caveat", "1 to 256 bytes without control characters", bad)),
            None => Ok(()),
        }
    }
}
