//! Proof of a fork: two checkpoints that one log signed and that do not belong to one history, as one text to hand on.
//!
//! ```text
//! attache/fork/v1
//! kept <bytes of the first note>
//! shown <bytes of the second note>
//! proof none | proof <number of hashes>
//! <hashes, one a line>
//!
//! <first note><second note>
//! ```
//! *Absent:* what follows from it; and the log's keys, which whoever looks has by another way.

use crate::checkpoint::{Checkpoint, CheckpointError, open_checkpoint};
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::line;
use crate::note::{MAX_NOTE_BYTES, SignedNote};
use crate::proof_file::parse_hashes;
use crate::verify::{MAX_PROOF_HASHES, verify_consistency};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The first line of the file, by which it is told from a checkpoint.
pub const FORK_HEADING: &str = "attache/fork/v1";
/// Longest head: heading, three lines of numbers, the hashes.
const MAX_HEAD_BYTES: usize = 128 + MAX_PROOF_HASHES * 45;
/// Longest file, in bytes.
pub const MAX_FORK_BYTES: usize = MAX_HEAD_BYTES + 2 * MAX_NOTE_BYTES;

/// Two checkpoints of one log, as they were received, and the proof of their consistency that was given, if one was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkProof {
    kept: SignedNote,
    shown: SignedNote,
    proof: Option<Vec<Hash>>,
}

/// What two checkpoints come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fork {
    /// The log signed two trees of one size. Nobody can explain that away.
    TwoRoots {
        /// The size.
        size: u64,
    },
    /// The log signed two sizes, and the proof given, if any, does not lead from one to the other. A proof that does would
    /// refute it; only the log can bring one.
    NotShown {
        /// The smaller size.
        old: u64,
        /// The larger size.
        new: u64,
    },
}

impl ForkProof {
    /// The checkpoint that was kept, the one that was shown since, and the proof between them as it was given.
    ///
    /// # Errors
    /// The proof has more than [`MAX_PROOF_HASHES`] hashes.
    pub fn new(kept: SignedNote, shown: SignedNote, proof: Option<Vec<Hash>>) -> Result<Self, ForkError> {
        if proof.as_ref().is_some_and(|proof| proof.len() > MAX_PROOF_HASHES) {
            return Err(ForkError::Form);
        }
        Ok(Self { kept, shown, proof })
    }

    /// The two checkpoints, the one that was kept first.
    pub fn notes(&self) -> [&SignedNote; 2] {
        [&self.kept, &self.shown]
    }

    /// Judges it by the log's keys, every one of which must have signed both checkpoints.
    ///
    /// # Errors
    /// [`ForkError::Checkpoint`] where one is not the log's, [`ForkError::Consistent`] where they belong to one history.
    pub fn judge(&self, log_keys: &[VerifierKey]) -> Result<(Fork, [Checkpoint; 2]), ForkError> {
        let kept = open_checkpoint(&self.kept.to_string(), log_keys)?;
        let shown = open_checkpoint(&self.shown.to_string(), log_keys)?;
        let (old, new) = if kept.size <= shown.size { (&kept, &shown) } else { (&shown, &kept) };
        let fork = if old.size == new.size {
            (old.root != new.root).then_some(Fork::TwoRoots { size: old.size })
        } else {
            let leads = |proof: &Vec<Hash>| {
                verify_consistency(old.size, new.size, &old.root, &new.root, proof).is_ok()
            };
            // Every tree continues the empty one.
            let is_shown = old.size == 0 || self.proof.as_ref().is_some_and(leads);
            (!is_shown).then_some(Fork::NotShown { old: old.size, new: new.size })
        };
        match fork {
            Some(fork) => Ok((fork, [kept, shown])),
            None => Err(ForkError::Consistent),
        }
    }

    /// The two checkpoints where they prove a fork to whoever has the log's keys, whoever brought them: two trees of one size. Of two
    /// sizes anybody could have left out the proof that they are one history.
    ///
    /// # Errors
    /// As [`ForkProof::judge`], and [`ForkError::TwoSizes`].
    pub fn proved(&self, log_keys: &[VerifierKey]) -> Result<[Checkpoint; 2], ForkError> {
        match self.judge(log_keys)? {
            (Fork::TwoRoots { .. }, checkpoints) => Ok(checkpoints),
            (Fork::NotShown { .. }, _) => Err(ForkError::TwoSizes),
        }
    }
}

impl FromStr for ForkProof {
    type Err = ForkError;

    fn from_str(text: &str) -> Result<Self, ForkError> {
        if text.len() > MAX_FORK_BYTES {
            return Err(ForkError::Form);
        }
        let (head, notes) = text.split_once("\n\n").ok_or(ForkError::Form)?;
        let mut lines = head.split('\n');
        let mut after = |name: &str| lines.next().and_then(|line| line.strip_prefix(name));
        if after(FORK_HEADING) != Some("") {
            return Err(ForkError::Form);
        }
        let mut length =
            |name| after(name).and_then(line::decimal).and_then(|bytes| usize::try_from(bytes).ok());
        let (kept, shown) =
            (length("kept ").ok_or(ForkError::Form)?, length("shown ").ok_or(ForkError::Form)?);
        let count = after("proof ").ok_or(ForkError::Form)?;
        let hashes = parse_hashes(lines).ok_or(ForkError::Form)?;
        let proof = match count {
            "none" => None,
            count => Some(line::decimal(count).ok_or(ForkError::Form)?),
        };
        let is_whole = proof.unwrap_or(0) == hashes.len() as u64
            && kept.checked_add(shown) == Some(notes.len())
            && notes.is_char_boundary(kept);
        if !is_whole {
            return Err(ForkError::Form);
        }
        let (kept, shown) = notes.split_at(kept);
        let note = |text: &str| SignedNote::parse(text).map_err(|_| ForkError::Form);
        Self::new(note(kept)?, note(shown)?, proof.map(|_| hashes))
    }
}

impl fmt::Display for ForkProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kept, shown) = (self.kept.to_string(), self.shown.to_string());
        writeln!(f, "{FORK_HEADING}\nkept {}\nshown {}", kept.len(), shown.len())?;
        match &self.proof {
            None => writeln!(f, "proof none")?,
            Some(proof) => writeln!(f, "proof {}", proof.len())?,
        }
        for hash in self.proof.iter().flatten() {
            writeln!(f, "{}", hash.to_base64())?;
        }
        write!(f, "\n{kept}{shown}")
    }
}

/// Why a text is no proof of a fork.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ForkError {
    /// It is not of the form.
    #[error("the file is not of the form attache/fork/v1")]
    Form,
    /// A checkpoint is not signed by the log.
    #[error("a checkpoint is not the log's: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoints belong to one history.
    #[error("the two checkpoints belong to one history: this is no fork")]
    Consistent,
    /// They are of two sizes, so the log can still show that they belong to one history.
    #[error(
        "the two checkpoints are of two sizes, which anybody can make of one sound history: this proves no fork"
    )]
    TwoSizes,
}
