//! What a command ends with: text for people, the same as JSON, and an exit code.
//!
//! *Absent:* printing; `main` does that.

use crate::agreement::texts::{Three, filled};
use crate::explain::pick;
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

const NO_SUCH_FILE: Three = [
    "{path}: 그런 파일이나 폴더가 없다",
    "{path}: そのファイルまたはフォルダーはない",
    "{path}: no such file or folder",
];

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
    /// The text in three languages, where this program says it itself in them.
    pub(crate) said: Option<Box<api::Texts>>,
}

impl Failed {
    pub(crate) fn with(code: u8, text: impl ToString) -> Self {
        Self { text: text.to_string(), code, problem: None, said: None }
    }

    /// Why, in three languages, with its places filled. Programs are told it in English, as everything else.
    pub(crate) fn in_three(code: u8, text: &Three, places: &[(&str, String)]) -> Self {
        let [ko, ja, en] =
            [Language::Ko, Language::Ja, Language::En].map(|language| filled(text, language, places));
        Self { text: en.clone(), code, problem: None, said: Some(Box::new(api::Texts { ko, ja, en })) }
    }

    pub(crate) fn misuse(text: impl ToString) -> Self {
        Self::with(EXIT_MISUSE, text)
    }

    pub(crate) fn fault(text: impl ToString) -> Self {
        Self::with(EXIT_FAULT, text)
    }

    pub(crate) fn unreachable(text: impl ToString) -> Self {
        Self::with(EXIT_UNREACHABLE, text)
    }

    /// A file that cannot be read or written; in three languages where it is not there.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::NotFound {
            return Self::in_three(EXIT_MISUSE, &NO_SUCH_FILE, &[("path", path.display().to_string())]);
        }
        Self::misuse(format!("{}: {error}", path.display()))
    }

    /// The same in a language, where the node said it in three.
    pub(crate) fn said_in(mut self, language: Language) -> Self {
        if let Some(said) = self.problem.as_ref().and_then(|problem| problem.said.as_ref()) {
            self.text = pick(said, language).to_owned();
        }
        self
    }

    /// What a person reads.
    pub(crate) fn read_in(&self, language: Language) -> &str {
        self.said.as_ref().map_or(&self.text, |said| pick(said, language))
    }

    pub(crate) fn to_json(&self) -> Value {
        match &self.problem {
            Some(problem) => json!({ "error": problem, "exit": self.code }),
            None => json!({ "error": { "message": self.text }, "exit": self.code }),
        }
    }
}
