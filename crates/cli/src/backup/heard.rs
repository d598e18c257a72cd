//! Words that only a partner still has, on a file: the partner's node writes out what this node's people had signed for it, and the node
//! that was brought back takes it up at its next start, before anything is served.
//!
//! ```text
//! each line  a notice as this node signed it, in base64
//! ```
//! *Absent:* trust in the file. Each word is weighed when it is taken up, by the signatures in it.

use super::words::{self, filled};
use crate::context::{Context, private_folder, read_bounded, write_new};
use crate::found::{Failed, Found};
use crate::home::Home;
use attache_accord::{NodeName, Timestamp};
use attache_custody::RestKey;
use attache_node::papers::Papers;
use attache_node::words::{MAX_WORDS_BACK, words_of};
use attache_seal::statement::Signed;
use clap::Args;
use data_encoding::{BASE64, HEXLOWER};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longest file of words, in bytes.
const MAX_WORDS_BYTES: u64 = 64 * 1024 * 1024;
/// Most files of words that wait for a start: one of each partner, and a few that were written again.
const MAX_FILES: usize = 64;
/// Where they wait, in the node's folder.
pub(crate) const FOLDER: &str = "heard";

#[derive(Args)]
pub(crate) struct WordsOf {
    /// The partner's node that was brought back.
    node: NodeName,
    /// The file.
    #[arg(long)]
    out: PathBuf,
    /// When the backup was taken from which it was brought back, by its people; without it, everything that it ever said.
    #[arg(long)]
    since: Option<Timestamp>,
}

impl WordsOf {
    pub(super) fn run(&self, context: &Context) -> Result<Found, Failed> {
        let home = context.home()?;
        let rest = RestKey::new(&home.keys(context)?.storage).map_err(Failed::fault)?;
        let papers = Papers::new(home.reader()?, Arc::new(rest));
        let words =
            words_of(&papers, &self.node, self.since.unwrap_or(Timestamp(0))).map_err(Failed::fault)?;
        let lines: String = words.iter().map(|word| BASE64.encode(&word.to_bytes()) + "\n").collect();
        write_new(&self.out, lines.as_bytes())?;
        let places = [
            ("count", words.len().to_string()),
            ("node", self.node.to_string()),
            ("file", self.out.display().to_string()),
        ];
        let text = filled(&words::WORDS, context.language, &places);
        Found::of(text, &json!({ "node": self.node.to_string(), "words": words.len(), "file": self.out }))
    }
}

/// Lays a file of words where the next start of the node finds it.
pub(super) fn hear(file: &Path, context: &Context) -> Result<Found, Failed> {
    let home = context.home()?;
    // A node that runs would not look at it.
    drop(home.journal()?);
    let bytes = read_bounded(file, MAX_WORDS_BYTES)?;
    let words = read(file, &bytes)?;
    let folder = home.path.join(FOLDER);
    if !folder.exists() {
        private_folder(&folder)?;
    }
    let name = HEXLOWER.encode(&attache_seal::digest::sha256(&[&bytes]).0);
    let place = folder.join(name);
    if !place.exists() {
        write_new(&place, &bytes)?;
    }
    let places = [("count", words.len().to_string()), ("home", home.path.display().to_string())];
    Found::of(filled(&words::HEARD, context.language, &places), &json!({ "words": words.len() }))
}

fn read(path: &Path, bytes: &[u8]) -> Result<Vec<Signed>, Failed> {
    let wrong =
        || Failed::misuse(format!("{}: no file of words; attache backup words writes one", path.display()));
    let text = std::str::from_utf8(bytes).map_err(|_| wrong())?;
    if text.lines().count() > MAX_WORDS_BACK {
        return Err(Failed::misuse(format!("{}: at most {MAX_WORDS_BACK} words", path.display())));
    }
    let word = |line: &str| Signed::from_bytes(&BASE64.decode(line.as_bytes()).ok()?).ok();
    text.lines().map(|line| word(line).ok_or_else(wrong)).collect()
}

/// The words that wait to be taken up, in the order in which a partner had them.
pub(crate) fn waiting(home: &Home) -> Result<Vec<Signed>, Failed> {
    let mut words = Vec::new();
    for path in files(home)? {
        words.extend(read(&path, &read_bounded(&path, MAX_WORDS_BYTES)?)?);
    }
    Ok(words)
}

/// They are taken up, or were told not to be.
pub(crate) fn taken_up(home: &Home) -> Result<(), Failed> {
    for path in files(home)? {
        fs::remove_file(&path).map_err(|error| Failed::file(&path, &error))?;
    }
    Ok(())
}

fn files(home: &Home) -> Result<Vec<PathBuf>, Failed> {
    let folder = home.path.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| Failed::file(&folder, &error))?,
    };
    let files: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut files = files.map_err(|error| Failed::file(&folder, &error))?;
    files.sort();
    if files.len() > MAX_FILES {
        return Err(Failed::misuse(format!("{}: more than {MAX_FILES} files", folder.display())));
    }
    Ok(files)
}
