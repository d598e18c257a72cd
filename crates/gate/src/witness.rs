//! A witness that is no node: it cosigns logs that it is told of, for an oversight body or anyone else who would notice a log that
//! shows two histories. It needs a folder and its two keys; neither an agreement nor anything secret of a log.
//!
//! Heads are kept one behind the other, each with the log's signatures, and compared and replaced in one transaction that is on the
//! disk before a cosignature is made. A second root of a size that was cosigned is kept as a proof of the fork. A proof that merely
//! does not lead on is not: whoever asks is not known here, and may have spoilt it.
//!
//! *Absent:* HTTP, which is `door`'s, and what is done about a log that forked. It is told, and its first history alone is cosigned on.

mod door;
mod logs;

pub use door::{
    MAX_WITNESS_CALLERS, MAX_WITNESS_CALLERS_OF_ONE, REQUEST_SECONDS, WITNESS_PACE, serve_witness,
    witness_tls,
};
pub use logs::{LogsError, MAX_LOG_KEYS, MAX_LOGS, MAX_LOGS_BYTES, parse_logs, read_logs};

use attache_accord::Timestamp;
use attache_store::{Append, Fence, Journal, NewHead, Reader, StoreError, Stream};
use attache_tlog::{
    AddCheckpoint, Checkpoint, CheckpointError, Fork, ForkProof, KeptHead, NoteSigner, Origin, SignedNote,
    VerifierKey, Weighed, WitnessRefusal, cosign,
};
use data_encoding::HEXLOWER;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
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
    /// A proof of a fork could not be kept.
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
}

/// How a log stands at a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessedLog {
    /// Its name.
    pub origin: Origin,
    /// What was cosigned last, if anything was.
    pub cosigned: Option<Checkpoint>,
    /// Where the proof lies that it showed two histories, if it ever did.
    pub fork: Option<PathBuf>,
}

/// A witness.
pub struct Witness {
    signers: Vec<NoteSigner>,
    logs: PathBuf,
    forks: PathBuf,
    clock: fn() -> Timestamp,
    book: Mutex<Book>,
}

struct Book {
    journal: Box<dyn Journal>,
    fence: Fence,
    /// The checkpoint of each log that was cosigned last, with the cosignatures, as far as it was asked for.
    latest: BTreeMap<[u8; 32], String>,
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
        let book = Mutex::new(Book { journal, fence, latest: BTreeMap::new() });
        Ok(Self { signers, logs, forks, clock, book })
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
        let (checkpoint, note) = match request.weigh(&keys, head, of_its_size.as_ref()) {
            Weighed::Refused(refusal) => return refused(refusal),
            Weighed::Contradicts(proof) => {
                self.keep_fork(&shown.origin, &proof, &keys)?;
                return refused(WitnessRefusal::Inconsistent);
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

    /// Keeps two checkpoints that prove a fork by themselves: the first that are found of a log.
    fn keep_fork(
        &self,
        origin: &Origin,
        proof: &ForkProof,
        keys: &[VerifierKey],
    ) -> Result<(), WitnessFault> {
        let Ok((Fork::TwoRoots { size }, _)) = proof.judge(keys) else {
            tracing::warn!(%origin, "a checkpoint came with a proof that does not lead to it from what was cosigned last");
            return Ok(());
        };
        let path = fork_file(&self.forks, origin);
        tracing::error!(%origin, size, proof = %path.display(), "the log signed two trees of one size");
        let kept = fs::exists(&path).and_then(|is_there| match is_there {
            true => Ok(()),
            false => put(&path, proof.to_string().as_bytes()),
        });
        kept.map_err(|error| WitnessFault::File(path, error))
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
    let stands = |origin: Origin| {
        let cosigned = last_of(reader, &origin)?.map(|(_, head)| head.checkpoint().clone());
        let fork = Some(fork_file(forks, &origin)).filter(|path| path.exists());
        Ok(WitnessedLog { origin, cosigned, fork })
    };
    origins.into_iter().map(stands).collect()
}

fn fork_file(forks: &Path, origin: &Origin) -> PathBuf {
    forks.join(format!("{}.fork", HEXLOWER.encode(&origin.hash())))
}

fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = fs::File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
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
