//! A witness that is no node: it cosigns logs that it is told of, for an oversight body or anyone else who would notice a log that
//! shows two histories. It needs a folder and its two keys; neither an agreement nor anything secret of a log.
//!
//! Heads are kept one behind the other, each with the log's signatures, and compared and replaced in one transaction that is on the
//! disk before a cosignature is made. A second root of a size that was cosigned is kept as a proof of the fork, and nothing more of that
//! log is cosigned until a person decides (`forks`). A proof that merely does not lead on is not: whoever asks is not known here, and
//! may have spoilt it.
//!
//! *Absent:* HTTP, which is `door`'s, and a second history. Whatever is decided, the first alone is cosigned on.

mod door;
mod forks;
mod logs;

pub use door::{
    MAX_WITNESS_CALLERS, MAX_WITNESS_CALLERS_OF_ONE, REQUEST_SECONDS, WITNESS_PACE, serve_witness,
    witness_tls,
};
pub use forks::{DecideError, MAX_DECISION_BASIS_BYTES, accept_fork};
pub use logs::{LogsError, MAX_LOG_KEYS, MAX_LOGS, MAX_LOGS_BYTES, parse_logs, read_logs};

use attache_accord::Timestamp;
use attache_store::{Append, Fence, Journal, NewHead, Reader, StoreError, Stream};
use attache_tlog::{
    AddCheckpoint, Checkpoint, CheckpointError, ForkProof, KeptHead, NoteSigner, Origin, SignedNote,
    VerifierKey, Weighed, WitnessRefusal, cosign,
};
use data_encoding::HEXLOWER;
use forks::Forks;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Why a witness could not answer.
#[derive(Debug, thiserror::Error)]
pub enum WitnessFault {
    /// Its store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The list of logs cannot be read.
    #[error(transparent)]
    Logs(#[from] LogsError),
    /// What is kept is not what was written.
    #[error("what is kept of {0} is not what was written")]
    Altered(Origin),
    /// A cosignature could not be made.
    #[error("a cosignature could not be made: {0}")]
    Signing(#[from] CheckpointError),
    /// A proof of a fork could not be kept or looked for.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
}

/// What is answered to a log that asks to be witnessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// The cosignature lines.
    Cosigned(String),
    /// Nobody told this witness of that log.
    UnknownLog,
    /// It is not cosigned.
    Refused(WitnessRefusal),
    /// Nothing of that log is: it signed two histories, and nobody decided on that.
    Stopped,
}

/// How a log stands at a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessedLog {
    /// Its name.
    pub origin: Origin,
    /// What was cosigned last, if anything was.
    pub cosigned: Option<Checkpoint>,
    /// Where the proof lies that it showed two histories, where nobody decided on that: nothing more of it is cosigned.
    pub fork: Option<PathBuf>,
    /// Proofs of forks on which somebody decided.
    pub decided: Vec<PathBuf>,
}

/// A witness.
pub struct Witness {
    signers: Vec<NoteSigner>,
    logs: PathBuf,
    forks: Forks,
    clock: fn() -> Timestamp,
    book: Mutex<Book>,
}

struct Book {
    journal: Box<dyn Journal>,
    fence: Fence,
    /// The checkpoint of each log that was cosigned last, with the cosignatures, as far as it was asked for.
    latest: BTreeMap<[u8; 32], String>,
    /// Proofs of forks that could not be kept yet.
    unkept: BTreeMap<Origin, ForkProof>,
}

impl Witness {
    /// A witness that signs with `signers` and keeps what it saw in `journal`, which has no rows. `logs` is the file that names the logs,
    /// read anew for each request; `forks` is the folder for proofs.
    ///
    /// # Errors
    /// When the journal fails.
    pub fn new(
        signers: Vec<NoteSigner>,
        mut journal: Box<dyn Journal>,
        (logs, forks): (PathBuf, PathBuf),
        clock: fn() -> Timestamp,
    ) -> Result<Self, WitnessFault> {
        let holder = format!("attache witness {}, process {}", env!("CARGO_PKG_VERSION"), std::process::id());
        let fence = journal.lease(&holder)?;
        let book = Mutex::new(Book { journal, fence, latest: BTreeMap::new(), unkept: BTreeMap::new() });
        Ok(Self { signers, logs, forks: Forks(forks), clock, book })
    }

