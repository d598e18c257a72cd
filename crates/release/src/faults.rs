//! What is wrong with a rule pack: every fault that can be told, each with its file, its line and the rule that it
//! breaks.
//!
//! *Absent:* repair. A pack with one fault is not loaded.

use std::fmt::Display;
use std::ops::Range;

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

impl PackError {
    pub(crate) fn of(file: &str, rule: impl Display) -> Self {
        Self { file: file.to_owned(), line: None, rule: rule.to_string() }
    }

    pub(crate) fn of_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map(|span| line_of(text, &span));
        Self { file: file.to_owned(), line, rule: error.message().to_owned() }
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    found: Vec<PackError>,
}

impl Faults {
    /// Notes a fault at a line.
    pub(crate) fn at(&mut self, file: &str, line: usize, rule: impl Display) {
        self.note(file, Some(line), rule);
    }

    /// Notes what the TOML reader says.
    pub(crate) fn of_toml(&mut self, file: &str, text: &str, error: &toml::de::Error) {
        let line = error.span().map(|span| line_of(text, &span));
        self.note(file, line, error.message());
    }

    fn note(&mut self, file: &str, line: Option<usize>, rule: impl Display) {
        let fault = PackError { file: file.to_owned(), line, rule: rule.to_string() };
        if self.found.len() < MAX_FAULTS && !self.found.contains(&fault) {
            self.found.push(fault);
        }
    }

    /// What was read, where nothing was found; else the first fault.
    pub(crate) fn first_or<T>(mut self, read: Option<T>) -> Result<T, PackError> {
        self.found.sort();
        match (self.found.into_iter().next(), read) {
            (None, Some(read)) => Ok(read),
            (Some(first), _) => Err(first),
            (None, None) => Err(PackError::of("", "it could not be read")),
        }
    }
}

/// The line, from 1, on which a span starts.
pub(crate) fn line_of(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().get(..span.start).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
