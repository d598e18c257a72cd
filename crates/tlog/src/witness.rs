//! What a log asks of a witness, and what the witness must check before it cosigns (C2SP tlog-witness v1.0.0,
//! "add-checkpoint").
//!
//! *Absent:* the record of the last cosigned head. The caller must compare and replace it atomically and durably
//! before the cosignature leaves; a witness that forgets can be made to sign two histories.

use crate::checkpoint::{Checkpoint, CheckpointError, open_checkpoint};
use crate::fork::ForkProof;
use crate::hash::{Hash, empty_root};
use crate::key::VerifierKey;
use crate::line;
use crate::note::{MAX_NOTE_BYTES, SignedNote};
use crate::proof_file::parse_hashes;
use crate::verify::{MAX_PROOF_HASHES, verify_consistency};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The longest request: the old size, 63 hashes, and the largest note.
pub const MAX_REQUEST_BYTES: usize = 128 + 64 * 45 + MAX_NOTE_BYTES;

/// A log's request that a witness cosign its checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    old: u64,
    proof: Vec<Hash>,
    checkpoint: SignedNote,
}

impl AddCheckpoint {
    /// A request to go on from the size that the witness last cosigned, 0 where it never did, to this checkpoint, with
    /// the consistency proof between them.
    ///
    /// # Errors
    /// The checkpoint is not a note, or the proof has more than [`MAX_PROOF_HASHES`] hashes.
    pub fn new(old: u64, proof: Vec<Hash>, checkpoint: &str) -> Result<Self, WitnessRefusal> {
        let checkpoint = SignedNote::parse(checkpoint).map_err(|_| WitnessRefusal::Malformed)?;
        if proof.len() > MAX_PROOF_HASHES {
            return Err(WitnessRefusal::Malformed);
        }
        Ok(Self { old, proof, checkpoint })
    }

    /// The size that the log believes the witness last cosigned.
    pub fn old(&self) -> u64 {
        self.old
    }

    /// The consistency proof between the two.
    pub fn proof(&self) -> &[Hash] {
        &self.proof
    }

    /// The checkpoint's note. Its origin line tells which log's keys and record to bring; it is a claim until
    /// [`AddCheckpoint::check`] has answered.
    pub fn checkpoint(&self) -> &SignedNote {
        &self.checkpoint
    }

    /// Whether the witness may cosign, given the log's keys, all of which must have signed, and the size and root
    /// that it last cosigned for this log, if any. The checkpoint to record and cosign.
    ///
    /// # Errors
    /// The refusal to be answered; see [`WitnessRefusal::http_status`].
    pub fn check(
        &self,
        log_keys: &[VerifierKey],
        cosigned: Option<(u64, Hash)>,
    ) -> Result<Checkpoint, WitnessRefusal> {
        Checkpoint::parse(self.checkpoint.text()).map_err(|_| WitnessRefusal::Malformed)?;
        let checkpoint = open_checkpoint(&self.checkpoint.to_string(), log_keys)
            .map_err(|_| WitnessRefusal::NotSignedByLog)?;
        if self.old > checkpoint.size {
            return Err(WitnessRefusal::OldOverNew);
        }
        let (size, root) = cosigned.unwrap_or_else(|| (0, empty_root()));
        if self.old != size {
            return Err(WitnessRefusal::OtherSize { size });
        }
        verify_consistency(size, checkpoint.size, &root, &checkpoint.root, &self.proof)
            .map_err(|_| WitnessRefusal::Inconsistent)?;
        Ok(checkpoint)
    }

