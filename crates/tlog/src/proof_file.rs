//! Proof files (C2SP tlog-proof v1): an index, an inclusion proof and a checkpoint in one text, which the other Party
//! checks offline. The checkpoint is kept as its received bytes, for its signatures are over them.
//!
//! *Absent:* the entry itself; whoever checks brings it, and the keys.

use crate::checkpoint::{Checkpoint, CheckpointError, open_checkpoint};
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::line;
use crate::note::{MAX_NOTE_BYTES, NoteError, SignedNote};
use crate::verify::{MAX_PROOF_HASHES, ProofError, verify_inclusion};
use data_encoding::BASE64;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The most extra data in a proof file, before base64.
pub const MAX_EXTRA_BYTES: usize = 64 * 1024;

const HEADING: &str = "c2sp.org/tlog-proof@v1";
/// A proof file of more than this is not looked at: extra data in base64, hashes, and the largest note.
const MAX_BYTES: usize = MAX_EXTRA_BYTES.div_ceil(3) * 4 + 64 * 45 + 128 + MAX_NOTE_BYTES;

/// That an entry is in a log, as a text to hand over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    extra: Option<Vec<u8>>,
    index: u64,
    proof: Vec<Hash>,
    checkpoint: SignedNote,
}

impl ProofFile {
    /// A proof file for the entry at `index`, with the inclusion proof in the tree of the checkpoint, which is a
    /// signed note as the log published it, best with its cosignatures.
    ///
    /// # Errors
    /// The checkpoint is not a note, or the proof has more than [`MAX_PROOF_HASHES`] hashes.
    pub fn new(index: u64, proof: Vec<Hash>, checkpoint: &str) -> Result<Self, ProofFileError> {
        if proof.len() > MAX_PROOF_HASHES {
            return Err(ProofFileError::TooManyHashes);
        }
        Ok(Self { extra: None, index, proof, checkpoint: SignedNote::parse(checkpoint)? })
    }

    /// With extra data, which nothing authenticates.
    ///
    /// # Errors
    /// The data is longer than [`MAX_EXTRA_BYTES`].
    pub fn with_extra(self, extra: Vec<u8>) -> Result<Self, ProofFileError> {
        if extra.len() > MAX_EXTRA_BYTES {
            return Err(ProofFileError::Extra);
        }
        Ok(Self { extra: Some(extra), ..self })
    }

    /// The entry's index in the log.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Extra data, not authenticated.
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// The inclusion proof, from the leaf upwards.
    pub fn proof(&self) -> &[Hash] {
        &self.proof
    }

    /// The checkpoint's note, to ask for its cosignatures.
    pub fn checkpoint(&self) -> &SignedNote {
        &self.checkpoint
    }

    /// That the entry with this leaf hash is in the log at [`ProofFile::index`], under a checkpoint signed by every
    /// one of `log_keys`; the checkpoint. Cosignatures are asked of [`ProofFile::checkpoint`].
    ///
    /// # Errors
    /// The checkpoint is not signed so, or the proof does not lead to its root.
    pub fn verify(&self, leaf: &Hash, log_keys: &[VerifierKey]) -> Result<Checkpoint, ProofFileError> {
        let checkpoint = open_checkpoint(&self.checkpoint.to_string(), log_keys)?;
        verify_inclusion(leaf, self.index, checkpoint.size, &self.proof, &checkpoint.root)?;
        Ok(checkpoint)
    }
}

impl FromStr for ProofFile {
    type Err = ProofFileError;

    fn from_str(text: &str) -> Result<Self, ProofFileError> {
        if text.len() > MAX_BYTES {
            return Err(ProofFileError::TooLong);
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofFileError::Form)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADING) {
            return Err(ProofFileError::Heading);
        }
        let extra = lines.next_if(|line| line.starts_with("extra ")).map(parse_extra).transpose()?;
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(line::decimal)
            .ok_or(ProofFileError::Index)?;
        let proof = parse_hashes(lines).ok_or(ProofFileError::Hash)?;
        let file = Self::new(index, proof, checkpoint)?;
        Ok(Self { extra, ..file })
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADING}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.proof {
            writeln!(f, "{}", hash.to_base64())?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

fn parse_extra(line: &str) -> Result<Vec<u8>, ProofFileError> {
    let data = line.strip_prefix("extra ").and_then(line::base64);
    data.filter(|data| data.len() <= MAX_EXTRA_BYTES).ok_or(ProofFileError::Extra)
}

/// Hash lines up to one more than a proof may have, so that too many are found out without reading them all.
pub(crate) fn parse_hashes<'t>(lines: impl Iterator<Item = &'t str>) -> Option<Vec<Hash>> {
    lines.take(MAX_PROOF_HASHES + 1).map(line::hash).collect()
}

/// Why a text is no proof file, or proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProofFileError {
    /// Longer than its parts can be.
    #[error("the proof file is too long")]
    TooLong,
    /// The first line must be `c2sp.org/tlog-proof@v1`.
    #[error("the proof file does not start with its heading")]
    Heading,
    /// An empty line must part the proof from the checkpoint.
    #[error("the proof file has no empty line before its checkpoint")]
    Form,
    /// Extra data is base64 of at most [`MAX_EXTRA_BYTES`].
    #[error("the extra data is not base64 or too long")]
    Extra,
    /// The index line is `index` and a decimal number without leading zeros.
    #[error("the index line is malformed")]
    Index,
    /// A proof line is the base64 of 32 bytes.
    #[error("a proof line is not 32 bytes in base64")]
    Hash,
    /// More than [`MAX_PROOF_HASHES`].
    #[error("the proof has too many hashes")]
    TooManyHashes,
    /// The checkpoint is malformed or not signed as asked.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The proof does not lead to the checkpoint's root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl From<NoteError> for ProofFileError {
    fn from(error: NoteError) -> Self {
        CheckpointError::from(error).into()
    }
}
