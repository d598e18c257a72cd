//! Proofs that a log signed two histories, as a witness keeps them, and what a person decides on one.
//!
//! ```text
//! HASH.fork                 on which nobody decided: nothing more of that log is cosigned. HASH is the SHA-256 of its origin
//! HASH.SIZE.ROOT.fork       on which somebody did; SIZE and ROOT are those of the tree that was not cosigned here
//! HASH.SIZE.ROOT.basis      on what that rests
//! ```
//! The files are looked for at each request, so a decision counts at once, and a restart changes nothing.
//!
//! *Absent:* another history than the first. A log that is to go on with the other takes a new name.

use super::{LogsError, WitnessFault, read_logs};
use attache_tlog::{Checkpoint, ForkError, ForkProof, MAX_FORK_BYTES, Origin};
use data_encoding::HEXLOWER;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Longest text that says on what a decision rests, in bytes.
pub const MAX_DECISION_BASIS_BYTES: usize = 256;

/// Why a fork is not decided on.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// It showed one history, or somebody decided already.
    #[error("origin: {0} has shown no two histories on which nobody decided")]
    None(Origin),
    /// Its keys are not in the list.
    #[error("origin: {0} is not in the list of logs")]
    Unlisted(Origin),
    /// On what it rests.
    #[error(
        "basis: must be 1 to {MAX_DECISION_BASIS_BYTES} bytes on one line that name what the decision rests on"
    )]
    Basis,
    /// The proof is not what was kept.
    #[error("{0}: {1}")]
    Proof(PathBuf, ForkError),
    /// The list of logs cannot be read.
    #[error(transparent)]
    Logs(#[from] LogsError),
    /// A file cannot be read, written or renamed.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
}

/// Decides that the log goes on being cosigned, by the history that was cosigned first, although it signed two. `logs` is the file that
/// names the logs, `forks` the folder for proofs. Where the proof lies from now on.
///
/// # Errors
/// [`DecideError`]; nothing is decided.
pub fn accept_fork(logs: &Path, forks: &Path, origin: &Origin, basis: &str) -> Result<PathBuf, DecideError> {
    if basis.is_empty() || basis.len() > MAX_DECISION_BASIS_BYTES || basis.chars().any(char::is_control) {
        return Err(DecideError::Basis);
    }
    let mut keys = read_logs(logs)?;
    keys.retain(|key| key.name() == origin.as_str());
    if keys.is_empty() {
        return Err(DecideError::Unlisted(origin.clone()));
    }
    let forks = Forks(forks.to_owned());
    let open = forks.file(origin);
    let file = match fs::File::open(&open) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(DecideError::None(origin.clone()));
        }
        Err(error) => return Err(DecideError::File(open, error)),
    };
    let mut text = String::new();
    let read = file.take(MAX_FORK_BYTES as u64 + 1).read_to_string(&mut text);
    read.map_err(|error| DecideError::File(open.clone(), error))?;
    let proof: ForkProof = text.parse().map_err(|error| DecideError::Proof(open.clone(), error))?;
    let [_, shown] = proof.proved(&keys).map_err(|error| DecideError::Proof(open.clone(), error))?;
    let decided = forks.decided_file(&shown);
    let said = decided.with_extension("basis");
    // What it rests on first: with the name the decision is made.
    put(&said, format!("{basis}\n").as_bytes()).map_err(|error| DecideError::File(said, error))?;
    let renamed = fs::rename(&open, &decided).and_then(|()| sync(&forks.0));
    renamed.map_err(|error| DecideError::File(decided.clone(), error))?;
    Ok(decided)
}

/// The folder.
pub(super) struct Forks(pub(super) PathBuf);

impl Forks {
    /// Where the proof lies on which nobody decided.
    pub(super) fn file(&self, origin: &Origin) -> PathBuf {
        self.0.join(format!("{}.fork", HEXLOWER.encode(&origin.hash())))
    }

    /// Whether there is one.
    pub(super) fn stands(&self, origin: &Origin) -> Result<bool, WitnessFault> {
        is_there(self.file(origin))
    }

    /// Whether somebody decided on the fork that consists in this checkpoint.
    pub(super) fn is_decided(&self, shown: &Checkpoint) -> Result<bool, WitnessFault> {
        is_there(self.decided_file(shown))
    }

    /// Keeps a proof, where none is kept already.
    pub(super) fn keep(&self, origin: &Origin, proof: &ForkProof) -> Result<(), WitnessFault> {
        if self.stands(origin)? {
            return Ok(());
        }
        let path = self.file(origin);
        put(&path, proof.to_string().as_bytes()).map_err(|error| WitnessFault::File(path, error))
    }

    /// Proofs on which somebody decided.
    pub(super) fn decided(&self, origin: &Origin) -> Result<Vec<PathBuf>, WitnessFault> {
        let wrong = |error| WitnessFault::File(self.0.clone(), error);
        let prefix = format!("{}.", HEXLOWER.encode(&origin.hash()));
        let mut found = Vec::new();
        for file in fs::read_dir(&self.0).map_err(wrong)? {
            let name = file.map_err(wrong)?.file_name();
            let rest = name.to_str().and_then(|name| name.strip_prefix(&prefix)?.strip_suffix(".fork"));
            found.extend(rest.map(|_| self.0.join(&name)));
        }
        found.sort();
        Ok(found)
    }

    fn decided_file(&self, shown: &Checkpoint) -> PathBuf {
        let (hash, root) = (HEXLOWER.encode(&shown.origin.hash()), HEXLOWER.encode(&shown.root.0));
        self.0.join(format!("{hash}.{}.{root}.fork", shown.size))
    }
}

fn is_there(path: PathBuf) -> Result<bool, WitnessFault> {
    fs::exists(&path).map_err(|error| WitnessFault::File(path, error))
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = fs::File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), sync)
}

fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}
