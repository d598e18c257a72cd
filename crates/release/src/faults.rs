//! What is wrong with a rule pack: every fault that can be told, each with its file, its line and the rule that it
//! breaks.
//!
//! *Absent:* repair. A pack with one fault is not loaded.

use std::fmt::Display;

/// Most faults that are told of one pack. Whoever meets so many has given the wrong folder.
pub const MAX_FAULTS: usize = 100;

/// Why a pack cannot be loaded: where, and which rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("rule pack, {file}{}: {rule}", .line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct PackError {
    /// The file within the pack.
    pub file: String,
    /// The line in it, from 1; none where the file itself is what is wrong.
    pub line: Option<usize>,
    /// What is wrong.
    pub rule: String,
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: Vec<PackError>,
}

impl Faults {
    /// Notes a fault of a file as a whole.
    pub(crate) fn of_file(&mut self, file: &str, rule: impl Display) {
        self.note(file, None, rule);
    }

    /// Notes a fault at a line.
    pub(crate) fn at(&mut self, file: &str, line: usize, rule: impl Display) {
        self.note(file, Some(line), rule);
    }

    /// Notes what the TOML reader says.
    pub(crate) fn of_toml(&mut self, file: &str, text: &str, error: &toml::de::Error) {
        let line = error.span().map(|span| line_of(text, span.start));
        self.note(file, line, error.message());
    }

    fn note(&mut self, file: &str, line: Option<usize>, rule: impl Display) {
        let fault = PackError { file: file.to_owned(), line, rule: rule.to_string() };
        if self.found.len() < MAX_FAULTS && !self.found.contains(&fault) {
            self.found.push(fault);
        }
    }

    /// Nothing where nothing was found, else all of it in order of file and line.
    pub(crate) fn into_result(mut self) -> Result<(), Vec<PackError>> {
        self.found.sort();
        if self.found.is_empty() { Ok(()) } else { Err(self.found) }
    }
}

/// The line, from 1, of the byte at an offset.
pub(crate) fn line_of(text: impl AsRef<[u8]>, at: usize) -> usize {
    let text = text.as_ref();
    let before = text.get(..at).unwrap_or(text);
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
