//! Checkpoints: a log's statement of its size and root (C2SP tlog-checkpoint v1.0.0), signed by the log with every key
//! it has and cosigned by witnesses.
//!
//! *Absent:* whether the log grew honestly from an earlier checkpoint; that takes a consistency proof.

use crate::hash::{Hash, MAX_TREE_SIZE, empty_root, sha256};
use crate::key::{KeyKind, MAX_NAME_BYTES, VerifierKey};
use crate::line;
use crate::note::{NoteError, NoteSignature, SignedNote, Verified};
use crate::signer::NoteSigner;
use std::fmt;
use thiserror::Error;

/// The most extension lines on a checkpoint. Our own logs write none.
pub const MAX_EXTENSIONS: usize = 16;

/// The name of a log: the first line of its checkpoints, such as `node.example/log`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    text: String,
    hash: [u8; 32],
}

impl Origin {
    /// An origin: 1 to [`MAX_NAME_BYTES`] bytes without control characters. Spaces are allowed, for there are logs
    /// with such names; ours have none, since a log's keys bear its origin as their name.
    ///
    /// # Errors
    /// The text is empty, too long or has a control character.
    pub fn new(text: &str) -> Result<Self, CheckpointError> {
        if text.is_empty() || text.len() > MAX_NAME_BYTES || text.contains(char::is_control) {
            return Err(CheckpointError::Origin);
        }
        Ok(Self { text: text.to_owned(), hash: sha256(&[text.as_bytes()]) })
    }

    /// The text, without a newline.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The origin under which a log goes on that lost entries under this one: the number behind the last slash, one higher. `None` for
    /// an origin without a number.
    pub fn next(&self) -> Option<Self> {
        let (stem, number) = self.numbered()?;
        Self::new(&format!("{stem}/{}", number.checked_add(1)?)).ok()
    }

    /// Whether this is `earlier`, or a log that may have gone on from it.
    pub fn continues(&self, earlier: &Self) -> bool {
        if self == earlier {
            return true;
        }
        match (self.numbered(), earlier.numbered()) {
            (Some((stem, number)), Some((earlier, before))) => stem == earlier && number > before,
            _ => false,
        }
    }

    fn numbered(&self) -> Option<(&str, u64)> {
        let (stem, number) = self.text.rsplit_once('/')?;
        Some((stem, line::decimal(number)?))
    }

    /// SHA-256 of the text, as leaves and witnesses' paths name the log.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

/// A log's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub origin: Origin,
    /// Entries in the tree, at most [`MAX_TREE_SIZE`].
    pub size: u64,
    /// The RFC 6962 root of the tree.
    pub root: Hash,
    /// Opaque further lines, at most [`MAX_EXTENSIONS`], none empty. ML-DSA-44 signatures do not cover them.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// Reads a note text. There is one spelling for each checkpoint.
    ///
    /// # Errors
    /// A line is missing or malformed; the error names it.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::FinalNewline)?.split('\n');
        let origin = Origin::new(lines.next().unwrap_or_default())?;
        let size = lines.next().and_then(line::decimal).ok_or(CheckpointError::Size)?;
        let root = lines.next().and_then(line::hash).ok_or(CheckpointError::Root)?;
        let extensions = lines.take(MAX_EXTENSIONS + 1).map(str::to_owned).collect();
        let checkpoint = Self { origin, size, root, extensions };
        checkpoint.check()?;
        Ok(checkpoint)
    }

    /// The note text, ending in a newline.
    ///
    /// # Errors
    /// The size or an extension line is out of bounds, or an empty tree has another root than the empty one.
    pub fn encode(&self) -> Result<String, CheckpointError> {
        self.check()?;
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64());
        for extension in &self.extensions {
            text.push_str(extension);
            text.push('\n');
        }
        Ok(text)
    }

    fn check(&self) -> Result<(), CheckpointError> {
        if self.size > MAX_TREE_SIZE {
            return Err(CheckpointError::Size);
        }
        if self.size == 0 && self.root != empty_root() {
            return Err(CheckpointError::Root);
        }
        let malformed = |line: &String| line.is_empty() || line.contains(char::is_control);
        if self.extensions.len() > MAX_EXTENSIONS || self.extensions.iter().any(malformed) {
            return Err(CheckpointError::Extension);
        }
        Ok(())
    }
}

/// Signs a log's own checkpoint with each of its keys, in their order. Ed25519 keys sign the text; ML-DSA-44 keys sign
/// the `cosigned_message` (see [`KeyKind::MlDsa44`]) with time 0: the log states what its tree is, not when.
///
/// # Errors
/// There are no signers, one does not bear the origin as its name, one is a cosigner's key, the checkpoint has
/// extension lines that one would not cover, or the checkpoint is out of bounds.
pub fn sign_checkpoint(checkpoint: &Checkpoint, signers: &[&NoteSigner]) -> Result<String, CheckpointError> {
    let text = checkpoint.encode()?;
    for signer in signers {
        let key = signer.verifier();
        check_log_key(key, &checkpoint.origin)?;
        if key.kind() == KeyKind::MlDsa44 && !checkpoint.extensions.is_empty() {
            return Err(CheckpointError::ExtensionNotCovered);
        }
    }
    let signatures = signers.iter().map(|signer| signer.sign(&text, 0)).collect::<Result<_, _>>()?;
    Ok(SignedNote::new(text, signatures)?.to_string())
}