    /// Weighs a request, keeps what it leads to, and only then signs.
    ///
    /// # Errors
    /// [`WitnessFault`]; nothing was cosigned.
    pub fn add_checkpoint(&self, body: &[u8]) -> Result<WitnessAnswer, WitnessFault> {
        let refused = |refusal| Ok(WitnessAnswer::Refused(refusal));
        let request = std::str::from_utf8(body).ok().and_then(|text| text.parse::<AddCheckpoint>().ok());
        let Some(request) = request else { return refused(WitnessRefusal::Malformed) };
        let Ok(shown) = Checkpoint::parse(request.checkpoint().text()) else {
            return refused(WitnessRefusal::Malformed);
        };
        let keys = self.keys_of(&shown.origin)?;
        if keys.is_empty() {
            return Ok(WitnessAnswer::UnknownLog);
        }
        let mut book = self.book();
        let last = last_of(book.journal.as_ref(), &shown.origin)?;
        let of_its_size = kept_at(book.journal.as_ref(), &shown.origin, shown.size)?;
        let head = last.as_ref().map(|(_, head)| head);
        let weighed = request.weigh(&keys, head, of_its_size.as_ref());
        let is_the_logs =
            !matches!(weighed, Weighed::Refused(WitnessRefusal::Malformed | WitnessRefusal::NotSignedByLog));
        if is_the_logs && self.is_stopped(&shown.origin, &mut book)? {
            return Ok(WitnessAnswer::Stopped);
        }
        let (checkpoint, note) = match weighed {
            Weighed::Refused(refusal) => return refused(refusal),
            Weighed::Contradicts(proof) => {
                let is_new = self.keep_fork(&shown.origin, proof, &keys, &mut book)?;
                return if is_new {
                    Ok(WitnessAnswer::Stopped)
                } else {
                    refused(WitnessRefusal::Inconsistent)
                };
            }
            Weighed::Again(checkpoint, note) => (checkpoint, note),
            Weighed::Next(checkpoint, note) => {
                let expected = last.map_or(0, |(place, _)| place + 1);
                let (log, sealed) = (stream_of(&shown.origin)?, note.to_string().into_bytes());
                let head = NewHead { log, expected, size: checkpoint.size, sealed };
                let append = Append { heads: vec![head], ..Append::default() };
                let fence = book.fence;
                if book.journal.append(fence, vec![append])?.iter().any(Result::is_err) {
                    // The lock is held since the head was read: what was read is not what there is.
                    return Err(WitnessFault::Altered(shown.origin));
                }
                (checkpoint, note)
            }
        };
        let (lines, latest) = self.cosigned(&checkpoint, note)?;
        book.latest.insert(shown.origin.hash(), latest);
        Ok(WitnessAnswer::Cosigned(lines))
    }

    /// The checkpoint of the log whose origin has this hash that was cosigned last, with the cosignatures.
    ///
    /// # Errors
    /// [`WitnessFault`].
    pub fn latest(&self, origin: &[u8; 32]) -> Result<Option<String>, WitnessFault> {
        let keys = read_logs(&self.logs)?;
        let mut origins = keys.iter().filter_map(|key| Origin::new(key.name()).ok());
        let Some(origin) = origins.find(|known| known.hash() == *origin) else { return Ok(None) };
        let mut book = self.book();
        if let Some(latest) = book.latest.get(&origin.hash()) {
            return Ok(Some(latest.clone()));
        }
        let Some((_, head)) = last_of(book.journal.as_ref(), &origin)? else { return Ok(None) };
        if self.is_stopped(&origin, &mut book)? {
            // Whoever compares needs what the log signed. A cosignature of today would say that all is well with it.
            return Ok(Some(head.note().to_string()));
        }
        let (_, latest) = self.cosigned(head.checkpoint(), head.note().clone())?;
        book.latest.insert(origin.hash(), latest.clone());
        Ok(Some(latest))
    }

    /// The keys of a log; none of one that this witness was not told of.
    fn keys_of(&self, origin: &Origin) -> Result<Vec<VerifierKey>, WitnessFault> {
        let keys = read_logs(&self.logs)?.into_iter();
        Ok(keys.filter(|key| key.name() == origin.as_str()).collect())
    }