    /// As [`AddCheckpoint::check`], and it is told where the log contradicts itself: `last` is the head that the witness kept last,
    /// `of_its_size` the one that it kept of the very size that is shown now. A second tree of a size that is known proves itself,
    /// whatever size it is said to follow.
    pub fn weigh(
        &self,
        log_keys: &[VerifierKey],
        last: Option<&KeptHead>,
        of_its_size: Option<&KeptHead>,
    ) -> Weighed {
        let checked = self.check(log_keys, last.map(|last| (last.checkpoint.size, last.checkpoint.root)));
        if let Err(refusal @ (WitnessRefusal::Malformed | WitnessRefusal::NotSignedByLog)) = checked {
            return Weighed::Refused(refusal);
        }
        let shown = Checkpoint::parse(self.checkpoint.text()).ok();
        let is_other = |kept: &&KeptHead| {
            shown
                .as_ref()
                .is_some_and(|shown| kept.checkpoint.size == shown.size && kept.checkpoint.root != shown.root)
        };
        let contradicted = match (&checked, of_its_size.filter(is_other), last) {
            (_, Some(kept), _) => Some((kept, None)),
            (Err(WitnessRefusal::Inconsistent), None, Some(last)) => Some((last, Some(self.proof.clone()))),
            _ => None,
        };
        if let Some((kept, proof)) = contradicted {
            let proof = ForkProof::new(kept.note.clone(), self.checkpoint.clone(), proof);
            return proof.map_or(Weighed::Refused(WitnessRefusal::Malformed), Weighed::Contradicts);
        }
        match checked {
            Ok(checkpoint) => {
                let note = self.checkpoint.only_by(log_keys);
                match last.is_some_and(|last| last.checkpoint.size == checkpoint.size) {
                    true => Weighed::Again(checkpoint, note),
                    false => Weighed::Next(checkpoint, note),
                }
            }
            Err(refusal) => Weighed::Refused(refusal),
        }
    }
}

/// A head of a log that a witness kept before it cosigned it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptHead {
    note: SignedNote,
    checkpoint: Checkpoint,
}

impl KeptHead {
    /// From the note as it was kept.
    ///
    /// # Errors
    /// It is no note, or its text no checkpoint.
    pub fn parse(note: &str) -> Result<Self, CheckpointError> {
        let note = SignedNote::parse(note)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        Ok(Self { note, checkpoint })
    }

    /// The note, signed by the log.
    pub fn note(&self) -> &SignedNote {
        &self.note
    }

    /// What it says.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

/// What a request to be witnessed comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weighed {
    /// To be cosigned, once the note is durable as the head that was kept last. It has one line of each of the log's keys: lines of
    /// others, and a second one of a key, would fill what is kept for ever, and prove nothing.
    Next(Checkpoint, SignedNote),
    /// To be cosigned: it is the head that was kept last. With its note, as for the next one.
    Again(Checkpoint, SignedNote),
    /// It contradicts what was kept, to be answered as [`WitnessRefusal::Inconsistent`]. What it proves,
    /// [`ForkProof::judge`] says: two roots of one size are a fork; a proof that does not lead from one size to the next may have been
    /// spoilt by whoever brought it.
    Contradicts(ForkProof),
    /// Not to be cosigned.
    Refused(WitnessRefusal),
}

impl FromStr for AddCheckpoint {
    type Err = WitnessRefusal;

    fn from_str(body: &str) -> Result<Self, WitnessRefusal> {
        if body.len() > MAX_REQUEST_BYTES {
            return Err(WitnessRefusal::Malformed);
        }
        let (head, checkpoint) = body.split_once("\n\n").ok_or(WitnessRefusal::Malformed)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(line::decimal);
        let proof = parse_hashes(lines).ok_or(WitnessRefusal::Malformed)?;
        Self::new(old.ok_or(WitnessRefusal::Malformed)?, proof, checkpoint)
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(f, "{}", hash.to_base64())?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The HTTP status with which a witness says that it cosigns nothing of a log until its people decide, whatever it is shown: 423, since
/// C2SP names none. It is no word about the checkpoint, which 422 is: that may well be of the history that was cosigned.
pub const STOPPED_STATUS: u16 = 423;

/// Why a witness does not cosign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WitnessRefusal {
    /// The request is not an old size, a proof and a checkpoint.
    #[error("the witness request is malformed")]
    Malformed,
    /// The log's keys have not all signed, or one signed falsely.
    #[error("the checkpoint is not signed by the log")]
    NotSignedByLog,
    /// A log only grows.
    #[error("the old size is over the checkpoint's")]
    OldOverNew,
    /// The witness stands at another size; the log may try again from there.
    #[error("the witness last cosigned size {size}")]
    OtherSize {
        /// The size that the witness last cosigned.
        size: u64,
    },
    /// The checkpoint does not continue the tree that the witness knows: a false proof, or a forked log. The signed
    /// checkpoint is evidence and is to be kept.
    #[error("the checkpoint does not continue the tree last cosigned")]
    Inconsistent,
}

impl WitnessRefusal {
    /// The HTTP status that says so. 404, for a log that the witness does not know, is given before there are keys to
    /// check with. The body of 409 is the size and a newline, of type `text/x.tlog.size`.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Malformed | Self::OldOverNew => 400,
            Self::NotSignedByLog => 403,
            Self::OtherSize { .. } => 409,
            Self::Inconsistent => 422,
        }
    }
}
