//! The languages that people read: Korean, Japanese, English.
//!
//! *Absent:* text. It stands in the rule pack.

use attache_accord::party::Malformed;
use std::fmt;
use std::str::FromStr;

/// A language of the people who use the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Korean.
    Ko,
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Language {
    /// Every language that a pack must be written in.
    pub const ALL: [Self; 3] = [Self::Ko, Self::Ja, Self::En];

    /// The code of ISO 639-1: `ko`, `ja` or `en`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Language {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let found = Self::ALL.into_iter().find(|language| language.as_str() == text);
        found.ok_or_else(|| Malformed::new("language", "ko, ja or en", text))
    }
}
