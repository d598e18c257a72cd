//! Which script a character is of, for fonts and for the language that a screen reader speaks.
//!
//! *Absent:* languages. Korean names are in Hangul; what is in Han characters alone is taken for Japanese.

use crate::language::Language;

/// A script, as far as fonts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// What the standard Latin fonts of PDF have in their Windows encoding.
    Latin,
    /// Hangul.
    Hangul,
    /// Kana, Han and their punctuation.
    Japanese,
    /// Anything else, which no font named here shows.
    Other,
}

impl Script {
    pub(crate) fn of(c: char) -> Self {
        match c {
            ' '..='~' | '\u{a0}'..='\u{ff}' => Self::Latin,
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}' => Self::Hangul,
            '\u{3000}'..='\u{30ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ff00}'..='\u{ffef}' => Self::Japanese,
            _ => Self::Other,
        }
    }
}

/// The language in which a text is to be read, where it is not that of the page.
pub(crate) fn spoken(text: &str, page: Language) -> Option<Language> {
    let has = |script| text.chars().any(|c| Script::of(c) == script);
    let found = if has(Script::Hangul) {
        Language::Ko
    } else if has(Script::Japanese) {
        Language::Ja
    } else {
        return None;
    };
    (found != page).then_some(found)
}
