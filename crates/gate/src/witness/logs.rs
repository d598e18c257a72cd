//! The logs that a witness cosigns: a text file with a verifier key on each line. A log's keys bear its origin as their name, so the keys
//! say which logs there are; all keys of a log must have signed what is cosigned. Lines that begin with `#` and empty lines say nothing.
//!
//! *Absent:* who may add a log. Whoever may write the file.

use attache_tlog::{KeyKind, VerifierKey};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Most logs of one witness.
pub const MAX_LOGS: usize = 64;
/// Most keys of one log.
pub const MAX_LOG_KEYS: usize = 4;
/// Longest file, in bytes.
pub const MAX_LOGS_BYTES: u64 = 1024 * 1024;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// It cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// It is longer than [`MAX_LOGS_BYTES`], or no text.
    #[error("{0}: not a text of at most {MAX_LOGS_BYTES} bytes")]
    Text(PathBuf),
    /// A line is no verifier key of a log.
    #[error("{0}: line {1}: not a verifier key of a log")]
    Key(PathBuf, usize),
    /// Too many.
    #[error("{0}: more than {MAX_LOGS} logs, or more than {MAX_LOG_KEYS} keys of one")]
    TooMany(PathBuf),
}

/// The keys that the file names.
///
/// # Errors
/// [`LogsError`].
pub fn read_logs(path: &Path) -> Result<Vec<VerifierKey>, LogsError> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| LogsError::File(path.to_owned(), error))?;
    let read = file.take(MAX_LOGS_BYTES + 1).read_to_string(&mut text);
    if read.is_err() {
        return Err(LogsError::Text(path.to_owned()));
    }
    parse_logs(path, &text)
}

/// The keys that the text of the file at `path` names.
///
/// # Errors
/// [`LogsError`], with the path.
pub fn parse_logs(path: &Path, text: &str) -> Result<Vec<VerifierKey>, LogsError> {
    if text.len() as u64 > MAX_LOGS_BYTES {
        return Err(LogsError::Text(path.to_owned()));
    }
    let (mut keys, mut counts) = (Vec::new(), BTreeMap::<String, usize>::new());
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let key = line.parse::<VerifierKey>().ok().filter(|key| key.kind() != KeyKind::Ed25519Cosigner);
        let key = key.ok_or_else(|| LogsError::Key(path.to_owned(), number))?;
        if keys.contains(&key) {
            continue;
        }
        *counts.entry(key.name().to_owned()).or_default() += 1;
        if counts.len() > MAX_LOGS || counts[key.name()] > MAX_LOG_KEYS {
            return Err(LogsError::TooMany(path.to_owned()));
        }
        keys.push(key);
    }
    Ok(keys)
}