    /// The cosignature lines on a checkpoint that is durable, and its note with them.
    fn cosigned(&self, checkpoint: &Checkpoint, note: SignedNote) -> Result<(String, String), WitnessFault> {
        let seconds = (self.clock)().0 / 1000;
        let lines: Result<Vec<_>, _> =
            self.signers.iter().map(|signer| cosign(checkpoint, signer, seconds)).collect();
        let lines = lines?;
        let text = lines.iter().map(ToString::to_string).collect();
        let note = note.with(lines).map_err(CheckpointError::from)?;
        Ok((text, note.to_string()))
    }

    /// Whether nothing of a log is cosigned before a person decides. What could not be kept of that is tried again first.
    fn is_stopped(&self, origin: &Origin, book: &mut Book) -> Result<bool, WitnessFault> {
        if let Some(proof) = book.unkept.get(origin) {
            self.forks.keep(origin, proof)?;
            book.unkept.remove(origin);
        }
        self.forks.stands(origin)
    }

    /// Keeps two checkpoints that prove a fork by themselves: the first that are found of a log since somebody decided on it. Whether
    /// that stops the log.
    fn keep_fork(
        &self,
        origin: &Origin,
        proof: ForkProof,
        keys: &[VerifierKey],
        book: &mut Book,
    ) -> Result<bool, WitnessFault> {
        let Ok([_, shown]) = proof.proved(keys) else {
            tracing::warn!(%origin, "a checkpoint came with a proof that does not lead to it from what was cosigned last");
            return Ok(false);
        };
        // It may be shown again by anyone, at any time.
        if self.forks.is_decided(&shown)? {
            return Ok(false);
        }
        let path = self.forks.file(origin);
        tracing::error!(
            %origin, size = shown.size, proof = %path.display(),
            "the log signed two trees of one size; nothing more of it is cosigned until attache witness accept"
        );
        self.forks.keep(origin, &proof).inspect_err(|_| {
            book.unkept.insert(origin.clone(), proof);
        })?;
        Ok(true)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // What the journal holds is whole whatever failed, and the rest follows from it.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the logs in the file `logs` stand by what `reader` reads, with proofs of forks in the folder `forks`.
///
/// # Errors
/// [`WitnessFault`].
pub fn witnessed_logs(
    reader: &dyn Reader,
    logs: &Path,
    forks: &Path,
) -> Result<Vec<WitnessedLog>, WitnessFault> {
    let mut origins: Vec<Origin> =
        read_logs(logs)?.iter().filter_map(|key| Origin::new(key.name()).ok()).collect();
    origins.sort();
    origins.dedup();
    let forks = Forks(forks.to_owned());
    let stands = |origin: Origin| {
        let cosigned = last_of(reader, &origin)?.map(|(_, head)| head.checkpoint().clone());
        let fork = forks.stands(&origin)?.then(|| forks.file(&origin));
        let decided = forks.decided(&origin)?;
        Ok(WitnessedLog { origin, cosigned, fork, decided })
    };
    origins.into_iter().map(stands).collect()
}

/// Under what the heads of a log are kept.
fn stream_of(origin: &Origin) -> Result<Stream, StoreError> {
    Stream::new(HEXLOWER.encode(&origin.hash()))
}

/// The head of a log that was kept last, and its place.
fn last_of(reader: &dyn Reader, origin: &Origin) -> Result<Option<(u64, KeptHead)>, WitnessFault> {
    let Some(kept) = reader.last_head(&stream_of(origin)?)? else { return Ok(None) };
    Ok(Some((kept.place, opened(&kept.sealed, kept.size, origin)?)))
}

fn kept_at(reader: &dyn Reader, origin: &Origin, size: u64) -> Result<Option<KeptHead>, WitnessFault> {
    let kept = reader.head_of_size(&stream_of(origin)?, size)?;
    kept.map(|kept| opened(&kept.sealed, kept.size, origin)).transpose()
}

fn opened(note: &[u8], size: u64, origin: &Origin) -> Result<KeptHead, WitnessFault> {
    let head = std::str::from_utf8(note).ok().and_then(|note| KeptHead::parse(note).ok());
    head.filter(|head| head.checkpoint().size == size && head.checkpoint().origin == *origin)
        .ok_or_else(|| WitnessFault::Altered(origin.clone()))
}