/// A witness's signature on a checkpoint, of kind [`KeyKind::Ed25519Cosigner`] or [`KeyKind::MlDsa44`]: that at `time`
/// (seconds since 1970) this was the largest consistent tree it had seen of the log.
///
/// # Errors
/// The time is 0, the key is not a cosigner's, the checkpoint is out of bounds, or signing failed.
pub fn cosign(
    checkpoint: &Checkpoint,
    signer: &NoteSigner,
    time: u64,
) -> Result<NoteSignature, CheckpointError> {
    if !signer.verifier().kind().is_timed() {
        return Err(CheckpointError::KeyKind);
    }
    if time == 0 {
        return Err(NoteError::Time.into());
    }
    Ok(signer.sign(&checkpoint.encode()?, time)?)
}

/// Opens a log's checkpoint, signed by *every one* of `log_keys`: a log that signs with Ed25519 and ML-DSA-44 is
/// believed only with both. Cosignatures by others are passed over.
///
/// # Errors
/// There are no keys, one bears another name than the origin, one did not sign or signed falsely, or the note or the
/// checkpoint is malformed.
pub fn open_checkpoint(note: &str, log_keys: &[VerifierKey]) -> Result<Checkpoint, CheckpointError> {
    let note = SignedNote::parse(note)?;
    let (checkpoint, verified) = open(&note, log_keys)?;
    match log_keys.iter().find(|key| !verified.iter().any(|verified| verified.key == *key)) {
        Some(missing) => Err(CheckpointError::Unsigned { key_id: missing.key_id() }),
        None => Ok(checkpoint),
    }
}

/// Opens a checkpoint signed by *any* of `log_keys`: for a log of which old and new keys are both held, or one that
/// signs with fewer keys than ours do. Extension lines must then be covered by one that verified.
///
/// # Errors
/// As [`open_checkpoint`], but one signature is enough.
pub fn open_checkpoint_by_any(note: &str, log_keys: &[VerifierKey]) -> Result<Checkpoint, CheckpointError> {
    let note = SignedNote::parse(note)?;
    open(&note, log_keys).map(|(checkpoint, _)| checkpoint)
}

fn open<'k>(
    note: &SignedNote,
    log_keys: &'k [VerifierKey],
) -> Result<(Checkpoint, Vec<Verified<'k>>), CheckpointError> {
    let verified = note.verify(log_keys)?;
    let checkpoint = Checkpoint::parse(note.text())?;
    for key in log_keys {
        check_log_key(key, &checkpoint.origin)?;
    }
    let covered = verified.iter().any(|verified| verified.key.kind() == KeyKind::Ed25519);
    if !covered && !checkpoint.extensions.is_empty() {
        return Err(CheckpointError::ExtensionNotCovered);
    }
    Ok((checkpoint, verified))
}

/// A log's key bears the log's origin, so that one log's key never vouches for another log.
fn check_log_key(key: &VerifierKey, origin: &Origin) -> Result<(), CheckpointError> {
    if key.kind() == KeyKind::Ed25519Cosigner {
        return Err(CheckpointError::KeyKind);
    }
    if key.name() != origin.as_str() {
        return Err(CheckpointError::KeyName { name: key.name().to_owned() });
    }
    Ok(())
}

/// Why a text is no checkpoint, or a checkpoint is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// The text must end in a newline.
    #[error("the checkpoint does not end in a newline")]
    FinalNewline,
    /// The origin is empty, longer than 255 bytes or has a control character.
    #[error("the origin is empty, too long or has a control character")]
    Origin,
    /// The size is not a decimal number without leading zeros, or is over 2^62.
    #[error("the size is not a decimal number without leading zeros up to 2^62")]
    Size,
    /// The root is not the base64 of 32 bytes, or an empty tree has another root than the empty one.
    #[error("the root is not 32 bytes in base64, or not that of an empty tree")]
    Root,
    /// An extension line is empty or has a control character, or there are too many.
    #[error("an extension line is empty or malformed, or there are too many")]
    Extension,
    /// There are extension lines that no Ed25519 signature covers.
    #[error("the checkpoint has extension lines that its signatures do not cover")]
    ExtensionNotCovered,
    /// A log's key must bear the origin as its name.
    #[error("the key {name} does not bear the log's origin")]
    KeyName {
        /// The key's name.
        name: String,
    },
    /// A cosigner's key cannot sign as a log, nor a plain log key as a witness.
    #[error("the key is of the wrong kind for this signature")]
    KeyKind,
    /// A key that must have signed has not.
    #[error("the log's key {key_id:08x} has not signed")]
    Unsigned {
        /// The id of the key.
        key_id: u32,
    },
    /// The note is malformed or falsely signed.
    #[error(transparent)]
    Note(#[from] NoteError),
}
