//! Words that only a partner still has, on a file: the partner's node writes out what this node's people had signed for it, and the node
//! that was brought back takes it up at its next start, before anything is served.
//!
//! ```text
//! each line  a notice as this node signed it, in base64
//! ```
//! *Absent:* trust in the file. Each word is weighed when it is taken up, by the signatures in it.

use super::words;
use crate::agreement::texts::filled;
use crate::context::{Context, private_folder, read_bounded, replace, write_new};
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
        if lines.len() as u64 > MAX_WORDS_BYTES {
            let out = self.out.display();
            return Err(Failed::misuse(format!(
                "{out}: it would be longer than {MAX_WORDS_BYTES} bytes; name a later time with --since"
            )));
        }
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
pub(super) fn hear(file: &Path, of: Option<&NodeName>, context: &Context) -> Result<Found, Failed> {
    let home = context.home()?;
    // A node that runs would not look at it.
    drop(home.journal()?);
    let bytes = read_bounded(file, MAX_WORDS_BYTES)?;
    let words = read(file, &bytes)?;
    let folder = home.path.join(FOLDER);
    if !folder.exists() {
        private_folder(&folder)?;
    }
    lay(&folder, &bytes, words.len())?;
    if home.is_restored() {
        home.note_heard(of.map(std::slice::from_ref).unwrap_or_default())?;
    }
    let places = [("count", words.len().to_string()), ("home", home.path.display().to_string())];
    Found::of(filled(&words::HEARD, context.language, &places), &json!({ "words": words.len() }))
}

/// Puts a file of words in its place, whole, whatever an attempt that was cut off left there.
fn lay(folder: &Path, bytes: &[u8], count: usize) -> Result<(), Failed> {
    let place = folder.join(HEXLOWER.encode(&attache_seal::digest::sha256(&[bytes]).0));
    let (others, taken) = waiting_in(folder, Some(&place))?;
    if others.len() + count > MAX_WORDS_BACK || taken + bytes.len() as u64 > MAX_WORDS_BYTES {
        return Err(too_much(folder));
    }
    replace(&place, bytes)
}

fn too_much(folder: &Path) -> Failed {
    Failed::misuse(format!(
        "{}: at most {MAX_WORDS_BACK} words and {MAX_WORDS_BYTES} bytes wait for one start; start the node, then hear the rest",
        folder.display()
    ))
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

/// The words that wait to be taken up.
pub(crate) fn waiting(home: &Home) -> Result<Vec<Signed>, Failed> {
    waiting_in(&home.path.join(FOLDER), None).map(|(words, _)| words)
}

/// The words that wait in a folder, except for those of one file, and how many bytes they take.
fn waiting_in(folder: &Path, except: Option<&Path>) -> Result<(Vec<Signed>, u64), Failed> {
    let is_whole = |path: &PathBuf| path.extension().is_none() && Some(path.as_path()) != except;
    let mut files: Vec<PathBuf> = files(folder)?.into_iter().filter(is_whole).collect();
    files.sort();
    if files.len() > MAX_FILES {
        return Err(Failed::misuse(format!("{}: more than {MAX_FILES} files", folder.display())));
    }
    let (mut words, mut taken) = (Vec::new(), 0);
    for path in files {
        let bytes = read_bounded(&path, MAX_WORDS_BYTES)?;
        taken += bytes.len() as u64;
        words.extend(read(&path, &bytes)?);
        if words.len() > MAX_WORDS_BACK || taken > MAX_WORDS_BYTES {
            return Err(too_much(folder));
        }
    }
    Ok((words, taken))
}

/// They are taken up, or were told not to be.
pub(crate) fn taken_up(home: &Home) -> Result<(), Failed> {
    for path in files(&home.path.join(FOLDER))? {
        fs::remove_file(&path).map_err(|error| Failed::file(&path, &error))?;
    }
    Ok(())
}

/// All files in the folder, also what an attempt that was cut off left, which has an ending.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let failed = |error| Failed::file(folder, &error);
    match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => {
            entries.map_err(failed)?.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_accord::control::{Recall, Taken};
    use attache_accord::party::Network;
    use attache_accord::{Digest, DispatchId};
    use attache_seal::statement::{Head, Statement};
    use attache_seal::{Sign as _, SigningPair};

    /// A line of a file of words; what is in it is weighed elsewhere.
    fn line() -> String {
        let key = SigningPair::generate().unwrap();
        let head = Head {
            network: Network::Exercise,
            agreement: "gsomia-2016".to_owned(),
            pack: Digest([0; 32]),
            signer: "seoul.kor".to_owned(),
            key: key.verifying().key_id(),
            at: Timestamp(1),
        };
        let body = Recall {
            item_digest: Digest([1; 32]),
            dispatch: DispatchId([2; 16]),
            to: "tokyo.jpn".parse().unwrap(),
            taken: Taken::Back {},
            document: "letter 9 (fictitious)".to_owned(),
        };
        BASE64.encode(&Signed::seal(&Statement { head, body }, &key).unwrap().to_bytes()) + "\n"
    }

    #[test]
    fn what_was_cut_off_is_laid_anew_whole() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = line().repeat(3).into_bytes();
        lay(folder.path(), &bytes, 3).unwrap();
        let [place] = &files(folder.path()).unwrap()[..] else { panic!("one file") };
        // In the file's own place, and beside it.
        for cut in [place.clone(), place.with_extension("new")] {
            fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
        }
        assert!(waiting_in(folder.path(), None).is_err());
        lay(folder.path(), &bytes, 3).unwrap();
        assert_eq!(waiting_in(folder.path(), None).unwrap().0.len(), 3);
        fs::write(place.with_extension("new"), b"cut").unwrap();
        assert_eq!(waiting_in(folder.path(), None).unwrap().0.len(), 3, "what is beside it does not count");
    }

    #[test]
    fn all_files_together_have_no_more_words_than_one_start_takes_up() {
        let folder = tempfile::tempdir().unwrap();
        let line = line();
        let half = MAX_WORDS_BACK / 2;
        lay(folder.path(), line.repeat(half).as_bytes(), half).unwrap();
        assert!(lay(folder.path(), line.repeat(half + 1).as_bytes(), half + 1).is_err());
        assert_eq!(waiting_in(folder.path(), None).unwrap().0.len(), half);
        // Laid by hand.
        fs::write(folder.path().join("more"), line.repeat(half + 1)).unwrap();
        assert!(waiting_in(folder.path(), None).is_err());
    }
}
