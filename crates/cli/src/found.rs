//! What a command ends with: text for people, the same as JSON, and an exit code.
//!
//! *Absent:* printing; `main` does that.

use attache_gate::api;
use attache_release::Language;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;

/// What was asked for was done.
pub(crate) const EXIT_DONE: u8 = 0;
/// The agreement says no, or something is not proved.
pub(crate) const EXIT_REFUSED: u8 = 1;
/// The command or its input is wrong.
pub(crate) const EXIT_MISUSE: u8 = 2;
/// Something of ours failed: disk, key, node.
pub(crate) const EXIT_FAULT: u8 = 3;
/// The node cannot be reached.
pub(crate) const EXIT_UNREACHABLE: u8 = 4;

/// What a command found.
pub(crate) struct Found {
    pub(crate) text: String,
    pub(crate) json: Value,
    pub(crate) code: u8,
}

impl Found {
    /// Done, with the same thing for people and for programs.
    pub(crate) fn of(text: String, json: &impl Serialize) -> Result<Self, Failed> {
        let json = serde_json::to_value(json).map_err(|_| Failed::fault("encoding failed"))?;
        Ok(Self { text, json, code: EXIT_DONE })
    }
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) text: String,
    pub(crate) code: u8,
    pub(crate) problem: Option<Box<api::Problem>>,
}

impl Failed {
    pub(crate) fn misuse(text: impl ToString) -> Self {
        Self { text: text.to_string(), code: EXIT_MISUSE, problem: None }
    }

    pub(crate) fn fault(text: impl ToString) -> Self {
        Self { text: text.to_string(), code: EXIT_FAULT, problem: None }
    }

    pub(crate) fn unreachable(text: impl ToString) -> Self {
        Self { text: text.to_string(), code: EXIT_UNREACHABLE, problem: None }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::misuse(format!("{}: {error}", path.display()))
    }

    /// The same in a language, where the node said it in three.
    pub(crate) fn said_in(mut self, language: Language) -> Self {
        if let Some(said) = self.problem.as_ref().and_then(|problem| problem.said.as_ref()) {
            self.text = match language {
                Language::Ko => said.ko.clone(),
                Language::Ja => said.ja.clone(),
                Language::En => said.en.clone(),
            };
        }
        self
    }

    pub(crate) fn to_json(&self) -> Value {
        match &self.problem {
            Some(problem) => json!({ "error": problem, "exit": self.code }),
            None => json!({ "error": { "message": self.text }, "exit": self.code }),
        }
    }
}
